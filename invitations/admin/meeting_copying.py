"""Copying a meeting: a page with suggestions, and the draft that comes of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import timezone
from django.utils.formats import localize_input
from django.utils.translation import gettext, ngettext

from invitations.admin.meeting_copy_form import CopyForm, suggestions
from invitations.admin.meeting_pages import MeetingPage, meeting_page, page_url
from invitations.meeting_copies import copy_meeting, likely_dates, next_days, remarks
from invitations.models import Letter, Meeting
from invitations.models.validation import YEARS


def may_copy(request: HttpRequest) -> bool:
    meetings = admin.site.get_model_admin(Meeting)
    # The meeting that is copied says in its history that it was.
    return meetings.has_add_permission(request) and meetings.has_change_permission(request)


def copy_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    assert isinstance(request.user, User)
    if not may_copy(request):
        raise PermissionDenied
    today = timezone.localdate()
    asks = "_suggest" in request.POST
    data = with_suggestions(request.POST, meeting, today) if asks else request.POST
    form = _form(request, meeting, data or None, today)
    if form.is_valid() and not asks:
        try:
            copy = _copy(request.user, meeting, form)
        except IntegrityError:
            # Somebody took the address between our check and our writing; this time the check sees it.
            form = _form(request, meeting, data, today)
            form.full_clean()
        else:
            messages.success(request, what_was_copied(copy))
            return HttpResponseRedirect(page_url("change", copy))
    likely = likely_dates(meeting, next_days(meeting, today=today))
    dates = form.dates() if form.is_bound else likely
    return meeting_page(
        request,
        meeting,
        "admin/invitations/meeting/copy.html",
        {
            "title": gettext("Copy the meeting"),
            "form": form,
            "media": form.media,
            "remarks": remarks(meeting, dates, today=today),
            "suggestions_url": page_url("copy_suggestions", meeting),
        },
        tab="copy",
    )


def _form(request: HttpRequest, meeting: Meeting, data: Any, today: datetime.date) -> CopyForm:
    with_letters = admin.site.get_model_admin(Letter).has_add_permission(request)
    return CopyForm(data, source=meeting, today=today, with_letters=with_letters)


def _copy(user: User, meeting: Meeting, form: CopyForm) -> Meeting:
    return copy_meeting(
        meeting,
        title=form.cleaned_data["title"],
        slug=form.cleaned_data["slug"],
        dates=form.dates(),
        letters=form.chosen_letters(),
        by=user,
    )


def typed_days(data: Mapping[str, Any], meeting: Meeting, today: datetime.date) -> dict[int, datetime.date]:
    """The days of the sessions as typed; where one cannot be read, the likely one."""
    days = next_days(meeting, today=today)
    for pk in days:
        try:
            days[pk] = forms.DateField(validators=YEARS).clean(data.get(f"session-{pk}", ""))
        except ValidationError:
            continue
    return days


def with_suggestions(data: Any, meeting: Meeting, today: datetime.date) -> Any:
    """What was typed, with the deadlines that follow from the days of the sessions."""
    days = typed_days(data, meeting, today)
    letters = list(Letter.objects.filter(meeting=meeting))
    data = data.copy()
    for name, value in suggestions(meeting, days, letters, today=today).items():
        if not isinstance(value, str) and name not in {f"session-{pk}" for pk in days}:
            data[name] = as_typed(value)
    return data


def as_typed(day: datetime.date | None) -> str:
    return localize_input(day) if day else ""


def suggestions_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """What the fields would hold for the days in the address, as JSON; asked while one types."""
    today = timezone.localdate()
    days = typed_days(request.GET, meeting, today)
    letters = list(Letter.objects.filter(meeting=meeting))
    fields = {
        name: value if isinstance(value, str) else as_typed(value)
        for name, value in suggestions(meeting, days, letters, today=today).items()
        if name not in {f"session-{pk}" for pk in days}
    }
    dates = likely_dates(meeting, days)
    return JsonResponse({"fields": fields, "remarks": remarks(meeting, dates, today=today)})


def what_was_copied(copy: Meeting) -> str:
    letters = Letter.objects.filter(meeting=copy).count()
    if not letters:
        return gettext("This is the copy: a draft, without letters. Nothing has been sent.")
    return ngettext(
        "This is the copy: a draft, with %(count)d letter as draft. Nothing has been sent.",
        "This is the copy: a draft, with %(count)d letters as drafts. Nothing has been sent.",
        letters,
    ) % {"count": letters}


PAGES = (
    MeetingPage(name="copy", address="copy/", view=copy_view, changes=True),
    MeetingPage(name="copy_suggestions", address="copy/suggestions/", view=suggestions_view, changes=True),
)
