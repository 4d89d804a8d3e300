"""Reminders: who is owed one right now? Asked every few minutes, so that moving a deadline needs no code.

They go to the offices of municipalities that are silent, some days before the deadline, and to participants
the day before.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from invitations.danish import COPENHAGEN
from invitations.mail_text import compose, day_in_sentence, link, title_in_sentence
from invitations.models import Dispatch, Letter, Mail, Meeting, Municipality, OutgoingEmail, Sender, Session
from registrations.availability import availability
from registrations.ledger import silent_invitations
from registrations.mail_facts import (
    facts_of_session,
    facts_of_sessions,
    facts_of_themes,
    participant_words,
)
from registrations.models import Participant
from registrations.reminder_times import DeadlineReminder, deadline_reminder, meeting_reminder_due_at

logger = logging.getLogger(__name__)

Kind = OutgoingEmail.Kind

# The letters that ask for an answer; a date to reserve does not.
ASKING = (Letter.Kind.INVITATION, Letter.Kind.CHANGE)
# A municipality that was first asked less than this before a reminder falls due does not get it.
TIME_TO_ANSWER = timedelta(days=3)


def owe_reminders(*, at: datetime) -> int:
    """Owe the reminders that are due at `at` (aware) and have not been owed before; return how many."""
    owed = 0
    today = at.astimezone(COPENHAGEN).date()
    meetings = Meeting.objects.published().filter(cancelled_at=None).from_day(today)
    for meeting in meetings.prefetch_related("sessions"):
        try:
            owed += _owe_for_meeting(meeting, at)
        except Exception:
            # What is wrong with one meeting must not silence the others.
            logger.exception("The reminders of meeting %s could not be owed", meeting.slug)
    return owed


def recall_of_meeting(meeting: Meeting, *, at: datetime) -> None:
    """Keep back the reminders about `meeting` that have not left by `at` (aware)."""
    _recall(Kind.DEADLINE_REMINDER, _deadline_prefix(meeting), at)
    _recall(Kind.MEETING_REMINDER, _meeting_prefix(meeting), at)


def recall_of_municipality(meeting: Meeting, municipality: Municipality, *, at: datetime) -> None:
    """Keep back the reminders of the deadline that have not left by `at` (aware): it has answered."""
    _recall(Kind.DEADLINE_REMINDER, f"{_deadline_prefix(meeting)}{municipality.code}:", at)


def recall_of_participant(participant: Participant, *, at: datetime) -> None:
    """Keep back the reminders to `participant`, who is withdrawn, that have not left by `at` (aware)."""
    prefix = f"{_meeting_prefix(participant.registration.meeting)}{participant.pk}:"
    _recall(Kind.MEETING_REMINDER, prefix, at)


def _recall(kind: str, key_prefix: str, at: datetime) -> None:
    OutgoingEmail.objects.filter(kind=kind, key__startswith=key_prefix).recall(at=at)


def _deadline_prefix(meeting: Meeting) -> str:
    return f"deadline-reminder:{meeting.pk}:"


def _meeting_prefix(meeting: Meeting) -> str:
    return f"meeting-reminder:{meeting.pk}:"


def _owe_for_meeting(meeting: Meeting, at: datetime) -> int:
    sessions = list(meeting.sessions.all())
    to_offices = deadline_reminder(sessions, meeting.reminder_days, at=at) if meeting.has_form else None
    to_participants = [
        (session, due_at) for session in sessions if (due_at := meeting_reminder_due_at(session, at=at))
    ]
    if to_offices is None and not to_participants:
        return 0
    with transaction.atomic():
        # Whoever cancels, registers or withdraws meanwhile waits for us, and then recalls what we owe.
        meeting.lock()
        meeting.refresh_from_db(fields=["cancelled_at"])
        if meeting.is_cancelled:
            return 0
        sender = Sender.objects.current()
        owed = sum(_owe_to_participants(session, due_at, sender, at) for session, due_at in to_participants)
        if to_offices and availability(meeting, at=at).is_open:
            owed += _owe_to_offices(meeting, to_offices, sender, at)
    return owed


def _owe_to_offices(meeting: Meeting, reminder: DeadlineReminder, sender: Sender, at: datetime) -> int:
    asking = Dispatch.objects.filter(letter__kind__in=ASKING)
    in_time = asking.filter(invitation=OuterRef("pk"), email__owed_at__lte=reminder.due_at - TIME_TO_ANSWER)
    silent = silent_invitations(meeting).filter(Exists(in_time))
    invitations = silent.exclude(municipality__in=meeting.hosts.all())
    dispatches = asking.filter(invitation__in=invitations, for_orientation=False)
    wanted: dict[str, Dispatch] = {}
    for dispatch in dispatches.select_related("invitation__municipality").order_by("pk"):
        mailbox = f"{dispatch.invitation.municipality.code}:{dispatch.mailbox.casefold()}"
        when = f"{reminder.until.astimezone(COPENHAGEN).isoformat()}:{reminder.days}"
        wanted.setdefault(f"{_deadline_prefix(meeting)}{mailbox}:{when}", dispatch)
    known = set(OutgoingEmail.objects.filter(key__in=wanted).values_list("key", flat=True))
    mails = (
        _mail_to_office(key, meeting, reminder, dispatch, sender, at)
        for key, dispatch in wanted.items()
        if key not in known
    )
    return OutgoingEmail.objects.owe(mails, at=at)


def _mail_to_office(
    key: str, meeting: Meeting, reminder: DeadlineReminder, dispatch: Dispatch, sender: Sender, at: datetime
) -> Mail:
    municipality = dispatch.invitation.municipality
    words = compose(
        "registrations/mail/deadline_reminder",
        {
            "sender": sender,
            "meeting": meeting,
            "title": title_in_sentence(meeting.title),
            "municipality": municipality,
            "deadline": reminder.deadline,
            "is_last_day": at.astimezone(COPENHAGEN).date() == reminder.last_day,
            "facts": facts_of_sessions(list(meeting.sessions.all())),
            "answer_url": link("registrations:invitation", dispatch.invitation.token),
        },
    )
    return Mail(
        key=key,
        kind=Kind.DEADLINE_REMINDER,
        about=meeting.slug,
        to=dispatch.mailbox,
        to_name=f"{dispatch.office_name}, {municipality}",
        of_use_until=reminder.until,
        **words._asdict(),
    )


def _owe_to_participants(session: Session, due_at: datetime, sender: Sender, at: datetime) -> int:
    # Who signed up after the reminder was due has just got the invitation.
    expected = Participant.objects.active().with_email()
    expected = expected.filter(session=session, registration__registered_at__lt=due_at)
    prefix, day = _meeting_prefix(session.meeting), f":{session.starts_date.isoformat()}"
    participants = (
        expected.annotate(reminder_key=Concat(Value(prefix), Cast("pk", CharField()), Value(day)))
        .exclude(Exists(OutgoingEmail.objects.filter(key=OuterRef("reminder_key"))))
        .select_related("registration__municipality")
        .prefetch_related("theme_choices__theme")
        .order_by("pk")
    )
    keys = {f"{prefix}{participant.pk}{day}": participant for participant in participants}
    mails = (_mail_to_participant(key, session, participant, sender) for key, participant in keys.items())
    return OutgoingEmail.objects.owe(mails, at=at)


def _mail_to_participant(key: str, session: Session, participant: Participant, sender: Sender) -> Mail:
    meeting = session.meeting
    words = compose(
        "registrations/mail/meeting_reminder",
        {
            **participant_words(participant),
            "sender": sender,
            "meeting": meeting,
            "title": title_in_sentence(meeting.title),
            "when": day_in_sentence(session),
            "facts": [
                *facts_of_session(session, with_join_url=True),
                *facts_of_themes(choice.theme for choice in participant.theme_choices.all()),
            ],
        },
    )
    return Mail(
        key=key,
        kind=Kind.MEETING_REMINDER,
        about=meeting.slug,
        to=participant.email,
        to_name=participant.name,
        of_use_until=session.starts.start(),
        **words._asdict(),
    )
