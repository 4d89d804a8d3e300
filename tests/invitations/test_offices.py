"""An office and its holder: who holds it on a day, and what a change of one makes untrue of the other."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from invitations.models import Office

LAST_DAY = date(2029, 12, 31)
TODAY = date(2027, 2, 1)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("holder", "until", "day", "shown", "has_left"),
    [
        ("Anna Holm", None, LAST_DAY, "Anna Holm", False),
        ("Anna Holm", LAST_DAY, LAST_DAY, "Anna Holm", False),
        ("Anna Holm", LAST_DAY, date(2030, 1, 1), "", True),
        ("", LAST_DAY, date(2030, 1, 1), "", False),
    ],
)
def test_a_holder_holds_the_office_up_to_and_including_the_last_day(
    holder: str, until: date | None, day: date, shown: str, has_left: bool
) -> None:
    office = Office(holder_name=holder, holder_until=until)

    assert (office.holder_on(day), office.holder_has_left(day)) == (shown, has_left)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "valid"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (None, YESTERDAY, False),
        (TODAY + timedelta(days=1), None, False),
    ],
)
def test_an_office_is_valid_on_its_first_and_last_day(
    valid_from: date | None, valid_to: date | None, valid: bool
) -> None:
    assert Office(valid_from=valid_from, valid_to=valid_to).is_valid_on(TODAY) is valid


@pytest.mark.parametrize(
    ("mailbox", "returned_on", "can"),
    [("a@b.example", None, True), ("", None, False), ("a@b.example", TODAY, False)],
)
def test_an_office_is_written_to_unless_its_mail_came_back(
    mailbox: str, returned_on: date | None, can: bool
) -> None:
    assert Office(mailbox=mailbox, returned_on=returned_on).can_be_written_to is can


@pytest.mark.parametrize(
    ("known", "changed", "further"),
    [
        ({"returned_on": YESTERDAY}, {"mailbox": "ny@b.example"}, {"returned_on": None}),
        ({"returned_on": YESTERDAY}, {"mailbox": "ny@b.example", "returned_on": TODAY}, {}),
        ({"returned_on": YESTERDAY}, {"name": "Udvalget"}, {}),
        ({}, {"mailbox": "ny@b.example"}, {}),
        ({"holder_until": YESTERDAY}, {"holder_name": "Bo"}, {"holder_until": None}),
        ({"holder_until": YESTERDAY}, {"holder_name": "Bo", "holder_until": LAST_DAY}, {}),
        # A name that is spelt rightly at last; the term goes on.
        ({"holder_until": LAST_DAY}, {"holder_name": "Anna Holm"}, {}),
    ],
    ids=str,
)
def test_what_was_about_the_former_mailbox_or_holder_goes_with_it(
    known: dict[str, Any], changed: dict[str, Any], further: dict[str, Any]
) -> None:
    office = Office(mailbox="a@b.example", holder_name="Anne Holm", **known)

    assert office.consequences(changed, on=TODAY) == further
