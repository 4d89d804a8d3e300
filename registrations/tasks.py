from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from registrations import reminders


@shared_task
def owe_reminders() -> int:
    """Owe the reminders that have fallen due; see `registrations.reminders.owe_reminders`."""
    return reminders.owe_reminders(at=timezone.now())
