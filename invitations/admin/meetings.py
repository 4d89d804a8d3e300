"""Meetings: one page each, and the button that makes one public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Min
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin import meeting_copying, new_letter
from invitations.admin.meeting_forms import MeetingForm
from invitations.admin.meeting_pages import MeetingPage, page_url, tab_context
from invitations.admin.meeting_rows import AreaRows, HostRows, QuestionRows, SessionRows
from invitations.admin.meeting_states import State, StateFilter, state_of
from invitations.admin.pages import DanishAdmin, Text, sentences_of
from invitations.admin.programme import ProgrammeFormSet, ProgrammeRows
from invitations.danish import Moment, format_dates, format_deadline
from invitations.literal_dates import literal_dates
from invitations.meeting_file.importing import DEFAULT_POLICY_AREA
from invitations.models import (
    Letter,
    Meeting,
    PolicyArea,
)
from invitations.programme_times import outside_the_hours


@dataclass(frozen=True)
class Verb:
    """A link on a meeting's page to the page of something that can be done with it."""

    label: Text
    url: str
    destructive: bool = False


@admin.register(Meeting)
class MeetingAdmin(DanishAdmin[Meeting]):
    """What concerns those who invite; `registrations` adds what concerns those who come."""

    form = MeetingForm
    change_form_template = "admin/invitations/meeting/change_form.html"
    actions = None
    # A link of ours leads there, once there is something to see.
    view_on_site = False
    list_display = ["title", "dates", "state", "area_names", "deadline"]
    list_filter = [
        StateFilter,
        ("areas", admin.RelatedOnlyFieldListFilter),
        ("policy_area", admin.RelatedOnlyFieldListFilter),
    ]
    # In the order of their tabs.
    pages: ClassVar[Sequence[MeetingPage]] = [*new_letter.PAGES, *meeting_copying.PAGES]
    folded_fields = ["title", "slug", "areas__name", "hosts__name", "sessions__venue_city"]
    inlines = [SessionRows, AreaRows, HostRows, ProgrammeRows, QuestionRows]
    fieldsets = [
        (None, {"fields": ["title", "slug"]}),
        (_("Who is invited"), {"fields": ["roles", "policy_area", "co_organisers"]}),
        (
            _("Registration"),
            {
                "fields": [
                    "registration",
                    ("registration_opens_date", "registration_opens_time"),
                    ("registration_deadline_date", "registration_deadline_time"),
                    ("capacity", "max_per_municipality"),
                    "reminder_days",
                    "asks_about_needs",
                ]
            },
        ),
        (_("Practical information"), {"classes": ["collapse"], "fields": ["practical_information"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Meeting]:
        days = super().get_queryset(request).annotate(first_day=Min("sessions__starts_date"))
        return days.prefetch_related("sessions", "area_links__area").order_by(
            F("first_day").desc(nulls_first=True), "-pk"
        )

    # What the list shows.

    def get_list_display(self, request: HttpRequest) -> Any:
        return [*super().get_list_display(request), *(["copy"] if meeting_copying.may_copy(request) else [])]

    @admin.display(description=_("Copy"))
    def copy(self, meeting: Meeting) -> str:
        label = gettext("Copy the meeting: %(meeting)s") % {"meeting": meeting}
        return format_html(
            '<a href="{}" aria-label="{}">{}</a>', page_url("copy", meeting), label, gettext("Copy")
        )

    @admin.display(description=_("date and place"), ordering="first_day")
    def dates(self, meeting: Meeting) -> str:
        sessions = meeting.sessions.all()
        if not sessions:
            return "–"
        towns = [
            gettext("Online") if session.online else session.venue_place or session.venue_city
            for session in sessions
        ]
        return format_html(
            '{}<br><span class="quiet">{}</span>',
            format_dates(session.starts_date for session in sessions),
            ", ".join(dict.fromkeys(filter(None, towns))),
        )

    @admin.display(description=_("state"))
    def state(self, meeting: Meeting) -> str:
        state = self._state(meeting)
        return format_html('<span class="state state-{}">{}</span>', state.value, state.label.capitalize())

    @admin.display(description=_("areas"))
    def area_names(self, meeting: Meeting) -> str:
        return ", ".join(link.area.name for link in meeting.area_links.all())

    @admin.display(description=_("deadline"), ordering="registration_deadline_date")
    def deadline(self, meeting: Meeting) -> str:
        day = meeting.registration_deadline_date
        return date_format(day, "SHORT_DATE_FORMAT") if day else "–"

    def _state(self, meeting: Meeting) -> State:
        last_day = max((session.last_date for session in meeting.sessions.all()), default=None)
        return state_of(meeting, last_day=last_day, today=timezone.localdate())

    # The page of a meeting.

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        policy_area = PolicyArea.objects.named(DEFAULT_POLICY_AREA)
        return {"policy_area": policy_area and policy_area.pk, **super().get_changeform_initial_data(request)}

    def has_delete_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        # What has been public is cancelled, so that those who have heard of it hear that too.
        return super().has_delete_permission(request, obj) and not (obj and obj.is_published)

    def verbs(self, meeting: Meeting) -> list[Verb]:
        """What can be done with the meeting now, each on a page of its own."""
        verbs = [Verb(_("New letter"), page_url("new_letter", meeting))]
        if not meeting.is_published:
            verbs.append(Verb(_("Publish"), reverse("admin:invitations_meeting_publish", args=[meeting.pk])))
        return verbs

    def _verbs_for(self, request: HttpRequest, meeting: Meeting) -> list[Verb]:
        if not self.has_change_permission(request, meeting):
            return []
        copying = Verb(_("Copy the meeting"), page_url("copy", meeting))
        return [*self.verbs(meeting), *([copying] if meeting_copying.may_copy(request) else [])]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Meeting | None = None,
    ) -> HttpResponse:
        if obj:
            is_copied_draft = obj.copied_from_id is not None and not obj.is_published
            context |= {
                "state": self._state(obj),
                "public_url": f"{settings.PUBLIC_URL}{obj.get_absolute_url()}",
                "verbs": self._verbs_for(request, obj),
                "literal_dates": literal_dates(obj) if is_copied_draft else [],
                "letters": Letter.objects.filter(meeting=obj).order_by("date", "pk"),
                "outside_the_hours": outside_the_hours(obj),
                **tab_context(request, obj, tab="change"),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for row in (row for rows in formsets for row in rows.forms):
            if place := getattr(row, "removed_place", ""):
                sentence = gettext("The meeting is online, so its place has been removed: %(place)s.")
                messages.warning(request, sentence % {"place": place})

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[dict[str, Any]]:
        """What was changed, the themes of the programme along with its items."""
        parts = [part for rows in formsets if isinstance(rows, ProgrammeFormSet) for part in rows.parts()]
        return super().construct_change_message(request, form, [*formsets, *parts], add)

    def response_add(
        self, request: HttpRequest, obj: Meeting, post_url_continue: str | None = None
    ) -> HttpResponse:
        self._warn_of_hours(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Meeting) -> HttpResponse:
        self._warn_of_hours(request, obj)
        return super().response_change(request, obj)

    def _warn_of_hours(self, request: HttpRequest, meeting: Meeting) -> None:
        """Once it has been saved: who leaves its page does not see the warning there."""
        if "_continue" not in request.POST:
            # Not as it was read before its rows were saved.
            for sentence in outside_the_hours(Meeting.objects.get(pk=meeting.pk)):
                messages.warning(request, sentence)

    # Publish.

    def get_urls(self) -> list[URLPattern]:
        publish = path(
            "<int:object_id>/publish/",
            self.admin_site.admin_view(self.publish_view),
            name="invitations_meeting_publish",
        )
        pages = [
            path(
                f"<int:object_id>/{page.address}",
                self.admin_site.admin_view(partial(self._page_view, page)),
                name=f"invitations_meeting_{page.name}",
            )
            for page in self.pages
        ]
        return [publish, *pages, *super().get_urls()]

    def _page_view(
        self, page: MeetingPage, request: HttpRequest, object_id: int, **parameters: Any
    ) -> HttpResponse:
        meeting = self.object_or_404(request, object_id, change=page.changes)
        return page.view(request, meeting, **parameters)

    def publish_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        meeting = self.object_or_404(request, object_id)
        problems: Sequence[Text] = self.problems_of_publishing(meeting)
        if request.method == "POST" and not problems:
            try:
                self.publish(request, meeting)
            except ValidationError as error:
                problems = sentences_of(error)
            else:
                messages.success(request, gettext("The meeting is public now."))
                return HttpResponseRedirect(self.url_of(meeting))
        return self.confirm(
            request,
            meeting,
            title=_("Publish the meeting"),
            button=_("Publish"),
            sentences=self.consequences_of_publishing(meeting),
            problems=problems,
        )

    def publish(self, request: HttpRequest, meeting: Meeting) -> None:
        """Publish the meeting and write that into its history; raises as `Meeting.publish` does."""
        with transaction.atomic():
            was_public = meeting.is_published
            meeting.publish(at=timezone.now())
            if not was_public:
                self.log_change(request, meeting, gettext("Published."))

    def problems_of_publishing(self, meeting: Meeting) -> list[str]:
        if meeting.is_cancelled:
            return [gettext("The meeting is cancelled.")]
        if meeting.is_published:
            return [gettext("The meeting has been published already.")]
        return meeting.problems()

    def consequences_of_publishing(self, meeting: Meeting) -> list[Text]:
        """What follows, with its numbers."""
        address = f"{settings.PUBLIC_URL}{meeting.get_absolute_url()}"
        count = meeting.municipalities().count()
        sentences: list[Text] = [
            format_html(
                gettext(
                    "Everybody can read about the meeting at {}. That address can not be changed afterwards."
                ),
                format_html("<strong>{}</strong>", address),
            )
        ]
        if meeting.has_form:
            sentences.append(
                ngettext(
                    "%(count)d municipality in %(areas)s can register.",
                    "%(count)d municipalities in %(areas)s can register.",
                    count,
                )
                % {"count": count, "areas": ", ".join(str(area) for area in meeting.ordered_areas())}
            )
            sentences.append(self._until(meeting))
        sentences.append(gettext("No mail is sent. The letter is sent from its own page."))
        return sentences

    def _until(self, meeting: Meeting) -> str:
        ends = max((session.answers_until() for session in meeting.sessions.all()), default=None)
        if ends is None:
            return ""
        if ends <= timezone.now():
            return gettext("Nobody can register any more: the deadline has passed.")
        deadlines = [deadline for session in meeting.sessions.all() if (deadline := session.deadline())]
        if not deadlines:
            return gettext("There is no registration deadline: one can register until the meeting starts.")
        deadline = max(deadlines, key=Moment.end)
        return gettext("The registration deadline is %(deadline)s.") % {
            "deadline": format_deadline(deadline, weekday=True)
        }
