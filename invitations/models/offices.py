"""The offices whose mailboxes get the letters, and who holds them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from invitations.danish import capitalise
from invitations.models.addressees import (
    ROLES_WITH_POLICY_AREA,
    Municipality,
    PolicyArea,
    Role,
    valid_on,
)


class OfficeQuerySet(models.QuerySet["Office"]):
    def valid_on(self, day: date) -> OfficeQuerySet:
        return self.filter(valid_on(day))

    def responsible_for(self, policy_area: PolicyArea) -> OfficeQuerySet:
        """Those that answer for `policy_area`, and those whose role has no policy area (mayor, municipal
        director).
        """
        return self.filter(Q(policy_area=policy_area) | Q(policy_area=None))

    def in_danish_order(self) -> OfficeQuerySet:
        """Those of a municipality together, in the order in which letters name their roles."""
        return self.order_by("municipality__sort_key", "role", "pk")


OfficeManager = models.Manager.from_queryset(OfficeQuerySet)


class Office(models.Model):
    """A post or body of a municipality that letters are written to, by its role mailbox.

    An office outlives its holder: an election ends the holder's name, not the mailbox. `valid_from`,
    `valid_to` and `holder_until` are days, all included; when council terms end, says
    `invitations.council_terms`.
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
    # A mail that failed before counts no more.
    confirmed_at = models.DateTimeField(_("mailbox confirmed"), null=True, blank=True, editable=False)

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

    @property
    def can_be_written_to(self) -> bool:
        """Whether there is a mailbox, and mail has not come back from it."""
        return bool(self.mailbox) and self.returned_on is None

    def is_valid_on(self, day: date) -> bool:
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    def holder_on(self, day: date) -> str:
        """Who holds the office on `day`; empty where nobody is known, or the holder has left by then."""
        return self.holder_name if day <= (self.holder_until or date.max) else ""

    def holder_has_left(self, day: date) -> bool:
        return bool(self.holder_name) and not self.holder_on(day)

    def consequences(self, changed: Mapping[str, Any], *, on: date) -> dict[str, Any]:
        """What becomes untrue with a change, and is to be written along with it.

        Mail came back from the former mailbox, not from the new one; and the day on which the former holder
        left is not the new one's.

        Args:
            changed: the new values by the name of the field, before they are written here.
            on: the day of the change.

        Returns:
            Further values by the name of the field; none that `changed` has itself.
        """
        further: dict[str, Any] = {}
        if "mailbox" in changed and self.returned_on:
            further["returned_on"] = None
        if "holder_name" in changed and self.holder_until and self.holder_until < on:
            further["holder_until"] = None
        return {name: value for name, value in further.items() if name not in changed}
