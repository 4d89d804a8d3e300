from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from tests.meeting_files import (
    SMALL,
    bring_in,
    changed,
    letter_with,
    meeting_with,
    problems,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_an_unknown_key_is_told_with_the_one_that_is_meant(tmp_path: Path) -> None:
    assert problems(tmp_path, changed(meeting_with("capasity: 4"), ("kind:", "Kind:"))) == [
        (4, "meetings[0].capasity", "There is no key “capasity”. Do you mean “capacity”?"),
        (10, "letters[0]", "The key “kind” is missing."),
        (11, "letters[0].Kind", "There is no key “Kind”. Do you mean “kind”?"),
    ]


def test_an_unknown_key_that_resembles_none_is_told_with_all(tmp_path: Path) -> None:
    assert problems(tmp_path, letter_with("contact: {fax: 1}")) == [
        (12, "letters[0].contact.fax", "There is no key “fax”. Here belong: email, phone.")
    ]


def test_a_key_that_is_a_list_is_unknown(tmp_path: Path) -> None:
    assert problems(tmp_path, letter_with("contact: {[a]: 1}")) == [
        (12, "letters[0].contact.?", "There is no key “?”. Here belong: email, phone.")
    ]


def test_a_key_stands_once(tmp_path: Path) -> None:
    assert problems(tmp_path, meeting_with("title: Møde")) == [
        (4, "meetings[0].title", "This key stands twice.")
    ]


def test_each_key_that_is_missing_is_told(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        "meetings:\n  - capacity: 4\n  - sessions: [{label: Øst}]\n"
        "    programme: [{room: 2, themes: [{room: 3}]}]\n"
        "letters:\n  - signatories: [{title: Formand}]\n    attachments: [{file: a.pdf}]\n",
    ) == [
        (2, "meetings[0]", "The key “areas” is missing."),
        (2, "meetings[0]", "The key “sessions” is missing."),
        (2, "meetings[0]", "The key “slug” is missing."),
        (2, "meetings[0]", "The key “title” is missing."),
        (3, "meetings[1]", "The key “areas” is missing."),
        (3, "meetings[1]", "The key “slug” is missing."),
        (3, "meetings[1]", "The key “title” is missing."),
        (3, "meetings[1].sessions[0]", "The key “starts” is missing."),
        (4, "meetings[1].programme[0]", "The key “title” is missing."),
        (4, "meetings[1].programme[0].themes[0]", "The key “title” is missing."),
        (6, "letters[0]", "The key “date” is missing."),
        (6, "letters[0]", "The key “kind” is missing."),
        (6, "letters[0]", "The key “meeting” is missing."),
        (6, "letters[0]", "The key “recipients” is missing."),
        (6, "letters[0]", "The key “sections” is missing."),
        (6, "letters[0].signatories[0]", "The key “name” is missing."),
        (7, "letters[0].attachments[0]", "The key “title” is missing."),
        (
            7,
            "letters[0].attachments[0].file",
            "There is no file “a.pdf” beside the meeting file that can be read.",
        ),
    ]


@pytest.mark.parametrize("nothing", ["", "~", "null", "''", '" "'])
def test_a_key_that_must_be_there_must_hold_something(nothing: str, tmp_path: Path) -> None:
    assert problems(tmp_path, changed(SMALL, ("title: Dialogmøde", f"title: {nothing}"))) == [
        (3, "meetings[0].title", "This must be filled in.")
    ]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ("capacity: many", "capacity", "“many” is no whole number from 1 to 999999."),
        ("capacity: 0", "capacity", "“0” is no whole number from 1 to 999999."),
        ("capacity: -1", "capacity", "“-1” is no whole number from 1 to 999999."),
        ("capacity: 1.5", "capacity", "“1.5” is no whole number from 1 to 999999."),
        ("capacity: 1e3", "capacity", "“1e3” is no whole number from 1 to 999999."),
        ("capacity: ٤٢", "capacity", "“٤٢” is no whole number from 1 to 999999."),
        (
            "capacity: 99999999999999999999",
            "capacity",
            "“99999999999999999999” is no whole number from 1 to 999999.",
        ),
        ("capacity: [4]", "capacity", "This must be one value, not a list or a group of keys."),
        ("max_per_municipality: ja", "max_per_municipality", "“ja” is no whole number from 1 to 999999."),
        ("roles: mayor", "roles", "This must be a list."),
        ("roles: []", "roles", "At least 1 must stand here."),
        (
            "roles: [mayor, king]",
            "roles[1]",
            "“king” is not known here. Choose among mayor, council_members, committee, committee_chair,"
            " municipal_director, department_director, head_of_department, main_mailbox.",
        ),
        ("roles: [mayor, mayor]", "roles[1]", "“mayor” stands twice."),
        ("registration: web", "registration", "“web” is not known here. Choose among form, none."),
        (
            "registration_opens: 28.3.2027",
            "registration_opens",
            "“28.3.2027” is no date or time. Write 2019-03-28 or 2019-03-28 17:00.",
        ),
        (
            "registration_opens: 2027-02-30",
            "registration_opens",
            "“2027-02-30” is no date or time. Write 2019-03-28 or 2019-03-28 17:00.",
        ),
        (
            "registration_opens: 2027-03-28 02:30",
            "registration_opens",
            "“2027-03-28 02:30” is no date or time. Write 2019-03-28 or 2019-03-28 17:00.",
        ),
        ("questions: Hvad?", "questions", "This must be a list."),
        ("questions: [Hvad?, '']", "questions[1]", "This must be filled in."),
        ("questions: [[a]]", "questions[0]", "This must be one value, not a list or a group of keys."),
        (
            "questions: [{area}]",
            "questions[0]",
            "Text that begins with a brace must stand in quotation marks.",
        ),
        (
            "practical_information: {area}",
            "practical_information",
            "Text that begins with a brace must stand in quotation marks.",
        ),
        ("programme: [{time: 25:00, title: a}]", "programme[0].time", "“25:00” is no time. Write 17:00."),
        (
            "programme: [Velkommen]",
            "programme[0]",
            "Here belong keys: time, until, title, speakers, room, details, themes, notes.",
        ),
        ("programme: {title: a}", "programme", "This must be a list."),
        ('title2: "\\0"', "title2", "There is no key “title2”. Do you mean “title”?"),
        ('policy_area: "a\\0"', "policy_area", "The character U+0000 cannot be printed."),
        ('policy_area: "a\\e"', "policy_area", "The character U+001B cannot be printed."),
    ],
)
def test_a_value_that_cannot_be_read_is_told_at_its_line(
    typed: str, field: str, sentence: str, tmp_path: Path
) -> None:
    assert problems(tmp_path, meeting_with(typed)) == [(4, f"meetings[0].{field}", sentence)]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ("replaces: 2027-01-01 12:00", "replaces", "Only a date belongs here, for example 2019-03-28."),
        ("contact: moeder@kl.dk", "contact", "Here belong keys: email, phone."),
        ("copy_roles: [king]", "copy_roles[0]", None),
        ("attachments: Fakta", "attachments", "This must be a list."),
        ("attachments: [[a]]", "attachments[0]", "Here belong keys: title, file."),
        ("signatories: [Bo Krogh]", "signatories[0]", "Here belong keys: name, title."),
        ("input_deadline: snart", "input_deadline", None),
    ],
)
def test_so_is_one_of_a_letter(typed: str, field: str, sentence: str | None, tmp_path: Path) -> None:
    ((line, at, told),) = problems(tmp_path, letter_with(typed))

    assert (line, at, told) == (12, f"letters[0].{field}", sentence or told)


