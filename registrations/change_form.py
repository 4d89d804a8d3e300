"""The form of a delegation filled in with what is registered, to be changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from invitations.models import Meeting, Question
from registrations.availability import Availability
from registrations.changes import Contact, Entry, Wanted, second_wishes_of, themes_of
from registrations.delegations import Attendee
from registrations.models import Participant, Registration
from registrations.part_form import FilledLine
from registrations.participant_form import ParticipantForm
from registrations.refusals import second_wish_field, theme_field
from registrations.registration_form import RegistrationForm, rows_of


class KnownParticipantForm(ParticipantForm):
    """A participant who may be registered already: corrected, moved, or replaced by a substitute.

    A place without a name may stay without one.
    """

    known = forms.IntegerField(required=False, widget=forms.HiddenInput)
    instead = forms.BooleanField(required=False)

    def __init__(
        self, data: QueryDict | None, *, participant: Participant | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.participant = participant
        if participant:
            # Who is registered already says it on a page of their own, where alone it is seen again.
            self.fields = {
                name: field for name, field in self.fields.items() if name not in ("needs", "needs_consent")
            }
        if participant and participant.name:
            self.fields["instead"].label = _("Somebody else comes instead of %(name)s") % {
                "name": participant.name
            }
            self.fields["instead"].help_text = _(
                "Write the name and the e-mail address of the substitute above. %(name)s is told by mail."
            ) % {"name": participant.name}
        else:
            del self.fields["instead"]
        if self.may_stay_nameless:
            self.fields["name"].required = self.fields["email"].required = False
            self.fields["name"].help_text = _("Leave it empty if you do not know it yet.")

    @property
    def may_stay_nameless(self) -> bool:
        return self.participant is not None and not self.participant.name

    @property
    def heading(self) -> str:
        heading = super().heading
        return f"{heading}: {self.participant}" if self.participant else heading

    @property
    def is_nameless(self) -> bool:
        """Whether it is a place whose name still follows."""
        return self.may_stay_nameless and not any(
            self.data.get(self.add_prefix(name), "").strip() for name in ("name", "title", "email")
        )

    def clean(self) -> None:
        if self.is_nameless:
            return
        for name in ("name", "email"):
            if not self.cleaned_data.get(name) and not self.has_error(name):
                self.add_error(name, self.fields[name].error_messages["required"])
        super().clean()

    def entry(self) -> Entry:
        """The line of the list, once the form is valid."""
        return Entry(
            attendee=self.attendee(),
            participant=self.participant.pk if self.participant else None,
            is_substitute=bool(self.cleaned_data.get("instead")),
        )

    def filled(self) -> list[FilledLine]:
        """What was filled in; whether it is a substitute is said by what changes."""
        mine = {str(self[name].label) for name in ("known", "instead") if name in self.fields}
        return [line for line in super().filled() if line.label not in mine]


class ChangeForm(RegistrationForm):
    """The form of a registration that is to be changed.

    Args:
        registration: as it is now.
        current: its participants that are not withdrawn.
        data: what the browser sent; None shows what is registered.
    """

    is_new = False

    def __init__(
        self,
        registration: Registration,
        current: Sequence[Participant],
        places: Availability,
        *,
        data: QueryDict | None = None,
        checked: bool = False,
        rows: Sequence[str] | None = None,
    ) -> None:
        self._current = {str(participant.pk): participant for participant in current}
        data = typed_of(registration, current) if data is None else data
        self._sent = data
        self.version = data.get("version", "")
        super().__init__(
            registration.meeting,
            places,
            municipality=registration.municipality,
            data=data,
            checked=checked,
            rows=rows_of(data) if rows is None else rows,
        )

    def make_participant_form(
        self, data: QueryDict | None, *, row: str, **kwargs: Any
    ) -> KnownParticipantForm:
        known = self._sent.get(f"participant-{row}-known", "")
        return KnownParticipantForm(data, row=row, participant=self._current.get(known), **kwargs)

    def questions(self, meeting: Meeting) -> list[Question]:
        """None: they are answered on a page of their own, where they can be a draft."""
        return []

    def known_sent(self) -> set[str]:
        """The ids of the participants that the rows are said to be about."""
        sent = (self._sent.get(f"participant-{row}-known", "") for row in rows_of(self._sent))
        return {known for known in sent if known}

    @property
    def hidden(self) -> dict[str, Any]:
        return {"version": self.version}

    def wanted(self) -> Wanted:
        """What the registration is to become, once the form is valid."""
        contact = self.contact.cleaned_data
        return Wanted(
            # What is no number is no version that there ever was.
            version=int(self.version) if self.version.isdecimal() else 0,
            contact=Contact(
                committee=contact["committee"],
                contact_name=contact["contact_name"],
                contact_email=contact["contact_email"],
                contact_phone=contact["contact_phone"],
                topics=self.contribution.cleaned_data["topics"],
            ),
            entries=(
                *(
                    participant.entry()
                    for participant in self.attending
                    if isinstance(participant, KnownParticipantForm)
                ),
                *(Entry(attendee=attendee) for attendee in self.seats.attendees()),
            ),
            waits=self.waits,
        )


def typed_of(registration: Registration, current: Sequence[Participant]) -> QueryDict:
    """What a browser would send of the form if somebody had typed what is registered."""
    data = QueryDict(mutable=True)
    data["version"] = str(registration.version)
    for name in ("committee", "contact_name", "contact_email", "contact_phone", "topics"):
        data[name] = getattr(registration, name)
    for row, participant in enumerate(current):
        data.appendlist("row", str(row))
        data.update(participant_data(participant, prefix=f"participant-{row}"))
    return data


def participant_data(participant: Participant, *, prefix: str) -> dict[str, str]:
    return {
        f"{prefix}-known": str(participant.pk),
        f"{prefix}-name": participant.name,
        f"{prefix}-title": participant.title,
        f"{prefix}-email": participant.email,
        f"{prefix}-session": str(participant.session_id),
        **{f"{prefix}-{theme_field(theme.item)}": str(theme.pk) for theme in themes_of(participant)},
        **{
            f"{prefix}-{second_wish_field(theme.item)}": str(theme.pk)
            for theme in second_wishes_of(participant)
        },
    }


def as_attendee(participant: Participant) -> Attendee:
    """The participant as somebody who types would have written them."""
    return Attendee(
        name=participant.name,
        title=participant.title,
        email=participant.email,
        session=participant.session,
        themes=themes_of(participant),
        second_wishes=second_wishes_of(participant),
    )
