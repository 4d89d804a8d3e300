"""The draft of a letter that goes out together with something else: a correction, or a cancellation."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from invitations.danish import COPENHAGEN
from invitations.fingerprints import digest_of
from invitations.letters import DispatchPlan, plan_dispatch, preview
from invitations.models import Letter, Meeting


@dataclass(frozen=True)
class Draft:
    """A letter that has not been sent.

    Attributes:
        recipients: who would get it.
        problems: why it cannot be sent, a sentence each.
        fingerprint: of what it says and who would get it.
    """

    letter: Letter
    recipients: DispatchPlan
    problems: Sequence[str]
    fingerprint: str

    @property
    def can_be_sent(self) -> bool:
        return not self.problems


def waiting_letter(meeting: Meeting, kind: str) -> Letter | None:
    """The meeting's letter of `kind` that has not been sent: the latest draft, else one that waits for its
    time.
    """
    letters = Letter.objects.select_related("meeting__policy_area").filter(
        meeting=meeting, kind=kind, sent_at=None
    )
    return max(letters, key=lambda letter: (letter.send_at is None, letter.date, letter.pk), default=None)


def draft_of(meeting: Meeting, kind: str, *, at: datetime.datetime) -> Draft | None:
    """The letter of `kind` that could be sent at `at` (aware); lays it out, but changes nothing else."""
    letter = waiting_letter(meeting, kind)
    if letter is None:
        return None
    recipients = plan_dispatch(letter, at=at, with_cancelling=True)
    problems, source = list(recipients.problems), ""
    try:
        source = preview(letter, at=at).source_sha256
    except ValidationError as error:
        problems += error.messages
    shown = [letter.pk, source, sorted(recipient.mail_key for recipient in recipients.mails())]
    return Draft(letter, recipients, problems, digest_of(shown))


def free_date(meeting: Meeting, kind: str, *, at: datetime.datetime) -> datetime.date:
    """The day of `at` (aware); of a kind that a meeting has once a day, the next one of which it has none."""
    day = at.astimezone(COPENHAGEN).date()
    if kind == Letter.Kind.CHANGE:
        return day
    dates = set(Letter.objects.filter(meeting=meeting, kind=kind).values_list("date", flat=True))
    while day in dates:
        day += datetime.timedelta(days=1)
    return day
