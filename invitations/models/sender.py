"""Who the letters and mails come from; staff change it in the admin."""

from __future__ import annotations

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from invitations.models.files import StoredFile


class SenderManager(models.Manager["Sender"]):
    def current(self) -> Sender:
        """The one sender; the migration puts it there."""
        return self.select_related("logo").get()


class Sender(models.Model):
    name = models.CharField(_("name"), max_length=100)
    address = models.TextField(_("address"), validators=[MaxLengthValidator(300)], help_text=_("One a line."))
    website = models.CharField(_("website"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    mailbox = models.EmailField(
        _("mailbox"),
        help_text=_("A mailbox that is read: answers to mails and to Outlook invitations go there."),
    )
    registration_number = models.CharField(_("CVR number"), max_length=20, blank=True)
    logo = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = SenderManager()

    class Meta:
        verbose_name = _("sender")
        verbose_name_plural = _("sender")
        constraints = [models.CheckConstraint(name="there_is_one_sender", condition=Q(pk=1))]

    def __str__(self) -> str:
        return self.name

    @property
    def address_lines(self) -> list[str]:
        return [line.strip() for line in self.address.splitlines() if line.strip()]
