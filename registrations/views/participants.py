"""A participant's own page: it shows and changes that participant, and nobody else."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from invitations.fingerprints import digest_of
from invitations.public_pages import keeps_what_is_typed, public_letter, see
from registrations import change_rules, changing
from registrations.availability import Availability, is_to_come
from registrations.change_form import KnownParticipantForm, as_attendee, participant_data
from registrations.changes import Contact, Entry, Wanted
from registrations.models import Author, Participant, SpecialNeeds
from registrations.refusals import (
    Problem,
    RegistrationNotOpenError,
    RegistrationRefusedError,
    TooLateError,
)
from registrations.send_limits import TooManyTriesError, count_form
from registrations.special_needs import may_write
from registrations.views.personal_links import row_of
from registrations.views.too_many import too_many_tries
from registrations.waiting_list import number_in_queue

# The one row of the form.
ROW = "0"


@require_safe
def participant(request: HttpRequest, token: str) -> HttpResponse:
    participant = get_participant(token)
    registration = participant.registration
    meeting = registration.meeting
    at = timezone.now()
    places = change_rules.places_for_changing(registration, author=Author.PARTICIPANT, at=at)
    context = {
        "participant": participant,
        "substitute": participant.substitutes.filter(withdrawn_at=None).first(),
        "meeting": meeting,
        "letter": public_letter(meeting),
        "can_withdraw": is_to_come(meeting, at=at),
        "can_change": not participant.is_withdrawn and change_rules.can_be_changed(registration, places),
        "was_changed": "rettet" in request.GET,
        "number": number_in_queue(participant) if participant.waitlisted_at else 0,
        "needs": SpecialNeeds.objects.filter(participant=participant).first(),
        "may_write_needs": may_write(participant, at=at),
    }
    return render(request, "registrations/participant.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """What the button does; who only follows the address comes to the page that has the button."""
    participant = get_participant(token)
    if request.method == "POST":
        try:
            count_form(request, at=timezone.now())
        except TooManyTriesError:
            return too_many_tries(request)
        # The page says when it is too late.
        with suppress(TooLateError):
            changing.withdraw_one(participant, author=Author.PARTICIPANT, at=timezone.now())
    return see_participant(participant)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_what_is_typed
def change_participant(request: HttpRequest, token: str) -> HttpResponse:
    participant = get_participant(token)
    if participant.is_withdrawn:
        # Withdrawn meanwhile, or replaced by the first of two clicks: the page says so.
        return see_participant(participant)
    return ParticipantPage(request, participant).answer()


@keeps_what_is_typed
def change_participant_again(request: HttpRequest, token: str) -> HttpResponse:
    """The form as typed, where the request was refused before it came to `change_participant`."""
    return ParticipantPage(request, get_participant(token)).refused_as_expired()


def see_participant(participant: Participant) -> HttpResponse:
    """Send the browser to the participant's own page, which it may load again."""
    page = reverse("registrations:participant", args=[participant.token])
    return see(page)


def get_participant(token: str) -> Participant:
    """The participant with that personal link.

    Raises:
        Http404: there is none.
    """
    participants = Participant.objects.select_related(
        "session__meeting", "registration__meeting", "registration__municipality"
    ).prefetch_related(
        "theme_choices__theme__item",
        "theme_wishes__theme__item",
        "registration__meeting__sessions",
        "registration__meeting__programme__themes",
    )
    return row_of(token, participants)


class ParticipantPage:
    """One request for the form of a participant."""

    def __init__(self, request: HttpRequest, participant: Participant) -> None:
        self.request = request
        self.participant = participant
        self.meeting = participant.registration.meeting
        self.at = timezone.now()
        self.places = change_rules.places_for_changing(
            participant.registration, author=Author.PARTICIPANT, at=self.at
        )

    def answer(self) -> HttpResponse:
        if not change_rules.can_be_changed(self.participant.registration, self.places):
            return self._closed(self.places)
        if self.request.method != "POST":
            return self._fill_in(self._as_registered())
        if self.request.POST.get("do") == "edit":
            return self._fill_in(self._as_typed(), seen=self.request.POST.get("seen", ""))
        form = self._form(self.request.POST)
        if self.request.POST.get("seen") != fingerprint(self.participant):
            return self._fill_in(form, problem="meanwhile", status=409)
        if not form.is_valid():
            return self._fill_in(form)
        try:
            count_form(self.request, at=self.at)
            changing.change(
                self.participant.registration, self._wanted(form), author=Author.PARTICIPANT, at=self.at
            )
        except TooManyTriesError:
            return too_many_tries(self.request)
        except changing.ChangedMeanwhileError:
            return self._fill_in(form, problem="meanwhile", status=409)
        except RegistrationNotOpenError as refusal:
            return self._closed(refusal.availability)
        except RegistrationRefusedError as refusal:
            return self._refused(form, refusal.problems)
        page = reverse("registrations:participant", args=[self.participant.token])
        return see(f"{page}?rettet")

    def refused_as_expired(self) -> HttpResponse:
        return self._fill_in(self._as_typed(), problem="expired", status=403)

    def _as_typed(self) -> KnownParticipantForm:
        form = self._as_registered()
        form.show_typed(self.request.POST)
        return form

    def _wanted(self, form: KnownParticipantForm) -> Wanted:
        """The registration as it is, but for this participant."""
        registration = changing.locked(self.participant.registration)
        entries = [
            form.entry()
            if participant.pk == self.participant.pk
            else Entry(participant=participant.pk, attendee=as_attendee(participant))
            for participant in changing.current_participants(registration)
        ]
        return Wanted(version=registration.version, contact=Contact.of(registration), entries=tuple(entries))

    def _refused(self, form: KnownParticipantForm, problems: tuple[Problem, ...]) -> HttpResponse:
        for problem in problems:
            form.add_problem(replace(problem, position=0))
        return self._fill_in(form)

    def _form(self, data: QueryDict | None) -> KnownParticipantForm:
        return KnownParticipantForm(
            data,
            participant=self.participant,
            row=ROW,
            number=1,
            is_only_one=True,
            meeting=self.meeting,
            places=self.places,
        )

    def _as_registered(self) -> KnownParticipantForm:
        form = self._form(None)
        data = QueryDict(mutable=True)
        data.update(participant_data(self.participant, prefix=f"participant-{ROW}"))
        form.show_typed(data)
        return form

    def _fill_in(
        self, form: KnownParticipantForm, *, problem: str = "", seen: str = "", status: int = 200
    ) -> HttpResponse:
        context = {
            "form": form,
            "seen": seen or fingerprint(self.participant),
            "problem": problem,
            "expired": problem == "expired",
            "summary": form.summary() if form.is_bound else [],
        }
        return self._render("change_participant.html", context, status=status)

    def _closed(self, places: Availability) -> HttpResponse:
        context = {"letter": public_letter(self.meeting), "places": places}
        return self._render(
            "participant_closed.html", context, status=409 if self.request.method == "POST" else 200
        )

    def _render(self, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
        context = {"meeting": self.meeting, "participant": self.participant, **context}
        return render(self.request, f"registrations/{template}", context, status=status)


def fingerprint(participant: Participant) -> str:
    """Of what the page shows, so that it cannot overwrite what somebody else has changed since."""
    shown = sorted(participant_data(participant, prefix="").items())
    return digest_of(shown)
