"""The municipalities, which the law gives, and the policy areas that their offices answer for."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from invitations.admin.office_filters import MunicipalityAreaFilter
from invitations.admin.ordering import Rows
from invitations.admin.pages import DanishAdmin
from invitations.models import Area, AreaMembership, Municipality, PolicyArea, PolicyAreaAlias
from invitations.models.addressees import valid_on


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
