"""The form in which staff enter KL's own people, speakers and guests."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.meeting_pages import MeetingPage, meeting_page, page_url
from invitations.danish import capitalise
from invitations.models import Meeting, ProgrammeItem, Sender, Session, Theme
from invitations.models.programme import themed_items
from registrations.availability import Availability, State
from registrations.choices import places_left
from registrations.delegations import Attendee
from registrations.fields import EmailAddressField, LineField, ParagraphsField
from registrations.guests import BEYOND_CAPACITY, GuestParty, places_for_staff, register_guests, takes_guests
from registrations.models import Registration
from registrations.models.registrations import FREE_TEXT_LENGTH, NAME_LENGTH
from registrations.refusals import (
    MOST_PARTICIPANTS,
    AlreadySentError,
    Problem,
    RegistrationNotOpenError,
    RegistrationRefusedError,
    theme_field,
)

# As many rows as the page begins with, and as many as its button adds.
ROWS = 5


class PartyForm(forms.Form):
    """What is said of all of them, and the tick that takes places that there are not."""

    kind = forms.ChoiceField(
        label=_("They come as"),
        choices=lambda: [
            ("", gettext("Choose")),
            *((value, capitalise(str(label))) for value, label in Registration.GuestKind.choices),
        ],
        error_messages={
            "required": _("Choose what they come as"),
            "invalid_choice": _("Choose what they come as"),
        },
    )
    organisation = LineField(
        label=_("Organisation or committee"),
        help_text=_("Stands on the participant list and on the name badges."),
        max_length=150,
        required=False,
    )
    contact_name = LineField(
        label=_("Contact person"),
        max_length=NAME_LENGTH,
        error_messages={"required": _("Enter the contact person")},
    )
    contact_email = EmailAddressField(
        label=_("Contact's e-mail address"),
        help_text=_("Gets no receipt. Is told if the meeting is cancelled."),
    )
    note = ParagraphsField(
        label=_("Note of the secretariat"),
        max_length=FREE_TEXT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].help_text = _("Seen by the secretariat only.")


class GuestForm(forms.Form):
    """A row: one person. A row in which nothing but the session stands is no person."""

    name = LineField(
        label=_("Name"),
        max_length=NAME_LENGTH,
        required=False,
        error_messages={"max_length": _("The name may have at most %(limit_value)d characters")},
    )
    title = LineField(label=_("Title or role"), max_length=NAME_LENGTH, required=False)
    email = EmailAddressField(label=_("E-mail address"), required=False)

    def __init__(
        self, data: QueryDict | None, *, number: int, meeting: Meeting, places: Availability
    ) -> None:
        super().__init__(data, prefix=f"guest-{number}", auto_id="id_%s", use_required_attribute=False)
        self.sessions = {
            str(here.session.pk): here.session for here in places.sessions if here.accepts_answers
        }
        self.rounds = themed_items(list(meeting.programme.all()))
        if len(self.sessions) > 1:
            self.fields["session"] = _session_field(places)
        for item in self.rounds:
            self.fields[theme_field(item)] = _theme_field(item, places, sessions=len(self.sessions))
        for field in self.fields.values():
            # In a table only the column has a heading.
            field.widget.attrs["aria-label"] = f"{field.label} {number + 1}"

    @property
    def is_empty(self) -> bool:
        return not any(
            self.data.get(self.add_prefix(name), "").strip() for name in self.fields if name != "session"
        )

    def clean(self) -> None:
        if not self.cleaned_data.get("name") and not self.has_error("name"):
            self.add_error("name", gettext("Enter the name"))

    def attendee(self) -> Attendee:
        """The person as typed, once the row is valid."""
        cleaned = self.cleaned_data
        first = next(iter(self.sessions.values()))
        picked = [(item, cleaned.get(theme_field(item))) for item in self.rounds]
        return Attendee(
            name=cleaned["name"],
            title=cleaned["title"],
            email=cleaned["email"],
            session=self.sessions.get(cleaned.get("session", ""), first),
            themes=tuple(_theme(item, pk) for item, pk in picked if pk),
        )

    def add_problem(self, problem: Problem) -> None:
        self.add_error(problem.field if problem.field in self.fields else "name", problem.message)


class GuestPage:
    """One request for the form: show it, add rows to it, or enter whom it lists."""

    def __init__(self, request: HttpRequest, meeting: Meeting) -> None:
        assert isinstance(request.user, User)
        self.request = request
        self.user = request.user
        self.at = timezone.now()
        self.meeting = Meeting.objects.prefetch_related("sessions", "programme__themes").get(pk=meeting.pk)
        self.places = places_for_staff(self.meeting, at=self.at)
        self.problems: list[str] = []
        self.is_beyond = False
        data = request.POST if request.method == "POST" else None
        self.submission_key = _submission_key(data)
        self.rows = self._rows(data)

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self._show(PartyForm(initial=self._myself()))
        party = PartyForm(self.request.POST)
        if "more" in self.request.POST:
            return self._show(_as_typed(party))
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
        self.is_beyond = any(isinstance(problem, BEYOND_CAPACITY) for problem in problems)
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
            "contact_name": user.get_full_name() or user.get_username(),
            "contact_email": user.email or Sender.objects.current().mailbox,
        }

    def _show(self, party: PartyForm) -> HttpResponse:
        rows = self.rows
        if self.request.method == "POST":
            # What nobody has filled in has no fault, and is shown as empty as it was.
            rows = [
                _as_typed(row) if row.is_empty or "more" in self.request.POST else row for row in self.rows
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


def _session_field(places: Availability) -> forms.ChoiceField:
    choices = [
        (str(here.session.pk), _with_places(str(here.session), here.left))
        for here in places.sessions
        if here.accepts_answers
    ]
    choose = _("Choose a meeting")
    return forms.ChoiceField(
        label=Session._meta.verbose_name,
        choices=choices,
        error_messages={"required": choose, "invalid_choice": choose},
    )


def _theme_field(item: ProgrammeItem, places: Availability, *, sessions: int) -> forms.ChoiceField:
    """How many places a theme has left is said where there is one session, since each has its own."""
    lefts = places.sessions[0].themes_left if sessions == len(places.sessions) == 1 else {}
    choices = [
        (str(theme.pk), _with_places(f"{number}. {theme.title}", lefts.get(theme.pk)))
        for number, theme in enumerate(item.themes.all(), start=1)
    ]
    return forms.ChoiceField(
        label=item.title,
        choices=[("", "–"), *choices],
        required=False,
        error_messages={"invalid_choice": _("Choose a theme")},
    )


def _with_places(words: str, left: int | None) -> str:
    return words if left is None else f"{words} ({places_left(left).lower()})"


def _theme(item: ProgrammeItem, pk: str) -> Theme:
    return next(theme for theme in item.themes.all() if str(theme.pk) == pk)


def _as_typed(form: Any) -> Any:
    """The form with what was typed and no fault found."""
    form.is_bound = False
    form.initial = {name: form.data.get(form.add_prefix(name), "") for name in form.fields}
    form._errors = None
    return form


def _submission_key(data: QueryDict | None) -> uuid.UUID:
    try:
        return uuid.UUID(data.get("submission_key", "") if data is not None else "")
    except ValueError:
        return uuid.uuid4()


PAGES = (MeetingPage(name="guests", address="participants/guests/", view=guests, changes=True),)
