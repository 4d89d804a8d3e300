"""A municipality registers in a browser: with JavaScript, and in all the same steps without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registrations.models import Decline, Participant, Registration
from tests.factories import (
    create_invitation,
    create_meeting,
    create_programme_item,
    create_question,
    create_registration,
    create_theme,
    get_municipality,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

NEXT = "Næste: Tjek jeres svar"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def go_back(page: Page) -> None:
    """Press Back as people do: once the page has come. Chromium loses its place where it is half-way."""
    page.wait_for_load_state()
    page.go_back()


def fill_in_contact(page: Page) -> None:
    page.get_by_label("Dit navn").fill("Anne Sekretær")
    page.get_by_label("Din e-mailadresse").fill("anne@herning.example")


def fill_in_participant(page: Page, number: int, name: str) -> None:
    participant = page.get_by_role("group", name=f"Deltager {number}", exact=True)
    participant.get_by_label("Deltagerens navn").fill(name)
    participant.get_by_label("Deltagerens e-mailadresse").fill(f"{name.lower()}@herning.example")


def test_a_municipality_follows_its_link_and_registers_three(
    either_way: Page, live_server: LiveServer
) -> None:
    page = either_way
    meeting = create_meeting(capacity=10)
    item = create_programme_item(meeting=meeting, title="Temaer")
    theme = create_theme(item=item, title="Trivsel")
    create_theme(item=item, title="Skoledag")
    question = create_question(meeting=meeting, text="Hvad lykkes?")
    invitation = create_invitation(meeting=meeting)

    page.goto(f"{live_server.url}/svar/{invitation.token}")
    page.get_by_role("link", name="Tilmeld jer").click()
    fill_in_contact(page)
    for number, name in enumerate(("Bo", "Kis", "Eva", "Ida"), start=1):
        if number > 1:
            press(page, "Tilføj deltager")
        fill_in_participant(page, number, name)
        page.get_by_role("group", name=f"Deltager {number}", exact=True).get_by_label(
            "Tema 1: Trivsel"
        ).check()
    press(page, "Fjern deltager 2")
    page.get_by_label("Hvad lykkes?").fill("Samarbejdet\nmed skolerne")
    press(page, NEXT)
    expect(page.get_by_role("heading", name="Tjek jeres svar")).to_be_visible()
    expect(page.get_by_text("Samarbejdet")).to_be_visible()
    press(page, "Send tilmelding")

    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    registration = Registration.objects.get()
    expect(page.get_by_text(registration.reference)).to_be_visible()
    assert (registration.municipality, registration.invitation) == (get_municipality(), invitation)
    assert list(registration.participants.values_list("name", "email", "theme_choices__theme")) == [
        (name, f"{name.lower()}@herning.example", theme.pk) for name in ("Bo", "Eva", "Ida")
    ]
    assert registration.answers.get(question=question).text == "Samarbejdet\nmed skolerne"


def test_errors_take_the_focus_and_lead_to_their_fields(either_way: Page, live_server: LiveServer) -> None:
    page = either_way
    page.goto(f"{live_server.url}/{create_meeting().slug}/tilmeld")

    page.get_by_label("Dit navn").fill("Anne Sekretær")
    press(page, NEXT)

    expect(page).to_have_title("Fejl: Tilmeld jer politisk møde i Region Midtjylland – Trin 1 af 3 – KL")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Dit navn")).to_have_value("Anne Sekretær")
    page.get_by_role("link", name="Indtast deltagerens navn").click()
    expect(page.get_by_label("Deltagerens navn")).to_be_focused()


def test_the_browsers_back_button_finds_what_was_typed(either_way: Page, live_server: LiveServer) -> None:
    page = either_way
    page.goto(f"{live_server.url}/{create_meeting().slug}/tilmeld")
    page.get_by_label("Kommune", exact=True).select_option("Herning")
    fill_in_contact(page)
    fill_in_participant(page, 1, "Bo")
    press(page, NEXT)
    expect(page.get_by_role("heading", name="Tjek jeres svar")).to_be_visible()

    go_back(page)

    expect(page.get_by_label("Dit navn")).to_have_value("Anne Sekretær")
    expect(page.get_by_label("Kommune", exact=True)).to_have_value("0657")
    expect(page.get_by_label("Deltagerens navn")).to_have_value("Bo")


def test_the_back_button_finds_participants_who_were_added_and_removed(
    either_way: Page, live_server: LiveServer
) -> None:
    page = either_way
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting)
    create_theme(item=item, title="Trivsel")
    page.goto(f"{live_server.url}/{meeting.slug}/tilmeld")
    page.get_by_label("Kommune", exact=True).select_option("Herning")
    fill_in_contact(page)
    press(page, "Tilføj deltager")
    press(page, "Tilføj deltager")
    press(page, "Fjern deltager 1")
    for number, name in enumerate(("Kis", "Eva"), start=1):
        fill_in_participant(page, number, name)
        page.get_by_role("group", name=f"Deltager {number}", exact=True).get_by_label(
            "Tema 1: Trivsel"
        ).check()
    press(page, NEXT)
    expect(page.get_by_role("heading", name="Tjek jeres svar")).to_be_visible()

    go_back(page)
    press(page, NEXT)
    press(page, "Send tilmelding")

    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    assert list(Participant.objects.values_list("name", flat=True)) == ["Kis", "Eva"]


def test_back_from_the_receipt_and_sending_again_is_one_registration(
    either_way: Page, live_server: LiveServer
) -> None:
    page = either_way
    page.goto(f"{live_server.url}/{create_meeting().slug}/tilmeld")
    page.get_by_label("Kommune", exact=True).select_option("Herning")
    fill_in_contact(page)
    fill_in_participant(page, 1, "Bo")
    press(page, NEXT)
    press(page, "Send tilmelding")
    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    receipt = page.url

    go_back(page)
    press(page, "Send tilmelding")

    expect(page).to_have_url(receipt)
    assert Registration.objects.count() == 1


def test_the_edit_buttons_lead_back_to_their_part_of_the_form(
    either_way: Page, live_server: LiveServer
) -> None:
    page = either_way
    page.goto(f"{live_server.url}/{create_meeting().slug}/tilmeld")
    page.get_by_label("Kommune", exact=True).select_option("Herning")
    fill_in_contact(page)
    fill_in_participant(page, 1, "Bo")
    page.get_by_label("Emner, I gerne vil drøfte").fill("Skolestart")
    press(page, NEXT)

    press(page, "Ret deltagere")

    expect(page).to_have_url(re.compile("/tilmeld#participants$"))
    expect(page.get_by_label("Deltagerens navn")).to_have_value("Bo")
    expect(page.get_by_label("Emner, I gerne vil drøfte")).to_have_value("Skolestart")


def test_the_enter_key_goes_on_and_removes_nobody(either_way: Page, live_server: LiveServer) -> None:
    page = either_way
    page.goto(f"{live_server.url}/{create_meeting().slug}/tilmeld")
    press(page, "Tilføj deltager")
    fill_in_participant(page, 1, "Bo")
    fill_in_participant(page, 2, "Kis")

    page.get_by_label("Dit navn").press("Enter")

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Deltagerens navn")).to_have_count(2)


def test_adding_and_removing_moves_the_focus_and_is_announced(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/{create_meeting().slug}/tilmeld")
    expect(page.get_by_role("button", name="Fjern deltager 1")).to_be_hidden()

    press(page, "Tilføj deltager")

    expect(page.get_by_role("status")).to_have_text("Deltager 2 er tilføjet")
    expect(page.get_by_label("Deltagerens navn").nth(1)).to_be_focused()
    expect(page.get_by_role("button", name="Fjern deltager 1")).to_be_visible()

    press(page, "Fjern deltager 1")

    expect(page.get_by_role("status")).to_have_text("Deltager 1 er fjernet")
    expect(page.get_by_role("heading", name="Deltagere")).to_be_focused()
    expect(page.get_by_role("heading", name="Deltager 1")).to_be_visible()
    expect(page.get_by_role("button", name="Fjern deltager 1")).to_be_hidden()


def test_a_new_participant_has_the_focus_without_javascript_too(
    either_way: Page, live_server: LiveServer
) -> None:
    either_way.goto(f"{live_server.url}/{create_meeting().slug}/tilmeld")

    press(either_way, "Tilføj deltager")

    expect(either_way.get_by_label("Deltagerens navn").nth(1)).to_be_focused()


def test_a_text_says_how_much_is_left_of_it(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/{create_meeting().slug}/tilmeld")
    topics = page.get_by_label("Emner, I gerne vil drøfte")

    topics.fill("🙂" * 1999 + "\n")
    expect(page.locator("#topics_helptext")).to_have_text("0 tegn tilbage")
    topics.fill("x" * 2003)

    expect(page.locator("#topics_helptext")).to_have_text("3 tegn for meget")


def test_a_second_click_on_send_is_no_second_registration(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/{create_meeting().slug}/tilmeld")
    page.get_by_label("Kommune", exact=True).select_option("Herning")
    fill_in_contact(page)
    fill_in_participant(page, 1, "Bo")
    press(page, NEXT)

    page.get_by_role("button", name="Send tilmelding").dblclick()

    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    assert Registration.objects.count() == 1


def test_declining_is_two_buttons_away(either_way: Page, live_server: LiveServer) -> None:
    invitation = create_invitation()

    either_way.goto(f"{live_server.url}/svar/{invitation.token}")
    either_way.get_by_role("link", name="Vi deltager ikke").click()
    press(either_way, "Meld afbud")

    expect(either_way.get_by_text("Vi har noteret, at Herning Kommune ikke deltager.")).to_be_visible()
    assert Decline.objects.count() == 1


def test_the_contact_withdraws_a_participant_from_the_receipt(
    either_way: Page, live_server: LiveServer
) -> None:
    registration = create_registration()
    name = registration.participants.get().name

    either_way.goto(f"{live_server.url}/kvittering/{registration.token}")
    either_way.get_by_role("link", name=f"Afmeld {name}").click()
    expect(either_way.get_by_role("checkbox", name=name)).to_be_checked()
    press(either_way, "Afmeld deltagere")

    expect(either_way.get_by_role("heading", name="Kvittering")).to_be_visible()
    expect(either_way.get_by_text("Afmeldt", exact=True)).to_be_visible()
    assert Participant.objects.active().count() == 0


def test_the_page_changes_language_and_back(either_way: Page, live_server: LiveServer) -> None:
    meeting = create_meeting()
    either_way.goto(f"{live_server.url}/{meeting.slug}")

    either_way.get_by_role("link", name="English").click()
    expect(either_way.get_by_role("link", name="Sign up")).to_be_visible()
    either_way.get_by_role("link", name="Dansk").click()

    expect(either_way.get_by_role("link", name="Tilmeld jer")).to_be_visible()
