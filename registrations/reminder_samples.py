"""The reminders as they would be sent, to look at: to one who gets it, or else to somebody made up."""

from __future__ import annotations

from datetime import datetime
from itertools import chain

from invitations.models import Dispatch, Invitation, Mail, Meeting, Municipality, Session
from registrations.models import Participant, Registration
from registrations.names_reminders import UnnamedRegistrations
from registrations.reminder_entries import name_of, name_of_names
from registrations.reminder_mails import ReminderMails
from registrations.reminder_recipients import Addressees, is_asking, not_reminded
from registrations.reminder_times import DeadlineReminder, deadline_of, meeting_reminder
from registrations.reminders import reminders_of_deadline, reminders_of_own_deadlines

# Stands in the links of a mail to somebody made up; no link of ours has it.
NO_TOKEN = "eksempel"


def sample_mail(meeting: Meeting, name: str, *, at: datetime) -> Mail | None:
    """The reminder that the calendar calls `name`, as it would be sent; None where there is none so called.

    Args:
        name: `deadline-<days>`, of an own deadline `deadline-<days>-<when it ends>`; `names-<days>-<when the
            deadline ends>`; `session-<id>`; or `now`, `now-<code of a municipality>` for one sent by hand
            at `at` (aware).
    """
    if name.partition("-")[0] == "now":
        return _to_office(meeting, None, at=at, code=name.partition("-")[2])
    for reminder in (*reminders_of_deadline(meeting), *chain(*reminders_of_own_deadlines(meeting))):
        if name == name_of(reminder):
            return _to_office(meeting, reminder, at=reminder.next_use(at) or reminder.due_at)
    if name.partition("-")[0] == "names":
        return _to_contact(meeting, name, at=at)
    for session in meeting.sessions.all():
        if name == f"session-{session.pk}":
            return _to_participant(session, at=at)
    return None


def _to_office(
    meeting: Meeting, reminder: DeadlineReminder | None, *, at: datetime, code: str = ""
) -> Mail | None:
    dispatch = _dispatch(meeting, reminder, at, code)
    sessions = meeting.sessions.all()
    deadline = reminder.deadline if reminder else deadline_of(sessions, dispatch.invitation)
    if deadline is None or not meeting.has_form:
        return None
    return ReminderMails(meeting).to_office("", dispatch, deadline, is_last_day=deadline.is_on(at))


def _to_contact(meeting: Meeting, name: str, *, at: datetime) -> Mail | None:
    """The reminder of names to the first who gets it, else to any who lacks names."""
    lacking = UnnamedRegistrations(meeting, at=at)
    for reminder in chain(*lacking.reminders()):
        if name == name_of_names(reminder):
            contacts = lacking.contacts(reminder)
            unnamed = [*contacts.unnamed, *chain(*contacts.left_out.values())][0]
            sent_at = reminder.next_use(at) or reminder.due_at
            return ReminderMails(meeting).to_contact(
                "", unnamed, is_last_day=reminder.deadline.is_on(sent_at)
            )
    return None


def _dispatch(meeting: Meeting, reminder: DeadlineReminder | None, at: datetime, code: str) -> Dispatch:
    """That of the first who gets it, else of any who was asked, else of somebody made up."""
    addressees = Addressees(meeting, at=at)
    mailboxes = [
        *(addressees.recipients(reminder).mailboxes if reminder else ()),
        *(mailbox for addressee in addressees.silent() for mailbox in addressee.asked),
        *(mailbox for addressee in addressees.all for mailbox in addressee.mailboxes),
    ]
    asking = [mailbox.dispatch for mailbox in mailboxes if is_asking(mailbox.dispatch)]
    of_code = [dispatch for dispatch in asking if dispatch.invitation.municipality.code == code]
    return next(iter([*of_code, *asking]), None) or _some_office(meeting)


def _to_participant(session: Session, *, at: datetime) -> Mail:
    lacking = not_reminded(meeting_reminder(session), at=at).select_related("registration__municipality")
    participant = lacking.order_by("pk").first()
    themes = [choice.theme for choice in participant.theme_choices.all()] if participant else []
    return ReminderMails(session.meeting).to_participant(
        "", participant or _somebody(session.meeting), session, themes
    )


def _some_office(meeting: Meeting) -> Dispatch:
    municipality = meeting.municipalities().first() or Municipality.objects.in_danish_order()[0]
    return Dispatch(
        invitation=Invitation(meeting=meeting, municipality=municipality, token=NO_TOKEN),
        office_name="Udvalget",
        mailbox="udvalg@kommune.example",
    )


def _somebody(meeting: Meeting) -> Participant:
    return Participant(
        registration=Registration(
            meeting=meeting,
            municipality=meeting.municipalities().first(),
            contact_name="Anne Andersen",
            contact_email="anne@kommune.example",
        ),
        name="Bo Bertelsen",
        email="bo@kommune.example",
        token=NO_TOKEN,
    )
