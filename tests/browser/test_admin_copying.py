"""Last year's meeting is copied in a browser: from the list, with one date typed."""

from __future__ import annotations

from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from invitations.models import Meeting
from tests.factories import (
    create_letter,
    create_meeting,
    create_programme_item,
    create_session,
    create_theme,
    get_area,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def test_a_meeting_is_copied_and_its_deadline_follows_the_day_that_is_typed(
    page: Page, officer: Client, live_server: LiveServer
) -> None:
    meeting = create_meeting(
        slug="herning2026",
        title="Politisk møde",
        session=False,
        areas=[get_area("Region Sjælland")],
        registration_deadline_date=date(2026, 3, 20),
    )
    session = create_session(meeting=meeting, starts_date=date(2026, 4, 16))
    create_theme(item=create_programme_item(meeting=meeting, title="Temaer"), title="Skole")
    create_letter(meeting=meeting).sections.create(text="Vi ses i 2026.", position=1)

    page.goto(f"{live_server.url}/admin/invitations/meeting/")
    page.get_by_role("link", name="Kopiér mødet: Politisk møde").click()
    expect(page.get_by_text("Kommunerne hører da til Region Østdanmark.")).to_be_visible()
    expect(page.get_by_label("Tilmeldingsfrist")).to_have_value("19.03.2027")
    page.get_by_label("Dato", exact=True).fill("20.4.2028")
    page.get_by_label("Titel").fill("Politisk møde i øst")
    expect(page.get_by_label("Tilmeldingsfrist")).to_have_value("24.03.2028")
    expect(page.get_by_label("Adresse")).to_have_value("herning2028")
    expect(page.get_by_label("Titel")).to_have_value("Politisk møde i øst")
    assert Axe().run(page, options={"preload": False}).response["violations"] == []
    page.get_by_role("button", name="Kopiér mødet").click()

    expect(page.get_by_text("Her er kopien: en kladde med 1 brev")).to_be_visible()
    expect(page.get_by_role("link", name="Brev: Invitation 1.2.2027, afsnit 2")).to_be_visible()
    copy = Meeting.objects.get(copied_from=meeting)
    assert (copy.title, copy.slug, copy.registration_deadline_date) == (
        "Politisk møde i øst",
        "herning2028",
        date(2028, 3, 24),
    )
    assert copy.sessions.get().starts_date == date(2028, 4, 20)
    assert copy.programme.get().themes.get().title == "Skole"
    assert meeting.sessions.get() == session
