"""Registrations: who comes from where, with what they wrote. Only how to reach the contact is edited."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.filters import MeetingFilter
from invitations.admin.pages import DanishAdmin
from registrations.admin.participants import state_badge, theme_titles
from registrations.models import Answer, Participant, Registration


class ParticipantRows(admin.TabularInline[Participant, Registration]):
    model = Participant
    extra = 0
    can_delete = False
    fields = ["name", "title", "email", "session", "themes", "state", "withdraw"]
    readonly_fields = ["name", "title", "email", "session", "themes", "state", "withdraw"]

    def has_add_permission(self, request: HttpRequest, obj: Registration | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Registration | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participant]:
        participants = super().get_queryset(request).select_related("session")
        return participants.prefetch_related("theme_choices__theme")

    @admin.display(description=_("themes"))
    def themes(self, participant: Participant) -> str:
        return theme_titles(participant)

    @admin.display(description=_("state"))
    def state(self, participant: Participant) -> str:
        return state_badge(participant)

    @admin.display(description=_("withdraw"))
    def withdraw(self, participant: Participant) -> str:
        if participant.is_withdrawn:
            return ""
        url = reverse("admin:registrations_participant_withdraw", args=[participant.pk])
        label = gettext("Withdraw %(name)s") % {"name": participant.name}
        return format_html('<a href="{}" aria-label="{}">{}</a>', url, label, gettext("Withdraw"))


class AnswerRows(admin.TabularInline[Answer, Registration]):
    model = Answer
    extra = 0
    can_delete = False
    fields = ["question", "text"]
    readonly_fields = ["question", "text"]

    def has_add_permission(self, request: HttpRequest, obj: Registration | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Registration | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Answer]:
        return super().get_queryset(request).select_related("question").order_by("question__position", "pk")


@admin.register(Registration)
class RegistrationAdmin(DanishAdmin[Registration]):
    actions = None
    list_display = [
        "reference",
        "municipality_name",
        "meeting",
        "committee",
        "contact_name",
        "coming",
        "registered_at",
    ]
    list_filter = [("meeting", MeetingFilter)]
    list_select_related = ["municipality", "meeting"]
    list_per_page = 100
    folded_fields = [
        "municipality__name",
        "committee",
        "contact_name",
        "contact_email",
        "participants__name",
        "meeting__title",
    ]
    ordering = ["-registered_at", "-pk"]
    inlines = [ParticipantRows, AnswerRows]
    fieldsets = [
        (None, {"fields": ["reference", "meeting", "municipality", "way_in", "registered_at"]}),
        (
            _("Contact person"),
            {
                "fields": ["committee", ("contact_name", "contact_email", "contact_phone")],
                "description": _("A change reaches the mails that are sent from now on."),
            },
        ),
        (_("Topics to discuss"), {"fields": ["topics"]}),
    ]
    readonly_fields = ["reference", "meeting", "municipality", "way_in", "registered_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Registration | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        coming = Count("participants", filter=Q(participants__withdrawn_at=None))
        return super().get_queryset(request).annotate(coming_count=coming)

    @admin.display(description=_("reference"), ordering="pk")
    def reference(self, registration: Registration) -> str:
        return registration.reference

    @admin.display(description=_("municipality"), ordering="municipality__sort_key")
    def municipality_name(self, registration: Registration) -> str:
        return registration.municipality.name if registration.municipality else "–"

    @admin.display(description=_("participants"), ordering="coming_count")
    def coming(self, registration: Registration) -> int:
        return registration.coming_count  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=_("came by"))
    def way_in(self, registration: Registration) -> str:
        return gettext("the personal link") if registration.invitation_id else gettext("the open form")
