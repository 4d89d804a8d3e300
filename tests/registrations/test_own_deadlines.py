"""A municipality that has been given a later deadline than the others: until when its answers are taken."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from invitations.danish import COPENHAGEN, Moment
from invitations.models import Invitation, Meeting
from registrations import registering
from registrations.availability import State, answers_until, availability, changes_until
from registrations.models import Registration
from registrations.refusals import RegistrationNotOpenError
from tests.delegations import END_OF_DEADLINE, make_delegation, state_when_refused
from tests.factories import (
    DEADLINE,
    MEETING_DAY,
    NOW,
    create_invitation,
    create_meeting,
    create_participant,
    create_registration,
    create_session,
    get_municipality,
)

pytestmark = pytest.mark.django_db

LATER = date(2027, 4, 2)
END_OF_LATER = datetime(2027, 4, 3, tzinfo=COPENHAGEN)
START = datetime(2027, 4, 15, 17, tzinfo=COPENHAGEN)
JUST = timedelta(seconds=1)


def extended(meeting: Meeting, day: date = LATER, clock: time | None = None) -> Invitation:
    """Herning's invitation, with a deadline of its own."""
    return create_invitation(meeting=meeting, deadline=Moment(day, clock))


def registered(invitation: Invitation, *, at: datetime) -> Registration:
    meeting = invitation.meeting
    return registering.register(meeting, make_delegation(meeting), invitation=invitation, at=at)


def test_by_its_personal_link_a_municipality_registers_until_the_end_of_its_own_deadline() -> None:
    invitation = extended(create_meeting())

    assert registered(invitation, at=END_OF_LATER - JUST).participants.count() == 1
    with pytest.raises(RegistrationNotOpenError) as refusal:
        registered(invitation, at=END_OF_LATER)
    assert refusal.value.availability.state == State.CLOSED


def test_an_own_deadline_with_a_clock_time_lasts_until_then() -> None:
    invitation = extended(create_meeting(), LATER, time(12))

    registered(invitation, at=datetime(2027, 4, 2, 11, 59, 59, tzinfo=COPENHAGEN))
    with pytest.raises(RegistrationNotOpenError):
        registered(invitation, at=datetime(2027, 4, 2, 12, tzinfo=COPENHAGEN))


@pytest.mark.parametrize(
    ("day", "end"),
    [
        # Summer time begins on 28 March 2027, and winter time on 31 October.
        (date(2027, 3, 28), "2027-03-28T22:00:00+00:00"),
        (date(2027, 10, 31), "2027-10-31T23:00:00+00:00"),
    ],
)
def test_an_own_deadline_ends_at_midnight_in_copenhagen_on_the_days_when_the_clocks_change(
    day: date, end: str
) -> None:
    meeting = create_meeting(session=False)
    session = create_session(meeting=meeting, starts_date=date(2027, 11, 18))

    assert answers_until(session, extended(meeting, day)) == datetime.fromisoformat(end)


def test_for_the_open_form_and_for_other_municipalities_the_general_deadline_holds() -> None:
    meeting = create_meeting()
    extended(meeting)
    other = create_invitation(meeting=meeting, municipality=get_municipality("Ikast-Brande"))

    assert state_when_refused(meeting, at=END_OF_DEADLINE) == State.CLOSED
    with pytest.raises(RegistrationNotOpenError):
        registered(other, at=END_OF_DEADLINE)


def test_the_deadline_that_is_shown_is_the_municipalitys_own() -> None:
    meeting = create_meeting()
    invitation = extended(meeting, LATER, time(12))

    assert availability(meeting, at=NOW, invitation=invitation).last_deadline() == Moment(LATER, time(12))
    assert availability(meeting, at=NOW).last_deadline() == Moment(DEADLINE)


def test_where_the_general_deadline_is_moved_beyond_the_own_one_the_general_one_holds() -> None:
    meeting = create_meeting(registration_deadline_date=date(2027, 4, 9))

    places = availability(meeting, at=END_OF_LATER, invitation=extended(meeting))

    assert (places.state, places.last_deadline()) == (State.OPEN, Moment(date(2027, 4, 9)))


@pytest.mark.parametrize("general", [DEADLINE, None])
def test_no_own_deadline_reaches_beyond_the_start_of_the_session(general: date | None) -> None:
    meeting = create_meeting(registration_deadline_date=general)
    invitation = extended(meeting, MEETING_DAY)

    places = availability(meeting, at=START, invitation=invitation)

    assert (places.state, places.last_deadline()) == (State.CLOSED, None)
    assert answers_until(meeting.sessions.get(), invitation) == START


def test_a_general_deadline_on_the_day_of_the_meeting_ends_when_it_starts() -> None:
    meeting = create_meeting(registration_deadline_date=MEETING_DAY)

    assert availability(meeting, at=START - JUST).state == State.OPEN
    assert availability(meeting, at=START).state == State.CLOSED


def test_each_session_takes_answers_until_the_later_of_its_own_and_the_municipalitys_deadline() -> None:
    meeting = create_meeting()
    create_session(meeting=meeting, registration_deadline_date=date(2027, 4, 9))
    invitation = extended(meeting)

    at_this_time = {
        at: [here.accepts_answers for here in availability(meeting, at=at, invitation=invitation).sessions]
        for at in (END_OF_LATER - JUST, END_OF_LATER)
    }

    assert at_this_time == {END_OF_LATER - JUST: [True, True], END_OF_LATER: [False, True]}


def test_a_deadline_taken_back_while_the_form_is_filled_in_in_another_tab_does_not_hold() -> None:
    invitation = extended(create_meeting())
    Invitation.objects.update(deadline_date=None)

    with pytest.raises(RegistrationNotOpenError):
        registered(invitation, at=END_OF_DEADLINE)


def test_a_registration_may_be_changed_until_its_municipalitys_deadline_however_it_came() -> None:
    meeting = create_meeting()
    registration = create_registration(meeting=meeting)
    assert changes_until(registration) == END_OF_DEADLINE

    extended(meeting)

    assert changes_until(registration) == END_OF_LATER


def test_a_registration_that_waits_to_be_matched_has_the_general_deadline() -> None:
    meeting = create_meeting()
    extended(meeting)

    assert changes_until(create_registration(meeting=meeting, awaits_match=True)) == END_OF_DEADLINE


def test_a_registration_may_be_changed_until_the_latest_deadline_of_the_sessions_it_stands_in() -> None:
    meeting = create_meeting()
    first = meeting.sessions.get()
    later = create_session(meeting=meeting, registration_deadline_date=date(2027, 4, 9))
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, session=first)
    assert changes_until(registration) == END_OF_DEADLINE

    waits = create_participant(registration=registration, session=later, waitlisted_at=NOW)
    assert changes_until(registration) == datetime(2027, 4, 10, tzinfo=COPENHAGEN)

    waits.withdraw(at=NOW)
    assert changes_until(registration) == END_OF_DEADLINE


def test_where_nobody_stands_any_more_the_latest_deadline_of_the_meeting_holds() -> None:
    meeting = create_meeting()
    create_session(meeting=meeting, registration_deadline_date=date(2027, 4, 9))
    registration = create_registration(meeting=meeting, participants=0)

    assert changes_until(registration) == datetime(2027, 4, 10, tzinfo=COPENHAGEN)


def test_guests_may_be_changed_until_the_general_deadline() -> None:
    meeting = create_meeting()
    extended(meeting)
    guests = create_registration(meeting=meeting, guest_kind="speaker")

    assert changes_until(guests) == END_OF_DEADLINE
