"""Answering for a municipality that has called: register a delegation, decline, and take a decline back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from invitations.admin.meeting_pages import MeetingPage, meeting_page, page_url
from invitations.models import Meeting, Municipality
from registrations import on_behalf
from registrations.availability import Availability, State, availability
from registrations.delegations import find_problems, standing_participants
from registrations.ledger_list import LedgerList
from registrations.models import Decline, Registration
from registrations.on_behalf_forms import DeclineOnBehalfForm, OnBehalfForm
from registrations.refusals import Problem, StillRegisteredError, TooLateError
from registrations.registration_form import RegistrationForm
from registrations.views.registering import RegistrationPage


def back_to_municipality(request: HttpRequest, meeting: Meeting, municipality: Municipality) -> str:
    """The page of the municipality, with the list that one came from."""
    query = LedgerList.of_query(request.GET).query()
    return page_url("municipality", meeting, code=municipality.code) + query


def act_page(
    request: HttpRequest,
    meeting: Meeting,
    municipality: Municipality,
    context: dict[str, Any],
    *,
    template: str = "act.html",
    status: int = 200,
) -> HttpResponse:
    """The page before an act: what follows from it, what is wrong, what is typed, and the button."""
    back_url = back_to_municipality(request, meeting, municipality)
    return meeting_page(
        request,
        meeting,
        f"admin/registrations/ledger/{template}",
        {"municipality": municipality, "back_url": back_url, **context},
        tab="ledger",
        status=status,
    )


class OnBehalfPage(RegistrationPage):
    """The form of a delegation as the municipality has it, in the admin."""

    def __init__(self, request: HttpRequest, meeting: Meeting, municipality: Municipality) -> None:
        meetings = Meeting.objects.prefetch_related("sessions", "programme__themes", "questions")
        super().__init__(request, meetings.get(pk=meeting.pk))
        self.municipality = municipality

    def _places(self) -> Availability:
        return availability(self.meeting, at=self.at, for_staff=True)

    def _form(
        self, data: QueryDict | None = None, *, checked: bool = False, rows: Sequence[str] | None = None
    ) -> OnBehalfForm:
        return OnBehalfForm(
            self.meeting, self.places, municipality=self.municipality, data=data, checked=checked, rows=rows
        )

    def _problems(self, form: RegistrationForm) -> Sequence[Problem]:
        assert isinstance(form, OnBehalfForm)
        return find_problems(self.meeting, form.delegation(), self.places, overrule=form.overrules)

    def _register(self, form: RegistrationForm) -> Registration:
        assert isinstance(form, OnBehalfForm)
        assert self.request.user.is_authenticated
        registration = on_behalf.register(
            self.meeting,
            form.delegation(),
            staff_note=form.staff.cleaned_data["staff_note"],
            overrule=form.overrules,
            by=self.request.user,
            at=self.at,
        )
        sentence = gettext("%(municipality)s is registered: %(reference)s.")
        words = {"municipality": self.municipality, "reference": registration.reference}
        messages.success(self.request, sentence % words)
        return registration

    def _done_url(self, registration: Registration) -> str:
        return back_to_municipality(self.request, self.meeting, self.municipality)

    def _already_sent(self, form: RegistrationForm, registration: Registration) -> HttpResponse:
        # As typed, under a new key, should it really be another delegation.
        form.submission_key = uuid.uuid4()
        sentence = gettext(
            "You have sent this form before: %(reference)s. Send it again if it is another one."
        )
        messages.warning(self.request, sentence % {"reference": registration.reference})
        return self._fill_in(form, status=409)

    def _closed(self, places: Availability) -> HttpResponse:
        problems = on_behalf.problems_of_answering(self.meeting, at=self.at)
        typed = self._form(self.request.POST) if self.request.method == "POST" else None
        return self._render(
            "closed.html", {"problems": problems, "form": typed}, status=409 if typed else 200
        )

    def _render(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        form = context["form"]
        if template == "check_answers.html":
            context["sentences"] = self._consequences(form)
        return act_page(
            self.request,
            self.meeting,
            self.municipality,
            {
                "title": gettext("Register %(municipality)s") % {"municipality": self.municipality},
                "places": self.places,
                **context,
            },
            template={
                "register.html": "register.html",
                "check_answers.html": "register_check.html",
                "closed.html": "act.html",
            }[template],
            status=status,
        )

    def _consequences(self, form: OnBehalfForm) -> list[str]:
        """What follows, with its numbers."""
        delegation = form.delegation()
        allotted = self._allotted(delegation)
        waiting = sum(got.waits for got in allotted)
        placed = [
            attendee for attendee, got in zip(delegation.participants, allotted, strict=True) if not got.waits
        ]
        named = sum(attendee.is_named for attendee in placed)
        nameless = len(placed) - named
        sentences = []
        if named:
            sentence = ngettext(
                "%(count)d participant from %(municipality)s takes a place and gets a calendar invitation.",
                "%(count)d participants from %(municipality)s take a place, and each gets a calendar "
                "invitation.",
                named,
            )
            sentences.append(sentence % {"count": named, "municipality": self.municipality})
        if nameless:
            sentence = ngettext(
                "%(count)d place is held for %(municipality)s, name to follow.",
                "%(count)d places are held for %(municipality)s, names to follow.",
                nameless,
            )
            sentences.append(sentence % {"count": nameless, "municipality": self.municipality})
        if waiting:
            sentence = ngettext(
                "%(count)d participant comes onto the waiting list as it stands now, and is told so by mail.",
                "%(count)d participants come onto the waiting list as it stands now, and each is told so by "
                "mail.",
                waiting,
            )
            sentences.append(sentence % {"count": waiting})
        sentences.append(gettext("The receipt goes to %(email)s.") % {"email": delegation.contact_email})
        if Decline.objects.filter(
            meeting=self.meeting, municipality=self.municipality, undone_at=None
        ).exists():
            sentences.append(gettext("The municipality's decline is undone."))
        state = availability(self.meeting, at=self.at).state
        if state in (State.CLOSED, State.NOT_YET_OPEN):
            sentences.append(gettext("Registration is not open to the municipalities themselves just now."))
        if form.overrules:
            sentences += on_behalf.words_of_beyond(find_problems(self.meeting, delegation, self.places))
        return sentences


def register_page(request: HttpRequest, meeting: Meeting, code: str) -> HttpResponse:
    return OnBehalfPage(request, meeting, get_object_or_404(Municipality, code=code)).answer()


def decline_page(request: HttpRequest, meeting: Meeting, code: str) -> HttpResponse:
    municipality, now = get_object_or_404(Municipality, code=code), timezone.now()
    form = DeclineOnBehalfForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        assert request.user.is_authenticated
        try:
            _declined, is_new = on_behalf.decline(
                meeting,
                municipality,
                **form.cleaned_data,
                withdraw_participants=request.POST.get("do") == "withdraw",
                by=request.user,
                at=now,
            )
        except (TooLateError, StillRegisteredError):
            # The page says what has changed since it was shown.
            status = 409
        else:
            sentence = (
                gettext("The decline of %(municipality)s is noted.")
                if is_new
                else gettext("%(municipality)s had declined already.")
            )
            messages.success(request, sentence % {"municipality": municipality})
            return HttpResponseRedirect(back_to_municipality(request, meeting, municipality))
    standing = standing_participants(meeting, municipality)
    active, waiting = standing.active().count(), standing.waitlisted().count()
    return act_page(
        request,
        meeting,
        municipality,
        {
            "title": gettext("Decline for %(municipality)s") % {"municipality": municipality},
            "form": form,
            "summary": form.summary(),
            "sentences": consequences_of_declining(municipality, active, waiting),
            "problems": problems_of_declining(meeting, municipality),
            "do": "withdraw" if active or waiting else "decline",
            "button": gettext("Withdraw everybody and decline")
            if active or waiting
            else gettext("Note the decline"),
            "destructive": bool(active or waiting),
        },
        status=status,
    )


def problems_of_declining(meeting: Meeting, municipality: Municipality) -> list[str]:
    declines = Decline.objects.filter(meeting=meeting, municipality=municipality, undone_at=None)
    if declines.exists():
        return [gettext("%(municipality)s has declined already.") % {"municipality": municipality}]
    return on_behalf.problems_of_answering(meeting, at=timezone.now())


def consequences_of_declining(municipality: Municipality, active: int, waiting: int) -> list[str]:
    """What follows, with its numbers."""
    sentences = [
        gettext("%(municipality)s stands as declined and gets no more reminders.")
        % {"municipality": municipality},
        gettext("The contact person, where you name one, gets a receipt by mail."),
    ]
    if waiting:
        sentence = ngettext(
            "%(count)d participant is taken off the waiting list, and told so by mail.",
            "%(count)d participants are taken off the waiting list, and each is told so by mail.",
            waiting,
        )
        sentences.insert(0, sentence % {"count": waiting})
    if active:
        sentences.insert(
            0,
            ngettext(
                "%(count)d participant is withdrawn, and gets a mail that takes the meeting out of the "
                "calendar.",
                "%(count)d participants are withdrawn, and each gets a mail that takes the meeting out of "
                "the calendar.",
                active,
            )
            % {"count": active},
        )
    return sentences


def undo_decline_page(request: HttpRequest, meeting: Meeting, code: str) -> HttpResponse:
    municipality = get_object_or_404(Municipality, code=code)
    if request.method == "POST":
        assert request.user.is_authenticated
        undone = on_behalf.undo_decline(meeting, municipality, by=request.user, at=timezone.now())
        sentence = (
            gettext("The decline of %(municipality)s is undone.")
            if undone
            else gettext("%(municipality)s has no decline to undo.")
        )
        messages.success(request, sentence % {"municipality": municipality})
        return HttpResponseRedirect(back_to_municipality(request, meeting, municipality))
    stands = Decline.objects.filter(meeting=meeting, municipality=municipality, undone_at=None).exists()
    nothing = gettext("%(municipality)s has no decline to undo.") % {"municipality": municipality}
    return act_page(
        request,
        meeting,
        municipality,
        {
            "title": gettext("Undo the decline of %(municipality)s") % {"municipality": municipality},
            "sentences": [
                gettext(
                    "%(municipality)s stands as before the decline: where it has not answered in another "
                    "way, it gets the reminders that follow."
                )
                % {"municipality": municipality},
                gettext("Nobody is told by mail. Those who were withdrawn stay withdrawn."),
                gettext("The decline stays in the history."),
            ],
            "problems": [] if stands else [nothing],
            "button": gettext("Undo the decline"),
        },
    )


REGISTER = MeetingPage(
    name="municipality_register", address="ledger/<str:code>/register/", view=register_page, changes=True
)
DECLINE = MeetingPage(
    name="municipality_decline", address="ledger/<str:code>/decline/", view=decline_page, changes=True
)
UNDO_DECLINE = MeetingPage(
    name="municipality_undo_decline",
    address="ledger/<str:code>/undo-decline/",
    view=undo_decline_page,
    changes=True,
)
