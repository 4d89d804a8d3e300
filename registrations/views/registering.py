"""Registering a delegation: fill in, check, send, receipt. Each button sends the form to the one address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from invitations.models import Invitation, Meeting
from invitations.page_dates import page_language
from invitations.public_pages import keeps_what_is_typed, of_meeting, public_letter, see
from registrations import registering
from registrations.availability import Availability, availability
from registrations.delegations import Allotment, Delegation, allot, find_problems
from registrations.models import Registration
from registrations.pasted_form import paste
from registrations.refusals import (
    MOST_PARTICIPANTS,
    AlreadySentError,
    Problem,
    RegistrationNotOpenError,
    RegistrationRefusedError,
    TooManyAtOnce,
)
from registrations.registration_form import RegistrationForm, rows_of, rows_with_one_more, rows_without
from registrations.send_limits import TooManyTriesError, count_form
from registrations.views.too_many import too_many_tries


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_what_is_typed
@of_meeting()
def register(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    return RegistrationPage(request, meeting).answer()


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_what_is_typed
def register_invited(request: HttpRequest, token: str) -> HttpResponse:
    """The same by the personal link of a municipality, which then need not be chosen."""
    invitation = get_invitation(token)
    return RegistrationPage(request, invitation.meeting, invitation).answer()


@keeps_what_is_typed
@of_meeting()
def register_again(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The form as typed, where the request was refused before it came to `register`."""
    return RegistrationPage(request, meeting).refused_as_expired()


@keeps_what_is_typed
def register_invited_again(request: HttpRequest, token: str) -> HttpResponse:
    """The form as typed, where the request was refused before it came to `register_invited`."""
    invitation = get_invitation(token)
    return RegistrationPage(request, invitation.meeting, invitation).refused_as_expired()


def get_invitation(token: str) -> Invitation:
    """The invitation with that personal link, of a published meeting.

    Raises:
        Http404: there is none.
    """
    invitations = Invitation.objects.select_related("meeting__policy_area", "municipality").prefetch_related(
        "meeting__sessions", "meeting__programme__themes", "meeting__questions"
    )
    return get_object_or_404(invitations, token=token, meeting__published_at__isnull=False)


