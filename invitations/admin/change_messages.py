"""What an entry of the history says: which fields had which value before, and have which one now.

Django's own entries name the fields only. Ours are in the same format with the values beside the names, so
that Django's pages still understand them.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.admin.utils import construct_change_message as djangos_change_message
from django.db import models
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.translation import gettext as _

from invitations.admin.uploads import Upload
from invitations.danish import capitalise

# Enough to recognise a text by; the letter as sent keeps its own words.
LONGEST_VALUE = 300


@dataclass(frozen=True)
class Change:
    """A field's value before and after; empty where there was or is none."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class HistoryLine:
    """One thing that was done, with the fields that it changed."""

    text: str
    changes: Sequence[Change] = ()


class TellsValues:
    """An admin whose history says what a saved form changed, with the values before and after."""

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[dict[str, Any]]:
        return construct_change_message(form, formsets, add)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return super().log_addition(request, obj, _stored(message))  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return super().log_change(request, obj, _stored(message))  # type: ignore[misc]


def _stored(message: Any) -> Any:
    """JSON with letters as they are: Django writes “\\u00e6” for “æ”, which no search finds."""
    return json.dumps(message, ensure_ascii=False) if isinstance(message, list) else message


def construct_change_message(form: Any, formsets: Iterable[Any] | None, add: bool) -> list[dict[str, Any]]:
    """Django's message for a saved form and its rows, with the values of the fields that changed.

    Rows that were put into another order are one entry, and not one for each that got another number.
    """
    formsets = list(formsets or ())
    message: list[dict[str, Any]] = djangos_change_message(form, formsets, add)
    changed = [entry for entry in message if "changed" in entry]
    if form.changed_data and not add:
        changed.pop(0)["changed"]["values"] = _values(form, form.changed_data)
    for formset in formsets:
        rows = {row.instance.pk: row for row in formset.forms}
        for instance, names in getattr(formset, "changed_objects", ()):
            entry = changed.pop(0)
            typed = [name for name in names if name != "position"]
            if not typed:
                message.remove(entry)
            elif instance.pk in rows:
                fields = rows[instance.pk].fields
                entry["changed"]["fields"] = [str(fields[name].label or name) for name in typed]
                entry["changed"]["values"] = _values(rows[instance.pk], typed)
        if _is_reordered(formset):
            label = _("order: %(rows)s") % {"rows": formset.model._meta.verbose_name_plural}
            message.append({"changed": {"fields": [capitalise(label)]}})
    return message


def _is_reordered(formset: Any) -> bool:
    """Whether rows that were there before stand in another order now; others may have come or gone."""
    places = [
        form.instance.position
        for form in formset.initial_forms
        if "position" in form.fields and form not in formset.deleted_forms
    ]
    return places != sorted(places)


def lines_of(entry: LogEntry) -> list[HistoryLine]:
    """What `entry` tells, a line for each thing that was done."""
    try:
        parts = json.loads(entry.change_message) if entry.change_message.startswith("[") else None
    except ValueError:
        parts = None
    if not isinstance(parts, list):
        return [HistoryLine(entry.change_message or _action(entry))]
    return [_line(part) for part in parts if isinstance(part, dict)] or [HistoryLine(_action(entry))]


def _action(entry: LogEntry) -> str:
    if entry.action_flag == ADDITION:
        return _("Added.")
    return _("Deleted.") if entry.action_flag == DELETION else _("Saved without changes.")


def _line(part: dict[str, Any]) -> HistoryLine:
    ((verb, what),) = part.items()
    words = {"name": _(what["name"]), "object": what["object"]} if "name" in what else None
    if verb == "added":
        return HistoryLine(_("Added %(name)s “%(object)s”.") % words if words else _("Added."))
    if verb == "deleted":
        return HistoryLine(_("Removed %(name)s “%(object)s”.") % words if words else _("Deleted."))
    text = _("Changed %(name)s “%(object)s”:") % words if words else _("Changed:")
    values = what.get("values") or [[name, None, None] for name in what.get("fields", ())]
    return HistoryLine(text, [Change(_(label), old or "", new or "") for label, old, new in values])


def _values(form: Any, names: Iterable[str]) -> list[list[str]]:
    values = []
    for name in names:
        field = form.fields.get(name)
        if field is None:
            continue
        old = form.get_initial_for_field(field, name)
        new = form.cleaned_data.get(name)
        values.append([str(field.label or name), displayed(field, old), displayed(field, new)])
    return values


def displayed(field: forms.Field, value: Any) -> str:
    """A value as the page shows it, on one line and not too long."""
    if isinstance(value, models.Manager):
        value = list(value.all())
    if isinstance(value, models.QuerySet | list | tuple | set):
        return ", ".join(displayed(field, part) for part in value)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Upload):
        return value.filename
    if isinstance(value, models.Model):
        value = str(value)
    elif isinstance(field, forms.ModelChoiceField):
        value = field.queryset.filter(pk=value).first() if field.queryset is not None else value
    elif isinstance(field, forms.ChoiceField):
        value = dict(field.choices).get(value, value)  # type: ignore[arg-type]
    if isinstance(value, datetime.date | datetime.time):
        value = localize(value)
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
