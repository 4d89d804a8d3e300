"""A letter is written with itself beside the form, by keyboard, and with the server away for a while."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from invitations.models import Letter, LetterVersion
from tests.factories import create_letter, create_meeting, create_programme_item

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

UNKNOWN = "{sted} kan ikke bruges: pladsholderen findes ikke. Mente du {venue}?"


def faults(page: Page) -> list[str]:
    """What axe finds on the page."""
    violations = Axe().run(page, options={"preload": False}).response["violations"]
    return [f"{violation['id']}: {[node['html'] for node in violation['nodes']]}" for violation in violations]


def test_an_officer_sees_what_is_wrong_beside_the_letter_and_mends_it(
    page: Page, officer: Client, live_server: LiveServer
) -> None:
    meeting = create_meeting()
    create_programme_item(meeting=meeting, notes="{sted}")
    letter = create_letter(meeting=meeting)
    paper = page.locator(".letter-paper .paper")
    text = page.locator("#id_sections-0-text")

    page.goto(f"{live_server.url}/admin/invitations/letter/{letter.pk}/change/")
    text.press_sequentially("Mødet er i {sted}, ")
    page.click("#sections-group .add-row a")
    page.select_option("#id_sections-1-block", "programme")

    expect(page.locator("#id_sections-0-text_helptext li")).to_have_text(UNKNOWN)
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(paper.locator("mark")).to_have_text(["{sted}", "{sted}"])
    expect(paper.get_by_text("Velkommen")).to_be_visible()
    place = page.locator(".elsewhere").get_by_role("link", name="Program, punkt 1, tekst under temaerne")
    expect(place).to_have_attribute(
        "href", f"/admin/invitations/meeting/{meeting.pk}/change/#id_programme-0-notes"
    )
    assert faults(page) == []

    # Mended where the link leads, and here by the keyboard alone: the list of placeholders writes it.
    meeting.programme.update(notes="")
    text.fill("Mødet er i ")
    page.locator(".placeholders summary").press("Enter")
    page.get_by_role("button", name="{city}", exact=True).press("Enter")
    expect(text).to_be_focused()
    page.keyboard.type(" som sidst")

    expect(text).to_have_value("Mødet er i {city} som sidst")
    expect(paper.get_by_text("Mødet er i Herning som sidst")).to_be_visible()
    expect(page.locator(".problems-here")).to_have_count(0)
    expect(text).not_to_have_attribute("aria-invalid", "true")
    assert faults(page) == []

    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Vis som PDF (").click()
    answer = opened.value
    answer.wait_for_load_state()
    assert answer.url.endswith(f"/{letter.pk}/live/pdf/")
    expect(text).to_have_value("Mødet er i {city} som sidst")
    assert (LetterVersion.objects.count(), letter.sections.get().text[:8]) == (0, "Vi vil g")

    page.click("[name=_continue]")
    expect(page.get_by_text("Gemt: ")).to_be_visible()
    saved = Letter.objects.get().sections.all()
    assert [(section.text, section.block) for section in saved] == [
        ("Mødet er i {city} som sidst", ""),
        ("", "programme"),
    ]


def test_what_is_typed_stays_while_the_server_cannot_be_reached(
    page: Page, officer: Client, live_server: LiveServer
) -> None:
    letter = create_letter()
    status = page.locator(".letter-preview-status")
    shown = page.locator(".letter-paper .title")
    page.goto(f"{live_server.url}/admin/invitations/letter/{letter.pk}/change/")

    def hang_up(route: Route) -> None:
        route.abort()

    page.route("**/live/", hang_up)
    page.fill("#id_title", "Skrevet uden forbindelse")
    expect(status).to_contain_text("Der er ingen forbindelse til serveren")
    expect(page.locator("#id_title")).to_have_value("Skrevet uden forbindelse")
    page.unroute("**/live/", hang_up)
    page.locator("#id_title").press_sequentially("!")
    expect(shown).to_have_text("Skrevet uden forbindelse!")
    expect(status).to_have_text("Det viste brev er opdateret igen.")

    # Logged out in another window, and in again.
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.fill("#id_title", "Skrevet uden at være logget ind")
    expect(status).to_contain_text("Du er blevet logget ud.")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.locator("#id_title").press_sequentially(".")
    expect(shown).to_have_text("Skrevet uden at være logget ind.")
    page.click("[name=_continue]")
    expect(page.get_by_text("Gemt: ")).to_be_visible()
    letter.refresh_from_db()
    assert letter.title == "Skrevet uden at være logget ind."
