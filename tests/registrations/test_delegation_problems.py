from __future__ import annotations

from datetime import date

import pytest

from registrations import registering
from registrations.models import Participant, ThemeChoice
from registrations.refusals import (
    ListedTwice,
    NoParticipants,
    RegisteredBefore,
    SessionClosed,
    SessionFull,
    ThemeFull,
    ThemeMissing,
    TooManyAtOnce,
    TooManyOfMunicipality,
    TooManyParticipants,
)
from tests.delegations import make_attendee, make_delegation, problems_of
from tests.factories import (
    NOW,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_theme,
    get_municipality,
)

pytestmark = pytest.mark.django_db


def test_too_many_for_the_places_left_are_told_how_many() -> None:
    meeting = create_meeting(capacity=5)
    create_registration(meeting=meeting, participants=3)

    assert problems_of(meeting, make_delegation(meeting, people=4)) == (TooManyParticipants(asked=4, left=2),)


def test_a_session_that_is_full_is_named_at_those_who_have_no_place_in_it() -> None:
    meeting = create_meeting(session=False)
    first = create_session(meeting=meeting, capacity=1)
    create_session(meeting=meeting, starts_date=date(2027, 4, 16))
    delegation = make_delegation(meeting, participants=[make_attendee(session=first) for _ in range(3)])

    assert problems_of(meeting, delegation) == (
        SessionFull(position=1, session=first, asked=3, left=1),
        SessionFull(position=2, session=first, asked=3, left=1),
    )


def test_the_meetings_places_bound_those_of_its_sessions() -> None:
    meeting = create_meeting(session=False, capacity=3)
    first = create_session(meeting=meeting, capacity=2)
    second = create_session(meeting=meeting, capacity=2)
    people = [make_attendee(session=session) for session in (first, first, second, second)]

    assert problems_of(meeting, make_delegation(meeting, participants=people)) == (
        TooManyParticipants(asked=4, left=3),
    )


def test_a_session_with_a_deadline_of_its_own_closes_by_itself() -> None:
    meeting = create_meeting(session=False)
    early = create_session(meeting=meeting, registration_deadline_date=date(2027, 1, 31))
    late = create_session(meeting=meeting, starts_date=date(2027, 4, 16))
    people = [make_attendee(session=late), make_attendee(session=early)]

    assert problems_of(meeting, make_delegation(meeting, participants=people)) == (
        SessionClosed(position=1, session=early),
    )


def test_more_than_a_municipality_may_send_are_told_how_many_it_has_already() -> None:
    meeting = create_meeting(max_per_municipality=3)
    create_registration(meeting=meeting, participants=2)
    create_registration(meeting=meeting, municipality=get_municipality("Viborg"), participants=3)

    assert problems_of(meeting, make_delegation(meeting, people=2)) == (
        TooManyOfMunicipality(municipality=get_municipality(), most=3, registered=2, asked=2),
    )


def test_a_participant_picks_a_theme_in_each_round() -> None:
    meeting = create_meeting()
    first, second = create_programme_item(meeting=meeting), create_programme_item(meeting=meeting)
    theme = create_theme(item=first)
    create_theme(item=second)
    attendee = make_attendee(session=meeting.sessions.get(), name="Bo", themes=[theme])

    assert problems_of(meeting, make_delegation(meeting, participants=[attendee])) == (
        ThemeMissing(position=0, item=second, name="Bo"),
    )


def test_a_theme_that_is_full_is_named_by_its_number() -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting)
    create_theme(item=item)
    small = create_theme(item=item, capacity=1)
    session = meeting.sessions.get()
    people = [make_attendee(session=session, name=name, themes=[small]) for name in ("Bo", "Kis")]

    assert problems_of(meeting, make_delegation(meeting, participants=people)) == (
        ThemeFull(position=1, item=item, name="Kis", theme_number=2),
    )


def test_a_themes_places_are_those_of_each_session() -> None:
    meeting = create_meeting(session=False)
    first, second = create_session(meeting=meeting), create_session(meeting=meeting)
    theme = create_theme(item=create_programme_item(meeting=meeting), capacity=1)
    create_participant(
        registration=create_registration(meeting=meeting, participants=0), session=first, themes=[theme]
    )
    attendee = make_attendee(session=second, themes=[theme])

    registering.register(meeting, make_delegation(meeting, participants=[attendee]), at=NOW)

    assert ThemeChoice.objects.filter(participant__session=second).count() == 1


def test_where_all_themes_are_full_nobody_has_to_pick_one() -> None:
    meeting = create_meeting()
    theme = create_theme(item=create_programme_item(meeting=meeting), capacity=1)
    create_participant(registration=create_registration(meeting=meeting, participants=0), themes=[theme])

    registering.register(meeting, make_delegation(meeting), at=NOW)

    assert Participant.objects.count() == 2


def test_nobody_stands_twice_on_the_list() -> None:
    meeting = create_meeting()
    session = meeting.sessions.get()
    people = [
        make_attendee(session=session, name=name, email=email)
        for name, email in (("Bo Ågård", "bo@herning.example"), ("BO ÅGÅRD", "Bo@herning.example"))
    ]

    assert problems_of(meeting, make_delegation(meeting, participants=people)) == (
        ListedTwice(position=1, name="BO ÅGÅRD"),
    )


def test_nobody_is_registered_twice_for_the_same_municipality() -> None:
    meeting = create_meeting()
    known = create_participant(registration=create_registration(meeting=meeting, participants=0))
    attendee = make_attendee(session=known.session, name=known.name, email=known.email)

    colleagues = make_delegation(meeting, participants=[attendee], contact_email="kis@herning.example")

    assert problems_of(meeting, colleagues) == (RegisteredBefore(position=0, name=known.name),)


def test_the_same_person_may_come_for_two_municipalities() -> None:
    meeting = create_meeting()
    known = create_participant(registration=create_registration(meeting=meeting, participants=0))
    attendee = make_attendee(session=known.session, name=known.name, email=known.email)
    viborg = get_municipality("Viborg")

    registering.register(
        meeting, make_delegation(meeting, participants=[attendee], municipality=viborg), at=NOW
    )

    assert Participant.objects.filter(email=known.email).count() == 2


def test_a_delegation_has_at_least_one_participant() -> None:
    meeting = create_meeting()

    assert problems_of(meeting, make_delegation(meeting, people=0)) == (NoParticipants(),)


def test_a_delegation_has_at_most_fifty_participants() -> None:
    meeting = create_meeting()

    assert problems_of(meeting, make_delegation(meeting, people=51)) == (TooManyAtOnce(asked=51),)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    meeting = create_meeting(capacity=1, max_per_municipality=1)
    item = create_programme_item(meeting=meeting)
    create_theme(item=item)
    session = meeting.sessions.get()
    people = [make_attendee(session=session, name="Bo", email="bo@herning.example") for _ in range(2)]

    assert problems_of(meeting, make_delegation(meeting, participants=people)) == (
        TooManyParticipants(asked=2, left=1),
        TooManyOfMunicipality(municipality=get_municipality(), most=1, registered=0, asked=2),
        ThemeMissing(position=0, item=item, name="Bo"),
        ThemeMissing(position=1, item=item, name="Bo"),
        ListedTwice(position=1, name="Bo"),
    )
