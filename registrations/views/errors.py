"""What is shown where a request is refused: what has happened, what to do, and all that was typed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from registrations.models.erasing import PEOPLE_KEPT_MONTHS
from registrations.views import answers, changing, homework, needs, participants, registering
from registrations.views.personal_links import ErasedError

_TYPED_AGAIN = {
    "registrations:register": registering.register_again,
    "registrations:register_invited": registering.register_invited_again,
    "registrations:decline": answers.decline_again,
    "registrations:change": changing.change_again,
    "registrations:change_participant": participants.change_participant_again,
    "registrations:homework": homework.homework_again,
    "registrations:needs": needs.needs_again,
}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Show the form as it was typed, to be sent again; where there is none, say so (CSRF_FAILURE_VIEW)."""
    match = request.resolver_match
    if match is not None and match.view_name in _TYPED_AGAIN:
        return _TYPED_AGAIN[match.view_name](request, *match.args, **match.kwargs)
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """As Django's, but with the foot of the page, which needs the request (handler400)."""
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Where it is a personal link that leads nowhere, say why, or what to do about that (handler404)."""
    if isinstance(exception, ErasedError):
        return render(request, "registrations/erased.html", {"months": PEOPLE_KEPT_MONTHS}, status=410)
    match = request.resolver_match
    is_personal_link = match is not None and "token" in match.kwargs
    return render(request, "registrations/wrong_link.html" if is_personal_link else "404.html", status=404)
