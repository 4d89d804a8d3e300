"""Places that are taken before it is known who comes: how they are spoken of."""

from __future__ import annotations

from django.utils.translation import ngettext


def seats_in_words(count: int) -> str:
    """`3 places, names to follow`."""
    return ngettext("%(count)d place, name to follow", "%(count)d places, names to follow", count) % {
        "count": count
    }
