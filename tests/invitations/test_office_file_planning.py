"""Which office a line of a file is about, and what the file would do to the register."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from invitations.models import Office, PolicyArea, Role
from tests.factories import create_office, get_municipality, get_policy_area
from tests.office_files import changes, csv_file, plan, problems

pytestmark = pytest.mark.django_db

AREA = "børne- og undervisningsområdet"
NAMED = ("Nr.", "Kommune", "Rolle", "Fagområde", "Modtagerens navn")
MAILED = ("Kommune", "Rolle", "Funktionspostkasse")
EXPIRED = date(2025, 12, 31)


def file(*rows: Sequence[object]) -> bytes:
    return csv_file(*rows, head=NAMED)


def outcome(content: bytes) -> tuple[int, int, int]:
    """How many offices the file adds, changes and leaves."""
    found = plan(content)
    return len(found.additions), len(found.changes), len(found.unchanged)


def test_an_office_is_known_by_its_number() -> None:
    office = create_office(name="Udvalget for Børn")

    content = file((office.pk, "Herning", "udvalg", AREA, "Udvalget for Børn og Unge"))

    assert changes(content) == ["modtagerens navn: Udvalget for Børn → Udvalget for Børn og Unge"]


@pytest.mark.parametrize(("town", "role"), [("Viborg", "udvalg"), ("Herning", "udvalgsformand")])
def test_a_number_of_another_municipality_or_role_is_a_line_gone_astray(town: str, role: str) -> None:
    office = create_office(name="Udvalget for Børn")

    assert problems(file((office.pk, town, role, AREA, ""))) == [
        f"Linje 2, Nr.: Nr. {office.pk} er Udvalget for Børn, Herning Kommune. En modtager skifter hverken "
        "kommune eller rolle: Lad nummeret være tomt, hvis modtageren er ny, og sæt numrene tilbage, hvis "
        "linjerne er blevet blandet sammen."
    ]


def test_a_number_that_nobody_has_is_said() -> None:
    assert problems(file((4711, "Herning", "udvalg", AREA, ""))) == [
        "Linje 2, Nr.: Der er ingen modtager nr. 4711. Lad cellen være tom, hvis modtageren er ny."
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("", "Herning", "udvalg", AREA, "Udvalget for Børn"), (0, 0, 1)),
        (("", "Herning", "udvalg", AREA, "UDVALGET  for børn".replace("  ", " ")), (0, 1, 0)),
        (("", "Herning", "udvalg", AREA, "Udvalget for Ældre"), (1, 0, 0)),
        (("", "Herning", "udvalg", "klimaområdet", "Udvalget for Børn"), (1, 0, 0)),
        (("", "Herning", "udvalgsformand", AREA, "Udvalget for Børn"), (1, 0, 0)),
        (("", "Viborg", "udvalg", AREA, "Udvalget for Børn"), (1, 0, 0)),
        # The only one of its kind is meant by a line without a name.
        (("", "Herning", "udvalg", AREA, ""), (0, 1, 0)),
    ],
)
def test_without_a_number_it_is_known_by_municipality_role_policy_area_and_name(
    line: Sequence[str], expected: tuple[int, int, int]
) -> None:
    PolicyArea.objects.create(name="klimaområdet")
    create_office(name="Udvalget for Børn")

    assert outcome(file(line)) == expected


def test_a_line_without_name_is_about_the_nameless_one() -> None:
    create_office(name="Udvalget for Børn")
    nameless = create_office(name="")

    found = plan(file(("", "Herning", "udvalg", AREA, "")))

    assert found.unchanged == [nameless]


def test_of_two_alike_the_one_that_has_not_expired_is_meant() -> None:
    create_office(valid_to=EXPIRED, mailbox="gammel@b.example")
    create_office(mailbox="ny@b.example")

    content = csv_file(("Herning", "udvalg", "nyere@b.example"), head=MAILED)

    assert changes(content) == ["funktionspostkasse: ny@b.example → nyere@b.example"]


def test_what_stays_ambiguous_is_said_with_the_numbers() -> None:
    pks = [create_office(name=name).pk for name in ("Skoleudvalget", "Dagtilbudsudvalget")]

    assert problems(csv_file(("Herning", "udvalg", "a@b.example"), head=MAILED)) == [
        f"Linje 2, Nr.: Flere modtagere passer til linjen: nr. {pks[0]}, {pks[1]}. "
        "Skriv nummeret på den rigtige."
    ]


def test_the_same_office_twice_is_said_whether_it_is_known_or_new() -> None:
    office = create_office(name="Udvalget for Børn")
    known = (office.pk, "Herning", "udvalg", AREA, "Udvalget for Børn")
    new = ("", "Viborg", "udvalg", AREA, "Udvalget for Børn")

    assert problems(file(known, new, ("", *known[1:]), new)) == [
        "Linje 4: Den samme modtager står allerede i linje 2. Slet den ene af de to linjer.",
        "Linje 5: Den samme modtager står allerede i linje 3. Slet den ene af de to linjer.",
    ]


def test_a_column_that_the_file_lacks_leaves_the_field_and_an_empty_cell_clears_it() -> None:
    create_office(name="Udvalget for Børn", holder_name="Anna Holm", mailbox="a@b.example")

    content = csv_file(("Herning", "udvalg", ""), head=["Kommune", "Rolle", "Postindehaver"])

    assert changes(content) == ["postindehaver: Anna Holm → tom"]


def test_a_date_of_the_file_is_held_against_the_one_of_the_register() -> None:
    create_office(valid_from=date(2026, 1, 1))
    head = ["Kommune", "Rolle", "Gælder fra", "Gælder til"]

    assert changes(csv_file(("Herning", "udvalg", "1.1.2026", "31.12.2029"), head=head)) == [
        "gælder til og med: tom → 31.12.2029"
    ]
    assert problems(csv_file(("Herning", "udvalg", "1.1.2026", "31.12.2025"), head=head)) == [
        "Linje 2, Gælder til og med: Den sidste dag må ikke ligge før den første"
    ]


def test_a_date_that_breaks_a_rule_with_one_of_the_register_is_said_at_the_column_that_is_there() -> None:
    create_office(valid_to=EXPIRED)

    content = csv_file(("Herning", "udvalg", "1.1.2026"), head=["Kommune", "Rolle", "Gælder fra"])

    assert problems(content) == ["Linje 2, Gælder fra: Den sidste dag må ikke ligge før den første"]


def test_a_new_mailbox_has_returned_nothing_and_a_new_holder_has_not_left() -> None:
    create_office(
        mailbox="a@b.example",
        returned_on=date(2027, 1, 11),
        holder_name="Anna Holm",
        holder_until=EXPIRED,
    )

    content = csv_file(("Herning", "udvalg", "ny@b.example", "Bo Dam"), head=[*MAILED, "Postindehaver"])

    assert changes(content) == [
        "funktionspostkasse: a@b.example → ny@b.example",
        "postindehaver: Anna Holm → Bo Dam",
        "mail kom retur den: 11.1.2027 → tom",
        "indehaver til og med: 31.12.2025 → tom",
    ]


def test_what_the_file_says_of_the_holder_goes_before_what_follows() -> None:
    create_office(holder_name="Anna Holm", holder_until=EXPIRED)

    content = csv_file(
        ("Herning", "udvalg", "Bo Dam", "31.12.2025"),
        head=["Kommune", "Rolle", "Postindehaver", "Indehaver til og med"],
    )

    assert changes(content) == ["postindehaver: Anna Holm → Bo Dam"]


# Those that the file lacks.


def missing(content: bytes) -> list[str]:
    return [f"{office.municipality.name} {office.role}" for office in plan(content).missing]


def test_missing_are_the_valid_offices_of_the_files_municipalities_roles_and_policy_areas() -> None:
    herning, viborg = get_municipality("Herning"), get_municipality("Viborg")
    other = PolicyArea.objects.create(name="klimaområdet")
    create_office(municipality=herning, role=Role.MAYOR)
    gone = create_office(municipality=herning, role=Role.COMMITTEE)
    create_office(municipality=herning, role=Role.COMMITTEE, policy_area=other)
    create_office(municipality=herning, role=Role.MUNICIPAL_DIRECTOR)
    create_office(municipality=get_municipality("Skive"), role=Role.COMMITTEE)
    create_office(municipality=herning, role=Role.COMMITTEE, name="Udløbet", valid_to=EXPIRED)
    create_office(municipality=herning, role=Role.COMMITTEE, name="Ny", valid_from=date(2027, 2, 1))
    create_office(municipality=viborg, role=Role.COMMITTEE)

    content = csv_file(
        ("Herning", "borgmester", ""), ("Viborg", "udvalg", AREA), head=["Kommune", "Rolle", "Fagområde"]
    )

    assert plan(content).missing == [gone]
    assert plan(content).last_day == date(2027, 1, 31)


def test_those_that_have_expired_and_stay_so_are_known() -> None:
    expired = create_office(valid_to=EXPIRED)

    content = csv_file(("Herning", "udvalg", expired.mailbox), head=MAILED)

    assert plan(content).expired() == [expired]


# The fingerprint.


def test_a_plan_is_recognised_until_what_it_would_do_changes() -> None:
    office = create_office(mailbox="a@b.example")
    create_office(municipality=get_municipality("Viborg"))
    content = csv_file(("Herning", "udvalg", "ny@b.example"), ("Viborg", "borgmester", ""), head=MAILED)
    first, again = plan(content).fingerprint(), plan(content).fingerprint()

    Office.objects.filter(pk=office.pk).update(mailbox="anden@b.example")
    changed = plan(content).fingerprint()
    create_office(name="Et til", policy_area=get_policy_area(), valid_to=EXPIRED)
    untouched = plan(content).fingerprint()
    create_office(municipality=get_municipality("Viborg"), name="Mangler i filen")
    more_missing = plan(content).fingerprint()

    assert first == again
    assert changed == untouched
    assert len({first, changed, more_missing}) == 3
