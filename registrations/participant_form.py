"""The part of the form of a delegation that is about one participant."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invitations.models import Meeting, ProgrammeItem, Theme
from invitations.models.programme import themed_items
from invitations.page_dates import day_and_month
from registrations.availability import Availability
from registrations.choices import (
    PickField,
    join_or,
    second_wish_choices,
    session_choices,
    theme_choices,
    theme_is_full,
)
from registrations.delegations import Allotment, Attendee
from registrations.fields import CONSENT_IS_MISSING, ConsentField, EmailAddressField, NameField, NeedsField
from registrations.forms import NAME_TOO_LONG, SOMEBODY_ELSE
from registrations.models.registrations import NAME_LENGTH
from registrations.part_form import FilledLine, PartForm
from registrations.refusals import Problem, SecondWishIsFirst, ThemeMissing, second_wish_field, theme_field

# Mostly it is somebody else who fills in the form: the consent is the participant's.
CONSENT_OF_PARTICIPANT = gettext_lazy(
    "The participant has consented to KL using what is written about food or special needs for this meeting. "
    "KL deletes it at most {days} days after the meeting."
)


class ParticipantForm(PartForm):
    """One participant, counted from 1. Where there are several, what is wrong says whom it is about."""

    name = NameField(
        label=gettext_lazy("The participant's name"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs=SOMEBODY_ELSE),
        error_messages={
            "required": gettext_lazy("Enter the participant's name"),
            "max_length": NAME_TOO_LONG,
        },
    )
    title = NameField(
        label=gettext_lazy("Title or role"),
        max_length=NAME_LENGTH,
        required=False,
        widget=forms.TextInput(attrs=SOMEBODY_ELSE),
    )
    email = EmailAddressField(
        label=gettext_lazy("The participant's e-mail address"),
        help_text=gettext_lazy("The participant gets a calendar invitation in Outlook"),
        widget=forms.EmailInput(attrs=SOMEBODY_ELSE),
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        row: str,
        number: int,
        is_only_one: bool,
        meeting: Meeting,
        places: Availability,
    ) -> None:
        super().__init__(data, prefix=f"participant-{row}")
        self.row = row
        self.number = number
        self.is_only_one = is_only_one
        self.is_left_out = False
        self.places = places
        self.allotted: Allotment | None = None
        self.sessions = {str(session.pk): session for session in meeting.sessions.all()}
        self.rounds = themed_items(list(meeting.programme.all()))
        if len(self.sessions) > 1:
            self.fields["session"] = _session_field(places)
        for item in self.rounds:
            self.fields[theme_field(item)] = _theme_field(item, places)
            if _asks_for_second_wish(item):
                self.fields[second_wish_field(item)] = _second_wish_field(item, places)
        if meeting.asks_about_needs:
            self.fields["needs"] = NeedsField(required=False)
            self.fields["needs_consent"] = ConsentField(CONSENT_OF_PARTICIPANT)

    @property
    def heading(self) -> str:
        return _("Participant %(number)d") % {"number": self.number}

    @property
    def choice_fields(self) -> list[forms.BoundField]:
        others = ("name", "title", "email", "needs", "needs_consent")
        return [field for field in self.visible_fields() if field.name not in others]

    @property
    def needs_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("needs", "needs_consent") if name in self.fields]

    def is_blank(self) -> bool:
        """Whether nothing was written into it; what was picked among choices alone is nobody yet."""
        written = (self[name].data for name, field in self.fields.items() if not isinstance(field, PickField))
        return not any(value.strip() if isinstance(value, str) else value for value in written)

    def leave_out(self, data: QueryDict) -> None:
        """Take it for a row that nobody filled in: it stays on the page, and no fault is found with it."""
        self.is_left_out = True
        self.is_bound = False
        self.show_typed(data)

    def outcome(self) -> list[FilledLine]:
        """What the participant gets as it stands now, where that is not simply what was asked for."""
        if self.allotted is None:
            return []
        if self.allotted.waits:
            return [FilledLine(_("Place at the meeting"), (_("On the waiting list"),))]
        second = {theme for theme in self.attendee().second_wishes if theme in self.allotted.themes}
        return [
            FilledLine(_("Theme as it stands now"), (_("%(theme)s (second wish)") % {"theme": theme.title},))
            for theme in self.allotted.themes
            if theme in second
        ]

    def add_error(self, field: str | None, error: Any) -> None:
        """Add `error`; where there are several participants it says whom it is about."""
        messages = ValidationError(error).messages
        if not self.is_only_one:
            who = " ".join(self.data.get(self.add_prefix("name"), "").split())[:NAME_LENGTH] or self.heading
            messages = [_("%(who)s: %(message)s") % {"who": who, "message": message} for message in messages]
        super().add_error(field, ValidationError(messages))

    def clean(self) -> None:
        """Ask for the themes at once, rather than when all else is right; the places decide in the end."""
        if self.cleaned_data.get("needs") and not self.cleaned_data["needs_consent"]:
            self.add_error("needs_consent", CONSENT_IS_MISSING)
        chosen = self.sessions.get(self.cleaned_data.get("session", ""))
        name = self.cleaned_data.get("name") or self.heading
        for item in self.rounds:
            field = theme_field(item)
            first = self.cleaned_data.get(field)
            if first and first == self.cleaned_data.get(second_wish_field(item)):
                self.add_problem(SecondWishIsFirst(item=item, name=name))
            if first or self.has_error(field):
                continue
            if not all(theme_is_full(theme.pk, self.places, chosen) for theme in item.themes.all()):
                self.add_problem(ThemeMissing(item=item, name=name))

    def add_problem(self, problem: Problem) -> None:
        add_error = super().add_error if problem.names_participant else self.add_error
        add_error(problem.field if problem.field in self.fields else "name", problem.message)

    def attendee(self) -> Attendee:
        """The participant as typed, once the form is valid."""
        cleaned = self.cleaned_data
        first = next(iter(self.sessions.values()))
        picked = [(item, cleaned[theme_field(item)]) for item in self.rounds]
        second = [(item, cleaned.get(second_wish_field(item))) for item in self.rounds]
        return Attendee(
            name=cleaned["name"],
            title=cleaned["title"],
            email=cleaned["email"],
            session=self.sessions.get(cleaned.get("session", ""), first),
            themes=tuple(_theme(item, pk) for item, pk in picked if pk),
            second_wishes=tuple(_theme(item, pk) for item, pk in second if pk),
            needs=cleaned.get("needs", ""),
        )


def _session_field(places: Availability) -> PickField:
    days = [here.session.starts_date for here in places.sessions]
    choose = _("Choose a meeting")
    if len(set(days)) == len(days) <= 3:
        choose = _("Choose whether you attend on %(days)s") % {"days": join_or(map(day_and_month, days))}
    return PickField(
        label=gettext_lazy("Choose a meeting"),
        noun=gettext_lazy("Meeting"),
        choices=session_choices(places),
        error_messages={"required": choose, "invalid_choice": choose},
    )


def _theme_field(item: ProgrammeItem, places: Availability) -> PickField:
    """Never required by itself: whether there is a theme left to choose is known only with the session."""
    return PickField(
        label=_("Choose a theme: %(item)s") % {"item": item.title},
        noun=gettext_lazy("Theme"),
        choices=theme_choices(item, places),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose a theme")},
    )


def _asks_for_second_wish(item: ProgrammeItem) -> bool:
    """Whether the first wish may find no room, and there is something else to wish for."""
    themes = item.themes.all()
    return len(themes) > 1 and any(theme.capacity is not None for theme in themes)


def _second_wish_field(item: ProgrammeItem, places: Availability) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Second wish"),
        help_text=_("If there is no room in the first"),
        choices=second_wish_choices(item, places),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose a theme")},
    )


def _theme(item: ProgrammeItem, pk: str) -> Theme:
    return next(theme for theme in item.themes.all() if str(theme.pk) == pk)
