"""The personal pages: a municipality's invitation and afbud, and a participant's own page."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from invitations.models import Invitation
from registrations.models import Decline, Participant
from tests.factories import (
    NOW,
    create_decline,
    create_invitation,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_theme,
    get_municipality,
)
from tests.pages import inputs, page_text, summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def page(invitation: Invitation, part: str = "") -> str:
    return f"/svar/{invitation.token}{part}"


def test_the_invitation_says_whose_it_is_and_offers_both_answers(client: Client) -> None:
    invitation = create_invitation()

    response = client.get(page(invitation))

    text = page_text(response)
    assert text.startswith(
        "Invitation til Herning Kommune Politisk møde i Region Midtjylland Herning Kommune har ikke svaret "
        "endnu. Tilmeld jer Vi deltager ikke Fakta"
    )
    links = re.findall(r'class="button[^"]*" href="([^"]*)"', response.content.decode())
    assert links == [page(invitation, "/tilmeld"), page(invitation, "/afbud")]


def test_it_tells_what_was_answered_in_numbers_not_names(client: Client) -> None:
    invitation = create_invitation()
    registration = create_registration(
        meeting=invitation.meeting, participants=2, contact_name="Hemmelig Sekretær"
    )
    create_participant(registration=registration, withdrawn_at=NOW)
    create_registration(meeting=invitation.meeting, municipality=get_municipality("Viborg"), participants=5)

    response = client.get(page(invitation))

    assert "Herning Kommune har tilmeldt 2 deltagere." in page_text(response)
    assert "Tilmeld flere deltagere Vi deltager ikke" in page_text(response)
    names = [
        *Participant.objects.values_list("name", flat=True),
        "Hemmelig Sekretær",
        registration.contact_email,
    ]
    assert [name for name in names if name in response.content.decode()] == []


def test_it_tells_that_the_municipality_has_declined_and_may_change_its_mind(client: Client) -> None:
    invitation = create_invitation()
    create_decline(meeting=invitation.meeting)

    text = page_text(client.get(page(invitation)))

    assert "Tak for beskeden. Vi har noteret, at Herning Kommune ikke deltager." in text
    assert "Tilmeld jer" in text
    assert "Vi deltager ikke" not in text


def test_after_the_deadline_the_invitation_still_takes_a_decline(client: Client, clock: Traveller) -> None:
    invitation = create_invitation()
    clock.move_to("2027-03-20T00:00:00+01:00")

    text = page_text(client.get(page(invitation)))

    assert "Tilmeldingen er lukket." in text
    assert "Vi deltager ikke" in text
    assert "Tilmeld jer" not in text


def test_the_form_to_decline_changes_language_with_all_that_was_typed(client: Client) -> None:
    invitation = create_invitation()
    data = {"contact_name": "Anne", "contact_email": "nej", "note": "Vi er\noptaget", "do": "edit"}

    response = client.post(f"/en/svar/{invitation.token}/afbud", data)

    fields = inputs(response)
    assert [fields[name] for name in ("contact_name", "contact_email", "note")] == [
        ["Anne"],
        ["nej"],
        ["Vi er\noptaget"],
    ]
    assert "Message to us" in page_text(response)
    assert Decline.objects.count() == 0


@pytest.mark.parametrize(
    "address", ["/svar/forkert", "/svar/forkert/afbud", "/kvittering/forkert", "/deltager/forkert"]
)
def test_a_wrong_link_is_not_found_and_says_what_to_do(client: Client, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 404
    text = page_text(response)
    assert text.startswith("Linket virker ikke Vi kender ingen invitation og ingen tilmelding med dette link")
    assert "Hjælper det ikke? Kontakt KL på kl@kl.dk eller 3370 3370 , så sender vi et nyt link." in text


def test_the_invitation_to_a_meeting_that_is_no_longer_public_is_not_found(client: Client) -> None:
    invitation = create_invitation(meeting=create_meeting(published_at=None))

    assert client.get(page(invitation)).status_code == 404


def test_reading_the_pages_changes_nothing(client: Client) -> None:
    invitation = create_invitation()
    participant = create_participant()

    for address in (page(invitation), page(invitation, "/afbud"), f"/deltager/{participant.token}"):
        assert client.get(address).status_code == 200
    assert client.get(f"/deltager/{participant.token}/afmeld").status_code == 303

    assert Decline.objects.count() == 0
    assert Participant.objects.active().count() == 1


def test_declining_is_one_button_and_leads_back_to_the_invitation(client: Client) -> None:
    invitation = create_invitation()

    response = client.post(page(invitation, "/afbud"), {"do": "decline"})

    assert (response.status_code, response["Location"]) == (303, page(invitation))
    assert Decline.objects.get().municipality == invitation.municipality


def test_declining_takes_a_name_an_address_and_a_message(client: Client) -> None:
    invitation = create_invitation()
    data = {
        "contact_name": "Anne",
        "contact_email": "anne@herning.example",
        "note": "Vi har byråd",
        "do": "decline",
    }

    client.post(page(invitation, "/afbud"), data)

    decline = Decline.objects.get()
    assert (decline.contact_name, decline.contact_email, decline.note) == (
        "Anne",
        "anne@herning.example",
        "Vi har byråd",
    )


def test_a_fault_in_the_decline_is_told_and_nothing_lost(client: Client) -> None:
    data = {"contact_name": "Anne", "contact_email": "nej", "note": "Vi har byråd", "do": "decline"}

    response = client.post(page(create_invitation(), "/afbud"), data)

    assert summary(response) == [("Indtast en e-mailadresse som navn@kommune.dk", "contact_email")]
    assert inputs(response)["note"] == ["Vi har byråd"]
    assert Decline.objects.count() == 0


def test_while_people_are_registered_the_page_offers_to_withdraw_them(client: Client) -> None:
    invitation = create_invitation()
    create_registration(meeting=invitation.meeting, participants=2)

    before = page_text(client.get(page(invitation, "/afbud")))
    refused = client.post(page(invitation, "/afbud"), {"do": "decline"})
    done = client.post(page(invitation, "/afbud"), {"do": "withdraw"})

    assert "Herning Kommune har tilmeldt 2 deltagere." in before
    assert before.endswith("Afmeld alle, og meld afbud")
    assert refused.status_code == 409
    assert "Afmeld alle, og meld afbud" in page_text(refused)
    assert done.status_code == 303
    assert (Participant.objects.active().count(), Decline.objects.count()) == (0, 1)


def test_declining_again_says_thank_you(client: Client) -> None:
    invitation = create_invitation()
    create_decline(meeting=invitation.meeting)

    text = page_text(client.get(page(invitation, "/afbud")))

    assert "Tak for beskeden. Vi har noteret, at Herning Kommune ikke deltager." in text


def test_a_cancelled_meeting_takes_no_decline(client: Client) -> None:
    invitation = create_invitation()
    invitation.meeting.cancel(at=NOW)

    response = client.post(page(invitation, "/afbud"), {"do": "decline"}, follow=True)

    assert "Mødet er aflyst." in page_text(response)
    assert Decline.objects.count() == 0


def test_a_decline_that_was_open_for_too_long_comes_back_with_all_that_was_typed() -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post(page(create_invitation(), "/afbud"), {"note": "Vi har byråd", "do": "decline"})

    assert response.status_code == 403
    assert "Siden har været åben for længe." in page_text(response)
    assert inputs(response)["note"] == ["Vi har byråd"]
    assert Decline.objects.count() == 0


def test_a_participants_page_says_who_comes_where_and_when(client: Client) -> None:
    meeting = create_meeting()
    theme = create_theme(item=create_programme_item(meeting=meeting), title="Trivsel")
    participant = create_participant(
        registration=create_registration(meeting=meeting, participants=0), name="Bo Hansen", themes=[theme]
    )

    text = page_text(client.get(f"/deltager/{participant.token}")).replace("\u00a0", " ")

    assert text.startswith(
        "Bo Hansen, Herning Kommune Politisk møde i Region Midtjylland Bo Hansen er tilmeldt mødet. "
        "Dato og tid Torsdag den 15. april 2027 kl. 17-19"
    )
    assert "Tema Trivsel" in text
    assert "Afmeld deltager" in text


def test_the_button_withdraws_the_participant_and_leads_back_to_the_page(client: Client) -> None:
    participant = create_participant()
    address = f"/deltager/{participant.token}"

    response = client.post(f"{address}/afmeld")

    assert (response.status_code, response["Location"]) == (303, address)
    assert Participant.objects.active().count() == 0
    text = page_text(client.get(address))
    assert f"{participant.name} er afmeldt mødet." in text
    assert "Afmeld deltager" not in text


def test_withdrawing_twice_is_harmless(client: Client) -> None:
    participant = create_participant()

    for _ in range(2):
        response = client.post(f"/deltager/{participant.token}/afmeld", follow=True)

    assert f"{participant.name} er afmeldt mødet." in page_text(response)


def test_nobody_withdraws_by_a_form_from_another_site() -> None:
    participant = create_participant()

    response = Client(enforce_csrf_checks=True).post(f"/deltager/{participant.token}/afmeld")

    assert response.status_code == 403
    assert "Intet er sendt. Åbn siden igen, og tryk på knappen én gang til." in page_text(response)
    assert Participant.objects.filter(pk=participant.pk).active().count() == 1


def test_after_the_meeting_there_is_no_button(client: Client, clock: Traveller) -> None:
    participant = create_participant()
    clock.move_to("2027-04-15T19:00:00+02:00")

    response = client.post(f"/deltager/{participant.token}/afmeld", follow=True)

    assert "Afmeld deltager" not in page_text(response)
    assert Participant.objects.filter(pk=participant.pk).active().count() == 1


def test_nobody_keeps_a_copy_of_a_personal_page(client: Client) -> None:
    invitation = create_invitation()
    participant = create_participant()
    addresses = [
        page(invitation),
        page(invitation, "/afbud"),
        f"/deltager/{participant.token}",
        f"/kvittering/{participant.registration.token}",
    ]

    responses = [client.get(address) for address in addresses]

    assert [response["Cache-Control"] for response in responses] == ["no-store, private"] * 4
    assert [response["X-Robots-Tag"] for response in responses] == ["noindex"] * 4
    assert [response["Referrer-Policy"] for response in responses] == ["same-origin"] * 4


@pytest.mark.parametrize("people", [1, 3])
def test_the_invitation_asks_the_database_the_same_however_many_come(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, people: int
) -> None:
    invitation = create_invitation()
    create_registration(meeting=invitation.meeting, participants=people)

    with django_assert_num_queries(9):
        client.get(page(invitation))
