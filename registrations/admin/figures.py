"""The tab with pictures: when answers came, where from, and how full the themes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import MeetingPage, meeting_page, page_url
from invitations.models import Meeting
from registrations.charts import curve_chart, stacked_bars, tile_map
from registrations.figures import AnswerCurve, ThemeFill, answer_curve, theme_fills
from registrations.ledger import Ledger, LedgerState, ledger
from registrations.ledger_words import total_words, uninvited_words

# In this order in legends and bars.
STATES = (
    LedgerState.REGISTERED,
    LedgerState.PARTLY,
    LedgerState.WAITLISTED,
    LedgerState.WITHDRAWN,
    LedgerState.DECLINED,
    LedgerState.SILENT,
    LedgerState.NOT_INVITED,
)


@dataclass(frozen=True, kw_only=True)
class CurveRow:
    """A day on which somebody answered; `before` is the number of the earlier meeting as long before its
    deadline.
    """

    days_before: int
    present: int | None
    before: int | None

    @property
    def days_after(self) -> int:
        return -self.days_before


def figures_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    now = timezone.now()
    of_meeting = ledger(meeting)
    present = answer_curve(meeting, at=now)
    before = answer_curve(meeting.copied_from, at=now) if meeting.copied_from else None
    regions = region_counts(of_meeting)
    fills = theme_fills(meeting)
    return meeting_page(
        request,
        meeting,
        "admin/registrations/figures/page.html",
        {
            "title": _("Figures"),
            "ledger": of_meeting,
            "total_words": total_words(of_meeting.total),
            "uninvited": uninvited_words(of_meeting.uninvited),
            "states": [(state, of_meeting.counts.get(state.value, 0)) for state in STATES],
            "map": tile_map(of_meeting.rows),
            # One address for all: the template puts each code into it.
            "municipality_url": page_url("municipality", meeting, code="CODE").removesuffix("CODE/"),
            "curve": curve_chart(present, before) if present else None,
            "present": present,
            "before": before,
            "curve_rows": curve_rows(present, before) if present else [],
            "region_bars": stacked_bars(regions),
            "region_counts": [
                (part, [count for state, count in counts.items() if of_meeting.counts.get(state)])
                for part, counts in regions
            ],
            "theme_bars": stacked_bars(
                [(fill, theme_counts(fill)) for fill in fills],
                most=max((max(fill.picked, fill.capacity or 0) for fill in fills), default=None),
            ),
            "several_sessions": len({fill.session.pk for fill in fills}) > 1,
        },
        tab="figures",
    )


def curve_rows(present: AnswerCurve, before: AnswerCurve | None) -> list[CurveRow]:
    """The days of both meetings on which a number changed, the first and the last ones, and the deadline."""
    wanted = {0}
    for curve in (present, *([before] if before else [])):
        answered = None
        for day, so_far in curve.days:
            if so_far != answered:
                wanted.add(day)
            answered = so_far
        wanted.add(curve.days[-1][0])
    rows = [
        CurveRow(days_before=day, present=present.at(day), before=before.at(day) if before else None)
        for day in sorted(wanted, reverse=True)
    ]
    return [row for row in rows if row.present is not None or row.before is not None]


def region_counts(of_meeting: Ledger) -> Sequence[tuple[object, dict[str, int]]]:
    """For each region its coverage, and how many of its municipalities are in each state."""
    return [
        (
            part,
            {
                state.value: sum(row.state == state and row.region == part.name for row in of_meeting.rows)
                for state in STATES
            },
        )
        for part in of_meeting.regions
    ]


def theme_counts(fill: ThemeFill) -> dict[str, int]:
    """What fills the bar of a theme: those who have picked it, and the places that are left."""
    if fill.capacity is None:
        return {"registered": fill.picked}
    return {"registered": fill.picked, "silent": max(0, fill.capacity - fill.picked)}


PAGES = [MeetingPage(name="figures", address="figures/", view=figures_view, tab=_("Figures"))]
