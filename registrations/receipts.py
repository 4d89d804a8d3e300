"""What is owed to those who answer: receipts for the contact, and the meeting into and out of calendars."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F, prefetch_related_objects
from django.utils.translation import gettext_lazy

from invitations.calendar import calendar_cancel
from invitations.mail_text import compose, day_in_sentence, link, title_in_sentence, when, writing_in
from invitations.models import Mail, OutgoingEmail, Sender, Session
from invitations.session_events import session_event
from registrations.availability import changes_until
from registrations.calendar_facts import CANCEL, REQUEST, calendar_facts, is_out_of_date
from registrations.calendar_mails import CalendarMails
from registrations.differences import Difference, differences_of_calendar
from registrations.mail_facts import (
    Fact,
    facts_of_session,
    facts_of_sessions,
    reason_words,
    sessions_of,
    until_words,
    when_of_sessions,
)
from registrations.models import CalendarInvitation, Decline, Participant, Registration
from registrations.reminder_times import Deadline
from registrations.reminders import recall_of_municipality, recall_of_named, recall_of_participant

Kind = OutgoingEmail.Kind

# How many participants are read at a time; one changed meeting can concern ten thousand.
_CHUNK = 500


def owe_receipt(registration: Registration, *, at: datetime) -> None:
    """Owe the contact the receipt for `registration`: who has a place, who waits, and what happens next.

    The municipality's reminders that have not left yet are kept back; where it is not clear which one it is,
    those of both. To be called in the transaction of the registration.

    Args:
        at: when it was registered, aware.
    """
    meeting = registration.meeting
    for municipality in filter(None, {registration.municipality, registration.mail_municipality}):
        recall_of_municipality(meeting, municipality, at=at)
    participants = list(
        registration.participants.filter(withdrawn_at=None)
        .select_related("session__meeting")
        .prefetch_related("theme_choices__theme", "theme_wishes__theme")
    )
    sessions = sessions_of(participants)
    only_session = sessions[0] if len(sessions) == 1 else None
    with writing_in(registration.language):
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
                    _receipt_line(participant, with_session=only_session is None)
                    for participant in participants
                    if participant.is_named and participant.waitlisted_at is None
                ],
                "waiting": [
                    _receipt_line(participant, with_session=only_session is None)
                    for participant in participants
                    if participant.waitlisted_at
                ],
                "seats": [
                    {"count": count, "session": "" if only_session else when(session)}
                    for session in sessions
                    if (
                        count := sum(
                            not participant.is_named
                            for participant in participants
                            if participant.session_id == session.pk and participant.waitlisted_at is None
                        )
                    )
                ],
                "has_places": any(participant.waitlisted_at is None for participant in participants),
                "names_until": until_words(Deadline.at(until))
                if (until := changes_until(registration)) > at
                else "",
                "registration": registration,
                "receipt_url": link("registrations:receipt", registration.token),
                "homework_url": link("registrations:homework", registration.token)
                if meeting.questions.exists()
                else "",
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


def _receipt_line(participant: Participant, *, with_session: bool) -> dict[str, Any]:
    second_wishes = {wish.theme_id for wish in participant.theme_wishes.all() if wish.rank == 2}
    return {
        "name": str(participant),
        "title": participant.title,
        "session": when(participant.session) if with_session else "",
        "themes": [
            (choice.theme.title, choice.theme_id in second_wishes)
            for choice in participant.theme_choices.all()
        ],
    }


def owe_calendar_requests(
    participants: Iterable[Participant], *, at: datetime, moved_up: bool = False
) -> int:
    """Owe each participant the mail that puts their session into their calendar; return how many there are.

    Who has been told the same already is not told again; who was told something else is told what changed.
    Guests without a mail address get none. To be called in the transaction of what changed.

    Args:
        participants: of any meetings, none of them withdrawn or waiting for a place.
        at: now, aware.
        moved_up: whether they have just got a place from the waiting list.
    """
    mails, waiting = CalendarMails(at=at, moved_up=moved_up), iter(participants)
    owed = 0
    while chunk := list(islice(waiting, _CHUNK)):
        owed += _owe_calendar_requests([one for one in chunk if one.email], mails, at)
    return owed


def _owe_calendar_requests(participants: list[Participant], mails: CalendarMails, at: datetime) -> int:
    prefetch_related_objects(
        participants, "session__meeting", "registration__municipality", "theme_choices__theme"
    )
    known = {
        (row.participant_id, row.session_id): row
        for row in CalendarInvitation.objects.filter(participant__in=participants)
    }
    new: list[CalendarInvitation] = []
    changed: list[tuple[CalendarInvitation, tuple[Difference, ...]]] = []
    for participant in participants:
        session = participant.session
        facts = calendar_facts(session, [choice.theme for choice in participant.theme_choices.all()])
        row = known.get((participant.pk, session.pk))
        if row is None:
            row = CalendarInvitation(
                participant=participant, session=session, uid=_new_uid(), method=REQUEST, facts=facts
            )
            new.append(row)
            continue
        is_in_calendar = row.method == REQUEST
        if is_in_calendar and not is_out_of_date(row.facts, facts):
            continue
        differences = differences_of_calendar(row.facts, facts) if is_in_calendar else ()
        row.participant, row.session = participant, session
        row.sequence, row.method, row.facts = row.sequence + 1, REQUEST, facts
        changed.append((row, differences))
    CalendarInvitation.objects.bulk_create(new)
    _restate([row for row, _differences in changed])
    written = [*((row, ()) for row in new), *changed]
    return OutgoingEmail.objects.owe((mails.request(row, told) for row, told in written), at=at)


def _restate(rows: list[CalendarInvitation]) -> None:
    """Write down what `rows` state from now on: an update for each of the few things that many are told."""
    told: dict[str, list[CalendarInvitation]] = {}
    for row in rows:
        told.setdefault(json.dumps(row.facts), []).append(row)
    for same in told.values():
        CalendarInvitation.objects.filter(pk__in=[row.pk for row in same]).update(
            sequence=F("sequence") + 1, method=REQUEST, facts=same[0].facts
        )


def owe_calendar_cancel(participant: Participant, *, moved_to: Session | None = None, at: datetime) -> None:
    """Owe `participant` the mail that says they are withdrawn, and takes the meeting out of their calendar.

    Without an address there is no mail. To be called in the transaction of the withdrawal.

    Args:
        moved_to: the session that they take part in instead; its own invitation is another mail.
        at: when they were withdrawn or moved, aware.
    """
    recall_of_participant(participant, at=at)
    recall_of_named(participant.registration, at=at)
    if not participant.email:
        return
    rows = list(participant.calendar_invitations.filter(method=REQUEST).select_related("session__meeting"))
    for row in rows:
        row.participant, row.sequence, row.method = participant, row.sequence + 1, CANCEL
    CalendarInvitation.objects.bulk_update(rows, ["sequence", "method"])
    mails = [_withdrawal(participant, row, moved_to, at) for row in rows]
    OutgoingEmail.objects.owe(mails or [_withdrawal(participant, None, moved_to, at)], at=at)


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
    with writing_in(decline.language):
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
    with writing_in(row.participant.registration.language):
        event = session_event(
            row.session,
            uid=row.uid,
            sequence=row.sequence,
            attendee_name=row.participant.name,
            attendee_email=row.participant.email,
            sender=sender,
        )
    return calendar_cancel(event, stamp=at)


def _withdrawal(
    participant: Participant, row: CalendarInvitation | None, moved_to: Session | None, at: datetime
) -> Mail:
    """The mail about a withdrawal, or a move to another session; with a calendar part where the calendar was
    told of the meeting.
    """
    session, sender = row.session if row else participant.session, Sender.objects.current()
    with writing_in(participant.registration.language):
        words = compose(
            "registrations/mail/withdrawal",
            {
                "sender": sender,
                "meeting": session.meeting,
                "title": title_in_sentence(session.meeting.title),
                "when": day_in_sentence(session),
                "facts": facts_of_session(session, with_join_url=False),
                "moved_to": day_in_sentence(moved_to) if moved_to else "",
                **reason_words(participant),
                "meeting_url": link("registrations:meeting", session.meeting.slug),
            },
        )
    return Mail(
        # Who is moved away and back again can leave a session more than once.
        key=f"withdrawal:{participant.pk}:{session.pk}:{row.sequence if row else 0}",
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
