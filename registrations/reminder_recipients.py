"""Who gets a reminder, and who does not and why: asked by what sends it and by the page that announces it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, TextChoices, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from invitations.letter_mails import ASKING
from invitations.models import Dispatch, Invitation, Meeting, Municipality, OutgoingEmail
from registrations.ledger import silent_invitations
from registrations.ledger_counts import unmatched_of
from registrations.models import Decline, Participant
from registrations.reminder_keys import (
    OwedReminder,
    meeting_prefix,
    reason_of,
    reminders_of_deadline_owed,
    session_suffix,
)
from registrations.reminder_times import (
    Deadline,
    DeadlineReminder,
    MeetingReminder,
    deadline_of,
    reminders_before,
)

State = OutgoingEmail.State

# A mailbox that was first asked less than this before a reminder falls due does not get it.
TIME_TO_ANSWER = timedelta(days=3)


class LeftOut(TextChoices):
    """Why a municipality, or one of its mailboxes, is not reminded of the deadline."""

    HOST = "host", _("host municipality")
    REGISTERED = "registered", _("registered")
    DECLINED = "declined", _("declined")
    UNMATCHED = "unmatched", _("a registration waits to be matched")
    OWN_DEADLINE = "own_deadline", _("has a later deadline of its own")
    NOT_ASKED = "not_asked", _("no letter that asks for an answer has been sent")
    ORIENTATION = "orientation", _("got the letter for orientation only")
    LETTER_WAITS = "letter_waits", _("the letter has not left the outbox yet")
    JUST_ASKED = "just_asked", _("got the letter less than 3 days before")
    JUST_REMINDED = "just_reminded", _("was reminded on the same or the previous working day, or since")


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """An address that a letter about the meeting was sent to, on behalf of one municipality.

    Attributes:
        dispatch: the first letter to it, of those that ask for an answer where there is one.
        asked_first_at, asked_last_at: when those letters went to it; None where none has left yet.
        reminded_at: when it was last reminded of the deadline.
    """

    dispatch: Dispatch
    asked_first_at: datetime | None
    asked_last_at: datetime | None
    reminded_at: datetime | None

    @property
    def municipality(self) -> Municipality:
        return self.dispatch.invitation.municipality

    @property
    def address(self) -> str:
        return self.dispatch.mailbox

    def left_out(self, reminder: DeadlineReminder) -> LeftOut | None:
        """Why `reminder` does not go to it, although its municipality has not answered."""
        if not is_letter_to_answer(self.dispatch):
            return LeftOut.NOT_ASKED
        if self.dispatch.for_orientation:
            return LeftOut.ORIENTATION
        if self.asked_first_at is None:
            return LeftOut.LETTER_WAITS
        if self.asked_first_at > reminder.due_at - TIME_TO_ANSWER:
            return LeftOut.JUST_ASKED
        if self.reminded_at and self.reminded_at >= reminder.counts_from:
            return LeftOut.JUST_REMINDED
        return None


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """An invited municipality and its mailboxes.

    Attributes:
        deadline: the one that holds for it, its own where that is later; None where the meeting has no date.
        left_out: why none of its mailboxes is reminded.
    """

    municipality: Municipality
    deadline: Deadline | None
    mailboxes: Sequence[Mailbox]
    left_out: LeftOut | None

    @property
    def asked(self) -> list[Mailbox]:
        """The mailboxes that have been asked for an answer."""
        return [mailbox for mailbox in self.mailboxes if mailbox.asked_first_at]


@dataclass(frozen=True)
class Recipients:
    """Of one reminder: the mailboxes that get it, and the others by the reason why they do not."""

    mailboxes: Sequence[Mailbox]
    left_out: Mapping[LeftOut, Sequence[Addressee]]


class Addressees:
    """The invited municipalities of a meeting in Danish order, as they stand at `at` (aware).

    Reads the database once, by a number of queries that does not grow.
    """

    def __init__(self, meeting: Meeting, *, at: datetime) -> None:
        self.meeting = meeting
        self._mails = reminders_of_deadline_owed(meeting)
        self._sessions = list(meeting.sessions.all())
        self._general = deadline_of(self._sessions)
        self._deadlines: dict[str, Deadline | None] = {}
        self._reasons_by_deadline: dict[Deadline, set[str]] = {}
        self._answered, self._spared = set[str](), set[str]()
        self.all = self._addressees(at)

    def recipients(self, reminder: DeadlineReminder) -> Recipients:
        """Who gets `reminder`, as far as is known now."""
        wanted: list[Mailbox] = []
        left_out: dict[LeftOut, list[Addressee]] = {}
        for addressee in self.all:
            has_another = addressee.deadline != reminder.deadline
            if has_another and reminder.invitation:
                # Of a few municipalities' own deadline the others are not told, nor that they are not.
                continue
            if why_not := addressee.left_out or (LeftOut.OWN_DEADLINE if has_another else None):
                left_out.setdefault(why_not, []).append(addressee)
                continue
            others: dict[LeftOut, list[Mailbox]] = {}
            for mailbox in addressee.mailboxes:
                if why := mailbox.left_out(reminder):
                    others.setdefault(why, []).append(mailbox)
                else:
                    wanted.append(mailbox)
            for why, mailboxes in others.items():
                part = replace(addressee, mailboxes=mailboxes, left_out=why)
                left_out.setdefault(why, []).append(part)
        return Recipients(wanted, {why: left_out[why] for why in LeftOut if why in left_out})

    def silent(self) -> list[Addressee]:
        """Those that staff may remind by hand: asked, and without an answer; hosts included."""
        return [
            addressee
            for addressee in self.all
            if addressee.left_out in (None, LeftOut.HOST) and addressee.asked
        ]

    def mails(self, *, at: datetime) -> list[OwedReminder]:
        """The reminders that have been owed, without those that will not leave any more."""
        return [mail for mail in self._mails if self._is_alive(mail, at)]

    def given_up(self, *, at: datetime) -> list[int]:
        """The ids of the mails that will not leave any more, or that must not."""
        return [mail.pk for mail in self._mails if not self._is_alive(mail, at)]

    def _is_alive(self, mail: OwedReminder, at: datetime) -> bool:
        if (settled := mail.has_settled(at)) is not None:
            return settled
        code = mail.mailbox[0]
        deadline = self._deadlines.get(code, self._general)
        if deadline is None:
            return False
        if mail.is_by_hand:
            return mail.of_use_until == deadline.until and code not in self._answered
        return mail.reason in self._reasons(deadline) and code not in self._spared

    def _reasons(self, deadline: Deadline) -> set[str]:
        """What the keys of the reminders of `deadline` end with."""
        if deadline not in self._reasons_by_deadline:
            reminders = reminders_before(deadline, self.meeting.reminder_days)
            self._reasons_by_deadline[deadline] = {reason_of(reminder) for reminder in reminders}
        return self._reasons_by_deadline[deadline]

    def _addressees(self, at: datetime) -> list[Addressee]:
        meeting = self.meeting
        silent = set(silent_invitations(meeting).order_by().values_list("municipality", flat=True))
        unmatched = unmatched_of(meeting)
        declined = set(
            Decline.objects.filter(meeting=meeting, undone_at=None).values_list("municipality", flat=True)
        )
        hosts = set(meeting.hosts.values_list("pk", flat=True))
        invitations = Invitation.objects.filter(meeting=meeting).select_related("municipality")
        ordered = list(invitations.order_by("municipality__sort_key"))

        def left_out(municipality: Municipality, *, asked: bool) -> LeftOut | None:
            for holds, why in (
                (municipality.pk in declined, LeftOut.DECLINED),
                (municipality.pk not in silent, LeftOut.REGISTERED),
                (unmatched[municipality.pk], LeftOut.UNMATCHED),
                (municipality.pk in hosts, LeftOut.HOST),
                (not asked, LeftOut.NOT_ASKED),
            ):
                if holds:
                    return why
            return None

        # Known before their mailboxes are, since a reminder that waits for them will not leave.
        for invitation in ordered:
            self._deadlines[invitation.municipality.code] = (
                deadline_of(self._sessions, invitation) if invitation.deadline_date else self._general
            )
            if why := left_out(invitation.municipality, asked=True):
                self._spared.add(invitation.municipality.code)
                if why != LeftOut.HOST:
                    self._answered.add(invitation.municipality.code)
        mailboxes = self._mailboxes(at)
        return [
            Addressee(
                municipality=invitation.municipality,
                deadline=self._deadlines[invitation.municipality.code],
                mailboxes=(own := mailboxes.get(invitation.pk, [])),
                left_out=left_out(
                    invitation.municipality,
                    asked=any(is_letter_to_answer(mailbox.dispatch) for mailbox in own),
                ),
            )
            for invitation in ordered
        ]

    def _mailboxes(self, at: datetime) -> dict[int, list[Mailbox]]:
        """By invitation the addresses that letters were sent to."""
        reminded: dict[tuple[str, str], datetime] = {}
        for mail in self.mails(at=at):
            last = mail.sent_at or mail.owed_at
            reminded[mail.mailbox] = max(last, reminded.get(mail.mailbox, last))
        dispatches: dict[tuple[int, str], list[Dispatch]] = {}
        for dispatch in (
            Dispatch.objects.filter(invitation__meeting=self.meeting)
            .select_related("letter", "invitation__municipality", "email")
            .only(
                *("office_name", "mailbox", "for_orientation", "dispatched_at"),
                *("letter__kind", "invitation__token", "invitation__municipality"),
                *("email__state", "email__owed_at", "email__sent_at", "email__last_error"),
            )
            .order_by("pk")
        ):
            mailbox = dispatch.invitation_id, dispatch.mailbox.casefold()
            dispatches.setdefault(mailbox, []).append(dispatch)
        mailboxes: dict[int, list[Mailbox]] = {}
        for (invitation, address), letters in dispatches.items():
            asking = [dispatch for dispatch in letters if is_asking(dispatch)]
            times = sorted(filter(None, map(left_at, asking)))
            first = (asking or letters)[0]
            mailboxes.setdefault(invitation, []).append(
                Mailbox(
                    dispatch=first,
                    asked_first_at=times[0] if times else None,
                    asked_last_at=times[-1] if times else None,
                    reminded_at=reminded.get((first.invitation.municipality.code, address)),
                )
            )
        return mailboxes


def is_letter_to_answer(dispatch: Dispatch) -> bool:
    return dispatch.letter.kind in ASKING


def is_asking(dispatch: Dispatch) -> bool:
    """Whether the letter asks this mailbox for an answer."""
    return is_letter_to_answer(dispatch) and not dispatch.for_orientation


def left_at(dispatch: Dispatch) -> datetime | None:
    """When the letter went to the mailbox; None while the mail server does not take it."""
    mail = dispatch.email
    if mail is None:
        # The municipality's own copy is being made.
        return dispatch.dispatched_at
    if mail.state in (State.OWED, State.SENDING) and mail.last_error:
        return None
    return max(dispatch.dispatched_at, mail.sent_at or mail.owed_at)


# Participants.


def expected(reminder: MeetingReminder) -> QuerySet[Participant]:
    """Those who are reminded of their session: who signed up, or got a place from the waiting list, after it
    was due has just got the invitation.
    """
    knew = Q(registration__registered_at__lt=reminder.due_at)
    had_a_place = Q(moved_up_at=None) | Q(moved_up_at__lt=reminder.due_at)
    return Participant.objects.active().with_email().filter(knew & had_a_place, session=reminder.session)


def not_reminded(reminder: MeetingReminder, *, at: datetime) -> QuerySet[Participant]:
    """Those of the `expected` to whom none has been owed by `at` (aware), or none that still leaves."""
    prefix, suffix = meeting_prefix(reminder.session.meeting), session_suffix(reminder)
    alive = OutgoingEmail.objects.filter(key=OuterRef("reminder_key")).exclude(_is_given_up(reminder, at))
    keyed = expected(reminder).annotate(
        reminder_key=Concat(Value(prefix), Cast("pk", CharField()), Value(suffix))
    )
    return keyed.exclude(Exists(alive))


def _is_given_up(reminder: MeetingReminder, at: datetime) -> Q:
    waits_in_vain = Q(of_use_until__lte=at) | ~Q(of_use_until=reminder.ends_at)
    return Q(state=State.DROPPED) | Q(state=State.OWED) & waits_in_vain
