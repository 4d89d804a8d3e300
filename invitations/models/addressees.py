"""Who can be invited: municipalities, the areas they belong to, and the offices whose mailboxes get the
letters.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from invitations.alphabet import search_key, sort_key
from invitations.danish import capitalise


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


class OfficeQuerySet(models.QuerySet["Office"]):
    def valid_on(self, day: date) -> OfficeQuerySet:
        return self.filter(valid_on(day))

    def responsible_for(self, policy_area: PolicyArea) -> OfficeQuerySet:
        """Those that answer for `policy_area`, and those whose role has no policy area (mayor, municipal
        director).
        """
        return self.filter(Q(policy_area=policy_area) | Q(policy_area=None))


OfficeManager = models.Manager.from_queryset(OfficeQuerySet)


class Office(models.Model):
    """A post or body of a municipality that letters are written to, by its role mailbox.

    An office outlives its holder: an election ends the holder's name, not the mailbox. `valid_from` and
    `valid_to` are days, both included; a council term is 1 January 2026 to 31 December 2029 (kommunal- og
    regionalvalgloven § 6).
    """

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="offices", verbose_name=_("municipality")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    policy_area = models.ForeignKey(
        PolicyArea,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="offices",
        verbose_name=_("policy area"),
        help_text=_("Only for committees and departments."),
    )
    name = models.CharField(
        _("name of the office"),
        max_length=150,
        blank=True,
        help_text=_("As the municipality calls it itself, for example the name of its committee."),
    )
    mailbox = models.EmailField(_("role mailbox"), blank=True)
    holder_name = models.CharField(_("holder"), max_length=100, blank=True)
    holder_until = models.DateField(
        _("holder until and including"),
        null=True,
        blank=True,
        help_text=_("For example the last day of the council term. The mailbox stays."),
    )
    copy_mailbox = models.EmailField(
        _("copy to"), blank=True, help_text=_("For example the committee secretary.")
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to and including"), null=True, blank=True)
    verified_on = models.DateField(_("last verified"), null=True, blank=True)
    returned_on = models.DateField(
        _("mail came back on"),
        null=True,
        blank=True,
        help_text=_("Noted by staff where a letter could not be delivered. Empty once the mailbox works."),
    )

    objects = OfficeManager()

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        constraints = [
            models.CheckConstraint(
                name="office_ends_after_it_starts",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day must not lie before the first."),
            ),
            models.CheckConstraint(
                name="office_has_a_known_role",
                condition=Q(role__in=Role.values),
                violation_error_message=_("Choose one of the roles."),
            ),
            models.CheckConstraint(
                name="office_policy_area_fits_its_role",
                condition=Q(policy_area=None) | Q(role__in=sorted(ROLES_WITH_POLICY_AREA)),
                violation_error_message=_("Only committees and departments answer for a policy area."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_name}, {self.municipality}"

    @property
    def display_name(self) -> str:
        """What the municipality calls the office, where we know it; else its role."""
        return self.name or capitalise(str(self.get_role_display()))
