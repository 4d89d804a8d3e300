from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, Session
from registrations.reminder_times import DeadlineReminder, deadline_reminders, meeting_reminder


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


def deadline_reminder(
    sessions: list[Session], days_before: list[int], *, at: datetime
) -> DeadlineReminder | None:
    """The reminder that is of use at the moment `at`: there is never more than one."""
    of_use = [reminder for reminder in deadline_reminders(sessions, days_before) if reminder.is_of_use(at)]
    assert len(of_use) <= 1
    return of_use[0] if of_use else None


def meeting_reminder_due_at(session: Session, *, at: datetime) -> datetime | None:
    reminder = meeting_reminder(session)
    return reminder.due_at if reminder.is_of_use(at) else None


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def session(
    starts: str = "2027-04-15", clock: time | None = time(17), *, meeting_deadline: str = "", own: str = ""
) -> Session:
    meeting = Meeting(
        registration_deadline_date=date.fromisoformat(meeting_deadline) if meeting_deadline else None
    )
    return Session(
        meeting=meeting,
        starts_date=date.fromisoformat(starts),
        starts_time=clock,
        registration_deadline_date=day(own),
    )


@pytest.mark.parametrize(
    ("now", "days"),
    [
        ("2027-02-18 12:00", None),
        ("2027-02-19 07:59", None),
        ("2027-02-19 08:00", 14),
        ("2027-02-19 17:59", 14),
        # Missed on Friday: not in the evening, not in the weekend, but on Monday.
        ("2027-02-19 18:00", None),
        ("2027-02-20 10:00", None),
        ("2027-02-21 10:00", None),
        ("2027-02-22 07:59", None),
        ("2027-02-22 08:00", 14),
        # Another one follows, so this one is left out when it is later than that.
        ("2027-02-23 08:00", None),
        ("2027-03-01 10:00", None),
        ("2027-03-02 07:59", None),
        ("2027-03-02 08:00", 3),
        # None follows: of use until the deadline.
        ("2027-03-04 10:00", 3),
        ("2027-03-05 17:59", 3),
        ("2027-03-05 18:00", None),
        ("2027-03-06 00:00", None),
        ("2027-03-08 10:00", None),
    ],
)
def test_the_silent_are_reminded_14_and_3_days_before_the_deadline(now: str, days: int | None) -> None:
    reminder = deadline_reminder([session(meeting_deadline="2027-03-05")], [3, 14], at=at(now))

    assert (reminder and reminder.days) == days


@pytest.mark.parametrize(
    ("deadline", "days", "due"),
    [
        ("2027-03-08", 1, "2027-03-05 08:00"),  # Sunday: on Friday
        ("2027-03-30", 1, "2027-03-24 08:00"),  # Easter Monday: on the Wednesday before Easter
        ("2027-05-04", 3, "2027-04-30 08:00"),  # 1 May
        ("2027-06-07", 2, "2027-06-04 08:00"),  # 5 June, Grundlovsdag
        ("2027-12-27", 3, "2027-12-23 08:00"),  # Christmas Eve
        ("2027-04-24", 1, "2027-04-23 08:00"),  # a working day since store bededag was abolished
    ],
)
def test_a_reminder_falls_due_on_the_working_day_before_a_day_off(deadline: str, days: int, due: str) -> None:
    sessions = [session("2027-12-30", meeting_deadline=deadline)]

    reminder = deadline_reminder(sessions, [days], at=at(due))

    assert reminder is not None
    assert reminder.due_at == at(due)


@pytest.mark.parametrize(
    ("deadline", "first_minute"),
    [
        ("2027-10-30", datetime(2027, 10, 29, 6, 0, tzinfo=UTC)),
        ("2027-11-02", datetime(2027, 11, 1, 7, 0, tzinfo=UTC)),
        ("2027-03-23", datetime(2027, 3, 22, 7, 0, tzinfo=UTC)),
        ("2027-03-31", datetime(2027, 3, 30, 6, 0, tzinfo=UTC)),
    ],
)
def test_eight_o_clock_is_that_of_copenhagen_in_summer_and_winter(
    deadline: str, first_minute: datetime
) -> None:
    sessions = [session("2027-12-01", meeting_deadline=deadline)]

    reminder = deadline_reminder(sessions, [1], at=first_minute)

    assert reminder is not None
    assert reminder.due_at == first_minute


