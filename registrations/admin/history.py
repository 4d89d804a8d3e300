"""The tab with the history of a meeting."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import MeetingPage, meeting_page
from invitations.models import Meeting
from registrations.meeting_history import history_of

PER_PAGE = 100


def history_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    if not request.user.has_perm("admin.view_logentry"):
        raise PermissionDenied
    pages = Paginator(history_of(meeting), PER_PAGE)
    entries = pages.get_page(request.GET.get("p"))
    return meeting_page(
        request,
        meeting,
        "admin/registrations/history.html",
        {"title": _("History"), "entries": entries, "pages": pages.get_elided_page_range(entries.number)},
        tab="events",
    )


# Django has a page named history of its own.
PAGES = [MeetingPage(name="events", address="events/", view=history_view, tab=_("History"))]
