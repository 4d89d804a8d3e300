"""Closing the site to the public for a while: a page that says so, and asks nothing of the database.

It is closed while the environment says MAINTENANCE=1, or while there is a file `maintenance` in DATA_DIR,
which needs no restart.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Seconds after which to ask again (RFC 9110 10.2.3).
RETRY_AFTER = 600

# Whoever works on the site logs in.
_ALWAYS_OPEN = re.compile(r"/(?:en/)?(?:admin(?:/.*)?|favicon\.ico)", re.DOTALL)


def maintenance(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The middleware; after LocaleMiddleware, whose language the page speaks."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not is_closed() or _ALWAYS_OPEN.fullmatch(request.path_info):
            return get_response(request)
        response = render(None, "503.html", status=503)
        response["Retry-After"] = str(RETRY_AFTER)
        response["Cache-Control"] = "no-store"
        return response

    return answer


def is_closed() -> bool:
    return settings.MAINTENANCE or settings.MAINTENANCE_FILE.exists()