def test_the_days_count_back_from_the_latest_deadline_of_the_sessions() -> None:
    sessions = [
        session("2027-04-15", own="2027-03-05"),
        session("2027-04-16", own="2027-03-12"),
        session("2027-04-17", meeting_deadline="2027-03-08"),
    ]

    reminder = deadline_reminder(sessions, [1], at=at("2027-03-11 08:00"))

    assert reminder is not None
    assert (reminder.deadline.last_day, reminder.deadline.words) == (
        date(2027, 3, 12),
        "fredag den 12. marts",
    )


def test_a_deadline_with_a_clock_time_ends_the_use_of_its_reminder() -> None:
    one = session(own="2027-03-05")
    one.registration_deadline_time = time(12, 0)

    before = deadline_reminder([one], [1], at=at("2027-03-05 11:59"))
    after = deadline_reminder([one], [1], at=at("2027-03-05 12:00"))

    assert before is not None
    assert (before.deadline.words, after) == ("fredag den 5. marts kl. 12.00", None)


@pytest.mark.parametrize(
    ("clock", "last_day", "words"),
    [
        (time(17, 0), date(2027, 4, 15), "torsdag den 15. april kl. 17.00"),
        # Answers are taken until the day begins.
        (None, date(2027, 4, 14), "onsdag den 14. april"),
    ],
)
def test_without_a_deadline_the_days_count_back_from_the_start(
    clock: time | None, last_day: date, words: str
) -> None:
    reminder = deadline_reminder([session("2027-04-15", clock)], [2], at=at("2027-04-13 08:00"))

    assert reminder is not None
    assert (reminder.deadline.last_day, reminder.deadline.words) == (last_day, words)


def test_two_that_fall_on_the_same_day_are_one() -> None:
    # Monday; three days before is Friday, two days before is Saturday, hence Friday too.
    reminder = deadline_reminder([session(meeting_deadline="2027-03-08")], [3, 2], at=at("2027-03-05 08:00"))

    assert reminder is not None
    assert reminder.days == 2


def test_a_meeting_without_reminders_or_without_sessions_has_none() -> None:
    now = at("2027-03-04 08:00")

    assert deadline_reminder([session(meeting_deadline="2027-03-05")], [], at=now) is None
    assert deadline_reminder([], [14, 3], at=now) is None


@pytest.mark.parametrize(
    ("starts", "now", "due"),
    [
        ("2027-04-15", "2027-04-14 07:59", None),
        ("2027-04-15", "2027-04-14 08:00", "2027-04-14 08:00"),
        # Late: not at night, but on the day itself until the meeting starts.
        ("2027-04-15", "2027-04-14 18:00", None),
        ("2027-04-15", "2027-04-15 16:59", "2027-04-14 08:00"),
        ("2027-04-15", "2027-04-15 17:00", None),
        # For a Monday on Friday; late also in the weekend.
        ("2027-04-19", "2027-04-16 08:00", "2027-04-16 08:00"),
        ("2027-04-19", "2027-04-18 10:00", "2027-04-16 08:00"),
        # After Easter on the Wednesday before it.
        ("2027-03-30", "2027-03-24 08:00", "2027-03-24 08:00"),
    ],
)
def test_participants_are_reminded_on_the_working_day_before(starts: str, now: str, due: str | None) -> None:
    assert meeting_reminder_due_at(session(starts), at=at(now)) == (at(due) if due else None)


def test_a_session_without_a_clock_time_is_not_reminded_of_once_its_day_has_begun() -> None:
    assert meeting_reminder_due_at(session("2027-04-15", None), at=at("2027-04-15 08:00")) is None