def test_a_long_value_is_not_repeated_whole(tmp_path: Path) -> None:
    ((_line, _field, sentence),) = problems(tmp_path, meeting_with(f"capacity: {'9' * 5000}"))

    assert sentence == f"“{'9' * 60}…” is no whole number from 1 to 999999."


@pytest.mark.parametrize("word", ["maybe", "1", "sandt"])
def test_online_is_true_or_false(word: str, tmp_path: Path) -> None:
    assert problems(tmp_path, changed(SMALL, ("starts:", f"online: {word}\n        starts:"))) == [
        (6, "meetings[0].sessions[0].online", f"Write true or false here, not “{word}”.")
    ]


def test_500_sections_are_too_many(tmp_path: Path) -> None:
    assert problems(tmp_path, SMALL + "      - text: mere\n" * 500) == [
        (13, "letters[0].sections", "At most 100 can stand here.")
    ]


# What the models know to be wrong, at the field and line where it is typed.


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        (
            "practical_information: " + "a" * 10_001,
            "practical_information",
            "Ensure this value has at most 10000 characters (it has 10001).",
        ),
        (
            "policy_area: " + "a" * 101,
            "policy_area",
            "Ensure this value has at most 100 characters (it has 101).",
        ),
        (
            "questions: [" + "a" * 501 + "]",
            "questions[0]",
            "Ensure this value has at most 500 characters (it has 501).",
        ),
        (
            "co_organisers: [" + "a" * 1001 + "]",
            "co_organisers",
            "Ensure this value has at most 1000 characters (it has 1001).",
        ),
        (
            "programme: [{title: " + "a" * 251 + "}]",
            "programme[0].title",
            "Ensure this value has at most 250 characters (it has 251).",
        ),
        (
            "programme: [{title: a, until: 17:00}]",
            "programme[0].until",
            "The end must lie after the start.",
        ),
        (
            "programme: [{title: a, time: 17:00, until: 16:00}]",
            "programme[0].until",
            "The end must lie after the start.",
        ),
        (
            "programme: [{title: a, themes: [{title: b, room: " + "a" * 101 + "}]}]",
            "programme[0].themes[0].room",
            "Ensure this value has at most 100 characters (it has 101).",
        ),
        (
            "registration_opens: 2027-03-02\n    registration_deadline: 2027-03-01",
            "registration_opens",
            "Registration must open before its deadline.",
        ),
        (
            "registration_opens: 1999-12-31",
            "registration_opens",
            "Write the year with four digits, from 2000 to 2099.",
        ),
    ],
)
def test_a_meeting_that_breaks_a_rule_is_refused(
    typed: str, field: str, sentence: str, tmp_path: Path
) -> None:
    assert problems(tmp_path, meeting_with(typed)) == [(4, f"meetings[0].{field}", sentence)]


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("møde", "Use letters a-z, digits and hyphens only."),
        ("a/b", "Use letters a-z, digits and hyphens only."),
        ("admin", "This address is used by the system itself. Choose another."),
        ("a" * 81, "Ensure this value has at most 80 characters (it has 81)."),
    ],
)
def test_a_slug_that_is_no_address_is_told_once(slug: str, sentence: str, tmp_path: Path) -> None:
    text = SMALL.replace("dialog", slug)

    assert problems(tmp_path, text) == [(2, "meetings[0].slug", sentence)]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ("ends: 2027-04-20 15:00", "ends", "The end must lie after the start."),
        ("ends: 2027-04-19", "ends", "The end must lie after the start."),
        ("online: true\n        venue: {name: Rådhuset}", "venue", "An online meeting has no place."),
        ("join_url: her", "join_url", "Enter a valid URL."),
        ("label: " + "a" * 101, "label", "Ensure this value has at most 100 characters (it has 101)."),
        (
            "venue: {postcode: 12345678901}",
            "venue.postcode",
            "Ensure this value has at most 10 characters (it has 11).",
        ),
    ],
)
def test_a_session_that_breaks_a_rule_is_refused(
    typed: str, field: str, sentence: str, tmp_path: Path
) -> None:
    text = changed(SMALL, ("ends: 2027-04-20 18:00", typed))

    ((_line, at, told),) = problems(tmp_path, text)

    assert (at, told) == (f"meetings[0].sessions[0].{field}", sentence)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        (
            "replaces: 2027-01-01",
            "replaces",
            "Only a change or a cancellation takes the place of a letter.",
        ),
        ("contact: {email: kl.dk}", "contact.email", "Enter a valid email address."),
        ("input_email: kl.dk", "input_email", "Enter a valid email address."),
        (
            "case_number: " + "1" * 41,
            "case_number",
            "Ensure this value has at most 40 characters (it has 41).",
        ),
        ("title: " + "a" * 251, "title", "Ensure this value has at most 250 characters (it has 251)."),
        (
            "signatories: [{name: " + "a" * 101 + "}]",
            "signatories[0].name",
            "Ensure this value has at most 100 characters (it has 101).",
        ),
        (
            "attachments: [" + "a" * 251 + "]",
            "attachments[0]",
            "Ensure this value has at most 250 characters (it has 251).",
        ),
        (
            "attachments: [{title: " + "a" * 251 + "}]",
            "attachments[0].title",
            "Ensure this value has at most 250 characters (it has 251).",
        ),
    ],
)
def test_a_letter_that_breaks_a_rule_is_refused(
    typed: str, field: str, sentence: str, tmp_path: Path
) -> None:
    assert problems(tmp_path, letter_with(typed)) == [(12, f"letters[0].{field}", sentence)]


def test_an_empty_row_does_not_keep_what_stood_there_before(tmp_path: Path) -> None:
    bring_in(tmp_path, SMALL)

    assert problems(tmp_path, changed(SMALL, ("text: Kom den {date}.", "{}"))) == [
        (14, "letters[0].sections[0]", "A section needs a heading, a text or a block.")
    ]


def test_letters_without_a_date_are_not_the_same_letter(tmp_path: Path) -> None:
    letter = changed(SMALL[SMALL.index("letters:\n") + len("letters:\n") :], ("    date: 2027-01-12\n", ""))
    text = changed(SMALL, ("    date: 2027-01-12\n", "")) + letter

    assert problems(tmp_path, text) == [
        (9, "letters[0]", "The key “date” is missing."),
        (14, "letters[1]", "The key “date” is missing."),
    ]


@pytest.mark.parametrize("section", ["{}", "{heading: '', block: ~}"])
def test_a_section_must_not_be_empty(section: str, tmp_path: Path) -> None:
    assert problems(tmp_path, changed(SMALL, ("text: Kom den {date}.", section))) == [
        (14, "letters[0].sections[0]", "A section needs a heading, a text or a block.")
    ]
