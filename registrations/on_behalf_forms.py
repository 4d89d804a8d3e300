"""The forms of the municipalities as the secretariat fills them in: other labels, and what only staff may."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from registrations.change_form import ChangeForm
from registrations.decline_form import DeclineForm
from registrations.fields import ParagraphsField
from registrations.forms import ContactForm
from registrations.models.registrations import FREE_TEXT_LENGTH
from registrations.part_form import PartForm, SummaryLine
from registrations.refusals import Problem
from registrations.registration_form import RegistrationForm

CONTACT_NAME = _("The contact person's name")
CONTACT_EMAIL = _("The contact person's e-mail address")
SEEN_BY_STAFF = _("Note of the secretariat")


def as_of_somebody_else(form: forms.Form) -> None:
    """Let the contact's fields speak of the contact, who is not the one that types."""
    for name, label in (("contact_name", CONTACT_NAME), ("contact_email", CONTACT_EMAIL)):
        form.fields[name].label = label
    for name in ("contact_name", "contact_email", "contact_phone"):
        if name in form.fields:
            # Nor are what the browser knows of them.
            form.fields[name].widget.attrs.pop("autocomplete", None)


class ContactOfMunicipalityForm(ContactForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        as_of_somebody_else(self)
        self.fields["committee"].help_text = _("As the municipality calls it")
        for name, required in (
            ("contact_name", _("Enter the contact person's name")),
            ("contact_email", _("Enter the contact person's e-mail address")),
        ):
            self.fields[name].error_messages["required"] = required


class StaffForm(PartForm):
    """What the secretariat notes for itself."""

    staff_note = ParagraphsField(
        label=SEEN_BY_STAFF,
        max_length=FREE_TEXT_LENGTH,
        required=False,
    )


class OverruleForm(PartForm):
    """Whether the secretariat goes beyond the number of places."""

    overrule = forms.BooleanField(
        label=_("Register all the same, beyond the number of places"), required=False
    )


class MayOverrule(RegistrationForm):
    """The form of a municipality in the hands of the secretariat, which may go beyond the number of places.

    `may_overrule` says whether the box for that is shown: once there are too few.
    """

    contact_form = ContactOfMunicipalityForm

    def __init__(
        self, *args: Any, data: QueryDict | None = None, checked: bool = False, **kwargs: Any
    ) -> None:
        self.overruling = OverruleForm(data if checked else None)
        super().__init__(*args, data=data, checked=checked, **kwargs)
        self.may_overrule = data is not None and "overrule" in data

    @property
    def parts(self) -> list[PartForm]:
        return [*super().parts, self.overruling]

    @property
    def overrules(self) -> bool:
        return bool(self.overruling.cleaned_data["overrule"])

    @property
    def waits(self) -> bool:
        # Who goes beyond the places need not wait for one.
        return super().waits and not self.overrules

    def add_problems(self, problems: Iterable[Problem]) -> None:
        problems = list(problems)
        self.may_overrule = self.may_overrule or any(problem.can_be_overruled for problem in problems)
        super().add_problems(problems)

    def summary(self) -> list[SummaryLine]:
        return [*super().summary(), *(self.overruling.summary() if self.checked else [])]


class OnBehalfForm(MayOverrule):
    """A delegation as the secretariat enters it."""

    def __init__(
        self, *args: Any, data: QueryDict | None = None, checked: bool = False, **kwargs: Any
    ) -> None:
        self.staff = StaffForm(data if checked else None)
        super().__init__(*args, data=data, checked=checked, **kwargs)

    @property
    def parts(self) -> list[PartForm]:
        return [*super().parts, self.staff]

    def summary(self) -> list[SummaryLine]:
        return [*super().summary(), *(self.staff.summary() if self.checked else [])]


class ChangeOnBehalfForm(MayOverrule, ChangeForm):
    """A registration as the secretariat changes it."""


class DeclineOnBehalfForm(DeclineForm):
    """All of it may be left out."""

    staff_note = ParagraphsField(
        label=SEEN_BY_STAFF,
        max_length=FREE_TEXT_LENGTH,
        required=False,
        help_text=_("For example who called, and when. Seen by the secretariat only."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        as_of_somebody_else(self)
        self.fields["note"].label = _("What the municipality says")
