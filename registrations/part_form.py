"""What the parts of a form share: what is wrong with them, and what was filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from registrations.choices import PickField


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
