"""What has been stated about a meeting's programme and its themes, and is no longer true."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from invitations.danish import format_clock
from registrations.differences import Difference, Facts, Kind, changed
from registrations.fact_rows import Pair, matched, same


class _Theme(NamedTuple):
    """A theme and the item under which it stands."""

    row: Facts
    item: Facts


def differences_of_programme(before: Sequence[Facts], now: Sequence[Facts]) -> list[Difference]:
    """The items and themes of `meeting_facts`, then and now."""
    if any("item" not in row for row in before):
        # Sent when letters stated less about their programme than can be compared.
        return []
    pairs, gone, new = matched(before, now, same("title", "time"), same("title"), same("item"))
    whole = _moved_together(pairs)
    return [
        *_differences_of_themes(before, now, pairs),
        *whole,
        *(Difference(kind=Kind.ITEM_ADDED, new=_item_words(row)) for row in new),
        *(Difference(kind=Kind.ITEM_REMOVED, old=_item_words(row)) for row in gone),
        *(difference for old, row in pairs for difference in _item(old, row, clocks=not whole)),
        *_moved_in_order(pairs, before, now),
    ]


def _item(old: Facts, new: Facts, *, clocks: bool) -> list[Difference]:
    if not clocks:
        return changed(Kind.ITEM_CHANGED, _line(old), _line(new))
    only_moved = _line(old) == _line(new) and _clocks(old) and _clocks(new)
    if not only_moved:
        return changed(Kind.ITEM_CHANGED, _item_words(old), _item_words(new))
    if _clocks(old) == _clocks(new):
        return []
    return [Difference(kind=Kind.ITEM_MOVED, old=_item_words(old), new=_clocks(new))]


def _moved_together(pairs: Sequence[Pair]) -> list[Difference]:
    """One difference for a programme of which every item begins as much later, or earlier, than it did."""
    times = [(_time(old), _time(new)) for old, new in pairs]
    moves = {_minutes(new) - _minutes(old) if old and new else None for old, new in times}
    if len(times) < 2 or len(moves) != 1 or moves & {None, 0}:
        return []
    first, last = pairs[0], pairs[-1]
    old, new = (_span(first[side], last[side]) for side in (0, 1))
    return [Difference(kind=Kind.PROGRAMME_MOVED, old=old, new=new)]


def _span(first: Facts, last: Facts) -> str:
    times = [time for row in (first, last) if (time := _time(row))]
    return f"kl. {'-'.join(format_clock(time) for time in times)}"


def _moved_in_order(pairs: Sequence[Pair], before: Sequence[Facts], now: Sequence[Facts]) -> list[Difference]:
    """Items of a numbered programme that stand elsewhere among those that have stayed; times tell it else."""
    if any(row["time"] for row in [*before, *now]):
        return []
    places = [_place(new, now) for _old, new in pairs]
    kept = _longest_rise(places)
    return [
        Difference(
            kind=Kind.ITEM_MOVED,
            old=_("%(item)s as number %(number)d")
            % {"item": new["title"], "number": _place(old, before) + 1},
            new=_("number %(number)d") % {"number": place + 1},
        )
        for place, (old, new) in zip(places, pairs, strict=True)
        if place not in kept
    ]


def _place(row: Facts, rows: Sequence[Facts]) -> int:
    return next(number for number, other in enumerate(rows) if other is row)


def _longest_rise(places: Sequence[int]) -> set[int]:
    """The most of `places` that stand in rising order: those need not have moved."""
    best: list[list[int]] = []
    for number, place in enumerate(places):
        before = [best[n] for n in range(number) if places[n] < place]
        best.append([*_longest(before), place])
    return set(_longest(best))


def _longest(rows: Sequence[list[int]]) -> list[int]:
    return max(rows, key=len) if rows else []


# The themes.


def _differences_of_themes(
    before: Sequence[Facts], now: Sequence[Facts], pairs: Sequence[Pair]
) -> list[Difference]:
    """The themes; those of an item that is gone or new come and go with it."""
    became = {id(old): new for old, new in pairs}
    stayed = {id(new) for _old, new in pairs}
    then = {id(row): _Theme(row, item) for item in before for row in _themes(item)}
    today = {id(row): _Theme(row, item) for item in now for row in _themes(item)}

    def is_in_its_place(old: Facts, new: Facts) -> bool:
        return became.get(id(then[id(old)].item)) is today[id(new)].item

    alike, dropped, added = matched(
        [theme.row for theme in then.values()],
        [theme.row for theme in today.values()],
        lambda old, new: old["title"] == new["title"] and is_in_its_place(old, new),
        same("title"),
        same("theme"),
    )
    differences: list[Difference] = []
    for old, new in alike:
        differences += changed(Kind.THEME_RENAMED, old["title"], new["title"])
        differences += changed(Kind.THEME_CHANGED, _line({**old, "title": new["title"]}), _line(new))
        item, was = today[id(new)].item, then[id(old)].item
        if id(was) in became and id(item) in stayed and not is_in_its_place(old, new):
            differences.append(
                Difference(
                    kind=Kind.THEME_MOVED,
                    old=_("%(theme)s under “%(item)s”") % {"theme": new["title"], "item": was["title"]},
                    new=_("under “%(item)s”") % {"item": item["title"]},
                )
            )
    return [
        *differences,
        *(
            Difference(kind=Kind.THEME_ADDED, new=_line(row))
            for row in added
            if id(today[id(row)].item) in stayed
        ),
        *(
            Difference(kind=Kind.THEME_REMOVED, old=_line(row))
            for row in dropped
            if id(then[id(row)].item) in became
        ),
    ]


def _themes(item: Facts) -> Sequence[Facts]:
    themes: Sequence[Facts] = item.get("themes", [])
    return themes


# Words.


def _line(row: Facts) -> str:
    """`Tallene bag udgifterne v/ Bo, lokale 4`"""
    title = f"{row['title']} v/ {row['speakers']}" if row["speakers"] else row["title"]
    return ", ".join(filter(None, [title, row["room"]]))


def _item_words(row: Facts) -> str:
    """`kl. 17.30 Temadrøftelser`"""
    return " ".join(filter(None, [_clocks(row), _line(row)]))


def _clocks(row: Facts) -> str:
    """`kl. 17.00`, with an end `kl. 17.00-17.30`."""
    times = [format_clock(datetime.time.fromisoformat(row[name])) for name in ("time", "until") if row[name]]
    return f"kl. {'-'.join(times)}" if times else ""


def _time(row: Facts) -> datetime.time | None:
    return datetime.time.fromisoformat(row["time"]) if row["time"] else None


def _minutes(time: datetime.time) -> int:
    return time.hour * 60 + time.minute
