"""A line of the calendar of reminders: what has become of one, or will, and who gets it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy, ngettext

from invitations.models import OutgoingEmail
from registrations.names_reminders import Contacts
from registrations.reminder_recipients import Recipients
from registrations.reminder_times import DeadlineReminder, MeetingReminder, Reminder
from registrations.reminders import Hold
from registrations.reminding import HOLDS

State = OutgoingEmail.State


class EntryState(TextChoices):
    """What has become of a reminder, or will."""

    SENT = "sent", gettext_lazy("sent")
    DUE = "due", gettext_lazy("on its way")
    COMING = "coming", gettext_lazy("coming")
    HELD = "not-sent", gettext_lazy("is not sent")
    MISSED = "missed", gettext_lazy("was not sent")


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The mails of a reminder that have been owed, and when they left."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def total(self) -> int:
        return self.sent + self.waiting + self.failed


@dataclass(frozen=True)
class People:
    """Participants by municipality, in Danish order and guests last.

    Attributes:
        left_out: why some are not reminded, and how many.
    """

    by_municipality: Sequence[tuple[str, int]]
    left_out: Sequence[tuple[str, int]]

    @property
    def total(self) -> int:
        return sum(count for _name, count in self.by_municipality)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the calendar.

    Attributes:
        at: where it stands: when the reminder falls due, or when it left.
        name: how the page of its mail calls it; empty for what is past and gone.
        why: a sentence that says more about the state.
        goes_out_at: when it is sent next; None where it is not.
        is_of_names: whether it asks for names, rather than for an answer.
        recipients, contacts, people: those who get it then, as of now.
    """

    at: datetime
    state: EntryState
    name: str = ""
    reminder: Reminder | None = None
    deadline: DeadlineReminder | None = None
    session: MeetingReminder | None = None
    by_hand: bool = False
    is_of_names: bool = False
    tally: Tally = Tally()
    why: str = ""
    goes_out_at: datetime | None = None
    recipients: Recipients | None = None
    contacts: Contacts | None = None
    people: People | None = None


def name_of(reminder: DeadlineReminder) -> str:
    """How the page of the mail calls a reminder of the deadline."""
    of_own = f"-{reminder.deadline.stamp}" if reminder.invitation else ""
    return f"deadline-{reminder.days}{of_own}"


def name_of_names(reminder: DeadlineReminder) -> str:
    """The same of a reminder of names."""
    return f"names-{reminder.days}-{reminder.deadline.stamp}"


def fate_of(
    reminder: Reminder,
    tally: Tally,
    *,
    at: datetime,
    hold: Hold | None,
    has_recipients: bool,
    why_missed: Callable[[], str],
    nobody: str,
) -> tuple[EntryState, str]:
    """What becomes of `reminder` as of `at` (aware), and a sentence that says more.

    Args:
        hold: why it is held where it still goes out.
        has_recipients: whether somebody gets it then, as of now.
        why_missed: says why it never went out; asked only then.
        nobody: that nobody gets it, where that is so.
    """
    if reminder.overtaken_by:
        return EntryState.HELD, _overtaken(reminder.overtaken_by)
    if reminder.is_over(at):
        return (sent_state(tally), "") if tally.total else (EntryState.MISSED, why_missed())
    if hold:
        return EntryState.HELD, str(HOLDS[hold])
    if has_recipients:
        return _going(reminder, at), ""
    return (sent_state(tally), "") if tally.total else (EntryState.HELD, nobody)


def sent_state(tally: Tally) -> EntryState:
    """What has become of a reminder whose mails have been owed."""
    return EntryState.SENT if tally.sent or tally.failed else EntryState.DUE


def _going(reminder: Reminder, at: datetime) -> EntryState:
    return EntryState.DUE if reminder.due_at <= at else EntryState.COMING


def _overtaken(days: int) -> str:
    return ngettext(
        "It falls on the same or the previous working day as the one %(count)d day before the deadline. "
        "Only that one is sent.",
        "It falls on the same or the previous working day as the one %(count)d days before the deadline. "
        "Only that one is sent.",
        days,
    ) % {"count": days}


def tally_of(mails: Iterable[tuple[str, datetime | None]]) -> Tally:
    """Count mails, each with its state and when it was sent."""
    mails = list(mails)
    states = Counter(state for state, _sent_at in mails)
    times = [sent_at for _state, sent_at in mails if sent_at]
    return Tally(
        sent=states[State.SENT],
        waiting=states[State.OWED] + states[State.SENDING],
        failed=states[State.FAILED],
        first_at=min(times, default=None),
        last_at=max(times, default=None),
    )
