from __future__ import annotations

import datetime
from datetime import UTC
from io import StringIO

import pytest
import vobject
from dateutil.tz import tzical  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from invitations.calendar import CalendarEvent, calendar_publication
from invitations.danish import COPENHAGEN, Moment

STAMP = datetime.datetime(2026, 11, 22, 12, tzinfo=UTC)


def write(starts: Moment, ends: Moment | None) -> str:
    event = CalendarEvent(
        uid="session-1@tilmeld.kl.dk",
        sequence=0,
        starts=starts,
        ends=ends,
        summary="Politisk møde",
        location="",
        description="",
        url="",
        organizer_name="KL",
        organizer_email="moeder@kl.dk",
    )
    return calendar_publication([event], stamp=STAMP)


def times(starts: str, ends: str | None) -> list[str]:
    """The lines that say when it is."""
    text = write(Moment.parse(starts), None if ends is None else Moment.parse(ends))
    event = text[text.index("BEGIN:VEVENT") :]
    return [line for line in event.split("\r\n") if line.startswith(("DTSTART", "DTEND", "DURATION", "X-"))]


BUSY = ["X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY"]
ALL_DAY = ["X-MICROSOFT-CDO-ALLDAYEVENT:TRUE", *BUSY]


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("2026-06-16", None, ["DTSTART;VALUE=DATE:20260616", "DTEND;VALUE=DATE:20260617", *ALL_DAY]),
        ("2026-06-16", "2026-06-16", ["DTSTART;VALUE=DATE:20260616", "DTEND;VALUE=DATE:20260617", *ALL_DAY]),
        ("2026-12-30", "2026-12-31", ["DTSTART;VALUE=DATE:20261230", "DTEND;VALUE=DATE:20270101", *ALL_DAY]),
        # On the days on which the clocks change, too.
        ("2026-03-29", None, ["DTSTART;VALUE=DATE:20260329", "DTEND;VALUE=DATE:20260330", *ALL_DAY]),
        ("2026-10-25", None, ["DTSTART;VALUE=DATE:20261025", "DTEND;VALUE=DATE:20261026", *ALL_DAY]),
    ],
)
def test_dates_alone_are_whole_days_and_the_end_is_the_day_after(
    starts: str, ends: str | None, expected: list[str]
) -> None:
    assert times(starts, ends) == expected


def test_whole_days_need_no_time_zone() -> None:
    assert write(Moment.parse("2026-06-16"), None).count("VTIMEZONE") == 0


@pytest.mark.parametrize(
    ("starts", "ends", "local_start", "local_end"),
    [
        ("2026-06-16 17:00", "2026-06-16 18:45", "20260616T170000", "20260616T184500"),
        # Without an end it is held to last two hours, over midnight too.
        ("2026-06-16 17:00", None, "20260616T170000", "20260616T190000"),
        ("2026-06-16 23:00", None, "20260616T230000", "20260617T010000"),
        # Two hours by the watch, over the hour that is skipped.
        ("2026-03-29 01:30", None, "20260329T013000", "20260329T043000"),
        # A date beside a clock time is the whole of that day.
        ("2026-06-16 17:00", "2026-06-17", "20260616T170000", "20260618T000000"),
        ("2026-06-16", "2026-06-17 12:00", "20260616T000000", "20260617T120000"),
    ],
)
def test_clock_times_are_local(starts: str, ends: str | None, local_start: str, local_end: str) -> None:
    assert times(starts, ends) == [
        f"DTSTART;TZID=Europe/Copenhagen:{local_start}",
        f"DTEND;TZID=Europe/Copenhagen:{local_end}",
        *BUSY,
    ]


def test_an_end_in_the_second_of_two_like_hours_is_written_in_utc() -> None:
    assert times("2026-10-25 01:30", None) == [
        "DTSTART;TZID=Europe/Copenhagen:20261025T013000",
        "DTEND:20261025T013000Z",
        *BUSY,
    ]


