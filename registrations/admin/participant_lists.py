"""The participants of a meeting: on the screen, as a sheet, as the list at the door and as name badges."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import MeetingPage, meeting_page, page_url
from invitations.danish import capitalise
from invitations.history import record
from invitations.models import Meeting, Municipality
from invitations.models.programme import themed_items
from invitations.pdf import ReadingOrderError, UnprintableLetter
from registrations import matching
from registrations.door_list import MOST_ON_A_LIST, By, door_list
from registrations.models import Registration
from registrations.name_badges import MOST_BADGES, name_badges
from registrations.participant_lists import Entry, Selection, Sort, State, Totals, entries, themes_of, totals
from registrations.participant_sheet import participants_sheet
from registrations.printing import parts

logger = logging.getLogger(__name__)

ROWS_A_PAGE = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SelectionForm(forms.Form):
    """The filters above the list; all of them are links to send on, so nothing is remembered elsewhere."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    session = forms.TypedChoiceField(label=_("Session"), required=False, coerce=int, empty_value=None)
    theme = forms.TypedChoiceField(label=_("Theme"), required=False, coerce=int, empty_value=None)
    municipality = forms.ChoiceField(label=_("Municipality"), required=False)
    kind = forms.ChoiceField(label=_("Comes as"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=lambda: _capitalised(State.choices))
    sort = forms.ChoiceField(label=_("Order"), required=False, choices=lambda: _capitalised(Sort.choices))

    def __init__(self, data: QueryDict, *, meeting: Meeting) -> None:
        super().__init__(data, auto_id="filter_%s")
        sessions = list(meeting.sessions.all())
        rounds = themed_items(list(meeting.programme.prefetch_related("themes")))
        self._offer("session", [(session.pk, str(session)) for session in sessions])
        self._offer(
            "theme",
            [(item.title, [(theme.pk, theme.title) for theme in item.themes.all()]) for item in rounds],
        )
        present = Municipality.objects.filter(registrations__meeting=meeting).distinct().in_danish_order()
        self._offer("municipality", [(found.code, found.name) for found in present])
        self._offer(
            "kind",
            [
                ("municipality", gettext("Municipality")),
                ("guest", gettext("KL's own, speakers and guests")),
                *_capitalised(Registration.GuestKind.choices),
            ],
        )
        for name, count in (("session", len(sessions) - 1), ("theme", len(rounds))):
            if not count:
                del self.fields[name]

    def _offer(self, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("All")), *choices]

    def selection(self) -> Selection:
        """What was chosen; what is none of the choices counts for nothing, and is said at its field."""
        self.is_valid()
        chosen = self.cleaned_data
        return Selection(
            session=chosen.get("session"),
            theme=chosen.get("theme"),
            municipality=chosen.get("municipality", ""),
            kind=chosen.get("kind", ""),
            state=chosen.get("state") or State.REGISTERED,
            search=chosen.get("q", ""),
            sort=chosen.get("sort") or Sort.NAME,
        )


