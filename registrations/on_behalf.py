"""What the secretariat answers for a municipality: the same verbs as its own, with a note and a history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations.history import record
from invitations.models import Meeting, Municipality
from registrations import changing, registering
from registrations.availability import State, availability, state_for_staff
from registrations.changes import Changes, Wanted, words
from registrations.delegations import Delegation, find_problems
from registrations.models import Author, Decline, Participant, Registration
from registrations.refusals import Problem


def problems_of_answering(meeting: Meeting, *, at: datetime) -> list[str]:
    """Why nobody can answer at `at` (aware), the secretariat neither; empty where one can."""
    problems = {
        State.DRAFT: _("The meeting is not published yet."),
        State.CANCELLED: _("The meeting is cancelled."),
        State.OVER: _("The meeting has been held."),
        State.NO_FORM: _("There is nothing to sign up for at this meeting."),
    }
    state = state_for_staff(meeting, at=at)
    return [problems[state]] if state in problems else []


def register(
    meeting: Meeting,
    delegation: Delegation,
    *,
    staff_note: str = "",
    overrule: bool = False,
    by: User,
    at: datetime,
) -> Registration:
    """Register `delegation` as `registering.register` does; the history says who, and what was overruled.

    Args:
        staff_note: what only the secretariat sees.
        overrule: go beyond the number of places.
        by: who pressed the button.
        at: when, aware.

    Raises:
        As `registering.register` does.
    """
    with transaction.atomic():
        # Under the lock, so that of the same form sent twice only the first is history.
        meeting.lock()
        is_new = not Registration.objects.filter(submission_key=delegation.submission_key).exists()
        overruled = _overruled(meeting, delegation, at=at) if is_new and overrule else []
        registration = registering.register(
            meeting, delegation, entered_by=by, staff_note=staff_note, overrule=overrule, at=at
        )
        if is_new:
            record(registration, _words_of(delegation, overruled), by=by, action=ADDITION)
    return registration


def change(
    registration: Registration, wanted: Wanted, *, overrule: bool = False, by: User, at: datetime
) -> Changes:
    """Change `registration` as `changing.change` does for the secretariat.

    The history says who, and what, and what was overruled.

    Args:
        overrule: go beyond the number of places.
        by: who pressed the button.
        at: when, aware.

    Returns:
        What was changed; empty where nothing was, which is no history either.

    Raises:
        As `changing.change` does.
    """
    with transaction.atomic():
        changed = changing.change(registration, wanted, author=Author.STAFF, overrule=overrule, at=at)
        if changed:
            what = "; ".join(words(wanted.contact, changed))
            record(registration, _and_beyond(what, changed.beyond), by=by)
            _record_withdrawals(registration.participants.all(), by=by, at=at)
    return changed


def decline(
    meeting: Meeting,
    municipality: Municipality,
    *,
    contact_name: str = "",
    contact_email: str = "",
    note: str = "",
    staff_note: str = "",
    withdraw_participants: bool = False,
    by: User,
    at: datetime,
) -> tuple[Decline, bool]:
    """Decline as `registering.decline_for` does; the history says who did it.

    Args:
        by: who pressed the button.
        at: when, aware.

    Returns:
        The decline, and whether it is this one: a municipality that has declined already has answered.

    Raises:
        As `registering.decline_for` does.
    """
    with transaction.atomic():
        meeting.lock()
        before = Decline.objects.filter(meeting=meeting, municipality=municipality, undone_at=None).first()
        declined = registering.decline_for(
            meeting,
            municipality,
            contact_name=contact_name,
            contact_email=contact_email,
            note=note,
            entered_by=by,
            staff_note=staff_note,
            withdraw_participants=withdraw_participants,
            at=at,
        )
        _record_withdrawals(
            Participant.objects.of_meeting(meeting).filter(registration__municipality=municipality),
            by=by,
            at=at,
        )
        if before is None:
            record(declined, _("Declined on the municipality's behalf."), by=by, action=ADDITION)
    return declined, before is None


def undo_decline(meeting: Meeting, municipality: Municipality, *, by: User, at: datetime) -> bool:
    """Take back a decline that was a mistake; nobody is told. The municipality is silent again.

    Args:
        by: who pressed the button.
        at: when, aware.

    Returns:
        Whether there was one to undo.
    """
    with transaction.atomic():
        meeting.lock()
        declined = Decline.objects.filter(meeting=meeting, municipality=municipality, undone_at=None).first()
        if declined is None:
            return False
        Decline.undo(meeting, municipality, at=at)
        record(declined, _("Undid the decline."), by=by)
    return True


def _record_withdrawals(people: QuerySet[Participant], *, by: User, at: datetime) -> None:
    """Write into the history of those whom the secretariat has withdrawn at `at` (aware) who did it."""
    withdrawn = people.filter(withdrawn_at=at, withdrawn_by=Author.STAFF)
    LogEntry.objects.log_actions(by.pk, withdrawn, CHANGE, _("Withdrawn."))


def _overruled(meeting: Meeting, delegation: Delegation, *, at: datetime) -> Sequence[Problem]:
    meeting = Meeting.objects.prefetch_related("sessions", "programme__themes").get(pk=meeting.pk)
    places = availability(meeting, at=at, for_staff=True)
    problems = find_problems(meeting, replace(delegation, waits=False), places)
    return [problem for problem in problems if problem.can_be_overruled]


def _words_of(delegation: Delegation, overruled: Sequence[Problem]) -> str:
    count = len(delegation.participants)
    registered = ngettext(
        "Registered %(count)d participant on the municipality's behalf.",
        "Registered %(count)d participants on the municipality's behalf.",
        count,
    ) % {"count": count}
    return _and_beyond(registered, overruled)


def _and_beyond(what: str, overruled: Sequence[Problem]) -> str:
    """`what` was done, and which limits were overruled for it."""
    if not overruled:
        return what
    beyond = _("More than there are places for: %(limits)s.") % {"limits": limits_of(overruled)}
    return f"{what.removesuffix('.')}. {beyond}"


def limits_of(problems: Sequence[Problem]) -> str:
    """What the secretariat goes beyond that overrules `problems`, each limit once."""
    return ", ".join(dict.fromkeys(str(problem.limit) for problem in problems if problem.limit))


def words_of_beyond(problems: Sequence[Problem]) -> list[str]:
    """What the page before the button says of it, where there is something to say."""
    if not (limits := limits_of(problems)):
        return []
    sentence = _("There are more than there are places for, and the history says so: %(limits)s.")
    return [sentence % {"limits": limits}]
