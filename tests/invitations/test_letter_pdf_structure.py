"""What a screen reader, an archive and a machine get from a letter's PDF."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import page
import pytest
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from hypothesis import given, settings
from hypothesis import strategies as st
from page import ValidationProfile
from PIL import Image

from invitations.letter_document import LetterDocument, SenderBlock, ThemesBlock
from invitations.pdf import ReadingOrderError, render_pdf
from invitations.pdf_painting import pieces
from tests.letter_documents import (
    SENDER,
    SENTENCE,
    bullets,
    filler,
    html,
    item,
    letter,
    paragraphs,
    programme,
    section,
    signatory,
    venue,
)
from tests.pdf_reader import PdfReader

NO_TEXT = SafeString("")
LONG = letter(
    sections=tuple(
        section(f"Afsnit {number}", filler(3), bullets(SENTENCE, SENTENCE * 3, "Kort")) for number in range(9)
    )
)
BARE = letter(title=NO_TEXT, salutation=NO_TEXT, margin=(), closing=NO_TEXT, signatories=())
WITH_LOGO = letter(
    sender=SenderBlock(
        name="KL", address_lines=(), website="", logo_url="letter-image:logo", logo_alt="KL's bomærke"
    )
)


def logo() -> bytes:
    file = BytesIO()
    Image.new("RGBA", (120, 60), (0, 64, 122, 128)).save(file, "PNG")
    return file.getvalue()


def render(document: LetterDocument) -> bytes:
    return render_pdf(html(document), images={"logo": logo()} if document is WITH_LOGO else None)


def read(document: LetterDocument) -> PdfReader:
    return PdfReader(render(document))


def failures(pdf: bytes, profile: ValidationProfile) -> list[str]:
    """The rules that a PDF breaks.

    STREAM-LENGTH is left out: the validator takes a last byte of compressed data that happens to be a
    carriage return for a line end, which veraPDF does not.
    """
    report = page.validate_pdf_bytes(pdf, profile=profile)
    return [str(found.rule_id) for found in report.failures if "STREAM-LENGTH" not in found.rule_id]


@pytest.mark.parametrize(
    "document", [letter(), LONG, BARE, WITH_LOGO], ids=["one page", "many pages", "bare", "with a logo"]
)
def test_it_is_pdf_ua_1_and_pdf_a_3a_at_once(
    document: LetterDocument, caplog: pytest.LogCaptureFixture
) -> None:
    pdf = render(document)

    assert failures(pdf, ValidationProfile.PDF_UA_1) == []
    assert failures(pdf, ValidationProfile.PDF_A_3A) == []
    assert [record.message for record in caplog.records] == []


def test_it_is_read_from_the_letterhead_to_the_signature() -> None:
    reader = read(letter(sections=(section("Sted", paragraphs("Vi mødes her:"), venue("Huset", "By 3")),)))

    assert reader.blocks == [
        ("P", "KL"),
        ("P", "Dato: 12. januar 2026"),
        ("P", "Sags ID: SAG-2026-01234"),
        ("P", "Dok. ID: 3210987"),
        ("P", "E-mail: moeder@kl.dk"),
        ("P", "Direkte: 3370 1234"),
        ("P", "Weidekampsgade 10"),
        ("P", "Postboks 3370"),
        ("P", "2300 København S"),
        ("P", "www.kl.dk"),
        ("P", "Til"),
        ("P", "Borgmesteren"),
        ("P", "Udvalget med ansvar for fritid"),
        ("H1", "Invitation til dialogmøde om fritid"),
        ("P", "Kære udvalgsmedlemmer"),
        ("H2", "Sted"),
        ("P", "Vi mødes her:"),
        ("P", "Huset By 3"),
        ("P", "Med venlig hilsen"),
        ("P", "Bo Krogh Formand for udvalget Kommunernes Forum"),
    ]


def test_all_words_are_read_with_the_spaces_between_them() -> None:
    mixed = (
        "Et <em>skævt</em> <strong>fedt</strong> ord, <strong>to fede</strong>, og "
        '<span class="nowrap">børne- og</span> ungeområdet. ' * 12
    )
    document = letter(sections=(section("", paragraphs(mixed), bullets(mixed)),))

    reader = read(document)

    body = html(document).partition('class="recipients"')[2].partition(">")[2]
    read_words = " ".join(text for role, text in reader.blocks[10:] if role != "Lbl").split()
    assert read_words == strip_tags(body.replace("<br>", " ")).split()


@given(
    texts=st.lists(
        st.text("abcæøåÆØÅéßł   \u00a0-–/.,()'\"%&<>1234567890", max_size=90), min_size=1, max_size=12
    )
)
@settings(max_examples=40)
def test_whatever_is_typed_is_read_word_for_word(texts: list[str]) -> None:
    marked = [
        format_html(("<strong>{}</strong>", "<em>{}</em>", "{}")[number % 3], text)
        for number, text in enumerate(texts)
    ]
    body = SafeString("".join(marked))
    bare = letter(title=NO_TEXT, salutation=NO_TEXT, closing=NO_TEXT, signatories=(), recipients=())

    reader = read(replace(bare, sections=(section("", paragraphs(body), bullets(body)),)))

    read_words = " ".join(text for role, text in reader.blocks[11:] if role != "Lbl").split()
    assert read_words == "".join(texts).split() * 2
    assert reader.unread == []


def test_no_space_is_doubled() -> None:
    reader = read(LONG)

    assert [text for _, text in reader.blocks if "  " in text] == []


def test_what_is_painted_is_either_read_or_page_furniture() -> None:
    reader = read(LONG)

    assert (reader.unread, reader.untagged, reader.links_outside_structure) == ([], [], 0)


def test_the_margin_column_is_read_once_though_each_page_shows_it() -> None:
    reader = read(letter(sections=(section("", filler(9)),)))

    assert reader.artifacts_of(0) == ["Side 1 af 2"]
    assert reader.artifacts_of(1) == [
        "Dato: 12. januar 2026",
        "Sags ID: SAG-2026-01234",
        "Dok. ID: 3210987",
        "E-mail: moeder@kl.dk",
        "Direkte: 3370 1234",
        "Weidekampsgade 10",
        "Postboks 3370",
        "2300 København S",
        "www.kl.dk",
        "Side 2 af 2",
    ]


def test_a_paragraph_cut_at_a_page_end_is_read_as_one() -> None:
    long_paragraph = (SENTENCE * 40).strip()

    reader = read(letter(sections=(section("", paragraphs(long_paragraph)),)))

    [paragraph] = [node for node in reader.document.find("P") if SENTENCE in node.text]
    assert (paragraph.pages, paragraph.text) == ([0, 1], long_paragraph)


def test_a_list_cut_at_a_page_end_is_read_as_one() -> None:
    reader = read(letter(sections=(section("", bullets(*[SENTENCE.strip()] * 40)),)))

    [found] = reader.document.find("L")
    assert (found.pages, len(found.children)) == ([0, 1], 40)


def test_a_programme_with_times_is_a_list_that_the_times_label() -> None:
    items = (item("Kl. 16.00", "Velkommen"), item("Kl. 16.15-17.00", "Temaer", themes=2))

    reader = read(letter(sections=(section("Program", programme(*items)),)))

    times, themes = reader.document.find("L")
    theme: Any = ("LI", [("Lbl", []), ("LBody", [("P", [])])])
    assert times.outline() == (
        "L",
        [
            ("LI", [("Lbl", []), ("LBody", [("P", [])])]),
            ("LI", [("Lbl", []), ("LBody", [("P", []), ("L", [theme, theme])])]),
        ],
    )
    assert [label.text.strip() for label in times.find("Lbl")] == ["Kl. 16.00", "Kl. 16.15-17.00", "•", "•"]
    assert times.attributes == {}
    assert themes.attributes == {"O": "/List", "ListNumbering": "/Disc"}


def test_a_programme_without_times_is_a_numbered_list() -> None:
    reader = read(letter(sections=(section("Program", programme(item("", "Velkommen"), item("", "Tak"))),)))

    [found] = reader.document.find("L")
    assert [label.text.strip() for label in found.find("Lbl")] == ["1.", "2."]
    assert found.attributes == {"O": "/List", "ListNumbering": "/Decimal"}


def test_a_list_begins_with_the_number_that_was_typed() -> None:
    text = paragraphs("Fortsat:")
    numbered = type(text)(html=SafeString('<ol start="4"><li>Fire</li><li>Fem</li></ol>'))

    reader = read(letter(sections=(section("", numbered),)))

    assert [label.text.strip() for label in reader.document.find("Lbl")] == ["4.", "5."]


def test_themes_can_stand_alone() -> None:
    themes = ThemesBlock(themes=item("", "Temaer", themes=2).themes)

    reader = read(letter(sections=(section("Temaer", themes),)))

    assert [body.text for body in reader.document.find("LBody")] == [
        "Tema 1: Emne nummer 1 ved bordene",
        "Tema 2: Emne nummer 2 ved bordene",
    ]


def test_an_abbreviation_is_read_in_full() -> None:
    reader = read(letter())

    [abbreviation] = reader.document.find("Span")
    assert (abbreviation.text, abbreviation.attributes) == ("v/", {"E": "ved"})


def test_a_link_has_one_area_a_line_inside_its_element() -> None:
    address = "https://tilmeld.kl.dk/fritid"
    link = f'<a href="{address}">Tilmelding <strong>her</strong></a>'

    reader = read(letter(margin=(), sender=SENDER, sections=(section("", paragraphs(link)),)))

    website, registration = reader.document.find("Link")
    assert (website.text, website.links) == ("www.kl.dk", ["https://www.kl.dk"])
    assert (registration.text, registration.links) == ("Tilmelding her", [address])
    assert reader.links_outside_structure == 0


def test_a_link_over_a_line_end_is_one_link() -> None:
    link = f'<a href="https://kl.dk/">{SENTENCE.strip()}</a>'

    reader = read(letter(sections=(section("", paragraphs(f"Se {link}")),)))

    found = reader.document.find("Link")[-1]
    assert (found.text, found.links) == (SENTENCE.strip(), ["https://kl.dk/"] * 2)


def test_a_logo_is_a_figure_with_its_text() -> None:
    reader = read(WITH_LOGO)

    [figure] = reader.document.find("Figure")
    assert figure.attributes["Alt"] == "KL's bomærke"


def test_the_outline_starts_at_one_with_a_title_and_without() -> None:
    sections = (section("Program", filler(1)), section("Sted", filler(1)))

    with_title = read(letter(title=SafeString("Møde om fritid"), sections=sections))
    without_title = read(letter(title=NO_TEXT, sections=sections))

    assert with_title.bookmarks == [("Møde om fritid", ["Program", "Sted"])]
    assert without_title.bookmarks == ["Program", "Sted"]
    assert [node.text for node in without_title.document.find("H1")] == ["Program", "Sted"]


def test_it_says_what_it_is() -> None:
    reader = read(letter())

    root = reader.pdf.Root
    info = {str(key): str(value) for key, value in reader.pdf.docinfo.items()}
    assert str(root.Lang) == "da"
    assert (bool(root.MarkInfo.Marked), bool(root.ViewerPreferences.DisplayDocTitle)) == (True, True)
    assert info == {
        "/Title": "Invitation til dialogmøde om fritid",
        "/Author": "KL",
        "/Subject": "Invitation",
        "/Keywords": "fritid, dialogmøde",
        "/Producer": "WeasyPrint 70.0",
    }
    assert ('pdfuaid:part="1"' in reader.metadata, 'pdfaid:part="3"' in reader.metadata) == (True, True)


def test_a_long_word_stays_whole_in_the_title_and_in_the_text() -> None:
    title = "Specialundervisningsforvaltningsdirektøren"

    reader = read(letter(document_title=title, title=SafeString(f"Møde med {title} og andre")))

    assert str(reader.pdf.docinfo.Title) == title
    assert ("H1", f"Møde med {title} og andre") in reader.blocks


def test_threads_get_the_same_bytes() -> None:
    source = html(LONG)
    alone = render_pdf(source)

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(render_pdf, [source] * 8))

    assert found == [alone] * 8


def test_another_machine_gets_the_same_bytes(tmp_path: Path) -> None:
    """Another process, place, time zone and hash seed, and no typeface on the machine."""
    source = tmp_path / "letter.html"
    source.write_text(html(letter()), encoding="utf-8")
    (tmp_path / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>'
    )
    program = (
        "import sys, hashlib, pathlib, invitations.pdf\n"
        "html = pathlib.Path(sys.argv[1]).read_text(encoding='utf-8')\n"
        "print(hashlib.sha256(invitations.pdf.render_pdf(html)).hexdigest())"
    )
    environment = os.environ | {
        "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"),
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "TZ": "Pacific/Auckland",
    }

    found = subprocess.run(
        [sys.executable, "-c", program, source],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=True,
    )

    assert found.stdout.decode().strip() == sha256(render(letter())).hexdigest()


def test_a_word_that_was_not_painted_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invitations.pdf_structure.pieces", lambda painted: list(pieces(painted))[:-1])

    with pytest.raises(ReadingOrderError, match="'KommunernesForum', which was not painted"):
        render(letter(signatories=(signatory("Bo Krogh", "Kommunernes Forum"),)))


def test_a_word_in_the_wrong_place_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invitations.pdf_structure.pieces", lambda painted: list(pieces(painted))[::-1])

    with pytest.raises(ReadingOrderError, match="Painted 'KommunernesForum' where the letter says 'KLDato:"):
        render(letter())
