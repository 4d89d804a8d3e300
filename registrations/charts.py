"""Pictures drawn by the server: where in an SVG each line, bar and square of a figure stands.

Knows no database. The templates in `templates/admin/registrations/figures/` print it; colours and patterns
stand in the style sheet, so that dark mode, print and forced colours follow. Every picture has a table beside
it that says the same.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from registrations.figures import AnswerCurve
from registrations.ledger import LedgerRow

# Where on a map of squares each municipality stands (after the centres of GeoNames, CC BY 4.0).
TILES = Path(__file__).resolve().parent / "data" / "tiles.csv"

TILE = 44
GAP = 3


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A municipality on the map; `label` is short enough for its square."""

    x: int
    y: int
    label: str
    row: LedgerRow


@dataclass(frozen=True, kw_only=True)
class TileMap:
    width: int
    height: int
    tiles: Sequence[Tile]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One meeting's answers: `points` of a `polyline`, where it ends, and what is written there."""

    points: str
    end_x: float
    end_y: float
    percent: int
    answered: int
    asked: int


@dataclass(frozen=True, kw_only=True)
class Tick:
    at: float
    value: int


@dataclass(frozen=True, kw_only=True)
class CurveChart:
    """Percent of the municipalities upwards, days to the deadline to the right; `deadline_x` is its day."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    deadline_x: float
    present: Line
    before: Line | None
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]


@dataclass(frozen=True, kw_only=True)
class Segment:
    x: float
    width: float
    state: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A row of a bar chart; `data` is what its words and its table are made from."""

    segments: Sequence[Segment]
    data: Any


def tile_map(rows: Sequence[LedgerRow]) -> TileMap:
    """The municipalities of `rows` on the map; those that the meeting does not concern leave a gap.

    One that has no square, as those that a reform makes, stands in the table beside the map only.
    """
    squares = _squares()
    tiles = [
        Tile(x=square.x * (TILE + GAP), y=square.y * (TILE + GAP), label=square.label, row=row)
        for row in rows
        if (square := squares.get(row.municipality.code))
    ]
    columns = max(square.x for square in squares.values()) + 1
    lines = max(square.y for square in squares.values()) + 1
    return TileMap(width=columns * (TILE + GAP) - GAP, height=lines * (TILE + GAP) - GAP, tiles=tiles)


def curve_chart(present: AnswerCurve, before: AnswerCurve | None) -> CurveChart:
    """The answers of a meeting, and of the one it was copied from, each by its own deadline."""
    width, height, left, right, top, bottom = 720, 300, 48, 590, 16, 260
    curves = [present, *([before] if before else [])]
    first = max(7, *(curve.days[0][0] for curve in curves))
    last = min(0, *(curve.days[-1][0] for curve in curves))

    def x(days_before: int) -> float:
        return round(left + (first - days_before) * (right - left) / (first - last), 1)

    def y(share: float) -> float:
        return round(bottom - share * (bottom - top), 1)

    def line(curve: AnswerCurve) -> Line:
        points = [(x(day), y(curve.share(answered))) for day, answered in curve.days]
        answered = curve.days[-1][1]
        return Line(
            points=" ".join(f"{at_x},{at_y}" for at_x, at_y in points),
            end_x=points[-1][0],
            end_y=points[-1][1],
            percent=round(100 * curve.share(answered)),
            answered=answered,
            asked=curve.asked,
        )

    step = next(step for step in (7, 14, 28, 56, 112, 10_000) if (first - last) / step <= 10)
    return CurveChart(
        width=width,
        height=height,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        deadline_x=x(0),
        present=line(present),
        before=line(before) if before else None,
        x_ticks=[Tick(at=x(day), value=day) for day in range(first - first % step, last - 1, -step)],
        y_ticks=[Tick(at=y(percent / 100), value=percent) for percent in (0, 25, 50, 75, 100)],
    )


def stacked_bars(
    rows: Sequence[tuple[Any, Mapping[str, int]]], *, width: float = 400, most: int | None = None
) -> list[Bar]:
    """Bars of which each unit is as wide as in the others: `most` units fill the width.

    Args:
        rows: for each bar what it is about, and its counts by state, in the order in which they are drawn.
        most: the count that fills the width; None: the largest sum.
    """
    longest = most or max((sum(counts.values()) for _data, counts in rows), default=0) or 1
    bars = []
    for data, counts in rows:
        segments, x = [], 0.0
        for state, count in counts.items():
            part = round(count * width / longest, 1)
            if count:
                segments.append(Segment(x=round(x, 1), width=part, state=state, count=count))
            x += part
        bars.append(Bar(segments=segments, data=data))
    return bars


class _Square(NamedTuple):
    x: int
    y: int
    label: str


@cache
def _squares() -> dict[str, _Square]:
    """By municipality code: column and line on the map, and a name that fits into the square."""
    with TILES.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: _Square(int(row["x"]), int(row["y"]), row["label"]) for row in csv.DictReader(file)
        }
