"""The parts of the form of a delegation; `registration_form` puts them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invitations.models import Meeting, Municipality, ProgrammeItem, Question, Theme
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
from registrations.fields import (
    CONSENT_IS_MISSING,
    ConsentField,
    EmailAddressField,
    NameField,
    NeedsField,
    ParagraphsField,
    PhoneField,
)
from registrations.models.registrations import FREE_TEXT_LENGTH, NAME_LENGTH
from registrations.refusals import (
    Problem,
    SecondWishIsFirst,
    ThemeMissing,
    second_wish_field,
    theme_field,
)

NAME_TOO_LONG = gettext_lazy("The name may have at most %(limit_value)d characters")
# Mostly it is somebody else who fills in the form: the consent is the participant's.
CONSENT_OF_PARTICIPANT = gettext_lazy(
    "The participant has consented to KL using what is written about food or special needs for this meeting. "
    "KL deletes it at most {days} days after the meeting."
)
# No autocomplete="off": browsers take it to mean that the field is to be empty after Back, too.
SOMEBODY_ELSE = {"spellcheck": "false"}


@dataclass(frozen=True)
class SummaryLine:
    """A line of the error summary: the sentence, and the id of the field that it leads to."""

    message: str
    target: str


@dataclass(frozen=True)
class FilledLine:
    """What was filled in, as words: the field's label, and the lines of what stands in it."""

    label: str
    lines: tuple[str, ...]
    label_is_danish: bool = False


class PartForm(forms.Form):
    """A part of the form. It is the page that says what is wrong, not the browser."""

    use_required_attribute = False

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="%s", **kwargs)

    def show_typed(self, data: QueryDict) -> None:
        """Show what was typed and find no fault with it."""
        self.initial = {name: data[key] for name in self.fields if (key := self.add_prefix(name)) in data}

    def summary(self) -> list[SummaryLine]:
        """Everything that is wrong, in the order of the fields."""
        return [SummaryLine(str(message), _target(field)) for field in self for message in field.errors]

    def filled(self) -> list[FilledLine]:
        """What was filled in, in the order of the fields."""
        lines = [
            FilledLine(
                str(getattr(field.field, "noun", field.label)),
                _words(field),
                label_is_danish=getattr(field.field, "label_is_danish", False),
            )
            for field in self
        ]
        return [line for line in lines if any(line.lines)]

    def as_hidden(self) -> SafeString:
        """What was typed as hidden fields, for the page on which the answers are checked."""
        # A box that is not ticked sends nothing. Ids and descriptions would refer to what is not there.
        sent = [field for field in self if field.data or not isinstance(field.field, forms.BooleanField)]
        lines = ((field.html_name, value) for field in sent for value in _values(field))
        return format_html_join("", '<input type="hidden" name="{}" value="{}">', lines)


class ContactForm(PartForm):
    """Who registers: the municipality where no personal link says it, the committee and a contact person."""

    committee = NameField(
        label=gettext_lazy("Committee"),
        help_text=gettext_lazy("Write what you call it yourselves"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs=SOMEBODY_ELSE),
    )
    contact_name = NameField(
        label=gettext_lazy("Your name"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Enter your name"), "max_length": NAME_TOO_LONG},
    )
    contact_email = EmailAddressField(
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy("We send the receipt to this address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": gettext_lazy("Enter your e-mail address")},
    )
    contact_phone = PhoneField(
        label=gettext_lazy("Telephone number"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, data: QueryDict | None, *, choices: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if choices:
            choose = gettext_lazy("Choose your municipality")
            municipality = forms.ChoiceField(
                label=gettext_lazy("Municipality"),
                choices=[("", choose), *choices],
                error_messages={"required": choose, "invalid_choice": choose},
            )
            self.fields = {"municipality": municipality, **self.fields}


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


class WaitingForm(PartForm):
    """Whether those for whom there is no place wait for one."""

    waits = forms.BooleanField(
        label=gettext_lazy("Put those for whom there is no place on the waiting list"), required=False
    )


class ContributionForm(PartForm):
    """What the delegation brings: answers to the questions, and topics of its own."""

    def __init__(self, data: QueryDict | None, *, questions: Sequence[Question]) -> None:
        super().__init__(data)
        self.questions = {f"question-{question.pk}": question for question in questions}
        for name, question in self.questions.items():
            self.fields[name] = ParagraphsField(
                label=question.text, label_is_danish=True, max_length=FREE_TEXT_LENGTH, required=False
            )
        self.fields["topics"] = ParagraphsField(
            label=gettext_lazy("Topics that you would like to discuss"),
            max_length=FREE_TEXT_LENGTH,
            required=False,
        )

    def answers(self) -> tuple[tuple[Question, str], ...]:
        typed = ((question, self.cleaned_data[name]) for name, question in self.questions.items())
        return tuple((question, text) for question, text in typed if text)


def municipality_choices(meeting: Meeting) -> tuple[dict[str, Municipality], list[tuple[str, Any]]]:
    """All municipalities by code, and the same as choices: those that are invited apart from the others."""
    municipalities = list(Municipality.objects.in_danish_order())
    invited = set(meeting.municipalities().values_list("pk", flat=True))
    groups = [
        (label, [(found.code, found.name) for found in municipalities if (found.pk in invited) == is_invited])
        for label, is_invited in (
            (gettext_lazy("Invited municipalities"), True),
            (gettext_lazy("Other municipalities"), False),
        )
    ]
    filled: list[tuple[Any, list[tuple[str, str]]]] = [group for group in groups if group[1]]
    choices: list[tuple[Any, Any]] = [*filled[0][1]] if len(filled) == 1 else [*filled]
    return {found.code: found for found in municipalities}, choices


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


def _target(field: forms.BoundField) -> str:
    """The id of the field; of radio buttons that of the first that can be chosen."""
    if not isinstance(field.field, PickField):
        return str(field.auto_id)
    options = [option.data["attrs"] for option in field.subwidgets]
    return next((option["id"] for option in options if "disabled" not in option), str(field.auto_id))


def _values(field: forms.BoundField) -> Sequence[object]:
    """What the field sends: several values where several can be chosen, and an empty one where nothing is."""
    value = field.value()
    if isinstance(value, (list, tuple)):
        return value
    return ["" if value is None else value]


def _words(field: forms.BoundField) -> tuple[str, ...]:
    if isinstance(field.field, forms.BooleanField):
        return (str(field.label),) if field.value() else ()
    value = str(field.value() or "")
    if not isinstance(field.field, forms.ChoiceField):
        return tuple(value.splitlines())
    chosen = [option.data["label"] for option in field.subwidgets if option.data["selected"]]
    return tuple(str(label) for label in chosen) if value else ()


def _theme(item: ProgrammeItem, pk: str) -> Theme:
    return next(theme for theme in item.themes.all() if str(theme.pk) == pk)
