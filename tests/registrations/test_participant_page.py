"""A participant's own link: it shows and changes that participant, and nobody else."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from time_machine import Traveller

from invitations.models import OutgoingEmail
from registrations.models import Participant
from tests.delegations import END_OF_DEADLINE
from tests.factories import (
    create_meeting,
    create_participant,
    create_registration,
    create_session,
)
from tests.pages import inputs, page_text, summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def bo_and_ane() -> Participant:
    """Bo, whom Ane has signed up together with herself."""
    registration = create_registration(meeting=create_meeting(), participants=0)
    create_participant(registration=registration, name="Ane", email="ane@herning.example")
    return create_participant(registration=registration, name="Bo", email="bo@herning.example")


def page(participant: Participant) -> str:
    return f"/deltager/{participant.token}/ret"


def mails() -> list[tuple[str, str]]:
    return sorted(OutgoingEmail.objects.values_list("kind", "to"))


def test_it_names_nobody_else(client: Client) -> None:
    bo = bo_and_ane()

    for address in (f"/deltager/{bo.token}", page(bo)):
        response = client.get(address)
        assert response.status_code == 200
        assert "Ane" not in response.content.decode()


def test_a_change_of_one_changes_nobody_else(client: Client) -> None:
    bo = bo_and_ane()

    response = client.post(page(bo), inputs(client.get(page(bo))) | {"participant-0-title": "Formand"})

    assert response.headers["Location"] == f"/deltager/{bo.token}?rettet"
    assert list(Participant.objects.values_list("name", "title")) == [("Ane", ""), ("Bo", "Formand")]
    assert mails() == [("change", "anne@herning.example")]
    assert "Dine ændringer er gemt." in page_text(client.get(response.headers["Location"]))


def test_another_session_is_swapped_to(client: Client) -> None:
    bo = bo_and_ane()
    other = create_session(meeting=bo.registration.meeting, starts_date=date(2027, 4, 16))

    client.post(page(bo), inputs(client.get(page(bo))) | {"participant-0-session": str(other.pk)})

    assert Participant.objects.get(pk=bo.pk).session == other
    assert mails() == [
        ("calendar", "bo@herning.example"),
        ("change", "anne@herning.example"),
        ("withdrawal", "bo@herning.example"),
    ]


def test_a_full_session_is_refused_and_what_was_had_is_kept(client: Client) -> None:
    bo = bo_and_ane()
    meeting = bo.registration.meeting
    full = create_session(meeting=meeting, starts_date=date(2027, 4, 16), capacity=1)
    typed = inputs(client.get(page(bo))) | {"participant-0-session": str(full.pk)}
    create_participant(registration=create_registration(meeting=meeting, participants=0), session=full)

    response = client.post(page(bo), typed)

    assert [target for _sentence, target in summary(response)] == ["participant-0-session_0"]
    assert Participant.objects.get(pk=bo.pk).session == bo.session


def test_a_substitute_is_named_by_who_cannot_come(client: Client) -> None:
    bo = bo_and_ane()
    typed = inputs(client.get(page(bo))) | {
        "participant-0-name": "Ida",
        "participant-0-email": "ida@herning.example",
        "participant-0-instead": "on",
    }

    first, second = client.post(page(bo), typed), client.post(page(bo), typed)

    assert Participant.objects.get(name="Ida").substitute_for == bo
    assert Participant.objects.count() == 3
    assert second.headers["Location"] == f"/deltager/{bo.token}"
    text = page_text(client.get(first.headers["Location"]))
    assert "Bo er afmeldt mødet. Ida kommer i stedet og har fået en invitation i en mail." in text


def test_what_the_contact_changed_meanwhile_is_not_overwritten_unasked(client: Client) -> None:
    bo = bo_and_ane()
    typed = inputs(client.get(page(bo))) | {"participant-0-title": "Formand"}
    Participant.objects.filter(pk=bo.pk).update(name="Bo Hansen")

    refused = client.post(page(bo), typed)

    assert refused.status_code == 409
    assert inputs(refused)["participant-0-title"] == ["Formand"]
    assert Participant.objects.get(pk=bo.pk).title == ""
    assert client.post(page(bo), inputs(refused)).status_code == 303
    assert Participant.objects.get(pk=bo.pk).title == "Formand"


def test_somebody_elses_change_is_no_obstacle(client: Client) -> None:
    bo = bo_and_ane()
    typed = inputs(client.get(page(bo))) | {"participant-0-title": "Formand"}
    ane = Participant.objects.get(name="Ane")
    client.post(page(ane), inputs(client.get(page(ane))) | {"participant-0-title": "Næstformand"})

    assert client.post(page(bo), typed).status_code == 303
    assert list(Participant.objects.values_list("title", flat=True)) == ["Næstformand", "Formand"]


def test_what_is_wrong_stands_at_its_field(client: Client) -> None:
    bo = bo_and_ane()

    response = client.post(page(bo), inputs(client.get(page(bo))) | {"participant-0-name": " "})

    assert summary(response) == [("Indtast deltagerens navn", "participant-0-name")]


def test_after_the_deadline_it_says_whom_to_contact(client: Client, clock: Traveller) -> None:
    bo = bo_and_ane()
    typed = inputs(client.get(page(bo))) | {"participant-0-title": "Formand"}
    clock.move_to(END_OF_DEADLINE)

    for response in (client.get(page(bo)), client.post(page(bo), typed)):
        assert "Tilmeldingsfristen er overskredet. Kontakt KL på" in page_text(response)
    assert Participant.objects.get(pk=bo.pk).title == ""


def test_withdrawing_tells_the_contact_too(client: Client) -> None:
    bo = bo_and_ane()

    client.post(f"/deltager/{bo.token}/afmeld")

    assert mails() == [("change", "anne@herning.example"), ("withdrawal", "bo@herning.example")]
    assert "En deltager har ændret jeres tilmelding" in OutgoingEmail.objects.get(kind="change").text


def test_an_expired_form_comes_back_as_typed() -> None:
    strict = Client(enforce_csrf_checks=True)
    bo = bo_and_ane()

    response = strict.post(page(bo), inputs(strict.get(page(bo))) | {"participant-0-title": "Formand"})

    assert response.status_code == 403
    assert inputs(response)["participant-0-title"] == ["Formand"]
