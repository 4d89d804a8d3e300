from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from time_machine import Traveller

from invitations.models import Meeting
from registrations import registering
from registrations.models import Participant, Registration
from tests.factories import (
    NOW,
    create_invitation,
    create_meeting,
    create_question,
    create_registration,
    get_municipality,
)
from tests.pages import inputs, page_text, summary, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def address(meeting: Meeting) -> str:
    return f"/{meeting.slug}/tilmeld"


def test_the_answers_are_checked_before_anything_is_sent(client: Client) -> None:
    meeting = create_meeting()
    question = create_question(meeting=meeting, text="Hvad lykkes?")
    data = typed({f"question-{question.pk}": "Det <b>hele</b>"}, people=2, topics="Et\nto")

    response = client.post(address(meeting), data)

    text = page_text(response)
    assert response.status_code == 200
    assert "Trin 2 af 3 Tjek jeres svar" in text
    assert "Kommune Herning" in text
    assert "Deltager 2 Deltagerens navn Person 2 Deltagerens e-mailadresse person2@herning.example" in text
    assert "Hvad lykkes? Det <b>hele</b> Emner, I gerne vil drøfte Et to" in text
    assert Registration.objects.count() == 0
    hidden = inputs(response)
    assert {name: hidden[name] for name in data if name not in ("do", "row")} == {
        name: [value] for name, value in data.items() if name not in ("do", "row")
    }
    assert hidden["row"] == ["0", "1"]


def test_sending_registers_and_leads_to_the_receipt(client: Client) -> None:
    meeting = create_meeting()

    response = client.post(address(meeting), typed(people=2, do="send"))

    registration = Registration.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/kvittering/{registration.token}?sendt")
    assert registration.municipality == get_municipality("Herning")
    assert registration.invitation is None
    assert Participant.objects.count() == 2


def test_sending_twice_leads_to_the_same_receipt_even_where_the_first_took_the_last_place(
    client: Client,
) -> None:
    meeting = create_meeting(capacity=1)
    data = typed(do="send")

    first = client.post(address(meeting), data)
    second = client.post(address(meeting), data)

    assert (second.status_code, second["Location"]) == (303, first["Location"])
    assert Registration.objects.count() == 1


def test_sending_the_same_form_with_other_words_says_that_it_was_sent(client: Client) -> None:
    meeting = create_meeting()
    data = typed(do="send")
    receipt = client.post(address(meeting), data)["Location"].removesuffix("?sendt")

    response = client.post(address(meeting), {**data, "topics": "Noget nyt"})

    assert response.status_code == 409
    assert "I har allerede sendt denne tilmelding" in page_text(response)
    assert "Noget nyt" in page_text(response)
    assert f'href="{receipt}"' in response.content.decode()


def test_a_second_tab_with_the_same_words_leads_to_the_receipt_of_the_first(
    client: Client, clock: Traveller
) -> None:
    meeting = create_meeting()
    first = client.post(address(meeting), typed(people=2, do="send"))
    clock.shift(timedelta(minutes=59))

    second = client.post(address(meeting), typed(people=2, do="send"))

    assert (second.status_code, second["Location"]) == (303, first["Location"])
    assert Registration.objects.count() == 1


def test_a_second_tab_with_other_people_is_a_registration_of_its_own(client: Client) -> None:
    meeting = create_meeting()
    client.post(address(meeting), typed(do="send"))

    client.post(address(meeting), typed({"participant-0-name": "En anden"}, do="send"))

    assert Registration.objects.count() == 2


def test_who_has_withdrawn_is_registered_anew(client: Client) -> None:
    meeting = create_meeting()
    client.post(address(meeting), typed(do="send"))
    registering.withdraw(Participant.objects.get(), at=NOW)

    client.post(address(meeting), typed(do="send"))

    assert [participant.is_withdrawn for participant in Participant.objects.order_by("pk")] == [True, False]


