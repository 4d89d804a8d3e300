"""A programme item on a page of its own: its text, and the themes that one picks from."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from invitations.admin.meeting_forms import ProgrammeItemForm, ThemeForm, programme_problem
from invitations.admin.ordering import OrderedRows
from invitations.admin.pages import DanishAdmin
from invitations.models import ProgrammeItem, Theme


class ThemeRows(admin.StackedInline[Theme, ProgrammeItem], OrderedRows[Theme, ProgrammeItem]):
    model = Theme
    form = ThemeForm
    fieldsets = [(None, {"fields": [("position", "title"), ("speakers", "room", "capacity"), "details"]})]


class ProgrammeItemPageForm(ProgrammeItemForm):
    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if problem := programme_problem(cleaned.get("time"), list(self.instance.meeting.sessions.all())):
            self.add_error("time", problem)
        return cleaned


@admin.register(ProgrammeItem)
class ProgrammeItemAdmin(DanishAdmin[ProgrammeItem]):
    """Reached from the programme on the meeting's page, where items are added, moved and removed."""

    form = ProgrammeItemPageForm
    change_form_template = "admin/invitations/programmeitem/change_form.html"
    fieldsets = [(None, {"fields": [("time", "until"), "title", ("speakers", "room"), "details", "notes"]})]
    inlines = [ThemeRows]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: ProgrammeItem | None = None,
    ) -> HttpResponse:
        context["show_delete"] = False
        return super().render_change_form(request, context, add, change, form_url, obj)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:invitations_meeting_changelist"))

    def response_post_save_change(self, request: HttpRequest, obj: ProgrammeItem) -> HttpResponseRedirect:
        return HttpResponseRedirect(f"{self.url_of(obj.meeting)}#programme-group")
