from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from invitations.danish import is_working_day, working_day_on_or_before
from invitations.working_days import name_of_day_off, working_day_after


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2027, 1, 1), "nytårsdag"),
        (date(2027, 3, 25), "skærtorsdag"),
        (date(2027, 3, 26), "langfredag"),
        (date(2027, 3, 29), "2. påskedag"),
        (date(2027, 5, 6), "Kristi himmelfartsdag"),
        (date(2027, 5, 17), "2. pinsedag"),
        (date(2026, 5, 1), "1. maj"),
        (date(2026, 6, 5), "grundlovsdag"),
        (date(2026, 12, 24), "juleaftensdag"),
        (date(2026, 12, 25), "juledag"),
        (date(2025, 12, 26), "2. juledag"),
        (date(2026, 12, 31), "nytårsaftensdag"),
        (date(2023, 5, 5), "store bededag"),
        (date(2026, 11, 21), "lørdag"),
        (date(2026, 11, 22), "søndag"),
    ],
)
def test_offices_are_closed_on_holidays_and_in_weekends(day: date, name: str) -> None:
    assert (name, is_working_day(day)) == (name, False)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2024, 4, 26), "the first store bededag that is no holiday"),
        (date(2027, 4, 23), "the fourth Friday after Easter"),
        (date(2027, 5, 7), "the Friday after Ascension Day"),
        (date(2026, 12, 23), "lillejuleaften"),
        (date(2026, 11, 20), "an ordinary Friday"),
    ],
)
def test_people_work_on_other_days(day: date, name: str) -> None:
    assert (name, is_working_day(day)) == (name, True)


@pytest.mark.parametrize(
    ("day", "working_day"),
    [
        (date(2026, 11, 20), date(2026, 11, 20)),
        (date(2026, 11, 22), date(2026, 11, 20)),
        # From Easter Monday back over Easter to the Wednesday before.
        (date(2027, 3, 29), date(2027, 3, 24)),
        # From New Year's Day back over New Year's Eve.
        (date(2027, 1, 1), date(2026, 12, 30)),
        (date(2026, 12, 27), date(2026, 12, 23)),
    ],
)
def test_the_working_day_before_is_found_over_holidays_and_years(day: date, working_day: date) -> None:
    assert working_day_on_or_before(day) == working_day


@pytest.mark.parametrize(
    ("day", "working_day"),
    [
        (date(2026, 11, 20), date(2026, 11, 23)),
        (date(2027, 3, 24), date(2027, 3, 30)),
        (date(2026, 12, 23), date(2026, 12, 28)),
    ],
)
def test_the_working_day_after_is_found_over_holidays(day: date, working_day: date) -> None:
    assert working_day_after(day) == working_day


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2027, 3, 26), "langfredag"),
        (date(2027, 5, 6), "Kristi himmelfartsdag"),
        (date(2027, 6, 5), "grundlovsdag"),
        (date(2026, 11, 21), ""),
    ],
)
def test_a_holiday_is_named_in_danish(day: date, name: str) -> None:
    assert name_of_day_off(day) == name


def test_threads_that_ask_at_once_get_the_same_answer() -> None:
    christmas_days = [date(year, 12, 24) for year in range(2030, 2060)] * 20

    with ThreadPoolExecutor(max_workers=8) as threads:
        answers = set(threads.map(is_working_day, christmas_days))

    assert answers == {False}
