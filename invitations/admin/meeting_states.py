"""What staff call the state of a meeting, and finding meetings by it."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from invitations.models import Meeting


class State(models.TextChoices):
    """What staff call the state of a meeting; derived, never stored."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    HELD = "held", _("held")
    CANCELLED = "cancelled", _("cancelled")


def state_of(meeting: Meeting, *, last_day: datetime.date | None, today: datetime.date) -> State:
    """The state on the day `today` of a meeting whose last session is on `last_day`."""
    if meeting.is_cancelled:
        return State.CANCELLED
    if not meeting.is_published:
        return State.DRAFT
    return State.HELD if last_day and last_day < today else State.PUBLISHED


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(label).capitalize()) for value, label in State.choices]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Meeting]) -> models.QuerySet[Meeting]:
        over = Q(pk__in=Meeting.objects.filter(sessions__last_date__lt=timezone.localdate())) & ~Q(
            pk__in=Meeting.objects.filter(sessions__last_date__gte=timezone.localdate())
        )
        conditions = {
            State.DRAFT: Q(published_at=None),
            State.PUBLISHED: Q(published_at__isnull=False, cancelled_at=None) & ~over,
            State.HELD: Q(published_at__isnull=False, cancelled_at=None) & over,
            State.CANCELLED: Q(cancelled_at__isnull=False),
        }
        value = self.value()
        return queryset.filter(conditions[State(value)]) if value in State.values else queryset
