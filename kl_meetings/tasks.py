from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from kl_meetings.models import Heartbeat


@shared_task
def beat_heart() -> None:
    """Write down that beat sent this and a worker did it; see `kl_meetings.health`."""
    Heartbeat.objects.update_or_create(pk=1, defaults={"beaten_at": timezone.now()})
