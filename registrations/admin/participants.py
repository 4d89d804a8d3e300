"""Participants: who comes to which session, and withdrawing one on somebody's behalf."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.filters import MeetingFilter
from invitations.admin.pages import ReadOnlyAdmin, way_back
from invitations.models import Session
from registrations.changing import withdraw_one
from registrations.models import Author, Participant
from registrations.participant_lists import Entry
from registrations.refusals import TooLateError

NO_MAIL_TO_PARTICIPANT = _("The participant gets no mail: we know no e-mail address of theirs.")


def state_badge(participant: Participant | Entry) -> str:
    """Whether the participant comes."""
    if participant.withdrawn_at:
        value, label = "cancelled", gettext("Withdrawn")
    elif participant.waitlisted_at:
        value, label = "owed", gettext("On the waiting list")
    else:
        value, label = "published", gettext("Registered")
    return format_html('<span class="state state-{}">{}</span>', value, label)


def theme_titles(participant: Participant) -> str:
    """The themes picked, as far as they are prefetched without a query."""
    return ", ".join(choice.theme.title for choice in participant.theme_choices.all()) or "–"


class SessionFilter(admin.SimpleListFilter):
    """The sessions of the meeting chosen above, where there are several."""

    title = _("session")
    parameter_name = "session"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        meeting = request.GET.get("registration__meeting__id__exact", "")
        if not meeting.isdecimal():
            return []
        sessions = list(Session.objects.filter(meeting=int(meeting)))
        return [(str(session.pk), str(session)) for session in sessions] if len(sessions) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Participant]) -> QuerySet[Participant]:
        value = self.value() or ""
        return queryset.filter(session=int(value)) if value.isdecimal() else queryset


class WithdrawnFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "withdrawn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("no", gettext("Registered")),
            ("waiting", gettext("On the waiting list")),
            ("yes", gettext("Withdrawn")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Participant]) -> QuerySet[Participant]:
        chosen = {
            "no": Q(withdrawn_at=None, waitlisted_at=None),
            "waiting": Q(withdrawn_at=None, waitlisted_at__isnull=False),
            "yes": Q(withdrawn_at__isnull=False),
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin[Participant]):
    change_form_template = "admin/registrations/participant/change_form.html"
    list_display = ["called", "whose", "meeting", "session", "themes", "state"]
    list_filter = [WithdrawnFilter, SessionFilter, ("registration__meeting", MeetingFilter)]
    list_select_related = ["registration__meeting", "registration__municipality", "session"]
    list_per_page = 100
    folded_fields = ["name", "title", "email", "registration__municipality__name", "registration__committee"]
    ordering = ["registration__municipality__sort_key", "registration", "position", "pk"]
    fieldsets = [
        (None, {"fields": ["called", "title", "email", "state", "lineage"]}),
        (_("Comes to"), {"fields": ["meeting", "session", "themes", "delegation"]}),
    ]
    readonly_fields = ["called", "state", "lineage", "meeting", "themes", "delegation"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participant]:
        return super().get_queryset(request).prefetch_related("theme_choices__theme")

    @admin.display(description=_("name"), ordering="name")
    def called(self, participant: Participant) -> str:
        return str(participant)

    @admin.display(description=_("comes as"), ordering="registration__municipality__sort_key")
    def whose(self, participant: Participant) -> str:
        return participant.registration.comes_as

    @admin.display(description=_("meeting"), ordering="registration__meeting__title")
    def meeting(self, participant: Participant) -> str:
        return str(participant.registration.meeting)

    @admin.display(description=_("themes"))
    def themes(self, participant: Participant) -> str:
        return theme_titles(participant)

    @admin.display(description=_("state"), ordering="withdrawn_at")
    def state(self, participant: Participant) -> str:
        return state_badge(participant)

    @admin.display(description=_("substitute"))
    def lineage(self, participant: Participant) -> str:
        """Whom the participant comes for, and who comes for them; each leads to their page."""
        lines = []
        if participant.substitute_for:
            lines.append((gettext("instead of"), participant.substitute_for))
        lines += [(gettext("replaced by"), other) for other in participant.substitutes.all()]
        return (
            format_html_join(
                mark_safe("<br>"),
                '{} <a href="{}">{}</a>',
                ((words, self.url_of(other), other) for words, other in lines),
            )
            or "–"
        )

    @admin.display(description=_("registration"))
    def delegation(self, participant: Participant) -> str:
        registration = participant.registration
        return format_html('<a href="{}">{}</a>', self.url_of(registration), registration)

    # Withdraw.

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registrations.change_participant")

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Participant | None = None,
    ) -> HttpResponse:
        if obj and not obj.is_withdrawn and self.has_withdraw_permission(request):
            url = reverse("admin:registrations_participant_withdraw", args=[obj.pk])
            context["withdraw_url"] = f"{url}?{urlencode({'back': self.url_of(obj)})}"
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "<int:object_id>/withdraw/",
            self.admin_site.admin_view(self.withdraw_view),
            name="registrations_participant_withdraw",
        )
        return [page, *super().get_urls()]

    def withdraw_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        participant = self.object_or_404(request, object_id, change=False)
        if not self.has_withdraw_permission(request):
            raise PermissionDenied
        back = way_back(request) or self.url_of(participant.registration)
        problems = (
            [gettext("The participant has been withdrawn already.")] if participant.is_withdrawn else []
        )
        if request.method == "POST" and not problems:
            try:
                self.withdraw_participant(request, participant)
            except TooLateError:
                problems = [
                    gettext("The meeting is over or cancelled: there is nothing left to withdraw from.")
                ]
            else:
                messages.success(request, gettext("%(name)s has been withdrawn.") % {"name": participant})
                return HttpResponseRedirect(back)
        return self.confirm(
            request,
            participant,
            title=_("Withdraw a participant"),
            button=gettext("Withdraw %(name)s") % {"name": participant},
            sentences=consequences_of_withdrawing(participant),
            problems=problems,
            destructive=True,
            back_url=back,
        )

    def withdraw_participant(self, request: HttpRequest, participant: Participant) -> None:
        """Withdraw the participant and write that into the history; raises TooLateError as the verb does."""
        with transaction.atomic():
            if withdraw_one(participant, author=Author.STAFF, at=timezone.now()):
                self.log_change(request, participant, gettext("Withdrawn."))


def consequences_of_withdrawing(participant: Participant) -> list[str | Promise]:
    """What follows, with its numbers."""
    summary = gettext("The contact person is told by mail: %(email)s.") % {
        "email": participant.registration.contact_email
    }
    others = participant.registration.participants.active().exclude(pk=participant.pk).count()
    if participant.waitlisted_at:
        return [
            gettext("%(name)s is taken off the waiting list: %(session)s.")
            % {"name": participant, "session": participant.session},
            gettext("1 mail goes to %(email)s and says so.") % {"email": participant.email}
            if participant.email
            else NO_MAIL_TO_PARTICIPANT,
            summary,
        ]
    return [
        gettext("%(name)s takes no place any more: %(session)s.")
        % {"name": participant, "session": participant.session},
        gettext("1 mail goes to %(email)s and takes the meeting out of the calendar.")
        % {"email": participant.email}
        if participant.email
        else NO_MAIL_TO_PARTICIPANT,
        summary,
        ngettext(
            "%(count)d other participant of the registration still comes.",
            "%(count)d other participants of the registration still come.",
            others,
        )
        % {"count": others}
        if others
        else gettext("Nobody else of the registration comes."),
    ]
