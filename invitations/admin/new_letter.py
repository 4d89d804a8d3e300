"""The page on which a letter about a meeting begins: what kind it is, and of what date."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.forms import error_messages
from invitations.admin.meeting_pages import MeetingPage, meeting_page
from invitations.letter_drafts import draft_letter
from invitations.models import Letter, Meeting
from invitations.models.validation import YEARS

_DRAFTS = {
    Letter.Kind.INVITATION: _(
        "When and where, programme, questions and registration, as far as they are known."
    ),
    Letter.Kind.SAVE_THE_DATE: _("Only the date, while the rest is being planned."),
    Letter.Kind.FOLLOW_UP: _("Thanks to those who came."),
    Letter.Kind.CHANGE: _("What holds now, instead of what an earlier letter said."),
    Letter.Kind.CANCELLATION: _("The meeting is not held."),
}


def kinds() -> list[tuple[str, SafeString]]:
    """The kinds of letter, each with what its draft says."""
    return [
        (kind.value, format_html("<b>{}</b> {}", str(kind.label).capitalize(), _DRAFTS[kind]))
        for kind in Letter.Kind
    ]


def likeliest_kind(meeting: Meeting, *, today: datetime.date) -> Letter.Kind:
    """The kind of letter that the meeting needs next, on the day `today`."""
    if meeting.is_cancelled:
        return Letter.Kind.CANCELLATION
    last_day = max((session.last_date for session in meeting.sessions.all()), default=today)
    if last_day < today:
        return Letter.Kind.FOLLOW_UP
    invited = Letter.objects.sent().filter(meeting=meeting, kind=Letter.Kind.INVITATION).exists()
    return Letter.Kind.CHANGE if invited else Letter.Kind.INVITATION


class NewLetterForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=kinds, widget=forms.RadioSelect)
    date = forms.DateField(
        label=_("Date"), help_text=_("Printed in the letter."), widget=AdminDateWidget, validators=YEARS
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        for field in self.fields.values():
            field.error_messages.update(error_messages(field))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.errors:
            self.refuse_if_taken()
        return cleaned

    def refuse_if_taken(self) -> bool:
        """Where the meeting has such a letter already, say so at the date and lead there; return whether."""
        kind, date = self.cleaned_data["kind"], self.cleaned_data["date"]
        letters = Letter.objects.filter(meeting=self.meeting, kind=kind, date=date)
        # A meeting may change again the day on which a change was sent.
        taken = (letters.filter(sent_at=None) if kind == Letter.Kind.CHANGE else letters).first()
        if taken:
            sentence = format_html(
                '{} <a href="{}">{}</a>',
                gettext("The meeting has such a letter of this date already."),
                reverse("admin:invitations_letter_change", args=[taken.pk]),
                gettext("Open it, or choose another date."),
            )
            self.add_error("date", ValidationError(sentence, code="taken"))
        return taken is not None


def new_letter(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    letters = admin.site.get_model_admin(Letter)
    if not letters.has_add_permission(request):
        raise PermissionDenied
    today = timezone.localdate()
    initial = {"kind": likeliest_kind(meeting, today=today), "date": today}
    form = NewLetterForm(request.POST or None, meeting=meeting, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            letter = _begin(request, meeting, form)
        except IntegrityError:
            # Somebody else began the same one, or the button was pressed twice.
            if not form.refuse_if_taken():
                raise
            letter = None
        if letter:
            messages.success(
                request, gettext("The letter has been drafted. Read it, and write on from here.")
            )
            return HttpResponseRedirect(reverse("admin:invitations_letter_change", args=[letter.pk]))
    return meeting_page(
        request,
        meeting,
        "admin/invitations/letter/new.html",
        {
            "title": _("New letter"),
            "form": form,
            "blank_url": f"{reverse('admin:invitations_letter_add')}?meeting={meeting.pk}",
        },
        tab="change",
    )


def _begin(request: HttpRequest, meeting: Meeting, form: NewLetterForm) -> Letter | None:
    """The draft; None where there is such a letter by now, which the form says then."""
    with transaction.atomic():
        meeting.lock()
        if form.refuse_if_taken():
            return None
        letter = draft_letter(meeting, form.cleaned_data["kind"], date=form.cleaned_data["date"])
        admin.site.get_model_admin(Letter).log_addition(request, letter, [{"added": {}}])
        return letter


PAGES = [MeetingPage(name="new_letter", address="letters/new/", view=new_letter, changes=True)]
