"""What participants need in order to take part: written with their consent, and erased in time.

Data about health or faith (GDPR article 9). Nothing here logs, mails or compares the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, Session
from registrations.models import Participant, SpecialNeeds
from registrations.models.needs import NEEDS_KEPT_DAYS
from registrations.refusals import TooLateError


@dataclass(frozen=True)
class NeedsOfSession:
    """Each text once with how many participants wrote it, for the kitchen; and all with who wrote them."""

    session: Session
    counts: tuple[tuple[str, int], ...]
    needs: tuple[SpecialNeeds, ...]


def may_write(participant: Participant, *, at: datetime) -> bool:
    """Whether `participant` may say at `at` (aware) what they need: the meeting asks, and they come to it."""
    meeting, session = participant.registration.meeting, participant.session
    comes = not participant.is_withdrawn and not meeting.is_cancelled
    return meeting.asks_about_needs and comes and at < session.over_at()


def write(participant: Participant, text: str, *, at: datetime) -> None:
    """Write down what `participant` needs, in place of what they needed before; they have consented to it.

    Args:
        at: when they consented, aware.

    Raises:
        TooLateError: the meeting asks for it no more, or they do not come.
    """
    with transaction.atomic():
        participant.registration.meeting.lock()
        now = Participant.objects.select_related("registration__meeting", "session__meeting").get(
            pk=participant.pk
        )
        if not may_write(now, at=at):
            raise TooLateError
        SpecialNeeds.objects.update_or_create(participant=now, defaults={"text": text, "consented_at": at})


def write_all(meeting: Meeting, needs: Mapping[Participant, str], *, at: datetime) -> None:
    """Write down what new participants need, where `meeting` asks for it.

    To be called in the transaction that makes the participants.

    Args:
        at: when they consented, aware.
    """
    if meeting.asks_about_needs:
        SpecialNeeds.objects.bulk_create(
            SpecialNeeds(participant=participant, text=text, consented_at=at)
            for participant, text in needs.items()
        )


def withdraw_consent(participant: Participant) -> None:
    """Delete what `participant` needs: as easy as consenting was, and at any time (article 7 (3))."""
    SpecialNeeds.objects.filter(participant=participant).delete()


def erase_of_meeting(meeting: Meeting) -> None:
    SpecialNeeds.objects.filter(participant__registration__meeting=meeting).delete()


def erase_what_is_due(*, at: datetime) -> int:
    """Erase the needs of those whose session has been over for `NEEDS_KEPT_DAYS` days at `at` (aware).

    Returns:
        How many were erased.
    """
    sessions = Session.objects.filter(participants__special_needs__isnull=False).distinct()
    over = [session for session in sessions if erased_from(session) <= at]
    erased, _by_model = SpecialNeeds.objects.filter(participant__session__in=over).delete()
    return erased


def erased_from(session: Session) -> datetime:
    """From when on nobody's needs at `session` are kept: so many days after it by the clock in Copenhagen."""
    return session.over_at().astimezone(COPENHAGEN) + timedelta(days=NEEDS_KEPT_DAYS)


def needs_by_session(meeting: Meeting) -> list[NeedsOfSession]:
    """What those who come to each session need, the most frequent first; only sessions with any."""
    found = list(
        SpecialNeeds.objects.filter(
            participant__registration__meeting=meeting,
            participant__withdrawn_at=None,
            participant__waitlisted_at=None,
        )
        .select_related("participant__registration__municipality")
        .order_by("participant__name", "pk")
    )
    by_session = [
        (session, [needs for needs in found if needs.participant.session_id == session.pk])
        for session in meeting.sessions.all()
    ]
    return [NeedsOfSession(session, _counted(needs), tuple(needs)) for session, needs in by_session if needs]


def _counted(needs: Iterable[SpecialNeeds]) -> tuple[tuple[str, int], ...]:
    """Each text as the first wrote it; upper and lower case, spaces and a full stop make no difference."""
    words: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for one in needs:
        key = " ".join(one.text.split()).rstrip(".").casefold()
        words.setdefault(key, one.text)
        counts[key] += 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((words[key], count) for key, count in ranked)
