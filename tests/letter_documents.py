"""Letters to lay out, with prose of our own: each valid as it comes, each part replaceable by keyword."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from invitations.letter_document import (
    Block,
    LetterDocument,
    LinesBlock,
    ListBlock,
    MarginFact,
    ProgrammeBlock,
    ProgrammeLine,
    Section,
    SenderBlock,
    SignatoryBlock,
    TextBlock,
    ThemeLine,
)

SENTENCE = (
    "Udvalget vil gerne høre, hvordan I griber opgaven an, hvad der lykkes hos jer, og hvilke rammer der "
    "ville gøre den lettere i jeres hverdag. "
)
SENDER = SenderBlock(
    name="KL",
    address_lines=("Weidekampsgade 10", "Postboks 3370", "2300 København S"),
    website="www.kl.dk",
    website_url="https://www.kl.dk",
)
MARGIN = (
    MarginFact(label="Sags ID", value="SAG-2026-01234"),
    MarginFact(label="Dok. ID", value="3210987"),
    MarginFact(label="E-mail", value="moeder@kl.dk", url="mailto:moeder@kl.dk"),
    MarginFact(label="Direkte", value="3370 1234", url="tel:+4533701234"),
)


def paragraphs(*texts: str) -> TextBlock:
    return TextBlock(html=SafeString("".join(f"<p>{text}</p>\n" for text in texts)))


def filler(count: int, *, sentences: int = 3) -> TextBlock:
    """Paragraphs of three lines or so."""
    return paragraphs(*[(SENTENCE * sentences).strip()] * count)


def section(heading: str, *blocks: Block) -> Section:
    return Section(heading_lines=(SafeString(heading),) if heading else (), blocks=blocks)


def item(label: str, text: str, *, themes: int = 0, details: str = "", notes: str = "") -> ProgrammeLine:
    return ProgrammeLine(
        label=label,
        text=SafeString(text),
        details=SafeString(details),
        themes=tuple(
            ThemeLine(label=f"Tema {number}:", text=SafeString(f"Emne nummer {number} ved bordene"))
            for number in range(1, themes + 1)
        ),
        notes=SafeString(notes),
    )


def programme(*items: ProgrammeLine) -> ProgrammeBlock:
    return ProgrammeBlock(items=items, numbered=not items[0].label)


def venue(*lines: str) -> LinesBlock:
    return LinesBlock(kind="venue", lines=tuple(SafeString(line) for line in lines))


def bullets(*texts: str) -> ListBlock:
    return ListBlock(items=tuple(SafeString(text) for text in texts))


def signatory(name: str, *title_lines: str) -> SignatoryBlock:
    return SignatoryBlock(name=name, title_lines=title_lines)


def letter(**parts: Any) -> LetterDocument:
    """A letter of a page, with every kind of part that the real ones have."""
    valid: dict[str, Any] = {
        "document_title": "Invitation til dialogmøde om fritid",
        "title": SafeString("Invitation til dialogmøde om fritid"),
        "date": "12. januar 2026",
        "recipients": (SafeString("Borgmesteren"), SafeString("Udvalget med ansvar for fritid")),
        "margin": MARGIN,
        "sender": SENDER,
        "salutation": SafeString("Kære udvalgsmedlemmer"),
        "sections": (
            section("", filler(1)),
            section(
                "Program",
                programme(
                    item("Kl. 16.00", 'Velkommen <abbr title="ved">v/</abbr>\u00a0borgmester Ida Lund'),
                    item("Kl. 16.15", "Drøftelser ved bordene", details="<p>Vælg et tema:</p>", themes=2),
                    item("Kl. 17.30", "Tak for i dag"),
                ),
            ),
            section("Sted", venue("Kulturhuset", "Havnegade 3", "9990 Skagen")),
            section(
                "Tilmelding",
                paragraphs('Tilmeld jer på <a href="https://tilmeld.kl.dk/fritid">tilmeld.kl.dk/fritid</a>.'),
            ),
        ),
        "closing": SafeString("Med venlig hilsen"),
        "signatories": (signatory("Bo Krogh", "Formand for udvalget", "Kommunernes Forum"),),
        "author": "KL",
        "subject": "Invitation",
        "keywords": ("fritid", "dialogmøde"),
    }
    return LetterDocument(**(valid | parts))


def html(document: LetterDocument) -> str:
    return render_to_string("invitations/letter/pdf.html", {"letter": document})
