"""The form in which staff enter KL's own people, speakers and guests."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from invitations.admin.meeting_pages import MeetingPage, meeting_page, page_url
from invitations.history import name_of
from invitations.models import Meeting, Sender
from registrations.admin.guest_forms import GuestForm, PartyForm, as_typed
from registrations.availability import State, availability
from registrations.guests import GuestParty, register_guests, takes_guests
from registrations.models import Registration
from registrations.refusals import (
    MOST_PARTICIPANTS,
    AlreadySentError,
    Problem,
    RegistrationNotOpenError,
    RegistrationRefusedError,
)
from registrations.submission_keys import submission_key

# As many rows as the page begins with, and as many as its button adds.
ROWS = 5


class GuestPage:
    """One request for the form: show it, add rows to it, or enter whom it lists."""

    def __init__(self, request: HttpRequest, meeting: Meeting) -> None:
        assert isinstance(request.user, User)
        self.request = request
        self.user = request.user
        self.at = timezone.now()
        self.meeting = Meeting.objects.prefetch_related("sessions", "programme__themes").get(pk=meeting.pk)
        self.places = availability(self.meeting, at=self.at, for_staff=True)
        self.problems: list[str] = []
        self.is_beyond = False
        data = request.POST if request.method == "POST" else None
        self.submission_key = submission_key(data)
        self.rows = self._rows(data)

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self._show(PartyForm(initial=self._myself()))
        party = PartyForm(self.request.POST)
        if "more" in self.request.POST:
            return self._show(as_typed(party))
        listed = [row for row in self.rows if not row.is_empty]
        are_valid = [form.is_valid() for form in (party, *listed)]
        if not takes_guests(self.places):
            self.problems = [why_nobody(self.places.state)]
        elif not all(are_valid):
            self.problems = [gettext("Please correct the errors below.")]
        else:
            return self._enter(party, listed)
        return self._show(party)

    def _enter(self, party: PartyForm, listed: Sequence[GuestForm]) -> HttpResponse:
        cleaned = party.cleaned_data
        guests = GuestParty(
            kind=Registration.GuestKind(cleaned["kind"]),
            organisation=cleaned["organisation"],
            contact_name=cleaned["contact_name"],
            contact_email=cleaned["contact_email"],
            note=cleaned["note"],
            submission_key=self.submission_key,
            participants=tuple(row.attendee() for row in listed),
        )
        beyond = bool(self.request.POST.get("beyond_capacity"))
        try:
            registration = register_guests(
                self.meeting, guests, beyond_capacity=beyond, at=self.at, by=self.user
            )
        except RegistrationRefusedError as refusal:
            self._place(refusal.problems, listed)
            return self._show(party)
        except RegistrationNotOpenError as refusal:
            self.problems = [why_nobody(refusal.availability.state)]
            return self._show(party)
        except AlreadySentError as refusal:
            messages.warning(self.request, sent_already(refusal.registration))
        else:
            messages.success(self.request, what_was_done(registration))
        return HttpResponseRedirect(page_url("participants", self.meeting))

    def _place(self, problems: Sequence[Problem], listed: Sequence[GuestForm]) -> None:
        """Show `problems` where they belong; what goes beyond the places can be meant."""
        self.is_beyond = any(problem.can_be_overruled for problem in problems)
        for problem in problems:
            if problem.position is None:
                self.problems.append(problem.message)
            else:
                listed[problem.position].add_problem(problem)
        if not self.problems:
            self.problems = [gettext("Please correct the errors below.")]

    def _rows(self, data: QueryDict | None) -> list[GuestForm]:
        typed = data.get("rows", "") if data is not None else ""
        count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else ROWS
        if data is not None and "more" in data:
            count += ROWS
        count = max(1, min(count, MOST_PARTICIPANTS))
        return [
            GuestForm(data, number=number, meeting=self.meeting, places=self.places)
            for number in range(count)
        ]

    def _myself(self) -> dict[str, str]:
        user = self.user
        return {
            "contact_name": name_of(user),
            "contact_email": user.email or Sender.objects.current().mailbox,
        }

    def _show(self, party: PartyForm) -> HttpResponse:
        rows = self.rows
        if self.request.method == "POST":
            # What nobody has filled in has no fault, and is shown as empty as it was.
            rows = [
                as_typed(row) if row.is_empty or "more" in self.request.POST else row for row in self.rows
            ]
        context = {
            "title": gettext("Add KL's own, speakers and guests"),
            "party": party,
            "rows": rows,
            "columns": [field.field.label for field in rows[0]],
            "may_add": len(rows) < MOST_PARTICIPANTS,
            "problems": self.problems,
            "is_beyond": self.is_beyond or bool(self.request.POST.get("beyond_capacity")),
            "beyond_ticked": bool(self.request.POST.get("beyond_capacity")),
            "submission_key": self.submission_key,
            "places": self.places,
            "nobody": "" if takes_guests(self.places) else why_nobody(self.places.state),
        }
        template = "admin/registrations/participants/guests.html"
        return meeting_page(self.request, self.meeting, template, context, tab="participants")


def guests(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Enter KL's own, speakers and guests."""
    return GuestPage(request, meeting).answer()


def why_nobody(state: State) -> str:
    """Why nobody can be entered for a meeting in that state."""
    return {
        State.DRAFT: gettext("Publish the meeting first: the calendar invitations lead to its page."),
        State.CANCELLED: gettext("The meeting is cancelled."),
    }.get(state, gettext("The meeting has been held."))


def what_was_done(registration: Registration) -> str:
    emails = list(registration.participants.values_list("email", flat=True))
    told = sum(bool(email) for email in emails)
    sentences = [
        ngettext("%(count)d participant is added.", "%(count)d participants are added.", len(emails))
        % {"count": len(emails)},
        ngettext(
            "%(count)d calendar invitation is on its way.",
            "%(count)d calendar invitations are on their way.",
            told,
        )
        % {"count": told},
    ]
    if without := len(emails) - told:
        sentences.append(
            ngettext(
                "%(count)d has no e-mail address and gets no mail.",
                "%(count)d have no e-mail address and get no mail.",
                without,
            )
            % {"count": without}
        )
    return " ".join(sentences)


def sent_already(registration: Registration) -> str:
    return gettext(
        "The form had been sent already, as %(reference)s. What you have changed since was not saved."
    ) % {"reference": registration.reference}


PAGES = (MeetingPage(name="guests", address="participants/guests/", view=guests, changes=True),)
