"""What a participant needs: seen, changed and taken back by the participant's own link alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from registrations.models import Participant, SpecialNeeds
from registrations.needs_form import NeedsForm
from registrations.refusals import TooLateError
from registrations.special_needs import may_write, withdraw_consent, write
from registrations.views.participants import get_participant, see_participant


@require_http_methods(["GET", "HEAD", "POST"])
def needs(request: HttpRequest, token: str) -> HttpResponse:
    participant = get_participant(token)
    if request.method != "POST":
        if not may_write(participant, at=timezone.now()):
            return see_participant(participant)
        known = SpecialNeeds.objects.filter(participant=participant).first()
        return _page(request, participant, NeedsForm(initial={"needs": known.text if known else ""}))
    if request.POST.get("do") == "withdraw_consent":
        withdraw_consent(participant)
        return see_participant(participant)
    if request.POST.get("do") == "edit":
        form = NeedsForm()
        form.show_typed(request.POST)
        return _page(request, participant, form)
    form = NeedsForm(request.POST)
    if not form.is_valid():
        return _page(request, participant, form)
    try:
        if text := form.cleaned_data["needs"]:
            write(participant, text, at=timezone.now())
        else:
            withdraw_consent(participant)
    except TooLateError:
        return _page(request, participant, form, too_late=True, status=409)
    return see_participant(participant)


def needs_again(request: HttpRequest, token: str) -> HttpResponse:
    """The form as typed, where the request was refused before it came to `needs`."""
    form = NeedsForm()
    form.show_typed(request.POST)
    return _page(request, get_participant(token), form, expired=True, status=403)


def _page(
    request: HttpRequest,
    participant: Participant,
    form: NeedsForm,
    *,
    expired: bool = False,
    too_late: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "participant": participant,
        "meeting": participant.registration.meeting,
        "form": form,
        "summary": form.summary(),
        "expired": expired,
        "too_late": too_late,
    }
    return render(request, "registrations/needs.html", context, status=status)
