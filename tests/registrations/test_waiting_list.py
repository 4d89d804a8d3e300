from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from invitations.danish import COPENHAGEN
from invitations.models import Meeting
from registrations import matching, registering, tasks, waiting_list
from registrations.models import Decline, Participant, Registration
from registrations.refusals import (
    RegisteredBefore,
    RegistrationNotOpenError,
    SessionClosed,
    StillRegisteredError,
    TooManyOfMunicipality,
    TooManyParticipants,
)
from tests.delegations import END_OF_DEADLINE, make_attendee, make_delegation, problems_of
from tests.factories import (
    NOW,
    create_invitation,
    create_meeting,
    create_participant,
    create_registration,
    create_session,
    create_staff,
    get_municipality,
)
from tests.waiting import move_up, person, placed, sign_up_waiting, waiting

pytestmark = pytest.mark.django_db

START = datetime(2027, 4, 15, 17, tzinfo=COPENHAGEN)
LATER = NOW + timedelta(hours=1)


def obstacles(meeting: Meeting, *, at: datetime = NOW) -> dict[str, str]:
    return {row.participant.name: row.obstacle for row in waiting_list.queue(meeting, at=at)}


def test_those_first_on_the_list_get_the_places_and_the_others_wait() -> None:
    meeting = create_meeting(capacity=2)

    sign_up_waiting(meeting, "Ane", "Bo", "Cilla", "Dan")

    assert placed(meeting) == ["Ane", "Bo"]
    assert waiting(meeting) == [("Cilla", 1), ("Dan", 2)]
    assert Participant.objects.get(name="Dan").waitlisted_at == NOW


def test_a_full_meeting_takes_those_who_wait_and_nobody_else() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane")

    with pytest.raises(RegistrationNotOpenError):
        registering.register(meeting, make_delegation(meeting), at=NOW)
    sign_up_waiting(meeting, "Bo")

    assert (placed(meeting), waiting(meeting)) == (["Ane"], [("Bo", 1)])


def test_who_does_not_wait_is_told_how_many_places_there_are() -> None:
    meeting = create_meeting(capacity=1)
    assert problems_of(meeting, make_delegation(meeting, people=2)) == (TooManyParticipants(asked=2, left=1),)


def test_the_places_of_each_session_and_of_the_meeting_are_given_away() -> None:
    meeting = create_meeting(session=False, capacity=3)
    small = create_session(meeting=meeting, capacity=1)
    large = create_session(meeting=meeting)
    names = {"Ane": small, "Bo": small, "Cilla": large, "Dan": large, "Eva": large}

    sign_up_waiting(
        meeting, participants=[make_attendee(session=where, name=name) for name, where in names.items()]
    )

    assert placed(meeting) == ["Ane", "Cilla", "Dan"]
    assert waiting(meeting) == [("Bo", 1), ("Eva", 1)]


def test_a_place_that_comes_free_goes_to_the_first_in_the_queue() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane")
    sign_up_waiting(meeting, "Cilla", at=LATER)
    sign_up_waiting(meeting, "Bo")

    registering.withdraw(person("Ane"), at=LATER)

    assert (placed(meeting), waiting(meeting)) == (["Bo"], [("Cilla", 1)])
    moved = person("Bo")
    assert (moved.waitlisted_at, moved.moved_up_at) == (None, LATER)
    assert [row.name for row in waiting_list.moved_up(meeting)] == ["Bo"]


def test_nobody_gets_past_those_who_wait() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")
    Meeting.objects.update(capacity=2)

    with pytest.raises(RegistrationNotOpenError):
        registering.register(meeting, make_delegation(meeting), at=NOW)
    sign_up_waiting(meeting, "Cilla")

    assert (placed(meeting), waiting(meeting)) == (["Ane", "Bo"], [("Cilla", 1)])


def test_who_cannot_get_a_place_holds_nobody_up() -> None:
    meeting = create_meeting(session=False, capacity=2)
    small, large = create_session(meeting=meeting, capacity=1), create_session(meeting=meeting)
    for name, session in (("Ane", small), ("Bo", large), ("Cilla", small), ("Dan", large)):
        sign_up_waiting(meeting, participants=[make_attendee(session=session, name=name)])

    registering.withdraw(person("Bo"), at=NOW)

    assert placed(meeting) == ["Ane", "Dan"]
    assert obstacles(meeting) == {"Cilla": "Den ene plads på denne dato er optaget."}


