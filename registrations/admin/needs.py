"""What those who come need, as the kitchen gets it; with names only where somebody asks for them."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import MeetingPage, meeting_page, page_url
from invitations.models import Meeting
from registrations.models.needs import NEEDS_KEPT_DAYS
from registrations.special_needs import needs_by_session


def may_see(request: HttpRequest) -> bool:
    return request.user.has_perm("registrations.view_specialneeds")


def is_offered(request: HttpRequest, meeting: Meeting) -> bool:
    return meeting.asks_about_needs and may_see(request)


def needs_page(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    if not may_see(request):
        raise PermissionDenied
    with_names = request.GET.get("names") == "1"
    url = page_url("needs", meeting)
    context = {
        "title": gettext("Food and special needs"),
        "sessions": needs_by_session(meeting),
        "with_names": with_names,
        "other_url": url if with_names else f"{url}?names=1",
        "days": NEEDS_KEPT_DAYS,
    }
    return meeting_page(request, meeting, "admin/registrations/needs.html", context, tab="needs")


PAGES = (
    MeetingPage(
        name="needs",
        address="needs/",
        view=needs_page,
        tab=_("Food and special needs"),
        is_offered=is_offered,
    ),
)
