"""Rows that stand in an order: numbered from 1 on the page, moved by typing another number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import NestedObjects
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db import models, router
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.forms.widgets import Script
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.forms import FIELD_OVERRIDES, AdminForm

M = TypeVar("M", bound=models.Model)
P = TypeVar("P", bound=models.Model)


# There are 98 municipalities, and no more of anything else.
MOST_ROWS = 150


class LabelledFormSet(BaseInlineFormSet[M, P, AdminForm[M]]):
    """Rows whose fields a screen reader can name: in a table only the column has a heading.

    How many there are is what the page says, so that `most_rows` keeps us from making thousands of forms.
    """

    most_rows = MOST_ROWS
    default_error_messages = {
        "missing_management_form": _("The rows could not be read. Open the page again."),
        "too_many_forms": _("There can be at most %(num)d rows."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.max_num = self.absolute_max = self.most_rows

    def add_fields(self, form: AdminForm[M], index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            field.label = capfirst(str(field.label or ""))
            field.widget.attrs.setdefault("aria-label", field.label)

    def clean(self) -> None:
        try:
            super().clean()
        except ValidationError as error:
            if getattr(error, "code", "") != "deleting_protected":
                raise
            # Django's sentence names everybody who has.
            raise _chosen_already((error.params or {})["instance"]) from error

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        return gettext("The same has been chosen twice.")

    def get_form_error(self) -> str:
        return gettext("This has been chosen already.")


def is_removed(form: forms.ModelForm[Any]) -> bool:
    """Whether the row is to be deleted, whatever else was typed in it."""
    return bool(getattr(form, "cleaned_data", {}).get(DELETION_FIELD_NAME))


def refuse_to_remove_chosen(rows: BaseInlineFormSet[Any, Any, Any]) -> None:
    """Raise ValidationError where a row is to be removed that somebody has chosen, for rows that are no
    inline of the admin, which asks that itself.
    """
    for form in rows.initial_forms:
        # One whose id was no id of ours is refused for that.
        if is_removed(form) and form.instance.pk:
            found = NestedObjects(using=router.db_for_write(type(form.instance)))
            found.collect([form.instance])
            if found.protected:
                raise _chosen_already(form.instance)


def _chosen_already(row: models.Model) -> ValidationError:
    return ValidationError(
        _("%(instance)s cannot be removed: somebody has chosen it or answered it already."),
        code="deleting_protected",
        params={"instance": row},
    )


class OrderedFormSet(LabelledFormSet[M, P]):
    """Rows of a model with a `position`.

    The number on the page is the place in the row, counted from 1. A number that is typed moves its row
    there, a new row without one goes to the end, and after saving the rows are numbered through.
    """

    def add_fields(self, form: AdminForm[M], index: int | None) -> None:
        form.fields["position"] = forms.IntegerField(
            label=_("No."),
            required=False,
            min_value=1,
            max_value=1000,
            widget=forms.NumberInput(attrs={"class": "order"}),
        )
        form.initial.pop("position", None)
        if index is not None and index < self.initial_form_count():
            form.initial["position"] = index + 1
        super().add_fields(form, index)

    def save(self, commit: bool = True) -> list[M]:
        staying = [form for form in self.initial_forms if form not in self.deleted_forms]
        coming = [form for form in self.extra_forms if form.has_changed() and form not in self.deleted_forms]
        ranks = {form: rank for rank, form in enumerate(sorted([*staying, *coming], key=_wanted_place))}
        stored = _stored_positions([form.instance for form in staying])
        for form, rank in ranks.items():
            form.instance.position = rank  # type: ignore[attr-defined]
        rows = super().save(commit)
        for form in staying:
            # Rows in which nothing else was typed are not saved by Django.
            if not form.has_changed() and stored[form.instance.pk] != ranks[form]:
                type(form.instance)._default_manager.filter(pk=form.instance.pk).update(position=ranks[form])
        return rows


def _stored_positions(rows: Sequence[models.Model]) -> dict[Any, int]:
    """Where the rows stand by now, by their ids; the instances have been changed by what was typed."""
    if not rows:
        return {}
    stored = type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows])
    return dict(stored.values_list("pk", "position"))


def _wanted_place(form: AdminForm[Any]) -> tuple[float, int]:
    """Sort key: a row new or moved up goes before the one whose number it took, one moved down after."""
    had, wanted = form.initial.get("position"), form.cleaned_data.get("position")
    if wanted is None:
        return float("inf"), 0
    if had is None or wanted < had:
        return wanted, -1
    return wanted, int(wanted > had)


class Rows(admin.options.InlineModelAdmin[M, P]):
    """What the rows on a page share: no empty ones, and choices that are read once and not for each row."""

    form: Any = AdminForm
    formset: Any = LabelledFormSet
    formfield_overrides = FIELD_OVERRIDES
    extra = 0
    # Fields that are of use only where one can type.
    for_typing: tuple[str, ...] = ()

    class Media:
        css = {"all": ["admin_kl/rows.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: P | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        parent = self.admin_site.get_model_admin(self.parent_model)
        if obj is None or parent.has_change_permission(request, obj):
            return fieldsets
        return [
            (name, {**options, "fields": list(_without(self.for_typing, options["fields"]))})
            for name, options in fieldsets
        ]

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, forms.ModelChoiceField):
            if isinstance(field.widget, RelatedFieldWidgetWrapper):
                field.widget = field.widget.widget
            field.choices = list(field.choices)  # type: ignore[arg-type]
        return field


class OrderedRows(Rows[M, P]):
    """Rows that are dragged, or moved by buttons and keys; without JavaScript by their numbers."""

    formset: Any = OrderedFormSet
    for_typing: tuple[str, ...] = ("position",)
    is_ordered = True

    class Media:
        css = {"all": ["admin_kl/ordering.css"]}
        js = [Script("admin_kl/ordering.js", type="module")]


def _without(names: tuple[str, ...], fields: Iterable[Any]) -> Iterator[Any]:
    """The fields of a fieldset without `names`; a line of fields stays one."""
    for field in fields:
        if isinstance(field, tuple):
            yield tuple(_without(names, field))
        elif field not in names:
            yield field
