"""Changing what is registered, by the link of the receipt or by a participant's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from invitations.page_dates import page_language
from invitations.public_pages import keeps_what_is_typed, see
from registrations import change_rules, changing
from registrations.availability import Availability
from registrations.change_form import ChangeForm
from registrations.changes import Changes, Wanted, changes, words
from registrations.delegations import Allotment
from registrations.models import Author, Registration
from registrations.refusals import (
    RegistrationNotOpenError,
    RegistrationRefusedError,
    TooLateError,
    in_the_way,
)
from registrations.send_limits import TooManyTriesError, count_form
from registrations.views.personal_links import row_of
from registrations.views.registering import RegistrationPage
from registrations.views.too_many import too_many_tries
from registrations.withdraw_form import WithdrawForm


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_what_is_typed
def change(request: HttpRequest, token: str) -> HttpResponse:
    return ChangePage(request, get_registration(token)).answer()


@keeps_what_is_typed
def change_again(request: HttpRequest, token: str) -> HttpResponse:
    """The form as typed, where the request was refused before it came to `change`."""
    return ChangePage(request, get_registration(token)).refused_as_expired()


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_people(request: HttpRequest, token: str) -> HttpResponse:
    """Whom the contact ticks; `?deltager=<id>` ticks one, without it all are ticked."""
    registration, at = get_registration(token), timezone.now()
    everybody = list(registration.participants.select_related("session"))
    coming = [participant.pk for participant in everybody if not participant.is_withdrawn]
    asked_for = request.GET.get("deltager", "")
    ticked = [pk for pk in coming if not asked_for or str(pk) == asked_for]
    form = WithdrawForm(request.POST if request.method == "POST" else None, everybody, ticked=ticked)
    too_late = False
    if request.method == "POST" and form.is_valid():
        try:
            count_form(request, at=at)
            changing.withdraw_those(registration, form.ids(), language=page_language(), at=at)
        except TooManyTriesError:
            return too_many_tries(request)
        except TooLateError:
            too_late = True
        else:
            return see(reverse("registrations:receipt", args=[token]))
    form.offer_those_who_come()
    context = {
        "registration": registration,
        "meeting": registration.meeting,
        "form": form,
        "summary": form.summary() if form.is_bound and not too_late else [],
        "anybody": bool(coming),
        "too_late": too_late,
    }
    return render(request, "registrations/withdraw_people.html", context, status=409 if too_late else 200)


def get_registration(token: str) -> Registration:
    """The registration with that link.

    Raises:
        Http404: there is none.
    """
    registrations = Registration.objects.with_choices().select_related("meeting__policy_area")
    return row_of(token, registrations)


class ChangePage(RegistrationPage):
    """One request for the form of a registration that is there already."""

    author = Author.CONTACT

    def __init__(self, request: HttpRequest, registration: Registration) -> None:
        self.registration = registration
        self.current = changing.current_participants(registration)
        super().__init__(request, registration.meeting)

    def _is_open(self) -> bool:
        return change_rules.can_be_changed(self.registration, self.places)

    def _places(self) -> Availability:
        return change_rules.places_for_changing(self.registration, author=self.author, at=self.at)

    def _check(self) -> HttpResponse:
        form = self._form(self.request.POST, checked=True)
        if self._is_out_of_date(form):
            return self._changed_meanwhile(form)
        if not form.is_valid():
            return self._fill_in(form)
        wanted = form.wanted()
        changed = changes(self.registration, self.current, wanted)
        places = change_rules.places_for_changing(self.registration, changed, author=self.author, at=self.at)
        problems = change_rules.find_problems_of_change(
            self.registration, self.current, wanted, changed, places
        )
        form.add_problems(in_the_way(problems, overrule=self._overrules(form)))
        if not form.is_valid():
            return self._fill_in(form)
        changed = replace(changed, beyond=tuple(problems))
        got = change_rules.allotted(changed, places, waits=wanted.waits)
        context = {"form": form, **self._check_context(wanted, changed, got)}
        return self._render("check_changes.html", context)

    def _check_context(
        self, wanted: Wanted, changed: Changes, got: Mapping[int, Allotment]
    ) -> dict[str, Any]:
        return {
            "changes": words(wanted.contact, changed),
            "waiting": [
                attendee.name or _("Name to follow")
                for position, attendee in changed.asking
                if got[position].waits
            ],
        }

    def _send(self) -> HttpResponse:
        form = self._form(self.request.POST, checked=True)
        if not form.is_valid():
            return self._fill_in(form)
        try:
            # Only the contact is sure to get a mail: most participants stay as they are.
            count_form(self.request, [self.registration.contact_email], at=self.at)
            self._change(form)
        except TooManyTriesError:
            return too_many_tries(self.request, form=form)
        except changing.ChangedMeanwhileError:
            return self._changed_meanwhile(form)
        except RegistrationNotOpenError as refusal:
            return self._closed(refusal.availability)
        except RegistrationRefusedError as refusal:
            form.add_problems(refusal.problems)
            return self._fill_in(form)
        return see(self._done_url(self.registration))

    def _change(self, form: ChangeForm) -> None:
        changing.change(
            self.registration, form.wanted(), author=self.author, language=page_language(), at=self.at
        )

    def _overrules(self, form: ChangeForm) -> bool:
        """Whether the places are no limit; to the municipality itself they are."""
        return False

    def _is_out_of_date(self, form: ChangeForm) -> bool:
        known = {str(participant.pk) for participant in self.current}
        return form.version != str(self.registration.version) or not known.issuperset(form.known_sent())

    def _changed_meanwhile(self, form: ChangeForm) -> HttpResponse:
        """What was typed, so that it can be written again into the registration as it has become."""
        return self._render("changed_meanwhile.html", {"form": form}, status=409)

    def _form(
        self, data: QueryDict | None = None, *, checked: bool = False, rows: Sequence[str] | None = None
    ) -> ChangeForm:
        return ChangeForm(self.registration, self.current, self.places, data=data, checked=checked, rows=rows)

    def _done_url(self, registration: Registration) -> str:
        # The receipt says that it has been changed, and is the last step.
        return reverse("registrations:receipt", args=[registration.token]) + "?rettet"

    def _render(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        template = {"register.html": "change.html", "register_closed.html": "change_closed.html"}.get(
            template, template
        )
        context = {"registration": self.registration, **context}
        return super()._render(template, context, status=status)
