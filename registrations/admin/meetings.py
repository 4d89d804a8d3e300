"""What those who come add to a meeting's page: how many have answered, and verbs of which they hear."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import page_url
from invitations.admin.meetings import MeetingAdmin, Verb
from invitations.models import Meeting
from registrations.admin import (
    cancelling,
    corrections,
    figures,
    guests,
    history,
    matching,
    participant_lists,
    reminders,
)
from registrations.ledger import silent_invitations
from registrations.models import Decline, Participant, Registration

# `invitations` knows nothing of those who answer, and imports go one way: so the whole page is made here.
admin.site.unregister(Meeting)


@admin.register(Meeting)
class AnsweredMeetingAdmin(MeetingAdmin):
    change_form_template = "admin/registrations/meeting/change_form.html"
    list_display = [*MeetingAdmin.list_display, "participants"]
    pages = [
        *MeetingAdmin.pages,
        *participant_lists.PAGES,
        *guests.PAGES,
        *matching.PAGES,
        *reminders.PAGES,
        *corrections.PAGES,
        *cancelling.PAGES,
        *figures.PAGES,
        *history.PAGES,
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        of_meeting = Participant.objects.active().filter(registration__meeting=OuterRef("pk")).order_by()
        count = of_meeting.values("registration__meeting").annotate(count=Count("pk")).values("count")
        return (
            super()
            .get_queryset(request)
            .annotate(participant_count=Coalesce(Subquery(count, output_field=IntegerField()), 0))
        )

    @admin.display(description=_("participants"), ordering="participant_count")
    def participants(self, meeting: Meeting) -> int:
        return meeting.participant_count  # type: ignore[attr-defined, no-any-return]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Meeting | None = None,
    ) -> HttpResponse:
        if obj and obj.is_published:
            registrations = Registration.objects.filter(
                meeting=obj, awaits_match=False, participants__withdrawn_at=None
            )
            context["answers"] = {
                "participants": Participant.objects.active().of_meeting(obj).count(),
                "municipalities": registrations.exclude(municipality=None)
                .values("municipality")
                .distinct()
                .count(),
                "declines": Decline.objects.filter(meeting=obj, undone_at=None).count(),
                "silent": silent_invitations(obj).count(),
            }
            context["wrong"] = corrections.banner(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_change(self, request: HttpRequest, obj: Meeting) -> HttpResponse:
        if "_continue" not in request.POST:
            corrections.warn_of_what_is_wrong(request, obj)
        return super().response_change(request, obj)

    def verbs(self, meeting: Meeting) -> list[Verb]:
        if not meeting.is_published or meeting.is_cancelled:
            return super().verbs(meeting)
        cancel = page_url("cancel", meeting)
        return [*super().verbs(meeting), Verb(_("Cancel the meeting"), cancel, destructive=True)]
