"""One line in the log for each request: which view answered what, and how long it took."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kl_meetings.log_format import context

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
_USABLE = re.compile(r"[A-Za-z0-9-]{8,64}")


def request_log(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The middleware; the first of all, so that it sees what the others answer.

    Each request has an id, the proxy's where it gives one, which stands in all its lines and in the answer.
    Neither path nor query is written down, nor who asked: tokens are in the one, names may be in the other.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if _USABLE.fullmatch(given) else uuid.uuid4().hex
        started = time.perf_counter()
        outer = context.set({"request_id": request_id})
        try:
            response = get_response(request)
            _write(request, response, milliseconds=round((time.perf_counter() - started) * 1000))
        finally:
            context.reset(outer)
        response[HEADER] = request_id
        return response

    return answer


def _write(request: HttpRequest, response: HttpResponse, *, milliseconds: int) -> None:
    route = request.resolver_match.view_name if request.resolver_match else ""
    # Health checks and static files come by the thousand, and tell nothing while they go well.
    level = logging.INFO if route or response.status_code >= 400 else logging.DEBUG
    method = request.method if request.method in ("GET", "HEAD", "POST") else "other"
    logger.log(
        level,
        "%s %s %d in %d ms",
        method,
        route or "no view",
        response.status_code,
        milliseconds,
        extra={
            "fields": {
                "method": method,
                "route": route,
                "status": response.status_code,
                "milliseconds": milliseconds,
            }
        },
    )
