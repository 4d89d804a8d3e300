"""Whom a meeting invites, and who hosts it, in the order in which the letter names them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from invitations.models.addressees import Area, Municipality
from invitations.models.meetings import Meeting


class MeetingArea(models.Model):
    """An area in the order in which the letter names it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="area_links")
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="meeting_links", verbose_name=_("area")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "area"],
                name="meeting_area_stands_once",
                violation_error_message=_("This area is chosen already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.area)


class MeetingHost(models.Model):
    """A municipality that hosts the meeting together with KL, in the order in which the letter names it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="host_links")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="host_links", verbose_name=_("municipality")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("host municipality")
        verbose_name_plural = _("host municipalities")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "municipality"],
                name="meeting_host_stands_once",
                violation_error_message=_("This municipality is chosen already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.municipality)
