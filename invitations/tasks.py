from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from invitations import mail, personal_letters, scheduled_letters


@shared_task
def deliver_owed() -> int:
    """Deliver the mails that are owed; see `invitations.mail.deliver_due`."""
    return mail.deliver_due(at=timezone.now())


@shared_task
def send_scheduled() -> int:
    """Send the letters whose time has come; see `invitations.scheduled_letters.send_due`."""
    return scheduled_letters.send_due(at=timezone.now())


@shared_task
def make_personal_letters() -> int:
    """Make the letters that are one for each municipality; see `invitations.personal_letters.make_due`."""
    return personal_letters.make_due(at=timezone.now())
