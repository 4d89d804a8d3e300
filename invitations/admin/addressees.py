"""Who can be invited: municipalities, the areas that they belong to, and their offices."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.admin.forms import AdminForm
from invitations.admin.ordering import LabelledFormSet, Rows
from invitations.admin.pages import DanishAdmin
from invitations.models import (
    Area,
    AreaMembership,
    Municipality,
    Office,
    PolicyArea,
    PolicyAreaAlias,
)
from invitations.models.addressees import valid_on


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
    list_display = ["name", "kind", "members"]
    list_filter = ["kind"]
    folded_fields = ["name", "municipalities__name"]
    # The order of the choices of an area as well.
    ordering = ["kind", "name"]
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


class OfficeAreaFilter(admin.SimpleListFilter):
    """Offices in the municipalities that belong to an area today."""

    title = _("area")
    parameter_name = "area"
    # What of a row is the municipality.
    municipality = "municipality"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (str(pk), name) for pk, name in Area.objects.order_by("kind", "name").values_list("pk", "name")
        ]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        if not (self.value() or "").isdecimal():
            return queryset
        areas = Area.objects.filter(pk=int(self.value() or 0))
        members = Municipality.objects.in_areas(areas, on=timezone.localdate()).order_by()
        return queryset.filter(**{f"{self.municipality}__in": members})


class MunicipalityAreaFilter(OfficeAreaFilter):
    """Municipalities that belong to an area today."""

    municipality = "pk"


@admin.register(Municipality)
class MunicipalityAdmin(DanishAdmin[Municipality]):
    actions = None
    list_display = ["name", "official_name", "code", "region", "offices"]
    list_filter = [MunicipalityAreaFilter]
    list_per_page = 100
    folded_fields = ["name", "official_name", "code"]
    ordering = ["sort_key"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Municipality]:
        regions = AreaMembership.objects.filter(valid_on(timezone.localdate()), area__kind=Area.Kind.REGION)
        return (
            super()
            .get_queryset(request)
            .annotate(office_count=models.Count("offices"))
            .prefetch_related(models.Prefetch("memberships", regions.select_related("area"), "regions_today"))
        )

    @admin.display(description=_("region today"))
    def region(self, municipality: Municipality) -> str:
        regions = municipality.regions_today  # type: ignore[attr-defined]
        return ", ".join(membership.area.name for membership in regions) or "–"

    @admin.display(description=_("offices"), ordering="office_count")
    def offices(self, municipality: Municipality) -> int:
        return municipality.office_count  # type: ignore[attr-defined, no-any-return]


class AliasRows(admin.TabularInline[PolicyAreaAlias, PolicyArea], Rows[PolicyAreaAlias, PolicyArea]):
    model = PolicyAreaAlias
    fields = ["name"]


@admin.register(PolicyArea)
class PolicyAreaAdmin(DanishAdmin[PolicyArea]):
    actions = None
    list_display = ["name", "alias_names", "offices", "meetings"]
    folded_fields = ["name", "aliases__name"]
    inlines = [AliasRows]
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[PolicyArea]:
        counts = {
            "office_count": models.Count("offices", distinct=True),
            "meeting_count": models.Count("meeting", distinct=True),
        }
        return super().get_queryset(request).annotate(**counts).prefetch_related("aliases")

    @admin.display(description=_("offices"), ordering="office_count")
    def offices(self, policy_area: PolicyArea) -> int:
        return policy_area.office_count  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=_("meetings"), ordering="meeting_count")
    def meetings(self, policy_area: PolicyArea) -> int:
        return policy_area.meeting_count  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=_("also called"))
    def alias_names(self, policy_area: PolicyArea) -> str:
        return ", ".join(alias.name for alias in policy_area.aliases.all())


class OfficeForm(AdminForm[Office]):
    constraint_fields = {
        "office_ends_after_it_starts": "valid_to",
        "office_has_a_known_role": "role",
        "office_policy_area_fits_its_role": "policy_area",
    }


class ValidityFilter(admin.SimpleListFilter):
    title = _("validity")
    parameter_name = "valid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("now", gettext("Valid today")),
            ("past", gettext("Expired")),
            ("later", gettext("Not yet valid")),
        ]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Office]) -> models.QuerySet[Office]:
        today = timezone.localdate()
        if self.value() == "now":
            return queryset.filter(pk__in=Office.objects.valid_on(today))
        if self.value() == "past":
            return queryset.filter(valid_to__lt=today)
        if self.value() == "later":
            return queryset.filter(valid_from__gt=today)
        return queryset


class MailboxFilter(admin.SimpleListFilter):
    title = _("mailbox")
    parameter_name = "mailbox"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", gettext("Without mailbox")), ("yes", gettext("With mailbox"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Office]) -> models.QuerySet[Office]:
        if self.value() == "no":
            return queryset.filter(mailbox="")
        if self.value() == "yes":
            return queryset.exclude(mailbox="")
        return queryset


@admin.register(Office)
class OfficeAdmin(DanishAdmin[Office]):
    form = OfficeForm
    list_display = ["office", "municipality_name", "policy_area", "mailbox", "valid_to"]
    list_filter = ["role", OfficeAreaFilter, ValidityFilter, MailboxFilter, "policy_area"]
    list_select_related = ["municipality", "policy_area"]
    folded_fields = ["municipality__name", "name", "mailbox", "copy_mailbox", "holder_name"]
    ordering = ["municipality__sort_key", "role", "pk"]
    fieldsets = [
        (None, {"fields": [("municipality", "role"), "policy_area", "name", "holder_name"]}),
        (_("Where letters go"), {"fields": [("mailbox", "copy_mailbox")]}),
        (
            _("Validity"),
            {
                "fields": [("valid_from", "valid_to"), "verified_on"],
                "description": _("A council term runs from 1 January 2026 to 31 December 2029."),
            },
        ),
    ]

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "municipality":
            kwargs.setdefault("queryset", Municipality.objects.in_danish_order())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("office"), ordering="role")
    def office(self, office: Office) -> str:
        return office.display_name

    @admin.display(description=_("municipality"), ordering="municipality__sort_key")
    def municipality_name(self, office: Office) -> str:
        return office.municipality.name
