"""Registrations: who comes from where, with what they wrote. Only how to reach the contact is edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.filters import MeetingFilter
from invitations.admin.pages import DanishAdmin
from invitations.danish import capitalise
from invitations.models import Municipality
from registrations.admin.changing import change_url
from registrations.admin.matching import (
    choices,
    destination,
    nothing_chosen,
    queue_of_all,
    was_matched,
    what_was_done,
)
from registrations.admin.participants import state_badge, theme_titles
from registrations.matching import (
    Destination,
    MatchedMeanwhileError,
    TooManyMatchedError,
    consequences,
    match,
    standing,
    waiting,
)
from registrations.models import Answer, Participant, Registration
from registrations.models.answers import AnswerQuerySet


class ParticipantRows(admin.TabularInline[Participant, Registration]):
    model = Participant
    extra = 0
    can_delete = False
    fields = ["called", "title", "email", "session", "themes", "state", "withdraw"]
    readonly_fields = ["called", "title", "email", "session", "themes", "state", "withdraw"]

    def has_add_permission(self, request: HttpRequest, obj: Registration | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Registration | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participant]:
        participants = super().get_queryset(request).select_related("session")
        return participants.prefetch_related("theme_choices__theme")

    @admin.display(description=_("name"))
    def called(self, participant: Participant) -> str:
        return str(participant)

    @admin.display(description=_("themes"))
    def themes(self, participant: Participant) -> str:
        return theme_titles(participant)

    @admin.display(description=_("state"))
    def state(self, participant: Participant) -> str:
        return state_badge(participant)

    @admin.display(description=_("withdraw"))
    def withdraw(self, participant: Participant) -> str:
        # A row that was sent with an id that is none of the registration's stands for nobody.
        if participant._state.adding or participant.is_withdrawn:
            return ""
        url = reverse("admin:registrations_participant_withdraw", args=[participant.pk])
        label = gettext("Withdraw %(name)s") % {"name": participant}
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
        answers = super().get_queryset(request)
        assert isinstance(answers, AnswerQuerySet)
        return answers.sent().in_order()


class WhoseFilter(admin.SimpleListFilter):
    """A municipality's answers, those of which that is not clear, and KL's own people and guests."""

    title = _("comes as")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("municipality", gettext("Municipality")),
            ("waiting", gettext("Awaits a municipality")),
            *((value, capitalise(str(label))) for value, label in Registration.GuestKind.choices),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Registration]) -> QuerySet[Registration]:
        value = self.value()
        if value in Registration.GuestKind.values:
            return queryset.filter(guest_kind=value)
        if value in ("municipality", "waiting"):
            return queryset.filter(guest_kind="", awaits_match=value == "waiting")
        return queryset


@admin.register(Registration)
class RegistrationAdmin(DanishAdmin[Registration]):
    change_form_template = "admin/registrations/registration/change_form.html"
    change_list_template = "admin/registrations/registration/change_list.html"
    actions = None
    list_display = [
        "reference",
        "whose",
        "meeting",
        "committee",
        "contact_name",
        "coming",
        "registered_at",
    ]
    list_filter = [("meeting", MeetingFilter), WhoseFilter]
    list_select_related = ["municipality", "meeting", "entered_by"]
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
        (None, {"fields": ["reference", "meeting", "whose", "way_in", "registered_at", "language"]}),
        (
            _("Contact person"),
            {
                "fields": ["committee", ("contact_name", "contact_email", "contact_phone")],
                "description": _("A change reaches the mails that are sent from now on."),
            },
        ),
        (_("Topics to discuss"), {"fields": ["topics"]}),
        (_("Note of the secretariat"), {"fields": ["staff_note"]}),
    ]
    readonly_fields = ["reference", "meeting", "whose", "way_in", "registered_at", "language"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Registration | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Registration | None = None) -> bool:
        # A form that was open meanwhile would bring back what has been erased.
        is_erased = obj is not None and obj.is_erased
        return not is_erased and super().has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        coming = Count("participants", filter=Q(participants__withdrawn_at=None))
        return super().get_queryset(request).annotate(coming_count=coming)

    @admin.display(description=_("reference"), ordering="pk")
    def reference(self, registration: Registration) -> str:
        return registration.reference

    @admin.display(description=_("comes as"), ordering="municipality__sort_key")
    def whose(self, registration: Registration) -> str:
        if registration.awaits_match:
            return gettext("%(municipality)s, awaits a municipality") % {
                "municipality": registration.comes_as
            }
        return registration.comes_as

    @admin.display(description=_("participants"), ordering="coming_count")
    def coming(self, registration: Registration) -> int:
        return registration.coming_count  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=_("came by"))
    def way_in(self, registration: Registration) -> str:
        if registration.entered_by:
            return gettext("entered by %(user)s") % {"user": registration.entered_by}
        return gettext("the personal link") if registration.invitation_id else gettext("the open form")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "waiting": waiting()})

    # Say whose it is.

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Registration | None = None,
    ) -> HttpResponse:
        if obj and self.has_change_permission(request, obj):
            context["match_url"] = reverse("admin:registrations_registration_match", args=[obj.pk])
            context["change_url"] = change_url(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_urls(self) -> list[URLPattern]:
        queue = path(
            "matching/", self.admin_site.admin_view(queue_of_all), name="registrations_registration_matching"
        )
        page = path(
            "<int:object_id>/match/",
            self.admin_site.admin_view(self.match_view),
            name="registrations_registration_match",
        )
        return [queue, page, *super().get_urls()]

    def match_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Whose the registration is: chosen by a form that only shows what follows, then by the button."""
        registration = self.object_or_404(request, object_id)
        data = request.POST if request.method == "POST" else request.GET
        typed, name, kind = (data.get(field, "") for field in ("to", "name", "kind"))
        to = destination(typed, name=name, kind=kind)
        error = nothing_chosen(typed, name) if typed and to is None else ""
        if to is not None and request.method == "POST":
            if self.match_registration(request, registration, to):
                return HttpResponseRedirect(self.url_of(registration))
            registration.refresh_from_db()
        follows = consequences(registration, to) if to is not None else None
        now = gettext("Now: %(whose)s") % {"whose": self.whose(registration)}
        return self.confirm(
            request,
            registration,
            title=_("Say whose the registration is"),
            button=_("Match"),
            sentences=follows.sentences if follows else [],
            problems=[] if follows else [now],
            template="admin/registrations/registration/match.html",
            exceeded=follows.exceeded if follows else "",
            to=f"municipality:{to.code}" if isinstance(to, Municipality) else typed,
            name=name,
            kind=kind,
            error=error,
            seen=standing(registration),
            **choices(),
        )

    def match_registration(self, request: HttpRequest, registration: Registration, to: Destination) -> bool:
        """Match, and say what was done; False where something stands in the way, which is said as well."""
        assert request.user.is_authenticated
        seen, overrule = request.POST.get("seen", ""), bool(request.POST.get("overrule"))
        try:
            match(registration, to, seen=seen, overrule=overrule, at=timezone.now(), by=request.user)
        except MatchedMeanwhileError as refusal:
            messages.warning(request, was_matched(refusal.registration))
        except TooManyMatchedError:
            messages.error(request, gettext("Tick that it is to be matched all the same."))
        else:
            messages.success(request, what_was_done(to, 1))
            return True
        return False
