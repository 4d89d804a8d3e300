"""The part of the form in which a delegation asks for places before it is known who comes."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from invitations.models import Session
from invitations.page_dates import when
from registrations.availability import Availability
from registrations.delegations import Attendee
from registrations.part_form import FilledLine, PartForm
from registrations.refusals import MOST_PARTICIPANTS, Problem
from registrations.seats import seats_in_words

PREFIX = "seats"


class CountField(forms.Field):
    """How many, in digits; nothing typed is none."""

    widget = forms.TextInput(attrs={"inputmode": "numeric"})
    default_error_messages = {
        "invalid": gettext_lazy("Write the number of places in digits, %(most)d at most"),
    }

    def clean(self, value: Any) -> int:
        """Raise ValidationError for anything but a whole number from 0 to MOST_PARTICIPANTS."""
        typed = (value or "").strip()
        if not typed:
            return 0
        if not re.fullmatch(r"\d{1,2}", typed, re.ASCII) or int(typed) > MOST_PARTICIPANTS:
            message = self.error_messages["invalid"] % {"most": MOST_PARTICIPANTS}
            raise ValidationError(message, code="invalid")
        return int(typed)


class SeatsForm(PartForm):
    """How many places without a name, in each session that can be chosen: `seats-<id of the session>`."""

    def __init__(self, data: QueryDict | None, *, typed: QueryDict | None, places: Availability) -> None:
        """Make the fields.

        Args:
            typed: what the browser sent: who has asked for places in a session that has closed since is told.
        """
        super().__init__(data, prefix=PREFIX)
        self.sessions = {
            str(here.session.pk): here.session
            for here in places.sessions
            if here.accepts_answers or (typed and typed.get(f"{PREFIX}-{here.session.pk}", "").strip())
        }
        label = _("Places without a name")
        for name, session in self.sessions.items():
            of_session = _("Places without a name: %(session)s") % {"session": _name(session)}
            self.fields[name] = CountField(
                label=of_session if len(places.sessions) > 1 else label, required=False
            )

    def is_asked_for(self) -> bool:
        """Whether there is a place to hold, as far as that can be read."""
        return self.is_bound and self.is_valid() and bool(self.attendees())

    def attendees(self) -> tuple[Attendee, ...]:
        """The places as they are registered, once the form is valid."""
        return tuple(
            Attendee(name="", email="", session=session)
            for name, session in self.sessions.items()
            for _number in range(self.cleaned_data[name])
        )

    def add_problem(self, problem: Problem) -> None:
        """Show `problem` at its session, once however many places it is about."""
        session: Session | None = getattr(problem, "session", None)
        name = str(session.pk) if session else next(iter(self.sessions))
        if problem.message not in self.errors.get(name, []):
            self.add_error(name, problem.message)

    def filled(self) -> list[FilledLine]:
        """`3 places, names to follow`; what is no number stays as it was typed."""
        lines = []
        for field in self:
            typed = str(field.value() or "").strip()
            try:
                count = field.field.clean(typed)
            except ValidationError:
                lines.append(FilledLine(str(field.label), (typed,)))
                continue
            if count:
                lines.append(FilledLine(str(field.label), (seats_in_words(count),)))
        return lines


def _name(session: Session) -> str:
    return ": ".join(part for part in (session.label, when(session)) if part)