def test_what_is_sent_is_checked_once_more(client: Client) -> None:
    response = client.post(address(create_meeting()), typed(do="send", contact_email="nej"))

    assert summary(response) == [("Indtast en e-mailadresse som navn@kommune.dk", "contact_email")]
    assert Registration.objects.count() == 0


def test_a_place_taken_while_the_answers_were_checked_sends_back_to_the_form(client: Client) -> None:
    meeting = create_meeting(capacity=2)
    data = typed(people=2)
    client.post(address(meeting), data)
    create_registration(meeting=meeting)

    response = client.post(address(meeting), {**data, "do": "send"})

    assert summary(response) == [
        ("Der er 1 plads tilbage, men I har skrevet 2 deltagere. Fjern 1 deltager", "participants")
    ]
    assert inputs(response)["participant-1-name"] == ["Person 2"]


def test_a_deadline_that_passes_while_the_form_is_open_closes_it_and_loses_nothing(
    client: Client, clock: Traveller
) -> None:
    meeting = create_meeting()
    clock.move_to("2027-03-19T23:59:00+01:00")
    assert client.get(address(meeting)).status_code == 200
    clock.move_to("2027-03-20T00:00:00+01:00")

    for button in ("check", "send", "add"):
        response = client.post(address(meeting), typed(do=button, topics="Vigtigt"))

        text = page_text(response)
        assert response.status_code == 409
        assert "Tilmeldingen er lukket. Fristen var fredag den 19. marts 2027." in text
        assert "Det, I skrev, er ikke sendt" in text
        assert "Emner, I gerne vil drøfte Vigtigt" in text
    assert Registration.objects.count() == 0


def test_a_meeting_cancelled_while_the_form_is_open_takes_nobody_and_loses_nothing(client: Client) -> None:
    meeting = create_meeting()
    data = typed(do="send")
    client.get(address(meeting))
    meeting.cancel(at=NOW)

    response = client.post(address(meeting), data)

    assert response.status_code == 409
    assert "Mødet er aflyst." in page_text(response)
    assert "Person 1" in page_text(response)


def test_the_personal_link_says_which_municipality_it_is(client: Client) -> None:
    invitation = create_invitation(municipality=get_municipality("Viborg"))
    page = f"/svar/{invitation.token}/tilmeld"

    form = client.get(page)
    client.post(page, typed(do="send", municipality="0657"))

    assert "Kommune Viborg Kommune" in page_text(form)
    assert "municipality" not in inputs(form)
    registration = Registration.objects.get()
    assert (registration.municipality, registration.invitation) == (get_municipality("Viborg"), invitation)


def test_a_form_that_was_open_for_too_long_comes_back_with_all_that_was_typed() -> None:
    client = Client(enforce_csrf_checks=True)
    data = typed(people=2, do="send", contact_email="nej")

    response = client.post(address(create_meeting()), data)

    assert response.status_code == 403
    assert "Siden har været åben for længe. Dine svar er ikke sendt. Send igen" in page_text(response)
    fields = inputs(response)
    assert (fields["contact_email"], fields["participant-1-name"]) == (["nej"], ["Person 2"])
    assert fields["submission_key"] == [data["submission_key"]]
    assert Registration.objects.count() == 0


def test_a_form_that_came_back_can_be_sent() -> None:
    client = Client(enforce_csrf_checks=True)
    meeting = create_meeting()
    refused = client.post(address(meeting), typed(do="send"))
    token = re.search(r'name="csrfmiddlewaretoken" value="(.*?)"', refused.content.decode())
    assert token is not None

    response = client.post(address(meeting), {**typed(do="send"), "csrfmiddlewaretoken": token[1]})

    assert response.status_code == 303


def test_the_personal_form_comes_back_too() -> None:
    invitation = create_invitation()

    response = Client(enforce_csrf_checks=True).post(
        f"/svar/{invitation.token}/tilmeld", typed(topics="Vigtigt", do="send")
    )

    assert response.status_code == 403
    assert inputs(response)["topics"] == ["Vigtigt"]
