"""What a screen reader says of the form, from top to bottom, as a text that one can read.

`READ_ALOUD=write pytest tests/browser/test_read_aloud.py` writes the texts anew; what has changed is then
seen in the diff, and heard by whoever reads it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from invitations.models import Meeting
from tests.browser.test_registering import NEXT, press
from tests.factories import (
    create_meeting,
    create_programme_item,
    create_question,
    create_session,
    create_theme,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

TEXTS = Path(__file__).parent / "read_aloud"


def read_aloud(page: Page, name: str) -> None:
    """Compare what is read aloud of the page with what it was; secrets and numbers are others each time."""
    heard = page.locator("body").aria_snapshot().replace("\u2060", "").replace("\u00a0", " ") + "\n"
    heard = re.sub(r"/(kvittering|deltager)/[\w-]{22}", r"/\1/…", re.sub(r"M-2027-\d+", "M-2027-…", heard))
    heard = re.sub(r"\?deltager=\d+", "?deltager=…", heard)
    heard = re.sub(r"#participant-(\d)-theme-\d+", r"#participant-\1-theme", heard)
    text = TEXTS / f"{name}.txt"
    if os.environ.get("READ_ALOUD") == "write":
        text.write_text(heard, encoding="utf-8")
    assert heard == text.read_text(encoding="utf-8")


def create_full_blown_meeting() -> Meeting:
    """With all that the form can ask for."""
    meeting = create_meeting(slug="moede", asks_about_needs=True, capacity=9)
    create_session(meeting=meeting, starts_date=meeting.sessions.all()[0].starts_date.replace(day=16))
    item = create_programme_item(meeting=meeting, title="Temadrøftelse")
    create_theme(item=item, title="Trivsel", capacity=5)
    create_theme(item=item, title="Fravær", speakers="Bo Hansen")
    create_question(meeting=meeting, text="Hvad lykkes I med?")
    return meeting


def test_the_form(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}{create_full_blown_meeting().get_absolute_url()}/tilmeld")

    read_aloud(page, "form")

    press(page, NEXT)
    expect(page.get_by_role("heading", name="Der er problemer")).to_be_visible()
    read_aloud(page, "form_with_problems")


def test_the_answers_to_check_and_the_receipt(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}{create_full_blown_meeting().get_absolute_url()}/tilmeld")
    page.get_by_label("Kommune", exact=True).select_option("Herning")
    page.get_by_label("Dit navn").fill("Anne Sekretær")
    page.get_by_label("Din e-mailadresse").fill("anne@herning.example")
    page.get_by_label("Deltagerens navn").fill("Bo Hansen")
    page.get_by_label("Deltagerens e-mailadresse").fill("bo@herning.example")
    page.get_by_role("radio", name="Torsdag den 15. april").check()
    page.get_by_role("radio", name="Tema 1: Trivsel").check()
    press(page, NEXT)
    expect(page.get_by_role("heading", name="Tjek jeres svar")).to_be_visible()
    read_aloud(page, "check")

    press(page, "Send tilmelding")
    expect(page.get_by_role("heading", name="Kvittering")).to_be_visible()
    read_aloud(page, "receipt")
    page.get_by_role("link", name="Ret tilmelding").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ret jeres tilmelding")
    read_aloud(page, "change")
