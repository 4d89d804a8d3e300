"""A council term ends: its political holders leave, and nothing else changes."""

from __future__ import annotations

from datetime import date

import pytest

from invitations.council_terms import (
    council_term_on,
    end_council_term,
    holders_leaving,
    term_from,
    term_to_end,
)
from invitations.models import Office, Role
from tests.factories import create_office, create_staff, get_municipality
from tests.office_files import history

pytestmark = pytest.mark.django_db

TERM = term_from(2026)
LAST_DAY = date(2029, 12, 31)
TODAY = date(2027, 2, 1)
AFTERWARDS = date(2030, 1, 7)


@pytest.mark.parametrize(
    ("day", "term"),
    [
        (date(2025, 12, 31), "2022–2025"),
        (date(2026, 1, 1), "2026–2029"),
        (LAST_DAY, "2026–2029"),
        (date(2030, 1, 1), "2030–2033"),
        (date(2019, 3, 28), "2018–2021"),
    ],
)
def test_a_term_is_four_years_from_the_january_after_the_election(day: date, term: str) -> None:
    assert str(council_term_on(day)) == term


@pytest.mark.parametrize(
    ("day", "term"),
    [
        (LAST_DAY, "2026–2029"),
        (date(2030, 1, 1), "2026–2029"),
        (date(2030, 6, 30), "2026–2029"),
        (date(2030, 7, 1), "2030–2033"),
    ],
)
def test_in_the_first_half_year_of_a_term_staff_end_the_one_before(day: date, term: str) -> None:
    assert str(term_to_end(day)) == term


def test_political_holders_leave_and_officials_and_mailboxes_stay() -> None:
    by = create_staff()
    for role in Role:
        create_office(role=role, holder_name="Anna Holm", mailbox=f"{role}@b.example", policy_area=None)
    before = list(Office.objects.order_by("pk").values("mailbox", "holder_name", "valid_to"))

    count = end_council_term(TERM, on=TODAY, by=by)

    leaving = set(Office.objects.filter(holder_until=LAST_DAY).values_list("role", flat=True))
    assert (count, leaving) == (4, {"mayor", "council_members", "committee", "committee_chair"})
    assert list(Office.objects.order_by("pk").values("mailbox", "holder_name", "valid_to")) == before


def test_the_history_of_each_office_says_so() -> None:
    office = create_office(role=Role.MAYOR, holder_name="Anna Holm")

    end_council_term(TERM, on=TODAY, by=create_staff())

    assert history(office) == ["Afsluttede valgperioden 2026–2029: indehaver til og med: tom → 31.12.2029."]


def test_twice_is_once() -> None:
    by = create_staff()
    office = create_office(role=Role.MAYOR, holder_name="Anna Holm")

    counts = [end_council_term(TERM, on=TODAY, by=by) for _ in range(2)]

    assert (counts, len(history(office))) == ([1, 0], 1)


@pytest.mark.parametrize(
    ("fields", "leaves"),
    [
        ({}, True),
        ({"holder_name": ""}, False),
        ({"holder_until": date(2028, 5, 1)}, False),
        ({"holder_until": LAST_DAY}, False),
        ({"holder_until": date(2030, 1, 31)}, True),
        ({"valid_to": LAST_DAY}, True),
        ({"valid_to": date(2028, 5, 1)}, False),
        ({"role": Role.MUNICIPAL_DIRECTOR}, False),
    ],
    ids=str,
)
def test_who_leaves_with_the_term(fields: dict[str, object], leaves: bool) -> None:
    create_office(**{"role": Role.MAYOR, "holder_name": "Anna Holm", **fields})  # type: ignore[arg-type]

    assert holders_leaving(TERM, on=TODAY).exists() is leaves


def test_a_holder_of_the_next_term_stays_when_the_last_one_is_ended_late() -> None:
    create_office(role=Role.MAYOR, holder_name="Nye Ny", holder_until=date(2033, 12, 31))
    create_office(municipality=get_municipality("Viborg"), role=Role.MAYOR, holder_name="Gamle Gammel")

    leaving = [office.holder_name for office in holders_leaving(TERM, on=AFTERWARDS)]

    assert leaving == ["Gamle Gammel"]
