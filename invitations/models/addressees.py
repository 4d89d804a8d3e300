"""Who can be invited: municipalities, the areas they belong to, and what their offices answer for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from invitations.alphabet import search_key, sort_key


class Role(models.TextChoices):
    """The offices a letter can be written to, as the meeting file calls them."""

    MAYOR = "mayor", _("mayor")
    COUNCIL_MEMBERS = "council_members", _("council members")
    COMMITTEE = "committee", _("committee")
    COMMITTEE_CHAIR = "committee_chair", _("committee chair")
    MUNICIPAL_DIRECTOR = "municipal_director", _("municipal director")
    DEPARTMENT_DIRECTOR = "department_director", _("department director")
    HEAD_OF_DEPARTMENT = "head_of_department", _("head of department")
    MAIN_MAILBOX = "main_mailbox", _("main mailbox")


# One of several in a municipality: which one depends on what it is responsible for.
ROLES_WITH_POLICY_AREA = frozenset(
    {Role.COMMITTEE, Role.COMMITTEE_CHAIR, Role.DEPARTMENT_DIRECTOR, Role.HEAD_OF_DEPARTMENT}
)

# Those whose holders are elected, and leave with the council.
POLITICAL_ROLES = frozenset({Role.MAYOR, Role.COUNCIL_MEMBERS, Role.COMMITTEE, Role.COMMITTEE_CHAIR})


def valid_on(day: date, *, prefix: str = "") -> Q:
    """The condition that a row's `valid_from`..`valid_to` (both inclusive, empty = for ever) holds on
    `day`.
    """
    return (Q(**{f"{prefix}valid_from": None}) | Q(**{f"{prefix}valid_from__lte": day})) & (
        Q(**{f"{prefix}valid_to": None}) | Q(**{f"{prefix}valid_to__gte": day})
    )


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def in_areas(self, areas: Iterable[Area], *, on: date) -> MunicipalityQuerySet:
        """The municipalities that belong to one of `areas` on the day `on`, each once, in Danish order."""
        memberships = AreaMembership.objects.filter(valid_on(on), area__in=areas)
        return self.filter(pk__in=memberships.values("municipality")).in_danish_order()

    def in_danish_order(self) -> MunicipalityQuerySet:
        return self.order_by("sort_key")

    def search(self, text: str) -> MunicipalityQuerySet:
        """Those whose name holds `text`, where Århus finds Aarhus and Ålborg finds Aalborg."""
        return self.filter(search_key__contains=search_key(text))


MunicipalityManager = models.Manager.from_queryset(MunicipalityQuerySet)


class Municipality(models.Model):
    code = models.CharField(_("municipality code"), max_length=4, unique=True)
    name = models.CharField(_("name"), max_length=50, unique=True)
    official_name = models.CharField(_("official name"), max_length=80)
    # Derived from the name, since SQLite knows no Danish order and PostgreSQL only where ICU has it.
    sort_key = models.CharField(max_length=150, editable=False, db_index=True)
    search_key = models.CharField(max_length=150, editable=False)

    objects = MunicipalityManager()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")

    def __str__(self) -> str:
        return self.official_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.name)
        self.search_key = search_key(self.name)
        super().save(*args, **kwargs)


class Area(models.Model):
    """A region, the whole country, or a group of municipalities that staff put together."""

    class Kind(models.TextChoices):
        REGION = "region", _("region")
        COUNTRY = "country", _("the whole country")
        GROUP = "group", _("recipient group")

    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.GROUP)
    municipalities: models.ManyToManyField[Municipality, AreaMembership] = models.ManyToManyField(
        Municipality, through="AreaMembership", related_name="areas", verbose_name=_("municipalities")
    )

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        constraints = [
            models.CheckConstraint(
                name="area_has_a_known_kind", condition=Q(kind__in=["region", "country", "group"])
            )
        ]

    def __str__(self) -> str:
        return self.name


class AreaMembership(models.Model):
    """From when until when a municipality belongs to an area, both days included; empty means always.

    Dated, since Region Hovedstaden and Region Sjælland become Region Østdanmark on 1 January 2027
    (overgangsloven § 126).
    """

    area = models.ForeignKey(
        Area, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("area")
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("municipality")
    )
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("to and including"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["area", "municipality"],
                condition=Q(valid_to=None),
                name="membership_open_end_once",
                violation_error_message=_("This municipality is in the area already."),
            ),
            models.CheckConstraint(
                name="membership_ends_after_it_starts",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day must not lie before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality} – {self.area}"


class PolicyAreaManager(models.Manager["PolicyArea"]):
    def named(self, name: str) -> PolicyArea | None:
        """The policy area that is called `name`, or has it as an alias; case does not count."""
        # Compared here, since SQLite folds the case of a-z only.
        wanted = name.strip().casefold()
        for area in self.prefetch_related("aliases"):
            if wanted in {area.name.casefold(), *(alias.name.casefold() for alias in area.aliases.all())}:
                return area
        return None


class PolicyArea(models.Model):
    """What a committee or a department is responsible for; the letters use several words for the same
    area.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)

    objects = PolicyAreaManager()

    class Meta:
        verbose_name = _("policy area")
        verbose_name_plural = _("policy areas")

    def __str__(self) -> str:
        return self.name


class PolicyAreaAlias(models.Model):
    policy_area = models.ForeignKey(
        PolicyArea, on_delete=models.CASCADE, related_name="aliases", verbose_name=_("policy area")
    )
    name = models.CharField(_("also called"), max_length=100, unique=True)

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")

    def __str__(self) -> str:
        return self.name
