"""The queue of registrations of which it is not clear whose they are, for one meeting and for all of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from invitations.admin.meeting_pages import MeetingPage, may_change, meeting_page
from invitations.danish import search_key
from invitations.models import Meeting, Municipality
from registrations.matching import (
    OPEN_TO_ALL,
    Destination,
    MatchedMeanwhileError,
    TooManyMatchedError,
    mail_domain,
    match,
    standing,
    waiting_registrations,
)
from registrations.models import Registration

ROWS_A_PAGE = 50

# A registration's number, and how it stood when the page was made.
_KEY = re.compile(r"(\d{1,18})=(\w+:\w*)", re.ASCII)


@dataclass(frozen=True)
class Row:
    """A registration that waits, why it does, and the others that came from the same domain."""

    registration: Registration
    domain: str
    others: Sequence[Registration]

    @property
    def key(self) -> str:
        return _key(self.registration)

    @property
    def other_keys(self) -> list[str]:
        return [_key(other) for other in self.others]

    @property
    def why(self) -> str:
        if self.registration.mail_municipality:
            return gettext("The mail address belongs to %(municipality)s.") % {
                "municipality": self.registration.mail_municipality
            }
        if self.domain in OPEN_TO_ALL:
            return gettext("Anybody can have an address at %(domain)s.") % {"domain": self.domain}
        return gettext("%(domain)s is not among the domains of %(municipality)s that we know.") % {
            "domain": self.domain,
            "municipality": self.registration.municipality,
        }

    @property
    def candidates(self) -> list[Municipality]:
        """The municipalities that it may well be."""
        found = (self.registration.municipality, self.registration.mail_municipality)
        return [municipality for municipality in found if municipality]


@dataclass(frozen=True)
class Refusal:
    """Why what was chosen for a registration (its id) is nobody, and what was typed, to be shown again."""

    registration: int
    error: str
    name: str
    kind: str
    with_others: bool


def queue_of_meeting(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The queue of one meeting, reached from its participants."""
    refusal = None
    if request.method == "POST":
        if not may_change(request, meeting):
            raise PermissionDenied
        refusal = _decide(request)
        if refusal is None:
            return HttpResponseRedirect(request.get_full_path())
    context = {
        "title": gettext("Registrations that await a municipality"),
        "refusal": refusal,
        **_queue(request, waiting_registrations(meeting)),
    }
    template = "admin/registrations/matching/of_meeting.html"
    return meeting_page(request, meeting, template, context, tab="participants")


def queue_of_all(request: HttpRequest) -> HttpResponse:
    """The queues of all meetings together."""
    meetings = admin.site.get_model_admin(Meeting)
    if not meetings.has_view_permission(request):
        raise PermissionDenied
    refusal = None
    if request.method == "POST":
        if not meetings.has_change_permission(request):
            raise PermissionDenied
        refusal = _decide(request)
        if refusal is None:
            return HttpResponseRedirect(request.get_full_path())
    context = {
        **admin.site.each_context(request),
        "opts": Registration._meta,
        "title": gettext("Registrations that await a municipality"),
        "may_change": meetings.has_change_permission(request),
        "of_all": True,
        "refusal": refusal,
        **_queue(request, waiting_registrations()),
    }
    return TemplateResponse(request, "admin/registrations/matching/of_all.html", context)


def destination(typed: str, *, name: str = "", kind: str = "") -> Destination | None:
    """What somebody has chosen: a municipality by its code or by its `name`, or a kind of guests.

    Args:
        typed: `municipality:0657`, `named`, `guests`.
    """
    word, _colon, code = typed.partition(":")
    if word == "municipality":
        return Municipality.objects.filter(code=code).first()
    if word == "named":
        wanted = search_key(name).removesuffix(" kommune")
        return Municipality.objects.filter(search_key=wanted).first() if wanted else None
    if word == "guests" and kind in Registration.GuestKind.values:
        return Registration.GuestKind(kind)
    return None


def choices() -> dict[str, Any]:
    """What `_destination.html` offers."""
    return {
        "municipality_names": Municipality.objects.in_danish_order().values_list("name", flat=True),
        "guest_kinds": Registration.GuestKind.choices,
    }


