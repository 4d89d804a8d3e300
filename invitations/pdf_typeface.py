"""The letters' typeface: Liberation Sans, which comes with the program, in four faces.

A character that it lacks would be printed from whatever typeface the machine has, or not at all; either
breaks PDF/UA and PDF/A, and makes the same letter look different elsewhere. So such characters are found
beforehand.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

from invitations.pdf_painting import Space

ASSETS = Path(__file__).resolve().parent.parent / "static" / "letters"
FACES = [
    ASSETS / "fonts" / f"LiberationSans-{face}.ttf" for face in ("Regular", "Bold", "Italic", "BoldItalic")
]

# What comes along when text is pasted and the typeface lacks. Soft hyphens, zero-width spaces and joiners,
# marks of direction and of byte order print nothing; line breaks of other programs print as ours, the
# non-breaking hyphen as a hyphen.
INVISIBLE = [0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
LINE_BREAKS = [0x000B, 0x000C, 0x0085, 0x2028, 0x2029]
PASTED = {**dict.fromkeys(INVISIBLE), **dict.fromkeys(LINE_BREAKS, "\n"), 0x2011: "-"}


def printable(text: str) -> str:
    """`text` without what is pasted by accident, and with `å` as one character, not an `a` and a ring."""
    return unicodedata.normalize("NFC", text).translate(PASTED)


def missing_characters(text: str) -> str:
    """The characters of a text that letters cannot print, each once, in order; empty if all is well."""
    return "".join(
        character
        for character in dict.fromkeys(printable(text))
        if ord(character) not in _characters() and character not in "\t\n\r"
    )


def with_known_characters(text: str) -> str:
    """`text` as far as it can be printed: what the typeface lacks becomes its base letter, or else `?`.

    For lists of what others have typed: one odd name must not keep all others from being printed.
    """
    clean = printable(text)
    return clean.translate({ord(odd): _base_letter(odd) for odd in missing_characters(clean)})


def _base_letter(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[:1]
    if unicodedata.category(character) == "Mn":
        return ""
    return base if base and not missing_characters(base) else "?"


def text_width(text: str, *, bold: bool = False) -> float:
    """How wide `text` is on one line, in em."""
    widths = _widths(FACES[1] if bold else FACES[0])
    return sum(widths.get(ord(character), 1.0) for character in text)


@cache
def _widths(face: Path) -> dict[int, float]:
    with TTFont(face, lazy=True) as font:
        em, advances = font["head"].unitsPerEm, font["hmtx"]
        return {code: advances[name][0] / em for code, name in font.getBestCmap().items()}


@cache
def space() -> Space:
    with TTFont(FACES[0], lazy=True) as face:
        name = face.getBestCmap()[ord(" ")]
        width = face["hmtx"][name][0] * 1000 / face["head"].unitsPerEm
        return Space(glyph=face.getGlyphID(name), width=round(width))


@cache
def _characters() -> frozenset[int]:
    """The characters that all faces have, without combining marks: what is left of those in composed text
    makes WeasyPrint lose the letter below from the text that can be read and copied.
    """
    in_each = []
    for path in FACES:
        with TTFont(path, lazy=True) as face:
            in_each.append(set(face.getBestCmap()))
    in_all = set.intersection(*in_each)
    return frozenset(code for code in in_all if unicodedata.category(chr(code)) != "Mn")
