"""What somebody wants a registration to become, for tests of changing it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from registrations.changes import Contact, Entry, Wanted, second_wishes_of, themes_of
from registrations.delegations import Attendee
from registrations.models import Participant, Registration


def as_it_is(participant: Participant, **otherwise: Any) -> Entry:
    """The line of somebody who stays, with what is to be otherwise."""
    known = Participant.objects.select_related("session").get(pk=participant.pk)
    attendee = Attendee(
        name=known.name,
        title=known.title,
        email=known.email,
        session=known.session,
        themes=themes_of(known),
        second_wishes=second_wishes_of(known),
    )
    return Entry(participant=known.pk, attendee=replace(attendee, **otherwise))


def instead_of(participant: Participant, *, name: str, email: str, **otherwise: Any) -> Entry:
    """The line of a substitute."""
    return replace(as_it_is(participant, name=name, email=email, **otherwise), is_substitute=True)


def somebody_new(attendee: Attendee) -> Entry:
    return Entry(attendee=attendee)


def wanted(registration: Registration, *entries: Entry, version: int | None = None, **contact: str) -> Wanted:
    """`registration` with these lines and no others, and of the contact's fields those that differ."""
    registration = Registration.objects.get(pk=registration.pk)
    return Wanted(
        version=registration.version if version is None else version,
        contact=replace(Contact.of(registration), **contact),
        entries=entries,
    )


def ids_of(registration: Registration) -> set[int]:
    """Those of all its participants."""
    return {participant.pk for participant in registration.participants.all()}


def everybody(registration: Registration) -> list[Entry]:
    """The lines of all who come or wait."""
    return [as_it_is(participant) for participant in registration.participants.filter(withdrawn_at=None)]
