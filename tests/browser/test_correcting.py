"""A meeting changes: an officer sees what is wrong out there, puts it right, and cancels it in the end."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from invitations.models import Letter, Meeting, OutgoingEmail
from registrations.models import Correction
from tests.factories import create_meeting, create_programme_item, create_staff, create_theme
from tests.told import send_letter, sign_up

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def officer(page: Page, client: Client, live_server: LiveServer) -> Page:
    """The window of somebody of the secretariat."""
    client.force_login(create_staff())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    return page


def follow(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name, exact=True).click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def faults(page: Page) -> list[str]:
    """What axe finds on the page, but for the empty cell in the head of Django's tables of rows."""
    options = {"preload": False, "rules": {"empty-table-header": {"enabled": False}}}
    violations = Axe().run(page, options=options).response["violations"]
    return [f"{violation['id']}: {[node['html'] for node in violation['nodes']]}" for violation in violations]


def test_a_change_is_seen_put_right_and_the_meeting_cancelled_by_letter(
    officer: Page, live_server: LiveServer
) -> None:
    page = officer
    meeting = create_meeting(slug="moede")
    theme = create_theme(item=create_programme_item(meeting=meeting, title="Temaer"), title="Skole")
    send_letter(meeting, "Herning", "Holstebro")
    sign_up(meeting, email="bo@example.dk", themes=[theme])
    address = f"{live_server.url}/admin/invitations/meeting/{meeting.pk}/change/"
    found = {}

    page.goto(address)
    page.fill("[name=programme-0-themes-0-title]", "Skole og SFO")
    page.fill("#id_sessions-0-starts_time", "18.00")
    page.fill("#id_sessions-0-ends_time", "20.00")
    page.click("[name=_continue]")
    expect(page.get_by_text("Tidspunkt: kl. 17-19 er nu kl. 18-20")).to_be_visible()
    expect(page.get_by_text("Tema omdøbt: Skole er nu Skole og SFO")).to_be_visible()
    found["the banner"] = faults(page)

    follow(page, "Se hvad, og send rettelse")
    found["what is wrong"] = faults(page)
    press(page, "Forbered rettelsesbrev")
    expect(page.get_by_label(re.compile("Send brevet som PDF: 2 mails"))).to_be_checked()
    found["ready to send"] = faults(page)
    follow(page, "Vis som PDF")
    expect(page.locator("iframe.pdf")).to_be_visible()
    page.go_back()
    press(page, "Send rettelse")
    expect(page.get_by_text("Rettelsen er sendt: 4 mails er på vej.")).to_be_visible()
    found["sent"] = faults(page)

    page.goto(address)
    expect(page.get_by_text("passer ikke længere")).to_have_count(0)
    follow(page, "Aflys mødet")
    press(page, "Forbered aflysningsbrev")
    found["about to cancel"] = faults(page)
    press(page, "Aflys mødet")
    expect(page.get_by_text("Mødet er aflyst. 4 mails er på vej.")).to_be_visible()

    page.goto(f"{live_server.url}/moede")
    expect(page.get_by_role("link", name="Læs aflysningsbrevet")).to_be_visible()
    found["the public page"] = faults(page)

    assert found == {name: [] for name in found}
    assert Meeting.objects.get().is_cancelled
    assert Correction.objects.get().mails == 4
    assert sorted(Letter.objects.sent().values_list("kind", flat=True)) == [
        "cancellation",
        "change",
        "invitation",
    ]
    assert OutgoingEmail.objects.filter(to="bo@example.dk").count() == 3
