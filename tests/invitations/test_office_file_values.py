"""What stands in the columns of a file of offices, and what is said about the rest."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from invitations.models import Office, Role
from tests.factories import get_policy_area
from tests.office_files import HEAD, MAYOR, csv_file, plan, problems

pytestmark = pytest.mark.django_db

KNOWN = (
    "Nr., Kommune, Kommunekode, Rolle, Fagområde, Modtagerens navn, Funktionspostkasse, Kopi til, "
    "Postindehaver, Indehaver til og med, Gælder fra, Gælder til og med, Sidst bekræftet"
)
MAIL = "er ikke en e-mailadresse. Skriv den som navn@kommune.dk."
DATE = "er ikke en dato. Skriv den som 1.1.2026."


def read(**cells: str) -> Office:
    """The office of a file with one line; the headings are the names of the arguments, with spaces."""
    cells = {"kommune": "Herning", "rolle": "udvalg", **cells}
    head = [name.replace("_", " ") for name in cells]
    (addition,) = plan(csv_file(list(cells.values()), head=head)).additions
    return addition.office


def said_of(**cells: str) -> list[str]:
    cells = {"kommune": "Herning", "rolle": "udvalg", **cells}
    return problems(csv_file(list(cells.values()), head=[name.replace("_", " ") for name in cells]))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Aarhus", "Aarhus"),
        ("Århus", "Aarhus"),
        ("århus kommune", "Aarhus"),
        ("AARHUS KOMMUNE", "Aarhus"),
        ("0751", "Aarhus"),
        ("751", "Aarhus"),
        ("101", "København"),
        ("Københavns Kommune", "København"),
        ("Bornholms Regionskommune", "Bornholm"),
        ("Ringkøbing Skjern", "Ringkøbing-Skjern"),
        (" A\u030arhus ", "Aarhus"),
    ],
)
def test_a_municipality_is_known_by_name_official_name_and_code(typed: str, name: str) -> None:
    assert read(kommune=typed).municipality.name == name


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"kommune": "Hernning"}, "Kommune: Der er ingen kommune, der hedder “Hernning”. Mener I “Herning”?"),
        ({"kommune": "0999"}, "Kommune: Der er ingen kommune, der hedder “0999”."),
        ({"kommune": ""}, "Kommune: Skriv, hvilken kommune det er."),
        (
            {"kommunekode": "751"},
            "Kommunekode: Kommunekoden hører til Aarhus, men i linjen står Herning.",
        ),
        ({"rolle": ""}, "Rolle: Skriv, hvilken rolle det er."),
        (
            {"rolle": "sherif"},
            "Rolle: Der er ingen rolle, der hedder “sherif”. Skriv en af disse: borgmester, byrådsmedlemmer, "
            "udvalg, udvalgsformand, kommunaldirektør, forvaltningsdirektør, afdelingschef, hovedpostkasse.",
        ),
        (
            {"fagområde": "børne- og ungdomsområdet"},
            "Fagområde: Der er intet fagområde, der hedder “børne- og ungdomsområdet”. "
            "Mener I “børne- og undervisningsområdet”? Et nyt tilføjes under “Fagområder” før importen.",
        ),
        (
            {"rolle": "borgmester", "fagområde": "børne- og ungeområdet"},
            "Fagområde: Kun udvalg og forvaltninger har ansvar for et fagområde",
        ),
        (
            {"mail": "borgmester"},
            f"Funktionspostkasse: “borgmester” {MAIL}",
        ),
        (
            {"mail": "a@b.example; c@d.example"},
            f"Funktionspostkasse: “a@b.example; c@d.example” {MAIL}",
        ),
        ({"kopi_til": "x@"}, f"Kopi til: “x@” {MAIL}"),
        ({"indehaver": "x" * 101}, "Postindehaver: Der er plads til 100 tegn, og her står 101."),
        ({"indehaver": "Anna\x07"}, "Postindehaver: Tegnet U+0007 kan ikke trykkes."),
        (
            {"nr": "12a"},
            "Nr.: “12a” er ikke nummeret på en modtager. Lad cellen være tom, hvis modtageren er ny.",
        ),
        (
            {"gælder_fra": "2.1.2026", "gælder_til": "1.1.2026"},
            "Gælder til og med: Den sidste dag må ikke ligge før den første",
        ),
        ({"gælder_fra": "31.2.2026"}, f"Gælder fra: “31.2.2026” {DATE}"),
        ({"gælder_fra": "1.1.26"}, f"Gælder fra: “1.1.26” {DATE}"),
        ({"gælder_fra": "1.1.0226"}, f"Gælder fra: “0226-01-01” {DATE}"),
        ({"gælder_fra": "snart"}, f"Gælder fra: “snart” {DATE}"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_with_its_line_and_column(cells: dict[str, str], sentence: str) -> None:
    assert said_of(**cells) == [f"Linje 2, {sentence}"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    content = csv_file(("Atlantis", "sherif", "", "x"), MAYOR, ("Herning", "borgmester", "", "y"))

    assert [problem.split(":")[0] for problem in problems(content)] == [
        *("Linje 2, Funktionspostkasse", "Linje 2, Kommune", "Linje 2, Rolle"),
        "Linje 4, Funktionspostkasse",
    ]


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_known_by_its_danish_word_and_by_its_key(role: Role) -> None:
    word = str(role.label)

    with translation.override("en"):
        found = [read(rolle=typed).role for typed in (word, word.upper(), role.value)]

    assert found == [role] * 3


@pytest.mark.parametrize(
    "typed", ["børne- og undervisningsområdet", "Børne- og Ungeområdet", " BØRNE- OG UNGEOMRÅDET "]
)
def test_a_policy_area_is_known_by_its_names(typed: str) -> None:
    assert read(fagområde=typed).policy_area == get_policy_area()


@pytest.mark.parametrize(
    "typed",
    [
        "1.2.2026",
        "01.02.2026",
        "1-2-2026",
        "01/02/2026",
        "2026-02-01",
        "2026-02-01 00:00:00",
        "1. februar 2026",
    ],
)
def test_a_date_is_read_as_people_and_programs_write_it(typed: str) -> None:
    assert read(gælder_fra=typed).valid_from == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  Børne- og\tFamilieudvalget ", "Børne- og Familieudvalget"),
        ("Bo\u0308rn", "Börn"),
        ("Ud\u200bvalget\u202c", "Udvalget"),
        ("=1+1", "=1+1"),
        ("'=1+1", "=1+1"),
        ("'s-Gravenhage", "'s-Gravenhage"),
    ],
)
def test_text_loses_what_cannot_be_seen_and_no_formula_is_worked_out(typed: str, name: str) -> None:
    assert read(modtagerens_navn=typed).name == name


# Columns.


def test_columns_stand_in_any_order_and_under_any_of_their_names() -> None:
    content = csv_file(
        ("a@b.example", "borgmester", "Herning", "31.12.2029"),
        head=["E-MAIL", "embede", "Kommunenavn", "gyldig til"],
    )

    office = plan(content).additions[0].office
    assert (office.mailbox, office.role, office.valid_to) == ("a@b.example", "mayor", date(2029, 12, 31))


@pytest.mark.parametrize(
    ("head", "sentences"),
    [
        (
            ["Kommune", "Rolle", "Postkase"],
            ["Linje 1, Postkase: Kolonnen kendes ikke. Mener I “Funktionspostkasse”?"],
        ),
        (
            ["Kommune", "Rolle", "Skostørrelse"],
            [
                "Linje 1, Skostørrelse: Kolonnen kendes ikke. Slet den, "
                f"eller giv den en af disse overskrifter: {KNOWN}."
            ],
        ),
        (
            ["Kommune", "Rolle", "Mail", "Postkasse"],
            ["Linje 1, Funktionspostkasse: Kolonnen står to gange. Slet den ene."],
        ),
        (
            ["Mail"],
            [
                "Linje 1, Kommune: Kolonnen mangler. Tilføj den med denne overskrift i linje 1.",
                "Linje 1, Rolle: Kolonnen mangler. Tilføj den med denne overskrift i linje 1.",
            ],
        ),
    ],
    ids=str,
)
def test_a_column_that_is_unknown_doubled_or_missing_is_named(head: list[str], sentences: list[str]) -> None:
    assert problems(csv_file(["x"] * len(head), head=head)) == sentences


def test_what_stands_beside_the_columns_is_not_swallowed() -> None:
    content = csv_file((*MAYOR, "og noget mere"), ("Viborg", *MAYOR[1:], ""), head=HEAD)

    assert problems(content) == ["Linje 2: Der står noget i kolonne E, som ikke har nogen overskrift."]


def test_a_column_without_heading_that_is_empty_is_no_column() -> None:
    assert problems(csv_file((*MAYOR, ""), head=[*HEAD, ""])) == []
