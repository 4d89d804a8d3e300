"""Filters of the list of offices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from invitations.models import Area, Municipality, Office
from invitations.models.addressees import valid_on
from invitations.reachability import oldest_verification


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


class ConditionFilter(admin.SimpleListFilter):
    """A filter whose choices are conditions, each of the day on which the list is looked at."""

    conditions: ClassVar[dict[str, tuple[str | Promise, Callable[[date], Q]]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, label) for value, (label, _condition) in self.conditions.items()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Office]) -> models.QuerySet[Office]:
        chosen = self.conditions.get(self.value() or "")
        return queryset.filter(chosen[1](timezone.localdate())) if chosen else queryset


class ValidityFilter(ConditionFilter):
    title = _("validity")
    parameter_name = "valid"
    conditions = {
        "now": (_("Valid today"), valid_on),
        "past": (_("Expired"), lambda today: Q(valid_to__lt=today)),
        "later": (_("Not yet valid"), lambda today: Q(valid_from__gt=today)),
    }


class MailboxFilter(ConditionFilter):
    title = _("mailbox")
    parameter_name = "mailbox"
    conditions = {
        "no": (_("Without mailbox"), lambda today: Q(mailbox="")),
        "yes": (_("With mailbox"), lambda today: ~Q(mailbox="")),
        "returned": (_("Mail came back"), lambda today: Q(returned_on__isnull=False)),
    }


class VerificationFilter(ConditionFilter):
    title = _("verification")
    parameter_name = "verified"
    conditions = {
        "yes": (
            _("Within 12 months"),
            lambda today: Q(verified_on__gte=oldest_verification(today)),
        ),
        "no": (
            _("Not for 12 months"),
            lambda today: Q(verified_on=None) | Q(verified_on__lt=oldest_verification(today)),
        ),
    }


class HolderFilter(ConditionFilter):
    title = _("holder")
    parameter_name = "holder"
    conditions = {
        "known": (
            _("Known"),
            lambda today: ~Q(holder_name="") & (Q(holder_until=None) | Q(holder_until__gte=today)),
        ),
        "left": (_("Has left"), lambda today: ~Q(holder_name="") & Q(holder_until__lt=today)),
        "unknown": (_("Unknown"), lambda today: Q(holder_name="")),
    }
