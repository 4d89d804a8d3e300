"""Every public page in each of its states: on a screen, at 400 %, in forced colours; the receipt on paper."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories import create_participant, create_registration
from tests.public_states import PublicState, create_states

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

# A screen; and the same at 400 %, which is as narrow as any telephone (WCAG 1.4.10).
WINDOWS = ((1280, 800), (320, 256))
# Axe looks for all that it knows on the screen, and in the narrow window for what the width decides.
ALL_RULES = {"rules": {"target-size": {"enabled": True}}}
NARROW_RULES = {"runOnly": ["target-size", "color-contrast", "scrollable-region-focusable"]}

# Text that has no room in its box, and is not shown beyond it either.
CUT_OFF = """() => [...document.querySelectorAll("body *:not(input, select, textarea)")]
  .filter((box) => box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 1
    && getComputedStyle(box).overflowX !== "visible")
  .map((box) => `cut off: ${box.textContent.trim()}`)"""

# Where the reader's own colours take the place of ours, only lines tell a control, or what is wrong.
WITHOUT_LINE = """() => [...document.querySelectorAll(
    `input:not([type=hidden]), select, textarea, button, .button, .choice, .field-wrong, .error-summary,
    .notice`)]
  .filter((part) => part.checkVisibility() && !part.matches(".visually-hidden"))
  .filter((part) => {
    const style = getComputedStyle(part);
    const ground = getComputedStyle(document.body).backgroundColor;
    const isNative = part.matches("[type=radio], [type=checkbox]") && style.appearance === "auto";
    const isLink = style.textDecorationLine === "underline";
    return !isNative && !isLink && !(parseFloat(style.borderLeftWidth) >= 1
      && style.borderLeftStyle !== "none" && style.borderLeftColor !== ground);
  })
  .map((part) => `without a line: ${part.id || part.className || part.textContent.trim()}`)"""


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
    """What axe finds on the page that `visit` leads to, the windows that cannot hold it, and what is lost in
    forced colours.

    With SCREENSHOTS in the environment a picture of what is called `name` is put into that folder.
    """
    found = []
    page.set_viewport_size({"width": WINDOWS[0][0], "height": WINDOWS[0][1]})
    visit()
    for (width, height), rules in zip(WINDOWS, (ALL_RULES, NARROW_RULES), strict=True):
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"wider than {width} px")
        if name and (folder := os.environ.get("SCREENSHOTS")):
            page.screenshot(path=Path(folder) / f"{name} {width}.png", full_page=True)
        # With the first window axe has come into the page.
        run = "(rules) => axe.run(document, rules)"
        axe = page.evaluate(run, rules) if width < 1280 else Axe().run(page, options=rules).response
        found += [
            f"{broken['id']}: {[node['html'] for node in broken['nodes']]}" for broken in axe["violations"]
        ]
    found += page.evaluate(CUT_OFF)
    page.emulate_media(forced_colors="active")
    found += page.evaluate(WITHOUT_LINE)
    page.emulate_media(forced_colors="none")
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
        page.evaluate("""() => {
          const [button, tiny] = [document.createElement("button"), document.createElement("button")];
          document.querySelector("h1").outerHTML = "<img src=/static/favicon.svg width=2000>";
          document.querySelector("main").append(button, tiny);
          button.textContent = "Tilmeldingsfrist";
          Object.assign(button.style, { border: "0", overflow: "hidden", width: "4rem" });
          button.style.whiteSpace = "nowrap";
          Object.assign(tiny.style, { width: "9px", height: "9px", padding: "0", fontSize: "0" });
          tiny.ariaLabel = "lille";
        }""")

    found = faults(page, spoil)

    assert [line.partition(":")[0] for line in found] == [
        "wider than 1280 px",
        "image-alt",
        "page-has-heading-one",
        "target-size",
        "wider than 320 px",
        "target-size",
        "cut off",
        "without a line",
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


def test_on_paper_the_receipt_has_all_but_what_one_presses(page: Page, live_server: LiveServer) -> None:
    registration = create_registration(participants=0)
    create_participant(registration=registration, name="Bo Hansen")
    page.goto(f"{live_server.url}/kvittering/{registration.token}?sendt")
    expect(page.get_by_role("button", name="Print")).to_be_visible()

    page.emulate_media(media="print")

    left_out = page.evaluate("""() => [...document.querySelectorAll("main *, .site-links *")]
      .filter((part) => !part.checkVisibility() && !part.matches(".visually-hidden, noscript"))
      .filter((part) => [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
      .map((part) => part.textContent.trim())""")
    pressed = page.locator("button, nav, .button, .skip-link, [href^='/kvittering/']")
    assert left_out == [
        "Gem som PDF",
        "Print",
        "Begge åbner browserens printvindue. Her vælger du en printer eller at gemme som PDF.",
        "Ret tilmelding",
        "Afmeld deltagere",
        "Afmeld Bo Hansen",
        "Tilgængelighedserklæring",
        "Privatlivspolitik og cookies",
        "English",
    ]
    assert [one for one in pressed.all() if one.is_visible()] == []


def test_nothing_moves_for_whoever_wants_no_motion(page: Page, live_server: LiveServer) -> None:
    create_states()
    page.goto(f"{live_server.url}/moede/tilmeld")
    moves = """() => [...document.querySelectorAll("*")].filter((part) => {
      const style = getComputedStyle(part);
      return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none"
        || style.scrollBehavior === "smooth";
    }).length"""

    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moves) > 0
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moves) == 0