class RegistrationPage:
    """One request for the form: which button was pressed, and what that leads to.

    Only the button that sends the registration writes anything; the others show the form again as typed.
    """

    def __init__(self, request: HttpRequest, meeting: Meeting, invitation: Invitation | None = None) -> None:
        self.request = request
        self.meeting = meeting
        self.invitation = invitation
        self.at = timezone.now()
        self.places = self._places()

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self._fill_in(self._form()) if self._is_open() else self._closed(self.places)
        button, _colon, row = self.request.POST.get("do", "check").partition(":")
        if button == "send":
            return self._send()
        if not self._is_open():
            return self._closed(self.places)
        if button == "add":
            return self._add()
        if button == "remove":
            return self._remove(row)
        if button == "paste":
            return self._paste()
        if button == "edit":
            return self._fill_in(self._form(self.request.POST))
        return self._check()

    def refused_as_expired(self) -> HttpResponse:
        return self._fill_in(self._form(self.request.POST), expired=True, status=403)

    def _add(self) -> HttpResponse:
        rows = rows_of(self.request.POST)
        if len(rows) >= MOST_PARTICIPANTS:
            form = self._form(self.request.POST)
            form.add_problems([TooManyAtOnce(asked=len(rows) + 1)])
            return self._fill_in(form)
        form = self._form(self.request.POST, rows=rows_with_one_more(rows))
        form.participants[-1].fields["name"].widget.attrs["autofocus"] = True
        return self._fill_in(form)

    def _remove(self, row: str) -> HttpResponse:
        rows = rows_without(rows_of(self.request.POST), row)
        return self._fill_in(self._form(self.request.POST, rows=rows), focus_on_list=True)

    def _paste(self) -> HttpResponse:
        pasted = paste(self.request.POST, rows_of(self.request.POST))
        form = self._form(pasted.data, rows=pasted.rows)
        if pasted.problems:
            form.add_problems_of_list(pasted.problems)
        return self._fill_in(form, note=pasted.note)

    def _check(self) -> HttpResponse:
        form = self._form(self.request.POST, checked=True)
        if form.is_valid():
            form.add_problems(self._problems(form))
        if not form.is_valid():
            return self._fill_in(form)
        delegation = form.delegation()
        allotted = self._allotted(delegation)
        form.show_outcome(allotted)
        waiting = sum(got.waits for got in allotted)
        return self._render(
            "check_answers.html",
            {
                "form": form,
                "waiting": waiting,
                "placed": len(allotted) - waiting,
            },
        )

    def _send(self) -> HttpResponse:
        form = self._form(self.request.POST, checked=True)
        if not form.is_valid():
            return self._fill_in(form)
        try:
            if not self.places.for_staff:
                count_form(self.request, form.mailboxes(), at=self.at)
            registration = self._register(form)
        except TooManyTriesError:
            return too_many_tries(self.request, form=form, invitation=self.invitation)
        except RegistrationNotOpenError as refusal:
            if not refusal.availability.is_full:
                return self._closed(refusal.availability)
            # It has become full: whoever would like to wait can say so, and nothing that was typed is lost.
            self.places = refusal.availability
            form.add_problems(self._problems(form))
            return self._fill_in(form)
        except RegistrationRefusedError as refusal:
            form.add_problems(refusal.problems)
            return self._fill_in(form)
        except AlreadySentError as refusal:
            return self._already_sent(form, refusal.registration)
        return see(self._done_url(registration))

    def _is_open(self) -> bool:
        return self.places.takes_waiting

    def _places(self) -> Availability:
        return availability(self.meeting, at=self.at, invitation=self.invitation)

    def _problems(self, form: RegistrationForm) -> Sequence[Problem]:
        return find_problems(self.meeting, form.delegation(), self.places)

    def _allotted(self, delegation: Delegation) -> Sequence[Allotment]:
        """What each of the delegation gets as it stands now."""
        return allot(delegation.participants, self.places, waits=delegation.waits)

    def _register(self, form: RegistrationForm) -> Registration:
        return registering.register(
            self.meeting,
            form.delegation(),
            invitation=self.invitation,
            language=page_language(),
            is_suspicious=form.is_suspicious,
            at=self.at,
        )

    def _already_sent(self, form: RegistrationForm, registration: Registration) -> HttpResponse:
        context = {"registration": registration, "form": form}
        return self._render("already_sent.html", context, status=409)

    def _done_url(self, registration: Registration) -> str:
        # The receipt is then the last step of the form.
        return reverse("registrations:receipt", args=[registration.token]) + "?sendt"

    def _form(
        self, data: QueryDict | None = None, *, checked: bool = False, rows: Sequence[str] | None = None
    ) -> RegistrationForm:
        municipality = self.invitation.municipality if self.invitation else None
        return RegistrationForm(
            self.meeting, self.places, municipality=municipality, data=data, checked=checked, rows=rows
        )

    def _fill_in(
        self,
        form: RegistrationForm,
        *,
        expired: bool = False,
        focus_on_list: bool = False,
        note: str = "",
        status: int = 200,
    ) -> HttpResponse:
        context = {
            "form": form,
            "expired": expired,
            "focus_on_list": focus_on_list,
            "note": note,
            "summary": form.summary(),
            "most_participants": MOST_PARTICIPANTS,
        }
        return self._render("register.html", context, status=status)

    def _closed(self, places: Availability) -> HttpResponse:
        """Why nothing is registered just now; what was typed stays on the page, to be copied into a mail."""
        typed = self._form(self.request.POST) if self.request.method == "POST" else None
        context = {"form": typed, "letter": public_letter(self.meeting), "places": places}
        return self._render("register_closed.html", context, status=409 if typed else 200)

    def _render(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        context = {"meeting": self.meeting, "places": self.places, "invitation": self.invitation, **context}
        return render(self.request, f"registrations/{template}", context, status=status)
