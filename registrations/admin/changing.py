"""Changing what a municipality has registered, for one that has called; no deadline binds the secretariat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from invitations.admin.meeting_pages import MeetingPage, meeting_page, page_url
from invitations.models import Meeting
from registrations import changing, on_behalf
from registrations.admin.answering import back_to_municipality
from registrations.availability import Availability, State, availability, invitation_of
from registrations.change_form import ChangeForm
from registrations.changes import Changes, Wanted
from registrations.delegations import Allotment
from registrations.mails_of_change import MailsOfChange, mails_of_change
from registrations.models import Author, Decline, Participant, Registration
from registrations.on_behalf_forms import ChangeOnBehalfForm
from registrations.views.changing import ChangePage


def may_change_registrations(request: HttpRequest) -> bool:
    return request.user.has_perm("registrations.change_registration")


def change_url(registration: Registration) -> str:
    """The page on which staff change `registration`; empty where nothing can be changed any more, and for
    guests, who have pages of their own.
    """
    if problems_of_changing(registration):
        return ""
    return page_url("registration_change", registration.meeting, pk=registration.pk)


def problems_of_changing(registration: Registration) -> list[str]:
    """Why staff cannot change `registration` now; empty where they can."""
    if not registration.municipality_id:
        return [gettext("The registration is no municipality's, and is not changed here.")]
    return on_behalf.problems_of_answering(registration.meeting, at=timezone.now())


class ChangeOnBehalfPage(ChangePage):
    """The form by which the municipality changes what it has registered, in the admin."""

    author = Author.STAFF

    def answer(self) -> HttpResponse:
        return super().answer() if self.registration.municipality_id else self._closed(self.places)

    def _form(
        self, data: QueryDict | None = None, *, checked: bool = False, rows: Sequence[str] | None = None
    ) -> ChangeOnBehalfForm:
        return ChangeOnBehalfForm(
            self.registration, self.current, self.places, data=data, checked=checked, rows=rows
        )

    def _check_context(
        self, wanted: Wanted, changed: Changes, got: Mapping[int, Allotment]
    ) -> dict[str, Any]:
        context = super()._check_context(wanted, changed, got)
        context["sentences"] = consequences(self.registration, wanted, changed, got)
        return context

    def _overrules(self, form: ChangeForm) -> bool:
        assert isinstance(form, ChangeOnBehalfForm)
        return form.overrules

    def _change(self, form: ChangeForm) -> None:
        assert self.request.user.is_authenticated
        changed = on_behalf.change(
            self.registration,
            form.wanted(),
            overrule=self._overrules(form),
            by=self.request.user,
            at=self.at,
        )
        words = {"reference": self.registration.reference}
        if changed:
            messages.success(self.request, gettext("%(reference)s has been changed.") % words)
        else:
            messages.info(self.request, gettext("%(reference)s was as you had written it already.") % words)

    def _changed_meanwhile(self, form: ChangeForm) -> HttpResponse:
        sentence = gettext(
            "Somebody has changed the registration after you opened the form. Your changes have not been "
            "saved."
        )
        return self._refuse([sentence], form, again_url=self.request.get_full_path())

    def _closed(self, places: Availability) -> HttpResponse:
        # As it is by now, should that be why it was refused.
        problems = problems_of_changing(changing.locked(self.registration))
        return self._refuse(problems, self._form(self.request.POST) if self._is_sent else None)

    def _refuse(self, problems: list[str], form: ChangeForm | None, **context: Any) -> HttpResponse:
        return self._render(
            "act.html", {"problems": problems, "form": form, **context}, status=409 if self._is_sent else 200
        )

    @property
    def _is_sent(self) -> bool:
        return self.request.method == "POST"

    def _done_url(self, registration: Registration) -> str:
        if registration.municipality:
            return back_to_municipality(self.request, self.meeting, registration.municipality)
        return page_url("ledger", self.meeting)

    def _render(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        template = {"check_changes.html": "change_check.html"}.get(template, template)
        title = gettext("Change registration %(reference)s, %(municipality)s") % {
            "reference": self.registration.reference,
            "municipality": self.registration.comes_as,
        }
        return meeting_page(
            self.request,
            self.meeting,
            f"admin/registrations/ledger/{template}",
            {
                "title": title,
                "places": self.places,
                "back_url": self._done_url(self.registration),
                **context,
            },
            tab="ledger",
            status=status,
        )


def consequences(
    registration: Registration, wanted: Wanted, changed: Changes, got: Mapping[int, Allotment]
) -> list[str]:
    """Who is told, and what else follows, with its numbers.

    Args:
        got: what those get who ask for a place, as `change_rules.allotted` says.
    """
    sentences = _words_of_mails(mails_of_change(changed, got))
    before, after = registration.contact_email, wanted.contact.contact_email
    if before.casefold() == after.casefold():
        sentences.append(gettext("The contact person gets a summary: %(email)s.") % {"email": after})
    else:
        sentences.append(
            gettext("Both the former and the new contact person get a summary: %(before)s and %(after)s.")
            % {"before": before, "after": after}
        )
    meeting = registration.meeting
    if changed.given_up and Participant.objects.waitlisted().of_meeting(meeting).exists():
        sentences.append(
            gettext("Places that come free go to those who wait for one, and they are told by mail.")
        )
    if Decline.objects.filter(
        meeting=meeting, municipality=registration.answers_for_id, undone_at=None
    ).exists():
        sentences.append(gettext("The municipality's decline is undone."))
    state = availability(meeting, at=timezone.now(), invitation=invitation_of(registration)).state
    if state in (State.CLOSED, State.NOT_YET_OPEN):
        sentences.append(gettext("The municipality itself cannot change the registration just now."))
    return [*sentences, *on_behalf.words_of_beyond(changed.beyond)]


def _words_of_mails(mails: MailsOfChange) -> list[str]:
    sentences = (
        (
            mails.requests,
            ngettext(
                "%(count)d mail with a calendar invitation is sent.",
                "%(count)d mails with a calendar invitation are sent.",
                mails.requests,
            ),
        ),
        (
            mails.cancellations,
            ngettext(
                "%(count)d mail is sent that takes the meeting out of the calendar.",
                "%(count)d mails are sent that take the meeting out of the calendar.",
                mails.cancellations,
            ),
        ),
        (
            mails.onto_list,
            ngettext(
                "%(count)d participant is told by mail of being on the waiting list.",
                "%(count)d participants are told by mail of being on the waiting list.",
                mails.onto_list,
            ),
        ),
        (
            mails.off_list,
            ngettext(
                "%(count)d participant is told by mail of being off the waiting list.",
                "%(count)d participants are told by mail of being off the waiting list.",
                mails.off_list,
            ),
        ),
    )
    told = [sentence % {"count": count} for count, sentence in sentences if count]
    return told or [gettext("No participant is told by mail.")]


def change_page(request: HttpRequest, meeting: Meeting, pk: int) -> HttpResponse:
    if not may_change_registrations(request):
        raise PermissionDenied
    registration = get_object_or_404(Registration.objects.with_choices(), pk=pk, meeting=meeting)
    return ChangeOnBehalfPage(request, registration).answer()


# Who may see the meeting, and change registrations, need not be able to change the meeting.
CHANGE = MeetingPage(name="registration_change", address="registrations/<int:pk>/change/", view=change_page)
