"""The ledger in a browser: used as the secretariat does each day, and looked at by axe."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from invitations.history import record
from invitations.models import Meeting, OutgoingEmail
from registrations.models import Decline, Registration
from tests.browser.test_admin_pages import faults, follow, press
from tests.factories import (
    create_answer,
    create_decline,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_office,
    create_participant,
    create_programme_item,
    create_question,
    create_registration,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def test_an_officer_finds_the_silent_writes_registers_one_and_declines_for_another(
    page: Page, officer: Client, live_server: LiveServer
) -> None:
    meeting = create_meeting()
    for name in ("Herning", "Viborg", "Ærø", "Aarhus"):
        municipality = get_municipality(name)
        create_office(municipality=municipality)
        create_invitation(meeting=meeting, municipality=municipality)
    create_registration(meeting=meeting, municipality=get_municipality("Viborg"))

    page.goto(f"{live_server.url}/admin/invitations/meeting/{meeting.pk}/change/")
    page.get_by_role("link", name="1 af 4 kommuner har svaret").click()
    follow(page, "Intet svar 3")
    expect(page.get_by_text("Viser 3 af 20 kommuner.")).to_be_visible()

    # Select all, leave one out, and write.
    page.get_by_label("Vælg alle viste").check()
    page.get_by_label("Vælg Ærø").uncheck()
    press(page, "Skriv til de valgte (2)")
    page.get_by_label("Emne", exact=True).fill("Vi mangler jeres svar")
    page.get_by_role("textbox", name="Tekst").fill(
        "Kære {municipality}\n\nSvar senest den {registration_deadline}."
    )
    page.get_by_label("Sæt kommunens personlige link under teksten").check()
    press(page, "Næste: Se mailen")
    expect(page.get_by_text("2 mails går til 2 kommuner.")).to_be_visible()
    expect(page.get_by_text("Svar senest den 19. marts 2027.")).to_be_visible()
    press(page, "Send 2 mails")
    expect(page.get_by_text("2 mails er på vej.")).to_be_visible()
    expect(page).to_have_url(f"{live_server.url}/admin/invitations/meeting/{meeting.pk}/ledger/?state=silent")

    # By the keyboard: down to the next row, and in.
    page.get_by_role("link", name="Herning", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    follow(page, "Tilmeld")
    page.get_by_label("Kontaktpersonens navn").fill("Anne Sekretær")
    page.get_by_label("Kontaktpersonens e-mailadresse").fill("anne@herning.example")
    page.get_by_label("Deltagerens navn").fill("Bo Formand")
    page.get_by_label("Deltagerens e-mailadresse").fill("bo@herning.example")
    press(page, "Tilføj deltager")
    second = page.get_by_role("group", name="Deltager 2")
    second.get_by_label("Deltagerens navn").fill("Ida Næstformand")
    second.get_by_label("Deltagerens e-mailadresse").fill("ida@herning.example")
    page.get_by_label("Sekretariatets note").fill("Ringede mandag formiddag")
    press(page, "Næste: Se, hvad der sker")
    expect(page.get_by_text("Kvitteringen går til anne@herning.example.")).to_be_visible()
    press(page, "Tilmeld")
    expect(page.get_by_text("Tilmeldt 2")).to_be_visible()
    expect(page.get_by_text("2 deltagere tilmeldt på kommunens vegne.")).to_be_visible()

    # Through the list that is left to one who has called to say no.
    page.get_by_role("link", name="Intet svar").click()
    follow(page, "Aarhus")
    follow(page, "Meld afbud")
    page.get_by_label("Sekretariatets note").fill("Afbud pr. telefon")
    press(page, "Notér afbuddet")
    expect(page.get_by_text("Afbuddet fra Aarhus Kommune er noteret.")).to_be_visible()
    page.goto(f"{live_server.url}/admin/invitations/meeting/{meeting.pk}/ledger/")
    expect(page.get_by_role("link", name="3 af 4 kommuner har svaret")).to_be_visible()

    assert set(OutgoingEmail.objects.filter(kind="message").values_list("to", flat=True)) == {
        "udvalg-0657@example.dk",
        "udvalg-0751@example.dk",
    }
    assert Registration.objects.get(entered_by__isnull=False).participants.count() == 2
    assert Decline.objects.get().staff_note == "Afbud pr. telefon"
    assert LogEntry.objects.filter(content_type__model="meeting").count() == 1


def create_ledger() -> Meeting:
    """A meeting with rows of every kind."""
    meeting = create_meeting(hosts=[get_municipality("Viborg")], capacity=1)
    create_session(meeting=meeting)
    theme = create_theme(item=create_programme_item(meeting=meeting))
    for name in ("Herning", "Viborg", "Aarhus"):
        create_office(municipality=get_municipality(name))
        dispatch = create_dispatch(
            invitation=create_invitation(meeting=meeting, municipality=get_municipality(name))
        )
    OutgoingEmail.objects.filter(dispatches=dispatch).update(state="failed")
    registration = create_registration(
        meeting=meeting, participants=1, topics="Busser", staff_note="Ringede mandag"
    )
    create_participant(registration=registration, themes=[theme], email="et-langt-navn@herning.example")
    create_decline(meeting=meeting, municipality=get_municipality("Viborg"), note="Byråd samme dag")
    create_registration(meeting=meeting, municipality=get_municipality("Aarhus"), awaits_match=True)
    return meeting


@pytest.mark.parametrize("name", ["ledger", "figures"])
def test_a_button_prints_the_page_without_what_one_presses(
    page: Page, officer: Client, live_server: LiveServer, name: str
) -> None:
    meeting = create_ledger()
    page.goto(f"{live_server.url}/admin/invitations/meeting/{meeting.pk}/{name}/")
    page.evaluate("window.print = () => { document.title = 'På papir' }")

    press(page, "Udskriv")
    page.emulate_media(media="print")

    assert page.title() == "På papir"
    for hidden in ("#header", "#nav-sidebar", ".tabs", "[data-print]"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.get_by_role("heading", name=meeting.title)).to_be_visible()
    # All of the table stands on the paper, whatever of it the window shows.
    assert (
        page.evaluate(
            "[...document.querySelectorAll('.ledger-scroll, .figure-table')]"
            ".filter((table) => table.scrollHeight > table.clientHeight + 1).length"
        )
        == 0
    )


@pytest.mark.parametrize("width", [320, 600])
def test_long_words_make_no_page_wider_than_the_window(
    page: Page, officer: Client, live_server: LiveServer, width: int
) -> None:
    meeting = create_meeting(title="Borgmestermøde om klimatilpasningsforanstaltninger")
    question = create_question(
        meeting=meeting, text="Hvilke tværkommunale klimatilpasningsforanstaltninger vil I gerne drøfte?"
    )
    create_answer(registration=create_registration(meeting=meeting), question=question)
    officer_of_long_name = create_staff(username="x" * 60)
    record(meeting, f"Skrev til {'en-lang-adresse-' * 5}@herning.example.", by=officer_of_long_name)
    base = f"{live_server.url}/admin/"
    page.set_viewport_size({"width": width, "height": 900})
    wider = []

    for address in ("", *(f"invitations/meeting/{meeting.pk}/{name}/" for name in ("events", "ledger/0657"))):
        page.goto(base + address)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wider.append(address)

    assert wider == []


def test_no_title_on_the_start_page_is_broken_within_a_word(
    page: Page, officer: Client, live_server: LiveServer
) -> None:
    create_invitation(meeting=create_meeting(title="Klimatilpasningsforanstaltninger", capacity=120))
    page.set_viewport_size({"width": 1280, "height": 900})

    page.goto(f"{live_server.url}/admin/")

    title = page.get_by_role("link", name="Klimatilpasningsforanstaltninger")
    assert title.evaluate("link => link.getClientRects().length") == 1


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 600])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(
    page: Page, officer: Client, live_server: LiveServer, width: int
) -> None:
    meeting = create_ledger()
    addresses = [
        "",
        "?state=answered&q=her&sort=-answered",
        "0657/",
        "0791/",
        "0751/register/",
        "0657/decline/",
        "0791/undo-decline/",
        "0751/link/",
        "0657/write/",
        "write/?m=0657&m=0791",
    ]
    page.set_viewport_size({"width": width, "height": 900})
    found = {}

    for address in addresses:
        answer = page.goto(f"{live_server.url}/admin/invitations/meeting/{meeting.pk}/ledger/{address}")
        assert answer is not None
        wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found[address] = [f"status {answer.status}"] * (answer.status != 200)
        found[address] += ["wider than the window"] * wider + faults(page)

    assert found == {address: [] for address in addresses}
