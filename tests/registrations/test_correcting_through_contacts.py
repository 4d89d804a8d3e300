from __future__ import annotations

from datetime import time

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from invitations.models import Meeting, OutgoingEmail
from registrations.correction_letters import prepare_correction_letter
from registrations.corrections import plan_correction
from registrations.models import Registration
from tests.factories import (
    NOW,
    create_guests,
    create_meeting,
    create_participant,
    create_registration,
    create_staff,
    get_municipality,
)
from tests.told import correct, fresh, send_letter, sign_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

CHANGE = "Nyt tidspunkt: kl. 18-20 (før: kl. 17-19)"


@pytest.fixture
def staff() -> User:
    return create_staff()


@pytest.fixture
def meeting() -> Meeting:
    return create_meeting()


def delegation(meeting: Meeting, *names: str, town: str = "Herning") -> Registration:
    """Signed up by `anne@<town>.example`, each of `names` without a mail address."""
    registration = create_registration(
        meeting=meeting,
        municipality=get_municipality(town),
        participants=0,
        contact_email=f"anne@{town.lower()}.example",
    )
    for name in names:
        create_participant(registration=registration, name=name, email="")
    return registration


def move(meeting: Meeting, hour: int = 18) -> None:
    meeting.sessions.update(starts_time=time(hour), ends_time=time(hour + 2))


def told(address: str = "anne@herning.example") -> list[list[str]]:
    """The mails about corrections to a contact, each as its lines before the facts."""
    mails = OutgoingEmail.objects.filter(kind="correction", to=address).order_by("pk")
    return [[line for line in mail.text.split("Dato og tid")[0].splitlines() if line] for mail in mails]


def people_to_tell(meeting: Meeting) -> int:
    return plan_correction(fresh(meeting), at=NOW).people_to_tell


def test_the_contact_is_told_whom_to_tell_and_who_gets_a_mail(meeting: Meeting) -> None:
    registration = delegation(meeting, "Ida Lund")
    bo = sign_up(meeting, email="bo@example.dk", registration=registration)
    move(meeting)

    correct(meeting)

    assert told() == [
        [
            "Mødet er ændret: politisk møde i Region Midtjylland den 15. april 2027 kl. 18-20.",
            "Du skal selv give besked til de deltagere, som vi ikke kan skrive til, fordi vi ikke har deres"
            " e-mailadresse.",
            CHANGE,
            "Giv selv besked til:",
            "- Ida Lund",
            CHANGE,
            "Disse får hver en ny kalenderinvitation:",
            f"- {bo.name}",
        ]
    ]
    html = OutgoingEmail.objects.get(kind="correction").html
    assert ["<li>Ida Lund</li>" in html, f"<li>{bo.name}</li>" in html] == [True, True]
    assert people_to_tell(meeting) == 0


def test_a_contact_who_gets_an_update_of_their_own_is_asked_to_tell_the_others(meeting: Meeting) -> None:
    registration = delegation(meeting, "Ida Lund")
    sign_up(meeting, email=registration.contact_email, registration=registration)
    move(meeting)

    correct(meeting)

    assert [lines[4] for lines in told()] == ["- Ida Lund"]


def test_a_delegation_without_addresses_was_told_by_the_letter(meeting: Meeting, staff: User) -> None:
    send_letter(meeting, "Herning")
    delegation(meeting, "Ida Lund", "Jens Ærø")
    move(meeting)
    prepare_correction_letter(fresh(meeting), at=NOW, by=staff)

    assert people_to_tell(meeting) == 2
    correct(meeting, with_letter=True)

    assert [lines[2:] for lines in told()] == [[CHANGE, "Giv selv besked til:", "- Ida Lund", "- Jens Ærø"]]
    assert people_to_tell(meeting) == 0


def test_who_has_been_asked_to_tell_is_not_asked_again_though_the_letter_was_not_sent(
    meeting: Meeting,
) -> None:
    send_letter(meeting, "Herning")
    sign_up(meeting, email="bo@example.dk", registration=delegation(meeting, town="Aarhus"))
    delegation(meeting, "Ida Lund")
    move(meeting)

    correct(meeting)
    again = people_to_tell(meeting)
    move(meeting, 19)

    assert (len(told()), again, people_to_tell(meeting)) == (1, 0, 1)


def test_who_signed_up_after_the_change_is_left_in_peace(meeting: Meeting) -> None:
    sign_up(meeting, email="bo@example.dk", registration=delegation(meeting, town="Aarhus"))
    move(meeting)
    sign_up(meeting, email="eva@example.dk", registration=delegation(meeting, "Ida Lund"))

    assert people_to_tell(meeting) == 0


def test_guests_without_an_address_are_told_what_the_others_are_told(meeting: Meeting) -> None:
    sign_up(meeting, email="bo@example.dk")
    guests = create_guests(meeting=meeting, participants=0)
    create_participant(registration=guests, name="Oplægsholder Bo", email="")
    move(meeting)

    correct(meeting)

    assert [lines[2:] for lines in told("mette@kl.example")] == [
        [CHANGE, "Giv selv besked til:", "- Oplægsholder Bo"]
    ]


def test_the_page_says_how_many_must_be_told_by_their_contacts(
    client: Client, meeting: Meeting, staff: User
) -> None:
    client.force_login(staff)
    address = reverse("admin:invitations_meeting_correction", args=[meeting.pk])
    registration = delegation(meeting, "Ida Lund", "Jens Ærø")
    sign_up(meeting, email="bo@example.dk", registration=registration)
    move(meeting)

    response = client.get(address)
    registration.participants.filter(email="").delete()

    assertContains(response, "2 deltagere har ingen e-mailadresse")
    assertNotContains(client.get(address), "har ingen e-mailadresse")
