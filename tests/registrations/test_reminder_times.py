from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, Session
from registrations.reminder_times import deadline_reminder, meeting_reminder_due_at


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)


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
    assert (reminder.last_day, reminder.deadline) == (date(2027, 3, 12), "fredag den 12. marts")


def test_a_deadline_with_a_clock_time_ends_the_use_of_its_reminder() -> None:
    one = session(own="2027-03-05")
    one.registration_deadline_time = time(12, 0)

    before = deadline_reminder([one], [1], at=at("2027-03-05 11:59"))
    after = deadline_reminder([one], [1], at=at("2027-03-05 12:00"))

    assert before is not None
    assert (before.deadline, after) == ("fredag den 5. marts kl. 12.00", None)


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
    assert (reminder.last_day, reminder.deadline) == (last_day, words)


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