def participants(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The tab: who comes, filtered and ordered, with what can be made of the list."""
    form = SelectionForm(request.GET, meeting=meeting)
    selection = form.selection()
    found = entries(meeting, selection)
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    sessions = {session.pk: str(session) for session in meeting.sessions.all()}
    themes = themes_of(shown, meeting=meeting)
    query, counted = _query(request), totals(meeting)
    context = {
        "title": gettext("Participants"),
        "form": form,
        "page": page,
        "query": query,
        "is_filtered": bool(query),
        "found": len(found),
        "rows": [(entry, sessions[entry.session], themes.get(entry.pk, {}).values()) for entry in shown],
        "several_sessions": len(sessions) > 1,
        "has_themes": "theme" in form.fields,
        "totals": counted,
        "counts": _counts(meeting, counted),
        "waiting": matching.waiting(meeting),
        "lists": _capitalised(By.choices) if "theme" in form.fields else [],
        "sort": selection.sort,
    }
    template = "admin/registrations/participants/list.html"
    return meeting_page(request, meeting, template, context, tab="participants")


def sheet(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The list as xlsx. A POST, since the history says who took the mail addresses along."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    assert request.user.is_authenticated
    found = entries(meeting, SelectionForm(request.GET, meeting=meeting).selection())
    content = participants_sheet(meeting, found)
    with transaction.atomic():
        message = ngettext(
            "Downloaded %(count)d participant with e-mail address as a sheet.",
            "Downloaded %(count)d participants with e-mail addresses as a sheet.",
            len(found),
        )
        record(meeting, message % {"count": len(found)}, by=request.user)
    return _file(content, XLSX, f"{meeting.slug}-deltagere.xlsx", inline=False)


def door_list_pdf(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The list at the door, of those whom the filters leave and who take a place."""
    by = By.THEME if request.GET.get("by") == By.THEME else By.SESSION

    def make(found: Sequence[Entry], selection: Selection) -> bytes:
        return door_list(meeting, found, by=by, sort=selection.sort)

    return _printed(request, meeting, make, most=MOST_ON_A_LIST, name="doerliste", title=_("Door list"))


def name_badges_pdf(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Name badges, of those whom the filters leave and who take a place; without a name there is none."""

    def make(found: Sequence[Entry], selection: Selection) -> bytes:
        return name_badges(meeting, found)

    return _printed(
        request,
        meeting,
        make,
        most=MOST_BADGES,
        name="navneskilte",
        title=_("Name badges"),
        only_named=True,
    )


def _printed(
    request: HttpRequest,
    meeting: Meeting,
    make: Callable[[Sequence[Entry], Selection], bytes],
    *,
    most: int,
    name: str,
    title: Any,
    only_named: bool = False,
) -> HttpResponse:
    """The PDF; where it would be too long, a page with links to its parts; where nobody is on it, a word.

    Args:
        only_named: leave out the places whose names follow.
    """
    form = SelectionForm(request.GET, meeting=meeting)
    selection = _expected(form.selection())
    expected = entries(meeting, selection)
    found = parts([entry for entry in expected if entry.name or not only_named], size=most)
    number = request.GET.get("part", "")
    chosen = found if len(found) == 1 else [part for part in found if str(part.number) == number]
    back = HttpResponseRedirect(f"{page_url('participants', meeting)}?{_query(request)}")
    if not found:
        messages.warning(request, gettext("There is nobody to print: nobody who comes is in this selection."))
        return back
    if not chosen:
        context = {"title": title, "parts": found, "most": most, "query": _query(request)}
        template = "admin/registrations/participants/parts.html"
        return meeting_page(request, meeting, template, context, tab="participants")
    try:
        content = make(chosen[0].entries, selection)
    except (ReadingOrderError, UnprintableLetter):
        logger.exception("%s of meeting %s could not be printed", name, meeting.slug)
        messages.error(request, gettext("The PDF could not be made. Write to those who run the system."))
        return back
    suffix = f"-{chosen[0].number}" if len(found) > 1 else ""
    return _file(content, "application/pdf", f"{meeting.slug}-{name}{suffix}.pdf", inline=True)


def _expected(selection: Selection) -> Selection:
    """Nobody else is let in or gets a badge, whatever state the list on the screen shows."""
    return replace(selection, state=State.REGISTERED)


def _counts(meeting: Meeting, counted: Totals) -> dict[str, Any]:
    """How many come to each session and each theme, as rows and columns."""
    sessions = list(meeting.sessions.all())
    rounds = themed_items(list(meeting.programme.prefetch_related("themes")))
    return {
        "sessions": [(session, counted.sessions.get(session.pk, 0)) for session in sessions],
        "rounds": [
            (
                item.title,
                [
                    (theme, [counted.themes.get((session.pk, theme.pk), 0) for session in sessions])
                    for theme in item.themes.all()
                ],
            )
            for item in rounds
        ],
    }


def _capitalised(choices: Sequence[tuple[Any, Any]]) -> list[tuple[Any, str]]:
    return [(value, capitalise(str(label))) for value, label in choices]


def _query(request: HttpRequest) -> str:
    """The filters as they stand in the address, without the page of the list or the part of the file."""
    query = request.GET.copy()
    for name in ("page", "part"):
        query.pop(name, None)
    return query.urlencode()


def _file(content: bytes, content_type: str, name: str, *, inline: bool) -> HttpResponse:
    place = "inline" if inline else "attachment"
    headers = {"Content-Disposition": f'{place}; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


PAGES = (
    MeetingPage(name="participants", address="participants/", view=participants, tab=_("Participants")),
    MeetingPage(name="participants_xlsx", address="participants/xlsx/", view=sheet),
    MeetingPage(name="door_list", address="participants/door-list/", view=door_list_pdf),
    MeetingPage(name="name_badges", address="participants/name-badges/", view=name_badges_pdf),
)
