"""Who should have a sent letter by now and has not got it: a municipality that came to the area, an office, a
mailbox that was not known, or was wrong.

They get the very same letter, later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from invitations.dispatch_plan import Recipient, invited_offices, problems_of_meeting, recipients_of
from invitations.dispatch_rows import write_dispatches
from invitations.models import Dispatch, Letter, LetterVersion, Office
from invitations.what_happened import Fate, fates


def late_recipients(letter: Letter, *, at: datetime) -> list[Recipient]:
    """The recipients of a sent letter at `at` (aware) who have not got it, in Danish order.

    A mailbox of a municipality gets the letter once, and so does an office: a second mailbox of an office
    counts only in the place of one where the mail could not be delivered.
    """
    _municipalities, offices = invited_offices(letter, at=at)
    return _without_letter(letter, recipients_of(letter, offices))


def _without_letter(letter: Letter, recipients: Iterable[Recipient]) -> list[Recipient]:
    rows = fates(letter)
    written_to = {(row.municipality_id, row.dispatch.mailbox.casefold()) for row in rows}
    of_office: dict[int | None, list[Fate]] = defaultdict(list)
    for row in rows:
        of_office[row.dispatch.office_id].append(row)
    new: dict[Office, list[Recipient]] = defaultdict(list)
    for recipient in recipients:
        if recipient.mail_key not in written_to:
            new[recipient.office].append(recipient)
    late = []
    for office, unwritten in new.items():
        before = of_office[office.pk]
        late += unwritten[: _undelivered(before)] if before else unwritten
    return late


def _undelivered(rows: Sequence[Fate]) -> int:
    """How many of an office's mails went to a mailbox that did not work and is not its own any more, and have
    not been made up for.
    """
    lost = [row for row in rows if row.mailbox_is_another and (row.has_failed or row.came_back_on)]
    first = min((row.dispatch.dispatched_at for row in lost), default=None)
    made_up_for = [
        row for row in rows if first and row.dispatch.dispatched_at > first and not row.mailbox_is_another
    ]
    return max(0, len(lost) - len(made_up_for))


def problems_of_sending_later(letter: Letter, *, at: datetime) -> list[str]:
    """Why a sent letter may go to nobody else at `at` (aware), a sentence each."""
    if not letter.is_sent:
        return [_("The letter has not been sent yet.")]
    problems = list(problems_of_meeting(letter, letter.meeting))
    sessions = list(letter.meeting.sessions.all())
    if letter.kind != Letter.Kind.FOLLOW_UP and sessions and all(s.over_at() <= at for s in sessions):
        problems.append(_("The meeting has been held."))
    return problems


def send_to_late(letter: Letter, *, at: datetime, by: User) -> int:
    """Send the letter, as it was sent, to those who have not got it.

    Args:
        at: now, aware.
        by: who pressed the button.

    Returns:
        How many mails are owed, or will be where the letter is one for each municipality.

    Raises:
        ValidationError: nobody is new, or nobody may get it any more. Nothing has been done then.
    """
    with transaction.atomic():
        # Of two at once the second one finds nobody who has not got it.
        letter.meeting.lock()
        locked = Letter.objects.select_related("meeting__policy_area").get(pk=letter.pk)
        recipients = late_recipients(locked, at=at)
        problems = problems_of_sending_later(locked, at=at)
        if not problems and not recipients:
            problems = [_("Everybody who should have the letter has got it.")]
        if problems:
            raise ValidationError(problems)
        return write_late(locked, recipients, at=at, by=by)


def send_to_corrected_mailbox(dispatch: Dispatch, *, at: datetime, by: User) -> int:
    """Send the letter to the mailbox that its office has now, since it was sent to another; else as
    `send_to_late`.
    """
    with transaction.atomic():
        dispatch.letter.meeting.lock()
        locked = Letter.objects.select_related("meeting__policy_area").get(pk=dispatch.letter_id)
        recipient = corrected(dispatch)
        problems = problems_of_sending_later(locked, at=at)
        if recipient is None:
            problems = [_("The mailbox that the office has now has got the letter.")]
        if problems or recipient is None:
            raise ValidationError(problems)
        return write_late(locked, [recipient], at=at, by=by)


def corrected(dispatch: Dispatch) -> Recipient | None:
    """The office at the mailbox that it has now, unless that has got the letter."""
    office = dispatch.office
    if office is None or not office.mailbox:
        return None
    got_it = Dispatch.objects.filter(
        letter=dispatch.letter_id, invitation=dispatch.invitation_id, mailbox__iexact=office.mailbox
    )
    if got_it.exists():
        return None
    return Recipient(office=office, mailbox=office.mailbox, for_orientation=dispatch.for_orientation)


def write_late(letter: Letter, recipients: Sequence[Recipient], *, at: datetime, by: User) -> int:
    """Write down that the letter as it was sent goes to `recipients`; the meeting is locked."""
    version = LetterVersion.objects.select_related("pdf").defer("pdf__content").get(letter=letter)
    return write_dispatches(letter, version, recipients, at=at, by=by)
