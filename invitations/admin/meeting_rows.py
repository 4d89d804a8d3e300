"""The rows on the page of a meeting: when and where, areas, hosts, questions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_forms import SessionForm
from invitations.admin.ordering import OrderedRows
from invitations.models import Meeting, MeetingArea, MeetingHost, Question, Session


class SessionRows(admin.StackedInline[Session, Meeting], OrderedRows[Session, Meeting]):
    model = Session
    form = SessionForm
    verbose_name_plural = _("When and where")
    fieldsets = [
        (None, {"fields": [("position", "starts_date", "starts_time", "ends_time"), ("online", "join_url")]}),
        (None, {"fields": [("venue_name", "venue_room"), ("venue_street", "venue_postcode", "venue_city")]}),
        (
            _("Label, last day, own places and deadline"),
            {
                "classes": ["collapse"],
                "fields": [
                    ("label", "ends_date", "venue_place"),
                    ("capacity", "registration_deadline_date", "registration_deadline_time"),
                ],
            },
        ),
    ]

    def get_extra(self, request: HttpRequest, obj: Meeting | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1


class AreaRows(admin.TabularInline[MeetingArea, Meeting], OrderedRows[MeetingArea, Meeting]):
    model = MeetingArea
    fields = ["position", "area"]

    def get_extra(self, request: HttpRequest, obj: Meeting | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[MeetingArea]:
        return super().get_queryset(request).select_related("area")


class HostRows(admin.TabularInline[MeetingHost, Meeting], OrderedRows[MeetingHost, Meeting]):
    model = MeetingHost
    fields = ["position", "municipality"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[MeetingHost]:
        return super().get_queryset(request).select_related("municipality")


class QuestionRows(admin.TabularInline[Question, Meeting], OrderedRows[Question, Meeting]):
    model = Question
    fields = ["position", "text"]
