"""What WeasyPrint painted of a letter: every piece of text, with the HTML element it comes from, in reading
order.

WeasyPrint 70 knows this while it paints and then forgets it; two of its internals (`Page._page_box`,
`Stream._tags`) are read for it, which is why its version is pinned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from typing import Any
from xml.etree.ElementTree import Element

from weasyprint.document import Document, Page
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder

# An element of this class copies what the letter says elsewhere: painted in the page margin, read by nobody.
REPEATED = "repeated"
INLINE = {"a", "abbr", "em", "img", "span", "strong"}


class ReadingOrderError(ValueError):
    """The letter as painted does not hold the words of its HTML in their order: our own fault."""


@dataclass(frozen=True)
class Space:
    """The space of the letter's typeface: the glyph's number in every face, and its width in 1/1000 em."""

    glyph: int
    width: int


@dataclass(frozen=True)
class PaintedPage:
    """A page and the numbers (MCID) of the marked content that its boxes became; filled by painting it."""

    page: Page
    marks: dict[Any, int]


@dataclass(frozen=True)
class Piece:
    """A text, an image or the area of a link on a page; `mark` is its MCID, which a link's area lacks."""

    page: int
    box: Any
    mark: int | None

    @property
    def element(self) -> Element:
        element: Element = self.box.element
        return element

    @property
    def text(self) -> str:
        """The text as painted, but for the zero-width spaces with which WeasyPrint fills empty lines."""
        return self.box.text.replace("\u200b", "") if isinstance(self.box, boxes.TextBox) else ""

    @property
    def is_marker(self) -> bool:
        """Whether it is the bullet or number that the style sheet puts before a list item."""
        return bool(self.box.element_tag.endswith("::marker"))

    @property
    def is_content(self) -> bool:
        """Whether there is anything to see: text boxes of white space are marked, but nothing is painted."""
        return self.mark is not None and bool(self.text.strip() or isinstance(self.box, boxes.ReplacedBox))


def watch(document: Document, space: Space) -> list[PaintedPage]:
    """Remember which box becomes which marked content when the pages are painted, which `write_pdf` does.

    Each typeface in use also gets its space, before WeasyPrint leaves out the glyphs that are not used, so
    that lost spaces can be set afterwards.
    """

    def watched(page: Page) -> PaintedPage:
        painted = PaintedPage(page, {})
        paint = page.paint

        def paint_and_remember(stream: Any, scale: float = 1) -> None:
            paint(stream, scale)
            painted.marks.update((box, mark["mcid"]) for box, mark in stream._tags.items())
            for font in document.fonts.values():
                font.to_unicode.setdefault(space.glyph, " ")
                font.widths.setdefault(space.glyph, space.width)

        page.paint = paint_and_remember
        return painted

    return [watched(page) for page in document.pages]


def pieces(pages: Sequence[PaintedPage]) -> Iterator[Piece]:
    """All pieces of the letter, as the HTML has them; what stands in page margins is left out, and so is the
    head of a table that is painted again where the table goes on.
    """
    heads: dict[Element, int] = {}

    def walk(number: int, box: Any) -> Iterator[Piece]:
        if isinstance(box, AbsolutePlaceholder):
            box = box._box
        if isinstance(box, boxes.MarginBox):
            return
        if box.element_tag == "thead" and heads.setdefault(box.element, number) != number:
            return
        if isinstance(box, (boxes.TextBox, boxes.ReplacedBox)):
            yield Piece(number, box, pages[number].marks[box])
        if box.link_annotation:
            yield Piece(number, box, None)
        for child in getattr(box, "children", ()):
            yield from walk(number, child)

    for number, painted in enumerate(pages):
        yield from walk(number, painted.page._page_box)


def before_lost_spaces(pieces: Sequence[Piece], html: Element) -> Iterator[Piece]:
    """The pieces after which the HTML has white space that was not painted, though the same block goes on.

    WeasyPrint drops it where a line ends and between two inline elements; read aloud, the words run together.
    Raises `ReadingOrderError` where the pieces in their order are not the words of the HTML.
    """
    words = "".join(_texts(html)).split()
    letters = "".join(words)
    word_ends = set(accumulate(len(word) for word in words))
    parents = {child: parent for parent in html.iter() for child in parent}

    def block(piece: Piece) -> Element:
        element = piece.element
        while element.tag in INLINE:
            element = parents[element]
        return element

    texts = [piece for piece in pieces if piece.text.strip() and not piece.is_marker]
    end = 0
    for piece, following in zip_longest(texts, texts[1:]):
        painted = "".join(piece.text.split())
        if not letters.startswith(painted, end):
            raise ReadingOrderError(
                f"Painted {painted[:40]!r} where the letter says {letters[end : end + 40]!r}."
            )
        end += len(painted)
        is_spaced = piece.text[-1].isspace() or (following and following.text[0].isspace())
        if following and end in word_ends and not is_spaced and block(piece) is block(following):
            yield piece
    if end < len(letters):
        raise ReadingOrderError(f"The letter says {letters[end : end + 40]!r}, which was not painted.")


def _texts(element: Element) -> Iterator[str]:
    """The text of an element, with white space where its blocks and lines end."""
    if element.tag == "head" or REPEATED in element.get("class", "").split():
        return
    yield element.text or ""
    for child in element:
        yield from _texts(child)
        yield child.tail or ""
    if element.tag not in INLINE:
        yield "\n"
