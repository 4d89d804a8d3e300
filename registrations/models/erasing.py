"""What becomes of the rows about people once nobody needs to know any more who they were."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

# How long after the last day of the meeting they are kept; the privacy notice promises it.
PEOPLE_KEPT_MONTHS = 12


class Erasable(models.Model):
    """A row that stays to be counted when all that it says of a person has been erased."""

    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None
