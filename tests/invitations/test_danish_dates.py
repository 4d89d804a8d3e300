from __future__ import annotations

import datetime
from datetime import UTC, date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitations import danish
from invitations.danish import COPENHAGEN, Moment

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, fold=0))


def test_a_date_is_written_with_a_full_stop_and_the_month_in_lower_case() -> None:
    assert danish.format_date(date(2019, 3, 28)) == "28. marts 2019"
    assert danish.format_date(date(2019, 2, 6)) == "6. februar 2019"


def test_each_month_has_its_name() -> None:
    first_days = [date(2020, month, 1) for month in range(1, 13)]

    assert [danish.format_day_and_month(day) for day in first_days] == [
        *("1. januar", "1. februar", "1. marts", "1. april", "1. maj", "1. juni"),
        *("1. juli", "1. august", "1. september", "1. oktober", "1. november", "1. december"),
    ]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2019, 3, 28), "torsdag den 28. marts 2019"),
        (date(2019, 4, 23), "tirsdag den 23. april 2019"),
        (date(2017, 3, 27), "mandag den 27. marts 2017"),
        (date(2020, 9, 2), "onsdag den 2. september 2020"),
        (date(2019, 3, 8), "fredag den 8. marts 2019"),
        (date(2021, 6, 19), "lørdag den 19. juni 2021"),
        (date(2021, 6, 20), "søndag den 20. juni 2021"),
    ],
)
def test_a_date_can_carry_its_weekday(day: date, words: str) -> None:
    assert danish.format_date_with_weekday(day) == words


def test_an_announced_day_is_written_without_its_year() -> None:
    assert danish.format_day_and_month(date(2021, 6, 16)) == "16. juni"
    assert danish.format_weekday_day_and_month(date(2021, 6, 16)) == "onsdag den 16. juni"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([], ""),
        ([date(2021, 4, 20)], "20. april 2021"),
        ([date(2021, 4, 20), date(2021, 4, 21)], "20. og 21. april 2021"),
        ([date(2021, 4, 20), date(2021, 4, 21), date(2021, 4, 22)], "20., 21. og 22. april 2021"),
        ([date(2021, 4, 30), date(2021, 5, 2)], "30. april og 2. maj 2021"),
        ([date(2021, 4, 29), date(2021, 4, 30), date(2021, 5, 2)], "29. og 30. april og 2. maj 2021"),
        ([date(2021, 4, 30), date(2021, 5, 2), date(2021, 6, 1)], "30. april, 2. maj og 1. juni 2021"),
        ([date(2020, 12, 31), date(2021, 1, 4)], "31. december 2020 og 4. januar 2021"),
        ([date(2020, 4, 20), date(2021, 4, 20)], "20. april 2020 og 20. april 2021"),
    ],
)
def test_several_dates_share_their_month_and_year(days: list[date], words: str) -> None:
    assert danish.format_dates(days) == words


def test_dates_are_written_in_order_and_once_each() -> None:
    days = [date(2021, 5, 2), date(2021, 4, 30), date(2021, 5, 2)]

    assert danish.format_dates(days) == "30. april og 2. maj 2021"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (time(17), time(19), "kl. 17-19"),
        (time(15), time(17), "kl. 15-17"),
        (time(9), time(12), "kl. 9-12"),
        (time(17), time(18, 45), "kl. 17.00-18.45"),
        (time(16, 30), time(18), "kl. 16.30-18.00"),
        (time(16, 30), time(18, 30), "kl. 16.30-18.30"),
        (time(13, 30), time(15), "kl. 13.30-15.00"),
        (time(10), time(10, 5), "kl. 10.00-10.05"),
        (time(9), time(9, 30), "kl. 9.00-9.30"),
        (time(17), None, "kl. 17.00"),
        (time(0, 5), None, "kl. 0.05"),
    ],
)
def test_times_are_hours_where_both_ends_are_whole(start: time, end: time | None, words: str) -> None:
    assert danish.format_time(start, end) == words


@pytest.mark.parametrize(
    ("session", "sentence"),
    [
        (("2019-03-28 17:00", "19:00"), "den 28. marts 2019 fra kl. 17-19"),
        (("2020-09-02 16:30", "18:30"), "den 2. september 2020 fra kl. 16.30-18.30"),
        (("2024-10-30 17:00", "18:45"), "den 30. oktober 2024 fra kl. 17.00-18.45"),
    ],
)
def test_the_letters_sentences_come_from_their_sessions(session: tuple[str, str], sentence: str) -> None:
    starts = Moment.parse(session[0])
    assert starts.time is not None
    time_words = danish.format_time(starts.time, danish.parse_clock(session[1]))

    assert f"den {danish.format_date(starts.date)} fra {time_words}" == sentence


@pytest.mark.parametrize(
    ("deadline", "plain", "with_weekday"),
    [
        ("2019-03-08", "8. marts 2019", "fredag den 8. marts 2019"),
        ("2019-04-23", "23. april 2019", "tirsdag den 23. april 2019"),
        ("2017-03-20 12:00", "20. marts 2017 kl. 12.00", "mandag den 20. marts 2017 kl. 12.00"),
        ("2017-03-20 09:30", "20. marts 2017 kl. 9.30", "mandag den 20. marts 2017 kl. 9.30"),
    ],
)
def test_a_deadline_names_its_clock_time_only_where_it_has_one(
    deadline: str, plain: str, with_weekday: str
) -> None:
    moment = Moment.parse(deadline)

    assert danish.format_deadline(moment) == plain
    assert danish.format_deadline(moment, weekday=True) == with_weekday


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("17:00", time(17)),
        ("17.00", time(17)),
        ("17", time(17)),
        ("kl. 17.00", time(17)),
        ("Kl. 17", time(17)),
        ("kl 17.15", time(17, 15)),
        ("9.30", time(9, 30)),
        ("09:30", time(9, 30)),
        (" 9:05 ", time(9, 5)),
        ("17:00:00", time(17)),
        ("0", time(0)),
        ("23.59", time(23, 59)),
    ],
)
def test_clock_times_are_read_as_danes_write_them(text: str, clock: time) -> None:
    assert danish.parse_clock(text) == clock


