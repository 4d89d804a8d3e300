"""Reminders: who is owed one right now? Asked every few minutes, so that moving a deadline needs no code.

They go to the offices of municipalities that are silent, and to the contacts of registrations that lack
names, some days before the deadline; and to participants the day before. What is owed at an instant is a plan
(`plan_reminders`), which can be asked for instants to come as well.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain, islice

from django.db import transaction
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from invitations.danish import COPENHAGEN
from invitations.models import Invitation, Mail, Meeting, Municipality, OutgoingEmail
from invitations.models.outbox import OutgoingEmailQuerySet
from registrations.availability import availability
from registrations.models import Participant, Registration
from registrations.names_reminders import Unnamed, UnnamedRegistrations
from registrations.reminder_keys import (
    deadline_key,
    deadline_prefix,
    meeting_key,
    meeting_prefix,
    names_key,
    names_prefix,
    names_prefix_of,
    reason_of,
    session_suffix,
    suffix_of,
)
from registrations.reminder_mails import ReminderMails
from registrations.reminder_recipients import Addressees, Mailbox, not_reminded
from registrations.reminder_times import (
    Deadline,
    DeadlineReminder,
    MeetingReminder,
    Reminder,
    deadline_of,
    deadline_reminders,
    meeting_reminder,
    reminders_before,
)

logger = logging.getLogger(__name__)

Kind, State = OutgoingEmail.Kind, OutgoingEmail.State


class Hold(StrEnum):
    """Why nothing goes out about a meeting: it is paused, or as `availability.State` has it."""

    PAUSED = "paused"
    DRAFT = "draft"
    NO_FORM = "no_form"
    NOT_YET_OPEN = "not_yet_open"
    FULL = "full"
    CLOSED = "closed"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class ReminderPlan:
    """What is owed about a meeting at one instant."""

    to_offices: Sequence[tuple[DeadlineReminder, Sequence[Mailbox]]] = ()
    to_contacts: Sequence[tuple[DeadlineReminder, Sequence[Unnamed]]] = ()
    to_participants: Sequence[tuple[MeetingReminder, QuerySet[Participant]]] = ()


def owe_reminders(*, at: datetime) -> int:
    """Owe the reminders that are due at `at` (aware) and have not been owed before; return how many."""
    owed = 0
    today = at.astimezone(COPENHAGEN).date()
    meetings = Meeting.objects.published().filter(cancelled_at=None, reminders_paused_at=None)
    waiting = {int(key.split(":")[1]) for key in _waiting(at).values_list("key", flat=True)}
    special = {
        *Invitation.objects.filter(deadline_date__isnull=False).values_list("meeting", flat=True),
        *Participant.objects.active()
        .nameless()
        .filter(session__last_date__gte=today)
        .order_by()
        .values_list("session__meeting", flat=True),
    }
    for meeting in meetings.from_day(today).prefetch_related("sessions"):
        try:
            if meeting.pk in waiting or _is_something_of_use(meeting, at, is_special=meeting.pk in special):
                owed += _owe_for_meeting(meeting, at)
        except Exception:
            # What is wrong with one meeting must not silence the others.
            logger.exception("The reminders of meeting %s could not be owed", meeting.slug)
    return owed


def plan_reminders(
    meeting: Meeting,
    *,
    at: datetime,
    addressees: Addressees | None = None,
    unnamed: UnnamedRegistrations | None = None,
) -> ReminderPlan:
    """What is owed about `meeting` at `at` (aware), now or at an instant to come, as far as is known now.

    Args:
        addressees, unnamed: the meeting's, where they have been read.
    """
    if hold_of_meeting(meeting):
        return ReminderPlan()
    sessions = [meeting_reminder(session) for session in meeting.sessions.all()]
    to_offices = []
    for due in _of_use([reminders_of_deadline(meeting), *reminders_of_own_deadlines(meeting)], at):
        if not hold_of_deadline(meeting, at=at, invitation=due.invitation):
            addressees = addressees or Addressees(meeting, at=at)
            to_offices.append((due, addressees.recipients(due).mailboxes))
    unnamed = unnamed or UnnamedRegistrations(meeting, at=at)
    return ReminderPlan(
        to_offices=to_offices,
        to_contacts=[(due, unnamed.contacts(due).unnamed) for due in _of_use(unnamed.reminders(), at)],
        to_participants=[
            (reminder, not_reminded(reminder, at=at)) for reminder in sessions if reminder.is_of_use(at)
        ],
    )


def reminders_of_deadline(meeting: Meeting) -> list[DeadlineReminder]:
    """Those of a meeting that one can sign up for, in the order in which they fall due."""
    return deadline_reminders(meeting.sessions.all(), meeting.reminder_days) if meeting.has_form else []


def reminders_of_own_deadlines(meeting: Meeting) -> list[list[DeadlineReminder]]:
    """The same for municipalities that have a later deadline than the others: a list for each deadline."""
    return [
        reminders_before(deadline, meeting.reminder_days, invitation=invitation)
        for deadline, invitation in own_deadlines(meeting).items()
    ]


def own_deadlines(meeting: Meeting) -> dict[Deadline, Invitation]:
    """The deadlines that are later than the general one, in order, each with one of those that have it."""
    sessions = list(meeting.sessions.all()) if meeting.has_form else []
    found: dict[Deadline, Invitation] = {}
    for invitation in Invitation.objects.filter(meeting=meeting, deadline_date__isnull=False).order_by("pk"):
        own = deadline_of(sessions, invitation)
        if own and own != deadline_of(sessions):
            found.setdefault(own, invitation)
    return dict(sorted(found.items(), key=lambda pair: pair[0].until))


def _of_use(by_deadline: Iterable[Iterable[DeadlineReminder]], at: datetime) -> Iterator[DeadlineReminder]:
    """For each deadline the reminder that is of use at `at` (aware), where there is one."""
    for reminders in by_deadline:
        yield from islice((reminder for reminder in reminders if reminder.is_of_use(at)), 1)


def hold_of_meeting(meeting: Meeting) -> Hold | None:
    """Why nothing at all goes out about `meeting`, if so."""
    for holds, hold in (
        (meeting.is_cancelled, Hold.CANCELLED),
        (not meeting.is_published, Hold.DRAFT),
        (meeting.reminders_paused_at, Hold.PAUSED),
    ):
        if holds:
            return hold
    return None


def hold_of_deadline(meeting: Meeting, *, at: datetime, invitation: Invitation | None = None) -> Hold | None:
    """Why no municipality is reminded to answer at `at` (aware), if so: nobody can, for example.

    Args:
        invitation: one of those whose own deadline it is about.
    """
    places = availability(meeting, at=at, invitation=invitation)
    return hold_of_meeting(meeting) or (None if places.is_open else Hold(places.state))


def paused_meetings(*, at: datetime) -> QuerySet[Meeting]:
    """The meetings to come at `at` (aware) whose reminders are paused, in the order of their days."""
    today = at.astimezone(COPENHAGEN).date()
    return Meeting.objects.filter(reminders_paused_at__isnull=False, cancelled_at=None).from_day(today)


def recall_of_meeting(meeting: Meeting, *, at: datetime) -> None:
    """Keep back the reminders about `meeting` that have not left by `at` (aware)."""
    _recall(Kind.DEADLINE_REMINDER, deadline_prefix(meeting), at)
    _recall(Kind.MEETING_REMINDER, meeting_prefix(meeting), at)
    _recall(Kind.NAMES_REMINDER, names_prefix(meeting), at)


def recall_of_municipality(meeting: Meeting, municipality: Municipality, *, at: datetime) -> None:
    """Keep back the reminders of the deadline that have not left by `at` (aware): it has answered."""
    _recall(Kind.DEADLINE_REMINDER, f"{deadline_prefix(meeting)}{municipality.code}:", at)


def recall_of_participant(participant: Participant, *, at: datetime) -> None:
    """Keep back the reminders to `participant`, who is withdrawn, that have not left by `at` (aware)."""
    prefix = f"{meeting_prefix(participant.registration.meeting)}{participant.pk}:"
    _recall(Kind.MEETING_REMINDER, prefix, at)


def recall_of_named(registration: Registration, *, at: datetime) -> None:
    """Keep back the reminders of names that have not left by `at` (aware), where no name is missing any more:
    to be called wherever a place gets its name or is given back.
    """
    if not registration.participants.active().nameless().exists():
        _recall(Kind.NAMES_REMINDER, names_prefix_of(registration), at)


def waiting_of_meeting(meeting: Meeting, *, at: datetime) -> OutgoingEmailQuerySet:
    """The reminders about `meeting` that are owed at `at` (aware) and have not left."""
    return _waiting(at).filter(about=meeting.slug)


def _recall(kind: str, key_prefix: str, at: datetime) -> None:
    OutgoingEmail.objects.filter(kind=kind, key__startswith=key_prefix).recall(at=at)


def _waiting(at: datetime) -> OutgoingEmailQuerySet:
    kinds = (Kind.DEADLINE_REMINDER, Kind.MEETING_REMINDER, Kind.NAMES_REMINDER)
    return OutgoingEmail.objects.unfinished().filter(kind__in=kinds, of_use_until__gt=at)


def _is_something_of_use(meeting: Meeting, at: datetime, *, is_special: bool) -> bool:
    """Whether a reminder is of use at `at` (aware).

    Args:
        is_special: whether a municipality has its own deadline, or a place lacks its name.
    """
    reminders: list[Reminder] = [
        *reminders_of_deadline(meeting),
        *(meeting_reminder(session) for session in meeting.sessions.all()),
    ]
    if is_special:
        reminders += chain(*reminders_of_own_deadlines(meeting))
        reminders += chain(*UnnamedRegistrations(meeting, at=at).reminders())
    return any(reminder.is_of_use(at) for reminder in reminders)


def _owe_for_meeting(meeting: Meeting, at: datetime) -> int:
    with transaction.atomic():
        # Whoever cancels, registers or withdraws meanwhile waits for us, and then recalls what we owe.
        meeting.lock()
        meeting = Meeting.objects.prefetch_related("sessions").get(pk=meeting.pk)
        if hold_of_meeting(meeting):
            return 0
        addressees = Addressees(meeting, at=at)
        unnamed = UnnamedRegistrations(meeting, at=at)
        clear_away(meeting, addressees, unnamed, at=at)
        plan = plan_reminders(meeting, at=at, addressees=addressees, unnamed=unnamed)
        return OutgoingEmail.objects.owe(_mails(meeting, plan, at), at=at)


def _mails(meeting: Meeting, plan: ReminderPlan, at: datetime) -> Iterator[Mail]:
    mails = ReminderMails(meeting)
    for reminder, participants in plan.to_participants:
        chosen = participants.select_related("registration__municipality").prefetch_related(
            "theme_choices__theme"
        )
        for participant in chosen.order_by("pk"):
            yield mails.to_participant(
                meeting_key(participant, reminder),
                participant,
                reminder.session,
                [choice.theme for choice in participant.theme_choices.all()],
            )
    for due, lacking in plan.to_contacts:
        for unnamed in lacking:
            yield mails.to_contact(
                names_key(unnamed.registration, due), unnamed, is_last_day=due.deadline.is_on(at)
            )
    for due, mailboxes in plan.to_offices:
        for mailbox in mailboxes:
            yield mails.to_office(
                deadline_key(meeting, mailbox.municipality, mailbox.address, reason_of(due)),
                mailbox.dispatch,
                due.deadline,
                is_last_day=due.deadline.is_on(at),
            )


def clear_away(
    meeting: Meeting, addressees: Addressees, unnamed: UnnamedRegistrations, *, at: datetime
) -> None:
    """See to it that no mail leaves that would not be owed at `at` (aware), and that it can be owed anew.

    What waits with another deadline or day in it is kept back. What is kept back gives up its key, so that a
    reminder whose meeting was paused and goes on is owed again. Needs the meeting's lock.
    """
    to_participants = OutgoingEmail.objects.filter(
        kind=Kind.MEETING_REMINDER, key__startswith=meeting_prefix(meeting)
    )
    current = {
        (session_suffix(reminder), reminder.ends_at)
        for reminder in map(meeting_reminder, meeting.sessions.all())
    }
    outdated = [
        pk
        for pk, key, until in to_participants.filter(of_use_until__gt=at)
        .unfinished()
        .values_list("pk", "key", "of_use_until")
        if (suffix_of(key), until) not in current
    ]
    given_up = [*addressees.given_up(at=at), *unnamed.given_up(at=at), *outdated]
    OutgoingEmail.objects.filter(pk__in=given_up, of_use_until__gt=at).recall(at=at)
    # A worker that has just taken one may still send it: that one keeps its key.
    OutgoingEmail.objects.filter(
        Q(state=State.DROPPED) | Q(state=State.OWED, of_use_until__lte=at),
        Q(pk__in=given_up) | Q(pk__in=to_participants),
    ).update(key=Concat(Value("kept-back:"), Cast("pk", CharField()), Value(":"), "key"))
