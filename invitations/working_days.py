"""The days on which somebody at a Danish municipality reads mail."""

from __future__ import annotations

import datetime
from functools import cache

import holidays

SATURDAY = 5


def is_working_day(day: datetime.date) -> bool:
    """Say whether a date is neither in a weekend nor a day on which public offices in Denmark are closed.

    Besides the public holidays these are 1 May, 5 June (Grundlovsdag), 24 and 31 December. Store bededag, the
    fourth Friday after Easter, has been a working day since 2024.
    """
    return day.weekday() < SATURDAY and day not in _days_off(day.year)


def working_day_on_or_before(day: datetime.date) -> datetime.date:
    """Return the date itself where it is a working day, else the nearest working day before it."""
    while not is_working_day(day):
        day -= datetime.timedelta(days=1)
    return day


@cache
def _days_off(year: int) -> frozenset[datetime.date]:
    # Finished sets: the library's own calendar fills itself while it is asked, which threads must not share.
    return frozenset(
        holidays.country_holidays("DK", years=year, expand=False, categories=("public", "optional"))
    )
