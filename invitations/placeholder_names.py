"""Which placeholder somebody meant who typed another word in braces."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

# What somebody who thinks in Danish types, and the placeholders that may be meant, the likeliest first.
_DANISH_NAMES = {
    "titel": ("title",),
    "overskrift": ("title",),
    "dato": ("date", "dates"),
    "datoer": ("dates", "date"),
    "ugedag": ("date_with_weekday",),
    "tid": ("time",),
    "tidspunkt": ("time",),
    "klokkeslæt": ("time",),
    "by": ("city",),
    "sted": ("venue", "city"),
    "adresse": ("venue",),
    "område": ("area",),
    "region": ("area",),
    "vært": ("hosts",),
    "værter": ("hosts",),
    "link": ("registration_url", "join_url"),
    "tilmelding": ("registration_url",),
    "tilmeldingslink": ("registration_url",),
    "frist": ("registration_deadline", "input_deadline"),
    "tilmeldingsfrist": ("registration_deadline",),
    "mail": ("contact_email", "input_email"),
    "telefon": ("contact_phone",),
}
# From 0, nothing in common, to 1, the same: `dato` is as far from `date` as a slip may be.
_ALIKE = 0.7


def closest_placeholder(typed: str, usable: Sequence[str]) -> str:
    """The one of `usable` most like what was typed, be it English or Danish; empty if none is."""
    candidates = {name: name for name in usable}
    for danish, names in _DANISH_NAMES.items():
        if meant := next((name for name in names if name in usable), ""):
            candidates[danish] = meant
    word = "_".join(typed.lower().split())
    return next((candidates[found] for found in get_close_matches(word, candidates, n=1, cutoff=_ALIKE)), "")