def test_a_municipality_that_has_its_places_is_passed_over() -> None:
    meeting = create_meeting(capacity=2)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla")
    sign_up_waiting(meeting, "Dan", municipality=get_municipality("Viborg"), contact_email="d@viborg.example")
    Meeting.objects.update(capacity=3, max_per_municipality=2)

    assert move_up(meeting) == ["Dan"]
    assert obstacles(meeting) == {"Cilla": "Alle 3 pladser på mødet er optaget."}
    Meeting.objects.update(capacity=9)
    assert obstacles(meeting) == {"Cilla": "Herning Kommune har allerede sine 2 pladser."}


def test_a_municipality_gets_no_more_from_the_list_than_it_may_have() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla")
    Meeting.objects.update(capacity=None, max_per_municipality=2)

    assert (move_up(meeting), waiting(meeting)) == (["Bo"], [("Cilla", 1)])


def test_a_registration_that_waits_to_be_matched_gets_no_more_than_its_municipality_could_have() -> None:
    meeting = create_meeting(capacity=1)
    registration = sign_up_waiting(meeting, "Ane", "Bo", "Cilla")
    Registration.objects.filter(pk=registration.pk).update(awaits_match=True)
    Meeting.objects.update(capacity=None, max_per_municipality=2)

    assert (move_up(meeting), waiting(meeting)) == (["Bo"], [("Cilla", 1)])


def test_nobody_queues_for_more_than_a_municipality_may_have() -> None:
    meeting = create_meeting(capacity=1, max_per_municipality=2)
    sign_up_waiting(meeting, "Ane", "Bo")

    assert problems_of(meeting, make_delegation(meeting, waits=True)) == (
        TooManyOfMunicipality(municipality=get_municipality(), most=2, registered=2, asked=1),
    )


def test_who_waits_cannot_be_signed_up_once_more() -> None:
    meeting = create_meeting(capacity=1)
    registration = sign_up_waiting(meeting, "Ane", "Bo")
    again = make_attendee(
        session=meeting.sessions.get(), name="BO", email=registration.participants.get(name="Bo").email
    )

    assert problems_of(meeting, make_delegation(meeting, participants=[again], waits=True)) == (
        RegisteredBefore(position=0, name="BO"),
    )


def test_the_same_form_sent_twice_queues_once() -> None:
    meeting = create_meeting(capacity=1)
    delegation = make_delegation(meeting, people=3, waits=True)
    first = registering.register(meeting, delegation, at=NOW)

    assert registering.register(meeting, delegation, at=LATER) == first
    Meeting.objects.update(capacity=2)
    move_up(meeting)
    assert registering.register(meeting, delegation, at=LATER) == first
    assert Participant.objects.count() == 3


def test_after_the_deadline_nobody_queues_but_those_who_wait_still_get_places() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")

    with pytest.raises(RegistrationNotOpenError):
        registering.register(meeting, make_delegation(meeting, waits=True), at=END_OF_DEADLINE)
    registering.withdraw(person("Ane"), at=END_OF_DEADLINE)

    assert placed(meeting) == ["Bo"]


def test_a_session_past_its_own_deadline_takes_nobody_onto_the_list() -> None:
    meeting = create_meeting(session=False, capacity=1)
    closed = create_session(meeting=meeting, registration_deadline_date=NOW.date() - timedelta(days=1))
    create_session(meeting=meeting)
    people = [make_attendee(session=closed)]

    assert problems_of(meeting, make_delegation(meeting, participants=people, waits=True)) == (
        SessionClosed(position=0, session=closed),
    )


def test_from_the_start_of_the_session_on_nobody_gets_a_place() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")
    registering.withdraw(person("Ane"), at=START)

    assert (placed(meeting), move_up(meeting, at=START)) == ([], [])
    assert obstacles(meeting, at=START) == {"Bo": "Mødet er begyndt."}
    assert move_up(meeting, at=START - timedelta(seconds=1)) == ["Bo"]


def test_nobody_gets_a_place_at_a_meeting_that_is_cancelled() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")
    Meeting.objects.update(capacity=2, cancelled_at=NOW)

    assert (move_up(meeting), obstacles(meeting)) == ([], {"Bo": "Mødet er aflyst."})


def test_with_fewer_places_than_are_taken_nobody_loses_theirs_and_nobody_moves_up() -> None:
    meeting = create_meeting(capacity=3)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla", "Dan")
    Meeting.objects.update(capacity=1)

    registering.withdraw(person("Ane"), at=NOW)

    assert (placed(meeting), waiting(meeting)) == (["Bo", "Cilla"], [("Dan", 1)])
    registering.withdraw(person("Bo"), at=NOW)
    assert placed(meeting) == ["Cilla"]
    registering.withdraw(person("Cilla"), at=NOW)
    assert placed(meeting) == ["Dan"]


