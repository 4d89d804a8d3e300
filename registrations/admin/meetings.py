"""What those who come add to a meeting's page: how many have answered, and cancelling, of which they hear."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import page_url
from invitations.admin.meetings import MeetingAdmin, Verb
from invitations.admin.pages import Text, sentences_of
from invitations.models import Meeting
from registrations.admin import ledger_pages
from registrations.admin.ledger import chips, headline
from registrations.cancellations import CancellationPlan, cancel_meeting, plan_cancellation
from registrations.ledger import Coverage, coverages, ledger
from registrations.ledger_list import LedgerList
from registrations.ledger_words import coverage_words
from registrations.models import Participant

# `invitations` knows nothing of those who answer, and imports go one way: so the whole page is made here.
admin.site.unregister(Meeting)


@admin.register(Meeting)
class AnsweredMeetingAdmin(MeetingAdmin):
    change_form_template = "admin/registrations/meeting/change_form.html"
    list_display = [*MeetingAdmin.list_display, "answered", "participants"]
    pages = [
        *ledger_pages.PAGES,
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
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Cancel.

    def verbs(self, meeting: Meeting) -> list[Verb]:
        if not meeting.is_published or meeting.is_cancelled:
            return super().verbs(meeting)
        cancel = reverse("admin:invitations_meeting_cancel", args=[meeting.pk])
        return [*super().verbs(meeting), Verb(_("Cancel the meeting"), cancel, destructive=True)]

    def get_urls(self) -> list[URLPattern]:
        cancel = path(
            "<int:object_id>/cancel/",
            self.admin_site.admin_view(self.cancel_view),
            name="invitations_meeting_cancel",
        )
        return [cancel, *super().get_urls()]

    def cancel_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        assert request.user.is_authenticated
        meeting = self.object_or_404(request, object_id)
        now = timezone.now()
        problems = problems_of_cancelling(meeting)
        if request.method == "POST" and not problems:
            try:
                told = cancel_meeting(meeting, at=now, by=request.user)
            except ValidationError as error:
                problems = sentences_of(error)
            else:
                messages.success(request, what_was_done(told))
                return HttpResponseRedirect(self.url_of(meeting))
        return self.confirm(
            request,
            meeting,
            title=_("Cancel the meeting"),
            button=_("Cancel the meeting"),
            sentences=consequences_of_cancelling(plan_cancellation(meeting, at=now)),
            problems=problems,
            destructive=True,
        )


def problems_of_cancelling(meeting: Meeting) -> list[str]:
    if meeting.is_cancelled:
        return [gettext("The meeting is cancelled.")]
    if not meeting.is_published:
        return [gettext("Only a published meeting can be cancelled.")]
    return []


def consequences_of_cancelling(plan: CancellationPlan) -> list[Text]:
    """What follows, with its numbers."""
    participants, contacts, offices = len(plan.participants), len(plan.registrations), len(plan.dispatches)
    sentences: list[Text] = []
    if participants:
        sentences.append(
            ngettext(
                "%(count)d participant gets a mail that takes the meeting out of the calendar.",
                "%(count)d participants get a mail that takes the meeting out of the calendar.",
                participants,
            )
            % {"count": participants}
        )
    if contacts:
        sentences.append(
            ngettext(
                "%(count)d contact person gets a mail.", "%(count)d contact persons get a mail.", contacts
            )
            % {"count": contacts}
        )
    if offices:
        sentences.append(
            ngettext(
                "%(count)d mailbox of municipalities that have not answered gets a mail.",
                "%(count)d mailboxes of municipalities that have not answered get a mail.",
                offices,
            )
            % {"count": offices}
        )
    if not sentences:
        sentences.append(
            gettext("Nobody is told by mail: nobody is registered, and no letter has been sent.")
        )
    sentences.append(gettext("The page of the meeting says that it is cancelled, and nobody can register."))
    sentences.append(gettext("Reminders that have not been sent are dropped."))
    sentences.append(gettext("This cannot be undone."))
    return sentences


def what_was_done(told: CancellationPlan | None) -> str:
    if told is None:
        return gettext("The meeting had been cancelled already. Nobody is told twice.")
    return ngettext(
        "The meeting is cancelled. %(count)d mail is on its way.",
        "The meeting is cancelled. %(count)d mails are on their way.",
        told.mails,
    ) % {"count": told.mails}
