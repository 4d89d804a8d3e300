"""The programme of a meeting in a browser: items and themes added, moved and removed, by mouse and keys."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from invitations.models import Meeting
from tests.factories import create_meeting, create_programme_item, create_question, create_theme

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def programme(meeting: Meeting) -> list[tuple[str, list[str]]]:
    return [
        (item.title, [theme.title for theme in item.themes.all()])
        for item in meeting.programme.prefetch_related("themes")
    ]


def create_programme() -> Meeting:
    """Items a, b and c; themes x, y and z in b."""
    meeting = create_meeting()
    for title in "abc":
        item = create_programme_item(meeting=meeting, title=title)
        for theme in "xyz" * (title == "b"):
            create_theme(item=item, title=theme)
    return meeting


def titles(page: Page, rows: str) -> list[str]:
    """The titles of the rows as they stand on the page, with their numbers."""
    found = page.locator(f"{rows} > [data-row]").all()
    fields = [(row.locator("input.order").first, row.locator("[name$='-title']").first) for row in found]
    return [f"{number.input_value()}{title.input_value()}" for number, title in fields]


def drag(page: Page, handle: Locator, onto: Locator) -> None:
    handle.scroll_into_view_if_needed()
    start, end = handle.bounding_box(), onto.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 5, end["y"] + end["height"] / 2, steps=5)
    page.mouse.move(end["x"] + 5, end["y"] + end["height"] - 2, steps=5)
    page.mouse.up()


ITEMS = "#programme-group > fieldset > .rows"
THEMES = "#programme-1 .themes > .rows"


def test_items_and_themes_are_moved_by_keys_by_buttons_and_by_dragging(
    page: Page, officer: Client, live_server: LiveServer
) -> None:
    meeting = create_programme()
    create_question(meeting=meeting, text="Hvorfor?")
    create_question(meeting=meeting, text="Hvordan?")
    page.goto(f"{live_server.url}/admin/invitations/meeting/{meeting.pk}/change/")
    said = page.get_by_role("status")

    page.focus("#id_programme-0-title")
    page.keyboard.press("Alt+ArrowDown")
    expect(said).to_have_text("a er nu nr. 2 af 3")
    expect(page.locator("#id_programme-0-title")).to_be_focused()
    assert titles(page, ITEMS) == ["1b", "2a", "3c"]

    up = page.get_by_role("button", name="Flyt c op")
    up.focus()
    page.keyboard.press("Enter")
    expect(said).to_have_text("c er nu nr. 2 af 3")
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(said).to_have_text("c står allerede øverst")
    assert titles(page, ITEMS) == ["1c", "2b", "3a"]

    drag(page, page.locator("#programme-1-themes-0 .order-handle"), page.locator("#programme-1-themes-2"))
    expect(said).to_have_text("x er nu nr. 3 af 3")
    assert titles(page, THEMES) == ["1y", "2z", "3x"]

    page.click("#questions-group .add-row a")
    page.fill("#id_questions-2-text", "Hvornår?")
    page.keyboard.press("Alt+ArrowUp")
    expect(said).to_have_text("Hvornår? er nu nr. 2 af 3")
    page.get_by_role("button", name="Flyt Hvordan? op").click()
    page.get_by_role("button", name="Flyt Hvordan? op").click()
    page.click("[name=_continue]")

    expect(page.get_by_text("Gemt: ")).to_be_visible()
    assert programme(meeting) == [("c", []), ("b", ["y", "z", "x"]), ("a", [])]
    assert [question.text for question in meeting.questions.all()] == ["Hvordan?", "Hvorfor?", "Hvornår?"]


def test_rows_are_added_numbered_and_removed_and_a_mistake_loses_nothing(
    page: Page, officer: Client, live_server: LiveServer
) -> None:
    meeting = create_programme()
    page.goto(f"{live_server.url}/admin/invitations/meeting/{meeting.pk}/change/")

    page.get_by_role("button", name="Tilføj programpunkt").click()
    expect(page.locator("#id_programme-3-time")).to_be_focused()
    page.keyboard.type("sent")
    page.fill("#id_programme-3-title", "d")
    page.fill("#id_programme-3-position", "1")
    page.keyboard.press("Tab")
    expect(page.get_by_role("status")).to_have_text("d er nu nr. 1 af 4")
    expect(page.get_by_role("button", name="Flyt d op")).to_be_focused()
    page.locator("#programme-3").get_by_text("Tekst og temaer").click()
    page.locator("#programme-3").get_by_role("button", name="Tilføj tema").click()
    page.keyboard.type("w")
    page.locator("#programme-1-themes-0").get_by_label("Slet").check()
    page.locator("#programme-2").get_by_label("Slet").check()
    assert titles(page, ITEMS) == ["1d", "2a", "3b", "c"]
    assert titles(page, THEMES) == ["x", "1y", "2z"]
    page.click("[name=_continue]")

    expect(page.get_by_text("Skriv klokkeslættet som 17.00").first).to_be_visible()
    assert titles(page, ITEMS) == ["1d", "2a", "3b", "c"]
    page.fill("#id_programme-3-time", "17.00")
    page.locator("#programme-2").get_by_label("Slet").uncheck()
    assert titles(page, ITEMS) == ["1d", "2a", "3b", "4c"]
    page.click("[name=_continue]")

    expect(page.get_by_text("Gemt: ")).to_be_visible()
    assert programme(meeting) == [("d", ["w"]), ("a", []), ("b", ["y", "z"]), ("c", [])]
