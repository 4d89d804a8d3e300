"""Turn a letter's HTML into the PDF that is sent: accessible (PDF/UA-1), fit for the archive (PDF/A-3a),
always the same bytes.

WeasyPrint lays the letter out with the style sheet and the typeface in `static/letters`; `pdf_structure` then
gives the file the structure of the HTML. WeasyPrint has no time-out, so what may come in is bounded here,
however it was typed: which elements and attributes, how many, how deep, how long; which characters the
typeface has; and nothing is fetched but our own files and the images that the caller hands over.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, partial
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _
from fontTools.ttLib import TTFont
from PIL import Image
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from invitations.pdf_painting import ReadingOrderError, Space, watch
from invitations.pdf_structure import finish

__all__ = [
    "ForbiddenMarkup",
    "ForbiddenResource",
    "LetterTooLarge",
    "MissingGlyphs",
    "ReadingOrderError",
    "UnprintableLetter",
    "UnusableImage",
    "missing_characters",
    "render_pdf",
]

ASSETS = Path(__file__).resolve().parent.parent / "static" / "letters"
STYLESHEET = ASSETS / "letter.css"
FACES = [
    ASSETS / "fonts" / f"LiberationSans-{face}.ttf" for face in ("Regular", "Bold", "Italic", "BoldItalic")
]
VARIANT = "pdf/a-3a"
IMAGE_SCHEME = "letter-image"

# The longest real letter has 10,000 characters in 150 elements, 8 deep. At these bounds a letter takes some
# seconds and some 200 MB; far beyond them WeasyPrint takes minutes, or ends in a recursion error (some 300
# deep).
MAX_CHARACTERS = 150_000
MAX_ELEMENTS = 3_000
MAX_DEPTH = 40
MAX_IMAGE_BYTES = 2_000_000
MAX_IMAGE_PIXELS = 4_000_000

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

# What comes along when text is pasted and would be missed in the typeface. Soft hyphens, zero-width spaces
# and joiners, marks of direction and of byte order print nothing; line breaks of other programs print as
# ours, the non-breaking hyphen as a hyphen.
INVISIBLE = [0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
LINE_BREAKS = [0x000B, 0x000C, 0x0085, 0x2028, 0x2029]
PASTED = {**dict.fromkeys(INVISIBLE), **dict.fromkeys(LINE_BREAKS, "\n"), 0x2011: "-"}


class UnprintableLetter(ValueError):  # noqa: N818 - says what is wrong, as its callers read it
    """What was typed or uploaded cannot be printed; the text says why, in the reader's language."""


class MissingGlyphs(UnprintableLetter):
    """The letter has `characters` that the typeface lacks; another typeface would have to come from the
    machine.
    """

    def __init__(self, characters: str) -> None:
        self.characters = characters
        named = ", ".join(f"{character} (U+{ord(character):04X})" for character in characters)
        super().__init__(
            _("The letter's typeface lacks these characters: %(characters)s") % {"characters": named}
        )


class ForbiddenResource(UnprintableLetter):
    """The letter asks for a file or an address that is none of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(_("A letter may not fetch %(url)s.") % {"url": url[:200]})


class ForbiddenMarkup(UnprintableLetter):
    """The letter's HTML holds an element, attribute or link that letters do not have."""

    def __init__(self, markup: str) -> None:
        self.markup = markup
        super().__init__(_("A letter may not contain %(markup)s.") % {"markup": markup[:200]})


class LetterTooLarge(UnprintableLetter):
    """The letter is longer, or nested deeper, than can be laid out in good time."""

    def __init__(self) -> None:
        super().__init__(
            _("The letter is too long, or its lists are nested too deep, to be made into a PDF.")
        )


