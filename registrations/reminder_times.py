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
    format_clock,
    format_weekday_day_and_month,
    is_working_day,
    working_day_on_or_before,
)
from invitations.models import Session

MORNING = time(8)
EVENING = time(18)


@dataclass(frozen=True)
class DeadlineReminder:
    """The reminder `days` before the deadline: answers are taken until `until`, `last_day` included."""

    days: int
    due_at: datetime
    until: datetime
    last_day: date

    @property
    def deadline(self) -> str:
        """`fredag den 8. marts`, or with a clock time `fredag den 8. marts kl. 12.00`."""
        day = format_weekday_day_and_month(self.last_day)
        clock = self.until.astimezone(COPENHAGEN).time()
        return day if clock == time.min else f"{day} kl. {format_clock(clock)}"


def deadline_reminder(
    sessions: Iterable[Session], days_before: Iterable[int], *, at: datetime
) -> DeadlineReminder | None:
    """The reminder that those who have not answered should have got by `at` (aware), if it is of use now.

    The days count back from the last day on which one of the `sessions` takes answers; where that is no
    working day, the reminder falls due on the working day before. Of several that are due only the last is
    of use. One that was missed is made up for on the next working day; the last one on any working day
    until the deadline.
    """
    until = max((session.answers_until() for session in sessions), default=None)
    if until is None or at >= until or not _is_office_hour(at):
        return None
    # A date without a time ends at midnight, which is the day after.
    last_day = (until.astimezone(COPENHAGEN) - timedelta(microseconds=1)).date()
    reminders = [
        DeadlineReminder(
            days, _morning(working_day_on_or_before(last_day - timedelta(days=days))), until, last_day
        )
        for days in sorted(days_before, reverse=True)
    ]
    due = [reminder for reminder in reminders if reminder.due_at <= at]
    if not due:
        return None
    is_last = due[-1] is reminders[-1]
    return due[-1] if is_last or _working_days_since(due[-1].due_at, at) <= 1 else None


def meeting_reminder_due_at(session: Session, *, at: datetime) -> datetime | None:
    """Since when the participants of `session` are owed its reminder; None where it is of no use now.

    It falls due on the day before, or on the working day before that: on Friday for a meeting on Monday. A
    late one is of use until the session starts, weekends included, since those who come have asked to be
    told.
    """
    due_at = _morning(working_day_on_or_before(session.starts_date - timedelta(days=1)))
    return due_at if due_at <= at < session.starts.start() and _is_day(at) else None


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, tzinfo=COPENHAGEN)


def _is_day(at: datetime) -> bool:
    return MORNING <= at.astimezone(COPENHAGEN).time() < EVENING


def _is_office_hour(at: datetime) -> bool:
    return _is_day(at) and is_working_day(at.astimezone(COPENHAGEN).date())


def _working_days_since(due_at: datetime, at: datetime) -> int:
    """How many working days have begun after the day of `due_at`."""
    first, last = due_at.date(), at.astimezone(COPENHAGEN).date()
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(is_working_day(day) for day in days)
