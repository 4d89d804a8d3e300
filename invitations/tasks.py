from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from invitations import mail


@shared_task
def deliver_owed() -> int:
    """Deliver the mails that are owed; see `invitations.mail.deliver_due`."""
    return mail.deliver_due(at=timezone.now())
