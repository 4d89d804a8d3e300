"""KL's own people, speakers and guests: entered by staff, with places and themes, and no municipality's."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains

from invitations.models import Meeting, OutgoingEmail
from registrations import registering
from registrations.availability import State
from registrations.cancellations import cancel_meeting, plan_cancellation
from registrations.delegations import Attendee
from registrations.guests import GuestParty, register_guests
from registrations.ledger import silent_invitations
from registrations.models import CalendarInvitation, Participant, Registration
from registrations.refusals import AlreadySentError, RegistrationNotOpenError, RegistrationRefusedError
from registrations.reminders import owe_reminders
from tests.delegations import END_OF_DEADLINE, make_attendee, make_delegation
from tests.factories import (
    NOW,
    create_guests,
    create_invitation,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_staff,
    create_theme,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return create_staff()


def make_party(
    meeting: Meeting, *, people: int = 1, participants: tuple[Attendee, ...] | None = None, **fields: Any
) -> GuestParty:
    session = meeting.sessions.all()[0]
    values: dict[str, Any] = {
        "kind": Registration.GuestKind.SPEAKER,
        "organisation": "Aarhus Universitet",
        "contact_name": "Mette Lind",
        "contact_email": "mette@kl.example",
        "submission_key": uuid.uuid4(),
        "participants": tuple(make_attendee(session=session) for _ in range(people))
        if participants is None
        else participants,
    }
    return GuestParty(**{**values, **fields})


def without_address(meeting: Meeting, *, name: str = "Bo Ærø") -> Attendee:
    return Attendee(name=name, email="", session=meeting.sessions.all()[0])


def refused(meeting: Meeting, party: GuestParty, officer: User, **how: Any) -> list[str]:
    with pytest.raises(RegistrationRefusedError) as refusal:
        register_guests(meeting, party, at=NOW, by=officer, **how)
    assert Registration.objects.filter(submission_key=party.submission_key).count() == 0
    return [problem.message for problem in refusal.value.problems]


def test_they_are_written_down_as_no_municipality_s(officer: User) -> None:
    meeting = create_meeting()
    theme = create_theme(item=create_programme_item(meeting=meeting))
    ida = make_attendee(session=meeting.sessions.get(), name="Ida", title="Professor", themes=[theme])

    registration = register_guests(meeting, make_party(meeting, participants=(ida,)), at=NOW, by=officer)

    participant = registration.participants.get()
    assert (registration.municipality, registration.guest_kind, registration.entered_by) == (
        None,
        "speaker",
        officer,
    )
    assert registration.comes_as == "Oplægsholder, Aarhus Universitet"
    assert (participant.name, participant.title, participant.theme_choices.get().theme) == (
        "Ida",
        "Professor",
        theme,
    )
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == [
        "Tilføjede 1 deltager: oplægsholder."
    ]


def test_those_with_an_address_get_a_calendar_invitation_and_nobody_a_receipt(officer: User) -> None:
    meeting = create_meeting()
    ida = make_attendee(session=meeting.sessions.get(), name="Ida", email="ida@au.example")
    party = make_party(meeting, participants=(ida, without_address(meeting)))

    register_guests(meeting, party, at=NOW, by=officer)

    mail = OutgoingEmail.objects.get()
    assert (mail.kind, mail.to, mail.calendar_method) == ("calendar", "ida@au.example", "REQUEST")
    assert mail.text.startswith(
        "KL har tilmeldt dig politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19."
    )
    assert "Du får denne mail, fordi KL har tilmeldt dig et møde." in mail.text
    assert "KL har tilmeldt dig politisk møde" in mail.html
    assert CalendarInvitation.objects.count() == 1


def test_a_theme_is_not_asked_of_them(officer: User) -> None:
    meeting = create_meeting()
    create_theme(item=create_programme_item(meeting=meeting))

    registration = register_guests(meeting, make_party(meeting), at=NOW, by=officer)

    assert registration.participants.count() == 1


def test_they_take_places_from_the_others(officer: User) -> None:
    meeting = create_meeting(capacity=2)
    register_guests(meeting, make_party(meeting, people=2), at=NOW, by=officer)

    with pytest.raises(RegistrationNotOpenError) as refusal:
        registering.register(meeting, make_delegation(meeting), at=NOW)

    assert refusal.value.availability.state is State.FULL


def test_beyond_the_places_only_where_it_is_meant(officer: User) -> None:
    meeting = create_meeting(capacity=2)
    create_registration(meeting=meeting, participants=1)
    party = make_party(meeting, people=3)

    sentences = refused(meeting, party, officer)
    register_guests(meeting, party, beyond_capacity=True, at=NOW, by=officer)

    assert sentences == ["Der er 1 plads tilbage, men I har skrevet 3 deltagere. Fjern 2 deltagere"]
    assert Participant.objects.active().count() == 4
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == [
        "Tilføjede 3 deltagere: oplægsholder. Tilmeldte flere, end der er plads til (2)."
    ]


def test_beyond_the_places_of_a_session_and_of_a_theme_as_well(officer: User) -> None:
    meeting = create_meeting(session=False)
    session = create_session(meeting=meeting, capacity=1)
    create_session(meeting=meeting)
    theme = create_theme(item=create_programme_item(meeting=meeting), capacity=1)
    create_participant(
        registration=create_registration(meeting=meeting, participants=0), session=session, themes=[theme]
    )
    party = make_party(meeting, participants=(make_attendee(session=session, themes=[theme]),))

    sentences = refused(meeting, party, officer)
    register_guests(meeting, party, beyond_capacity=True, at=NOW, by=officer)

    assert sentences == [
        "Der er ikke flere ledige pladser: Torsdag den 15.\xa0april 2027 kl.\xa017-19. Vælg et andet møde",
        "Tema 1 har ikke flere pladser. Vælg et andet tema",
    ]
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == [
        "Tilføjede 1 deltager: oplægsholder. Tilmeldte flere til et tema, end der er plads til. "
        "Tilmeldte flere, end mødegangen har plads til."
    ]


def test_the_tick_for_places_lets_nothing_else_pass(officer: User) -> None:
    meeting = create_meeting(capacity=1)
    bo = without_address(meeting)

    sentences = refused(meeting, make_party(meeting, participants=(bo, bo)), officer, beyond_capacity=True)

    assert sentences[-1] == "Bo Ærø er allerede på listen"


def test_two_may_lack_an_address_and_nobody_is_entered_twice(officer: User) -> None:
    meeting = create_meeting()
    both = (without_address(meeting), without_address(meeting, name="Ida"))
    register_guests(meeting, make_party(meeting, participants=both), at=NOW, by=officer)

    sentences = refused(meeting, make_party(meeting, participants=both[:1]), officer)

    assert sentences == ["Bo Ærø er allerede tilmeldt mødet"]


def test_an_empty_list_is_refused(officer: User) -> None:
    meeting = create_meeting()

    assert refused(meeting, make_party(meeting, people=0), officer) == ["Tilføj mindst én deltager"]


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({}, END_OF_DEADLINE + timedelta(days=1)),
        ({"registration": "none"}, NOW),
        ({"registration_opens_date": (NOW + timedelta(days=10)).date()}, NOW),
    ],
    ids=["after the deadline", "no form", "not yet open"],
)
def test_what_binds_the_others_does_not_bind_staff(officer: User, fields: Any, at: Any) -> None:
    meeting = create_meeting(capacity=5, **fields)

    registration = register_guests(meeting, make_party(meeting, people=2), at=at, by=officer)

    assert registration.participants.count() == 2


@pytest.mark.parametrize("state", [State.DRAFT, State.CANCELLED, State.OVER])
def test_nobody_is_entered_for_a_meeting_that_is_not_held(officer: User, state: State) -> None:
    meeting = create_meeting(published_at=None if state is State.DRAFT else NOW)
    if state is State.CANCELLED:
        meeting.cancel(at=NOW)
    at = NOW + timedelta(days=100) if state is State.OVER else NOW

    with pytest.raises(RegistrationNotOpenError) as refusal:
        register_guests(meeting, make_party(meeting), at=at, by=officer)

    assert refusal.value.availability.state is state


def test_the_same_form_twice_is_one_registration(officer: User) -> None:
    meeting = create_meeting()
    party = make_party(meeting, people=2)

    both = [register_guests(meeting, party, at=NOW, by=officer) for _ in range(2)]

    assert both[0] == both[1]
    assert (Participant.objects.count(), OutgoingEmail.objects.count(), LogEntry.objects.count()) == (2, 2, 1)


def test_the_same_form_with_others_in_it_is_said_to_be_sent(officer: User) -> None:
    meeting = create_meeting()
    sent = make_party(meeting)
    before = register_guests(meeting, sent, at=NOW, by=officer)

    with pytest.raises(AlreadySentError) as refusal:
        register_guests(meeting, make_party(meeting, submission_key=sent.submission_key), at=NOW, by=officer)

    assert refusal.value.registration == before


def test_they_answer_for_no_municipality() -> None:
    invitation = create_invitation()
    create_guests(meeting=invitation.meeting)

    assert list(silent_invitations(invitation.meeting)) == [invitation]


def test_withdrawing_takes_the_meeting_out_of_the_calendar(officer: User) -> None:
    meeting = create_meeting()
    registration = register_guests(meeting, make_party(meeting), at=NOW, by=officer)

    registering.withdraw(registration.participants.get(), at=NOW)

    assert OutgoingEmail.objects.get(kind="withdrawal").calendar_method == "CANCEL"


def test_who_has_no_address_is_withdrawn_without_a_mail() -> None:
    participant = create_participant(registration=create_guests(participants=0), email="")

    assert registering.withdraw(participant, at=NOW) is True
    assert OutgoingEmail.objects.count() == 0


def test_who_has_no_address_is_not_reminded() -> None:
    meeting = create_meeting()
    create_participant(registration=create_guests(meeting=meeting), email="")
    day_before = meeting.sessions.get().starts.start() - timedelta(hours=26)

    owed = owe_reminders(at=day_before)

    assert owed == 1


def test_who_has_no_address_is_told_of_a_cancellation_by_the_contact(officer: User) -> None:
    meeting = create_meeting()
    create_participant(registration=create_guests(meeting=meeting, participants=0), email="")

    plan = plan_cancellation(meeting, at=NOW)
    cancel_meeting(meeting, at=NOW, by=officer)

    assert plan.mails == 1
    assert [mail.to for mail in OutgoingEmail.objects.all()] == ["mette@kl.example"]


def test_a_guest_s_own_page_works(client: Client) -> None:
    participant = create_guests().participants.get()

    response = client.get(reverse("registrations:participant", args=[participant.token]))

    assertContains(response, participant.name)
