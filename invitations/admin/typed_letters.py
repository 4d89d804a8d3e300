"""A letter as its form has it while somebody types: read as far as it can be, and stored nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import prefetch_related_objects
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils import timezone

from invitations.admin.forms import AdminForm
from invitations.admin.ordering import OrderedFormSet, _wanted_place
from invitations.letter_content import LetterContent
from invitations.models import Announcement, Enclosure, Letter, Meeting, Section, Signatory

Rows = OrderedFormSet[Any, Letter]


@dataclass(frozen=True, kw_only=True)
class WrittenLetter:
    """A letter on its form.

    Attributes:
        sections: the prefix of the form of each section of `content`, so that what is wrong is said there.
        unreadable: the sentences for fields that hold no text and cannot be read, by name.
    """

    content: LetterContent
    sections: list[str]
    unreadable: dict[str, list[str]]

    @property
    def has_date(self) -> bool:
        return "date" not in self.unreadable


def stored_letter(letter: Letter, formsets: Iterable[Rows]) -> WrittenLetter:
    """The letter as it is stored, on a form in which nothing has been typed yet."""
    return WrittenLetter(
        content=LetterContent.stored(letter),
        sections=[
            form.prefix or ""
            for formset in formsets
            if formset.model is Section
            for form in formset.initial_forms
        ],
        unreadable={},
    )


def typed_letter(form: AdminForm[Letter], formsets: Iterable[Rows]) -> WrittenLetter | None:
    """The letter as it is typed; None while no meeting has been chosen. The database is only read."""
    letter = form.instance
    unreadable = take(form)
    if "meeting" in form.fields:
        meeting = Meeting.objects.filter(pk=read(form, "meeting") or 0).first()
        if meeting is None:
            return None
        letter.meeting = meeting
    if "date" in unreadable:
        # Some date it must have; it is not printed.
        letter.date = timezone.localdate()
    rows = {formset.model: typed_rows(formset) for formset in formsets}
    sections: list[AdminForm[Section]] = rows.get(Section, [])
    return WrittenLetter(
        content=LetterContent(
            letter=letter,
            sections=[row.instance for row in sections],
            signatories=[row.instance for row in rows.get(Signatory, [])],
            enclosures=[row.instance for row in rows.get(Enclosure, [])],
            announced=_announced(rows.get(Announcement, [])),
        ),
        sections=[row.prefix or "" for row in sections],
        unreadable=unreadable,
    )


def take(form: forms.ModelForm[Any]) -> dict[str, list[str]]:
    """Put what is typed into the form's object: text as it stands, right or wrong, and all else that can be
    read.

    Returns:
        The sentences for what cannot be read, by the field's name.
    """
    unreadable: dict[str, list[str]] = {}
    for name, field in form.fields.items():
        try:
            column = form.instance._meta.get_field(name)
        except FieldDoesNotExist:
            # A file is not read before it is sent to be kept.
            continue
        if not isinstance(column, models.Field) or column.is_relation or column.primary_key:
            continue
        typed = form[name].data
        try:
            setattr(form.instance, name, field.clean(typed))
        except ValidationError as error:
            if isinstance(column, models.CharField | models.TextField) and not column.choices:
                setattr(form.instance, name, typed or "")
                continue
            unreadable[name] = list(error.messages)
            if column.null:
                setattr(form.instance, name, None)
    return unreadable


def typed_rows(formset: Rows) -> list[Any]:
    """The forms of the rows that would be there after saving, in the order in which they would stand."""
    rows = []
    for form in formset.forms:
        if DELETION_FIELD_NAME in form.fields and form[DELETION_FIELD_NAME].data:
            continue
        take(form)
        if not hasattr(form, "cleaned_data"):
            # In order as after saving, though nobody has asked whether they could be saved.
            form.cleaned_data = {"position": read(form, "position")}
        if _says_something(form):
            rows.append(form)
    return sorted(rows, key=_wanted_place)


def read(form: forms.ModelForm[Any], name: str) -> int | None:
    """The number that is typed or chosen in a field; None where it is none, or one that no database has."""
    typed = form[name].data
    is_number = isinstance(typed, str) and typed.isascii() and typed.isdigit() and len(typed) < 19
    return int(typed) if is_number else None


def _says_something(form: AdminForm[Any]) -> bool:
    words = ("heading", "text", "block", "name", "title", "meeting")
    return any(form[name].data for name in words if name in form.fields)


def _announced(rows: Iterable[AdminForm[Announcement]]) -> list[Meeting]:
    """The meetings that are chosen, each once, with what the block prints of them."""
    chosen = [read(row, "meeting") for row in rows]
    found = Meeting.objects.in_bulk([pk for pk in chosen if pk])
    meetings = [found[pk] for pk in dict.fromkeys(chosen) if pk in found]
    prefetch_related_objects(meetings, "sessions", "area_links__area")
    return meetings
