"""The form with which a municipality says that it does not come."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from registrations.fields import EmailAddressField, NameField, ParagraphsField
from registrations.forms import NAME_TOO_LONG
from registrations.models.registrations import FREE_TEXT_LENGTH, NAME_LENGTH
from registrations.part_form import PartForm


class DeclineForm(PartForm):
    """All of it may be left out: the link says which municipality it is."""

    contact_name = NameField(
        label=_("Your name"),
        max_length=NAME_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"max_length": NAME_TOO_LONG},
    )
    contact_email = EmailAddressField(
        label=_("Your e-mail address"),
        help_text=_("We send the receipt to this address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    note = ParagraphsField(label=_("Message to us"), max_length=FREE_TEXT_LENGTH, required=False)
