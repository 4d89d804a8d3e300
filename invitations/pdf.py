"""Turn a letter's HTML into the PDF that is sent: accessible (PDF/UA-1), fit for the archive (PDF/A-3a),
always the same bytes. Lists to be printed go the same way, with a `Layout` of their own.

WeasyPrint lays the letter out with the style sheet and the typeface in `static/letters`; `pdf_structure` then
gives the file the structure of the HTML. WeasyPrint has no time-out, so what may come in is bounded here,
however it was typed: which elements and attributes, how many, how deep, how long; which characters the
typeface has; and nothing is fetched but our own files and the images that the caller hands over.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname
from xml.etree.ElementTree import Element, SubElement

from cssselect2 import ElementWrapper
from PIL import Image, ImageFile
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from invitations.pdf_painting import ReadingOrderError, watch
from invitations.pdf_refusals import (
    ForbiddenMarkup,
    ForbiddenResource,
    LetterTooLarge,
    MissingGlyphs,
    UnprintableLetter,
    UnusableImage,
)
from invitations.pdf_structure import finish
from invitations.pdf_typeface import ASSETS, missing_characters, printable, space

__all__ = [
    "LETTER",
    "MARKUP",
    "ForbiddenMarkup",
    "ForbiddenResource",
    "Layout",
    "LetterTooLarge",
    "MissingGlyphs",
    "ReadingOrderError",
    "UnprintableLetter",
    "UnusableImage",
    "missing_characters",
    "read_html",
    "render_pdf",
]

# WeasyPrint has Pillow take images that are cut off; ours are checked beforehand, and must be whole.
ImageFile.LOAD_TRUNCATED_IMAGES = False

STYLESHEET = ASSETS / "letter.css"
VARIANT = "pdf/a-3a"
BASE_URL = f"{ASSETS.as_uri()}/"
IMAGE_SCHEME = "letter-image"

# The longest real letter has 6,000 characters in 150 elements, 8 deep. At these bounds a letter takes a few
# seconds and 200 MB; far beyond them WeasyPrint takes minutes, or ends in a recursion error (some 300 deep).
# A word is what stands between two spaces: to break it over lines costs by the square of its length.
MAX_CHARACTERS = 150_000
MAX_WORD = 2_000
MAX_ELEMENTS = 3_000
MAX_DEPTH = 40
MAX_IMAGE_BYTES = 2_000_000
MAX_IMAGE_PIXELS = 4_000_000

# As many of the widest letters fit into the narrowest column.
_LONG_WORD = re.compile(r"(\S{29,})")

# What a letter's HTML may hold, and each element's attributes beside `class`. No style, no script, no table,
# no form.
MARKUP: dict[str, set[str]] = {
    "html": {"lang"},
    "head": set(),
    "meta": {"charset", "name", "content"},
    "title": set(),
    "body": set(),
    "div": set(),
    "section": set(),
    "h1": set(),
    "h2": set(),
    "h3": set(),
    "p": set(),
    "ul": set(),
    "ol": {"start"},
    "li": set(),
    "strong": set(),
    "em": set(),
    "a": {"href"},
    "abbr": {"title"},
    "span": set(),
    "br": set(),
    "img": {"src", "alt"},
}
LINK_SCHEMES = {"http", "https", "mailto", "tel"}


@dataclass(frozen=True, eq=False, kw_only=True)
class Layout:
    """How a kind of document looks, what it may hold, and how much of it.

    Attributes:
        stylesheet: a file in `static/letters`.
        markup: the elements, and each one's attributes beside `class`.
    """

    stylesheet: Path
    markup: Mapping[str, set[str]]
    max_characters: int
    max_elements: int


LETTER = Layout(
    stylesheet=STYLESHEET, markup=MARKUP, max_characters=MAX_CHARACTERS, max_elements=MAX_ELEMENTS
)


def read_html(html: str, *, layout: Layout = LETTER) -> Element:
    """An HTML page as a tree, for several PDFs that differ in a few words.

    Raises `LetterTooLarge` for what was typed.
    """
    if len(html) > layout.max_characters:
        raise LetterTooLarge
    root: Element = HTML(string=printable(html), base_url=BASE_URL, url_fetcher=_Fetcher({})).etree_element
    return root


def render_pdf(
    html: str | Element, *, images: Mapping[str, bytes] | None = None, layout: Layout = LETTER
) -> bytes:
    """The PDF of a letter's HTML page, as `templates/invitations/letter/pdf.html` makes it.

    A tree that `read_html` has returned may have been changed; it is used up.

    `images` are PNG or JPEG files, by the names that the HTML has for them: `<img src="letter-image:logo">`
    shows `images["logo"]`. The same arguments give the same bytes, on every machine with the same libraries.
    Safe to call from several threads, which then take turns.

    Args:
        layout: that of the document, where it is no letter.

    Raises `MissingGlyphs`, `ForbiddenMarkup`, `ForbiddenResource`, `UnusableImage` or `LetterTooLarge` for
    what was typed or uploaded, and `ReadingOrderError` where the PDF would not read as the HTML does.
    """
    root = read_html(html, layout=layout) if isinstance(html, str) else html
    images = images or {}
    for name, image in images.items():
        if not _is_usable(image):
            raise UnusableImage(name)
    with _ONE_AT_A_TIME:
        return _renderer(layout).render(root, images)


class _Renderer:
    """What documents of a layout share: the typeface, registered once, and the style sheet, parsed once."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.fonts = FontConfiguration()
        self.style = CSS(filename=layout.stylesheet, font_config=self.fonts, url_fetcher=_Fetcher({}))

    def render(self, root: Element, images: Mapping[str, bytes]) -> bytes:
        try:
            page = HTML(string="<html>", base_url=BASE_URL, url_fetcher=_Fetcher(images))
            # WeasyPrint 70 takes no tree, which it would not have to read again for each copy of a letter.
            page.etree_element = root
            page.wrapper_element = ElementWrapper.from_html_root(root, content_language=None)
            _check_markup(root, self.layout)
            texts = list(_texts(root))
            if missing := missing_characters("".join(texts)):
                raise MissingGlyphs(missing)
            if any(len(word) > MAX_WORD for text in texts for word in text.split()):
                raise LetterTooLarge
            _start_lists(root)
            _break_long_words(root)
            document = page.render(
                font_config=self.fonts,
                stylesheets=[self.style],
                color_profiles={_Colours.name: _Colours()},
                output_intent=_Colours.name,
                pdf_variant=VARIANT,
            )
            painted = watch(document, space())
            finisher = partial(finish, painted=painted, html=root, space=space())
            pdf: bytes = document.write_pdf(
                finisher=finisher, pdf_variant=VARIANT, output_intent=_Colours.name
            )
        except FatalURLFetchingError as refused:
            # A BaseException, which would pass by every `except Exception` of a view or a task.
            raise ForbiddenResource(str(refused)) from refused
        return pdf


