"""Food and special needs in the form and on the participant's own page, with consent."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from time_machine import Traveller

from registrations.models import Participant, Registration, SpecialNeeds
from tests.factories import (
    NOW,
    create_meeting,
    create_needs,
    create_participant,
    create_registration,
    create_staff,
)
from tests.pages import inputs, page_text, summary, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MISSING = "Sæt kryds, hvis KL må bruge oplysningen om mad eller særlige behov, eller slet teksten i feltet"
CONSENT = (
    "har givet samtykke til, at KL bruger oplysningen om mad eller særlige behov til dette møde. "
    "KL sletter den senest 7 dage efter mødet."
)


def asking(**fields: Any) -> str:
    """The form of a meeting that asks."""
    return f"/{create_meeting(asks_about_needs=True, **fields).slug}/tilmeld"


def typed_needs(text: str = "Vegetar", *, ticked: bool = True, **fields: Any) -> dict[str, Any]:
    ticks = {"participant-0-needs_consent": "on"} if ticked else {}
    return typed({"participant-0-needs": text, **ticks}, **fields)


def own_page(**fields: Any) -> tuple[Participant, str]:
    """Somebody who comes to a meeting that asks, and the page on which they say what they need."""
    registration = create_registration(meeting=create_meeting(asks_about_needs=True), participants=0)
    participant = create_participant(registration=registration, name="Bo Hansen", **fields)
    return participant, f"/deltager/{participant.token}/behov"


def stored() -> list[tuple[str, str]]:
    return [(needs.participant.name, needs.text) for needs in SpecialNeeds.objects.order_by("pk")]


# The form.


def test_a_meeting_that_does_not_ask_has_no_such_field_and_keeps_none(client: Client) -> None:
    address = f"/{create_meeting().slug}/tilmeld"

    form = client.get(address)
    client.post(address, typed_needs(do="send"))

    assert "særlige behov" not in page_text(form)
    assert (Registration.objects.count(), stored()) == (1, [])


def test_each_participant_is_asked_and_the_box_stands_unticked_right_below(client: Client) -> None:
    response = client.get(asking())

    text, page = page_text(response), response.content.decode()
    assert (
        "Mad og særlige behov (frivilligt) Skriv kun det, som køkkenet eller mødestedet skal vide. "
        f"Skriv ikke årsager eller diagnoser. Højst 500 tegn Deltageren {CONSENT}" in text
    )
    assert 'name="participant-0-needs_consent" ' in page
    assert "participant-__row__-needs_consent" in page
    assert "needs_consent" not in " ".join(inputs(response))


def test_text_without_a_tick_is_refused_at_the_box(client: Client) -> None:
    response = client.post(asking(), typed_needs(ticked=False, do="send"))

    assert summary(response) == [(MISSING, "participant-0-needs_consent")]
    assert inputs(response)["participant-0-needs"] == ["Vegetar"]
    assert Registration.objects.count() == 0


def test_among_several_the_sentence_says_whose_tick_is_missing(client: Client) -> None:
    response = client.post(asking(), typed_needs(ticked=False, people=2))

    assert summary(response) == [(f"Person 1: {MISSING}", "participant-0-needs_consent")]


def test_a_tick_without_text_is_no_need(client: Client) -> None:
    client.post(asking(), typed_needs("  \n ", do="send"))

    assert (Registration.objects.count(), stored()) == (1, [])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Vegetar 010203-1234", "Skriv ikke CPR-numre her"),
        ("x" * 501, "Skriv højst 500 tegn"),
        ("a\x00b", "Skriv teksten uden usynlige tegn"),
    ],
)
def test_what_cannot_be_kept_is_said_at_the_field(client: Client, text: str, sentence: str) -> None:
    response = client.post(asking(), typed_needs(text, do="send"))

    assert summary(response) == [(sentence, "participant-0-needs")]
    assert stored() == []


def test_the_page_on_which_answers_are_checked_shows_it_to_who_typed_it(client: Client) -> None:
    response = client.post(asking(), typed_needs("Vegetar\n🥕"))

    assert f"Mad og særlige behov Vegetar 🥕 Samtykke Deltageren {CONSENT}" in page_text(response)
    hidden = inputs(response)
    assert hidden["participant-0-needs"] == ["Vegetar\n🥕"]
    assert hidden["participant-0-needs_consent"] == ["True"]


def test_the_way_back_to_the_form_keeps_each_tick_as_it_was(client: Client) -> None:
    address = asking()
    checked = inputs(client.post(address, typed_needs(people=2)))

    edited = inputs(client.post(address, {**checked, "do": "edit"}))

    assert "participant-0-needs_consent" in edited
    assert "participant-1-needs_consent" not in edited


def test_it_is_kept_with_the_registration(client: Client) -> None:
    address = asking()
    checked = inputs(client.post(address, typed_needs(people=2)))

    client.post(address, {**checked, "do": "send"})

    needs = SpecialNeeds.objects.get()
    assert (needs.participant.name, needs.text) == ("Person 1", "Vegetar")
    assert needs.consented_at == needs.participant.registration.registered_at


def test_a_registration_that_is_refused_keeps_nothing(client: Client) -> None:
    client.post(asking(capacity=1), typed_needs(people=2, do="send"))

    assert (Registration.objects.count(), stored()) == (0, [])


def test_the_same_form_sent_again_is_the_same_whatever_has_become_of_the_needs(client: Client) -> None:
    address, data = asking(), typed_needs(do="send")
    receipt = client.post(address, data)["Location"]
    SpecialNeeds.objects.all().delete()

    again = client.post(address, data)
    other = client.post(address, {**data, "participant-0-needs": "Veganer"})

    assert (again.status_code, again["Location"]) == (303, receipt)
    assert (other.status_code, other["Location"]) == (303, receipt)
    assert stored() == []


def test_the_receipt_says_where_it_is_seen_and_does_not_show_it(client: Client) -> None:
    receipt = page_text(client.post(asking(), typed_needs("ZZNEEDZZ", do="send"), follow=True))

    assert "Mad og særlige behov vises ikke her og står ikke i nogen mail." in receipt
    assert "ZZNEEDZZ" not in receipt


def test_the_secretariat_writes_it_down_for_a_municipality_that_calls(client: Client) -> None:
    meeting = create_meeting(asks_about_needs=True)
    client.force_login(create_staff())
    address = f"/admin/invitations/meeting/{meeting.pk}/ledger/0657/register/"

    refused = client.post(address, typed_needs(ticked=False, do="check"))
    client.post(address, typed_needs(do="send"))

    assert summary(refused) == [(MISSING, "participant-0-needs_consent")]
    assert stored() == [("Person 1", "Vegetar")]


def test_who_is_added_later_is_asked_and_who_is_registered_already_is_not(client: Client) -> None:
    participant, _address = own_page()
    create_needs(participant=participant)
    address = f"/kvittering/{participant.registration.token}/ret"

    form = client.get(address)
    rows = {**inputs(form), "row": ["0", "1"], **{f"participant-1-{name}": "" for name in ("known", "title")}}
    rows |= {"participant-1-name": "Ida", "participant-1-email": "ida@herning.example"}
    rows |= {"participant-1-needs": "Veganer", "participant-1-needs_consent": "on"}
    checked = client.post(address, {**rows, "do": "check"})
    client.post(address, {**inputs(checked), "do": "send"})

    assert "participant-0-needs" not in inputs(form)
    assert "Vegetar" not in page_text(form)
    assert "participant-__row__-needs_consent" in form.content.decode()
    assert "Veganer" not in page_text(checked)
    assert stored() == [("Bo Hansen", "Vegetar"), ("Ida", "Veganer")]


# The participant's own page.


def test_the_own_page_shows_it_and_how_to_change_it(client: Client) -> None:
    participant, address = own_page()
    create_needs(participant=participant, text="Vegetar\nKørestol")

    response = client.get(f"/deltager/{participant.token}")

    assert (
        "Mad og særlige behov Vegetar Kørestol Ret det, du har skrevet Træk samtykket tilbage Så sletter vi "
        "oplysningen straks." in page_text(response)
    )
    assert f'href="{address}"' in response.content.decode()


def test_it_is_changed_with_a_consent_of_ones_own(client: Client) -> None:
    participant, address = own_page()
    create_needs(participant=participant)

    form = client.get(address)
    refused = client.post(address, {"needs": "Veganer"})
    response = client.post(address, {"needs": "Veganer", "needs_consent": "on"})

    assert inputs(form) == {"needs": ["Vegetar"]}
    assert f"Jeg giver samtykke{CONSENT.removeprefix('har givet samtykke')}" in page_text(form)
    assert summary(refused) == [(MISSING, "needs_consent")]
    assert (response.status_code, response["Location"]) == (303, f"/deltager/{participant.token}")
    assert stored() == [("Bo Hansen", "Veganer")]


def test_it_can_be_written_later_where_nothing_was_written(client: Client) -> None:
    participant, address = own_page()

    assert "Du har ikke skrevet noget. Skriv, hvad du har brug for" in page_text(
        client.get(f"/deltager/{participant.token}")
    )
    client.post(address, {"needs": "Glutenfri", "needs_consent": "on"})

    assert SpecialNeeds.objects.get().consented_at >= NOW
    assert stored() == [("Bo Hansen", "Glutenfri")]


@pytest.mark.parametrize("sent", [{"do": "withdraw_consent"}, {"needs": ""}])
def test_the_consent_is_withdrawn_at_once(client: Client, sent: dict[str, str]) -> None:
    participant, address = own_page()
    create_needs(participant=participant)

    first, second = client.post(address, sent), client.post(address, sent)

    assert stored() == []
    assert [response["Location"] for response in (first, second)] == [f"/deltager/{participant.token}"] * 2


def test_a_consent_can_be_withdrawn_after_the_meeting_and_nothing_else_be_written(
    client: Client, clock: Traveller
) -> None:
    participant, address = own_page()
    create_needs(participant=participant)
    clock.move_to("2027-04-15T19:00:00+02:00")

    late = client.post(address, {"needs": "Veganer", "needs_consent": "on"})
    page = page_text(client.get(f"/deltager/{participant.token}"))

    assert late.status_code == 409
    assert "Det, du skrev, er ikke gemt" in page_text(late)
    assert inputs(late)["needs"] == ["Veganer"]
    assert stored() == [("Bo Hansen", "Vegetar")]
    assert client.get(address)["Location"] == f"/deltager/{participant.token}"
    assert "Ret det, du har skrevet" not in page
    client.post(address, {"do": "withdraw_consent"})
    assert stored() == []


def test_who_follows_the_address_changes_nothing(client: Client) -> None:
    participant, address = own_page()
    create_needs(participant=participant)

    client.get(address, {"do": "withdraw_consent"})
    client.head(address)

    assert stored() == [("Bo Hansen", "Vegetar")]


def test_no_browser_or_search_engine_keeps_the_page(client: Client) -> None:
    _participant, address = own_page()

    response = client.get(address)

    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"


def test_a_page_that_was_open_for_too_long_comes_back_with_what_was_typed() -> None:
    _participant, address = own_page()

    response = Client(enforce_csrf_checks=True).post(address, {"needs": "Veganer", "needs_consent": "on"})

    assert response.status_code == 403
    assert "Siden har været åben for længe." in page_text(response)
    assert inputs(response) == {"needs": ["Veganer"], "needs_consent": ["on"]}
    assert stored() == []


def test_somebody_who_has_been_withdrawn_meanwhile_leaves_nothing_behind(client: Client) -> None:
    _participant, address = own_page(withdrawn_at=NOW)

    response = client.post(address, {"needs": "Veganer", "needs_consent": "on"})

    assert (response.status_code, stored()) == (409, [])


def test_the_consent_is_asked_in_english_too(client: Client) -> None:
    _participant, address = own_page()

    text = page_text(client.get(f"/en{address}"))

    assert "I consent to KL using what is written about food or special needs for this meeting." in text
    assert "KL deletes it at most 7 days after the meeting." in text