@pytest.mark.parametrize(
    ("days", "sent"),
    [
        # The deadline is a Friday. Two in a row are one: the later.
        ([3, 2, 1], ["2027-03-02 08:00", "2027-03-04 08:00"]),
        ([2, 1], ["2027-03-04 08:00"]),
        ([4, 2], ["2027-03-01 08:00", "2027-03-03 08:00"]),
        # Friday and Monday are in a row as well; Thursday and Monday are not.
        ([7, 4], ["2027-03-01 08:00"]),
        ([8, 4], ["2027-02-25 08:00", "2027-03-01 08:00"]),
        # Saturday and Sunday are the Friday.
        ([6, 5, 1], ["2027-02-26 08:00", "2027-03-04 08:00"]),
    ],
)
def test_of_two_on_one_working_day_or_on_two_in_a_row_the_later_goes_out(
    days: list[int], sent: list[str]
) -> None:
    reminders = deadline_reminders([session(meeting_deadline="2027-03-05")], days)

    goes_out = [reminder for reminder in reminders if not reminder.overtaken_by]
    assert [reminder.due_at for reminder in goes_out] == [at(text) for text in sent]
    assert all(reminder.is_of_use(reminder.due_at) for reminder in goes_out)
    assert [reminder for reminder in reminders if reminder.is_last] == reminders[-1:]


def test_a_missed_one_is_not_made_up_for_where_the_next_is_near() -> None:
    tuesday, thursday = deadline_reminders([session(meeting_deadline="2027-03-05")], [3, 1])

    assert tuesday.next_use(at("2027-03-02 17:59")) == at("2027-03-02 17:59")
    assert tuesday.is_over(at("2027-03-02 18:00"))
    assert thursday.next_use(at("2027-03-02 18:00")) == at("2027-03-04 08:00")


@pytest.mark.parametrize(
    ("now", "next_use"),
    [
        ("2027-02-01 12:00", "2027-03-02 08:00"),
        ("2027-03-02 08:00", "2027-03-02 08:00"),
        ("2027-03-02 09:30", "2027-03-02 09:30"),
        ("2027-03-02 18:00", "2027-03-03 08:00"),
        ("2027-03-05 17:59", "2027-03-05 17:59"),
        ("2027-03-05 18:00", None),
    ],
)
def test_when_a_reminder_goes_out_is_told_at_any_time(now: str, next_use: str | None) -> None:
    reminder = deadline_reminders([session(meeting_deadline="2027-03-05")], [3])[0]

    assert reminder.next_use(at(now)) == (at(next_use) if next_use else None)


def test_over_christmas_what_was_missed_is_made_up_for_on_the_working_days_between() -> None:
    # Due on Sunday 27 December 2026, hence on the 23rd, the last working day before Christmas.
    reminder = deadline_reminders([session("2027-02-01", meeting_deadline="2026-12-30")], [3])[0]

    assert (reminder.due_at, reminder.is_moved) == (at("2026-12-23 08:00"), True)
    assert reminder.next_use(at("2026-12-23 18:00")) == at("2026-12-28 08:00")


@pytest.mark.parametrize(
    ("starts", "clock", "due"),
    [
        # The clocks go back on Sunday 31 October 2027, and forward on Sunday 28 March, which is Easter.
        ("2027-11-01", time(9), datetime(2027, 10, 29, 6, 0, tzinfo=UTC)),
        ("2027-10-31", time(2, 30), datetime(2027, 10, 29, 6, 0, tzinfo=UTC)),
        ("2027-03-29", time(9), datetime(2027, 3, 24, 7, 0, tzinfo=UTC)),
    ],
)
def test_the_night_in_which_the_clocks_change_moves_no_reminder(
    starts: str, clock: time, due: datetime
) -> None:
    reminder = meeting_reminder(session(starts, clock))

    assert (reminder.due_at, reminder.is_of_use(due)) == (due, True)
