"""The municipalities, which the law gives, and the policy areas that their offices answer for."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from invitations.admin.ordering import Rows
from invitations.admin.pages import DanishAdmin
from invitations.models import (
    Municipality,
    PolicyArea,
    PolicyAreaAlias,
)


@admin.register(Municipality)
class MunicipalityAdmin(DanishAdmin[Municipality]):
    actions = None
    list_display = ["name", "official_name", "code", "offices"]
    list_per_page = 100
    folded_fields = ["name", "official_name", "code"]
    ordering = ["sort_key"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Municipality]:
        return super().get_queryset(request).annotate(office_count=models.Count("offices"))

    @admin.display(description=_("offices"), ordering="office_count")
    def offices(self, municipality: Municipality) -> int:
        return municipality.office_count  # type: ignore[attr-defined, no-any-return]


class AliasRows(admin.TabularInline[PolicyAreaAlias, PolicyArea], Rows[PolicyAreaAlias, PolicyArea]):
    model = PolicyAreaAlias
    fields = ["name"]


@admin.register(PolicyArea)
class PolicyAreaAdmin(DanishAdmin[PolicyArea]):
    actions = None
    list_display = ["name", "alias_names"]
    folded_fields = ["name", "aliases__name"]
    inlines = [AliasRows]
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[PolicyArea]:
        return super().get_queryset(request).prefetch_related("aliases")

    @admin.display(description=_("also called"))
    def alias_names(self, policy_area: PolicyArea) -> str:
        return ", ".join(alias.name for alias in policy_area.aliases.all())
