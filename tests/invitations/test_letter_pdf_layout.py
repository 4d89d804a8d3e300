"""Where things stand on the pages of a letter. Positions are in points; A4 is 595 wide and 842 high."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from django.utils.safestring import SafeString

from invitations.letter_document import LetterDocument, MarginFact
from invitations.pdf import render_pdf
from tests.letter_documents import (
    MARGIN,
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
from tests.pdf_reader import Node, PdfReader

TEXT_LEFT, TEXT_RIGHT = 70.8, 413.9
MARGIN_LEFT, MARGIN_RIGHT = 442.2, 550
TOLERANCE = 0.2


def read(document: LetterDocument) -> PdfReader:
    return PdfReader(render_pdf(html(document)))


def node_with(reader: PdfReader, text: str, role: str = "P") -> Node:
    [found] = [node for node in reader.document.find(role) if text in node.text]
    return found


def broken_rules(reader: PdfReader) -> list[str]:
    """What stands in the wrong place at a page end."""
    broken = []
    blocks = [node for node in reader.document.nodes() if node.role in {"H1", "H2", "P", "LI"}]
    for block, following in pairwise(blocks):
        if block.role in {"H1", "H2"} and block.pages[-1] != following.pages[0]:
            broken.append(f"heading alone: {block.text}")
        if block.text == "Overvej dette:" and block.pages[-1] != following.pages[0]:
            broken.append("line alone that introduces a list")
    for whole in [*reader.document.find("L")[0].children, node_with(reader, "Havnegade 3")]:
        if isinstance(whole, Node) and len(whole.pages) > 1:
            broken.append(f"split: {whole.text}")
    paragraphs = reader.document.find("P")
    closing = paragraphs.index(node_with(reader, "Med venlig hilsen"))
    if len({page for paragraph in paragraphs[closing:] for page in paragraph.pages}) > 1:
        broken.append("signatures split")
    if paragraphs[closing - 1].pages[-1] != paragraphs[closing].pages[0]:
        broken.append("signatures alone")
    return broken


@pytest.mark.parametrize("start", range(4))
def test_nothing_is_cut_at_a_page_end_that_belongs_together(start: int) -> None:
    """Pushed down line by line, so that each part meets the end of a page."""
    broken = []
    for lines in range(start, 46, 4):
        sections = (
            section("", filler(4), paragraphs(*["En kort linje"] * lines)),
            section(
                "Program",
                programme(
                    item("Kl. 16.00", "Velkommen"),
                    item(
                        "Kl. 16.15", SENTENCE, details="<p>Vælg et tema:</p>", themes=4, notes="<p>Slut</p>"
                    ),
                    item("Kl. 17.00", "Tak"),
                ),
            ),
            section("Sted", venue("Kulturhuset", "Havnegade 3", "9990 Skagen")),
            section("Mere", paragraphs("Overvej dette:"), bullets("Et", "To", "Tre"), filler(1)),
        )
        signatories = (signatory("Bo Krogh", "Formand"), signatory("Ida Lund", "Kontorchef", "Kontoret"))
        reader = read(letter(sections=sections, signatories=signatories))
        broken += [f"{lines} lines: {rule}" for rule in broken_rules(reader)]

    assert broken == []


def test_an_item_longer_than_a_page_is_printed_whole() -> None:
    long_item = item("", "Langt", details=f"<p>{SENTENCE * 5}</p>" * 14)

    reader = read(letter(sections=(section("Program", programme(item("", "Kort"), long_item)),)))

    [_, found] = reader.document.find("L")[0].children
    assert isinstance(found, Node)
    assert (found.pages, found.text.count(SENTENCE.strip())) == ([1, 2, 3], 70)


def test_more_signatories_than_a_page_holds_are_printed() -> None:
    signatories = tuple(signatory(f"Navn {number}", "Formand", "Udvalget") for number in range(30))

    reader = read(letter(sections=(section("", filler(1)),), signatories=signatories))

    assert [text.partition(" Formand")[0] for _, text in reader.blocks[-30:]] == [
        f"Navn {number}" for number in range(30)
    ]


def test_two_hundred_recipients_push_the_letter_down_but_not_the_margin() -> None:
    recipients = tuple(SafeString(f"Udvalg nummer {number}") for number in range(200))

    reader = read(letter(recipients=recipients))

    title = node_with(reader, "Invitation", "H1")
    assert [text for _, text in reader.blocks if text.startswith("Udvalg nummer")] == list(recipients)
    assert (node_with(reader, "Dato:").pages, title.pages) == ([0], [3])


def test_each_page_has_the_margin_column_at_one_height_and_its_number() -> None:
    reader = read(letter(sections=(section("", filler(16)),)))

    found = [
        [
            (text.text, round(text.left), round(text.bottom))
            for text in reader.texts_of(page)
            if text.text.startswith(("Dato", "Weidekampsgade", "Side"))
        ]
        for page in range(3)
    ]
    assert found == [
        [
            ("Dato: 12. januar 2026", 442, 652),
            ("Weidekampsgade 10", 442, 585),
            (f"Side {number} af 3", 442, 60),
        ]
        for number in (1, 2, 3)
    ]


def test_a_crowded_margin_column_keeps_clear_of_the_page_number_and_the_edge() -> None:
    facts = (
        *MARGIN,
        MarginFact(label="E-mail", value="et.meget.langt.navn.paa.en.medarbejder@et-langt-domaene.kl.dk"),
        *[MarginFact(label=f"Felt {number}", value="x" * 60) for number in range(5)],
    )
    sender = replace(SENDER, address_lines=("En adresselinje, der fylder mere end en linje",) * 6)

    reader = read(letter(margin=facts, sender=sender, sections=(section("", filler(9)),)))

    for page in (0, 1):
        column = [text for text in reader.texts_of(page) if text.left > TEXT_RIGHT]
        [number] = [text for text in column if text.text.startswith("Side")]
        lowest = min(text.bottom for text in column if text is not number)
        assert lowest > number.bottom + 15
        assert max(text.right for text in column) < MARGIN_RIGHT + TOLERANCE


def test_no_word_is_too_long_for_its_column() -> None:
    sections = (
        section(
            "h" * 200,
            paragraphs("x" * 500, f"https://tilmeld.kl.dk/{'lang-' * 60}", f"<strong>{'Æ' * 200}</strong>"),
            bullets("y" * 300),
            programme(item("Kl. 10.00", "z" * 200, themes=1, details=f"<p>{'u' * 200}</p>")),
            venue("v" * 200),
        ),
    )
    document = letter(
        title=SafeString("W" * 150),
        recipients=(SafeString("r" * 200),),
        sections=sections,
        signatories=(signatory("n" * 150, "t" * 200),),
    )

    reader = read(document)

    body = [text for page in (0, 1) for text in reader.texts_of(page) if text.left < TEXT_RIGHT]
    assert max(text.right for text in body) < TEXT_RIGHT + TOLERANCE
    assert min(text.left for text in body) > TEXT_LEFT


def test_times_stand_in_a_column_and_what_belongs_to_them_beside_it() -> None:
    details = "<p>Vælg et tema:</p>"
    items = (item("Kl. 9.00", "Velkommen"), item("Kl. 16.15", "Temaer", details=details))

    reader = read(letter(sections=(section("Program", programme(*items)),)))

    lefts = {
        text.text.strip(): round(text.left, 1)
        for text in reader.document.find("L")[0].texts()
        if text.text.strip()
    }
    assert lefts == {
        "Kl. 9.00": 70.9,
        "Velkommen": 121.9,
        "Kl. 16.15": 70.9,
        "Temaer": 121.9,
        "Vælg et tema:": 121.9,
    }


def test_times_with_an_end_get_a_wider_column() -> None:
    items = (item("Kl. 9.00", "Velkommen"), item("Kl. 10.00-10.05", "Temaer"))

    reader = read(letter(sections=(section("Program", programme(*items)),)))

    texts = {text.text.strip(): text for text in reader.document.find("L")[0].texts()}
    assert round(texts["Velkommen"].left, 1) == round(texts["Temaer"].left, 1) == 150.2
    assert texts["Kl. 10.00-10.05"].right < 150


def test_the_text_is_bold_after_a_time_and_not_after_a_number() -> None:
    def faces(label: str) -> set[str]:
        sections = (section("", programme(item(label, "Velkommen"))),)
        sender = replace(SENDER, name="")
        return read(letter(title=SafeString(""), recipients=(), sender=sender, sections=sections)).fonts

    assert faces("") == {"KL-Letter-Sans"}
    assert faces("Kl. 9.00") == {"KL-Letter-Sans", "KL-Letter-Sans-Bold"}


def test_no_line_ends_inside_what_is_kept_together() -> None:
    """Pushed along word by word, so that it meets the end of a line."""
    split = []
    for length in range(1, 60):
        start = "x " * length
        reader = read(
            letter(sections=(section("", paragraphs(f'{start}<span class="nowrap">børne- og</span> unge')),))
        )
        texts = [text.text for text in node_with(reader, "børne").texts()]
        split += [length for text in texts if "børne-" in text and "børne- og" not in text]

    assert split == []


def test_no_ordinary_word_is_cut_in_two() -> None:
    """Not even where what stands before it leaves the line no place to end but far back."""
    cut = []
    for length in range(1, 60, 2):
        words = (
            f'{"x " * length}<span class="nowrap">mini-SFO</span> <abbr title="ved">v/</abbr>\u00a0kommunerne'
        )
        reader = read(letter(sections=(section("", paragraphs(f"<strong>{words} og andre</strong>")),)))
        texts = [text.text for text in node_with(reader, "mini-SFO").texts()]
        cut += [length for text in texts if text.startswith("\u00a0k") and "kommunerne" not in text]

    assert cut == []
