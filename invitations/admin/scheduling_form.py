"""The date and time at which a letter shall be sent."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from invitations.admin.forms import TIME_WIDGET, error_messages
from invitations.danish import Moment
from invitations.models import Letter
from invitations.scheduled_letters import check_time, warnings


class SchedulingForm(forms.Form):
    """A moment in Copenhagen. One that something speaks against has to be confirmed: `warnings` say what."""

    date = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"size": 10}))
    time = forms.TimeField(label=_("Time"), widget=TIME_WIDGET)
    confirmed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, letter: Letter, at: datetime.datetime
    ) -> None:
        super().__init__(data, prefix="send")
        self.letter = letter
        self.at = at
        self.warnings: list[str] = []
        for field in self.fields.values():
            field.error_messages.update(error_messages(field))

    @property
    def moment(self) -> Moment:
        return Moment(self.cleaned_data["date"], self.cleaned_data["time"])

    @property
    def needs_confirmation(self) -> bool:
        """Whether something speaks against the time, and who chose it has not seen that yet."""
        return bool(self.warnings) and self.cleaned_data["confirmed"] != self.moment.isoformat()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "date" not in cleaned or "time" not in cleaned:
            return cleaned
        try:
            check_time(self.moment, at=self.at)
        except ValidationError as error:
            self.add_error("date" if error.code == "far" else "time", error)
        else:
            self.warnings = warnings(self.letter, self.moment)
        return cleaned

    def confirming(self) -> SchedulingForm:
        """The same form, to be sent once more by somebody who has read the warnings."""
        names = [self.add_prefix(name) for name in self.fields]
        data = {name: self.data.get(name, "") for name in names}
        data[self.add_prefix("confirmed")] = self.moment.isoformat()
        form = type(self)(data, letter=self.letter, at=self.at)
        form.is_valid()
        return form
