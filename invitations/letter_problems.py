"""What keeps a letter from being printed or sent, said as staff count and name its parts."""

from __future__ import annotations

import re

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _

# Words for the paths at which a letter that cannot be printed says what is wrong (`LetterBuilder.document`).
_PLACES = {
    "sections": _("Section"),
    "recipients": _("Recipients, line"),
    "programme": _("Programme, item"),
    "themes": _("theme"),
    "title": _("Title"),
    "salutation": _("Salutation"),
    "closing": _("Closing"),
    "heading": _("heading"),
    "text": _("text"),
    "block": _("block"),
    "details": _("text above the themes"),
    "notes": _("text below the themes"),
    "practical_information": _("Practical information"),
}


def place_in_words(path: str) -> str:
    """`sections[2].text` as staff count: `Section 3, text`."""
    words = []
    for name, number in re.findall(r"(\w+)(?:\[(\d+)\])?", path):
        word = str(_PLACES.get(name, name))
        words.append(f"{word} {int(number) + 1}" if number else word)
    return ", ".join(words)


def problems_in_words(error: ValidationError) -> list[str]:
    """The sentences of a letter that cannot be printed, each with its place."""
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [
        message if place == NON_FIELD_ERRORS else f"{place_in_words(place)}: {message}"
        for place, sentences in error.message_dict.items()
        for message in sentences
    ]
