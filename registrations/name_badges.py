"""Name badges of 90 x 54 mm, the usual size of badge holders, ten to a sheet of A4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.utils.translation import gettext as _

from invitations.mail_text import in_danish
from invitations.models import Meeting
from invitations.models.programme import themed_items
from invitations.pdf_typeface import text_width, with_known_characters
from registrations.participant_lists import Entry, themes_of
from registrations.printing import layout, printed

# So many take about three seconds to lay out.
MOST_BADGES = 500
BADGES_A_SHEET = 10

LAYOUT = layout("name_badges.css")

_POINTS_PER_MM = 72 / 25.4
_WIDTH = 78 * _POINTS_PER_MM
_HEIGHT = 45 * _POINTS_PER_MM


class Size(NamedTuple):
    """Sizes of type in points, as `.size-0` and on of name_badges.css have them."""

    name: float
    text: float
    small: float


SIZES = (
    *(Size(24, 11, 7.5), Size(20, 10.5, 7), Size(17, 9.5, 6.5), Size(14, 8.5, 6)),
    *(Size(12, 7.5, 5.5), Size(10, 6.5, 5), Size(8, 5, 4), Size(6, 4, 3)),
)

# The classes of the lines in the margins of a sheet.
CUT_MARKS = [
    *(f"column column-{number} {place}" for number in range(3) for place in ("top", "bottom")),
    *(f"row row-{number} {place}" for number in range(6) for place in ("left", "right")),
]


@dataclass(frozen=True, kw_only=True)
class Badge:
    """What stands on a badge. `size` counts the SIZES from 0."""

    meeting: str
    name: str
    title: str
    whose: str
    themes: tuple[str, ...] = ()
    size: int = 0


def name_badges(meeting: Meeting, entries: Sequence[Entry]) -> bytes:
    """The PDF of the badges of `entries`, at most MOST_BADGES, in their order."""
    with in_danish():
        badges = badges_of(meeting, entries)
        title = _("Name badges: %(title)s") % {"title": meeting.title}
    return pdf_of(badges, title=title)


def pdf_of(badges: Sequence[Badge], *, title: str) -> bytes:
    """The sheets with `badges`; `title` is that of the document."""
    sheets = [badges[start : start + BADGES_A_SHEET] for start in range(0, len(badges), BADGES_A_SHEET)]
    context = {"title": title, "sheets": sheets, "cut_marks": CUT_MARKS}
    return printed("registrations/name_badges.html", context, layout=LAYOUT)


def badges_of(meeting: Meeting, entries: Sequence[Entry]) -> list[Badge]:
    """A badge for each, in the largest size in which all of it can be read."""
    picked = themes_of(entries, meeting=meeting)
    rounds = [
        (item.pk, [theme.title for theme in item.themes.all()])
        for item in themed_items(list(meeting.programme.prefetch_related("themes")))
    ]
    badges = []
    for entry in entries:
        chosen = picked.get(entry.pk, {})
        numbered = [
            (titles.index(chosen[item]) + 1, chosen[item]) for item, titles in rounds if item in chosen
        ]
        badge = Badge(
            meeting=meeting.title,
            name=entry.name,
            title=entry.title,
            whose=entry.municipality_official_name or entry.comes_as,
            themes=tuple(f"Tema {number}: {title}" for number, title in numbered),
        )
        numbers = ", ".join(str(number) for number, _theme in numbered)
        badges.append(fitted(printable_badge(badge), themes_in_short=f"Tema {numbers}"))
    return badges


def printable_badge(badge: Badge) -> Badge:
    """The badge as far as the typeface has its characters."""
    return Badge(
        meeting=with_known_characters(badge.meeting),
        name=with_known_characters(badge.name),
        title=with_known_characters(badge.title),
        whose=with_known_characters(badge.whose),
        themes=tuple(map(with_known_characters, badge.themes)),
    )


def fitted(badge: Badge, *, themes_in_short: str) -> Badge:
    """The badge in the largest size in which it fits, its name on two lines at most where that can be.

    Themes that would make everything tiny are named by their numbers.
    """
    short = replace(badge, themes=(themes_in_short,) if badge.themes else ())
    readable, all_sizes = range(len(SIZES) - 3), range(len(SIZES))
    for candidate, sizes, lines_of_name in (
        (badge, readable, 2),
        (short, readable, 2),
        (short, all_sizes, 9),
    ):
        for number in sizes:
            size = SIZES[number]
            is_short = _lines(candidate.name, size.name, bold=True) <= lines_of_name
            if is_short and _height(candidate, size) <= _HEIGHT:
                return replace(candidate, size=number)
    return replace(short, size=len(SIZES) - 1)


def _height(badge: Badge, size: Size) -> float:
    """How high the badge's text is in points; margins and line heights are those of the style sheet."""
    small = _lines(badge.meeting, size.small) + sum(_lines(theme, size.small) for theme in badge.themes)
    text = _lines(badge.title, size.text) + _lines(badge.whose, size.text, bold=True)
    margins = (3 + 1.5 + (2 if badge.themes else 0)) * _POINTS_PER_MM
    name = _lines(badge.name, size.name, bold=True) * size.name * 1.1
    return margins + name + (small * size.small + text * size.text) * 1.2


def _lines(text: str, size: float, *, bold: bool = False) -> int:
    """On how many lines `text` is set: words fill them one after the other, and longer ones are broken."""
    if not text:
        return 0
    lines, filled = 1, 0.0
    space = text_width(" ", bold=bold) * size
    for word in text.split():
        width = text_width(word, bold=bold) * size
        if filled and filled + space + width > _WIDTH:
            lines, filled = lines + 1, 0.0
        filled += width + (space if filled else 0)
        while filled > _WIDTH:
            lines, filled = lines + 1, filled - _WIDTH
    return lines
