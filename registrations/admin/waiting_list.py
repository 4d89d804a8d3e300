"""The tab with the waiting list of a meeting: who waits and why, and who has got a place from it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import MeetingPage, meeting_page
from invitations.models import Meeting
from registrations.admin.participants import state_badge
from registrations.waiting_list import moved_up, queue


def waiting_list_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    return meeting_page(
        request,
        meeting,
        "admin/registrations/waiting_list.html",
        {
            "title": _("Waiting list"),
            "queue": queue(meeting, at=timezone.now()),
            "moved": [(participant, state_badge(participant)) for participant in moved_up(meeting)],
            "several_sessions": meeting.sessions.count() > 1,
        },
        tab="waiting_list",
    )


PAGES = [
    MeetingPage(name="waiting_list", address="waiting-list/", view=waiting_list_view, tab=_("Waiting list"))
]
