"""What those who come add to a meeting's page: how many have answered, and verbs of which they hear."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from invitations.admin.meeting_pages import page_url
from invitations.admin.meetings import MeetingAdmin, Verb
from invitations.models import Meeting
from registrations.admin import (
    cancelling,
    corrections,
    figures,
    guests,
    history,
    ledger_pages,
    matching,
    needs,
    participant_lists,
    reminders,
    waiting_list,
)
from registrations.admin.ledger import chips, headline
from registrations.ledger import Coverage, coverages, ledger
from registrations.ledger_list import LedgerList
from registrations.ledger_words import coverage_words
from registrations.models import Participant
from registrations.waiting_list import move_up

# `invitations` knows nothing of those who answer, and imports go one way: so the whole page is made here.
admin.site.unregister(Meeting)


@admin.register(Meeting)
class AnsweredMeetingAdmin(MeetingAdmin):
    change_form_template = "admin/registrations/meeting/change_form.html"
    list_display = [*MeetingAdmin.list_display, "answered", "participants"]
    pages = [
        *MeetingAdmin.pages,
        *ledger_pages.PAGES,
        *participant_lists.PAGES,
        *waiting_list.PAGES,
        *needs.PAGES,
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

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changelist = super().get_changelist_instance(request)
        # For those on the page only, and asked once for all of them.
        of_meeting = coverages(changelist.result_list)
        for meeting in changelist.result_list:
            meeting.coverage = of_meeting[meeting.pk]
        return changelist

    @admin.display(description=_("answers"))
    def answered(self, meeting: Meeting) -> str:
        coverage: Coverage = meeting.coverage  # type: ignore[attr-defined]
        if not coverage.asked:
            return "–"
        url = page_url("ledger", meeting)
        return format_html('<a href="{}">{}</a>', url, coverage_words(coverage))

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
            of_meeting = ledger(obj)
            context["answers"] = {
                "headline": headline(LedgerList(), of_meeting),
                "chips": chips(LedgerList(), of_meeting)[1:],
                "participants": Participant.objects.active().of_meeting(obj).count(),
                "url": page_url("ledger", obj),
            }
            context["wrong"] = corrections.banner(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Give away at once what places have been added; every minute a task does so for all meetings."""
        super().save_related(request, form, formsets, change)
        meeting: Meeting = form.instance
        meeting.lock()
        if moved := move_up(meeting, at=timezone.now()):
            messages.success(request, what_was_given_away(len(moved)))

    def response_change(self, request: HttpRequest, obj: Meeting) -> HttpResponse:
        if "_continue" not in request.POST:
            corrections.warn_of_what_is_wrong(request, obj)
        return super().response_change(request, obj)

    def verbs(self, meeting: Meeting) -> list[Verb]:
        if not meeting.is_published or meeting.is_cancelled:
            return super().verbs(meeting)
        cancel = page_url("cancel", meeting)
        return [*super().verbs(meeting), Verb(_("Cancel the meeting"), cancel, destructive=True)]


def what_was_given_away(count: int) -> str:
    return ngettext(
        "%(count)d participant has got a place from the waiting list.",
        "%(count)d participants have got a place from the waiting list.",
        count,
    ) % {"count": count}
