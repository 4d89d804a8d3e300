"""The programme on the page of a meeting: items in the order they print, each with its text and themes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.widgets import AdminIntegerFieldWidget, AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.forms.models import inlineformset_factory
from django.forms.widgets import Script
from django.http import HttpRequest

from invitations.admin.forms import AdminForm, LinesField
from invitations.admin.ordering import OrderedFormSet, OrderedRows, is_removed, refuse_to_remove_chosen
from invitations.models import Meeting, ProgrammeItem, Theme

TEXT = {"class": "vLargeTextField", "rows": 3}


class ThemeForm(AdminForm[Theme]):
    constraint_fields = {"theme_capacity_is_positive": "capacity"}

    @property
    def is_unfolded(self) -> bool:
        """Whether the description is shown: there is one, or something is wrong with it."""
        return bool(self["details"].value() or self["details"].errors)


class ThemesOfItem(OrderedFormSet[Theme, ProgrammeItem]):
    """The themes of one item; they are read along with all others of the meeting."""

    most_rows = 20

    def get_queryset(self) -> Any:
        return list(self.instance.themes.all()) if self.instance.pk else []

    def clean(self) -> None:
        super().clean()
        refuse_to_remove_chosen(self)


# One row more than there are, for those who work without JavaScript.
_Themes: Any = inlineformset_factory(
    ProgrammeItem,
    Theme,
    form=ThemeForm,
    formset=ThemesOfItem,
    fields=["position", "title", "speakers", "room", "capacity", "details"],
    widgets={
        "title": AdminTextInputWidget,
        "speakers": AdminTextInputWidget,
        "room": AdminTextInputWidget,
        "capacity": AdminIntegerFieldWidget,
        "details": AdminTextareaWidget(attrs=TEXT),
    },
    field_classes={"details": LinesField},
    # Said once above the themes.
    help_texts={"capacity": ""},
    extra=1,
)


class ProgrammeItemForm(AdminForm[ProgrammeItem]):
    """An item together with its `themes`, which `ProgrammeFormSet` hangs on it."""

    constraint_fields = {"programme_item_ends_after_it_starts": "until"}
    themes: ThemesOfItem

    def is_valid(self) -> bool:
        # Both, so that everything that is wrong is said at once.
        return all([super().is_valid(), not self.themes.is_bound or self.themes.is_valid()])

    def has_changed(self) -> bool:
        return super().has_changed() or (self.themes.is_bound and self.themes.has_changed())

    @property
    def is_unfolded(self) -> bool:
        """Whether text and themes are shown: there are some, or something is wrong with them."""
        return (
            any(self[name].value() or self[name].errors for name in ("details", "notes"))
            or bool(self.themes.initial_forms)
            or (self.themes.is_bound and self.themes.has_changed())
        )


class ProgrammeFormSet(OrderedFormSet[ProgrammeItem, Meeting]):
    """The items of a meeting with their themes, cleaned and saved together.

    Where the themes of an item were not on the page, they stay as they are.
    """

    _errors: list[Any]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        prefix = f"{form.prefix}-themes"
        data: Mapping[str, Any] = self.data
        typed = data if self.is_bound and f"{prefix}-TOTAL_FORMS" in data else None
        form.themes = _Themes(typed, instance=form.instance, prefix=prefix)
        form.themes.can_delete = self.can_delete

    def full_clean(self) -> None:
        super().full_clean()
        for form in self.items():
            if form.themes.is_bound and not is_removed(form):
                self._errors += filter(None, form.themes.errors)
                if above := form.themes.non_form_errors():
                    self._errors.append({NON_FIELD_ERRORS: above})

    def save(self, commit: bool = True) -> list[ProgrammeItem]:
        items = super().save(commit)
        # An item of which only themes were changed is saved with them, and is not in itself a change.
        self.changed_objects = [(item, fields) for item, fields in self.changed_objects if fields]
        for themes in self.parts():
            themes.save(commit)
        return items

    def parts(self) -> list[ThemesOfItem]:
        """The themes that are saved along with their items."""
        return [
            form.themes
            for form in self.items()
            if form.themes.is_bound and form.has_changed() and form not in self.deleted_forms
        ]

    def items(self) -> list[ProgrammeItemForm]:
        return cast("list[ProgrammeItemForm]", self.forms)


class ProgrammeRows(admin.StackedInline[ProgrammeItem, Meeting], OrderedRows[ProgrammeItem, Meeting]):
    model = ProgrammeItem
    form = ProgrammeItemForm
    formset = ProgrammeFormSet
    template = "admin/invitations/meeting/programme.html"
    fields = ["position", "time", "until", "title", "speakers", "room", "details", "notes"]
    # For those who work without JavaScript; with it, a button adds as many as there shall be.
    extra = 1

    class Media:
        css = {"all": ["admin_kl/programme.css"]}
        js = [Script("admin_kl/programme.js", type="module")]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[ProgrammeItem]:
        return super().get_queryset(request).prefetch_related("themes")

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in ("details", "notes"):
            field.widget.attrs.update(TEXT)
        return field
