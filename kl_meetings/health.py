"""`/healthz` says that this process answers; `/readyz` says whether everything behind it works, too.

Whoever restarts processes or sends people to them asks the first: with a mail server down, a web process is
as good as ever, and taking it away would stop the registrations as well. Whoever watches the site asks the
second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import Error, connection
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone

from invitations.models import OutgoingEmail
from invitations.models.outbox import OUTAGE_PAUSE
from kl_meetings.missing_migrations import missing_migrations
from kl_meetings.models import Heartbeat

# Ten thousand mails take a quarter of an hour.
OLDEST_UNSENT_MAIL = timedelta(minutes=30)
# It beats each half minute, behind whatever else the workers do.
OLDEST_HEARTBEAT = timedelta(minutes=5)
# For each question to the database; connecting to one that is gone takes `connect_timeout` more.
MILLISECONDS = 2000


def health(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The middleware. It stands before those that ask for https, a known host, a session or a language, and
    before maintenance, since none of them concerns who asks on the loopback whether we live.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        match request.path_info:
            case "/healthz":
                response = _answer(request, {"status": "ok"})
            case "/readyz":
                response = _answer(request, readiness(at=timezone.now()))
            case _:
                response = get_response(request)
        return response

    return answer


def readiness(*, at: datetime) -> dict[str, Any]:
    """The state as a whole, "ok" or "failing", and each check with its own.

    Args:
        at: now, aware.
    """
    checks: dict[str, dict[str, Any]] = {}
    try:
        with _impatient():
            checks["database"] = {"status": "ok"}
            checks["migrations"] = _migrations()
            # Without its tables there is nothing else to ask.
            if checks["migrations"]["status"] == "ok":
                checks["mail"] = _mail(at)
                checks["beat"] = _beat(at)
    except Error:
        # A broken connection must not stay for the next who asks.
        connection.close()
        checks = {"database": {"status": "failing"}}
    works = all(check["status"] == "ok" for check in checks.values())
    return {"status": _status(works), "checks": checks}


def _answer(request: HttpRequest, state: dict[str, Any]) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    response = JsonResponse(state, status=200 if state["status"] == "ok" else 503)
    response["Cache-Control"] = "no-store"
    return response


def _migrations() -> dict[str, Any]:
    missing = missing_migrations()
    return {"status": _status(not missing), "missing": missing}


def _mail(at: datetime) -> dict[str, Any]:
    """How long the oldest mail has waited that no server has answered for, and nobody has taken up in time.

    One that was refused for now is not meant: a full mailbox is tried for days, and the start page of the
    admin shows those that were given up.
    """
    waiting = OutgoingEmail.objects.due(at=at + OUTAGE_PAUSE).filter(
        Q(attempts=0) | Q(due_at__lt=at - OLDEST_UNSENT_MAIL)
    )
    oldest = waiting.order_by("owed_at").values_list("owed_at", flat=True).first()
    age = at - oldest if oldest else timedelta()
    return {"status": _status(age <= OLDEST_UNSENT_MAIL), "oldest_unsent_seconds": round(age.total_seconds())}


def _beat(at: datetime) -> dict[str, Any]:
    beaten_at = Heartbeat.objects.values_list("beaten_at", flat=True).first()
    if beaten_at is None:
        return {"status": "failing", "seconds_since": None}
    # A clock that was set back must not make it look young for ever.
    age = abs(at - beaten_at)
    return {"status": _status(age <= OLDEST_HEARTBEAT), "seconds_since": round(age.total_seconds())}


def _status(works: bool) -> str:
    return "ok" if works else "failing"


@contextmanager
def _impatient() -> Iterator[None]:
    """Let no question take longer than MILLISECONDS; SQLite answers reads at once."""
    if connection.vendor != "postgresql":
        connection.ensure_connection()
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [str(MILLISECONDS)])
        yield
        cursor.execute("RESET statement_timeout")
