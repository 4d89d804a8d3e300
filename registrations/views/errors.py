"""What is shown where the protection against forged forms refuses a request: nothing typed is lost."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from registrations.views import answers, changing, homework, needs, participants, registering

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
