"""Every public page in each of its states, looked at by axe, on a telephone and on a screen."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.public_states import PublicState, create_states

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

WIDTHS = (320, 1280)


def show(page: Page, live_server: LiveServer, state: PublicState) -> None:
    """Open the page as the server answers `state`, also where that takes more than an address."""
    address = live_server.url + state.path
    answer = state.visit()
    page.route(
        address,
        lambda route: route.fulfill(
            status=answer.status_code, headers=dict(answer.items()), body=answer.content
        ),
    )
    page.goto(address)
    page.unroute(address)


def faults(page: Page, visit: Callable[[], object], name: str = "") -> list[str]:
    """What axe finds on the page that `visit` leads to, and the widths of windows that cannot hold it.

    With SCREENSHOTS in the environment a picture of what is called `name` is put into that folder.
    """
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        visit()
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"wider than {width} px")
        if name and (folder := os.environ.get("SCREENSHOTS")):
            page.screenshot(path=Path(folder) / f"{name} {width}.png", full_page=True)
    violations = Axe().run(page).response["violations"]
    found += [f"{broken['id']}: {[node['html'] for node in broken['nodes']]}" for broken in violations]
    return found


def test_axe_finds_nothing_on_any_page_in_any_state(page: Page, live_server: LiveServer) -> None:
    states = create_states()

    found = {
        name: faults(page, partial(show, page, live_server, state), name) for name, state in states.items()
    }

    assert found == {name: [] for name in states}


def test_axe_finds_nothing_on_a_form_full_of_faults(page: Page, live_server: LiveServer) -> None:
    create_states()

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
    create_states()

    def check() -> None:
        page.goto(f"{live_server.url}/flere/tilmeld")
        page.get_by_label("Kommune", exact=True).select_option("Herning")
        page.get_by_label("Dit navn").fill("Anne")
        page.get_by_label("Din e-mailadresse").fill("anne@herning.example")
        page.get_by_label("Deltagerens navn").fill("Bo" + "x" * 60)
        page.get_by_label("Deltagerens e-mailadresse").fill(f"{'bo' * 30}@herning.example")
        page.get_by_role("radio", name="Onsdag den 21.").check()
        page.get_by_label("Emner, I gerne vil drøfte").fill("Et\nto")
        page.get_by_role("button", name="Næste: Tjek jeres svar").click()
        page.get_by_role("heading", name="Tjek jeres svar").wait_for()

    assert faults(page, check) == []
