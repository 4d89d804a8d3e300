"""What the lists that are printed for the day of the meeting share: bounds, and the way to a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from invitations.mail_text import in_danish
from invitations.pdf import MARKUP, Layout, render_pdf
from invitations.pdf_typeface import ASSETS, with_known_characters
from registrations.participant_lists import Entry

TABLE_MARKUP: dict[str, set[str]] = {
    "table": set(),
    "thead": set(),
    "tbody": set(),
    "tr": set(),
    "th": {"scope"},
    "td": set(),
    "span": {"title"},
}


@dataclass(frozen=True)
class Part:
    """As much of a long list as one file takes: what stands on it, and which one it is, counted from 1."""

    entries: Sequence[Entry]
    number: int
    first: int

    @property
    def last(self) -> int:
        return self.first + len(self.entries) - 1

    def __str__(self) -> str:
        return _("%(first)d to %(last)d") % {"first": self.first, "last": self.last}


def parts(entries: Sequence[Entry], *, size: int) -> list[Part]:
    """The list cut into parts of `size`: a PDF is laid out while somebody waits, and nobody else may."""
    return [
        Part(entries[start : start + size], number, start + 1)
        for number, start in enumerate(range(0, len(entries), size), start=1)
    ]


def layout(stylesheet: str) -> Layout:
    """That of a list, which may hold tables, and some thousand names of the greatest length."""
    return Layout(
        stylesheet=ASSETS / stylesheet,
        markup={**MARKUP, **TABLE_MARKUP},
        max_characters=2_000_000,
        max_elements=30_000,
    )


def printed(template: str, context: dict[str, Any], *, layout: Layout) -> bytes:
    """The PDF of a template, in Danish as letters are."""
    with in_danish():
        html = render_to_string(template, context)
    return render_pdf(with_known_characters(html), layout=layout)
