"""The forms in which the secretariat writes to municipalities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from invitations.models import Meeting
from invitations.placeholders import PlaceholderError
from registrations.addressees import Addressee, Group, main_addressee
from registrations.fields import LineField, ParagraphsField
from registrations.messages import Message, message_placeholders
from registrations.municipality_placeholders import MunicipalityPlaceholders
from registrations.part_form import PartForm

CHOOSE_ADDRESSEE = _("Choose at least one addressee")


class Audience(TextChoices):
    """Whom of each municipality to write to, where there are several municipalities."""

    MAIN = "main", _("The contact person; before there is one, the committee's mailbox")
    OFFICES = "offices", _("All offices")
    PARTICIPANTS = "participants", _("All participants")

    def of(self, addressees: Sequence[Addressee]) -> list[Addressee]:
        if self == Audience.MAIN:
            main = main_addressee(addressees)
            return [main] if main else []
        group = Group.OFFICE if self == Audience.OFFICES else Group.PARTICIPANT
        return [addressee for addressee in addressees if addressee.group == group]


class AddresseesForm(PartForm):
    """Whom of one municipality to write to."""

    def __init__(self, data: QueryDict | None, *, addressees: Sequence[Addressee]) -> None:
        super().__init__(data)
        main = main_addressee(addressees)
        self.addressees = addressees
        self.fields["to"] = forms.MultipleChoiceField(
            label=_("To"),
            choices=[(addressee.key, _label(addressee)) for addressee in addressees],
            initial=[main.key] if main else [],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": CHOOSE_ADDRESSEE, "invalid_choice": CHOOSE_ADDRESSEE},
        )

    def chosen(self) -> list[Addressee]:
        return [addressee for addressee in self.addressees if addressee.key in self.cleaned_data["to"]]


class AudienceForm(PartForm):
    """Whom to write to in several municipalities."""

    to = forms.ChoiceField(
        label=_("To"),
        choices=Audience,
        initial=Audience.MAIN,
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE_ADDRESSEE, "invalid_choice": CHOOSE_ADDRESSEE},
    )


class MessageForm(PartForm):
    """Subject and text, in which the meeting's placeholders can be used."""

    subject = LineField(
        label=_("Subject"), max_length=200, error_messages={"required": _("Write what the mail is about")}
    )
    text = ParagraphsField(
        label=_("Text"),
        max_length=5000,
        help_text=_("The greeting and our name are put below by themselves."),
        error_messages={"required": _("Write the text of the mail")},
    )
    with_link = forms.BooleanField(
        label=_("Put the municipality's personal link below the text"), required=False
    )

    def __init__(self, data: QueryDict | None, *, meeting: Meeting, can_answer: bool) -> None:
        super().__init__(data)
        self.meeting = meeting
        self.fields["text"].widget.attrs["rows"] = 10
        if not can_answer:
            del self.fields["with_link"]

    @cached_property
    def placeholders(self) -> MunicipalityPlaceholders:
        return message_placeholders(self.meeting)

    @property
    def usable(self) -> list[str]:
        """The placeholders that have a value."""
        return [f"{{{name}}}" for name in self.placeholders.usable()]

    def clean_subject(self) -> str:
        return self._printable("subject")

    def clean_text(self) -> str:
        return self._printable("text")

    def message(self) -> Message:
        """What was typed, once the form is valid."""
        cleaned: dict[str, Any] = self.cleaned_data
        return Message(
            subject=cleaned["subject"], text=cleaned["text"], with_link=cleaned.get("with_link", False)
        )

    def _printable(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        try:
            self.placeholders.fill(text)
        except PlaceholderError as error:
            raise ValidationError(error.sentences, code="placeholder") from error
        return text


def _label(addressee: Addressee) -> str:
    name = f"{addressee.name} <{addressee.email}>" if addressee.name else addressee.email
    return f"{name}, {addressee.role}" if addressee.role else name
