"""Places that are taken before it is known who comes: seats first, names later."""

from __future__ import annotations

from typing import Any

import pytest

from invitations.models import Invitation, Meeting, OutgoingEmail, Session
from registrations import registering
from registrations.availability import availability
from registrations.delegations import Attendee
from registrations.ledger import ledger
from registrations.models import CalendarInvitation, Registration
from registrations.refusals import (
    AlreadySentError,
    SessionFull,
    TooManyAtOnce,
    TooManyOfMunicipality,
    TooManyParticipants,
)
from tests.delegations import make_attendee, make_delegation, problems_of
from tests.factories import (
    NOW,
    create_invitation,
    create_meeting,
    create_programme_item,
    create_session,
    create_theme,
)

pytestmark = pytest.mark.django_db


def seats(session: Session, count: int) -> list[Attendee]:
    return [Attendee(name="", email="", session=session)] * count


def register_by_link(meeting: Meeting, people: list[Attendee], **fields: Any) -> Registration:
    """Herning's by its own link, so that nothing waits to be matched."""
    found = Invitation.objects.filter(meeting=meeting).first()
    invitation = found or create_invitation(meeting=meeting)
    delegation = make_delegation(meeting, participants=people, **fields)
    return registering.register(meeting, delegation, invitation=invitation, at=NOW)


def test_nameless_places_are_registered_with_the_named_and_take_places_like_them() -> None:
    meeting = create_meeting(capacity=10)
    session = meeting.sessions.get()
    people = [make_attendee(session=session, name="Bo Bertelsen"), *seats(session, 2)]

    registration = register_by_link(meeting, people)

    assert [str(participant) for participant in registration.participants.all()] == [
        "Bo Bertelsen",
        "Navn følger",
        "Navn følger",
    ]
    assert availability(meeting, at=NOW).left == 7
    assert ledger(meeting).participants == 3


def test_a_delegation_may_be_places_without_names_only() -> None:
    meeting = create_meeting()
    people = seats(meeting.sessions.get(), 5)

    registration = registering.register(meeting, make_delegation(meeting, participants=people), at=NOW)

    assert registration.participants.active().nameless().count() == 5


def test_who_has_no_name_gets_no_calendar_invitation() -> None:
    meeting = create_meeting()
    session = meeting.sessions.get()
    people = [make_attendee(session=session, email="bo@herning.example"), *seats(session, 2)]

    registering.register(meeting, make_delegation(meeting, participants=people), at=NOW)

    assert [row.participant.email for row in CalendarInvitation.objects.all()] == ["bo@herning.example"]
    mails = OutgoingEmail.objects.filter(kind=OutgoingEmail.Kind.CALENDAR)
    assert [mail.to for mail in mails] == ["bo@herning.example"]


def test_nobody_without_a_name_is_listed_twice_nor_registered_before() -> None:
    meeting = create_meeting()
    session = meeting.sessions.get()
    for contact in ("anne@herning.example", "kis@herning.example"):
        register_by_link(meeting, seats(session, 2), contact_email=contact)

    assert ledger(meeting).participants == 4


def test_a_theme_is_picked_when_the_name_is_known_and_the_ledger_says_so_until_then() -> None:
    meeting = create_meeting()
    create_theme(item=create_programme_item(meeting=meeting))
    people = seats(meeting.sessions.get(), 2)

    register_by_link(meeting, people)

    row = next(row for row in ledger(meeting).rows if row.registrations)
    assert (row.state, row.themes_missing) == ("partly", 2)


def test_nameless_places_are_bounded_by_every_limit() -> None:
    session = create_meeting(capacity=2).sessions.get()
    asked = make_delegation(session.meeting, participants=seats(session, 3))
    assert problems_of(session.meeting, asked) == (TooManyParticipants(asked=3, left=2),)

    session = create_meeting(max_per_municipality=2).sessions.get()
    asked = make_delegation(session.meeting, participants=seats(session, 3))
    assert problems_of(session.meeting, asked) == (
        TooManyOfMunicipality(municipality=asked.municipality, most=2, registered=0, asked=3),
    )

    meeting = create_meeting(session=False)
    small, _other = create_session(meeting=meeting, capacity=1), create_session(meeting=meeting)
    asked = make_delegation(meeting, participants=seats(small, 2))
    assert problems_of(meeting, asked) == (SessionFull(position=1, session=small, asked=2, left=1),)

    session = create_meeting().sessions.get()
    asked = make_delegation(session.meeting, participants=seats(session, 51))
    assert problems_of(session.meeting, asked) == (TooManyAtOnce(asked=51),)


def test_a_form_with_nameless_places_that_is_sent_twice_is_one_registration() -> None:
    meeting = create_meeting(session=False)
    first, second = create_session(meeting=meeting), create_session(meeting=meeting)
    people = [make_attendee(session=first), *seats(first, 2), *seats(second, 1)]
    delegation = make_delegation(meeting, participants=people)

    once = registering.register(meeting, delegation, at=NOW)

    assert registering.register(meeting, delegation, at=NOW) == once
    assert once.participants.count() == 4
    with pytest.raises(AlreadySentError):
        registering.register(
            meeting,
            make_delegation(meeting, participants=people[:-1], submission_key=delegation.submission_key),
            at=NOW,
        )
