"""The form by which a contact says who of the delegation does not come after all."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from invitations.page_dates import when
from registrations.choices import Choice
from registrations.models import Participant
from registrations.part_form import PartForm


class WithdrawForm(PartForm):
    """Boxes of all who are registered.

    Args:
        data: what the browser sent; None makes a new form.
        participants: those of the registration; who is withdrawn already may be ticked in an older page.
        ticked: the ids of those who are ticked to begin with.
    """

    participants = forms.MultipleChoiceField(
        label=_("Who does not come?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick those who are to be withdrawn"),
            "invalid_choice": _("Tick those who are to be withdrawn"),
        },
    )

    def __init__(
        self, data: QueryDict | None, participants: Collection[Participant], *, ticked: Collection[int] = ()
    ) -> None:
        super().__init__(data)
        self._participants = participants
        self._offer(participants)
        if data is None:
            self.initial["participants"] = [str(pk) for pk in ticked]

    def ids(self) -> set[int]:
        """Those ticked, once the form is valid."""
        return {int(pk) for pk in self.cleaned_data["participants"]}

    def offer_those_who_come(self) -> None:
        """Show boxes for those only who are not withdrawn yet."""
        self._offer(participant for participant in self._participants if not participant.is_withdrawn)

    def _offer(self, participants: Iterable[Participant]) -> None:
        field = self.fields["participants"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (str(one.pk), Choice(title=str(one), details=(when(one.session),))) for one in participants
        ]
