from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from registrations import reminders, special_needs


@shared_task
def owe_reminders() -> int:
    """Owe the reminders that have fallen due; see `registrations.reminders.owe_reminders`."""
    return reminders.owe_reminders(at=timezone.now())


@shared_task
def erase_special_needs() -> int:
    """Erase what has been kept long enough; see `registrations.special_needs.erase_what_is_due`."""
    return special_needs.erase_what_is_due(at=timezone.now())
