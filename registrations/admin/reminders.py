"""The tab of reminders: the calendar of what goes out by itself, its days and its words."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from invitations.admin.forms import AdminForm, DaysField, LinesField
from invitations.admin.meeting_pages import MeetingPage, may_change, meeting_page, page_url
from invitations.admin.outbox import MAIL_POLICY
from invitations.models import Letter, Mail, Meeting, OutgoingEmail
from invitations.placeholders import PlaceholderError, Placeholders
from registrations.admin import reminder_sending, reminder_verbs
from registrations.admin.reminder_words import months, next_in_words
from registrations.reminder_calendar import calendar
from registrations.reminder_mails import fill_own_words
from registrations.reminder_samples import sample_mail
from registrations.reminding import REMINDER_FIELDS, change

TAB = reminder_verbs.TAB


class ReminderForm(AdminForm[Meeting]):
    reminder_days = DaysField(
        label=_("reminders, days before the deadline"),
        required=False,
        help_text=_(
            "Offices of municipalities that have not answered are reminded, and contact persons who have not "
            "written all names, for example 14, 3. Empty: nobody is."
        ),
    )

    class Meta:
        model = Meeting
        fields = tuple(REMINDER_FIELDS)
        field_classes = {"reminder_text": LinesField, "meeting_reminder_text": LinesField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # So that what somebody else has changed meanwhile is not set back by who did not touch it.
            field.show_hidden_initial = True
        for name in ("reminder_text", "meeting_reminder_text"):
            self.fields[name].widget.attrs["rows"] = 6

    def clean_reminder_text(self) -> str:
        return self._own_words("reminder_text", to_offices=True)

    def clean_meeting_reminder_text(self) -> str:
        return self._own_words("meeting_reminder_text", to_offices=False)

    def summary(self) -> list[tuple[str, str]]:
        """The sentences about what is wrong, each with the id of its field."""
        return [
            (str(sentence), self[name].id_for_label)
            for name, found in self.errors.items()
            for sentence in found
        ]

    def _own_words(self, name: str, *, to_offices: bool) -> str:
        text: str = self.cleaned_data[name]
        try:
            fill_own_words(self.instance, text, to_offices=to_offices)
        except PlaceholderError as error:
            raise ValidationError(error.sentences, code="placeholder") from error
        return text


def reminders_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The calendar, and below it the form."""
    assert request.user.is_authenticated
    now = timezone.now()
    form = ReminderForm(request.POST or None, instance=meeting) if may_change(request, meeting) else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            change(meeting, changes, at=now, by=request.user)
            messages.success(request, gettext("The reminders have been saved."))
            return HttpResponseRedirect(page_url(TAB, meeting))
        # The calendar shows what holds, not what was typed.
        meeting = Meeting.objects.get(pk=meeting.pk)
    prefetch_related_objects([meeting], "sessions", "programme__themes")
    entries = calendar(meeting, at=now)
    return meeting_page(
        request,
        meeting,
        "admin/registrations/reminders.html",
        {
            "title": _("Reminders"),
            "months": months(meeting, entries, at=now),
            "next_one": next_in_words(entries),
            "form": form,
            "problems": problems_of_own_words(meeting),
            "placeholders": _placeholders(meeting),
            "verbs": reminder_verbs.verbs(meeting, at=now) if form else [],
            "mails_url": _mails_url(request, meeting),
        },
        tab=TAB,
    )


def problems_of_own_words(meeting: Meeting) -> list[str]:
    """Why words that were typed cannot be sent any more: the meeting has changed since."""
    problems = []
    for text, to_offices in ((meeting.reminder_text, True), (meeting.meeting_reminder_text, False)):
        try:
            fill_own_words(meeting, text, to_offices=to_offices)
        except PlaceholderError as error:
            problems += error.sentences
    return problems


def mail_view(request: HttpRequest, meeting: Meeting, reminder: str) -> HttpResponse:
    """One of the reminders as it would be sent."""
    mail = _sample_or_404(meeting, reminder)
    return meeting_page(
        request,
        meeting,
        "admin/registrations/reminders_mail.html",
        {
            "title": _("The mail as it would be sent now"),
            "mail": mail,
            "html_url": page_url("reminders_mail_html", meeting, reminder=reminder),
            "back_url": page_url(TAB, meeting),
        },
        tab=TAB,
    )


@xframe_options_sameorigin
def mail_html_view(request: HttpRequest, meeting: Meeting, reminder: str) -> HttpResponse:
    response = HttpResponse(_sample_or_404(meeting, reminder).html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _sample_or_404(meeting: Meeting, reminder: str) -> Mail:
    mail = sample_mail(meeting, reminder, at=timezone.now())
    if mail is None:
        raise Http404
    return mail


def _placeholders(meeting: Meeting) -> list[tuple[str, str]]:
    words = Placeholders(Letter(meeting=meeting))
    of_municipality = gettext("the municipality’s name; only in the reminder to those who have not answered")
    return [
        *((f"{{{name}}}", words.value(name)) for name in words.usable()),
        ("{municipality}", of_municipality),
    ]


def _mails_url(request: HttpRequest, meeting: Meeting) -> str:
    """The reminders about the meeting among the mails; empty for who may not see mails."""
    if not admin.site.get_model_admin(OutgoingEmail).has_view_permission(request):
        return ""
    kind = OutgoingEmail.Kind
    kinds = ",".join((kind.DEADLINE_REMINDER, kind.MEETING_REMINDER, kind.NAMES_REMINDER))
    query = urlencode({"about__exact": meeting.slug, "kind__in": kinds})
    return f"{reverse('admin:invitations_outgoingemail_changelist')}?{query}"


PAGES = (
    MeetingPage(name=TAB, address="reminders/", view=reminders_view, tab=_("Reminders")),
    MeetingPage(name="reminders_mail", address="reminders/mail/<str:reminder>/", view=mail_view),
    MeetingPage(
        name="reminders_mail_html", address="reminders/mail/<str:reminder>/html/", view=mail_html_view
    ),
    *reminder_verbs.PAGES,
    *reminder_sending.PAGES,
)
