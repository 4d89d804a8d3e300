"""Why a letter cannot be printed: what was typed or uploaded, said to the one who did."""

from __future__ import annotations

from django.utils.translation import gettext as _


class UnprintableLetter(ValueError):  # noqa: N818 - says what is wrong, as its callers read it
    """What was typed or uploaded cannot be printed; the text says why, in the reader's language."""


class MissingGlyphs(UnprintableLetter):
    """The letter has `characters` that its typeface lacks."""

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
