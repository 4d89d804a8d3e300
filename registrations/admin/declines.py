"""Declines: the municipalities that have said that nobody comes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.filters import MeetingFilter
from invitations.admin.pages import ReadOnlyAdmin
from registrations.models import Decline


class StandsFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", gettext("Stands")), ("no", gettext("Undone"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Decline]) -> QuerySet[Decline]:
        if self.value() in ("no", "yes"):
            return queryset.filter(undone_at__isnull=self.value() == "yes")
        return queryset


@admin.register(Decline)
class DeclineAdmin(ReadOnlyAdmin[Decline]):
    list_display = ["municipality_name", "meeting", "contact_name", "declined_at", "state"]
    list_filter = [StandsFilter, ("meeting", MeetingFilter)]
    list_select_related = ["municipality", "meeting"]
    list_per_page = 100
    folded_fields = ["municipality__name", "contact_name", "contact_email", "meeting__title"]
    ordering = ["-declined_at", "-pk"]
    fields = [
        "meeting",
        "municipality",
        "contact_name",
        "contact_email",
        "note",
        "declined_at",
        "language",
        "state",
    ]
    readonly_fields = ["state"]

    @admin.display(description=_("municipality"), ordering="municipality__sort_key")
    def municipality_name(self, decline: Decline) -> str:
        return decline.municipality.name

    @admin.display(description=_("state"), ordering="undone_at")
    def state(self, decline: Decline) -> str:
        value, label = ("held", gettext("Stands")) if decline.stands else ("draft", gettext("Undone"))
        return format_html('<span class="state state-{}">{}</span>', value, label)
