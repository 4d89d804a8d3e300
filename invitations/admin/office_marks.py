"""What staff note about one office or many: mail came back, the mailbox works again, verified today."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.office_pages import OfficePage, confirm_page, list_url, may, page_url, way_back
from invitations.admin.pages import Text
from invitations.danish import COPENHAGEN
from invitations.mailbox_marks import (
    mark_returned,
    mark_verified,
    mark_working,
    not_verified_on,
    not_working,
    returnable,
)
from invitations.models import Office

Mark = Callable[..., int]


@dataclass(frozen=True)
class Marking:
    """A mark as its page speaks of it.

    Attributes:
        label: on the buttons.
        mark: writes it down; gets the numbers of offices, `at` and `by`.
        concerned: those of the offices, at a time, of which it would be news.
        will: the sentence for how many that is.
    """

    label: Text
    mark: Mark
    concerned: Callable[[list[Office], datetime], list[Office]]
    will: Callable[[int], str]


def _will_be_returned(count: int) -> str:
    return ngettext(
        "%(count)d mailbox is noted as one from which mail came back today.",
        "%(count)d mailboxes are noted as ones from which mail came back today.",
        count,
    ) % {"count": count}


def _will_work(count: int) -> str:
    return ngettext(
        "%(count)d mailbox is noted as working. What came back or failed before counts no more.",
        "%(count)d mailboxes are noted as working. What came back or failed before counts no more.",
        count,
    ) % {"count": count}


def _will_be_verified(count: int) -> str:
    return ngettext(
        "%(count)d office is noted as verified today.",
        "%(count)d offices are noted as verified today.",
        count,
    ) % {"count": count}


def _noted(count: int) -> str:
    if not count:
        return gettext("It had been noted already. Nothing has changed.")
    return ngettext("Noted for %(count)d office.", "Noted for %(count)d offices.", count) % {"count": count}


MARKS = {
    "returned": Marking(
        _("Mail came back"),
        mark_returned,
        lambda offices, at: returnable(offices),
        _will_be_returned,
    ),
    "working": Marking(
        _("The mailbox works again"),
        mark_working,
        lambda offices, at: not_working(offices),
        _will_work,
    ),
    "verified": Marking(
        _("Verified today"),
        mark_verified,
        lambda offices, at: not_verified_on(offices, at.astimezone(COPENHAGEN).date()),
        _will_be_verified,
    ),
}


def mark_view(request: HttpRequest, name: str) -> HttpResponse:
    """The page before a mark, and the mark once its button has been pressed."""
    if name not in MARKS:
        raise Http404
    pks = _chosen(request)
    if not pks:
        messages.warning(request, gettext("Choose at least one office."))
        return HttpResponseRedirect(way_back(request))
    if request.method == "POST" and "confirmed" in request.POST:
        assert isinstance(request.user, User)
        count = MARKS[name].mark(pks, at=timezone.now(), by=request.user)
        messages.success(request, _noted(count))
        return HttpResponseRedirect(way_back(request))
    return _confirm(request, name, Office.objects.filter(pk__in=pks), back=way_back(request))


def _confirm(request: HttpRequest, name: str, offices: models.QuerySet[Office], *, back: str) -> HttpResponse:
    marking = MARKS[name]
    rows = list(
        offices.select_related("municipality", "policy_area").order_by("municipality__sort_key", "role", "pk")
    )
    concerned = marking.concerned(rows, timezone.now())
    left = len(rows) - len(concerned)
    sentences = [marking.will(len(concerned))]
    if left:
        sentences.append(
            ngettext(
                "%(count)d of those chosen stays as it is: there is nothing new to note.",
                "%(count)d of those chosen stay as they are: there is nothing new to note.",
                left,
            )
            % {"count": left}
        )
    return confirm_page(
        request,
        title=marking.label,
        button=_("Note it"),
        sentences=sentences,
        problems=[] if concerned else [gettext("There is nothing new to note about those chosen.")],
        back_url=back,
        action_url=page_url("mark", name=name),
        hidden=[
            ("offices", ",".join(str(office.pk) for office in concerned)),
            ("back", back),
            ("confirmed", "1"),
        ],
        offices=concerned,
    )


def _chosen(request: HttpRequest) -> Collection[int]:
    """The numbers of the offices that were ticked, or that a link or button carries."""
    words = request.POST.getlist("office")
    for carried in (request.GET.get("offices", ""), request.POST.get("offices", "")):
        words += carried.split(",")
    return {int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 16}


def mark_action(name: str) -> Callable[[Any, HttpRequest, models.QuerySet[Office]], HttpResponse]:
    """The mark as an action of the list of offices, which leads to the page before it."""

    @admin.action(description=MARKS[name].label, permissions=["change"])  # type: ignore[arg-type]
    def action(modeladmin: Any, request: HttpRequest, queryset: models.QuerySet[Office]) -> HttpResponse:
        query = request.GET.urlencode()
        return _confirm(request, name, queryset, back=f"{list_url()}?{query}" if query else list_url())

    action.__name__ = f"mark_{name}"
    return action


def marks_of(request: HttpRequest, office: Office) -> list[tuple[Text, str]]:
    """The marks that would be news of this office: the word, and the address of the page before it."""
    if not may(request, "change"):
        return []
    query = urlencode({"offices": office.pk, "back": page_url("change", object_id=office.pk)})
    return [
        (marking.label, f"{page_url('mark', name=name)}?{query}")
        for name, marking in MARKS.items()
        if marking.concerned([office], timezone.now())
    ]


PAGES = [OfficePage(name="mark", address="mark/<slug:name>/", view=mark_view, asks=("change",))]
