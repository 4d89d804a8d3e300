"""A letter as it is laid out: what stands where, in plain Python, before any HTML.

The builder fills it from the models; the templates in `templates/invitations/letter/` print it as the HTML
from which both the PDF and the web page are made. Nothing here knows a model, a database or a page size.

Two kinds of text stand in it. A `SafeString` is inline HTML made by us, with no other elements than `strong`,
`em`, `a`, `br`, `abbr` and `span class="nowrap"`; block HTML (`TextBlock.html`, `details`, `notes`) may hold
`p`, `ul`, `ol` and `li` besides. A plain `str` is text that somebody typed; the templates escape it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from django.utils.safestring import SafeString

NOTHING = SafeString("")


@dataclass(frozen=True, kw_only=True)
class MarginFact:
    """One fact of the margin column: `Dato: 6. februar 2019`. Made only where there is a value; `label` has
    no colon.
    """

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class SenderBlock:
    """Who writes: the name or logo at the top of page 1, and the address that stands on every page.

    `logo_url` is empty or `letter-image:NAME` (see `invitations.pdf.render_pdf`); with a logo the name is
    printed only as its text alternative, unless `logo_alt` says it better. `website` is printed as it stands
    (`www.kl.dk`) and links to `website_url`.
    """

    name: str
    address_lines: tuple[str, ...]
    website: str
    website_url: str = ""
    logo_url: str = ""
    logo_alt: str = ""


@dataclass(frozen=True, kw_only=True)
class TextBlock:
    """Running text: paragraphs and lists, rendered from allow-listed Markdown."""

    template: ClassVar[str] = "invitations/letter/_text.html"

    html: SafeString


@dataclass(frozen=True, kw_only=True)
class ThemeLine:
    """One theme of a programme item: `Tema 1: Motiverende skoledag v/ ...`; `label` has its colon, or is
    empty.
    """

    label: str
    text: SafeString
    details: SafeString = NOTHING


@dataclass(frozen=True, kw_only=True)
class ProgrammeLine:
    """One item of the programme, in the order of print: label and text, details, themes, notes.

    `label` is the time (`Kl. 17.00`, `Kl. 10.00-10.05`), empty in a numbered programme. `text` carries no
    `strong` of its own: as in the letters, the text after a time is bold, the text after a number is not.
    """

    label: str
    text: SafeString
    details: SafeString = NOTHING
    themes: tuple[ThemeLine, ...] = ()
    notes: SafeString = NOTHING


@dataclass(frozen=True, kw_only=True)
class ProgrammeBlock:
    """The programme; `numbered` where its items have no times."""

    template: ClassVar[str] = "invitations/letter/_programme.html"

    items: tuple[ProgrammeLine, ...]
    numbered: bool

    @property
    def layout(self) -> str:
        """The style sheet's class: numbers, times, or times with an end, which take a wider column."""
        if self.numbered:
            return "numbered"
        return "timed spans" if any("-" in item.label for item in self.items) else "timed"


@dataclass(frozen=True, kw_only=True)
class ThemesBlock:
    """The themes alone, for a letter that leaves the programme out."""

    template: ClassVar[str] = "invitations/letter/_themes.html"

    themes: tuple[ThemeLine, ...]


@dataclass(frozen=True, kw_only=True)
class LinesBlock:
    """Lines that are facts of the meeting.

    A `venue` is one address: its lines make one paragraph, never split over two pages (several venues:
    several blocks). `sessions` and `announced_meetings` are lists, one meeting a line.
    """

    template: ClassVar[str] = "invitations/letter/_lines.html"

    kind: Literal["venue", "sessions", "announced_meetings"]
    lines: tuple[SafeString, ...]


@dataclass(frozen=True, kw_only=True)
class ListBlock:
    """A bulleted list: questions to consider, or enclosures under the word `Bilag:`."""

    template: ClassVar[str] = "invitations/letter/_list.html"

    items: tuple[SafeString, ...]
    intro: str = ""


Block = TextBlock | ProgrammeBlock | ThemesBlock | LinesBlock | ListBlock


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the letter under a heading of one or more lines, or under none.

    In the one that `asks`, a municipality's own copy prints its own link.
    """

    blocks: tuple[Block, ...]
    heading_lines: tuple[SafeString, ...] = ()
    asks: bool = False

    def texts(self) -> Iterator[SafeString]:
        """The HTML of its heading and running text."""
        yield from self.heading_lines
        yield from (block.html for block in self.blocks if isinstance(block, TextBlock))


def asking_where_named(sections: Iterable[Section], url: str) -> tuple[Section, ...]:
    """The sections, of which the first that names the address `url` asks to go there."""
    named = re.compile(rf"{re.escape(url)}(?![\w/-])")
    found = False
    asked = []
    for section in sections:
        asks = not found and any(named.search(text) for text in section.texts())
        found = found or asks
        asked.append(replace(section, asks=asks))
    return tuple(asked)


@dataclass(frozen=True, kw_only=True)
class SignatoryBlock:
    """Who signs, with no, one or more lines of title."""

    name: str
    title_lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LetterDocument:
    """A whole letter.

    `document_title` is the title that a reader of the PDF or the web page shows, so it is never empty;
    `title` is the heading printed in the letter, empty where the letter has none. `date` is the margin
    column's first fact as printed (`6. februar 2019`); `margin` holds those after it. `author`, `subject` and
    `keywords` go into the PDF's properties. A letter that `is_personal` marks where a municipality's own copy
    prints what is its own (`invitations.personal_copies`).
    """

    document_title: str
    date: str
    recipients: tuple[SafeString, ...]
    sender: SenderBlock
    sections: tuple[Section, ...]
    margin: tuple[MarginFact, ...] = ()
    title: SafeString = NOTHING
    salutation: SafeString = NOTHING
    closing: SafeString = NOTHING
    signatories: tuple[SignatoryBlock, ...] = ()
    language: str = "da"
    author: str = ""
    subject: str = ""
    keywords: tuple[str, ...] = ()
    is_personal: bool = False

    def __post_init__(self) -> None:
        """Raise `ValueError` where the document has no title: a PDF without one is not accessible (PDF/UA-1,
        7.1).
        """
        if not self.document_title.strip():
            raise ValueError("A letter needs a document title.")

    @property
    def asks_at_its_end(self) -> bool:
        """Whether no section asks, so that a personal copy prints its link above the closing."""
        return self.is_personal and not any(section.asks for section in self.sections)

    @property
    def section_heading_level(self) -> int:
        """Below the title, or at the top where the letter has no title: an outline starts at 1 and skips no
        level.
        """
        return 2 if self.title else 1
