"""When a reminder falls due, and until when it is of use. Knows no mail and asks the database nothing.

Reminders fall due at 8.00 in Copenhagen. What was missed, because the program or the mail server stood
still, is made up for by day, as long as it is of use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from invitations.danish import (
    COPENHAGEN,
    Moment,
    format_clock,
    format_weekday_day_and_month,
    is_working_day,
    working_day_on_or_before,
)
from invitations.models import Invitation, Session
from invitations.working_days import working_day_after
from registrations.availability import answers_until

MORNING = time(8)
EVENING = time(18)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Deadline:
    """Until when a meeting takes answers: until the instant `until`, `last_day` included."""

    until: datetime
    last_day: date

    @classmethod
    def at(cls, until: datetime) -> Deadline:
        """The deadline that ends at the instant `until` (aware)."""
        # A date without a time ends at midnight, which is the day after.
        return cls(until, (until.astimezone(COPENHAGEN) - timedelta(microseconds=1)).date())

    @property
    def stamp(self) -> str:
        """What tells it from others in an address."""
        return self.until.astimezone(COPENHAGEN).strftime("%Y%m%d%H%M")

    @property
    def moment(self) -> Moment:
        """The day, and the clock time where it is not midnight."""
        clock = self.until.astimezone(COPENHAGEN).time()
        return Moment(self.last_day, None if clock == time.min else clock)

    @property
    def words(self) -> str:
        """`fredag den 8. marts`, or with a clock time `fredag den 8. marts kl. 12.00`."""
        day, clock = format_weekday_day_and_month(self.last_day), self.moment.time
        return day if clock is None else f"{day} kl. {format_clock(clock)}"

    def is_on(self, at: datetime) -> bool:
        """Whether `at` (aware) is on the last day."""
        return at.astimezone(COPENHAGEN).date() == self.last_day


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """Something that is sent by itself.

    Attributes:
        wanted_on: the day that was asked for.
        due_at: when it falls due: in the morning of that day, or of the working day before it.
        ends_at: from when on it is of no use any more.
        overtaken_by: how many days before the deadline that one is which goes out in this one's stead, since
            it falls due on the same or on the next working day; None where none does.
    """

    wanted_on: date
    due_at: datetime
    ends_at: datetime
    overtaken_by: int | None = None

    @property
    def is_moved(self) -> bool:
        """Whether it falls due on another day than was asked for, since that is no working day."""
        return self.due_at.date() != self.wanted_on

    def goes_out_on(self, day: date) -> bool:
        """Whether one that is late goes out on `day`."""
        return is_working_day(day)

    def next_use(self, at: datetime) -> datetime | None:
        """When it goes out, asked for from `at` (aware) on: at once, in the next morning, or never again."""
        moment = max(at, self.due_at).astimezone(COPENHAGEN)
        day, clock = moment.date(), moment.time()
        if clock >= EVENING:
            day, clock = day + DAY, time.min
        while not self.goes_out_on(day):
            day, clock = day + DAY, time.min
        if (day, clock) != (moment.date(), moment.time()) or clock < MORNING:
            moment = _morning(day)
        return moment if moment < self.ends_at else None

    def is_of_use(self, at: datetime) -> bool:
        """Whether those who lack it are owed it at `at` (aware)."""
        return self.next_use(at) == at

    def is_over(self, at: datetime) -> bool:
        """Whether it is of no use any more from `at` (aware) on."""
        return self.next_use(at) is None


@dataclass(frozen=True, kw_only=True)
class DeadlineReminder(Reminder):
    """The reminder `days` before the deadline, for those who have not answered or have names to tell.

    Attributes:
        invitation: one of those who have `deadline` as their own; None where it is everybody's.
        counts_from: who has been reminded since then has had this one. It is the closing time two working
            days before, so that what was sent in the weekend counts as sent on Monday.
        is_last: none follows.
    """

    days: int
    deadline: Deadline
    counts_from: datetime
    is_last: bool
    invitation: Invitation | None = None


@dataclass(frozen=True, kw_only=True)
class MeetingReminder(Reminder):
    """The reminder of `session`, for those who take part in it."""

    session: Session

    def goes_out_on(self, day: date) -> bool:
        # Weekends included, since those who come have asked to be told.
        return True


def deadline_of(sessions: Iterable[Session], invitation: Invitation | None = None) -> Deadline | None:
    """The last instant at which one of the `sessions` takes answers.

    Args:
        invitation: of the municipality that is asked about, which may have a later deadline of its own.
    """
    until = max((answers_until(session, invitation) for session in sessions), default=None)
    return Deadline.at(until) if until else None


def deadline_reminders(sessions: Iterable[Session], days_before: Iterable[int]) -> list[DeadlineReminder]:
    """The reminders of the deadline that holds for all, in the order in which they fall due; see
    `reminders_before`.
    """
    deadline = deadline_of(sessions)
    return reminders_before(deadline, days_before) if deadline else []


def reminders_before(
    deadline: Deadline, days_before: Iterable[int], *, invitation: Invitation | None = None
) -> list[DeadlineReminder]:
    """The reminders of `deadline` in the order in which they fall due.

    The days count back from its last day; where that is no working day, the reminder falls due on the working
    day before. Nobody gets two on one working day or on two in a row: the later one goes out then. One that
    was missed is made up for on the next working day, unless another is near; the last one on any working day
    until the deadline.

    Args:
        invitation: one of those who have it as their own; None where it is everybody's.
    """
    reminders: list[DeadlineReminder] = []
    next_one: DeadlineReminder | None = None
    for days in sorted(set(days_before)):
        wanted_on = deadline.last_day - timedelta(days=days)
        due_on = working_day_on_or_before(wanted_on)
        ends_at = deadline.until
        overtaken_by = None
        if next_one:
            ends_at = min(next_one.counts_from, _at(working_day_after(due_on), EVENING))
            overtaken_by = next_one.days if ends_at <= _morning(due_on) else None
        reminder = DeadlineReminder(
            days=days,
            deadline=deadline,
            wanted_on=wanted_on,
            due_at=_morning(due_on),
            ends_at=ends_at,
            counts_from=_at(_working_day_before(_working_day_before(due_on)), EVENING),
            is_last=not reminders,
            overtaken_by=overtaken_by,
            invitation=invitation,
        )
        reminders.append(reminder)
        next_one = next_one if overtaken_by else reminder
    return reminders[::-1]


def meeting_reminder(session: Session) -> MeetingReminder:
    """The reminder of `session`.

    It falls due on the day before, or on the working day before that: on Friday for a meeting on Monday. A
    late one is of use until the session starts.
    """
    wanted_on = session.starts_date - DAY
    return MeetingReminder(
        session=session,
        wanted_on=wanted_on,
        due_at=_morning(working_day_on_or_before(wanted_on)),
        ends_at=session.starts.start(),
    )


def _working_day_before(day: date) -> date:
    return working_day_on_or_before(day - DAY)


def _morning(day: date) -> datetime:
    return _at(day, MORNING)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=COPENHAGEN)
