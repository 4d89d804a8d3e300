"""Cancelling a meeting, and telling everybody who might come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations.history import record
from invitations.letters import DispatchPlan, dispatch, plan_dispatch
from invitations.models import Dispatch, Letter, Mail, Meeting, OutgoingEmail, Session
from registrations.cancellation_mails import CancellationMails, Contact
from registrations.ledger import silent_invitations
from registrations.models import Participant
from registrations.reminders import recall_of_meeting
from registrations.special_needs import erase_of_meeting


@dataclass(frozen=True)
class CancellationPlan:
    """Who is told that a meeting is cancelled: each participant, each contact, and offices.

    Attributes:
        sessions: those that have not been held yet; one that has been stays in the calendars.
        waitlisted: those who wait for a place, and have nothing in their calendars.
        contacts: one for each contact's address, unless it is that of the only one whom they have signed up.
        dispatches: one for each municipality and mailbox that gets a mail of its own. Without a letter they
            are those of municipalities that have not answered; with one, those that have got a letter before
            and do not get this one.
        letter_mails: how many mails carry the letter about the cancellation.
    """

    sessions: Sequence[Session] = ()
    participants: Sequence[Participant] = ()
    waitlisted: Sequence[Participant] = ()
    contacts: Sequence[Contact] = ()
    dispatches: Sequence[Dispatch] = ()
    letter_mails: int = 0

    @property
    def mails(self) -> int:
        people = len(self.participants) + len(self.waitlisted) + len(self.contacts)
        return people + len(self.dispatches) + self.letter_mails


def plan_cancellation(meeting: Meeting, *, letter: Letter | None = None, at: datetime) -> CancellationPlan:
    """Who would be told, were the meeting cancelled at `at` (aware). Changes nothing.

    Args:
        letter: tells the offices, instead of a plain mail.
    """
    sessions = [session for session in meeting.sessions.all() if session.over_at() > at]
    if not sessions:
        return CancellationPlan()
    recipients = plan_dispatch(letter, at=at, with_cancelling=True) if letter else None
    concerned = (
        Participant.objects.filter(withdrawn_at=None, session__in=sessions)
        .of_meeting(meeting)
        .select_related("registration__municipality")
        .order_by("pk")
    )
    contacts: dict[str, Contact] = {}
    for participant in concerned:
        registration = participant.registration
        contact = contacts.setdefault(registration.contact_email.casefold(), Contact(registration))
        (contact.written_to if participant.email else contact.without_email).append(participant)
    people = [participant for participant in concerned if participant.email]
    return CancellationPlan(
        sessions=sessions,
        participants=[participant for participant in people if participant.waitlisted_at is None],
        waitlisted=[participant for participant in people if participant.waitlisted_at],
        contacts=[contact for contact in contacts.values() if contact.has_others],
        dispatches=mailboxes_to_tell(meeting, recipients),
        letter_mails=recipients.mailboxes if recipients else 0,
    )


def cancel_meeting(
    meeting: Meeting, *, letter: Letter | None = None, at: datetime, by: User
) -> CancellationPlan | None:
    """Cancel the meeting, send its letter and owe the mails that follow, all or nothing.

    Letters that wait for their time are called off, and what participants need is deleted. The history says
    who did it.

    Args:
        letter: the draft of the letter that the offices get; without one, those of municipalities that have
            not answered get a plain mail.
        at: the time it is cancelled, aware.
        by: who pressed the button.

    Returns:
        Who is told; None where it was cancelled before, which tells nobody twice.

    Raises:
        ValidationError: it is a draft, or the letter cannot be sent. Nothing has been done then.
    """
    with transaction.atomic():
        # Who is registering waits and is then refused, or is done and is told.
        meeting.lock()
        if not meeting.cancel(at=at):
            return None
        recall_of_meeting(meeting, at=at)
        erase_of_meeting(meeting)
        for waiting in letters_to_call_off(meeting):
            waiting.call_off()
        draft = _draft(meeting, letter) if letter else None
        plan = plan_cancellation(meeting, letter=draft, at=at)
        if draft and plan.sessions:
            plan = replace(plan, letter_mails=dispatch(draft, at=at, by=by))
        OutgoingEmail.objects.owe(_mails(meeting, plan, at), at=at)
        _log(meeting, draft, plan, by)
    return plan


def letters_to_call_off(meeting: Meeting) -> QuerySet[Letter]:
    """The meeting's letters that wait for their time: they become drafts again."""
    return Letter.objects.filter(meeting=meeting, sent_at=None, send_at__isnull=False)


def _draft(meeting: Meeting, letter: Letter) -> Letter:
    """The letter as it is by now, called off where it waited for its time."""
    drafts = Letter.objects.select_related("meeting__policy_area").filter(
        meeting=meeting, kind=Letter.Kind.CANCELLATION
    )
    if draft := drafts.filter(pk=letter.pk).first():
        return draft
    raise ValidationError(_("The letter is not there any more."), code="no_letter")


def mailboxes_to_tell(meeting: Meeting, recipients: DispatchPlan | None) -> list[Dispatch]:
    """The mailboxes that have got a letter and are to get a plain mail; none has been told by letter."""
    dispatches = Dispatch.objects.filter(invitation__meeting=meeting)
    told = dispatches.filter(letter__kind=Letter.Kind.CANCELLATION)
    offices: set[int | None] = set()
    mailboxes: set[tuple[int, str]] = set()
    for office_id, municipality_id, mailbox in told.values_list(
        "office_id", "invitation__municipality_id", "mailbox"
    ):
        offices.add(office_id)
        mailboxes.add((municipality_id, mailbox.casefold()))
    if recipients is None:
        # Those who got the letter for orientation have the date in their calendar as well.
        dispatches = dispatches.filter(invitation__in=silent_invitations(meeting))
    found: dict[tuple[int, str], Dispatch] = {}
    for sent in dispatches.select_related("invitation__municipality").order_by("pk"):
        key = (sent.invitation.municipality_id, sent.mailbox.casefold())
        if recipients and recipients.reaches(*key, sent.office_id):
            continue
        if key not in mailboxes and (sent.office_id is None or sent.office_id not in offices):
            found.setdefault(key, sent)
    return list(found.values())


def _log(meeting: Meeting, letter: Letter | None, plan: CancellationPlan, by: User) -> None:
    message = ngettext(
        "Cancelled the meeting (%(count)d mail).", "Cancelled the meeting (%(count)d mails).", plan.mails
    ) % {"count": plan.mails}
    record(meeting, message, by=by)
    if letter and plan.letter_mails:
        message = ngettext("Sent as %(count)d mail.", "Sent as %(count)d mails.", plan.letter_mails) % {
            "count": plan.letter_mails
        }
        record(letter, message, by=by)


def _mails(meeting: Meeting, plan: CancellationPlan, at: datetime) -> Iterator[Mail]:
    mails = CancellationMails(meeting, plan.sessions, at=at)
    yield from mails.to_participants([*plan.participants, *plan.waitlisted])
    yield from mails.to_contacts(plan.contacts)
    yield from mails.to_mailboxes(plan.dispatches)
