"""Whose a registration is that came without a personal link: believed, or put into the queue and matched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User

from invitations.models import Meeting, OutgoingEmail
from registrations import matching, registering
from registrations.matching import MatchedMeanwhileError, TooManyMatchedError, match, standing
from registrations.models import Decline, Participant, Registration
from tests.delegations import make_attendee, make_delegation, problems_of
from tests.factories import (
    NOW,
    create_decline,
    create_invitation,
    create_meeting,
    create_office,
    create_registration,
    create_staff,
    get_municipality,
)
from tests.mails import owe_mail

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _offices() -> None:
    """Herning and Aarhus are known by their domains, Viborg by none: who chooses it waits."""
    create_office(municipality=get_municipality("Herning"), mailbox="udvalg@herning.dk")
    create_office(municipality=get_municipality("Aarhus"), mailbox="mayor@aarhus.dk")
    create_office(municipality=get_municipality("Viborg"), mailbox="")


@pytest.fixture
def officer() -> User:
    return create_staff()


def register(meeting: Meeting, *, contact_email: str, chosen: str = "Herning", **fields: Any) -> Registration:
    delegation = make_delegation(
        meeting, municipality=get_municipality(chosen), contact_email=contact_email, **fields
    )
    return registering.register(meeting, delegation, at=NOW)


def deadline_key(meeting: Meeting, name: str) -> str:
    return f"deadline-reminder:{meeting.pk}:{get_municipality(name).code}:x"


def queue(registration: Registration) -> tuple[bool, str | None]:
    """Whether it waits, and the municipality of its address."""
    of_mail = registration.mail_municipality
    return registration.awaits_match, of_mail.name if of_mail else None


@pytest.mark.parametrize(
    ("chosen", "contact_email", "expected"),
    [
        ("Herning", "anne@herning.dk", (False, None)),
        ("Herning", "Anne@HERNING.DK", (False, None)),
        ("Herning", "anne@skole.herning.dk", (False, None)),
        ("Herning", "anne@aarhus.dk", (True, "Aarhus")),
        ("Herning", "anne@itk.aarhus.dk", (True, "Aarhus")),
        ("Herning", "anne@gmail.com", (True, None)),
        ("Herning", "anne@kl.dk", (True, None)),
        ("Herning", "anne@notherning.dk", (True, None)),
        ("Viborg", "anne@viborg.dk", (True, None)),
        ("Viborg", "anne@gmail.com", (True, None)),
        ("Viborg", "anne@aarhus.dk", (True, "Aarhus")),
    ],
)
def test_choice_and_domain_decide_together(
    chosen: str, contact_email: str, expected: tuple[bool, str | None]
) -> None:
    assert queue(register(create_meeting(), chosen=chosen, contact_email=contact_email)) == expected


def test_a_domain_of_several_municipalities_tells_nothing() -> None:
    for name in ("Viborg", "Skive"):
        create_office(municipality=get_municipality(name), mailbox=f"{name.lower()}@faelles.dk")
    meeting = create_meeting()

    herning = register(meeting, chosen="Herning", contact_email="anne@faelles.dk")
    viborg = register(meeting, chosen="Viborg", contact_email="anne@faelles.dk")

    assert (queue(herning), queue(viborg)) == ((True, None), (True, None))


def test_copy_addresses_and_offices_of_former_terms_are_learned_from() -> None:
    create_office(
        municipality=get_municipality("Viborg"),
        mailbox="udvalg@viborg.dk",
        copy_mailbox="sekretariat@viborgnet.dk",
        valid_to=NOW.date() - timedelta(days=400),
    )
    meeting = create_meeting()

    found = [register(meeting, contact_email=f"anne@{domain}") for domain in ("viborg.dk", "viborgnet.dk")]

    assert [queue(registration) for registration in found] == [(True, "Viborg")] * 2


def test_an_office_at_a_provider_for_everybody_is_known_by_its_address_alone() -> None:
    create_office(municipality=get_municipality("Viborg"), mailbox="viborgudvalg@gmail.com")
    meeting = create_meeting()

    itself = register(meeting, contact_email="viborgudvalg@gmail.com")
    another = register(meeting, contact_email="anne@gmail.com")

    assert (queue(itself), queue(another)) == ((True, "Viborg"), (True, None))


def test_who_comes_by_the_personal_link_is_never_queued() -> None:
    invitation = create_invitation()
    delegation = make_delegation(invitation.meeting, contact_email="anne@aarhus.dk")

    registration = registering.register(invitation.meeting, delegation, invitation=invitation, at=NOW)

    assert queue(registration) == (False, None)


def test_while_it_waits_it_takes_its_places_and_everybody_is_written_to() -> None:
    meeting = create_meeting(capacity=3)

    register(meeting, contact_email="anne@gmail.com", people=2)

    kinds = OutgoingEmail.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["calendar", "calendar", "receipt"]
    assert Participant.objects.active().of_meeting(meeting).count() == 2


def test_while_it_waits_the_decline_of_the_municipality_stands() -> None:
    meeting = create_meeting()
    create_decline(meeting=meeting)

    register(meeting, contact_email="anne@gmail.com")

    assert Decline.objects.get().stands


def test_while_it_waits_neither_municipality_is_reminded() -> None:
    meeting = create_meeting()
    keys = [
        f"deadline-reminder:{meeting.pk}:{get_municipality(name).code}:x" for name in ("Herning", "Aarhus")
    ]
    for key in keys:
        owe_mail(key=key, kind="deadline_reminder")

    register(meeting, contact_email="anne@aarhus.dk")

    reminders = OutgoingEmail.objects.filter(kind="deadline_reminder")
    assert [mail.of_use_until for mail in reminders] == [NOW, NOW]


def test_while_it_waits_the_municipality_may_decline() -> None:
    invitation = create_invitation()
    register(invitation.meeting, contact_email="anne@gmail.com")

    assert registering.decline(invitation, at=LATER).stands


def test_while_it_waits_it_leaves_the_municipality_its_places() -> None:
    meeting = create_meeting(max_per_municipality=2)
    register(meeting, contact_email="anne@gmail.com", people=2)

    registration = register(meeting, contact_email="anne@herning.dk", people=2)

    assert registration.participants.count() == 2


def test_nobody_is_registered_twice_though_the_first_time_waits() -> None:
    meeting = create_meeting()
    bo = make_attendee(session=meeting.sessions.get(), name="Bo", email="bo@herning.dk")
    register(meeting, contact_email="anne@gmail.com", participants=[bo])

    found = problems_of(meeting, make_delegation(meeting, participants=[bo], contact_email="anne@herning.dk"))

    assert [problem.message for problem in found] == ["Bo er allerede tilmeldt mødet"]


def test_matched_it_is_the_municipality_s_answer(officer: User) -> None:
    meeting = create_meeting()
    create_decline(meeting=meeting, municipality=get_municipality("Aarhus"))
    registration = register(meeting, contact_email="anne@gmail.com")
    reminder = owe_mail(key=deadline_key(meeting, "Aarhus"), kind="deadline_reminder")

    done = match(registration, get_municipality("Aarhus"), seen=standing(registration), at=LATER, by=officer)

    registration.refresh_from_db()
    reminder.refresh_from_db()
    assert done is True
    assert (registration.municipality, registration.awaits_match) == (get_municipality("Aarhus"), False)
    assert (registration.matched_at, registration.matched_by) == (LATER, officer)
    assert (Decline.objects.get().undone_at, reminder.of_use_until) == (LATER, LATER)
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["Knyttet til Aarhus Kommune."]


def test_a_registration_of_which_nobody_comes_any_more_undoes_no_decline(officer: User) -> None:
    meeting = create_meeting()
    create_decline(meeting=meeting)
    registration = register(meeting, contact_email="anne@gmail.com")
    registering.withdraw(registration.participants.get(), at=LATER)

    match(registration, get_municipality(), seen=standing(registration), at=LATER, by=officer)

    assert Decline.objects.get().stands


def test_matched_as_guests_it_is_no_municipality_s(officer: User) -> None:
    registration = register(create_meeting(), contact_email="anne@gmail.com")

    match(registration, Registration.GuestKind.SPEAKER, seen=standing(registration), at=LATER, by=officer)

    registration.refresh_from_db()
    assert (registration.municipality, registration.guest_kind) == (None, "speaker")
    assert registration.comes_as == "Oplægsholder"
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == [
        "Ikke en kommune, men oplægsholder."
    ]


def test_matching_twice_is_once(officer: User) -> None:
    registration = register(create_meeting(), contact_email="anne@gmail.com")
    seen = standing(registration)

    done = [match(registration, get_municipality(), seen=seen, at=LATER, by=officer) for _ in range(2)]

    assert done == [True, False]
    assert LogEntry.objects.count() == 1


def test_of_two_who_decide_differently_the_second_is_told(officer: User) -> None:
    registration = register(create_meeting(), contact_email="anne@gmail.com")
    seen = standing(registration)
    match(registration, get_municipality("Herning"), seen=seen, at=LATER, by=officer)

    with pytest.raises(MatchedMeanwhileError) as refusal:
        match(registration, get_municipality("Aarhus"), seen=seen, at=LATER, by=officer)

    registration.refresh_from_db()
    assert registration.municipality == get_municipality("Herning")
    assert refusal.value.registration.municipality == get_municipality("Herning")


def test_what_was_matched_wrongly_is_moved(officer: User) -> None:
    registration = create_registration()

    match(registration, get_municipality("Aarhus"), seen=standing(registration), at=LATER, by=officer)

    registration.refresh_from_db()
    assert registration.municipality == get_municipality("Aarhus")
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == [
        "Flyttet fra Herning Kommune til Aarhus Kommune."
    ]


def test_more_than_a_municipality_may_have_needs_a_word(officer: User) -> None:
    meeting = create_meeting(max_per_municipality=3)
    create_registration(meeting=meeting, participants=2)
    registration = register(meeting, chosen="Aarhus", contact_email="anne@gmail.com", people=2)
    seen = standing(registration)

    with pytest.raises(TooManyMatchedError) as refusal:
        match(registration, get_municipality(), seen=seen, at=LATER, by=officer)
    done = match(registration, get_municipality(), seen=seen, overrule=True, at=LATER, by=officer)

    sentence = "Herning Kommune får 4 deltagere. Der må højst være 3 fra hver kommune."
    assert (refusal.value.message, done) == (sentence, True)
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == [
        f"Knyttet til Herning Kommune. {sentence}"
    ]


def test_a_form_sent_again_after_it_was_matched_is_still_the_same_registration(officer: User) -> None:
    meeting = create_meeting()
    delegation = make_delegation(meeting, contact_email="anne@gmail.com")
    registration = registering.register(meeting, delegation, at=NOW)
    match(registration, get_municipality("Aarhus"), seen=standing(registration), at=LATER, by=officer)

    assert registering.register(meeting, delegation, at=LATER) == registration


def test_those_that_wait_are_counted_by_meeting_and_in_all(officer: User) -> None:
    first, second, cancelled = create_meeting(), create_meeting(), create_meeting()
    register(first, contact_email="anne@gmail.com")
    for contact_email in ("bo@gmail.com", "anne@herning.dk"):
        register(second, contact_email=contact_email)
    register(cancelled, contact_email="anne@gmail.com")
    cancelled.cancel(at=LATER)

    assert [matching.waiting(meeting) for meeting in (first, second, cancelled)] == [1, 1, 1]
    assert matching.waiting() == 2
