"""A pasted list becomes rows of the form, with or without JavaScript."""

from __future__ import annotations

import pytest
from django.test import Client

from registrations.models import Registration
from tests.factories import create_meeting
from tests.pages import inputs, page_text, summary, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

KIS = "Kis Juhl <kis@herning.example>"
EVA = "Holm, Eva <eva@herning.example>"


@pytest.fixture
def address() -> str:
    return f"/{create_meeting().slug}/tilmeld"


def test_they_fill_the_empty_row_and_get_rows_of_their_own(client: Client, address: str) -> None:
    empty = {"participant-0-name": " ", "participant-0-email": ""}

    response = client.post(address, typed(empty, do="paste", pasted=f"{KIS}; {EVA}"))

    fields = inputs(response)
    assert fields["row"] == ["0", "1"]
    assert [fields[f"participant-{row}-name"] for row in (0, 1)] == [["Kis Juhl"], ["Eva Holm"]]
    assert fields["participant-1-email"] == ["eva@herning.example"]
    assert (fields["pasted"], fields["contact_name"]) == ([""], ["Anne Sekretær"])
    assert summary(response) == []
    assert "2 deltagere er sat ind fra listen. Se efter, om det er rigtigt." in page_text(response)


def test_who_was_typed_already_stays_and_comes_once(client: Client, address: str) -> None:
    pasted = f"person 1 <PERSON1@herning.example>\n{KIS}\n{KIS}"

    response = client.post(address, typed(do="paste", pasted=pasted))

    fields = inputs(response)
    assert [fields[f"participant-{row}-name"] for row in (0, 1)] == [["Person 1"], ["Kis Juhl"]]
    assert fields["row"] == ["0", "1"]
    assert "1 deltager er sat ind fra listen." in page_text(response)
    assert "2 var på listen i forvejen." in page_text(response)


def test_what_cannot_be_read_stays_in_the_field_and_is_told_there(client: Client, address: str) -> None:
    response = client.post(address, typed(do="paste", pasted=f"Bo <bo@>\n{KIS}"))

    sentence = "1 linje kunne ikke læses og står endnu i feltet. Skriv den som Navn <mail>"
    assert summary(response) == [(sentence, "pasted")]
    assert page_text(response).count(sentence) == 2
    assert inputs(response)["pasted"] == ["Bo <bo@>"]
    assert inputs(response)["participant-1-name"] == ["Kis Juhl"]


def test_sixty_people_are_fifty_and_the_rest_stays(client: Client, address: str) -> None:
    people = "\n".join(f"Nr. {number}\tMedlem\tnr{number}@herning.example" for number in range(60))

    response = client.post(address, typed(do="paste", pasted=people))

    fields = inputs(response)
    assert len(fields["row"]) == 50
    assert fields["participant-49-name"] == ["Nr. 48"]
    assert fields["pasted"][0].splitlines() == [
        f"Nr. {number}\tMedlem\tnr{number}@herning.example" for number in range(49, 60)
    ]
    assert summary(response) == [
        ("I kan højst tilmelde 50 deltagere ad gangen. 11 står endnu i feltet", "pasted")
    ]


def test_nothing_pasted_is_told(client: Client, address: str) -> None:
    response = client.post(address, typed(do="paste", pasted=" \n"))

    assert summary(response) == [("Indsæt først navne og e-mailadresser", "pasted")]


def test_a_list_that_was_left_in_the_field_is_not_forgotten(client: Client, address: str) -> None:
    for do in ("check", "send"):
        response = client.post(address, typed(do=do, pasted=KIS))

        assert summary(response) == [("Tryk på »Lav rækker« for at få navnene med, eller slet dem", "pasted")]
        assert inputs(response)["pasted"] == [KIS]
    assert Registration.objects.count() == 0


def test_the_list_stays_while_a_participant_is_added(client: Client, address: str) -> None:
    assert inputs(client.post(address, typed(do="add", pasted=KIS)))["pasted"] == [KIS]


@pytest.mark.parametrize(
    "text", ["\x00", "<script>alert(1)</script>", "x" * 60_000, "👩‍👩‍👧‍👦", "A\u202eB <a@b.example>"]
)
def test_whatever_is_pasted_is_only_text(client: Client, address: str, text: str) -> None:
    response = client.post(address, typed(do="paste", pasted=text))

    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
    assert "\u202e" not in page_text(response)


def test_the_english_page_reads_it_too(client: Client, address: str) -> None:
    response = client.post(f"/en{address}", typed(do="paste", pasted=KIS))

    assert "1 participant has been added from the list. Check that it is right." in page_text(response)
