"""Meetings with a waiting list, for tests."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from invitations.models import Meeting
from registrations import registering, waiting_list
from registrations.models import Participant, Registration
from tests.delegations import make_attendee, make_delegation
from tests.factories import NOW, create_invitation


def sign_up_waiting(
    meeting: Meeting, *names: str, at: datetime = NOW, town: str = "herning", **fields: object
) -> Registration:
    """A delegation that waits where there is no place, signed up by its municipality's personal link; each of
    `names` has an address of their own.
    """
    session = meeting.sessions.all()[0]
    people = [
        make_attendee(session=session, name=name, email=f"{name.lower()}@{town}.example") for name in names
    ]
    fields = {"participants": people, **fields}
    delegation = make_delegation(meeting, waits=True, **fields)  # type: ignore[arg-type]
    invitation = create_invitation(meeting=meeting, municipality=delegation.municipality)
    return registering.register(meeting, delegation, invitation=invitation, at=at)


def move_up(meeting: Meeting, *, at: datetime = NOW) -> list[str]:
    """Give away what is free, as the task does; the names of those who got a place."""
    with transaction.atomic():
        meeting.lock()
        return [participant.name for participant in waiting_list.move_up(meeting, at=at)]


def placed(meeting: Meeting) -> list[str]:
    """The names of those who have a place, in the order in which they were signed up."""
    return list(
        Participant.objects.active().of_meeting(meeting).order_by("pk").values_list("name", flat=True)
    )


def waiting(meeting: Meeting, *, at: datetime = NOW) -> list[tuple[str, int]]:
    """The names of those who wait, each with the number in the queue."""
    return [(row.participant.name, row.number) for row in waiting_list.queue(meeting, at=at)]


def person(name: str) -> Participant:
    return Participant.objects.select_related("registration__meeting").get(name=name)
