"""What is shown where a request is refused: what has happened, what to do, and all that was typed."""

from __future__ import annotations

import errno
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views import defaults

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

# What the system says where nothing more can be written (open(2), write(2)).
_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Seconds after which to ask again (RFC 9110 10.2.3): a database takes about so long to start anew.
_RETRY_AFTER = 10


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


def server_error(request: HttpRequest) -> HttpResponse:
    """Where the database or the disk is away, give back what was typed, to be sent once more; for any other
    fault of ours Django's page (handler500).
    """
    if not _is_outage(sys.exception()):
        return defaults.server_error(request)
    match = request.resolver_match
    is_public_form = request.method == "POST" and match is not None and "registrations" in match.app_names
    # Without the request, whose user, messages and sender are in the database.
    context = {
        "path": request.get_full_path(),
        "typed": _typed(request) if is_public_form else [],
        "csrf_token": get_token(request),
        "is_form": request.method == "POST",
    }
    response = render(None, "try_again.html", context, status=503)
    response["Retry-After"] = str(_RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response


def _is_outage(error: BaseException | None) -> bool:
    """Whether what failed may well succeed in a moment: the database does not answer, or had to break off;
    nothing more can be written.
    """
    if isinstance(error, OSError):
        return error.errno in _DISK_IS_FULL
    return isinstance(error, (OperationalError, InterfaceError))


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
