"""The forms of the page on which staff enter KL's own people, speakers and guests."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.danish import capitalise
from invitations.models import Meeting, ProgrammeItem, Session, Theme
from invitations.models.programme import themed_items
from registrations.availability import Availability
from registrations.choices import places_left
from registrations.delegations import Attendee
from registrations.fields import EmailAddressField, LineField, ParagraphsField
from registrations.models import Registration
from registrations.models.registrations import FREE_TEXT_LENGTH, NAME_LENGTH
from registrations.refusals import Problem, theme_field


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


def as_typed(form: Any) -> Any:
    """The form with what was typed and no fault found."""
    form.is_bound = False
    form.initial = {name: form.data.get(form.add_prefix(name), "") for name in form.fields}
    form._errors = None
    return form


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
        initial=choices[0][0],
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
