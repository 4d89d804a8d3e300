from __future__ import annotations

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from kl_meetings.logins import throttle


@shared_task
def erase_old_logins() -> int:
    """Erase old tries (see `throttle.erase_old`) and the sessions that have ended."""
    SessionStore.clear_expired()
    return throttle.erase_old(at=timezone.now())
