"""“Kan ikke nås”: the offices that a letter would not reach, to be worked through and mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.forms import capitalised_roles
from invitations.admin.office_files import file_response
from invitations.admin.office_marks import MARKS
from invitations.admin.office_pages import OfficePage, badges, breakable, office_page, page_url
from invitations.danish import capitalise, search_key, sort_key
from invitations.models import Area, Meeting, Municipality
from invitations.office_file import workbook_of
from invitations.reachability import Reason, Unreachable, unreachable

ROWS_A_PAGE = 100

# Chosen in the place of a reason: those whom no letter reaches, which the start page counts.
NO_LETTERS = "no_letters"


class UnreachableFilterForm(forms.Form):
    """What the list is narrowed down to; what makes no sense is as if it had not been chosen."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    reason = forms.ChoiceField(label=_("Reason"), required=False)
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(), label=_("Meeting"), required=False, empty_label=_("All offices, as of today")
    )
    area = forms.ModelChoiceField(
        Area.objects.none(), label=_("Area"), required=False, empty_label=_("All areas")
    )
    role = forms.ChoiceField(label=_("Role"), required=False)

    def __init__(self, data: QueryDict, *, today: date) -> None:
        super().__init__(data)
        coming = Meeting.objects.filter(sessions__starts_date__gte=today, cancelled_at=None).distinct()
        self.fields["meeting"].queryset = coming.prefetch_related("sessions").order_by("title", "pk")  # type: ignore[attr-defined]
        self.fields["meeting"].label_from_instance = _meeting_in_list  # type: ignore[attr-defined]
        self.fields["area"].queryset = Area.objects.order_by("kind", "name")  # type: ignore[attr-defined]
        self.fields["role"].choices = [("", _("All roles")), *capitalised_roles()]  # type: ignore[attr-defined]
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            ("", _("All reasons")),
            (NO_LETTERS, _("Gets no letters")),
            *((reason.value, capitalise(str(reason.label))) for reason in Reason),
        ]

    def chosen(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name) or None


def _meeting_in_list(meeting: Meeting) -> str:
    starts = meeting.starts()
    return f"{meeting.title}, {date_format(starts.date)}" if starts else meeting.title


@dataclass(frozen=True)
class Sorting:
    label: str | Promise
    key: Callable[[Unreachable], Any]


SORTINGS = {
    "municipality": Sorting(_("Municipality"), lambda row: row.municipality.sort_key),
    "office": Sorting(_("Office"), lambda row: sort_key(row.office.display_name) if row.office else ""),
    "mailbox": Sorting(_("Mailbox"), lambda row: row.office.mailbox if row.office else ""),
    "reason": Sorting(_("Reason"), lambda row: list(Reason).index(row.reasons[0])),
    "verified": Sorting(_("Verified"), lambda row: (row.office and row.office.verified_on) or date.min),
}


@dataclass(frozen=True)
class UnreachableList:
    """The list as it is asked for.

    Attributes:
        counts: how many there are by reason, of those that the other filters leave.
        without_letters: how many of those get no letters, for whatever reason.
    """

    form: UnreachableFilterForm
    rows: list[Unreachable]
    counts: Counter[Reason]
    without_letters: int


def unreachable_list(request: HttpRequest) -> UnreachableList:
    today = timezone.localdate()
    form = UnreachableFilterForm(request.GET, today=today)
    meeting, area, role = form.chosen("meeting"), form.chosen("area"), form.chosen("role")
    rows = unreachable(today=today, meeting=meeting)
    if area:
        starts = meeting.starts() if meeting else None
        members = Municipality.objects.in_areas([area], on=starts.date if starts else today)
        pks = set(members.values_list("pk", flat=True))
        rows = [row for row in rows if row.municipality.pk in pks]
    if role:
        rows = [row for row in rows if row.office and row.office.role == role]
    if words := search_key(form.chosen("q") or "").split():
        rows = [row for row in rows if _is_found(row, words)]
    counts = Counter(reason for row in rows for reason in row.reasons)
    without_letters = [row for row in rows if row.gets_no_letters]
    if (reason := form.chosen("reason")) == NO_LETTERS:
        rows = without_letters
    elif reason:
        rows = [row for row in rows if reason in row.reasons]
    name = request.GET.get("o", "")
    if sorting := SORTINGS.get(name.removeprefix("-")):
        rows.sort(key=sorting.key, reverse=name.startswith("-"))
    return UnreachableList(form, rows, counts, len(without_letters))


