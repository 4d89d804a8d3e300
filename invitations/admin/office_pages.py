"""The pages about many offices at a time, in the frame that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from invitations.admin import pages
from invitations.admin.pages import Text
from invitations.danish import capitalise
from invitations.models import Office
from invitations.reachability import Reason


@dataclass(frozen=True, kw_only=True)
class OfficePage:
    """A page of the admin about offices.

    Attributes:
        name: it is reached as `admin:invitations_office_<name>`.
        address: what follows the address of the list.
        view: gets the request, and the parameters of the path by name.
        asks: the permissions that it asks for: `view`, `add`, `change`.
    """

    name: str
    address: str
    view: Callable[..., HttpResponse]
    asks: tuple[str, ...] = ("view",)

    def __call__(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        if not all(may(request, permission) for permission in self.asks):
            raise PermissionDenied
        return self.view(request, **parameters)


def may(request: HttpRequest, permission: str) -> bool:
    """Whether this user may `view`, `add` or `change` offices."""
    allowed = getattr(admin.site.get_model_admin(Office), f"has_{permission}_permission")
    return bool(allowed(request))


def page_url(page: str, /, **parameters: Any) -> str:
    return reverse(f"admin:invitations_office_{page}", kwargs=parameters)


def list_url() -> str:
    return page_url("changelist")


def way_back(request: HttpRequest) -> str:
    """Where the page that led here wants to be returned to; the list where it is none of ours."""
    return pages.way_back(request) or list_url()


def office_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> TemplateResponse:
    """A page inside the admin's frame; its template extends `admin/invitations/office/page.html`.

    Args:
        context: what the template shows; `title` is the heading of the page.
    """
    return TemplateResponse(
        request,
        template,
        {
            **admin.site.each_context(request),
            "opts": Office._meta,
            "list_url": list_url(),
            "may_change": may(request, "change"),
            **context,
        },
        status=status,
    )


def confirm_page(
    request: HttpRequest,
    *,
    title: Text,
    button: Text,
    sentences: Iterable[Text],
    problems: Iterable[Text] = (),
    back_url: str,
    **context: Any,
) -> TemplateResponse:
    """The page before an act on many offices: what follows, and a button unless there are `problems`.

    Args:
        context: `offices` are listed below; `hidden` are fields that the button sends along, as pairs;
            `action_url` gets it where that is another page than this one.
    """
    return office_page(
        request,
        "admin/invitations/office/confirm.html",
        {
            "title": title,
            "button": button,
            "sentences": list(sentences),
            "problems": list(problems),
            "back_url": back_url,
            **context,
        },
    )


def badges(reasons: Iterable[Reason], days: Mapping[Reason, date | None] | None = None) -> SafeString:
    """Why an office cannot be reached, as badges whose colour says whether a letter is lost or may be.

    Args:
        days: since when, by reason, where that is known.
    """
    return format_html_join(
        " ",
        '<span class="state state-{}">{}</span>',
        (
            ("owed" if reason == Reason.NOT_VERIFIED else "failed", _since(reason, (days or {}).get(reason)))
            for reason in reasons
        ),
    )


def breakable(mailbox: str) -> SafeString:
    """A mailbox that may go on to another line after its @, in a narrow column."""
    user, at, domain = mailbox.partition("@")
    return format_html("{}{}<wbr>{}", user, at, domain) if mailbox else SafeString("–")


def _since(reason: Reason, day: date | None) -> str:
    words = capitalise(str(reason.label))
    return f"{words} {date_format(day, 'SHORT_DATE_FORMAT')}" if day else words
