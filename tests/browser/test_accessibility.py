"""Every public page in each of its states, looked at by axe, on a telephone and on a screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from invitations.models import Announcement
from tests.factories import (
    NOW,
    create_decline,
    create_enclosure,
    create_invitation,
    create_letter,
    create_meeting,
    create_participant,
    create_programme_item,
    create_question,
    create_registration,
    create_session,
    create_theme,
    get_municipality,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

WIDTHS = (320, 1280)


def create_pages() -> dict[str, str]:
    """The address of each page by what it shows."""
    meeting = create_meeting(
        slug="moede",
        capacity=100,
        hosts=[get_municipality()],
        practical_information="Se [vejen](https://example.dk).\n\n- Et\n- To",
    )
    create_programme_item(meeting=meeting, title="Velkommen", speakers="Bo", time=time(17))
    item = create_programme_item(meeting=meeting, title="Temaer", time=time(17, 30))
    themes = [create_theme(item=item, title="Trivsel", capacity=1), create_theme(item=item, title="Skoledag")]
    create_question(meeting=meeting)
    letter = create_letter(meeting=meeting, title="Invitation til {title}", contact_phone="12345678")
    create_enclosure(letter=letter)
    invitations = {
        name: create_invitation(meeting=meeting, municipality=get_municipality(name))
        for name in ("Herning", "Viborg", "Skive")
    }
    registration = create_registration(meeting=meeting, participants=0, topics="Et\nto")
    participant = create_participant(registration=registration, themes=themes[:1])
    withdrawn = create_participant(registration=registration, withdrawn_at=NOW)
    create_decline(meeting=meeting, municipality=get_municipality("Viborg"))
    several = create_meeting(slug="flere", session=False)
    for day in (20, 21):
        create_session(meeting=several, starts_date=date(2027, 4, day), online=day == 20, capacity=day)
    create_meeting(slug="aflyst").cancel(at=NOW)
    create_meeting(slug="lukket", registration_deadline_date=date(2027, 1, 31))
    full = create_registration(meeting=create_meeting(slug="fuldt", capacity=1))
    waiting = create_participant(registration=full, waitlisted_at=NOW)
    create_meeting(slug="aabner", registration_opens_date=date(2027, 2, 10))
    create_meeting(slug="uden", registration="none")
    past = create_meeting(slug="holdt", session=False, registration_deadline_date=None)
    create_session(meeting=past, starts_date=date(2027, 1, 20))
    Announcement.objects.create(letter=letter, meeting=create_meeting(slug="juni", published_at=None))
    return {
        "the list": "/",
        "a meeting": "/moede",
        "a meeting in English": "/en/moede",
        "several sessions": "/flere",
        "cancelled": "/aflyst",
        "closed": "/lukket",
        "the form, closed": "/lukket/tilmeld",
        "full": "/fuldt",
        "the form of the waiting list": "/fuldt/tilmeld",
        "somebody who waits": f"/deltager/{waiting.token}",
        "the receipt with somebody who waits": f"/kvittering/{full.token}",
        "not open yet": "/aabner",
        "without a form": "/uden",
        "over": "/holdt",
        "announced": "/juni",
        "the letter": "/moede/invitation",
        "the form": "/moede/tilmeld",
        "the form of several sessions": "/flere/tilmeld",
        "an invitation": f"/svar/{invitations['Skive'].token}",
        "an invitation with participants": f"/svar/{invitations['Herning'].token}",
        "an invitation declined": f"/svar/{invitations['Viborg'].token}",
        "the form by a personal link": f"/svar/{invitations['Skive'].token}/tilmeld",
        "declining": f"/svar/{invitations['Skive'].token}/afbud",
        "declining with participants": f"/svar/{invitations['Herning'].token}/afbud",
        "a participant": f"/deltager/{participant.token}",
        "a participant withdrawn": f"/deltager/{withdrawn.token}",
        "the receipt": f"/kvittering/{registration.token}",
        "the notice": "/privatliv",
        "not found": "/findes-ikke",
    }


def faults(page: Page, visit: Callable[[], object]) -> list[str]:
    """What axe finds on the page that `visit` leads to, and the widths of windows that cannot hold it."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        visit()
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"wider than {width} px")
    violations = Axe().run(page).response["violations"]
    found += [f"{broken['id']}: {[node['html'] for node in broken['nodes']]}" for broken in violations]
    return found


def test_axe_finds_nothing_on_any_page(page: Page, live_server: LiveServer) -> None:
    pages = create_pages()

    found = {
        name: faults(page, partial(page.goto, live_server.url + address)) for name, address in pages.items()
    }

    assert found == {name: [] for name in pages}


def test_axe_finds_nothing_on_a_form_full_of_faults(page: Page, live_server: LiveServer) -> None:
    create_pages()

    def send_nothing() -> None:
        page.goto(f"{live_server.url}/moede/tilmeld")
        page.get_by_role("button", name="Tilføj deltager").click()
        page.get_by_role("button", name="Næste: Tjek jeres svar").click()
        page.get_by_role("heading", name="Der er problemer").wait_for()

    assert faults(page, send_nothing) == []


def test_axe_would_find_what_is_wrong(page: Page, live_server: LiveServer) -> None:
    def spoil() -> None:
        page.goto(f"{live_server.url}/privatliv")
        page.evaluate("document.querySelector('h1').outerHTML = '<img src=/static/favicon.svg width=2000>'")

    found = faults(page, spoil)

    assert [line.partition(":")[0] for line in found] == [
        "wider than 320 px",
        "wider than 1280 px",
        "image-alt",
        "page-has-heading-one",
    ]


def test_axe_finds_nothing_where_the_answers_are_checked_or_come_too_late(
    page: Page, live_server: LiveServer
) -> None:
    create_pages()

    def check() -> None:
        page.goto(f"{live_server.url}/flere/tilmeld")
        page.get_by_label("Kommune", exact=True).select_option("Herning")
        page.get_by_label("Dit navn").fill("Anne")
        page.get_by_label("Din e-mailadresse").fill("anne@herning.example")
        page.get_by_label("Deltagerens navn").fill("Bo" + "x" * 60)
        page.get_by_label("Deltagerens e-mailadresse").fill(f"{'bo' * 30}@herning.example")
        page.get_by_label("Onsdag den 21.").check()
        page.get_by_label("Emner, I gerne vil drøfte").fill("Et\nto")
        page.get_by_role("button", name="Næste: Tjek jeres svar").click()
        page.get_by_role("heading", name="Tjek jeres svar").wait_for()

    assert faults(page, check) == []
