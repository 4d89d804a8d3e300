"""The Danish alphabet, where a computer's own order and spelling fall short: sorting, searching, addresses.

SQLite knows no Danish order, and PostgreSQL knows it only where the right collation is installed. So a row
keeps its key beside its name, and the database compares plain ASCII.
"""

from __future__ import annotations

import re
import unicodedata

# The foreign letters stand where the Danish collation of Unicode (CLDR) puts them.
_FOREIGN = {"đ": "d", "ð": "d", "ł": "l", "œ": "oe", "þ": "th"}
_SORTED_AS = str.maketrans(_FOREIGN | {"ä": "æ", "ö": "ø", "ő": "ø", "ü": "y", "ű": "y"})
_FOUND_AS = str.maketrans(_FOREIGN | {"æ": "ae", "ä": "ae", "ø": "oe", "ö": "oe", "ő": "oe", "å": "aa"})

# In a key "aa" never occurs, since a Danish collation would read it as å: any collation compares the key
# character by character. A word break comes before a digit, a digit before a letter.
_WORD_BREAK = "0"
_DIGIT = "1"
_AFTER_Y = {"z": "zb", "æ": "zd", "ø": "zf", "å": "zh"}
_OTHER_LETTER = "zz"

_APOSTROPHES = re.compile("['\u2019\u02bc`\u00b4]")


def sort_key(name: str) -> str:
    """Return a key of a-z and 0-9 whose binary order is the Danish order of the names.

    æ, ø and å come last, in that order, and aa counts as å wherever it stands, so that Aabenraa, Aalborg and
    Aarhus come after Ærø. A space or hyphen comes before any letter. Case, accents and punctuation make no
    difference: names that differ in nothing else get the same key. The order is the same in Python, on SQLite
    and on PostgreSQL under any collation. A key is at most twice as long as a Danish name.
    """
    folded = _without_accents(_normal(name).translate(_SORTED_AS), keep="æøå").replace("aa", "å")
    return _WORD_BREAK.join("".join(_sort_code(character) for character in word) for word in _words(folded))


def _sort_code(character: str) -> str:
    if character.isascii() and character.isdigit():
        return _DIGIT + character
    if "a" <= character <= "y":
        return character
    return _AFTER_Y.get(character) or f"{_OTHER_LETTER}{ord(character):07d}"


def search_key(text: str) -> str:
    """Return text as it is searched: `search_key(query) in search_key(name)` says whether a name is found.

    Case, accents and punctuation make no difference, and å is aa, ø is oe, æ is ae: Århus finds Aarhus, and
    Koebenhavn finds København.
    """
    return " ".join(_words(_without_accents(_normal(text).translate(_FOUND_AS))))


def danish_slug(text: str) -> str:
    """Return text as the last part of an address: `Politisk møde` becomes `politisk-moede`.

    Only a-z, 0-9 and single hyphens; empty where the text has no Latin letter or digit.
    """
    return re.sub("[^a-z0-9]+", "-", search_key(text)).strip("-")


def _normal(text: str) -> str:
    # Composed after case folding as well, since folding may take letters apart.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _without_accents(text: str, *, keep: str = "") -> str:
    """Return text with each letter reduced to its base, but for the letters to keep."""
    return "".join(
        part
        for character in text
        for part in (character if character in keep else unicodedata.normalize("NFKD", character).casefold())
        if not unicodedata.combining(part)
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", _APOSTROPHES.sub("", text))
