"""The form in which a participant says what they need, and consents to it themselves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from registrations.fields import CONSENT_IS_MISSING, ConsentField, NeedsField
from registrations.part_form import PartForm


class NeedsForm(PartForm):
    """Empty text takes back what was said. The box is ticked anew for each text."""

    needs = NeedsField(required=False)
    needs_consent = ConsentField(
        _(
            "I consent to KL using what is written about food or special needs for this meeting. "
            "KL deletes it at most {days} days after the meeting."
        )
    )

    def clean(self) -> None:
        if self.cleaned_data.get("needs") and not self.cleaned_data["needs_consent"]:
            self.add_error("needs_consent", CONSENT_IS_MISSING)