@pytest.mark.parametrize(
    "text",
    ["", "24", "24.00", "17.60", "17.0", "17,30", "1730", "fem", "-1", "17:00:30", "17.00-19.00", "١٧"],
)
def test_what_is_no_clock_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        danish.parse_clock(text)


@given(clocks)
def test_a_written_clock_time_is_read_back(clock: time) -> None:
    assert danish.parse_clock(danish.format_clock(clock)) == clock


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2019-03-28", Moment(date(2019, 3, 28))),
        ("2019-03-28 17:00", Moment(date(2019, 3, 28), time(17))),
        ("2019-03-28 17.00", Moment(date(2019, 3, 28), time(17))),
        ("2019-03-28T17:00", Moment(date(2019, 3, 28), time(17))),
        ("2019-03-28 17:00:00", Moment(date(2019, 3, 28), time(17))),
        ("2019-03-28 9:30", Moment(date(2019, 3, 28), time(9, 30))),
        (" 2019-03-28  00:00\n", Moment(date(2019, 3, 28), time(0))),
    ],
)
def test_a_moment_is_a_date_or_a_date_and_time(text: str, moment: Moment) -> None:
    assert Moment.parse(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        *("", "28. marts 2019", "28-03-2019", "2019-3-28", "2019-02-29", "0219-03-28", "9999-12-31"),
        *("2019-03-28 24:00", "2019-03-28 17", "2019-03-28 17:00+01:00", "2019-03-28 17:00Z", "17:00"),
        *("2019-03-2817:00", "2019-03-28 17:00:30", "2019-03-28 kl. 17.00", "٢٠١٩-٠٣-٢٨"),
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Moment.parse(text)


@given(st.builds(Moment, days, st.none() | clocks).filter(lambda moment: moment.exists))
def test_a_written_moment_is_read_back(moment: Moment) -> None:
    assert Moment.parse(moment.isoformat()) == moment


def test_a_moment_is_written_as_the_meeting_file_has_it() -> None:
    assert Moment(date(2019, 3, 28)).isoformat() == "2019-03-28"
    assert Moment(date(2019, 3, 28), time(9, 5)).isoformat() == "2019-03-28 09:05"


def test_a_moment_with_a_clock_time_starts_and_ends_there() -> None:
    moment = Moment(date(2019, 3, 28), time(17))

    assert moment.start() == datetime.datetime(2019, 3, 28, 16, tzinfo=UTC)
    assert moment.end() == moment.start()
    assert moment.start().tzinfo is COPENHAGEN


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2019, 3, 8), (2019, 3, 7, 23), (2019, 3, 8, 23)),
        (date(2019, 6, 8), (2019, 6, 7, 22), (2019, 6, 8, 22)),
        # 23 hours and 25 hours: the days on which the clocks change.
        (date(2019, 3, 31), (2019, 3, 30, 23), (2019, 3, 31, 22)),
        (date(2019, 10, 27), (2019, 10, 26, 22), (2019, 10, 27, 23)),
    ],
)
def test_a_date_alone_lasts_from_midnight_to_midnight_in_copenhagen(
    day: date, first: tuple[int, int, int, int], last: tuple[int, int, int, int]
) -> None:
    moment = Moment(day)

    assert moment.start().astimezone(UTC) == datetime.datetime(*first, tzinfo=UTC)
    assert moment.end().astimezone(UTC) == datetime.datetime(*last, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2019-03-31 02:00", "2019-03-31 02:59", "2026-03-29 02.30"])
def test_a_clock_time_that_is_skipped_when_summer_time_begins_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        Moment.parse(text)


@pytest.mark.parametrize("text", ["2019-03-31 01:59", "2019-03-31 03:00", "2019-10-27 02:30", "2019-03-31"])
def test_every_other_clock_time_exists(text: str) -> None:
    assert Moment.parse(text).exists is True


def test_a_moment_of_the_skipped_hour_says_that_it_does_not_exist() -> None:
    assert Moment(date(2019, 3, 31), time(2, 30)).exists is False


def test_a_clock_time_that_comes_twice_is_the_first_one() -> None:
    moment = Moment.parse("2019-10-27 02:30")

    assert moment.start().astimezone(UTC) == datetime.datetime(2019, 10, 27, 0, 30, tzinfo=UTC)


def test_moments_are_ordered_by_when_they_start() -> None:
    moments = [
        Moment(date(2019, 3, 28), time(17)),
        Moment(date(2019, 3, 29)),
        Moment(date(2019, 3, 28)),
        Moment(date(2019, 3, 28), time(0)),
    ]

    assert [moment.isoformat() for moment in sorted(moments)] == [
        "2019-03-28 00:00",
        "2019-03-28",
        "2019-03-28 17:00",
        "2019-03-29",
    ]
    assert max(moments) >= min(moments)