class _Colours:
    """The colour profile that PDF/A asks for. WeasyPrint's own would leave its file open and, once it was
    asked for its name, write other bytes.
    """

    name = "sRGB2014"
    components = ("r", "g", "b")
    content = (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()
    pdf_reference: bytes | None = None


_ONE_AT_A_TIME = threading.Lock()
_renderer = cache(_Renderer)


class _Fetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no annotations
    """Hands out the files of `static/letters` and the letter's own images. All else stops the rendering."""

    def __init__(self, images: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self.images = images

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme == IMAGE_SCHEME and parts.path in self.images:
            return URLFetcherResponse(url, self.images[parts.path])
        # The style sheet's typeface; the markup of a letter cannot ask for files.
        if parts.scheme == "file" and not parts.netloc:
            path = Path(url2pathname(parts.path)).resolve()
            if path.is_relative_to(ASSETS) and path.is_file():
                return URLFetcherResponse(url, path.read_bytes())
        raise FatalURLFetchingError(url)


def _check_markup(root: Element, layout: Layout) -> None:
    """Raise `ForbiddenMarkup`, `ForbiddenResource` or `LetterTooLarge` for what the layout does not have."""
    todo = [(root, 1)]
    count = 0
    while todo:
        element, depth = todo.pop()
        count += 1
        if depth > MAX_DEPTH or count > layout.max_elements:
            raise LetterTooLarge
        if not isinstance(element.tag, str):
            raise ForbiddenMarkup("<!-- -->")
        if element.tag not in layout.markup:
            raise ForbiddenMarkup(f"<{element.tag}>")
        for name, value in element.attrib.items():
            if name != "class" and name not in layout.markup[element.tag]:
                raise ForbiddenMarkup(f"<{element.tag} {name}>")
            if name == "href" and value.partition(":")[0].lower() not in LINK_SCHEMES:
                raise ForbiddenMarkup(f"<a href={value}>")
            if name == "src" and not value.startswith(IMAGE_SCHEME + ":"):
                raise ForbiddenResource(value)
        todo.extend((child, depth + 1) for child in element)


def _texts(root: Element) -> Iterator[str]:
    """Every text that a reader of the PDF may meet, by ear too."""
    yield from root.itertext()
    for element in root.iter():
        yield from (element.get(name, "") for name in ("alt", "content", "title"))


def _start_lists(root: Element) -> None:
    """Let a list that begins with another number than 1 do so; WeasyPrint heeds `start` only with hints it is
    safer without.
    """
    for element in root.iter("ol"):
        start = element.get("start", "")
        if start.isdecimal():
            element.set("style", f"counter-reset: list-item {int(start[:9]) - 1}")


def _break_long_words(root: Element) -> None:
    """Put words that may be wider than a column into `span.long`, which a line may end in."""
    for parent in [element for body in root.iter("body") for element in body.iter()]:
        children = list(parent)
        parent[:] = []
        parent.text = _append_text(parent, parent.text or "")
        for child in children:
            parent.append(child)
            child.tail = _append_text(parent, child.tail or "")


def _append_text(parent: Element, text: str) -> str:
    """Append the long words of `text` to `parent`, each with what follows it; return what precedes them."""
    before, *rest = _LONG_WORD.split(text)
    for word, following in zip(rest[::2], rest[1::2], strict=True):
        span = SubElement(parent, "span", {"class": "long"})
        span.text, span.tail = word, following
    return before


def _is_usable(image: bytes) -> bool:
    """Whether an image is whole, of a bounded size, and such that PDF/A can hold it as it is."""
    if len(image) > MAX_IMAGE_BYTES:
        return False
    try:
        with Image.open(BytesIO(image), formats=["PNG", "JPEG"]) as opened:
            if opened.width * opened.height > MAX_IMAGE_PIXELS or opened.mode == "CMYK":
                return False
            opened.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True
