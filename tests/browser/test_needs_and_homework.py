"""Food and special needs, and the answers to the questions, in a real browser."""

from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registrations.models import Answer, SpecialNeeds
from tests.browser.test_accessibility import faults
from tests.browser.test_registering import fill_in_contact, fill_in_participant, go_back, press
from tests.factories import (
    create_answer,
    create_invitation,
    create_meeting,
    create_needs,
    create_participant,
    create_question,
    create_registration,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

HINT = "Skriv kun det, som køkkenet eller mødestedet skal vide. Skriv ikke årsager eller diagnoser."
CONSENT = "Deltageren har givet samtykke"


def test_axe_finds_nothing_on_these_pages(page: Page, live_server: LiveServer) -> None:
    meeting = create_meeting(asks_about_needs=True)
    registration = create_registration(meeting=meeting, participants=0)
    participant = create_participant(registration=registration, name="Bo Hansen")
    create_needs(participant=participant)
    answer = create_answer(registration=registration, question=create_question(meeting=meeting))
    Answer.objects.filter(pk=answer.pk).update(draft="Samarbejdet og ledelsen.")
    gone = create_registration(meeting=meeting, participants=0)
    pages = {
        "the form": f"/{meeting.slug}/tilmeld",
        "the participant": f"/deltager/{participant.token}",
        "what they need": f"/deltager/{participant.token}/behov",
        "the questions": f"/kvittering/{registration.token}/svar",
        "the questions, closed": f"/kvittering/{gone.token}/svar",
    }

    found = {
        name: faults(page, partial(page.goto, live_server.url + address)) for name, address in pages.items()
    }

    assert found == {name: [] for name in pages}


def test_the_hint_stays_while_what_is_left_is_counted_in_each_row(
    page: Page, live_server: LiveServer
) -> None:
    page.goto(f"{live_server.url}/{create_meeting(asks_about_needs=True).slug}/tilmeld")
    press(page, "Tilføj deltager")

    page.get_by_label("Mad og særlige behov").nth(1).fill("Vegetar")

    hints = page.locator("[id$=needs_helptext]")
    expect(hints.nth(0)).to_have_text(f"{HINT} 500 tegn tilbage")
    expect(hints.nth(1)).to_have_text(f"{HINT} 493 tegn tilbage")


def test_back_keeps_each_tick_and_the_needs_are_kept(page: Page, live_server: LiveServer) -> None:
    invitation = create_invitation(meeting=create_meeting(asks_about_needs=True))
    page.goto(f"{live_server.url}/svar/{invitation.token}/tilmeld")
    fill_in_contact(page)
    fill_in_participant(page, 1, "Bo")
    press(page, "Tilføj deltager")
    fill_in_participant(page, 2, "Ida")
    page.get_by_label("Mad og særlige behov").nth(1).fill("Vegetar")
    page.get_by_label(CONSENT).nth(1).check()
    press(page, "Næste: Tjek jeres svar")
    page.get_by_role("heading", name="Tjek jeres svar").wait_for()

    go_back(page)

    boxes = page.get_by_label(CONSENT)
    expect(boxes.nth(1)).to_be_checked()
    expect(boxes.nth(0)).not_to_be_checked()
    press(page, "Næste: Tjek jeres svar")
    press(page, "Send tilmelding")
    page.get_by_role("heading", name="Kvittering").wait_for()
    assert [(needs.participant.name, needs.text) for needs in SpecialNeeds.objects.all()] == [
        ("Ida", "Vegetar")
    ]


def test_answers_are_saved_as_a_draft_and_sent_later(either_way: Page, live_server: LiveServer) -> None:
    page = either_way
    meeting = create_meeting()
    create_question(meeting=meeting, text="Hvad lykkes?")
    registration = create_registration(meeting=meeting)
    page.goto(f"{live_server.url}/kvittering/{registration.token}")
    page.get_by_role("link", name="Svar på mødets spørgsmål").click()

    page.get_by_label("Hvad lykkes?").fill("Samarbejdet")
    press(page, "Gem kladde")
    page.get_by_text("Kladden er gemt. Den er ikke sendt endnu.").wait_for()
    page.get_by_label("Hvad lykkes?").fill("Samarbejdet og ledelsen")
    press(page, "Send svar")
    page.get_by_text("Tak. Jeres svar er sendt.").wait_for()

    assert [(answer.text, answer.draft) for answer in Answer.objects.all()] == [
        ("Samarbejdet og ledelsen", "")
    ]
