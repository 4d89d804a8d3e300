"""Where a picture puts its lines, bars and squares."""

from __future__ import annotations

import pytest

from invitations.models import Meeting, Municipality
from registrations.charts import curve_chart, stacked_bars, tile_map
from registrations.figures import AnswerCurve
from registrations.ledger import LedgerRow
from tests.factories import DEADLINE


def curve(*days: tuple[int, int], asked: int = 4) -> AnswerCurve:
    return AnswerCurve(meeting=Meeting(), deadline=DEADLINE, asked=asked, days=days)


@pytest.mark.django_db
def test_each_of_the_98_has_a_square_and_a_short_name_of_its_own() -> None:
    rows = [LedgerRow(municipality=municipality) for municipality in Municipality.objects.all()]

    tiles = tile_map(rows).tiles

    assert len({(tile.x, tile.y) for tile in tiles}) == len({tile.label for tile in tiles}) == 98
    assert max(len(tile.label) for tile in tiles) == 7


@pytest.mark.django_db
def test_a_map_of_some_leaves_the_others_out_and_keeps_its_size() -> None:
    herning = LedgerRow(municipality=Municipality.objects.get(name="Herning"))

    some = tile_map([herning])

    assert [tile.label for tile in some.tiles] == ["Herni"]
    assert (some.width, some.height) == (702, 655)


@pytest.mark.django_db
def test_a_municipality_that_came_after_the_map_was_drawn_is_left_off_it() -> None:
    new = Municipality(code="0999", name="Midtfjord", official_name="Midtfjord Kommune")
    herning = Municipality.objects.get(name="Herning")

    tiles = tile_map([LedgerRow(municipality=new), LedgerRow(municipality=herning)]).tiles

    assert [tile.row.municipality for tile in tiles] == [herning]


def test_the_line_goes_from_left_to_right_and_up_with_the_share() -> None:
    chart = curve_chart(curve((14, 0), (7, 2), (0, 4)), None)

    assert chart.present.points == "48.0,260.0 319.0,138.0 590.0,16.0"
    assert (chart.present.percent, chart.present.answered, chart.present.asked) == (100, 4, 4)
    assert chart.deadline_x == 590.0
    assert chart.before is None


def test_two_meetings_share_the_deadline_and_the_longer_one_sets_the_scale() -> None:
    chart = curve_chart(curve((7, 1)), curve((14, 0), (-7, 2), asked=2))

    assert chart.before is not None
    assert chart.before.points.split(" ")[0] == "48.0,260.0"
    assert chart.present.end_x == pytest.approx((48 + (590 - 48) / 3), abs=0.1)
    assert chart.deadline_x == pytest.approx((48 + (590 - 48) * 2 / 3), abs=0.1)
    assert (chart.present.percent, chart.before.percent) == (25, 100)


@pytest.mark.parametrize(
    ("first", "ticks"), [(7, [7, 0]), (30, [28, 21, 14, 7, 0]), (100, [98, 84, 70, 56, 42, 28, 14, 0])]
)
def test_the_days_are_marked_by_weeks_few_enough_to_read(first: int, ticks: list[int]) -> None:
    assert [tick.value for tick in curve_chart(curve((first, 0)), None).x_ticks] == ticks


def test_bars_share_one_scale_and_leave_out_what_is_nought() -> None:
    bars = stacked_bars(
        [("a", {"registered": 3, "silent": 1}), ("b", {"registered": 0, "silent": 2})], width=100
    )

    assert [[(part.state, part.x, part.width, part.count) for part in bar.segments] for bar in bars] == [
        [("registered", 0.0, 75.0, 3), ("silent", 75.0, 25.0, 1)],
        [("silent", 0.0, 50.0, 2)],
    ]


def test_bars_of_nothing_are_empty() -> None:
    assert [bar.segments for bar in stacked_bars([("a", {"registered": 0})])] == [[]]
