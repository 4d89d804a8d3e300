"""What every form of the admin shares: a sentence for what is wrong, at the field that it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget, AdminURLFieldWidget
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.models import Role

M = TypeVar("M", bound=models.Model)

# Django's clock offers "now" and "noon", which is of no use for the time of a meeting.
TIME_WIDGET = forms.TimeInput(attrs={"class": "time", "size": 6})


class LinesField(forms.CharField):
    """A text of several lines, with line breaks as the database has them.

    A browser sends CR LF for each (HTML, “Constructing the entry list”), whatever it was given, and a text
    that nobody has touched must not count as changed.
    """

    widget = AdminTextareaWidget

    def to_python(self, value: Any) -> str:
        return re.sub("\r\n?", "\n", super().to_python(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


FIELD_OVERRIDES: Mapping[type[models.Field[Any, Any]], Mapping[str, Any]] = {
    models.TextField: {"form_class": LinesField},
    models.TimeField: {"widget": TIME_WIDGET},
    models.URLField: {"widget": AdminURLFieldWidget, "assume_scheme": "https"},
}


def error_messages(field: forms.Field) -> dict[str, str]:
    """The sentences for `field`: what to do, in the words of its label."""
    label = str(field.label or "")
    name = label[:1].lower() + label[1:]
    if isinstance(field, forms.ChoiceField):
        choose = gettext("Choose %(field)s") % {"field": name}
        return {"required": choose, "invalid_choice": choose}
    sentences = {"required": gettext("Enter %(field)s") % {"field": name}}
    for kind, invalid in (
        (forms.DateField, gettext("Write the date as 28.3.2027")),
        (forms.TimeField, gettext("Write the time as 17.00")),
        (forms.EmailField, gettext("Enter an e-mail address such as name@kommune.dk")),
        (forms.IntegerField, gettext("Write a whole number")),
        (forms.URLField, gettext("Enter a web address such as https://www.kl.dk")),
    ):
        if isinstance(field, kind):
            sentences["invalid"] = invalid
    return sentences


class AdminForm(forms.ModelForm[M]):
    """A form of the admin.

    `constraint_fields` names for a constraint of the database the field at which its sentence is shown.
    """

    constraint_fields: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = capfirst(str(field.label or ""))
            field.error_messages.update(error_messages(field))

    def add_error(self, field: str | None, error: Any) -> None:
        if field is None and isinstance(error, ValidationError):
            for at, part in self._at_their_fields(error):
                super().add_error(at, part)
        else:
            super().add_error(field, error)

    def _at_their_fields(self, error: ValidationError) -> list[tuple[str | None, ValidationError]]:
        by_field: dict[str, list[ValidationError]] = (
            error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        )
        fields = {
            str(constraint.violation_error_message): self.constraint_fields[constraint.name]
            for constraint in self.instance._meta.constraints
            if constraint.name in self.constraint_fields
        }
        placed: list[tuple[str | None, ValidationError]] = []
        for name, errors in by_field.items():
            for part in errors:
                at = fields.get(part.messages[0]) if name == NON_FIELD_ERRORS else name
                placed.append((at if at in self.fields else None, part))
        return placed


class RolesField(forms.MultipleChoiceField):
    """Offices as checkboxes, in the order of `Role`."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=capitalised_roles, **kwargs)


def capitalised_roles() -> list[tuple[str, Promise]]:
    return [
        (value, format_lazy("{}{}", str(label)[:1].upper(), str(label)[1:])) for value, label in Role.choices
    ]


class DaysField(forms.CharField):
    """Whole numbers with commas between: `14, 3`."""

    widget = AdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        words = (super().to_python(value) or "").replace(",", " ").split()
        if not all(word.isascii() and word.isdigit() and len(word) < 4 for word in words):
            raise ValidationError(
                _("Write whole numbers of days between 1 and 90, for example 14, 3."), code="reminder_days"
            )
        return sorted({int(word) for word in words}, reverse=True)
