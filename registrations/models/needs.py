"""What somebody needs in order to take part: data about health or faith, and so kept apart from all else."""

from __future__ import annotations

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

NEEDS_LENGTH = 500
# How long after the participant's session they are kept; the consent and the privacy notice promise it.
NEEDS_KEPT_DAYS = 7


class SpecialNeeds(models.Model):
    """Food and access needs of one participant, with their consent (GDPR article 9 (2) a).

    They stand in no mail, list, log or calendar, and are deleted `NEEDS_KEPT_DAYS` after the session; at once
    where the participant is withdrawn or the meeting cancelled. A substitute has needs of their own.
    """

    participant = models.OneToOneField(
        "Participant", on_delete=models.CASCADE, related_name="special_needs", verbose_name=_("participant")
    )
    text = models.TextField(_("food and special needs"), validators=[MaxLengthValidator(NEEDS_LENGTH)])
    consented_at = models.DateTimeField(_("consented"))

    class Meta:
        verbose_name = _("special needs")
        verbose_name_plural = _("special needs")

    def __str__(self) -> str:
        # Never the text: this is what logs and messages print.
        return f"{self._meta.verbose_name}"
