"""A letter on its way, as an officer sends it: tried, scheduled, called off, sent, sent again."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller

from invitations import personal_letters
from invitations.models import Letter, OutgoingEmail
from tests.browser.test_admin_pages import faults, press
from tests.factories import (
    NOW,
    create_letter,
    create_meeting,
    create_office,
    create_staff,
    get_area,
)
from tests.large_meeting import create_offices

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def officer(clock: Traveller, page: Page, client: Client, live_server: LiveServer) -> Client:
    """Somebody of the secretariat, logged in here and in the browser's window."""
    client.force_login(create_staff())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    return client


@pytest.mark.usefixtures("officer")
def test_a_letter_is_tried_scheduled_called_off_sent_and_sent_again(
    page: Page, live_server: LiveServer
) -> None:
    create_office(mailbox="udvalg@herning.example")
    letter = create_letter(is_personal=True)
    found = {}

    page.goto(f"{live_server.url}/admin/invitations/letter/{letter.pk}/send/")
    expect(page.get_by_text("1 modtager i 1 kommune, 18 uden postkasse")).to_be_visible()
    press(page, "Send testmail")
    expect(page.get_by_text("En testmail er på vej til sekretariatet@kl.example.")).to_be_visible()

    page.get_by_label("Dato").fill("6.2.2027")
    page.get_by_label("Klokkeslæt").fill("9.00")
    press(page, "Planlæg")
    expect(page.get_by_text("Det er weekend eller helligdag.")).to_be_visible()
    found["a warning"] = faults(page)
    press(page, "Planlæg alligevel")
    expect(page.get_by_text("Sendes den 6. februar 2027 kl. 9.00")).to_be_visible()
    page.get_by_role("link", name="Fortryd planlagt udsendelse").click()
    press(page, "Fortryd planlagt udsendelse")
    expect(page.get_by_text("Brevet er en kladde igen.")).to_be_visible()

    page.get_by_role("link", name="Send brevet").click()
    press(page, "Send 1 mail nu")
    expect(page.get_by_text("0 af 1 er klar")).to_be_visible()
    found["being made"] = faults(page)
    personal_letters.make_due(at=NOW)
    # The page asks by itself.
    expect(page.get_by_text("0 af 1 er klar")).to_be_hidden()

    OutgoingEmail.objects.filter(kind="letter").update(state="failed", last_error="550 No such user")
    page.get_by_role("link", name="Alle (1)").click()
    page.get_by_role("link", name="Kunne ikke leveres (1)").click()
    expect(page.get_by_text("550 No such user")).to_be_visible()
    found["a mail that failed"] = faults(page)
    page.get_by_role("link", name="Send igen til alle, hvis mail ikke kunne leveres").click()
    press(page, "Send 1 mail")
    expect(page.get_by_text("1 mail er på vej.")).to_be_visible()

    kinds = OutgoingEmail.objects.order_by("pk").values_list("kind", "state")
    assert list(kinds) == [("test", "owed"), ("letter", "failed"), ("letter", "owed")]
    assert Letter.objects.get().state == "sent"
    assert found == {name: [] for name in found}


@pytest.mark.usefixtures("officer")
def test_of_98_municipalities_one_is_found_by_typing(page: Page, live_server: LiveServer) -> None:
    create_offices()
    letter = create_letter(meeting=create_meeting(areas=[get_area("Hele landet")]))

    page.goto(f"{live_server.url}/admin/invitations/letter/{letter.pk}/send/")
    rows = page.locator("table.recipients tbody tr:visible")
    expect(rows).to_have_count(98)
    page.get_by_label("Find en kommune eller postkasse").fill("ÅRHUS")

    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Aarhus Kommune")
    assert faults(page) == []
