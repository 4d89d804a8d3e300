"""Nothing that somebody has typed is lost: without a connection, after a crash, in the other language."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registrations.models import Decline, Participant, Registration
from tests.browser.test_registering import NEXT, fill_in_contact, fill_in_participant, go_back, press
from tests.factories import create_invitation, create_meeting, create_programme_item, create_theme

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

NO_CONNECTION = "Der er ingen forbindelse. Det, I har skrevet, står her endnu. Prøv igen om lidt."


@pytest.fixture
def form(live_server: LiveServer) -> str:
    return f"{live_server.url}/{create_meeting(slug='moede').slug}/tilmeld"


def fill_in(page: Page) -> None:
    page.get_by_label("Kommune", exact=True).select_option("Herning")
    fill_in_contact(page)
    fill_in_participant(page, 1, "Bo")


def test_without_a_connection_the_form_stays_and_says_so(page: Page, form: str) -> None:
    page.goto(form)
    fill_in(page)
    page.context.set_offline(True)

    press(page, NEXT)

    expect(page.get_by_role("alert")).to_have_text(NO_CONNECTION)
    expect(page.get_by_role("alert")).to_be_in_viewport()
    expect(page.get_by_label("Deltagerens navn")).to_have_value("Bo")

    page.context.set_offline(False)
    press(page, NEXT)

    expect(page.get_by_role("heading", name="Tjek jeres svar")).to_be_visible()


def test_a_network_that_leads_nowhere_is_no_connection(page: Page, form: str) -> None:
    page.goto(form)
    fill_in(page)
    press(page, NEXT)
    expect(page.get_by_role("heading", name="Tjek jeres svar")).to_be_visible()
    page.route("**/*", lambda route: route.abort())

    press(page, "Send tilmelding")

    expect(page.get_by_role("alert")).to_have_text(NO_CONNECTION)

    page.unroute("**/*")
    press(page, "Send tilmelding")

    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    assert Registration.objects.count() == 1


def test_declining_without_a_connection_says_so_too(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/svar/{create_invitation().token}/afbud")
    page.context.set_offline(True)

    press(page, "Meld afbud")

    expect(page.get_by_role("alert")).to_have_text(NO_CONNECTION)
    assert Decline.objects.count() == 0


def test_a_page_that_is_loaded_again_finds_what_was_typed(page: Page, form: str) -> None:
    page.goto(form)
    press(page, "Tilføj deltager")
    fill_in(page)
    fill_in_participant(page, 2, "Kis")

    # As after a crash: another page in the same tab, whose history knows nothing of the form.
    page.wait_for_timeout(500)
    page.goto("about:blank")
    page.goto(form)

    expect(page.get_by_role("status").filter(has_text="Det, I skrev sidst, er hentet frem.")).to_be_visible()
    expect(page.get_by_label("Kommune", exact=True)).to_have_value("0657")
    expect(page.get_by_label("Deltagerens navn").nth(1)).to_have_value("Kis")

    press(page, "Begynd forfra")

    expect(page.get_by_label("Dit navn")).to_have_value("")
    expect(page.get_by_label("Deltagerens navn")).to_have_count(1)


def test_once_it_is_sent_nothing_of_it_is_remembered(page: Page, form: str) -> None:
    page.goto(form)
    fill_in(page)
    press(page, NEXT)
    press(page, "Send tilmelding")
    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()

    page.wait_for_function("Object.keys(sessionStorage).length === 0")
    page.goto(form)

    expect(page.get_by_label("Dit navn")).to_have_value("")
    expect(page.get_by_text("Det, I skrev sidst")).to_be_hidden()


def test_an_untouched_form_is_not_remembered(page: Page, form: str) -> None:
    page.goto(form)
    page.goto("about:blank")
    page.goto(form)

    assert page.evaluate("Object.keys(sessionStorage)") == []


def test_what_nobody_is_to_see_is_not_remembered(page: Page, form: str) -> None:
    page.goto(form)
    page.evaluate("document.querySelector('#participant-0-title').name = 'participant-0-needs'")
    fill_in(page)
    page.get_by_label("Titel eller rolle").fill("Spiser ikke nødder")
    page.wait_for_timeout(500)

    kept = page.evaluate("sessionStorage.getItem('typed:/moede/tilmeld')")
    assert "Anne Sekretær" in kept
    assert "nødder" not in kept


def test_the_other_language_shows_the_same_words_on_the_form_and_on_the_answers(
    either_way: Page, form: str
) -> None:
    page = either_way
    page.goto(form)
    fill_in(page)

    press(page, "English")

    expect(page.get_by_label("Your name")).to_have_value("Anne Sekretær")
    expect(page.get_by_label("The participant's name")).to_have_value("Bo")
    press(page, "Next: check your answers")
    press(page, "Dansk")
    expect(page.get_by_role("heading", name="Tjek jeres svar")).to_be_visible()
    press(page, "Send tilmelding")

    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    assert Participant.objects.get().name == "Bo"


def test_back_unlocks_the_button_that_was_pressed(page: Page, form: str) -> None:
    page.goto(form)
    fill_in(page)
    press(page, NEXT)
    expect(page.get_by_role("heading", name="Tjek jeres svar")).to_be_visible()

    go_back(page)
    press(page, NEXT)

    expect(page.get_by_role("heading", name="Tjek jeres svar")).to_be_visible()


def test_a_pasted_list_becomes_rows_that_can_be_sent(either_way: Page, live_server: LiveServer) -> None:
    page = either_way
    meeting = create_meeting()
    create_theme(item=create_programme_item(meeting=meeting), title="Trivsel")
    page.goto(f"{live_server.url}/{meeting.slug}/tilmeld")
    page.get_by_label("Kommune", exact=True).select_option("Herning")
    fill_in_contact(page)

    page.get_by_text("Indsæt en liste af navne").click()
    page.get_by_label("Navne og e-mailadresser").fill(
        "Bo Hansen <bo@herning.example>; Juhl, Kis <kis@herning.example>"
    )
    press(page, "Lav rækker")

    expect(page.get_by_text("2 deltagere er sat ind fra listen.")).to_be_focused()
    expect(page.get_by_label("Deltagerens navn").nth(1)).to_have_value("Kis Juhl")
    for number in (1, 2):
        page.get_by_role("group", name=f"Deltager {number}", exact=True).get_by_label("Trivsel").check()
    press(page, NEXT)
    press(page, "Send tilmelding")

    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    assert list(Participant.objects.values_list("name", "email")) == [
        ("Bo Hansen", "bo@herning.example"),
        ("Kis Juhl", "kis@herning.example"),
    ]


def test_faults_take_the_focus_even_where_the_address_names_a_part_of_the_page(
    either_way: Page, form: str
) -> None:
    page = either_way
    page.goto(form)
    fill_in(page)
    press(page, NEXT)
    press(page, "Ret deltagere")
    expect(page).to_have_url(f"{form}#participants")
    page.get_by_label("Deltagerens navn").fill("")

    press(page, NEXT)

    expect(page.get_by_role("alert").filter(has_text="Der er problemer")).to_be_focused()


def test_the_receipt_opens_the_window_for_printing(page: Page, form: str) -> None:
    page.goto(form)
    fill_in(page)
    press(page, NEXT)
    press(page, "Send tilmelding")
    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    page.evaluate("window.printed = 0; window.print = () => { window.printed += 1 }; null")

    press(page, "Gem som PDF")
    press(page, "Print")

    assert page.evaluate("window.printed") == 2
