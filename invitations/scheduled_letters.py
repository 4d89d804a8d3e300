"""Letters that wait for their time: scheduled by somebody, called off again, or sent by the clock."""

from __future__ import annotations

import datetime
import logging

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations import letters
from invitations.danish import Moment, is_working_day
from invitations.dispatch_plan import plan_dispatch
from invitations.history import record
from invitations.letter_problems import problems_in_words
from invitations.mail_text import in_danish
from invitations.models import Letter

logger = logging.getLogger(__name__)

# When somebody at a municipality reads mail.
OFFICE_HOURS = datetime.time(7), datetime.time(18)
# A slip of the keyboard is farther away.
FARTHEST = datetime.timedelta(days=366)


def check_time(moment: Moment, *, at: datetime.datetime) -> None:
    """Raise ValidationError unless a letter can be scheduled for `moment`.

    Args:
        moment: a date and a clock time, in Copenhagen.
        at: now, aware.
    """
    if not moment.exists:
        raise ValidationError(
            _("This time does not exist: the clocks go forward that night."), code="skipped"
        )
    if moment.start() <= at:
        raise ValidationError(_("Choose a time that is still to come."), code="past")
    if moment.start() > at + FARTHEST:
        raise ValidationError(_("Choose a time within the coming year."), code="far")


def warnings(letter: Letter, moment: Moment) -> list[str]:
    """What speaks against sending the letter at `moment`, a sentence each."""
    assert moment.time is not None
    start, found = moment.start(), []
    if not is_working_day(moment.date):
        found.append(_("This is a weekend or a public holiday."))
    if not OFFICE_HOURS[0] <= moment.time < OFFICE_HOURS[1]:
        found.append(_("This is outside of office hours, which are from 7 to 18."))
    if start.utcoffset() != start.replace(fold=1).utcoffset():
        found.append(_("The clocks go back that night, and show this time twice. It is sent the first time."))
    sessions = list(letter.meeting.sessions.all())
    if letter.kind == Letter.Kind.FOLLOW_UP or not sessions:
        return found
    deadline = letter.meeting.registration_deadline
    if min(session.starts.start() for session in sessions) <= start:
        found.append(_("The meeting has begun by then."))
    elif letter.meeting.has_form and deadline and deadline.end() <= start:
        found.append(_("The registration deadline has passed by then."))
    return found


def schedule(letter: Letter, *, send_at: datetime.datetime, at: datetime.datetime, by: User) -> None:
    """Let the letter wait until `send_at` and be sent then, in the name of `by`.

    Who gets it is found at that time.

    Args:
        send_at: aware.
        at: now, aware.

    Raises:
        ValidationError: it is no draft, or could not be sent. Nothing has been done then.
    """
    letters.preview(letter, at=at)
    with transaction.atomic():
        letter.meeting.lock()
        letter.lock()
        locked = Letter.objects.select_related("meeting__policy_area").get(pk=letter.pk)
        if problems := plan_dispatch(locked, at=send_at).problems:
            raise ValidationError(problems)
        letters.preview(locked, at=at)
        if not locked.schedule(send_at=send_at, by=by):
            raise ValidationError(_("The letter is no draft any more."), code="no_draft")
    letter.refresh_from_db(fields=["send_at", "send_by", "send_problem"])


def send_due(*, at: datetime.datetime) -> int:
    """Send the letters whose time has come at `at` (aware); return how many were sent.

    One that cannot be sent becomes a draft again, and its `send_problem` says why. Two who do so at once send
    each letter once.
    """
    sent = 0
    with in_danish():
        for letter in Letter.objects.due(at=at).select_related("meeting__policy_area", "send_by"):
            try:
                sent += _send(letter, at=at)
            except Exception:
                # What is wrong with one letter must not hold back the others; it is tried again.
                logger.exception("The scheduled letter %s could not be sent", letter.pk)
    return sent


def _send(letter: Letter, *, at: datetime.datetime) -> bool:
    by = letter.send_by
    assert by is not None
    try:
        with transaction.atomic():
            count = letters.dispatch_due(letter, at=at)
            message = ngettext(
                "Sent at its time as %(count)d mail.", "Sent at its time as %(count)d mails.", count
            )
            record(letter, message % {"count": count}, by=by)
    except ValidationError as error:
        problem = "\n".join(problems_in_words(error))
        with transaction.atomic():
            # Not where somebody has called it off, or another worker has sent it, since we looked.
            if letter.call_off(problem=problem):
                record(letter, _("Could not be sent at its time: %(why)s") % {"why": problem}, by=by)
        return False
    return True
