"""Giving one municipality a later registration deadline, and taking it back."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.forms import error_messages
from invitations.admin.meeting_pages import MeetingPage
from invitations.danish import Moment
from invitations.models import Meeting, Municipality
from invitations.models.validation import YEARS
from invitations.page_dates import moment
from registrations.admin.answering import act_page, back_to_municipality
from registrations.availability import availability
from registrations.ledger import has_answered
from registrations.on_behalf import problems_of_answering
from registrations.own_deadlines import DeadlineChangedError, give_deadline, has_deadline, own_deadline
from registrations.part_form import PartForm


class OwnDeadlineForm(PartForm):
    """A date, and a clock time where it is not to last the whole day; nothing is no deadline of its own."""

    deadline_date = forms.DateField(
        label=_("Deadline"),
        help_text=_("For example 28.3.2027"),
        required=False,
        validators=YEARS,
        widget=forms.DateInput(attrs={"size": 12}),
    )
    deadline_time = forms.TimeField(
        label=_("Time"),
        help_text=_("For example 12.00. Empty: until midnight."),
        required=False,
        widget=forms.TimeInput(attrs={"size": 6}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, *, present: Moment | None) -> None:
        initial = {
            "deadline_date": present.date if present else None,
            "deadline_time": present.time if present else None,
            "seen": present.isoformat() if present else "",
        }
        super().__init__(data, initial=initial)
        for name in ("deadline_date", "deadline_time"):
            self.fields[name].error_messages.update(error_messages(self.fields[name]))
        # Emptied, one that there is is taken back.
        self.fields["deadline_date"].required = present is None

    def clean_seen(self) -> Moment | None:
        try:
            return Moment.parse(self.cleaned_data["seen"]) if self.cleaned_data["seen"] else None
        except ValueError:
            # Somebody tampered with it: as good as an old page.
            return None

    def clean(self) -> None:
        date, time = self.cleaned_data.get("deadline_date"), self.cleaned_data.get("deadline_time")
        if time and not date and not self.has_error("deadline_date"):
            self.add_error("deadline_date", gettext("A time of the deadline needs a date."))

    def deadline(self) -> Moment | None:
        """What was typed, once the form is valid."""
        date = self.cleaned_data["deadline_date"]
        return Moment(date, self.cleaned_data["deadline_time"]) if date else None


def deadline_page(request: HttpRequest, meeting: Meeting, code: str) -> HttpResponse:
    municipality, now = get_object_or_404(Municipality, code=code), timezone.now()
    present = own_deadline(meeting, municipality)
    form = OwnDeadlineForm(request.POST if request.method == "POST" else None, present=present)
    problems = [] if present else problems_of(meeting, at=now)
    status = 200
    if request.method == "POST" and form.is_valid():
        assert request.user.is_authenticated
        deadline = form.deadline()
        try:
            give_deadline(
                meeting,
                municipality,
                deadline,
                seen=form.cleaned_data["seen"],
                at=now,
                by=request.user,
            )
        except DeadlineChangedError:
            status = 409
            form = _as_typed(form, request, present)
        except ValidationError as error:
            if hasattr(error, "error_dict"):
                form.add_error(None, error)
            else:
                problems = error.messages
        else:
            messages.success(request, _what_holds_now(municipality, deadline))
            return HttpResponseRedirect(back_to_municipality(request, meeting, municipality))
    return act_page(
        request,
        meeting,
        municipality,
        {
            "title": gettext("Give %(municipality)s a later deadline") % {"municipality": municipality},
            "form": form,
            "summary": form.summary(),
            "sentences": consequences(meeting, municipality, present, at=now),
            "problems": problems,
            "button": gettext("Save the deadline") if present else gettext("Give a later deadline"),
        },
        status=status,
    )


def _as_typed(form: OwnDeadlineForm, request: HttpRequest, present: Moment | None) -> OwnDeadlineForm:
    """The form with what was typed, that has now seen the `present` deadline."""
    data = request.POST.copy()
    data["seen"] = present.isoformat() if present else ""
    shown = OwnDeadlineForm(data, present=present)
    sentence = gettext("Somebody has changed the deadline since you saw this page. Now: %(deadline)s.") % {
        "deadline": moment(present) if present else gettext("none of its own")
    }
    shown.add_error("deadline_date", sentence)
    return shown


def problems_of(meeting: Meeting, *, at: datetime) -> list[str]:
    """Why no municipality can be given a later deadline at `at` (aware); empty where one can."""
    problems = problems_of_answering(meeting, at=at)
    if not problems and not has_deadline(meeting):
        problems.append(gettext("The meeting has no deadline: one can register until it starts."))
    return problems


def consequences(
    meeting: Meeting, municipality: Municipality, present: Moment | None, *, at: datetime
) -> list[str]:
    """What follows."""
    sentences = []
    general = availability(meeting, at=at).last_deadline()
    if general:
        sentences.append(gettext("The deadline for all: %(deadline)s.") % {"deadline": moment(general)})
    sentences.append(
        gettext(
            "%(municipality)s can register and change until its own deadline by its personal link. "
            "Whoever uses the open form cannot."
        )
        % {"municipality": municipality}
    )
    sentences.append(gettext("Its reminders count back from its own deadline. No mail is sent by this."))
    if present:
        sentences.append(gettext("Leave both fields empty to take its own deadline back."))
    answered = has_answered(meeting, municipality)
    if not meeting.invitations.filter(municipality=municipality).exists():
        sentences.append(gettext("The municipality is invited at the same time: it gets a personal link."))
        if not answered:
            sentences.append(gettext("It stands as silent until it answers."))
    elif answered:
        sentences.append(gettext("It has answered already, and can still change its answer."))
    return sentences


def _what_holds_now(municipality: Municipality, deadline: Moment | None) -> str:
    if deadline is None:
        return gettext("The deadline for all holds for %(municipality)s again.") % {
            "municipality": municipality
        }
    return gettext("%(municipality)s has its own deadline: %(deadline)s.") % {
        "municipality": municipality,
        "deadline": moment(deadline),
    }


DEADLINE = MeetingPage(
    name="municipality_deadline", address="ledger/<str:code>/deadline/", view=deadline_page, changes=True
)
