"""What the link of a municipality leads to: its invitation and afbud."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from invitations.models import Invitation
from invitations.page_dates import page_language
from invitations.public_pages import public_letter, see
from registrations import registering
from registrations.decline_form import DeclineForm
from registrations.delegations import standing_participants
from registrations.models import Decline
from registrations.refusals import StillRegisteredError, TooLateError
from registrations.send_limits import TooManyTriesError, count_form
from registrations.views.meetings import standing
from registrations.views.registering import get_invitation
from registrations.views.too_many import too_many_tries


@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    invitation = get_invitation(token)
    return render(request, "registrations/invitation.html", _answered(invitation))


@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, token: str) -> HttpResponse:
    invitation = get_invitation(token)
    if request.POST.get("do") == "edit":
        form = DeclineForm()
        form.show_typed(request.POST)
        return _decline_page(request, invitation, form)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        mailbox = form.cleaned_data["contact_email"]
        try:
            count_form(request, [mailbox] if mailbox else [], at=timezone.now())
            registering.decline(
                invitation,
                **form.cleaned_data,
                language=page_language(),
                withdraw_participants=request.POST.get("do") == "withdraw",
                at=timezone.now(),
            )
        except TooManyTriesError:
            return too_many_tries(request)
        except TooLateError:
            return see(reverse("registrations:invitation", args=[token]))
        except StillRegisteredError:
            return _decline_page(request, invitation, form, status=409)
        return see(reverse("registrations:invitation", args=[token]))
    return _decline_page(request, invitation, form)


def decline_again(request: HttpRequest, token: str) -> HttpResponse:
    """The form as typed, where the request was refused before it came to `decline`."""
    form = DeclineForm()
    form.show_typed(request.POST)
    return _decline_page(request, get_invitation(token), form, expired=True, status=403)


def _decline_page(
    request: HttpRequest,
    invitation: Invitation,
    form: DeclineForm,
    *,
    expired: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {**_answered(invitation), "form": form, "summary": form.summary(), "expired": expired}
    return render(request, "registrations/decline.html", context, status=status)


def _answered(invitation: Invitation) -> dict[str, Any]:
    """What the municipality has answered so far: numbers, since many may have the link."""
    meeting, municipality = invitation.meeting, invitation.municipality
    return {
        **standing(meeting, letter=public_letter(meeting), invitation=invitation),
        "invitation": invitation,
        "municipality": municipality,
        **standing_participants(meeting, municipality).aggregate(
            participants=Count("pk", filter=Q(waitlisted_at=None)),
            waiting=Count("pk", filter=Q(waitlisted_at__isnull=False)),
        ),
        "decline": Decline.objects.filter(meeting=meeting, municipality=municipality, undone_at=None).first(),
    }