def test_who_leaves_the_list_makes_those_behind_come_nearer() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla")

    registering.withdraw(person("Bo"), at=NOW)

    assert (placed(meeting), waiting(meeting)) == (["Ane"], [("Cilla", 1)])
    assert waiting_list.number_in_queue(person("Cilla")) == 1


def test_the_number_in_the_queue_is_that_of_the_session() -> None:
    meeting = create_meeting(session=False, capacity=1)
    first, second = create_session(meeting=meeting), create_session(meeting=meeting)
    for name, session in (("Ane", first), ("Bo", first), ("Cilla", second), ("Dan", first)):
        sign_up_waiting(meeting, participants=[make_attendee(session=session, name=name)])

    assert waiting(meeting) == [("Bo", 1), ("Cilla", 1), ("Dan", 2)]
    assert [waiting_list.number_in_queue(person(name)) for name in ("Bo", "Cilla", "Dan")] == [1, 1, 2]


def test_a_municipality_that_declines_takes_those_who_wait_along() -> None:
    meeting = create_meeting(capacity=1)
    invitation = create_invitation(meeting=meeting)
    sign_up_waiting(meeting, "Ane", "Bo")
    sign_up_waiting(meeting, "Dan", municipality=get_municipality("Viborg"), contact_email="d@viborg.example")

    with pytest.raises(StillRegisteredError) as refusal:
        registering.decline(invitation, at=NOW)
    registering.decline(invitation, withdraw_participants=True, at=NOW)

    assert refusal.value.participants == 2
    assert (placed(meeting), waiting(meeting)) == (["Dan"], [])
    assert person("Bo").moved_up_at is None


def test_a_municipality_of_which_somebody_only_waits_has_not_declined() -> None:
    meeting = create_meeting(capacity=1)
    create_participant(
        registration=create_registration(meeting=meeting, municipality=get_municipality("Skive"))
    )
    invitation = create_invitation(meeting=meeting)
    Decline.objects.create(meeting=meeting, municipality=get_municipality(), declined_at=NOW)

    sign_up_waiting(meeting, "Bo")

    assert Decline.objects.filter(undone_at=None).count() == 0
    with pytest.raises(StillRegisteredError):
        registering.decline(invitation, at=NOW)


def test_a_registration_that_turns_out_to_be_another_municipalitys_frees_the_places_of_the_first() -> None:
    meeting = create_meeting(capacity=1)
    first = sign_up_waiting(meeting, "Ane")
    sign_up_waiting(meeting, "Bo")
    Meeting.objects.update(capacity=2, max_per_municipality=1)
    assert move_up(meeting) == []

    matching.match(
        first, get_municipality("Viborg"), seen=matching.standing(first), at=NOW, by=create_staff()
    )

    assert placed(meeting) == ["Ane", "Bo"]


def test_the_secretariat_goes_beyond_the_places_or_lets_people_wait() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane")
    staff, session = create_staff(), meeting.sessions.get()
    beyond = make_delegation(meeting, participants=[make_attendee(session=session, name="Bo")], waits=True)
    waits = make_delegation(meeting, participants=[make_attendee(session=session, name="Cilla")], waits=True)

    registering.register(meeting, beyond, entered_by=staff, overrule=True, at=END_OF_DEADLINE)
    registering.register(meeting, waits, entered_by=staff, at=END_OF_DEADLINE)

    assert (placed(meeting), waiting(meeting)) == (["Ane", "Bo"], [("Cilla", 1)])


def test_a_number_of_places_that_was_raised_is_noticed_within_a_minute(clock: Traveller) -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla")
    Meeting.objects.update(capacity=2)

    assert (tasks.move_up_waiting(), tasks.move_up_waiting()) == (1, 0)
    assert (placed(meeting), waiting(meeting)) == (["Ane", "Bo"], [("Cilla", 1)])


def test_meetings_that_nobody_waits_for_cost_the_task_one_query(
    clock: Traveller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    create_registration()
    past = create_meeting(session=False, registration_deadline_date=None)
    create_session(meeting=past, starts_date=NOW.date() - timedelta(days=1), starts_time=time(9))
    registration = create_registration(meeting=past, participants=0)
    create_participant(registration=registration, waitlisted_at=NOW)

    with django_assert_num_queries(1):
        assert tasks.move_up_waiting() == 0
