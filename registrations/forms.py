"""The parts of the form of a delegation; `registration_form` puts them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from invitations.models import Meeting, Municipality, Question
from registrations.fields import EmailAddressField, NameField, ParagraphsField, PhoneField
from registrations.models.registrations import FREE_TEXT_LENGTH, NAME_LENGTH
from registrations.part_form import PartForm

NAME_TOO_LONG = gettext_lazy("The name may have at most %(limit_value)d characters")


# No autocomplete="off": browsers take it to mean that the field is to be empty after Back, too.
SOMEBODY_ELSE = {"spellcheck": "false"}


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
