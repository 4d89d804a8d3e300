"""The list at the door and the name badges, read as a screen reader and an eye do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import page as page_validation
import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from page import ValidationProfile
from pytest_django.asserts import assertContains, assertRedirects

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting
from registrations import door_list, name_badges
from registrations.admin import participant_lists as pages
from registrations.models import Participant
from registrations.name_badges import SIZES, Badge, fitted
from registrations.participant_lists import Selection, entries
from tests.factories import (
    MEETING_DAY,
    NOW,
    create_guests,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.pdf_reader import PdfReader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def printed(client: Client, meeting: Meeting, name: str, **chosen: Any) -> PdfReader:
    response = client.get(page_url(name, meeting), chosen)
    assert response.headers["Content-Type"] == "application/pdf"
    for profile in (ValidationProfile.PDF_UA_1, ValidationProfile.PDF_A_3A):
        report = page_validation.validate_pdf_bytes(response.content, profile=profile)
        assert [one.rule_id for one in report.failures if "STREAM-LENGTH" not in str(one.rule_id)] == []
    reader = PdfReader(response.content)
    assert (reader.unread, reader.untagged) == ([], [])
    return reader


def rows(reader: PdfReader) -> list[list[str]]:
    """The cells of each row of each table."""
    return [
        [cell.text.strip() for cell in row.nodes() if cell.role in ("TH", "TD")]
        for row in reader.document.find("TR")
    ]


@pytest.fixture
def meeting() -> Meeting:
    meeting = create_meeting(slug="moede", title="Politisk møde")
    item = create_programme_item(meeting=meeting, title="Første runde")
    theme = create_theme(item=item, title="Dagtilbud", room="Lokale 1")
    create_theme(item=item, title="Skole")
    aarhus = create_registration(meeting=meeting, municipality=get_municipality("Aarhus"), participants=0)
    create_participant(registration=aarhus, name="Anne", title="Formand", themes=[theme])
    create_participant(registration=aarhus, name="Gone").withdraw(at=NOW)
    herning = create_registration(meeting=meeting, participants=0)
    create_participant(registration=herning, name="Åse", themes=[theme])
    speaker = create_guests(meeting=meeting, participants=0, committee="Aarhus Universitet")
    create_participant(registration=speaker, name="Bo", email="")
    return meeting


def test_the_door_list_is_a_table_with_a_box_that_is_heard_as_not_present(
    officer: Client, meeting: Meeting
) -> None:
    reader = printed(officer, meeting, "door_list")

    assert rows(reader) == [
        ["Mødt", "Navn", "Titel", "Kommune"],
        ["□", "Anne", "Formand", "Aarhus"],
        ["□", "Bo", "", "Oplægsholder, Aarhus Universitet"],
        ["□", "Åse", "", "Herning"],
    ]
    spoken = [node.attributes.get("ActualText") for node in reader.document.find("Span")]
    assert spoken == ["ikke mødt"] * 3
    heads = [head.attributes["Scope"] for head in reader.document.find("TH")]
    assert heads == ["/Column"] * 4 + ["/Row"] * 3
    assert [node.text for role in ("H1", "H2") for node in reader.document.find(role)] == [
        "Dørliste: Politisk møde",
        "Torsdag den 15. april 2027 kl. 17-19, Rådhuset i Herning, Torvet 5, 7400 Herning",
    ]
    assert reader.artifacts_of(0) == [
        "Politisk møde",
        "Listen indeholder personoplysninger. Makulér den efter mødet.",
        "Side 1 af 1",
    ]


def test_the_door_list_goes_by_municipality_where_that_was_chosen(officer: Client, meeting: Meeting) -> None:
    reader = printed(officer, meeting, "door_list", sort="municipality")

    assert [row[1:3] for row in rows(reader)] == [
        ["Kommune", "Navn"],
        ["Herning", "Åse"],
        ["Aarhus", "Anne"],
        ["Oplægsholder, Aarhus Universitet", "Bo"],
    ]


def test_each_session_begins_on_a_page_of_its_own(officer: Client, meeting: Meeting) -> None:
    second = create_session(meeting=meeting, starts_date=MEETING_DAY + timedelta(days=1))
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, name="Carl", session=second)

    reader = printed(officer, meeting, "door_list")

    assert [node.pages for node in reader.document.find("Table")] == [[0], [1]]


def test_there_is_a_list_for_each_theme_and_one_of_those_without(officer: Client, meeting: Meeting) -> None:
    reader = printed(officer, meeting, "door_list", by="theme")

    assert [node.text for node in reader.document.find("H2")] == [
        "Første runde: Dagtilbud, Lokale 1",
        "Første runde: intet tema",
    ]
    assert [row[1] for row in rows(reader)] == ["Navn", "Anne", "Åse", "Navn", "Bo"]


def test_the_head_of_a_table_is_on_each_page_and_read_once(officer: Client) -> None:
    meeting = create_meeting()
    create_registration(meeting=meeting, participants=70)

    reader = printed(officer, meeting, "door_list")

    [table] = reader.document.find("Table")
    assert table.pages == [0, 1, 2]
    assert [head.text for head in table.find("THead")] == ["MødtNavnKommune"]
    assert [reader.artifacts_of(number)[:3] for number in (1, 2)] == [["Mødt", "Navn", "Kommune"]] * 2


def test_no_address_is_printed(officer: Client, meeting: Meeting) -> None:
    for name in ("door_list", "name_badges"):
        assert "@" not in printed(officer, meeting, name).document.text


def test_a_badge_says_who_from_where_and_which_themes(officer: Client, meeting: Meeting) -> None:
    reader = printed(officer, meeting, "name_badges")

    assert [[text for _role, text in item.blocks()] for item in reader.document.find("LBody")] == [
        ["Politisk møde", "Anne", "Formand", "Aarhus Kommune", "Tema 1: Dagtilbud"],
        ["Politisk møde", "Bo", "Oplægsholder, Aarhus Universitet"],
        ["Politisk møde", "Åse", "Herning Kommune", "Tema 1: Dagtilbud"],
    ]


def test_ten_badges_of_90_by_54_mm_stand_on_a_sheet(officer: Client) -> None:
    meeting = create_meeting()
    create_registration(meeting=meeting, participants=11)

    reader = printed(officer, meeting, "name_badges")

    items = reader.document.find("LI")
    assert [item.pages for item in items] == [[0]] * 10 + [[1]]
    titles = [next(item.texts()) for item in items]
    mm = 25.4 / 72
    assert [round((text.left - titles[0].left) * mm) for text in titles[:4]] == [0, 90, 0, 90]
    assert [round((titles[0].bottom - text.bottom) * mm) for text in titles[:10:2]] == [0, 54, 108, 162, 216]


def widest(length: int) -> str:
    return "W" * length


@pytest.mark.parametrize(
    "badge",
    [
        {},
        {"name": "Christina-Alexandra von Wesenberg-Skovgaard Nielsen"},
        {"name": widest(100), "title": widest(100), "whose": widest(170), "meeting": widest(250)},
        {"name": "Bo " * 33, "title": "Specialkonsulent " * 5, "themes": ("Tema 1: " + "langt " * 40,) * 3},
    ],
    ids=["usual", "long name", "widest of all", "many words"],
)
def test_whatever_stands_on_a_badge_none_of_it_is_cut_off(badge: dict[str, Any]) -> None:
    made = fitted(make_badge(**badge), themes_in_short="Tema 1, 2, 3")

    reader = PdfReader(name_badges.pdf_of([made] * 3, title="Navneskilte"))

    first, _second, third = reader.document.find("LI")
    mm = 25.4 / 72
    assert max(text.right for text in first.texts()) * mm < 105
    assert min(text.bottom for text in first.texts()) > max(text.bottom for text in third.texts())
    assert "".join(first.text.split()) == "".join(
        "".join(part.split()) for part in (made.meeting, made.name, made.title, made.whose, *made.themes)
    )


def make_badge(**fields: Any) -> Badge:
    values = {"meeting": "Politisk møde", "name": "Bo Ærø", "title": "Formand", "whose": "Herning Kommune"}
    return Badge(**{**values, **fields})


def test_a_usual_badge_has_the_largest_type_and_a_long_one_smaller() -> None:
    names = ("Bo Ærø", "Christina-Alexandra von Wesenberg-Skovgaard", widest(100))

    sizes = [fitted(make_badge(name=name), themes_in_short="").size for name in names]

    assert (sizes[0], sizes == sorted(sizes), sizes[2] < len(SIZES)) == (0, True, True)


@given(st.text(max_size=60))
@settings(max_examples=20)
def test_whatever_is_typed_can_be_printed(text: str) -> None:
    """What the typeface lacks becomes another character, so that one name keeps none from being printed."""
    made = name_badges.printable_badge(make_badge(name=f"Bo {text}"))

    assert PdfReader(name_badges.pdf_of([fitted(made, themes_in_short="")], title="x")).unread == []


def test_a_name_that_the_typeface_lacks_is_printed_as_far_as_it_goes(officer: Client) -> None:
    registration = create_registration(participants=0)
    create_participant(registration=registration, name="Zoë Łódź 😀 漢 Ngọc")

    for name in ("door_list", "name_badges"):
        assert "Zoë Łódź ? ? Ngọc" in printed(officer, registration.meeting, name).document.text


@pytest.mark.parametrize(("name", "file"), [("door_list", "doerliste"), ("name_badges", "navneskilte")])
def test_a_long_list_is_fetched_in_parts(
    officer: Client, meeting: Meeting, name: str, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_ON_A_LIST", 2)
    monkeypatch.setattr(pages, "MOST_BADGES", 2)
    url: str = page_url(name, meeting)

    whole = officer.get(url, {"sort": "municipality"})
    last = officer.get(url, {"sort": "municipality", "part": "2"})

    assertContains(whole, "Én fil rummer højst 2 personer.")
    assertContains(whole, "?sort=municipality&amp;part=2")
    assert last.headers["Content-Disposition"] == f'inline; filename="moede-{file}-2.pdf"'
    assert "Bo" in PdfReader(last.content).document.text
    assertContains(officer.get(url, {"part": "7"}), "Én fil rummer højst 2 personer.")


@pytest.mark.parametrize("name", ["door_list", "name_badges"])
def test_nobody_to_print_is_said(officer: Client, meeting: Meeting, name: str) -> None:
    response = officer.get(page_url(name, meeting), {"q": "Gone", "state": "withdrawn"}, follow=True)

    assertRedirects(response, f"{page_url('participants', meeting)}?q=Gone&state=withdrawn")
    assertContains(response, "Der er ingen at udskrive")


@pytest.mark.slow
def test_six_hundred_are_a_list_of_twenty_one_pages() -> None:
    meeting = create_meeting()
    registration = create_registration(meeting=meeting, participants=0)
    session = meeting.sessions.get()
    Participant.objects.bulk_create(
        Participant(registration=registration, session=session, name=f"Deltager {number}", token=str(number))
        for number in range(600)
    )
    found = entries(meeting, Selection())

    reader = PdfReader(door_list.door_list(meeting, found, by="session", sort="name"))

    assert len(reader.pdf.pages) == 21
    assert len(reader.document.find("TR")) == 601
