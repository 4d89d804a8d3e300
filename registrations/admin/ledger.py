"""The ledger of a meeting: which municipalities have answered, who is silent, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import MeetingPage, meeting_page, page_url
from invitations.danish import COPENHAGEN
from invitations.models import Meeting
from registrations.ledger import Ledger, LedgerRow, ledger
from registrations.ledger_list import ANSWERED, SHOWN, LedgerList, show_name
from registrations.ledger_words import BADGES, answer_words, coverage_words, total_words, uninvited_words
from registrations.ledger_xlsx import ledger_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, kw_only=True)
class FilterLink:
    """A link that narrows the list, or takes that back where it `is_chosen`."""

    label: str
    url: str
    is_chosen: bool
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """A heading by which one can sort; pressed again, the other way round."""

    name: str
    label: str
    url: str
    direction: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row as the page shows it."""

    row: LedgerRow
    words: str
    badge: str
    region: str
    url: str


def ledger_page(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    chosen, of_meeting = LedgerList.of_query(request.GET), ledger(meeting)
    rows = chosen.rows(of_meeting)
    context: dict[str, Any] = {
        "title": _("Municipalities"),
        "chosen": chosen,
        "headline": headline(chosen, of_meeting),
        "participants": of_meeting.participants,
        "uninvited": uninvited_words(of_meeting.uninvited),
        "total_rows": len(of_meeting.rows),
        "chips": chips(chosen, of_meeting),
        "columns": columns(chosen),
        "lines": lines(meeting, rows, chosen),
        "chosen_values": chosen.values().items(),
        "others": [
            (municipality, page_url("municipality", meeting, code=municipality.code))
            for municipality in chosen.others(of_meeting)
        ],
        "all_url": page_url("ledger", meeting),
        "xlsx_url": page_url("ledger_xlsx", meeting) + chosen.query(),
        "write_url": page_url("ledger_write", meeting),
        "write_all_url": write_url(meeting, rows, chosen),
        "matching_url": page_url("matching", meeting),
        "printed_at": timezone.now(),
    }
    return meeting_page(request, meeting, "admin/registrations/ledger/ledger.html", context, tab="ledger")


def ledger_xlsx_page(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    chosen = LedgerList.of_query(request.GET)
    title = f"{meeting.title}: {chosen.words()}"
    today = timezone.now().astimezone(COPENHAGEN).date()
    content = ledger_xlsx(chosen.rows(ledger(meeting)), title=title)
    name = gettext("municipalities")
    filename = f"{meeting.slug}-{name}-{today.isoformat()}.xlsx"
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def headline(chosen: LedgerList, of_meeting: Ledger) -> list[FilterLink]:
    """`61 of 98 municipalities have answered`, `Region Midtjylland 15 of 19`: each shows its rows."""
    whole = FilterLink(
        label=total_words(of_meeting.total),
        url=LedgerList(state=ANSWERED, sort=chosen.sort).query(),
        is_chosen=(chosen.state, chosen.region) == (ANSWERED, ""),
    )
    regions = [
        FilterLink(
            label=f"{region.name} {coverage_words(region)}",
            url=chosen.query(region="" if chosen.region == region.name else region.name) or "?",
            is_chosen=chosen.region == region.name,
        )
        for region in of_meeting.regions
    ]
    return [whole, *regions]


def chips(chosen: LedgerList, of_meeting: Ledger) -> list[FilterLink]:
    """Each state with its number; a state in which nobody is, is left out unless it is chosen."""
    counts = chosen.counts(of_meeting)
    everybody = FilterLink(
        label=gettext("All"),
        url=chosen.query(state="") or "?",
        is_chosen=not chosen.state,
        count=counts[""],
    )
    return [
        everybody,
        *(
            FilterLink(
                label=show_name(name),
                url=chosen.query(state=name),
                is_chosen=chosen.state == name,
                count=counts[name],
            )
            for name in SHOWN
            if counts[name] or chosen.state == name
        ),
    ]


def columns(chosen: LedgerList) -> list[Column]:
    labels = {
        "municipality": gettext("Municipality"),
        "state": gettext("Answer"),
        "participants": gettext("Participants"),
        "region": gettext("Region"),
        "offices": gettext("Offices"),
        "failed": gettext("Mails that failed"),
        "reminder": gettext("Last reminder"),
        "answered": gettext("Answered"),
        "contact": gettext("Contact person"),
    }
    present, is_descending = chosen.sort.removeprefix("-"), chosen.sort.startswith("-")
    return [
        Column(
            name=name,
            label=label,
            url=chosen.query(sort=f"-{name}" if present == name and not is_descending else name) or "?",
            direction=("descending" if is_descending else "ascending") if present == name else "",
        )
        for name, label in labels.items()
    ]


def lines(meeting: Meeting, rows: list[LedgerRow], chosen: LedgerList) -> list[Line]:
    query = chosen.query()
    # One address for all, since finding 98 of them takes longer than reading the ledger.
    pattern = page_url("municipality", meeting, code="CODE")
    return [
        Line(
            row=row,
            words=answer_words(row),
            badge=BADGES[row.state],
            region=row.region.removeprefix("Region "),
            url=pattern.replace("CODE", row.municipality.code) + query,
        )
        for row in rows
    ]


def write_url(meeting: Meeting, rows: list[LedgerRow], chosen: LedgerList) -> str:
    """The page on which one writes to all `rows`, and from there back to the list."""
    values = {**chosen.values(), "m": [row.municipality.code for row in rows]}
    return f"{page_url('ledger_write', meeting)}?{urlencode(values, doseq=True)}"


LEDGER = MeetingPage(name="ledger", address="ledger/", view=ledger_page, tab=_("municipalities"))
LEDGER_XLSX = MeetingPage(name="ledger_xlsx", address="ledger.xlsx", view=ledger_xlsx_page)
