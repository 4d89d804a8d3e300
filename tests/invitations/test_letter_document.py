from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from invitations.letter_document import (
    LetterDocument,
    LinesBlock,
    ListBlock,
    ProgrammeBlock,
    TextBlock,
    ThemesBlock,
)
from invitations.letter_html import letter_document, letter_html, phone_url, web_url
from invitations.models import Announcement, Letter, Meeting, Section, Sender, Signatory
from tests.factories import (
    create_area,
    create_enclosure,
    create_letter,
    create_meeting,
    create_programme_item,
    create_question,
    create_session,
    create_theme,
    get_area,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def plain(markup: str) -> str:
    """What somebody reads: no elements, ordinary spaces."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", markup)).replace("\u00a0", " ").split())


def letter_with(*blocks: str, meeting: Meeting | None = None, **fields: Any) -> Letter:
    """A letter of one section for each of `blocks`."""
    letter = create_letter(meeting=meeting, **fields)
    letter.sections.all().delete()
    for position, block in enumerate(blocks):
        Section.objects.create(letter=letter, position=position, block=block)
    return letter


def drawn(block: str, meeting: Meeting | None = None, **fields: Any) -> Any:
    """What one block prints."""
    return letter_document(letter_with(block, meeting=meeting, **fields)).sections[0].blocks


def problems(letter: Letter) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        letter_document(letter)
    return {
        place: [re.split(r"\. (?:Did you mean|You can)", sentence)[0] for sentence in sentences]
        for place, sentences in refused.value.message_dict.items()
    }


def test_it_carries_what_stands_around_the_sections() -> None:
    letter = create_letter(
        meeting=create_meeting(title="Dialogmøde"),
        title="Invitation til {title}",
        salutation="Kære udvalg i {area}",
        recipients="Udvalget i {area}\n\n  Direktøren ",
        case_number="SAG-2027-00042",
        document_number="3141592",
        contact_email="moeder@kl.example",
        contact_phone="3370 1234",
        closing="Vi ses i {city}",
    )

    document = letter_document(letter)

    assert document.document_title == "Invitation til Dialogmøde"
    assert document.title == "Invitation til Dialogmøde"
    assert document.date == "25. januar 2027"
    assert document.salutation == "Kære udvalg i Region Midtjylland"
    assert document.recipients == ("Udvalget i Region Midtjylland", "Direktøren")
    assert [(fact.label, fact.value, fact.url) for fact in document.margin] == [
        ("Sags ID", "SAG-2027-00042", ""),
        ("Dok. ID", "3141592", ""),
        ("E-mail", "moeder@kl.example", "mailto:moeder@kl.example"),
        ("Direkte", "3370 1234", "tel:+4533701234"),
    ]
    assert document.closing == "Vi ses i Herning"
    assert [(signatory.name, signatory.title_lines) for signatory in document.signatories] == [
        ("Kirsten Holm", ("Formand for KL's Børne- og Undervisningsudvalg",))
    ]


def test_a_label_stands_in_the_margin_only_where_it_has_a_value() -> None:
    assert letter_document(create_letter(document_number="7")).margin[0].label == "Dok. ID"
    assert len(letter_document(create_letter(document_number="7")).margin) == 1


def test_a_signatory_may_have_no_title_or_one_of_several_lines() -> None:
    letter = create_letter()
    Signatory.objects.create(letter=letter, position=1, name="Bo Krogh", title="Formand\r\n\r\nUdvalget")
    Signatory.objects.create(letter=letter, position=2, name="Eva Dam")

    signatories = letter_document(letter).signatories

    assert [signatory.title_lines for signatory in signatories[1:]] == [("Formand", "Udvalget"), ()]


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("invitation", "Invitation: Dialogmøde"),
        ("follow_up", "Opfølgning: Dialogmøde"),
        ("save_the_date", "Reservér datoen: Dialogmøde"),
        ("change", "Ændring: Dialogmøde"),
        ("cancellation", "Aflysning: Dialogmøde"),
    ],
)
def test_a_letter_without_a_title_has_one_for_readers_of_the_pdf(kind: str, title: str) -> None:
    document = letter_document(create_letter(kind=kind, meeting=create_meeting(title="Dialogmøde")))

    assert document.document_title == title
    assert document.title == ""


def test_a_heading_may_have_several_lines() -> None:
    letter = letter_with()
    Section.objects.create(letter=letter, heading="Møde i {city}\r\nden {date} {time}\n", text="Velkommen.")

    (section,) = letter_document(letter).sections

    assert [plain(line) for line in section.heading_lines] == [
        "Møde i Herning",
        "den 15. april 2027 kl. 17-19",
    ]
    assert [type(block) for block in section.blocks] == [TextBlock]


def test_text_stands_above_the_block_of_its_section() -> None:
    letter = letter_with()
    Section.objects.create(letter=letter, text="Mødet er her:", block="venue")

    text, venue = letter_document(letter).sections[0].blocks

    assert isinstance(text, TextBlock)
    assert text.html == "<p>Mødet er her:</p>"
    assert isinstance(venue, LinesBlock)


def test_markup_in_a_fact_is_printed_as_it_stands() -> None:
    letter = letter_with(meeting=create_meeting(title="1. *Ny* start_her_"))
    Section.objects.create(letter=letter, text="{title}")

    (block,) = letter_document(letter).sections[0].blocks

    assert isinstance(block, TextBlock)
    assert block.html == "<p>1. *Ny* start_her_</p>"


def programme(*items: dict[str, Any]) -> ProgrammeBlock:
    meeting = create_meeting()
    for item in items:
        create_programme_item(meeting=meeting, **item)
    (block,) = drawn("programme", meeting)
    assert isinstance(block, ProgrammeBlock)
    return block


def lines(block: ProgrammeBlock) -> list[str]:
    return [plain(f"{item.label} {item.text}") for item in block.items]


def test_an_item_has_its_time_title_speakers_and_room() -> None:
    block = programme(
        {"time": time(17), "title": "Velkommen", "speakers": "borgmester Ida Lund", "room": "Salen"},
        {"time": time(17, 10), "until": time(17, 40), "title": "Oplæg", "room": "Lokale 2"},
        {"time": time(18, 5), "title": "Tak for i dag"},
    )

    assert not block.numbered
    assert lines(block) == [
        "Kl. 17.00 Velkommen v/ borgmester Ida Lund, Salen",
        "Kl. 17.10-17.40 Oplæg, Lokale 2",
        "Kl. 18.05 Tak for i dag",
    ]


def test_items_without_a_time_are_numbered() -> None:
    block = programme({"title": "Velkommen"}, {"title": "Drøftelse", "speakers": "Bo Krogh"})

    assert block.numbered
    assert lines(block) == ["Velkommen", "Drøftelse v/ Bo Krogh"]


def test_among_items_with_a_time_one_without_has_no_number() -> None:
    block = programme({"time": time(17), "title": "Velkommen"}, {"title": "Pause"})

    assert not block.numbered
    assert lines(block) == ["Kl. 17.00 Velkommen", "Pause"]


def test_who_listens_hears_ved() -> None:
    (item,) = programme({"title": "Velkommen", "speakers": "Bo"}).items

    assert item.text == 'Velkommen <abbr title="ved">v/</abbr>\u00a0Bo'


def test_details_stand_above_the_themes_and_notes_below_them() -> None:
    meeting = create_meeting()
    for title in ("Første runde", "Anden runde"):
        item = create_programme_item(
            meeting=meeting, title=title, details="Vælg et *tema* i {city}:", notes="Plads til alle."
        )
        create_theme(
            item=item, title="Trivsel", speakers="Eva Dam", room="Lokale 1", details="- Hvad\n- Hvordan"
        )
        create_theme(item=item, title="Fællesskab")

    (block,) = drawn("programme", meeting)

    for line in block.items:
        assert line.details == "<p>Vælg et <em>tema</em> i Herning:</p>"
        assert [plain(f"{theme.label} {theme.text}") for theme in line.themes] == [
            "Tema 1: Trivsel v/ Eva Dam, Lokale 1",
            "Tema 2: Fællesskab",
        ]
        assert plain(line.themes[0].details) == "Hvad Hvordan"
        assert line.notes == "<p>Plads til alle.</p>"


def test_the_themes_block_prints_those_of_all_items() -> None:
    meeting = create_meeting()
    create_programme_item(meeting=meeting)
    for titles in (("A", "B"), ("C",)):
        item = create_programme_item(meeting=meeting)
        for title in titles:
            create_theme(item=item, title=title)

    blocks = drawn("themes", meeting)

    assert [type(block) for block in blocks] == [ThemesBlock, ThemesBlock]
    assert [[plain(f"{theme.label} {theme.text}") for theme in block.themes] for block in blocks] == [
        ["Tema 1: A", "Tema 2: B"],
        ["Tema 1: C"],
    ]


def test_the_venue_stands_on_lines() -> None:
    meeting = create_meeting(session=False)
    create_session(meeting=meeting, venue_room="Byrådssalen")

    (block,) = drawn("venue", meeting)

    assert [plain(line) for line in block.lines] == [
        "Rådhuset i Herning",
        "Byrådssalen",
        "Torvet 5",
        "7400 Herning",
    ]


def test_sessions_at_the_same_place_have_one_venue() -> None:
    meeting = create_meeting()
    create_session(meeting=meeting, starts_date=date(2027, 4, 16))

    assert len(drawn("venue", meeting)) == 1


def test_several_venues_stand_under_their_dates() -> None:
    meeting = create_meeting()
    create_session(
        meeting=meeting, starts_date=date(2027, 4, 16), label="Øst", online=True, ends_time=time(18, 30)
    )

    blocks = drawn("venue", meeting)

    assert [[plain(line) for line in block.lines] for block in blocks] == [
        ["Torsdag den 15. april 2027 kl. 17-19", "Rådhuset i Herning", "Torvet 5", "7400 Herning"],
        ["Øst: Fredag den 16. april 2027 kl. 17.00-18.30", "Virtuelt"],
    ]


def test_a_session_prints_its_date_then_its_venue() -> None:
    meeting = create_meeting()
    create_session(meeting=meeting, starts_date=date(2027, 4, 16), label="Øst", online=True)

    (block,) = drawn("sessions", meeting)

    assert block.kind == "sessions"
    assert [plain(line) for line in block.lines] == [
        "Torsdag den 15. april 2027 kl. 17-19 Rådhuset i Herning, Torvet 5, 7400 Herning",
        "Øst: Fredag den 16. april 2027 kl. 17-19 Virtuelt",
    ]


def test_a_session_may_last_several_days_or_have_no_time() -> None:
    meeting = create_meeting(session=False)
    create_session(meeting=meeting, ends_date=date(2027, 4, 16), ends_time=time(12))
    create_session(meeting=meeting, starts_time=None, ends_time=None)

    (block,) = drawn("sessions", meeting)

    assert [plain(line).partition(" Rådhuset")[0] for line in block.lines] == [
        "Torsdag den 15. april 2027 kl. 17.00 til fredag den 16. april 2027 kl. 12.00",
        "Torsdag den 15. april 2027",
    ]


def test_questions_are_bullets() -> None:
    meeting = create_meeting()
    create_question(meeting=meeting, text="Hvad lykkes I med?")
    create_question(meeting=meeting, text="Hvad er svært?")

    (block,) = drawn("questions", meeting)

    assert isinstance(block, ListBlock)
    assert (block.intro, block.items) == ("", ("Hvad lykkes I med?", "Hvad er svært?"))


def test_practical_information_is_markdown_with_facts() -> None:
    meeting = create_meeting(practical_information="**Parkering** ved {venue}.")

    (block,) = drawn("practical_information", meeting)

    assert plain(block.html) == "Parkering ved Rådhuset i Herning, Torvet 5, 7400 Herning."


def test_attachments_stand_under_their_word_with_and_without_a_file() -> None:
    letter = letter_with("attachments")
    create_enclosure(letter=letter, title="Kerneværdier")
    create_enclosure(letter=letter, title="Sendes særskilt", content=None)

    (block,) = letter_document(letter).sections[0].blocks

    assert isinstance(block, ListBlock)
    assert (block.intro, block.items) == ("Bilag:", ("Kerneværdier", "Sendes særskilt"))


def test_an_announced_meeting_has_its_areas_date_and_time() -> None:
    letter = letter_with("announced_meetings")
    sjaelland = create_meeting(areas=[get_area("Region Sjælland")], session=False)
    create_session(meeting=sjaelland, starts_time=time(14), ends_time=time(15, 30))
    group = create_area(name="kommuner ved vandet")
    two = create_meeting(areas=[group, get_area("Hele landet")], session=False)
    create_session(meeting=two, starts_date=date(2027, 6, 16), starts_time=None, ends_time=None)
    create_session(meeting=two, starts_date=date(2027, 6, 17))
    for position, meeting in enumerate([two, sjaelland]):
        Announcement.objects.create(letter=letter, meeting=meeting, position=position)

    (block,) = letter_document(letter).sections[0].blocks

    assert isinstance(block, LinesBlock)
    assert [plain(line) for line in block.lines] == [
        "Kommuner ved vandet og hele landet: Onsdag den 16. juni",
        "Kommuner ved vandet og hele landet: Torsdag den 17. juni kl. 17-19",
        "Region Sjælland: Torsdag den 15. april kl. 14.00-15.30",
    ]


def test_the_whole_country_alone_begins_with_a_capital() -> None:
    letter = letter_with("announced_meetings")
    Announcement.objects.create(letter=letter, meeting=create_meeting(areas=[get_area("Hele landet")]))

    (block,) = letter_document(letter).sections[0].blocks

    assert isinstance(block, LinesBlock)
    assert plain(block.lines[0]) == "Hele landet: Torsdag den 15. april kl. 17-19"


@pytest.mark.parametrize(
    ("block", "name"),
    [
        ("programme", "programme"),
        ("themes", "themes"),
        ("sessions", "sessions"),
        ("venue", "place"),
        ("questions", "questions"),
        ("practical_information", "practical information"),
        ("attachments", "enclosures"),
        ("announced_meetings", "announced meetings"),
    ],
)
def test_a_block_that_has_nothing_to_print_is_a_problem(block: str, name: str) -> None:
    letter = letter_with(block, meeting=create_meeting(session=False))

    assert problems(letter) == {
        "sections[0].block": [f"The meeting has nothing to print in the block “{name}”."]
    }


def test_each_problem_is_told_at_its_field() -> None:
    meeting = create_meeting(practical_information="{sted}")
    item = create_programme_item(meeting=meeting, details="{sted}", notes="{sted} {by}")
    create_theme(item=item)
    create_theme(item=item, details="{sted}")
    letter = letter_with(
        "programme",
        "practical_information",
        meeting=meeting,
        title="{sted}",
        salutation="{sted}",
        closing="{sted}",
        recipients="Borgmesteren\n{sted}",
    )
    Section.objects.create(letter=letter, position=2, heading="{sted}", text="{sted}")
    unknown = "{sted} cannot be printed: there is no such placeholder"

    assert problems(letter) == {
        "title": [unknown],
        "salutation": [unknown],
        "closing": [unknown],
        "recipients[1]": [unknown],
        "sections[2].heading": [unknown],
        "sections[2].text": [unknown],
        "programme[0].details": [unknown],
        "programme[0].notes": [unknown, unknown.replace("sted", "by")],
        "programme[0].themes[1].details": [unknown],
        "practical_information": [unknown],
    }


def test_a_programme_printed_twice_tells_its_problem_once() -> None:
    meeting = create_meeting()
    create_programme_item(meeting=meeting, details="{sted}")

    assert list(problems(letter_with("programme", "programme", meeting=meeting)).values()) == [
        ["{sted} cannot be printed: there is no such placeholder"]
    ]


def test_a_letter_that_is_too_long_is_not_even_read() -> None:
    letter = letter_with()
    for position in range(40):
        Section.objects.create(letter=letter, position=position, text="Et ord til. " * 833)

    assert problems(letter) == {
        "sections[15].text": [
            "The letter is too long, or its lists are nested too deep, to be made into a PDF."
        ]
    }


def test_so_is_one_that_prints_a_long_programme_again_and_again() -> None:
    meeting = create_meeting()
    create_programme_item(meeting=meeting, details="Et ord til. " * 800)
    letter = letter_with(*["programme"] * 40, meeting=meeting)

    assert list(problems(letter)) == ["programme[0].details"]


def test_typed_markup_cannot_reach_the_page() -> None:
    attack = "<script>alert(1)</script>"
    meeting = create_meeting(title=attack)
    create_programme_item(meeting=meeting, title=attack, speakers=attack, room=attack, details=attack)
    create_question(meeting=meeting, text=attack)
    letter = letter_with(
        "programme",
        "questions",
        meeting=meeting,
        title=attack,
        salutation=attack,
        recipients=attack,
        closing=attack,
        case_number="<b>1</b>",
        contact_phone="<b>1</b>",
    )
    Section.objects.create(letter=letter, position=2, heading=attack, text=attack)
    Signatory.objects.create(letter=letter, name=attack, title=attack)

    page = letter_html(letter_document(letter))

    assert "<script" not in page
    assert "<b>" not in page


def test_the_sender_is_that_of_the_settings() -> None:
    Sender.objects.update(name="Kommunernes Forum", address="Gade 1\n\n1000 By\n", website="forum.example")

    sender = letter_document(create_letter()).sender

    assert (sender.name, sender.address_lines) == ("Kommunernes Forum", ("Gade 1", "1000 By"))
    assert (sender.website, sender.website_url, sender.logo_url) == (
        "forum.example",
        "https://forum.example",
        "",
    )


@pytest.mark.parametrize(
    ("phone", "url"),
    [
        ("3370 3365", "tel:+4533703365"),
        ("33 70 33 65", "tel:+4533703365"),
        ("+45 3370 3365", "tel:+4533703365"),
        ("lokal 12", ""),
        ("3370 3365 eller 3370 3366", ""),
        ("", ""),
    ],
)
def test_a_phone_number_is_a_link_where_it_is_one_number(phone: str, url: str) -> None:
    assert phone_url(phone) == url


@pytest.mark.parametrize(
    ("website", "url"),
    [("www.kl.dk", "https://www.kl.dk"), ("http://kl.example", "http://kl.example"), ("", "")],
)
def test_a_web_site_is_a_link_whether_or_not_it_is_typed_as_one(website: str, url: str) -> None:
    assert web_url(website) == url


@pytest.mark.parametrize("size", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_letter(
    size: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    meeting = create_meeting()
    letter = letter_with("programme", "announced_meetings", meeting=meeting)
    for position in range(size):
        create_theme(item=create_programme_item(meeting=meeting))
        Announcement.objects.create(letter=letter, meeting=create_meeting(), position=position)
    letter = Letter.objects.select_related("meeting").get(pk=letter.pk)

    with django_assert_num_queries(10):
        document = letter_document(letter)

    assert isinstance(document, LetterDocument)
