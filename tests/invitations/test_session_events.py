from __future__ import annotations

from datetime import date, time

import pytest

from invitations.danish import Moment
from invitations.models import Meeting, Sender
from invitations.session_events import session_event, session_facts
from tests.factories import create_meeting, create_session

pytestmark = pytest.mark.django_db


def test_an_event_says_what_when_where_and_who_organises_it() -> None:
    Sender.objects.update(name="KL", mailbox="moeder@kl.example")
    session = create_meeting(title="Politisk møde").sessions.get()

    event = session_event(
        session,
        uid="1@kl.example",
        sequence=3,
        attendee_name="Bo",
        attendee_email="bo@example.dk",
        description="Husk program",
        url="https://tilmeld.example/moede",
    )

    assert (event.uid, event.sequence, event.summary, event.location) == (
        "1@kl.example",
        3,
        "Politisk møde",
        "Rådhuset i Herning, Torvet 5, 7400 Herning",
    )
    assert (event.starts, event.ends) == (
        Moment(date(2027, 4, 15), time(17)),
        Moment(date(2027, 4, 15), time(19)),
    )
    assert (event.organizer_name, event.organizer_email) == ("KL", "moeder@kl.example")
    assert (event.attendee_name, event.attendee_email) == ("Bo", "bo@example.dk")
    assert (event.description, event.url) == ("Husk program", "https://tilmeld.example/moede")


@pytest.mark.parametrize(
    ("registration", "attendee", "expected"),
    [
        (Meeting.RegistrationMode.FORM, "bo@example.dk", "Deltag i mødet: https://video.example/m/1"),
        # Anybody can fetch the calendar of the public page; who wants to join must sign up.
        (Meeting.RegistrationMode.FORM, "", ""),
        (Meeting.RegistrationMode.NONE, "", "Deltag i mødet: https://video.example/m/1"),
    ],
)
def test_the_link_to_an_online_meeting_is_for_those_who_may_join(
    registration: str, attendee: str, expected: str
) -> None:
    meeting = create_meeting(session=False, registration=registration)
    session = create_session(meeting=meeting, online=True, join_url="https://video.example/m/1")

    event = session_event(session, uid="1@kl.example", sequence=0, attendee_email=attendee)

    assert (event.location, event.description) == ("Virtuelt", expected)


def test_the_facts_are_those_whose_change_concerns_a_participant() -> None:
    session = create_meeting(title="Politisk møde").sessions.get()

    assert session_facts(session) == {
        "title": "Politisk møde",
        "starts": "2027-04-15 17:00",
        "ends": "2027-04-15 19:00",
        "where": "Rådhuset i Herning, Torvet 5, 7400 Herning",
        "join_url": "",
    }
