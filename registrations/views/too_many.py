"""What is shown to whoever sends more than anybody needs to."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from registrations.send_limits import PERIOD


def too_many_tries(request: HttpRequest, **typed: Any) -> HttpResponse:
    """The page with status 429 (RFC 6585 4); with a `form` in `typed` it shows what had been typed."""
    response = render(request, "429.html", typed, status=429)
    response["Retry-After"] = str(int(PERIOD.total_seconds()))
    return response
