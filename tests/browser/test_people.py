"""The participants of a meeting in a browser: guests entered, badges printed, the queue worked off."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registrations import registering
from registrations.models import Registration
from tests.browser.test_admin_pages import faults
from tests.delegations import make_delegation
from tests.factories import (
    NOW,
    create_meeting,
    create_office,
    create_programme_item,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.pdf_reader import PdfReader

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def logged_in(page: Page, client: Client, live_server: LiveServer) -> Page:
    client.force_login(create_staff())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    return page


def test_an_officer_enters_a_speaker_prints_the_badges_and_works_off_the_queue(
    logged_in: Page, live_server: LiveServer
) -> None:
    page = logged_in
    meeting = create_meeting(capacity=3)
    create_office(municipality=get_municipality("Herning"), mailbox="udvalg@herning.example")
    registering.register(meeting, make_delegation(meeting, people=2, contact_email="a@ny.example"), at=NOW)
    theme = create_theme(item=create_programme_item(meeting=meeting, title="Temaer"), title="Dagtilbud")
    found: dict[str, list[str]] = {}

    page.goto(f"{live_server.url}/admin/invitations/meeting/{meeting.pk}/participants/")
    found["the list"] = faults(page)
    page.get_by_role("link", name="Tilføj KL's egne, oplægsholdere og gæster").click()
    page.get_by_label("De kommer som").select_option(label="Oplægsholder")
    page.get_by_label("Organisation eller udvalg").fill("Aarhus Universitet")
    page.get_by_label("Navn 1", exact=True).fill("Ida Klog")
    page.get_by_label("Temaer 1").select_option(label="1. Dagtilbud")
    page.get_by_label("Navn 2", exact=True).fill("Bo Ærø")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Navn 2", exact=True)).to_have_value("Bo Ærø")
    found["the form, refused"] = faults(page)
    page.get_by_label("Tilmeld, selv om mødet (plads til 3)").check()
    page.get_by_role("button", name="Tilføj deltagerne").click()
    expect(page.get_by_text("2 deltagere er tilføjet.")).to_be_visible()
    page.get_by_label("Kommer som:").select_option(label="Oplægsholder")
    page.get_by_role("button", name="Vis", exact=True).click()
    badges = page.get_by_role("link", name="Navneskilte (PDF)").get_attribute("href")
    answer = page.request.get(f"{live_server.url}{badges}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Regneark (xlsx)").click()
    page.get_by_role("link", name="Angiv, hvem de er fra").click()
    page.get_by_text("En anden kommune eller ingen").click()
    found["the queue"] = faults(page)
    page.get_by_label("Kommune", exact=True).fill("Viborg")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 tilmelding tæller nu som svar fra Viborg Kommune.")).to_be_visible()

    read = [
        [text for _role, text in item.blocks()] for item in PdfReader(answer.body()).document.find("LBody")
    ]
    whose = "Oplægsholder, Aarhus Universitet"
    assert read == [
        [meeting.title, "Bo Ærø", whose],
        [meeting.title, "Ida Klog", whose, f"Tema 1: {theme.title}"],
    ]
    assert download.value.suggested_filename == f"{meeting.slug}-deltagere.xlsx"
    assert Registration.objects.get(guest_kind="").municipality == get_municipality("Viborg")
    assert found == {name: [] for name in found}
