"""What a public site owes its readers: how data are treated, and how accessible it is."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from registrations.models.erasing import PEOPLE_KEPT_MONTHS
from registrations.models.needs import NEEDS_KEPT_DAYS


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    context = {
        "needs_kept_days": NEEDS_KEPT_DAYS,
        "people_kept_months": PEOPLE_KEPT_MONTHS,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "session_cookie": settings.SESSION_COOKIE_NAME,
    }
    return render(request, "registrations/privacy.html", context)


@require_safe
def accessibility_statement(request: HttpRequest) -> HttpResponse:
    """The address that bek. nr. 904 af 22/08/2019 wants on every site; the state keeps the statement."""
    return redirect(settings.WAS_STATEMENT_URL)
