"""Regions, the whole country and the groups that staff put together, and when a municipality is in one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from invitations.admin.forms import AdminForm
from invitations.admin.ordering import LabelledFormSet, Rows
from invitations.admin.pages import DanishAdmin
from invitations.models import (
    Area,
    AreaMembership,
    Municipality,
)


class MembershipForm(AdminForm[AreaMembership]):
    constraint_fields = {
        "membership_open_end_once": "municipality",
        "membership_ends_after_it_starts": "valid_to",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "municipality" in self.fields:
            # Its dates may change, its municipality not; and 98 rows of 98 choices are a slow page.
            municipality = self.instance.municipality
            field = self.fields["municipality"]
            field.disabled = True
            field.choices = [(municipality.pk, str(municipality))]  # type: ignore[attr-defined]


class MembershipFormSet(LabelledFormSet[AreaMembership, Area]):
    def clean(self) -> None:
        super().clean()
        rows = [form for form in self.forms if form.is_valid() and form.cleaned_data]
        staying = [form for form in rows if form not in self.deleted_forms]
        for number, form in enumerate(staying):
            if any(overlap(form.instance, earlier.instance) for earlier in staying[:number]):
                form.add_error("municipality", _("The municipality is in the area already at that time."))


def overlap(one: AreaMembership, other: AreaMembership) -> bool:
    """Whether two memberships put the same municipality into the area on the same day."""
    return (
        one.municipality_id == other.municipality_id
        and (one.valid_from or date.min) <= (other.valid_to or date.max)
        and (other.valid_from or date.min) <= (one.valid_to or date.max)
    )


class MembershipRows(admin.TabularInline[AreaMembership, Area], Rows[AreaMembership, Area]):
    model = AreaMembership
    form = MembershipForm
    formset = MembershipFormSet
    fields = ["municipality", "valid_from", "valid_to"]
    verbose_name_plural = _("municipalities")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[AreaMembership]:
        rows = super().get_queryset(request).select_related("area", "municipality")
        return rows.order_by("municipality__sort_key", "valid_from")

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        return super().formfield_for_foreignkey(
            db_field, request, **{"queryset": Municipality.objects.in_danish_order(), **kwargs}
        )


@admin.register(Area)
class AreaAdmin(DanishAdmin[Area]):
    actions = None
    # The order of the choices of an area as well.
    ordering = ["kind", "name"]
    list_display = ["name", "kind", "members"]
    list_filter = ["kind"]
    folded_fields = ["name", "municipalities__name"]
    inlines = [MembershipRows]
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "kind"],
                "description": _(
                    "Recipient groups are yours to put together. The regions are given by law: change one "
                    "only when the law does, and then with dates, so that each meeting keeps its "
                    "municipalities."
                ),
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Area]:
        today = timezone.localdate()
        member_today = (Q(memberships__valid_from=None) | Q(memberships__valid_from__lte=today)) & (
            Q(memberships__valid_to=None) | Q(memberships__valid_to__gte=today)
        )
        areas = super().get_queryset(request)
        return areas.annotate(
            member_count=models.Count("memberships__municipality", filter=member_today, distinct=True)
        )

    @admin.display(description=_("municipalities today"), ordering="member_count")
    def members(self, area: Area) -> int:
        return area.member_count  # type: ignore[attr-defined, no-any-return]
