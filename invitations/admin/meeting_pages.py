"""The pages about one meeting, and the row of tabs that leads from each to the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from invitations.admin.pages import Text
from invitations.models import Meeting


@dataclass(frozen=True, kw_only=True)
class MeetingPage:
    """A page of the admin about one meeting.

    Attributes:
        name: it is reached as `admin:invitations_meeting_<name>`, with the meeting's id.
        address: what follows the meeting's address, with further parameters of the path where it has any.
        view: gets the request, the meeting, and those parameters by name.
        tab: the word in the row of tabs; a page without one is reached from another page.
        changes: only for those who may change the meeting; else who may see it may see the page.
        is_offered: whether the tab is shown on the pages of that meeting to who asks.
    """

    name: str
    address: str
    view: Callable[..., HttpResponse]
    tab: Text = ""
    changes: bool = False
    is_offered: Callable[[HttpRequest, Meeting], bool] = lambda _request, _meeting: True

    def url(self, meeting: Meeting, **parameters: Any) -> str:
        return page_url(self.name, meeting, **parameters)


def page_url(name: str, meeting: Meeting, **parameters: Any) -> str:
    """The address of the meeting's page of that name."""
    return reverse(f"admin:invitations_meeting_{name}", kwargs={"object_id": meeting.pk, **parameters})


def meeting_page(
    request: HttpRequest,
    meeting: Meeting,
    template: str,
    context: dict[str, Any],
    *,
    tab: str,
    status: int = 200,
) -> TemplateResponse:
    """A page inside the admin's frame, below the row of tabs; its template extends
    `admin/invitations/meeting/page.html`.

    Args:
        context: what the template shows; `title` is the heading of the page.
        tab: the name of the page whose tab is shown as the present one.
    """
    return TemplateResponse(
        request,
        template,
        {
            **admin.site.each_context(request),
            **tab_context(request, meeting, tab=tab),
            "opts": Meeting._meta,
            "original": meeting,
            "meeting": meeting,
            "may_change": may_change(request, meeting),
            **context,
        },
        status=status,
    )


def may_change(request: HttpRequest, meeting: Meeting) -> bool:
    return admin.site.get_model_admin(Meeting).has_change_permission(request, meeting)


def tab_context(request: HttpRequest, meeting: Meeting, *, tab: str) -> dict[str, Any]:
    """The row of tabs as `admin/invitations/meeting/_tabs.html` shows it."""
    pages = admin.site.get_model_admin(Meeting).pages  # type: ignore[attr-defined]
    return {
        "present_tab": tab,
        "people_erased_at": meeting.people_erased_at,
        "tabs": [
            ("change", Meeting._meta.verbose_name, page_url("change", meeting)),
            *(
                (page.name, page.tab, page.url(meeting))
                for page in pages
                if page.tab and page.is_offered(request, meeting)
            ),
        ],
    }
