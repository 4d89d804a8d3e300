"""A later registration deadline for one municipality: given and taken back by the secretariat."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from invitations.danish import Moment
from invitations.history import record
from invitations.models import Invitation, Meeting, Municipality
from invitations.page_dates import moment
from registrations.on_behalf import problems_of_answering
from registrations.reminders import recall_of_municipality


class DeadlineChangedError(Exception):
    """Somebody else has changed the municipality's deadline since the page was shown."""


def own_deadline(meeting: Meeting, municipality: Municipality) -> Moment | None:
    """The deadline that `municipality` has been given, if any."""
    invitation = Invitation.objects.filter(meeting=meeting, municipality=municipality).first()
    return invitation.deadline if invitation else None


def give_deadline(
    meeting: Meeting,
    municipality: Municipality,
    deadline: Moment | None,
    *,
    seen: Moment | None,
    at: datetime,
    by: User,
) -> bool:
    """Let `municipality` answer until `deadline` by its personal link, or like all others again with None.

    One that has not been invited yet is invited by it, since the deadline goes with its link. What it has not
    been reminded of yet names the new deadline.

    Args:
        seen: the deadline that the page said it had.
        at: now, aware.
        by: who pressed the button, for the history.

    Returns:
        Whether this call did it: once more is harmless.

    Raises:
        DeadlineChangedError: it has another deadline than was `seen`.
        ValidationError: by field `deadline_date` or `deadline_time`, why it cannot be the deadline; without a
            field, why nobody can answer at all.
    """
    with transaction.atomic():
        meeting.lock()
        meeting = Meeting.objects.prefetch_related("sessions", "programme__themes").get(pk=meeting.pk)
        before = own_deadline(meeting, municipality)
        if before == deadline:
            return False
        if before != seen:
            raise DeadlineChangedError
        if deadline:
            if problems := problems_of_answering(meeting, at=at):
                raise ValidationError(problems)
            check(meeting, deadline, at=at)
        invitation = Invitation.objects.invite(meeting, [municipality], at=at)[municipality.pk]
        invitation.deadline_date = deadline.date if deadline else None
        invitation.deadline_time = deadline.time if deadline else None
        invitation.save(update_fields=["deadline_date", "deadline_time"])
        recall_of_municipality(meeting, municipality, at=at)
        record(invitation, _what_was_done(before, deadline), by=by)
    return True


def has_deadline(meeting: Meeting) -> bool:
    """Whether there is a deadline than which another can be later."""
    return any(session.deadline() for session in meeting.sessions.all())


def check(meeting: Meeting, deadline: Moment, *, at: datetime) -> None:
    """Raise ValidationError unless `deadline` is of use to a municipality.

    It has to lie in the future; and for one of the sessions after the deadline that holds for all, and not
    after the start.
    """
    sessions = meeting.sessions.all()
    field = "deadline_time" if deadline.time else "deadline_date"
    later = [session for session in sessions if session.answers_until() < deadline.end()]
    for holds, sentence in (
        (not deadline.exists, _("This time does not exist: the clocks go forward that night.")),
        (not has_deadline(meeting), _("The meeting has no deadline: one can register until it starts.")),
        (deadline.end() <= at, _("The deadline must lie in the future.")),
        (not later, _("The deadline must lie after the one that holds for all.")),
        (
            not any(deadline.end() <= session.starts.start() for session in later),
            _("The deadline must lie before the meeting starts."),
        ),
    ):
        if holds:
            raise ValidationError({field: sentence})


def _what_was_done(before: Moment | None, deadline: Moment | None) -> str:
    if deadline is None:
        assert before is not None, "there was something to take back"
        return _("Took back its own registration deadline, %(deadline)s.") % {"deadline": moment(before)}
    return _("Gave it its own registration deadline: %(deadline)s.") % {"deadline": moment(deadline)}
