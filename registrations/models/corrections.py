"""What was put right after a meeting had changed, and who was told."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from invitations.danish import COPENHAGEN
from invitations.models import Letter, Meeting
from registrations.differences import Difference


class Correction(models.Model):
    """A correction as it was sent: what had changed, and how many were told.

    `fingerprint` is of all that the page showed before the button was pressed: the same page sends once.
    """

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="corrections", verbose_name=_("meeting")
    )
    letter = models.ForeignKey(
        Letter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name=_("letter"),
    )
    fingerprint = models.CharField(max_length=64, editable=False)
    differences = models.JSONField(_("what had changed"), default=list)
    letter_mails = models.PositiveIntegerField(_("mails with the letter"), default=0)
    calendar_mails = models.PositiveIntegerField(_("updates of calendars"), default=0)
    contact_mails = models.PositiveIntegerField(_("mails to contact persons"), default=0)
    waiting_mails = models.PositiveIntegerField(_("mails to the waiting list"), default=0)
    sent_at = models.DateTimeField(_("sent"))
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("sent by")
    )

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "fingerprint"],
                name="correction_is_sent_once",
                violation_error_message=_("This correction has been sent already."),
            ),
            models.CheckConstraint(
                name="correction_tells_somebody",
                condition=Q(letter__isnull=False) | Q(calendar_mails__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} ({self.sent_on:%-d.%-m.%Y})"

    @property
    def sent_on(self) -> date:
        """The day in Copenhagen."""
        return self.sent_at.astimezone(COPENHAGEN).date()

    @property
    def mails(self) -> int:
        return self.letter_mails + self.calendar_mails + self.contact_mails + self.waiting_mails

    @property
    def changes(self) -> list[Difference]:
        return [Difference.parse(stored) for stored in self.differences]
