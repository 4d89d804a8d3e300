from __future__ import annotations

from datetime import date, datetime, time

import pytest

from invitations.danish import COPENHAGEN, Moment
from invitations.models import Meeting
from registrations.availability import State, availability, is_over
from tests.factories import (
    DEADLINE,
    NOW,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_theme,
)

pytestmark = pytest.mark.django_db


def meeting_with_sessions(*capacities: int | None, in_all: int | None = None) -> Meeting:
    meeting = create_meeting(session=False, capacity=in_all)
    for capacity in capacities:
        create_session(meeting=meeting, capacity=capacity)
    return meeting


def take(meeting: Meeting, number: int) -> None:
    """Somebody takes a place in the session with that number."""
    create_participant(
        registration=create_registration(meeting=meeting, participants=0),
        session=meeting.sessions.all()[number],
    )


def test_without_limits_there_is_no_number_of_places() -> None:
    places = availability(meeting_with_sessions(None, None), at=NOW)

    assert (places.state, places.left, [here.left for here in places.sessions]) == (
        State.OPEN,
        None,
        [None, None],
    )


def test_the_places_of_the_sessions_add_up() -> None:
    meeting = meeting_with_sessions(3, 5)
    take(meeting, 0)

    places = availability(meeting, at=NOW)

    assert (places.left, [here.left for here in places.sessions]) == (7, [2, 5])


def test_one_session_without_a_limit_leaves_the_whole_without() -> None:
    assert availability(meeting_with_sessions(3, None), at=NOW).left is None


def test_the_meetings_places_bound_each_sessions() -> None:
    meeting = meeting_with_sessions(3, None, in_all=2)
    take(meeting, 1)

    places = availability(meeting, at=NOW)

    assert (places.left, [here.left for here in places.sessions]) == (1, [1, 1])


def test_fewer_places_than_people_are_none_left() -> None:
    meeting = meeting_with_sessions(2)
    for _ in range(3):
        take(meeting, 0)
    meeting.sessions.update(capacity=1)

    places = availability(meeting, at=NOW)

    assert (places.state, places.left) == (State.FULL, 0)


def test_a_meeting_is_full_only_where_no_open_session_has_a_place() -> None:
    meeting = meeting_with_sessions(1, 1)
    take(meeting, 0)
    assert availability(meeting, at=NOW).state == State.OPEN

    meeting.sessions.filter(position=1).update(registration_deadline_date=date(2027, 1, 31))

    places = availability(meeting, at=NOW)
    assert (places.state, places.left) == (State.FULL, 0)
    assert [here.can_be_chosen for here in places.sessions] == [False, False]


def test_themes_have_their_places_in_each_session() -> None:
    meeting = meeting_with_sessions(None, None)
    item = create_programme_item(meeting=meeting)
    small, free = create_theme(item=item, capacity=1), create_theme(item=item)
    registration = create_registration(meeting=meeting, participants=0)
    for withdrawn_at in (None, NOW):
        create_participant(registration=registration, themes=[small], withdrawn_at=withdrawn_at)

    first, second = availability(meeting, at=NOW).sessions

    assert (dict(first.themes_left), dict(second.themes_left)) == ({small.pk: 0}, {small.pk: 1})
    assert (first.theme_is_full(small.pk), first.theme_is_full(free.pk)) == (True, False)


def test_the_last_deadline_is_the_latest_of_the_sessions_own_and_the_meetings() -> None:
    meeting = meeting_with_sessions(None, None)
    own = Moment(date(2027, 4, 1), time(12))
    meeting.sessions.filter(position=1).update(
        registration_deadline_date=own.date, registration_deadline_time=own.time
    )

    assert availability(meeting, at=NOW).last_deadline() == own
    assert availability(create_meeting(), at=NOW).last_deadline() == Moment(DEADLINE)


def test_a_session_without_a_deadline_leaves_the_meeting_without_a_last_one() -> None:
    meeting = create_meeting(registration_deadline_date=None)
    create_session(meeting=meeting, registration_deadline_date=date(2027, 4, 1))

    assert availability(meeting, at=NOW).last_deadline() is None


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({}, datetime(2027, 4, 15, 19, tzinfo=COPENHAGEN)),
        ({"ends_time": None}, datetime(2027, 4, 16, tzinfo=COPENHAGEN)),
        ({"starts_time": None, "ends_time": None}, datetime(2027, 4, 16, tzinfo=COPENHAGEN)),
        ({"ends_date": date(2027, 4, 17), "ends_time": None}, datetime(2027, 4, 18, tzinfo=COPENHAGEN)),
    ],
)
def test_a_meeting_is_over_when_its_last_session_has_ended(
    fields: dict[str, date | None], end: datetime
) -> None:
    meeting = create_meeting(session=False)
    create_session(meeting=meeting, **fields)  # type: ignore[arg-type]

    assert is_over(meeting, at=end) is True
    assert is_over(meeting, at=datetime.fromtimestamp(end.timestamp() - 1, tz=COPENHAGEN)) is False
