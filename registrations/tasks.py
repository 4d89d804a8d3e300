from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from registrations import erasing, reminders, send_limits, special_needs, waiting_list


@shared_task
def owe_reminders() -> int:
    """Owe the reminders that have fallen due; see `registrations.reminders.owe_reminders`."""
    return reminders.owe_reminders(at=timezone.now())


@shared_task
def move_up_waiting() -> int:
    """Give away places that have come free; see `registrations.waiting_list.move_up_everywhere`."""
    return waiting_list.move_up_everywhere(at=timezone.now())


@shared_task
def erase_special_needs() -> int:
    """Erase what has been kept long enough; see `registrations.special_needs.erase_what_is_due`."""
    return special_needs.erase_what_is_due(at=timezone.now())


@shared_task
def erase_people() -> int:
    """Erase who took part in meetings long over; see `registrations.erasing.erase_what_is_due`."""
    return erasing.erase_what_is_due(at=timezone.now()).total()


@shared_task
def forget_send_counts() -> int:
    """Forget how much was sent in hours that are over; see `registrations.send_limits`."""
    return send_limits.forget_what_is_over(at=timezone.now())
