"""Letters: typed, looked at as PDF and as a page, sent once, and from then on shown as they were sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from invitations.admin.filters import MeetingFilter
from invitations.admin.forms import AdminForm, RolesField
from invitations.admin.letter_dispatches import DispatchPages
from invitations.admin.letter_pages import body_of
from invitations.admin.letter_preview import NO_MEETING, LetterBesideForm, LetterPreviewPages
from invitations.admin.ordering import OrderedFormSet, OrderedRows
from invitations.admin.uploads import PdfField, Upload
from invitations.fingerprints import digest_of
from invitations.meeting_file.exporting import letter_data
from invitations.models import Announcement, Enclosure, Letter, Section, Signatory

# Mail servers commonly refuse messages of more than 25 MB, and a file grows by a third on its way.
ENCLOSURES_BYTES = 15_000_000

# After this a letter that waits for its time should have been sent.
LATE = timedelta(minutes=5)


class _SeenField(forms.CharField):
    def has_changed(self, initial: Any, data: Any) -> bool:
        # Nobody types it, so that the history says nothing of it.
        return False


class LetterForm(AdminForm[Letter]):
    copy_roles = RolesField(
        label=_("copy to"), required=False, help_text=_("Offices that get it for orientation; not printed.")
    )

    # What the letter said when its page was opened; empty where it is new, or not told.
    seen = _SeenField(required=False, widget=forms.HiddenInput)

    constraint_fields = {
        "letter_is_known_by_meeting_kind_and_date": "date",
        "letter_input_time_has_a_date": "input_deadline_date",
        "letter_replaces_only_as_change_or_cancellation": "replaces",
        "letter_is_personal_only_where_it_asks": "is_personal",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = _content(self.instance) if self.instance.pk else ""
        self.initial["seen"] = self.stored

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        seen = cleaned.get("seen")
        if seen and self.stored and seen != self.stored:
            # Shown again, the page has seen it, so that who saves once more means it.
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data[self.add_prefix("seen")] = self.stored  # type: ignore[index]
            raise ValidationError(
                _(
                    "The letter has been changed since you opened it here. What you have typed still stands"
                    " below: save again to put it in the place of the other, or open the letter anew."
                ),
                code="changed_meanwhile",
            )
        # On the page of a letter its meeting is shown and not typed.
        meeting = cleaned.get("meeting") or getattr(self.instance, "meeting", None)
        if cleaned.get("is_personal") and meeting and not meeting.has_form:
            self.add_error(
                "is_personal",
                _("The meeting has no registration, so there is no link of its own for each municipality."),
            )
        return cleaned


def _content(letter: Letter) -> str:
    """Tells what is stored of the letter from what was stored before."""
    stored = Letter.objects.select_related("meeting").get(pk=letter.pk)
    return digest_of(letter_data(stored))


class SectionForm(AdminForm[Section]):
    constraint_fields = {"section_is_not_empty": "text"}


class EnclosureForm(AdminForm[Enclosure]):
    upload = PdfField(
        label=_("PDF file"), required=False, help_text=_("At most 10 MB. Sent with the letter.")
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        upload: Upload | None = cleaned.get("upload")
        if upload:
            self.instance.file, self.instance.filename = upload.file, upload.filename
        return cleaned


class EnclosureFormSet(OrderedFormSet[Enclosure, Letter]):
    def clean(self) -> None:
        super().clean()
        rows = [form.instance for form in self.forms if form not in self.deleted_forms]
        if sum(row.file.size for row in rows if row.file) > ENCLOSURES_BYTES:
            raise ValidationError(
                _("Together the enclosures are larger than 15 MB, which many mail servers refuse."),
                code="too_large",
            )


class SectionRows(admin.StackedInline[Section, Letter], OrderedRows[Section, Letter]):
    model = Section
    form = SectionForm
    fieldsets = [(None, {"fields": ["heading", "text", ("block", "position")]})]

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "heading":
            field.widget.attrs["rows"] = 2
        return field

    def get_extra(self, request: HttpRequest, obj: Letter | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1


class SignatoryRows(admin.TabularInline[Signatory, Letter], OrderedRows[Signatory, Letter]):
    model = Signatory
    fields = ["position", "name", "title"]

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "title":
            field.widget.attrs["rows"] = 2
        return field

    def get_extra(self, request: HttpRequest, obj: Letter | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1


class EnclosureRows(admin.TabularInline[Enclosure, Letter], OrderedRows[Enclosure, Letter]):
    model = Enclosure
    form = EnclosureForm
    formset = EnclosureFormSet
    fields = ["position", "title", "stored", "upload"]
    readonly_fields = ["stored"]
    for_typing = ("position", "upload")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Enclosure]:
        return super().get_queryset(request).select_related("file").defer("file__content")

    @admin.display(description=_("file"))
    def stored(self, enclosure: Enclosure) -> str:
        if not enclosure.pk or not enclosure.file_id:
            return "–"
        url = reverse("admin:invitations_letter_enclosure", args=[enclosure.letter_id, enclosure.pk])
        return format_html('<a href="{}">{}</a>', url, enclosure.filename)


class AnnouncementRows(admin.TabularInline[Announcement, Letter], OrderedRows[Announcement, Letter]):
    model = Announcement
    fields = ["position", "meeting"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Announcement]:
        return super().get_queryset(request).select_related("meeting")


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, str(state.label).capitalize()) for state in Letter.State]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Letter]) -> models.QuerySet[Letter]:
        draft = Q(sent_at=None, send_at=None)
        conditions = {
            Letter.State.DRAFT: draft & Q(send_problem=""),
            Letter.State.SCHEDULED: Q(sent_at=None, send_at__isnull=False),
            Letter.State.NOT_SENT: draft & ~Q(send_problem=""),
            Letter.State.SENT: Q(sent_at__isnull=False),
        }
        value = self.value()
        return queryset.filter(conditions[Letter.State(value)]) if value in Letter.State.values else queryset


@admin.register(Letter)
class LetterAdmin(LetterPreviewPages, DispatchPages):
    form = LetterForm
    change_form_template = "admin/invitations/letter/change_form.html"
    actions = None
    list_display = ["kind_and_date", "meeting", "state", "mails"]
    list_filter = [StateFilter, "kind", ("meeting", MeetingFilter)]
    folded_fields = ["meeting__title", "meeting__slug", "title", "case_number", "document_number"]
    inlines = [SectionRows, SignatoryRows, EnclosureRows, AnnouncementRows]
    # As they stand in the letter: the sections follow the head, and the signatories the end.
    fieldsets = [
        (None, {"fields": ["seen", "meeting", ("kind", "date", "replaces")]}),
        (_("The head of the letter"), {"fields": ["recipients", "is_personal", "title", "salutation"]}),
        (_("The end of the letter"), {"fields": ["closing"]}),
        (
            _("In the margin"),
            {"fields": [("case_number", "document_number"), ("contact_email", "contact_phone")]},
        ),
        (
            _("Copies, and a call for input"),
            {
                "classes": ["collapse"],
                "fields": ["copy_roles", ("input_deadline_date", "input_deadline_time", "input_email")],
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Letter]:
        letters = super().get_queryset(request).select_related("meeting", "sent_by")
        return letters.annotate(mail_count=models.Count("dispatches__email", distinct=True)).order_by(
            "-date", "-pk"
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Letter | None = None) -> list[str]:
        # What was sent, and what a preview shows, belongs to its meeting.
        return ["meeting"] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"date": timezone.localdate(), **super().get_changeform_initial_data(request)}

    # What the list shows.

    @admin.display(description=_("letter"), ordering="date")
    def kind_and_date(self, letter: Letter) -> str:
        return f"{letter.get_kind_display().capitalize()} {letter.date:%-d.%-m.%Y}"

    @admin.display(description=_("state"), ordering="sent_at")
    def state(self, letter: Letter) -> str:
        badge = format_html(
            '<span class="state state-{}">{}</span>', letter.state, letter.state.label.capitalize()
        )
        if letter.send_at is None:
            return badge
        return format_html(
            "{} {}", badge, date_format(timezone.localtime(letter.send_at), "SHORT_DATETIME_FORMAT")
        )

    @admin.display(description=_("mails"), ordering="mail_count")
    def mails(self, letter: Letter) -> int | str:
        return letter.mail_count if letter.is_sent else "–"  # type: ignore[attr-defined]

    # Sent once, frozen as sent.

    def has_change_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and self.is_frozen(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and self.is_frozen(obj))

    def is_frozen(self, letter: Letter) -> bool:
        return letter.is_sent or letter.is_scheduled

    def save_model(self, request: HttpRequest, obj: Letter, form: Any, change: bool) -> None:
        obj.refuse_unless_draft()
        super().save_model(request, obj, form, change)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        letter = self.get_object(request, unquote(object_id)) if object_id else None
        if letter is None or request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            # Whoever sends the letter just now waits until this is saved, or this waits and sees it sent.
            letter.lock()
            letter.refresh_from_db(fields=["sent_at", "send_at"])
            try:
                letter.refuse_unless_draft()
            except ValidationError as error:
                messages.error(request, error.messages[0])
                return HttpResponseRedirect(self.url_of(letter))
            return super().changeform_view(request, object_id, form_url, extra_context)

    # The page of a letter.

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Letter | None = None,
    ) -> HttpResponse:
        # The letter takes the place of the menu.
        context["is_nav_sidebar_enabled"] = False
        if obj:
            names = ("preview", "pdf", "page", "send", "call_off", "late", "resend", "progress")
            context |= {
                "urls": {name: self.url(name, obj) for name in names},
                "may_send": self.may_send(request),
                "is_late": obj.send_at is not None and obj.send_at < timezone.now() - LATE,
            }
        if obj and obj.is_sent:
            context |= self.record(request, obj)
            context["body"] = body_of(context["version"])
        else:
            beside: LetterBesideForm | None = self.beside_form(context, obj)
            context["beside"], context["nothing"] = beside, NO_MEETING
            context["placeholders"] = beside.placeholders if beside else []
            if obj is None or self.has_change_permission(request, obj):
                context["live"] = self.live_urls(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_add(
        self, request: HttpRequest, obj: Letter, post_url_continue: str | None = None
    ) -> HttpResponse:
        if "_preview" in request.POST:
            return HttpResponseRedirect(self.url("preview", obj))
        response = super().response_add(request, obj, post_url_continue)
        self.warn_of_problems(request, obj)
        return response

    def response_change(self, request: HttpRequest, obj: Letter) -> HttpResponse:
        if "_preview" in request.POST:
            return HttpResponseRedirect(self.url("preview", obj))
        response = super().response_change(request, obj)
        self.warn_of_problems(request, obj)
        return response
