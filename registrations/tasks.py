from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from registrations import reminders, waiting_list


@shared_task
def owe_reminders() -> int:
    """Owe the reminders that have fallen due; see `registrations.reminders.owe_reminders`."""
    return reminders.owe_reminders(at=timezone.now())


@shared_task
def move_up_waiting() -> int:
    """Give away places that have come free; see `registrations.waiting_list.move_up_everywhere`."""
    return waiting_list.move_up_everywhere(at=timezone.now())
