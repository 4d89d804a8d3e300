"""The days on which somebody at a Danish municipality reads mail."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache

import holidays

SATURDAY = 5
DAY = datetime.timedelta(days=1)


def is_working_day(day: datetime.date) -> bool:
    """Say whether a date is neither in a weekend nor a day on which public offices in Denmark are closed.

    Besides the public holidays these are 1 May, 5 June (Grundlovsdag), 24 and 31 December. Store bededag, the
    fourth Friday after Easter, has been a working day since 2024.
    """
    return day.weekday() < SATURDAY and day not in _days_off(day.year)


def working_day_on_or_before(day: datetime.date) -> datetime.date:
    """Return the date itself where it is a working day, else the nearest working day before it."""
    while not is_working_day(day):
        day -= DAY
    return day


def working_day_after(day: datetime.date) -> datetime.date:
    """Return the first working day after the date."""
    day += DAY
    while not is_working_day(day):
        day += DAY
    return day


def name_of_day_off(day: datetime.date) -> str:
    """Return the Danish name of the holiday on a date: `langfredag`; empty where there is none."""
    return _days_off(day.year).get(day, "")


@cache
def _days_off(year: int) -> Mapping[datetime.date, str]:
    # Finished mappings: the library's own calendar fills itself while asked, which threads must not share.
    days = holidays.country_holidays(
        "DK", years=year, expand=False, categories=("public", "optional"), language="da"
    )
    # Only one of them is a name.
    return {
        day: name if name.startswith("Kristi") else name[:1].lower() + name[1:] for day, name in days.items()
    }
