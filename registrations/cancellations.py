"""Cancelling a meeting, and telling everybody who might come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from invitations.mail_text import MailText, compose, day_in_sentence, title_in_sentence
from invitations.models import Dispatch, Mail, Meeting, OutgoingEmail, Sender, Session
from registrations.ledger import silent_invitations
from registrations.mail_facts import facts_of_session, facts_of_sessions, reason_words, when_of_sessions
from registrations.models import CalendarInvitation, Participant, Registration
from registrations.receipts import CANCEL, REQUEST, cancellation_part
from registrations.reminders import recall_of_meeting


@dataclass(frozen=True)
class CancellationPlan:
    """Who is told that a meeting is cancelled: each participant, each contact, and the offices of the silent.

    Attributes:
        sessions: those that have not been held yet; one that has been stays in the calendars.
        registrations: one for each contact's address.
        dispatches: one for each municipality and mailbox of those that have not answered.
    """

    sessions: Sequence[Session] = ()
    participants: Sequence[Participant] = ()
    registrations: Sequence[Registration] = ()
    dispatches: Sequence[Dispatch] = ()

    @property
    def mails(self) -> int:
        return len(self.participants) + len(self.registrations) + len(self.dispatches)


def plan_cancellation(meeting: Meeting, *, at: datetime) -> CancellationPlan:
    """Who would be told, were the meeting cancelled at `at` (aware). Changes nothing."""
    sessions = [session for session in meeting.sessions.all() if session.over_at() > at]
    if not sessions:
        return CancellationPlan()
    participants = (
        Participant.objects.active()
        .of_meeting(meeting)
        .filter(session__in=sessions)
        .select_related("registration__municipality")
        .order_by("pk")
    )
    contacts: dict[str, Registration] = {}
    # Whoever has no address is told by the contact.
    for participant in participants:
        contacts.setdefault(participant.registration.contact_email.casefold(), participant.registration)
    # Those who got the letter for orientation have the date in their calendar as well.
    dispatches = Dispatch.objects.filter(invitation__in=silent_invitations(meeting))
    mailboxes: dict[tuple[int, str], Dispatch] = {}
    for dispatch in dispatches.select_related("invitation__municipality").order_by("pk"):
        mailboxes.setdefault((dispatch.invitation_id, dispatch.mailbox.casefold()), dispatch)
    return CancellationPlan(
        sessions=sessions,
        participants=[participant for participant in participants if participant.email],
        registrations=list(contacts.values()),
        dispatches=list(mailboxes.values()),
    )


def cancel_meeting(meeting: Meeting, *, at: datetime, by: User) -> CancellationPlan | None:
    """Cancel the meeting and owe the mails that follow, all or nothing; its history says who did it.

    Args:
        at: the time it is cancelled, aware.
        by: who pressed the button.

    Returns:
        Who is told; None where it was cancelled before, which tells nobody twice.

    Raises:
        ValidationError: it is a draft.
    """
    with transaction.atomic():
        # Who is registering waits and is then refused, or is done and is told.
        meeting.lock()
        if not meeting.cancel(at=at):
            return None
        LogEntry.objects.log_actions(
            by.pk, [meeting], CHANGE, _("Cancelled the meeting."), single_object=True
        )
        recall_of_meeting(meeting, at=at)
        plan = plan_cancellation(meeting, at=at)
        OutgoingEmail.objects.owe(_mails(meeting, plan, at), at=at)
    return plan


def _mails(meeting: Meeting, plan: CancellationPlan, at: datetime) -> Iterator[Mail]:
    sender = Sender.objects.current()
    yield from _mails_to_participants(meeting, plan, sender, at)
    everywhere = {
        "sender": sender,
        "when": when_of_sessions(plan.sessions),
        "facts": facts_of_sessions(plan.sessions),
    }
    text = _text(meeting, audience="contact", **everywhere)
    for registration in plan.registrations:
        yield _mail(
            meeting,
            text,
            key=f"contact:{registration.pk}",
            to=registration.contact_email,
            to_name=registration.contact_name,
        )
    for dispatch in plan.dispatches:
        municipality = dispatch.invitation.municipality
        yield _mail(
            meeting,
            _text(meeting, audience="office", municipality=municipality, **everywhere),
            key=f"office:{municipality.code}:{dispatch.mailbox.casefold()}",
            to=dispatch.mailbox,
            to_name=f"{dispatch.office_name}, {municipality}",
        )


def _mails_to_participants(
    meeting: Meeting, plan: CancellationPlan, sender: Sender, at: datetime
) -> Iterator[Mail]:
    sessions = {session.pk: session for session in plan.sessions}
    told = CalendarInvitation.objects.filter(
        method=REQUEST,
        session__in=sessions,
        participant__withdrawn_at=None,
        participant__registration__meeting=meeting,
    )
    calendars = {row.participant_id: row for row in told}
    told.update(sequence=F("sequence") + 1, method=CANCEL)
    # Once for each delegation, whose members are told the same: writing thousands would keep staff waiting.
    texts: dict[tuple[int, int, bool], MailText] = {}
    for participant in plan.participants:
        session, words = sessions[participant.session_id], reason_words(participant)
        same = (session.pk, participant.registration_id, words["signed_up_themselves"])
        if same not in texts:
            texts[same] = _text(
                meeting,
                audience="participant",
                sender=sender,
                when=day_in_sentence(session),
                facts=facts_of_session(session, with_join_url=False),
                **words,
            )
        mail = _mail(
            meeting,
            texts[same],
            key=f"participant:{participant.pk}",
            to=participant.email,
            to_name=participant.name,
        )
        row = calendars.get(participant.pk)
        if row is not None:
            row.participant, row.session, row.sequence = participant, session, row.sequence + 1
            part = cancellation_part(row, sender, at=at)
            mail = replace(mail, calendar=part, calendar_method=CANCEL, conversation=row.uid)
        yield mail


def _text(meeting: Meeting, **words: Any) -> MailText:
    title = title_in_sentence(meeting.title)
    return compose("registrations/mail/cancellation", {"meeting": meeting, "title": title, **words})


def _mail(meeting: Meeting, text: MailText, *, key: str, to: str, to_name: str) -> Mail:
    return Mail(
        key=f"cancellation:{meeting.pk}:{key}",
        kind=OutgoingEmail.Kind.CANCELLATION,
        about=meeting.slug,
        to=to,
        to_name=to_name,
        **text._asdict(),
    )
