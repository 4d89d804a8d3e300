"""Dates, times and lists as KL's letters write them.

The words are Danish whatever language a page is shown in, since letters are Danish. Spaces are ordinary ones:
`no_break` replaces those at which a line must not end.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering
from itertools import groupby
from zoneinfo import ZoneInfo

from invitations.alphabet import danish_slug, search_key, sort_key
from invitations.working_days import is_working_day, working_day_on_or_before

__all__ = [
    "COPENHAGEN",
    "Moment",
    "capitalise",
    "danish_slug",
    "format_clock",
    "format_date",
    "format_date_with_weekday",
    "format_dates",
    "format_day_and_month",
    "format_deadline",
    "format_time",
    "format_weekday_day_and_month",
    "is_working_day",
    "join_words",
    "no_break",
    "parse_clock",
    "search_key",
    "sort_key",
    "working_day_on_or_before",
]

COPENHAGEN = ZoneInfo("Europe/Copenhagen")

MONTHS = (
    *("januar", "februar", "marts", "april", "maj", "juni"),
    *("juli", "august", "september", "oktober", "november", "december"),
)
WEEKDAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")

# Two centuries are enough, and a mistyped year such as 0219 is no date.
_DATE = r"(?:19|20)\d\d-\d\d-\d\d"
_MOMENT = re.compile(rf"(?P<date>{_DATE})(?:(?:T|\s+)(?P<clock>\d{{1,2}}[.:]\d\d(?::00)?))?", re.ASCII)
_CLOCK = re.compile(
    r"(?:kl\.?\s*)?(?P<hour>\d{1,2})(?:[.:](?P<minute>\d\d)(?::00)?)?", re.ASCII | re.IGNORECASE
)


@total_ordering
@dataclass(frozen=True)
class Moment:
    """A date, or a date and a clock time, in Copenhagen: what a person types for a meeting or a deadline.

    A clock time that comes twice, in the night when winter time begins, is the first of the two. Moments are
    ordered by when they start, and midnight comes before the whole day that it begins.
    """

    date: datetime.date
    time: datetime.time | None = None

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Read `2019-03-28`, `2019-03-28 17:00`, `2019-03-28T17:00` or `2019-03-28 17.00`.

        Raises ValueError for anything else, and for a clock time that the day skips when summer time begins.
        """
        found = _MOMENT.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is not a date, nor a date and time, such as 2019-03-28 17:00")
        date = datetime.date.fromisoformat(found["date"])
        moment = cls(date, parse_clock(found["clock"]) if found["clock"] else None)
        if not moment.exists:
            raise ValueError(f"{text!r} does not exist: the clocks are put forward over it")
        return moment

    @property
    def exists(self) -> bool:
        """Whether the clock shows this time at all: an hour is skipped on the last Sunday of March."""
        start = self.start()
        return start.astimezone(datetime.UTC).astimezone(COPENHAGEN) == start

    def start(self) -> datetime.datetime:
        """Return the instant, aware, in Copenhagen: the clock time, or the midnight that begins the day."""
        return datetime.datetime.combine(self.date, self.time or datetime.time.min, tzinfo=COPENHAGEN)

    def end(self) -> datetime.datetime:
        """Return the instant up to which a deadline lasts: the clock time, or the day's last midnight."""
        if self.time is not None:
            return self.start()
        return Moment(self.date + datetime.timedelta(days=1)).start()

    def isoformat(self) -> str:
        """Return `2019-03-28` or `2019-03-28 17:00`, which `parse` reads back."""
        if self.time is None:
            return self.date.isoformat()
        return f"{self.date.isoformat()} {self.time.isoformat('minutes')}"

    def __lt__(self, other: Moment) -> bool:
        return (self.start(), self.end()) < (other.start(), other.end())


