"""A list of people that was copied out of another program becomes people, and nothing of it is lost."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registrations.pasted_names import MOST_CHARACTERS, PastedNames, PastedPerson, read_names, text_of

BO = PastedPerson(name="Bo Hansen", email="bo@herning.example")
KIS = PastedPerson(name="Kis Juhl", email="kis@herning.example")
CHAIR = PastedPerson(name="Bo Hansen", title="Formand", email="bo@herning.example")


def everybody(*people: PastedPerson) -> PastedNames:
    return PastedNames(people=people)


@pytest.mark.parametrize(
    "text",
    [
        "Bo Hansen <bo@herning.example>; Kis Juhl <kis@herning.example>",
        "Bo Hansen <bo@herning.example>;Kis Juhl <kis@herning.example>;",
        "Bo Hansen <bo@herning.example>\r\nKis Juhl <kis@herning.example>\r\n",
        "Hansen, Bo <bo@herning.example>; Juhl, Kis <kis@herning.example>",
        '"Hansen, Bo" <bo@herning.example>; "Juhl, Kis" <kis@herning.example>',
        "'Bo Hansen' <bo@herning.example>; 'Kis Juhl' <kis@herning.example>",
        "“Bo Hansen” <bo@herning.example>; “Kis Juhl” <kis@herning.example>",
    ],
)
def test_what_outlook_writes_is_read(text: str) -> None:
    assert read_names(text) == everybody(BO, KIS)


@pytest.mark.parametrize(
    "text",
    [
        "Bo Hansen <bo@herning.example>, Kis Juhl <kis@herning.example>",
        "Hansen, Bo <bo@herning.example>, Juhl, Kis <kis@herning.example>",
        "Bo Hansen <bo@herning.example> Kis Juhl <kis@herning.example>",
        "Bo Hansen [mailto:bo@herning.example]; Kis Juhl <mailto:kis@herning.example>",
        "Bo Hansen (bo@herning.example)\nKis Juhl kis@herning.example",
        "Bo Hansen, bo@herning.example\nKis Juhl; kis@herning.example",
    ],
)
def test_what_other_programs_and_people_write_is_read(text: str) -> None:
    assert read_names(text) == everybody(BO, KIS)


@pytest.mark.parametrize(
    "text",
    [
        "Bo Hansen\tFormand\tbo@herning.example\nKis Juhl\t\tkis@herning.example",
        "bo@herning.example\tBo Hansen\tFormand\nkis@herning.example\tKis Juhl\t",
        "Navn\tTitel\tE-mail\nBo Hansen\tFormand\tbo@herning.example\nKis Juhl\t\tkis@herning.example",
        "E-MAIL:\tEfternavn\tFornavn\tTelefon\tRolle\n"
        "bo@herning.example\tHansen\tBo\t12345678\tFormand\nkis@herning.example\tJuhl\tKis\t\t",
        "Name\tTitle\tEmail\n\nBo Hansen\tFormand\tbo@herning.example\nKis Juhl\t\tkis@herning.example",
        '"Hansen, Bo"\tFormand\tbo@herning.example\nJuhl, Kis\t\tmailto:kis@herning.example',
        "Navn;Titel;Mail\nBo Hansen;Formand;bo@herning.example\nKis Juhl;;kis@herning.example",
    ],
)
def test_what_excel_writes_is_read_with_and_without_headings(text: str) -> None:
    assert read_names(text) == everybody(CHAIR, KIS)


def test_a_row_of_a_file_between_commas_or_semicolons_is_one_person() -> None:
    assert read_names("Bo Hansen; Formand; bo@herning.example") == everybody(CHAIR)
    assert read_names("Bo Hansen, Formand, bo@herning.example") == everybody(CHAIR)


@pytest.mark.parametrize("text", ["Bo Hansen\nKis Juhl", "Hansen, Bo\nJuhl, Kis", "Bo Hansen; Kis Juhl"])
def test_names_alone_are_people_whose_addresses_are_asked_for(text: str) -> None:
    assert read_names(text) == everybody(PastedPerson(name="Bo Hansen"), PastedPerson(name="Kis Juhl"))


@pytest.mark.parametrize("text", ["bo@x.example; kis@x.example", "bo@x.example,kis@x.example"])
def test_addresses_alone_are_people_whose_names_are_asked_for(text: str) -> None:
    assert read_names(text) == everybody(
        PastedPerson(email="bo@x.example"), PastedPerson(email="kis@x.example")
    )


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Bruun Jensen, Anne Marie", "Anne Marie Bruun Jensen"),
        ("Jensen, Bo A.", "Bo A. Jensen"),
        ("Bo Hansen, ph.d.", "Bo Hansen, ph.d."),
        ("Bo Hansen, formand", "Bo Hansen, formand"),
        ("Hansen, Bo, Formand", "Hansen, Bo, Formand"),
        ('Bo "Bosse" Hansen', 'Bo "Bosse" Hansen'),
        ("Åse Ærø-Øst", "Åse Ærø-Øst"),
        ("A\u030ase", "Åse"),
        ("محمد بن سلمان", "محمد بن سلمان"),
    ],
)
def test_the_first_name_comes_first_where_it_is_one(typed: str, read: str) -> None:
    assert read_names(f"{typed} <a@x.example>") == everybody(PastedPerson(name=read, email="a@x.example"))


def test_what_cannot_be_seen_is_left_out() -> None:
    bo = "\ufeffBo\u00a0\u202fHansen\u200e\x00 <bo@herning.example>"
    text = bo + ";\u202eKis\u200b  Juhl\u202c <kis@herning.example>\x1b"

    assert read_names(text) == everybody(BO, KIS)


def test_a_quotation_mark_without_its_fellow_quotes_nothing() -> None:
    text = 'Bo "Hansen <bo@herning.example>; Kis Juhl <kis@herning.example>'

    assert read_names(text).people[1] == KIS


def test_nobody_comes_twice_and_it_is_counted() -> None:
    text = "Bo Hansen <bo@herning.example>; Kis Juhl <kis@herning.example>; BO HANSEN <Bo@Herning.example>"

    assert read_names(text) == PastedNames(people=(BO, KIS), listed_twice=1)


def test_two_people_may_share_an_address() -> None:
    shared = PastedPerson(name="Kis Juhl", email=BO.email)

    assert read_names(f"{text_of(BO)}\n{text_of(shared)}") == everybody(BO, shared)


@pytest.mark.parametrize(
    "piece",
    [
        "Bo Hansen <bo@>",
        "bo@herning",
        "a@b@c.example",
        "-----",
        "12345678",
        "Bo\tHansen\tFormand\tbo@x.example",
        "Bo\ta@x.example\tb@x.example",
    ],
)
def test_what_cannot_be_read_is_handed_back_and_the_rest_is_read(piece: str) -> None:
    text = f"{text_of(BO)}\n{piece}\n{text_of(KIS)}"

    assert read_names(text) == PastedNames(people=(BO, KIS), unread=(piece,))


def test_a_wrong_address_below_a_heading_is_handed_back() -> None:
    text = "Navn\tMail\nBo Hansen\tbo snabela herning.example\nKis Juhl\tkis@herning.example"

    assert read_names(text) == PastedNames(people=(KIS,), unread=("Bo Hansen\tbo snabela herning.example",))


def test_sixty_people_are_sixty() -> None:
    people = tuple(PastedPerson(name=f"Person {n}", email=f"p{n}@x.example") for n in range(60))

    assert read_names("\n".join(map(text_of, people))) == everybody(*people)


@pytest.mark.parametrize("text", ["", " \n\t\n ", ";;;", ",", "\x00\u202e"])
def test_nothing_is_nobody(text: str) -> None:
    assert read_names(text).people == ()


@pytest.mark.parametrize("piece", ["x", "@", "a@", ".@", "<", '"', ";", ",", "a,"])
def test_no_text_takes_long(piece: str) -> None:
    started = time.process_time()

    read_names(piece * (MOST_CHARACTERS // len(piece)))
    too_long = "x" * (MOST_CHARACTERS + 1)

    assert read_names(too_long).unread == (too_long,)
    assert time.process_time() - started < 5


@given(st.text(alphabet=st.sampled_from("aB@.<>;,\t\n\"'() \u00a0\u202e\x00æ[]:"), max_size=60))
def test_whatever_is_pasted_nobody_has_two_addresses_or_a_line_in_the_name(text: str) -> None:
    for person in read_names(text).people:
        assert person.name or person.email
        assert person.email.count("@") <= 1
        assert not {"\n", "\t", "\x00", "\u202e", "@"} & set(person.name)


@given(
    st.lists(
        st.builds(
            PastedPerson,
            name=st.sampled_from(["Bo Hansen", "Åse Ærø", "Kis A. Juhl"]),
            title=st.sampled_from(["", "Formand"]),
            email=st.sampled_from(["", "bo@x.example", "kis@x.example"]),
        ),
        unique_by=lambda person: person.identity,
    )
)
def test_what_is_written_as_a_list_is_read_as_the_same_people(people: list[PastedPerson]) -> None:
    assert read_names("\n".join(map(text_of, people))).people == tuple(people)
