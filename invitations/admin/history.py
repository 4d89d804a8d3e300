"""The history of everything: who changed what and when. Written by the system, never typed, never erased."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from invitations.admin.change_messages import Change, lines_of
from invitations.admin.pages import ReadOnlyAdmin
from invitations.alphabet import sort_key
from invitations.history import name_of


def lines_as_html(entry: LogEntry) -> SafeString:
    """The lines of an entry, the changed fields as a list below theirs."""
    return format_html_join(
        "",
        '<div class="history-line">{}{}</div>',
        ((line.text, _changes_as_html(line.changes)) for line in lines_of(entry)),
    )


def _changes_as_html(changes: Any) -> SafeString:
    if not changes:
        return SafeString("")
    rows = format_html_join("", "<li>{}</li>", ((_change_as_html(change),) for change in changes))
    return format_html("<ul>{}</ul>", rows)


def _change_as_html(change: Change) -> SafeString:
    if not change.old and not change.new:
        return format_html("{}", change.label)
    return format_html(
        '{}: <del>{}</del> <span aria-hidden="true">→</span> <ins>{}</ins>',
        change.label,
        change.old or "–",
        change.new or "–",
    )


class SubjectFilter(admin.SimpleListFilter):
    """What the entries are about: the kinds of things that have a list in the admin."""

    title = _("about")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        models = [model for model in model_admin.admin_site._registry if model is not LogEntry]
        types = ContentType.objects.get_for_models(*models)
        kinds = [(str(kind.pk), str(model._meta.verbose_name).capitalize()) for model, kind in types.items()]
        return sorted(kinds, key=lambda pair: sort_key(pair[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        value = self.value() or ""
        return queryset.filter(content_type__pk=int(value)) if value.isdecimal() else queryset


@admin.register(LogEntry)
class HistoryAdmin(ReadOnlyAdmin[LogEntry]):
    list_display = ["time", "who", "subject", "what"]
    list_display_links = None
    list_filter = ["action_time", SubjectFilter, ("user", admin.RelatedOnlyFieldListFilter)]
    list_per_page = 100
    search_fields = ["object_repr", "change_message", "user__username", "user__first_name", "user__last_name"]
    ordering = ["-action_time", "-pk"]
    show_full_result_count = False
    fields = ("time", "who", "subject", "what")
    readonly_fields = ("time", "who", "subject", "what")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogEntry]:
        return super().get_queryset(request).select_related("user", "content_type")

    @admin.display(description=_("when"), ordering="action_time")
    def time(self, entry: LogEntry) -> Any:
        return entry.action_time

    @admin.display(description=_("who"), ordering="user__username")
    def who(self, entry: LogEntry) -> str:
        return name_of(entry.user)

    @admin.display(description=_("about"))
    def subject(self, entry: LogEntry) -> str:
        return subject_as_html(entry)

    @admin.display(description=_("what"))
    def what(self, entry: LogEntry) -> str:
        return lines_as_html(entry)


def subject_as_html(entry: LogEntry) -> SafeString:
    """What the entry is about, with a link to its page where it still has one."""
    kind = entry.content_type.name if entry.content_type else ""
    label = format_html('<span class="quiet">{}</span> {}', kind.capitalize(), entry.object_repr)
    if entry.is_deletion():
        return label
    try:
        url = entry.get_admin_url()
    except NoReverseMatch:
        url = None
    return format_html('<a href="{}">{}</a>', url, label) if url else label
