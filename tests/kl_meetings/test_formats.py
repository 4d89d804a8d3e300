from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from django import forms
from django.utils import formats, translation

from invitations.danish import format_clock


@pytest.fixture(autouse=True)
def danish() -> Iterator[None]:
    with translation.override("da"):
        yield


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("DATE_FORMAT", "8. marts 2019"),
        ("TIME_FORMAT", "17.00"),
        ("DATETIME_FORMAT", "8. marts 2019 kl. 17.00"),
        ("SHORT_DATE_FORMAT", "8.3.2019"),
        ("SHORT_DATETIME_FORMAT", "8.3.2019 kl. 17.00"),
        ("YEAR_MONTH_FORMAT", "marts 2019"),
        ("MONTH_DAY_FORMAT", "8. marts"),
    ],
)
def test_pages_write_dates_and_times_as_the_letters_do(name: str, words: str) -> None:
    moment = datetime.datetime(2019, 3, 8, 17, tzinfo=datetime.UTC)

    assert formats.date_format(moment, name) == words


@pytest.mark.parametrize("clock", [datetime.time(9, 30), datetime.time(0, 5), datetime.time(23, 59)])
def test_pages_and_letters_write_one_clock_time(clock: datetime.time) -> None:
    assert formats.time_format(clock) == format_clock(clock)


@pytest.mark.parametrize(
    "text",
    ["28.3.2019", "28.03.2019", "28-03-2019", "28/3 2019", "28/3/2019", "28.3.19", "28/3 19", "2019-03-28"],
)
def test_a_date_can_be_typed_as_danes_write_it(text: str) -> None:
    assert forms.DateField(localize=True).clean(text) == datetime.date(2019, 3, 28)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("17.00", datetime.time(17)),
        ("17:00", datetime.time(17)),
        ("17:00:00", datetime.time(17)),
        ("17", datetime.time(17)),
        ("9.30", datetime.time(9, 30)),
        ("kl. 17.00", datetime.time(17)),
        ("Kl. 17", datetime.time(17)),
    ],
)
def test_a_clock_time_can_be_typed_as_danes_write_it(text: str, clock: datetime.time) -> None:
    assert forms.TimeField(localize=True).clean(text) == clock


@pytest.mark.parametrize(
    "text", ["28.3.2019 17.00", "28-03-2019 17:00", "28/3 2019 kl. 17.00", "28.3.19 17", "2019-03-28T17:00"]
)
def test_date_and_time_can_be_typed_together(text: str) -> None:
    typed = forms.DateTimeField(localize=True).clean(text)

    assert typed == datetime.datetime.fromisoformat("2019-03-28 17:00+01:00")


@pytest.mark.parametrize("text", ["31.2.2019", "3/28 2019", "28. 3"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(forms.ValidationError):
        forms.DateField(localize=True).clean(text)


def test_an_edited_field_shows_what_the_letters_would() -> None:
    date_widget = forms.DateField(localize=True).widget
    time_widget = forms.TimeField(localize=True).widget

    assert date_widget.format_value(datetime.date(2019, 3, 8)) == "08.03.2019"
    assert time_widget.format_value(datetime.time(17)) == "17.00"


def test_the_week_starts_on_monday() -> None:
    assert formats.get_format("FIRST_DAY_OF_WEEK") == 1


def test_numbers_have_a_comma_and_full_stops() -> None:
    assert formats.number_format(1234567.5, decimal_pos=1, force_grouping=True) == "1.234.567,5"
    assert formats.sanitize_separators("2,5") == "2.5"
