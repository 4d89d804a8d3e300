"""How lists are narrowed down to a meeting."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, Min
from django.http import HttpRequest
from django.utils.formats import date_format

from invitations.models import Meeting


class MeetingFilter(admin.RelatedFieldListFilter):
    """The meetings that have rows in the list, the latest first, with their days: titles come again."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        listed = model_admin.get_queryset(request).order_by().values(self.field_path)
        meetings = Meeting.objects.filter(pk__in=listed).annotate(first_day=Min("sessions__starts_date"))
        latest_first = meetings.order_by(F("first_day").desc(nulls_first=True), "-pk")
        return [
            (str(pk), f"{title} {date_format(day, 'SHORT_DATE_FORMAT')}" if day else title)
            for pk, title, day in latest_first.values_list("pk", "title", "first_day")
        ]
