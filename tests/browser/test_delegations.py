"""A delegation from first to last, on a phone and on a desk: register, change, wait, get a place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from invitations.models import Meeting, OutgoingEmail
from registrations.models import Participant, Registration
from tests.browser.conftest import open_page
from tests.browser.test_registering import NEXT, fill_in_contact, fill_in_participant, press
from tests.factories import create_invitation, create_meeting

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

VIEWPORTS: dict[str, ViewportSize] = {
    "phone": {"width": 320, "height": 640},
    "desk": {"width": 1280, "height": 900},
}


@pytest.fixture(params=VIEWPORTS)
def anywhere(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A window, once of a phone and once of a desk."""
    yield from open_page(chromium.new_context(locale="da-DK", viewport=VIEWPORTS[request.param]))


def person(page: Page, number: int) -> Page:
    """The fields of a participant, counted from 1."""
    return page.locator("[data-participants] > fieldset").nth(number - 1)  # type: ignore[return-value]


def fits(page: Page) -> None:
    """Nothing has to be scrolled sideways (WCAG 2.2, 1.4.10)."""
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_a_delegation_is_registered_and_changed(anywhere: Page, live_server: LiveServer) -> None:
    page, invitation = anywhere, create_invitation(meeting=create_meeting(capacity=10))
    page.goto(f"{live_server.url}/svar/{invitation.token}/tilmeld")
    fits(page)
    fill_in_contact(page)
    fill_in_participant(page, 1, "Bo")
    page.get_by_label("Pladser uden navn").fill("2")
    press(page, NEXT)
    expect(page.get_by_role("heading", name="Tjek jeres svar")).to_be_visible()
    fits(page)
    press(page, "Send tilmelding")
    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    fits(page)

    page.get_by_role("link", name="Ret tilmelding").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ret jeres tilmelding")
    fits(page)
    person(page, 1).get_by_label("Deltagerens navn").fill("Ida")
    person(page, 1).get_by_label("Deltagerens e-mailadresse").fill("ida@herning.example")
    person(page, 1).get_by_label("En anden kommer i stedet for").check()
    person(page, 2).get_by_label("Deltagerens navn").fill("Kaj")
    person(page, 2).get_by_label("Deltagerens e-mailadresse").fill("kaj@herning.example")
    person(page, 3).get_by_role("button", name="Fjern deltager").click()
    press(page, "Næste: tjek jeres ændringer")
    expect(page.get_by_text("Ida kommer i stedet for Bo")).to_be_visible()
    fits(page)
    press(page, "Gem ændringer")

    expect(page.get_by_text("Jeres ændringer er gemt")).to_be_visible()
    registration = Registration.objects.get()
    assert [(str(one), one.is_withdrawn) for one in registration.participants.order_by("position", "pk")] == [
        ("Bo", True),
        ("Ida", False),
        ("Kaj", False),
        ("Navn følger", True),
    ]
    assert OutgoingEmail.objects.filter(kind="change").count() == 1


def test_who_waits_gets_the_place_that_is_handed_back(anywhere: Page, live_server: LiveServer) -> None:
    page, meeting = anywhere, create_meeting(capacity=1)
    for town, name in (("Herning", "Bo"), ("Viborg", "Ida")):
        page.goto(f"{live_server.url}{meeting.get_absolute_url()}")
        page.get_by_role("link", name="Tilmeld jer" if name == "Bo" else "Skriv jer på venteliste").click()
        page.get_by_label("Kommune", exact=True).select_option(town)
        fill_in_contact(page)
        fill_in_participant(page, 1, name)
        press(page, NEXT)
        expect(page.get_by_role("heading", name="Tjek jeres svar")).to_be_visible()
        fits(page)
        press(page, "Send tilmelding" if name == "Bo" else "Skriv jer på venteliste")
        expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    bo, ida = Participant.objects.get(name="Bo"), Participant.objects.get(name="Ida")
    page.goto(f"{live_server.url}/deltager/{ida.token}")
    expect(page.get_by_text("nummer 1 på ventelisten")).to_be_visible()
    fits(page)

    page.goto(f"{live_server.url}/deltager/{bo.token}")
    press(page, "Afmeld deltager")
    expect(page.get_by_text("Bo er afmeldt")).to_be_visible()
    page.goto(f"{live_server.url}/deltager/{ida.token}")

    expect(page.get_by_text("Du har fået plads.")).to_be_visible()
    press(page, "Giv pladsen tilbage")
    expect(page.get_by_text("Ida er afmeldt")).to_be_visible()
    assert Meeting.objects.get().registrations.filter(participants__withdrawn_at=None).count() == 0