def _is_found(row: Unreachable, words: list[str]) -> bool:
    texts = [row.municipality.official_name, row.municipality.name]
    if office := row.office:
        texts += [office.display_name, office.mailbox, office.copy_mailbox, office.holder_name]
    text = search_key(" ".join(texts))
    return all(word in text for word in words)


def unreachable_view(request: HttpRequest) -> HttpResponse:
    found = unreachable_list(request)
    page = Paginator(found.rows, ROWS_A_PAGE).get_page(request.GET.get("p"))
    return office_page(
        request,
        "admin/invitations/office/unreachable.html",
        {
            "title": _("Cannot be reached"),
            "form": found.form,
            "page": page,
            "rows": [
                (
                    row,
                    breakable(row.office.mailbox if row.office else ""),
                    badges(row.reasons, _days(row)),
                )
                for row in page.object_list
            ],
            "counts": [
                (
                    NO_LETTERS,
                    gettext("Gets no letters"),
                    found.without_letters,
                    _query(request, reason=NO_LETTERS),
                ),
                *(
                    (
                        reason.value,
                        capitalise(str(reason.label)),
                        found.counts[reason],
                        _query(request, reason=reason.value),
                    )
                    for reason in Reason
                ),
            ],
            "chosen_reason": found.form.chosen("reason"),
            "all_url": _query(request, reason=""),
            "headings": [_heading(request, name, sorting) for name, sorting in SORTINGS.items()],
            "previous_url": page.has_previous() and _query(request, p=str(page.previous_page_number())),
            "next_url": page.has_next() and _query(request, p=str(page.next_page_number())),
            "export_url": f"{page_url('unreachable_xlsx')}{_query(request)}",
            "here": request.get_full_path(),
            "marks": [(marking.label, page_url("mark", name=name)) for name, marking in MARKS.items()],
        },
    )


def _days(row: Unreachable) -> dict[Reason, date | None]:
    """Since when a letter does not reach the office, by reason."""
    if row.office is None:
        return {}
    return {
        Reason.RETURNED: row.office.returned_on,
        Reason.EXPIRED: row.office.valid_to,
        Reason.FAILED: timezone.localdate(row.failed_at) if row.failed_at else None,
    }


def _heading(request: HttpRequest, name: str, sorting: Sorting) -> dict[str, Any]:
    present = request.GET.get("o", "municipality")
    ascending = present == name
    return {
        "label": sorting.label,
        "url": _query(request, o=f"-{name}" if ascending else name),
        "sorted": "ascending" if ascending else "descending" if present == f"-{name}" else "",
    }


def _query(request: HttpRequest, **changed: str) -> str:
    """The address of this list with something else chosen, from its first page unless that is chosen."""
    query = request.GET.copy()
    query.pop("p", None)
    for name, value in changed.items():
        query[name] = value
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    return f"?{query.urlencode()}"


def unreachable_xlsx_view(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered and sorted, all of it, as a workbook."""
    columns = [
        (gettext("Municipality"), 20),
        (gettext("Office"), 40),
        (gettext("Mailbox"), 38),
        (gettext("Reason"), 40),
        (gettext("Mail came back on"), 16),
        (gettext("Valid to and including"), 16),
        (gettext("Verified"), 16),
    ]
    rows = map(_in_workbook, unreachable_list(request).rows)
    return file_response(workbook_of("Kan ikke nås", columns, rows), "kan-ikke-naas")


def _in_workbook(row: Unreachable) -> list[Any]:
    reasons = ", ".join(str(reason.label) for reason in row.reasons)
    if row.office is None:
        return [row.municipality.name, "", "", reasons]
    office = row.office
    return [
        *(row.municipality.name, office.display_name, office.mailbox, reasons),
        *(office.returned_on, office.valid_to, office.verified_on),
    ]


PAGES = [
    OfficePage(name="unreachable", address="unreachable/", view=unreachable_view),
    OfficePage(name="unreachable_xlsx", address="unreachable.xlsx", view=unreachable_xlsx_view),
]
