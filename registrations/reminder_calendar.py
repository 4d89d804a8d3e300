"""The calendar of what goes out by itself about a meeting: when, to whom as of now, or why not.

Asks the same functions as what sends the reminders, so that it cannot say anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

from django.db.models import Count
from django.utils.translation import gettext as _

from invitations.models import Meeting, OutgoingEmail
from registrations.models import Participant
from registrations.names_reminders import Contacts, UnnamedRegistrations
from registrations.reminder_entries import (
    Entry,
    EntryState,
    People,
    fate_of,
    name_of,
    name_of_names,
    sent_state,
    tally_of,
)
from registrations.reminder_keys import (
    OwedNamesReminder,
    OwedReminder,
    meeting_prefix,
    reason_of,
    session_suffix,
    suffix_of,
)
from registrations.reminder_recipients import TIME_TO_ANSWER, Addressees, not_reminded
from registrations.reminder_times import DeadlineReminder, MeetingReminder, Reminder, meeting_reminder
from registrations.reminders import (
    Hold,
    hold_of_deadline,
    hold_of_meeting,
    reminders_of_deadline,
    reminders_of_own_deadlines,
)
from registrations.reminding import HOLDS


def calendar(meeting: Meeting, *, at: datetime) -> list[Entry]:
    """What goes out by itself about `meeting`, and what went out, by time, as of `at` (aware)."""
    entries = _about_sessions(meeting, at)
    if meeting.has_form:
        entries += _about_deadline(meeting, at)
        entries += _about_names(meeting, at)
    return sorted(entries, key=lambda entry: entry.at)


def _about_deadline(meeting: Meeting, at: datetime) -> list[Entry]:
    addressees = Addressees(meeting, at=at)
    by_reason: dict[str, list[OwedReminder]] = {}
    for mail in addressees.mails(at=at):
        by_reason.setdefault(mail.reason, []).append(mail)
    entries = [
        _deadline_entry(meeting, reminder, addressees, by_reason.pop(reason_of(reminder), []), at)
        for reminder in (*reminders_of_deadline(meeting), *chain(*reminders_of_own_deadlines(meeting)))
    ]
    return [*entries, *(_past_entry(mails) for mails in by_reason.values())]


def _deadline_entry(
    meeting: Meeting,
    reminder: DeadlineReminder,
    addressees: Addressees,
    mails: Iterable[OwedReminder],
    at: datetime,
) -> Entry:
    tally = tally_of((mail.state, mail.sent_at) for mail in mails)
    recipients = addressees.recipients(reminder)
    goes_out_at = reminder.next_use(at)
    hold = hold_of_deadline(meeting, at=goes_out_at, invitation=reminder.invitation) if goes_out_at else None
    state, why = fate_of(
        reminder,
        tally,
        at=at,
        hold=hold,
        has_recipients=bool(recipients.mailboxes),
        why_missed=lambda: _why_deadline_was_missed(meeting, reminder, addressees),
        nobody=_("There is nobody to remind."),
    )
    return Entry(
        at=reminder.due_at,
        state=state,
        name="" if reminder.overtaken_by else name_of(reminder),
        reminder=reminder,
        deadline=reminder,
        tally=tally,
        why=why,
        goes_out_at=goes_out_at if state in (EntryState.DUE, EntryState.COMING) else None,
        recipients=None if goes_out_at is None or reminder.overtaken_by else recipients,
    )


def _why_deadline_was_missed(meeting: Meeting, reminder: DeadlineReminder, addressees: Addressees) -> str:
    in_time = reminder.due_at - TIME_TO_ANSWER
    times = [
        mailbox.asked_first_at
        for addressee in addressees.all
        if addressee.deadline == reminder.deadline
        for mailbox in addressee.asked
        if mailbox.asked_first_at
    ]
    if why := _why_meeting_was_held(meeting, reminder):
        return why
    if not any(time <= in_time for time in times):
        return _("No municipality had had the letter for 3 days.")
    return _("Nobody lacked an answer, or nobody could register, or the system stood still.")


def _why_meeting_was_held(meeting: Meeting, reminder: Reminder) -> str:
    for holds, hold in (
        (not meeting.is_published, Hold.DRAFT),
        (meeting.cancelled_at and meeting.cancelled_at < reminder.ends_at, Hold.CANCELLED),
        (meeting.reminders_paused_at and meeting.reminders_paused_at < reminder.ends_at, Hold.PAUSED),
    ):
        if holds:
            return str(HOLDS[hold])
    if meeting.published_at and meeting.published_at >= reminder.ends_at:
        return _("The meeting had not been published yet.")
    return ""


def _past_entry(mails: Sequence[OwedReminder]) -> Entry:
    """What was sent by hand, or with another deadline in it."""
    tally = tally_of((mail.state, mail.sent_at) for mail in mails)
    return Entry(
        at=min(mail.sent_at or mail.owed_at for mail in mails),
        state=sent_state(tally),
        by_hand=mails[0].is_by_hand,
        tally=tally,
        why="" if mails[0].is_by_hand else _("It named another deadline than the present one."),
    )


def _about_names(meeting: Meeting, at: datetime) -> list[Entry]:
    """Nothing where no name is missing, and none was."""
    unnamed = UnnamedRegistrations(meeting, at=at)
    by_reason: dict[str, list[OwedNamesReminder]] = {}
    for mail in unnamed.mails(at=at):
        by_reason.setdefault(mail.reason, []).append(mail)
    entries = []
    for reminder in chain(*unnamed.reminders()):
        mails = by_reason.pop(reason_of(reminder), [])
        entries.append(_names_entry(meeting, reminder, unnamed.contacts(reminder), mails, at))
    return [*entries, *(_past_names_entry(mails) for mails in by_reason.values())]


def _names_entry(
    meeting: Meeting,
    reminder: DeadlineReminder,
    contacts: Contacts,
    mails: Iterable[OwedNamesReminder],
    at: datetime,
) -> Entry:
    tally = tally_of((mail.state, mail.sent_at) for mail in mails)
    goes_out_at = reminder.next_use(at)
    state, why = fate_of(
        reminder,
        tally,
        at=at,
        hold=hold_of_meeting(meeting),
        has_recipients=bool(contacts.unnamed),
        why_missed=lambda: _why_meeting_was_held(meeting, reminder) or _("Nobody was to get it."),
        nobody=_("There is nobody to remind."),
    )
    return Entry(
        at=reminder.due_at,
        state=state,
        name="" if reminder.overtaken_by else name_of_names(reminder),
        reminder=reminder,
        deadline=reminder,
        is_of_names=True,
        tally=tally,
        why=why,
        goes_out_at=goes_out_at if state in (EntryState.DUE, EntryState.COMING) else None,
        contacts=None if goes_out_at is None or reminder.overtaken_by else contacts,
    )


def _past_names_entry(mails: Sequence[OwedNamesReminder]) -> Entry:
    """What was sent to those whose names are all known now, or with another deadline in it."""
    tally = tally_of((mail.state, mail.sent_at) for mail in mails)
    return Entry(
        at=min(mail.sent_at or mail.owed_at for mail in mails),
        state=sent_state(tally),
        is_of_names=True,
        tally=tally,
    )


def _about_sessions(meeting: Meeting, at: datetime) -> list[Entry]:
    owed: dict[str, list[tuple[str, datetime | None]]] = {}
    mails = OutgoingEmail.objects.filter(
        kind=OutgoingEmail.Kind.MEETING_REMINDER, key__startswith=meeting_prefix(meeting)
    ).exclude(state=OutgoingEmail.State.OWED, of_use_until__lte=at)
    for key, state, sent_at in mails.values_list("key", "state", "sent_at"):
        owed.setdefault(suffix_of(key), []).append((state, sent_at))
    return [
        _session_entry(meeting, reminder, owed.get(session_suffix(reminder), []), at)
        for reminder in map(meeting_reminder, meeting.sessions.all())
    ]


def _session_entry(
    meeting: Meeting,
    reminder: MeetingReminder,
    mails: Iterable[tuple[str, datetime | None]],
    at: datetime,
) -> Entry:
    tally = tally_of(mails)
    goes_out_at = reminder.next_use(at)
    people = _people(reminder, at) if goes_out_at else None
    state, why = fate_of(
        reminder,
        tally,
        at=at,
        hold=hold_of_meeting(meeting),
        has_recipients=bool(people and people.total),
        why_missed=lambda: _why_meeting_was_held(meeting, reminder) or _("Nobody was to get it."),
        nobody=_("Nobody is registered."),
    )
    return Entry(
        at=reminder.due_at,
        state=state,
        name=f"session-{reminder.session.pk}",
        reminder=reminder,
        session=reminder,
        tally=tally,
        why=why,
        goes_out_at=goes_out_at if state in (EntryState.DUE, EntryState.COMING) else None,
        people=people,
    )


def _people(reminder: MeetingReminder, at: datetime) -> People:
    municipality = "registration__municipality"
    groups = (
        not_reminded(reminder, at=at)
        .order_by(f"{municipality}__sort_key")
        .values_list(f"{municipality}__name")
        .annotate(Count("pk"))
    )
    counts = list(groups)
    named = [(name, count) for name, count in counts if name]
    guests = sum(count for name, count in counts if not name)
    stands = Participant.objects.filter(session=reminder.session, withdrawn_at=None)
    active = stands.filter(waitlisted_at=None)
    left_out = (
        (_("on the waiting list"), stands.exclude(waitlisted_at=None)),
        (_("name to follow"), active.nameless()),
        (_("without an e-mail address"), active.named().filter(email="")),
        (
            _("registered after it fell due, and got the calendar invitation then"),
            active.exclude(email="").filter(registration__registered_at__gte=reminder.due_at),
        ),
    )
    return People(
        [*named, *([(_("KL and guests"), guests)] if guests else [])],
        [(why, count) for why, participants in left_out if (count := participants.count())],
    )