class UnusableImage(UnprintableLetter):
    """An image is no PNG or JPEG, is damaged, or is too large; `name` is the caller's name for it."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            _("The image must be a PNG or JPEG file, not in CMYK colours, of at most 2 MB and 4 megapixels.")
        )


def render_pdf(html: str, *, images: Mapping[str, bytes] | None = None) -> bytes:
    """The PDF of a letter's HTML page, as `templates/invitations/letter/pdf.html` makes it.

    `images` are PNG or JPEG files, by the names that the HTML has for them: `<img src="letter-image:logo">`
    shows `images["logo"]`. The same arguments give the same bytes, on every machine with the same libraries.
    Safe to call from several threads, which then take turns.

    Raises `MissingGlyphs`, `ForbiddenMarkup`, `ForbiddenResource`, `UnusableImage` or `LetterTooLarge` for
    what was typed or uploaded, and `ReadingOrderError` where the PDF would not read as the HTML does.
    """
    html = _printable(html)
    if len(html) > MAX_CHARACTERS:
        raise LetterTooLarge
    images = images or {}
    for name, image in images.items():
        _check_image(name, image)
    with _ONE_AT_A_TIME:
        return _renderer().render(html, images)


def missing_characters(text: str) -> str:
    """The characters of a text that letters cannot print, each once in order of appearance; empty if all is
    well.
    """
    with _ONE_AT_A_TIME:
        return _renderer().missing(_printable(text))


def _printable(text: str) -> str:
    """`text` without what is pasted by accident, and `å` one character, not an `a` and a ring."""
    return unicodedata.normalize("NFC", text).translate(PASTED)


class _Renderer:
    """What letters share: the typeface, registered once, and the style sheet, parsed once. Costs half a
    second.
    """

    def __init__(self) -> None:
        self.fonts = FontConfiguration()
        self.style = CSS(filename=STYLESHEET, font_config=self.fonts, url_fetcher=_Fetcher({}))
        faces = [TTFont(face, lazy=True) for face in FACES]
        self.characters = set.intersection(*(set(face.getBestCmap()) for face in faces))
        name = faces[0].getBestCmap()[ord(" ")]
        width = round(faces[0]["hmtx"][name][0] * 1000 / faces[0]["head"].unitsPerEm)
        self.space = Space(glyph=faces[0].getGlyphID(name), width=width)

    def missing(self, text: str) -> str:
        return "".join(
            character
            for character in dict.fromkeys(text)
            if ord(character) not in self.characters and character not in "\t\n\r"
        )

    def render(self, html: str, images: Mapping[str, bytes]) -> bytes:
        fetcher = _Fetcher(images)
        try:
            page = HTML(string=html, base_url=f"{ASSETS.as_uri()}/", url_fetcher=fetcher)
            root = page.etree_element
            _check_markup(root)
            if missing := self.missing("".join(_texts(root))):
                raise MissingGlyphs(missing)
            _start_lists(root)
            document = page.render(
                font_config=self.fonts,
                stylesheets=[self.style],
                color_profiles={_Colours.name: _Colours()},
                output_intent=_Colours.name,
                pdf_variant=VARIANT,
            )
            painted = watch(document, self.space)
            finisher = partial(finish, painted=painted, html=root, space=self.space)
            pdf: bytes = document.write_pdf(
                finisher=finisher, pdf_variant=VARIANT, output_intent=_Colours.name
            )
        except FatalURLFetchingError as refused:
            # A BaseException, which would pass by every `except Exception` of a view or a task.
            raise ForbiddenResource(str(refused)) from refused
        return pdf


class _Colours:
    """The colour profile that PDF/A asks for. WeasyPrint's own leaves its file open and, once it was asked for
    its name, writes other bytes.
    """

    name = "sRGB2014"
    components = ("r", "g", "b")
    content = (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()
    pdf_reference: bytes | None = None


_ONE_AT_A_TIME = threading.Lock()
_renderer = cache(_Renderer)


class _Fetcher(URLFetcher):  # type: ignore[misc] - WeasyPrint has no annotations
    """Hands out the files of `static/letters` and the letter's own images. All else stops the rendering."""

    def __init__(self, images: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self.images = images

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme == IMAGE_SCHEME and parts.path in self.images:
            return URLFetcherResponse(url, self.images[parts.path])
        if parts.scheme == "file" and not parts.netloc:
            path = Path(url2pathname(parts.path)).resolve()
            if path.is_relative_to(ASSETS) and path.is_file():
                return URLFetcherResponse(url, path.read_bytes())
        raise FatalURLFetchingError(url)


def _check_markup(root: Element) -> None:
    """Raise `ForbiddenMarkup` or `LetterTooLarge` where there is what letters do not have."""
    todo = [(root, 1)]
    count = 0
    while todo:
        element, depth = todo.pop()
        count += 1
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise LetterTooLarge
        if not isinstance(element.tag, str):
            raise ForbiddenMarkup("<!-- -->")
        if element.tag not in MARKUP:
            raise ForbiddenMarkup(f"<{element.tag}>")
        for name, value in element.attrib.items():
            if name != "class" and name not in MARKUP[element.tag]:
                raise ForbiddenMarkup(f"<{element.tag} {name}>")
            if name == "href" and value.partition(":")[0].lower() not in LINK_SCHEMES:
                raise ForbiddenMarkup(f"<a href={value}>")
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


def _check_image(name: str, image: bytes) -> None:
    """Raise `UnusableImage` unless it is whole, of a bounded size, and PDF/A can hold it as it is."""
    try:
        if len(image) > MAX_IMAGE_BYTES:
            raise UnusableImage(name)
        with Image.open(BytesIO(image), formats=["PNG", "JPEG"]) as opened:
            if opened.width * opened.height > MAX_IMAGE_PIXELS or opened.mode == "CMYK":
                raise UnusableImage(name)
            opened.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnusableImage(name) from error