def parse_clock(text: str) -> datetime.time:
    """Read a clock time as Danes write it: `17:00`, `17.00`, `9.30`, `17`, `kl. 17.00`; else ValueError."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a clock time such as 17.00")
    return datetime.time(int(found["hour"]), int(found["minute"] or 0))


def format_date(day: datetime.date) -> str:
    """`28. marts 2019`"""
    return f"{format_day_and_month(day)} {day.year}"


def format_date_with_weekday(day: datetime.date) -> str:
    """`torsdag den 28. marts 2019`"""
    return f"{_weekday(day)} den {format_date(day)}"


def format_day_and_month(day: datetime.date) -> str:
    """`16. juni`"""
    return f"{day.day}. {MONTHS[day.month - 1]}"


def format_weekday_day_and_month(day: datetime.date) -> str:
    """`onsdag den 16. juni`"""
    return f"{_weekday(day)} den {format_day_and_month(day)}"


def format_dates(days: Iterable[datetime.date]) -> str:
    """`20. og 21. april 2021`, `30. april og 2. maj 2021`, `31. december 2020 og 4. januar 2021`.

    In order of time, each date once; empty for no dates.
    """
    return join_words(
        f"{join_words(_days_of_months(days_of_year))} {year}"
        for year, days_of_year in groupby(sorted(set(days)), key=lambda day: day.year)
    )


def _days_of_months(days: Iterable[datetime.date]) -> list[str]:
    return [
        f"{join_words(f'{day.day}.' for day in days_of_month)} {MONTHS[month - 1]}"
        for month, days_of_month in groupby(days, key=lambda day: day.month)
    ]


def format_clock(time: datetime.time) -> str:
    """`17.00`, `9.30`"""
    return f"{time.hour}.{time.minute:02}"


def format_time(start: datetime.time, end: datetime.time | None) -> str:
    """`kl. 17-19` where both are whole hours, else `kl. 17.00-18.45`; without an end `kl. 17.00`."""
    if end is None:
        return f"kl. {format_clock(start)}"
    if start.minute == end.minute == 0:
        return f"kl. {start.hour}-{end.hour}"
    return f"kl. {format_clock(start)}-{format_clock(end)}"


def format_deadline(moment: Moment, *, weekday: bool = False) -> str:
    """`8. marts 2019`, `tirsdag den 23. april 2019`; with a clock time `20. marts 2017 kl. 12.00`."""
    day = format_date_with_weekday(moment.date) if weekday else format_date(moment.date)
    return day if moment.time is None else f"{day} kl. {format_clock(moment.time)}"


def join_words(words: Iterable[str]) -> str:
    """`a`, `a og b`, `a, b og c`; empty for no words."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} og {last}" if first else last


def capitalise(text: str) -> str:
    """Return text with its first letter in upper case and the rest as it was."""
    return text[:1].upper() + text[1:]


def _weekday(day: datetime.date) -> str:
    return WEEKDAYS[day.weekday()]


_NO_BREAK_SPACE = "\u00a0"
_SPACE = f"[ {_NO_BREAK_SPACE}]"
# The year of a date is not the postcode of the word that follows it.
_NOT_AFTER_MONTH = "".join(f"(?<!{month}{_SPACE})" for month in MONTHS)
_POSTCODE = rf"(?<![\w.-]){_NOT_AFTER_MONTH}\d{{4}}"
_CITY = "[A-ZÆØÅ][a-zæøåé][\\w-]*"
# What stands before a space that must not break, and what after it.
_TIES = tuple(
    re.compile(rf"({before}) (?={after})")
    for before, after in (
        (r"\b[Kk][Ll]\.", r"\d"),
        (r"\b\d{1,2}\.", rf"(?:{'|'.join(MONTHS)})\b"),
        (r"(?<!\w)[Vv]/", r"\S"),
        (r"(?<!\w)v\.", r"[A-ZÆØÅ]"),
        (r"(?<!\S)\./\.", r"\S"),
        (r"\b[Ss]ide", rf"\d+{_SPACE}af{_SPACE}\d"),
        (rf"\b[Ss]ide{_SPACE}\d+", rf"af{_SPACE}\d"),
        (rf"\b[Ss]ide{_SPACE}\d+{_SPACE}af", r"\d"),
        (_POSTCODE, _CITY),
        (rf"{_POSTCODE}{_SPACE}{_CITY}", r"(?:[CKMNSVØ]|NV|NØ|SV|SØ)\b"),
    )
)


def no_break(text: str) -> str:
    """Return text with no-break spaces where a line of a letter or page must not end.

    In `kl. 17.00`, `28. marts`, `v/ borgmester`, `v. Thomas`, `./. Vedhæftet`, `Side 1 af 2` and
    `2300 København S`. Nothing but spaces is replaced, and doing it again changes nothing.
    """
    for tie in _TIES:
        text = tie.sub(rf"\1{_NO_BREAK_SPACE}", text)
    return text