def test_a_start_in_the_skipped_hour_is_written_as_the_clock_shows_it() -> None:
    text = write(Moment(datetime.date(2026, 3, 29), datetime.time(2, 30)), None)

    assert text.count("DTSTART;TZID=Europe/Copenhagen:20260329T033000\r\n") == 1


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("2026-06-16 17:00", "2026-06-16 17:00"),
        ("2026-06-16 17:00", "2026-06-16 16:00"),
        ("2026-06-16", "2026-06-15"),
        ("2026-06-16 17:00", "2026-06-15"),
    ],
)
def test_an_event_that_does_not_end_after_it_starts_is_refused(starts: str, ends: str) -> None:
    with pytest.raises(ValueError, match="is not after 2026-06-16"):
        write(Moment.parse(starts), Moment.parse(ends))


@pytest.mark.parametrize(
    ("starts", "start_in_utc"),
    [
        ("2026-03-28 17:00", (2026, 3, 28, 16, 0)),
        ("2026-03-29 01:59", (2026, 3, 29, 0, 59)),
        ("2026-03-29 03:00", (2026, 3, 29, 1, 0)),
        ("2026-03-29 17:00", (2026, 3, 29, 15, 0)),
        ("2026-10-24 17:00", (2026, 10, 24, 15, 0)),
        ("2026-10-25 03:00", (2026, 10, 25, 2, 0)),
        ("2026-10-25 17:00", (2026, 10, 25, 16, 0)),
    ],
)
def test_readers_agree_on_the_instant_around_the_changes_of_the_clock(
    starts: str, start_in_utc: tuple[int, int, int, int, int]
) -> None:
    text = write(Moment.parse(starts), None)
    instant = datetime.datetime(*start_in_utc, tzinfo=UTC)

    assert Calendar.from_ical(text).events[0].start == instant
    assert vobject.readOne(text).vevent.dtstart.value.astimezone(UTC) == instant


def read_zones() -> list[datetime.tzinfo]:
    """The time zone of a calendar as two libraries make it out from its rules."""
    text = write(Moment.parse("2026-06-16 17:00"), None)
    rules = text[text.index("BEGIN:VTIMEZONE") : text.index("BEGIN:VEVENT")].replace("\r\n", "\n")
    return [
        tzical(StringIO(rules)).get("Europe/Copenhagen"),
        Calendar.from_ical(text).timezones[0].to_tz(lookup_tzid=False),
    ]


each_reader = pytest.mark.parametrize("zone", read_zones(), ids=["dateutil", "icalendar"])


@each_reader
def test_the_written_zone_changes_its_offset_at_the_minute_when_copenhagen_does(
    zone: datetime.tzinfo,
) -> None:
    last_sundays = [
        max(day for day in (datetime.date(year, month, 31 - back) for back in range(7)) if day.weekday() == 6)
        for year in range(1997, 2060)
        for month in (3, 10)
    ]
    around = [
        datetime.datetime.combine(day, datetime.time(hour, minute), tzinfo=UTC)
        for day in last_sundays
        for hour, minute in [(0, 0), (0, 59), (1, 0), (1, 59), (2, 0), (3, 0)]
    ]

    assert [instant.astimezone(zone).utcoffset() for instant in around] == [
        instant.astimezone(COPENHAGEN).utcoffset() for instant in around
    ]


clock_times = st.builds(
    datetime.datetime.combine,
    st.dates(min_value=datetime.date(1997, 1, 1), max_value=datetime.date(2060, 1, 1)),
    st.times(),
)


@each_reader
@given(wall=clock_times.filter(lambda wall: Moment(wall.date(), wall.time()).exists))
def test_the_written_zone_is_copenhagen_at_any_clock_time(
    zone: datetime.tzinfo, wall: datetime.datetime
) -> None:
    assert wall.replace(tzinfo=zone).utcoffset() == wall.replace(tzinfo=COPENHAGEN).utcoffset()


def test_the_written_zone_says_from_which_offset_to_which_the_clock_goes() -> None:
    zone = Calendar.from_ical(write(Moment.parse("2026-06-16 17:00"), None)).timezones[0]

    assert [
        (change.name, change["TZOFFSETFROM"].to_ical(), change["TZOFFSETTO"].to_ical())
        for change in zone.subcomponents
    ] == [("STANDARD", "+0200", "+0100"), ("DAYLIGHT", "+0100", "+0200")]
