from __future__ import annotations

from django.db import models
from django.db.models import Q


class Heartbeat(models.Model):
    """When beat last sent a task that a worker carried out: one row, for the web processes to read."""

    beaten_at = models.DateTimeField()

    class Meta:
        # Nobody sees or edits it.
        default_permissions = ()
        constraints = [models.CheckConstraint(name="there_is_one_heartbeat", condition=Q(pk=1))]

    def __str__(self) -> str:
        return self.beaten_at.isoformat()
