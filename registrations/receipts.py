"""What is owed to those who answer: receipts for the contact, and the meeting into and out of calendars."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invitations.calendar import calendar_cancel, calendar_request
from invitations.mail_text import compose, day_in_sentence, in_danish, link, title_in_sentence
from invitations.models import Mail, OutgoingEmail, Sender
from invitations.session_events import session_event, session_facts
from registrations.mail_facts import (
    Fact,
    facts_of_session,
    facts_of_sessions,
    facts_of_themes,
    participant_words,
    reason_words,
    when_of_sessions,
)
from registrations.models import CalendarInvitation, Decline, Participant, Registration
from registrations.reminders import recall_of_municipality, recall_of_participant

Kind = OutgoingEmail.Kind

REQUEST = "REQUEST"
CANCEL = "CANCEL"


def owe_receipt(registration: Registration, *, at: datetime) -> None:
    """Owe the contact the receipt for `registration`: what was received, and what happens next.

    The municipality's reminders that have not left yet are kept back; where it is not clear which one it is,
    those of both. To be called in the transaction of the registration.

    Args:
        at: when it was registered, aware.
    """
    meeting = registration.meeting
    for municipality in filter(None, {registration.municipality, registration.mail_municipality}):
        recall_of_municipality(meeting, municipality, at=at)
    participants = list(
        registration.participants.active()
        .select_related("session__meeting")
        .prefetch_related("theme_choices__theme")
    )
    sessions = list({participant.session_id: participant.session for participant in participants}.values())
    only_session = sessions[0] if len(sessions) == 1 else None
    words = compose(
        "registrations/mail/receipt",
        {
            "meeting": meeting,
            "title": title_in_sentence(meeting.title),
            "when": when_of_sessions(sessions),
            "facts": [
                Fact(gettext_lazy("Reference number"), registration.reference),
                *(facts_of_session(only_session, with_join_url=True) if only_session else ()),
            ],
            "participants": [
                {
                    "name": participant.name,
                    "title": participant.title,
                    "session": "" if only_session else participant.session.when(),
                    "themes": [choice.theme.title for choice in participant.theme_choices.all()],
                }
                for participant in participants
            ],
            "registration": registration,
            "receipt_url": link("registrations:receipt", registration.token),
        },
    )
    OutgoingEmail.objects.owe(
        [
            Mail(
                key=f"receipt:{registration.pk}",
                kind=Kind.RECEIPT,
                about=meeting.slug,
                to=registration.contact_email,
                to_name=registration.contact_name,
                **words._asdict(),
            )
        ],
        at=at,
    )


def owe_calendar_requests(participants: Iterable[Participant], *, at: datetime) -> int:
    """Owe each participant the mail that puts their session into their calendar; return how many there are.

    Who has been told the same already is not told again, nor who has no address. To be called in the
    transaction of what changed.

    Args:
        participants: of any meetings, none of them withdrawn.
        at: now, aware.
    """
    participants = [participant for participant in participants if participant.email]
    prefetch_related_objects(
        participants, "session__meeting", "registration__municipality", "theme_choices__theme"
    )
    known = {
        (row.participant_id, row.session_id): row
        for row in CalendarInvitation.objects.filter(participant__in=participants)
    }
    new, changed = [], []
    for participant in participants:
        facts = session_facts(participant.session)
        row = known.get((participant.pk, participant.session_id))
        if row is None:
            new.append(
                CalendarInvitation(
                    participant=participant,
                    session=participant.session,
                    uid=_new_uid(),
                    method=REQUEST,
                    facts=facts,
                )
            )
        elif (row.method, row.facts) != (REQUEST, facts):
            row.participant, row.session = participant, participant.session
            row.sequence, row.method, row.facts = row.sequence + 1, REQUEST, facts
            changed.append(row)
    CalendarInvitation.objects.bulk_create(new)
    CalendarInvitation.objects.bulk_update(changed, ["sequence", "method", "facts"], batch_size=200)
    sender = Sender.objects.current()
    return OutgoingEmail.objects.owe((_request(row, sender, at) for row in [*new, *changed]), at=at)


def owe_calendar_cancel(participant: Participant, *, at: datetime) -> None:
    """Owe `participant` the mail that says they are withdrawn, and takes the meeting out of their calendar.

    Without an address there is no mail. To be called in the transaction of the withdrawal.

    Args:
        at: when they were withdrawn, aware.
    """
    recall_of_participant(participant, at=at)
    rows = list(participant.calendar_invitations.filter(method=REQUEST).select_related("session__meeting"))
    for row in rows:
        row.participant, row.sequence, row.method = participant, row.sequence + 1, CANCEL
    CalendarInvitation.objects.bulk_update(rows, ["sequence", "method"])
    if not participant.email:
        return
    mails = [_withdrawal(participant, row, at) for row in rows] or [_withdrawal(participant, None, at)]
    OutgoingEmail.objects.owe(mails, at=at)


def owe_decline_receipt(decline: Decline, *, at: datetime) -> None:
    """Owe the contact, where there is one, the receipt for their municipality's decline.

    The municipality's reminders that have not left yet are kept back. To be called in the transaction of the
    decline.

    Args:
        at: when it was declined, aware.
    """
    meeting = decline.meeting
    recall_of_municipality(meeting, decline.municipality, at=at)
    if not decline.contact_email:
        return
    words = compose(
        "registrations/mail/decline",
        {
            "meeting": meeting,
            "title": title_in_sentence(meeting.title),
            "municipality": decline.municipality,
            "facts": facts_of_sessions(list(meeting.sessions.all())),
            "meeting_url": link("registrations:meeting", meeting.slug),
        },
    )
    OutgoingEmail.objects.owe(
        [
            Mail(
                key=f"decline:{decline.pk}",
                kind=Kind.DECLINE,
                about=meeting.slug,
                to=decline.contact_email,
                to_name=decline.contact_name,
                **words._asdict(),
            )
        ],
        at=at,
    )


def cancellation_part(row: CalendarInvitation, sender: Sender, *, at: datetime) -> str:
    """The calendar message that takes back what `row` put into a calendar; its sequence is raised already."""
    event = session_event(
        row.session,
        uid=row.uid,
        sequence=row.sequence,
        attendee_name=row.participant.name,
        attendee_email=row.participant.email,
        sender=sender,
    )
    return calendar_cancel(event, stamp=at)


def _request(row: CalendarInvitation, sender: Sender, at: datetime) -> Mail:
    participant, session = row.participant, row.session
    meeting = session.meeting
    with in_danish():
        event = session_event(
            session,
            uid=row.uid,
            sequence=row.sequence,
            attendee_name=participant.name,
            attendee_email=participant.email,
            description=_how_to_withdraw(participant),
            url=link("registrations:meeting", meeting.slug),
            sender=sender,
        )
    words = compose(
        "registrations/mail/calendar_request",
        {
            "sender": sender,
            "meeting": meeting,
            "title": title_in_sentence(meeting.title),
            "when": day_in_sentence(session),
            "is_change": row.sequence > 0,
            "facts": [
                *facts_of_session(session, with_join_url=True),
                *facts_of_themes(choice.theme for choice in participant.theme_choices.all()),
            ],
            **participant_words(participant),
        },
    )
    return Mail(
        key=f"calendar:{row.pk}:{row.sequence}",
        kind=Kind.CALENDAR,
        about=meeting.slug,
        to=participant.email,
        to_name=participant.name,
        calendar=calendar_request(event, stamp=at),
        calendar_method=REQUEST,
        conversation=row.uid,
        **words._asdict(),
    )


def _how_to_withdraw(participant: Participant) -> str:
    """For the calendar: once an invitation is accepted, Outlook takes its mail out of the inbox."""
    withdraw_url = link("registrations:participant", participant.token)
    return "\n".join(
        [
            f"{_('Are you unable to come? Withdraw here:')} {withdraw_url}",
            _("To decline in Outlook is not to withdraw: remember to withdraw by the link."),
        ]
    )


def _withdrawal(participant: Participant, row: CalendarInvitation | None, at: datetime) -> Mail:
    """The mail about a withdrawal; with a calendar part where the calendar was told of the meeting."""
    session, sender = row.session if row else participant.session, Sender.objects.current()
    words = compose(
        "registrations/mail/withdrawal",
        {
            "sender": sender,
            "meeting": session.meeting,
            "title": title_in_sentence(session.meeting.title),
            "when": day_in_sentence(session),
            "facts": facts_of_session(session, with_join_url=False),
            **reason_words(participant),
            "meeting_url": link("registrations:meeting", session.meeting.slug),
        },
    )
    return Mail(
        key=f"withdrawal:{participant.pk}:{session.pk}",
        kind=Kind.WITHDRAWAL,
        about=session.meeting.slug,
        to=participant.email,
        to_name=participant.name,
        calendar=cancellation_part(row, sender, at=at) if row else "",
        calendar_method=CANCEL if row else "",
        conversation=row.uid if row else "",
        **words._asdict(),
    )


def _new_uid() -> str:
    # Tells nothing about anybody, as RFC 7986 section 5.3 asks.
    return f"{uuid.uuid4()}@{urlsplit(settings.PUBLIC_URL).hostname}"
