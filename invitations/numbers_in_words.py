"""Numbers with what they count, in the language of the page."""

from __future__ import annotations

from django.utils.translation import ngettext


def municipalities_in_words(count: int) -> str:
    """`19 kommuner`."""
    return ngettext("%(count)d municipality", "%(count)d municipalities", count) % {"count": count}
