"""The waiting list as those who sign up and those who wait see it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from time_machine import Traveller

from invitations.models import Meeting, OutgoingEmail, Theme
from registrations import registering
from registrations.models import Participant, Registration, ThemeChoice, ThemeWish
from tests.delegations import make_attendee
from tests.factories import (
    NOW,
    create_invitation,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_theme,
    get_municipality,
)
from tests.pages import inputs, page_text, summary, typed
from tests.waiting import person, placed, sign_up_waiting, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

FULL = "Der er ikke flere ledige pladser. I kan komme på venteliste"
BOX = "Skriv dem, der ikke er plads til, på venteliste"
JOIN = "Skriv jer på venteliste"


def address(meeting: Meeting) -> str:
    return f"/{meeting.slug}/tilmeld"


def full_meeting() -> Meeting:
    meeting = create_meeting(capacity=1)
    create_registration(meeting=meeting, municipality=get_municipality("Skive"))
    return meeting


def send_on(client: Client, meeting: Meeting, shown: Any) -> Any:
    """Press the button of the page on which the answers are checked."""
    return client.post(address(meeting), {**inputs(shown), "do": "send"})


def test_the_form_of_a_full_meeting_is_that_of_the_waiting_list(client: Client) -> None:
    meeting = full_meeting()

    form = client.get(address(meeting))
    checked = client.post(address(meeting), {**typed(people=2), "waits": inputs(form)["waits"][0]})
    done = send_on(client, meeting, checked)

    assert FULL in page_text(form)
    assert BOX not in page_text(form)
    text = page_text(checked)
    assert "Der er ikke flere ledige pladser. 2 deltagere kommer på venteliste." in text
    assert (text.count("Plads På venteliste"), text.count(JOIN), text.count("Send tilmelding")) == (2, 2, 0)
    assert done.status_code == 303
    assert waiting(meeting) == [("Person 1", 1), ("Person 2", 2)]


def test_what_was_not_meant_for_the_waiting_list_is_not_put_on_it(client: Client) -> None:
    meeting = full_meeting()

    for do in ("check", "send"):
        response = client.post(address(meeting), typed(do=do))

        assert response.status_code == 200
        assert summary(response) == [("Der er ikke flere ledige pladser.", "participants")]
        assert BOX in page_text(response)
        assert inputs(response)["participant-0-name"] == ["Person 1"]
    assert waiting(meeting) == []


def test_too_few_places_offer_the_waiting_list_and_the_answers_say_who_gets_what(client: Client) -> None:
    meeting = create_meeting(capacity=2)
    data = typed(people=3)

    fresh = client.get(address(meeting))
    refused = client.post(address(meeting), data)
    checked = client.post(address(meeting), {**data, "waits": "on"})
    done = send_on(client, meeting, checked)
    receipt = client.get(done["Location"])

    assert BOX not in page_text(fresh)
    assert summary(refused) == [
        ("Der er 2 pladser tilbage, men I har skrevet 3 deltagere. Fjern 1 deltager", "participants")
    ]
    assert BOX in page_text(refused)
    text = page_text(checked)
    assert (
        "Der er plads til 2 deltagere, som det ser ud nu. 1 deltager kommer på venteliste: Se nedenfor hvem."
        in text
    )
    assert "person3@herning.example Plads På venteliste" in text
    assert text.count("Send tilmelding") == 2
    assert (placed(meeting), waiting(meeting)) == (["Person 1", "Person 2"], [("Person 3", 1)])
    text = page_text(receipt)
    assert "Vi har modtaget jeres tilmelding 1 deltager er på venteliste." in text
    assert "Hver deltager, der har fået plads, får en kalenderinvitation med mail." in text
    assert text.count("På venteliste") == 1


def test_the_receipt_of_those_who_all_wait_says_that_first(client: Client) -> None:
    meeting = full_meeting()
    registration = sign_up_waiting(meeting, "Bo")

    text = page_text(client.get(f"/kvittering/{registration.token}"))

    assert text.startswith("Kvittering I er på venteliste Referencenummer")
    assert "kalenderinvitation" not in text


def test_the_box_stays_ticked_through_adding_a_row_and_going_back(client: Client) -> None:
    meeting = create_meeting(capacity=1)
    data = typed(people=2, waits="on")

    added = client.post(address(meeting), {**data, "do": "add"})
    checked = client.post(address(meeting), data)
    edited = client.post(address(meeting), {**inputs(checked), "do": "edit"})

    for response in (added, edited):
        assert re.search(r'<input type="checkbox" name="waits"[^>]*checked', response.content.decode())


def test_a_place_that_comes_free_while_the_form_is_filled_in_is_got(client: Client) -> None:
    meeting = full_meeting()
    form = client.get(address(meeting))
    registering.withdraw(Participant.objects.get(), at=NOW)

    checked = client.post(address(meeting), {**typed(), "waits": inputs(form)["waits"][0]})
    send_on(client, meeting, checked)

    assert "venteliste" not in page_text(checked)
    assert placed(meeting) == ["Person 1"]


def test_a_meeting_that_becomes_full_while_the_answers_are_checked_offers_the_list(client: Client) -> None:
    meeting = create_meeting(capacity=1)
    checked = client.post(address(meeting), typed())
    create_registration(meeting=meeting, municipality=get_municipality("Skive"))

    response = send_on(client, meeting, checked)

    assert summary(response) == [("Der er ikke flere ledige pladser.", "participants")]
    assert FULL in page_text(response)
    assert BOX in page_text(response)
    assert Registration.objects.count() == 1


def test_one_may_wait_for_a_session_that_is_full_while_another_has_places(client: Client) -> None:
    meeting = create_meeting(session=False)
    small = create_session(meeting=meeting, capacity=1)
    large = create_session(meeting=meeting, capacity=5)
    create_registration(meeting=meeting)
    data = typed({"participant-0-session": str(small.pk)})

    form = client.get(address(meeting))
    refused = client.post(address(meeting), data)
    checked = client.post(address(meeting), {**data, "waits": "on"})
    send_on(client, meeting, checked)

    assert "Ingen ledige pladser, men der er venteliste" in page_text(form)
    assert "5 pladser tilbage" in page_text(form)
    assert "disabled" not in form.content.decode().split("<template")[0]
    assert summary(refused)[0][1] == "participant-0-session_0"
    assert BOX in page_text(refused)
    assert waiting(meeting) == [("Person 1", 1)]
    assert Participant.objects.filter(session=large).count() == 0


def test_the_page_of_a_meeting_leads_to_its_waiting_list(client: Client) -> None:
    meeting = full_meeting()
    invitation = create_invitation(meeting=meeting)

    of_meeting = client.get(f"/{meeting.slug}")
    of_invitation = client.get(f"/svar/{invitation.token}")

    assert (FULL in page_text(of_meeting), JOIN in page_text(of_meeting)) == (True, True)
    assert f'href="{address(meeting)}"' in of_meeting.content.decode()
    assert (FULL in page_text(of_invitation), JOIN in page_text(of_invitation)) == (True, True)
    assert f'href="/svar/{invitation.token}/tilmeld"' in of_invitation.content.decode()


def test_the_page_of_the_invitation_says_how_many_wait_and_not_who(client: Client) -> None:
    meeting = full_meeting()
    invitation = create_invitation(meeting=meeting)
    sign_up_waiting(meeting, "Bo", "Cilla")

    text = page_text(client.get(f"/svar/{invitation.token}"))

    assert "Herning Kommune har 2 deltagere på venteliste." in text
    assert ("Bo" in text, "Cilla" in text, "har ikke svaret" in text) == (False, False, False)


def test_a_municipality_of_which_some_only_wait_declines_by_taking_them_off(client: Client) -> None:
    meeting = full_meeting()
    invitation = create_invitation(meeting=meeting)
    sign_up_waiting(meeting, "Bo")
    page = f"/svar/{invitation.token}/afbud"

    shown = client.get(page)
    refused = client.post(page, {"do": "decline"})
    client.post(page, {"do": "withdraw"})

    assert "Herning Kommune har 1 deltager på venteliste." in page_text(shown)
    assert refused.status_code == 409
    assert waiting(meeting) == []


def test_who_waits_sees_their_number_and_nobodys_name(client: Client) -> None:
    meeting = full_meeting()
    sign_up_waiting(meeting, "Bo", "Cilla", "Dan")

    text = page_text(client.get(f"/deltager/{person('Cilla').token}"))

    assert "Cilla er på venteliste. Du er nummer 2 på ventelisten." in text
    assert "Gå ud af ventelisten" in text
    assert ("Bo" in text, "Dan" in text) == (False, False)


def test_who_waits_leaves_the_list_by_the_button(client: Client) -> None:
    meeting = full_meeting()
    sign_up_waiting(meeting, "Bo")
    page = f"/deltager/{person('Bo').token}"

    client.post(f"{page}/afmeld")

    assert waiting(meeting) == []
    assert "Bo er afmeldt mødet." in page_text(client.get(page))


def test_who_has_got_a_place_sees_it_and_can_hand_it_back(client: Client) -> None:
    meeting = full_meeting()
    sign_up_waiting(meeting, "Bo")
    registering.withdraw(Participant.objects.order_by("pk")[0], at=NOW)
    page = f"/deltager/{person('Bo').token}"

    text = page_text(client.get(page))

    assert "Du har fået plads. Bo er ikke længere på venteliste, men er tilmeldt mødet." in text
    assert "Giv pladsen tilbage" in text
    client.post(f"{page}/afmeld")
    assert placed(meeting) == []


def test_who_waits_is_not_told_how_to_join_online(client: Client) -> None:
    meeting = create_meeting(session=False, capacity=1)
    create_session(meeting=meeting, online=True, join_url="https://video.example/moede")
    sign_up_waiting(meeting, "Ane", "Bo")

    shown = [client.get(f"/deltager/{person(name).token}").content.decode() for name in ("Ane", "Bo")]

    assert ["video.example" in page for page in shown] == [True, False]


def test_after_the_meeting_nobody_has_a_number_any_more(client: Client, clock: Traveller) -> None:
    meeting = full_meeting()
    sign_up_waiting(meeting, "Bo")
    clock.move_to("2027-04-16T00:00:00+02:00")

    text = page_text(client.get(f"/deltager/{person('Bo').token}"))

    assert ("nummer" in text, "Gå ud af ventelisten" in text) == (False, False)


def test_places_whose_names_follow_wait_as_well_and_get_a_place_in_their_turn(client: Client) -> None:
    meeting = create_meeting(capacity=2)
    session = meeting.sessions.get()
    data = typed({f"seats-{session.pk}": "2"}, waits="on")

    checked = client.post(address(meeting), data)
    send_on(client, meeting, checked)
    with translation.override("en"):
        registering.withdraw(person("Person 1"), at=NOW)

    assert "1 deltager kommer på venteliste: Se nedenfor hvem." in page_text(checked)
    assert "2 pladser, navne følger Plads 1 på venteliste" in page_text(checked)
    assert (placed(meeting), waiting(meeting)) == (["", ""], [])
    mail = OutgoingEmail.objects.get(key__startswith="moved-up:")
    assert "Har fået plads:\n- Navn følger\n" in mail.text


# Wishes for themes.


def create_round(meeting: Meeting, *capacities: int | None) -> list[Theme]:
    item = create_programme_item(meeting=meeting)
    return [
        create_theme(item=item, title=f"Emne {number}", capacity=capacity)
        for number, capacity in enumerate(capacities, start=1)
    ]


def with_wishes(first: Theme, second: Theme | None, **fields: Any) -> dict[str, Any]:
    item = first.item_id
    wishes = {f"participant-0-theme-{item}": str(first.pk)}
    if second:
        wishes[f"participant-0-second-{item}"] = str(second.pk)
    return typed(wishes, **fields)


@pytest.mark.parametrize(
    ("capacities", "is_asked"), [((1, None), True), ((None, None), False), ((1,), False)]
)
def test_a_second_wish_is_asked_for_where_the_first_may_find_no_room(
    client: Client, capacities: tuple[int | None, ...], is_asked: bool
) -> None:
    meeting = create_meeting()
    item = create_round(meeting, *capacities)[0].item_id

    fields = inputs(client.get(address(meeting)))

    assert (f"participant-0-second-{item}" in fields) == is_asked


def test_the_places_left_stand_at_the_themes_of_both_wishes(client: Client) -> None:
    meeting = create_meeting()
    create_round(meeting, 81, None)

    text = page_text(client.get(address(meeting)))

    assert "Tema 1: Emne 1 81 pladser tilbage" in text
    assert (
        "Andet ønske (frivilligt) Hvis der ikke er plads i det første Intet andet ønske "
        "Tema 1: Emne 1 (81 pladser tilbage) Tema 2: Emne 2" in text
    )


def test_the_same_theme_cannot_be_wished_for_twice(client: Client) -> None:
    meeting = create_meeting()
    first, _second = create_round(meeting, 1, None)

    response = client.post(address(meeting), with_wishes(first, first))

    assert summary(response) == [
        ("Vælg et andet tema som andet ønske end som første", f"participant-0-second-{first.item_id}")
    ]


def test_the_answers_say_where_it_is_the_second_wish_that_is_met(client: Client) -> None:
    meeting = create_meeting()
    first, second = create_round(meeting, 1, None)
    data = with_wishes(first, second)
    create_participant(registration=create_registration(meeting=meeting, participants=0), themes=[first])

    checked = client.post(address(meeting), data)
    send_on(client, meeting, checked)

    assert (
        "Tema Tema 1: Emne 1 Andet ønske Tema 2: Emne 2 Tema, som det ser ud nu Emne 2 (andet ønske)"
        in page_text(checked)
    )
    choices = ThemeChoice.objects.filter(participant__name="Person 1")
    assert [choice.theme for choice in choices] == [second]
    receipt = client.get(f"/kvittering/{person('Person 1').registration.token}")
    assert "person1@herning.example Emne 2 (andet ønske) Afmeld" in page_text(receipt)


def test_who_waits_may_wish_for_a_theme_that_is_full(client: Client) -> None:
    meeting = create_meeting(capacity=1)
    first, second = create_round(meeting, 1, None)
    create_participant(registration=create_registration(meeting=meeting, participants=0), themes=[first])

    form = client.get(address(meeting))
    checked = client.post(address(meeting), with_wishes(first, second, waits="on"))
    send_on(client, meeting, checked)

    assert "disabled" not in form.content.decode().split("<template")[0]
    wishes = ThemeWish.objects.filter(participant__name="Person 1").order_by("rank")
    assert [wish.theme for wish in wishes] == [first, second]
    text = page_text(client.get(f"/deltager/{person('Person 1').token}"))
    assert "Ønsket tema Emne 1 Andet ønske Emne 2" in text


@pytest.mark.parametrize("value", ["\x00", "x" * 10_000, "😀", "-1"])
def test_a_second_wish_that_is_none_is_refused_at_its_field(client: Client, value: str) -> None:
    meeting = create_meeting()
    first, _second = create_round(meeting, 1, None)
    data = {**with_wishes(first, None), f"participant-0-second-{first.item_id}": value}

    response = client.post(address(meeting), data)

    assert response.status_code == 200
    assert summary(response)[-1] == ("Vælg et tema", f"participant-0-second-{first.item_id}")


# Changing what is registered.


def change_page(registration: Registration) -> str:
    return f"/kvittering/{registration.token}/ret"


def test_whoever_is_added_to_a_registration_may_wait(client: Client) -> None:
    meeting = create_meeting(capacity=1)
    registration = sign_up_waiting(meeting, "Ane")
    new = {"row": ["0", "1"], "participant-1-name": "Bo", "participant-1-email": "bo@herning.example"}

    data = inputs(client.get(change_page(registration))) | new | {"do": "check"}
    refused = client.post(change_page(registration), data)
    checked = client.post(change_page(registration), {**data, "waits": "on"})
    client.post(change_page(registration), inputs(checked) | {"do": "send"})

    assert BOX in page_text(refused)
    assert (placed(meeting), waiting(meeting)) == (["Ane"], [("Bo", 1)])


def test_the_form_of_who_waits_shows_the_wishes(client: Client) -> None:
    meeting = create_meeting(capacity=1)
    first, second = create_round(meeting, 1, None)
    attendee = make_attendee(session=meeting.sessions.get(), name="Bo", themes=[first])
    create_registration(meeting=meeting)
    registration = sign_up_waiting(meeting, participants=[replace(attendee, second_wishes=(second,))])

    shown = inputs(client.get(change_page(registration)))

    assert shown[f"participant-0-theme-{first.item_id}"] == [str(first.pk)]
    assert shown[f"participant-0-second-{first.item_id}"] == [str(second.pk)]


def test_who_has_got_the_second_wish_has_it_as_the_choice_when_something_else_changes(client: Client) -> None:
    meeting = create_meeting()
    first, second = create_round(meeting, 1, None)
    create_participant(registration=create_registration(meeting=meeting, participants=0), themes=[first])
    attendee = make_attendee(session=meeting.sessions.get(), name="Bo", themes=[first])
    registration = sign_up_waiting(meeting, participants=[replace(attendee, second_wishes=(second,))])

    shown = inputs(client.get(change_page(registration)))
    client.post(change_page(registration), shown | {"participant-0-title": "Formand", "do": "send"})

    assert shown[f"participant-0-theme-{first.item_id}"] == [str(second.pk)]
    assert shown[f"participant-0-second-{first.item_id}"] == [""]
    bo = person("Bo")
    assert (bo.title, [choice.theme for choice in bo.theme_choices.all()]) == ("Formand", [second])


def test_everybody_who_withdraws_together_gives_the_places_to_others(client: Client) -> None:
    meeting = create_meeting(capacity=1)
    registration = sign_up_waiting(meeting, "Ane", "Bo")
    sign_up_waiting(meeting, "Dan", municipality=get_municipality("Viborg"), contact_email="d@viborg.example")

    everybody = [participant.pk for participant in registration.participants.all()]

    client.post(f"/kvittering/{registration.token}/afmeld", {"participants": everybody})

    assert (placed(meeting), waiting(meeting)) == (["Dan"], [])
    assert person("Bo").moved_up_at is None