def _key(registration: Registration) -> str:
    return f"{registration.pk}={standing(registration)}"


def _queue(request: HttpRequest, waiting: QuerySet[Registration]) -> dict[str, Any]:
    registrations = waiting.select_related("municipality", "mail_municipality", "meeting").annotate(
        coming=Count("participants", filter=Q(participants__withdrawn_at=None))
    )
    page: Page[Any] = Paginator(registrations, ROWS_A_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "rows": _rows(page.object_list), **choices()}


def _rows(registrations: Iterable[Registration]) -> list[Row]:
    """Those of a domain that only one organisation has can be decided on together."""
    by_domain: dict[str, list[Registration]] = defaultdict(list)
    for registration in registrations:
        by_domain[mail_domain(registration.contact_email)].append(registration)
    return [
        Row(
            registration=registration,
            domain=domain,
            others=[other for other in same if other != registration and domain not in OPEN_TO_ALL],
        )
        for registration in registrations
        for domain in [mail_domain(registration.contact_email)]
        for same in [by_domain[domain]]
    ]


def _decide(request: HttpRequest) -> Refusal | None:
    """Match what was sent; the queue, shown again, says what is left of it."""
    typed, name, kind = (request.POST.get(field, "") for field in ("to", "name", "kind"))
    with_others = bool(request.POST.get("with_others"))
    to = destination(typed, name=name, kind=kind)
    keys = [request.POST.get("row", "")]
    if to is None:
        found = _KEY.fullmatch(keys[0])
        error = nothing_chosen(typed, name)
        return Refusal(int(found[1]) if found else 0, error, name=name, kind=kind, with_others=with_others)
    if with_others:
        keys += request.POST.getlist("other")
    seen = {int(found[1]): found[2] for key in keys if (found := _KEY.fullmatch(key))}
    matched = 0
    for registration in Registration.objects.filter(pk__in=seen).select_related("meeting").order_by("pk"):
        matched += _match(request, registration, to, seen[registration.pk])
    if matched:
        messages.success(request, what_was_done(to, matched))
    return None


def _match(request: HttpRequest, registration: Registration, to: Destination, seen: str) -> int:
    assert request.user.is_authenticated
    try:
        match(registration, to, seen=seen, at=timezone.now(), by=request.user)
    except MatchedMeanwhileError as refusal:
        messages.warning(request, was_matched(refusal.registration))
        return 0
    except TooManyMatchedError as refusal:
        messages.warning(request, _too_many(registration, refusal))
        return 0
    return 1


def was_matched(registration: Registration) -> str:
    """That somebody else was faster, and with what."""
    return gettext("%(reference)s has been matched by somebody else: %(whose)s.") % {
        "reference": registration.reference,
        "whose": registration.comes_as,
    }


def what_was_done(to: Destination, count: int) -> str:
    if isinstance(to, Municipality):
        return ngettext(
            "%(count)d registration counts as the answer of %(municipality)s now.",
            "%(count)d registrations count as the answer of %(municipality)s now.",
            count,
        ) % {"count": count, "municipality": to}
    return ngettext(
        "%(count)d registration is of no municipality: %(kind)s.",
        "%(count)d registrations are of no municipality: %(kind)s.",
        count,
    ) % {"count": count, "kind": to.label}


def nothing_chosen(typed: str, name: str) -> str:
    """What is wrong where `destination` is nobody, for the same arguments."""
    if typed != "named":
        return gettext("Choose whose the registration is.")
    if name.strip():
        return gettext("There is no municipality of the name %(name)s.") % {"name": name.strip()[:50]}
    return gettext("Enter the name of the municipality.")


def _too_many(registration: Registration, refusal: TooManyMatchedError) -> str:
    """What is too much, with the way to the page on which it is done all the same."""
    url = reverse("admin:registrations_registration_match", args=[registration.pk])
    return format_html(
        '{}: {} <a href="{}?to=municipality:{}">{}</a>',
        registration.reference,
        refusal.message,
        url,
        refusal.municipality.code,
        gettext("Match it all the same"),
    )


PAGES = (MeetingPage(name="matching", address="matching/", view=queue_of_meeting),)
