"""Wherever a participant's name is shown or counted, a place without one says that the name follows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import page as page_validation
import pytest
import python_calamine
from django.test import Client
from django.urls import reverse
from django.utils import translation
from page import ValidationProfile
from pytest_django.asserts import assertContains, assertNotContains

from invitations.admin.meeting_pages import page_url
from invitations.danish import COPENHAGEN
from invitations.models import Meeting, OutgoingEmail
from registrations import registering
from registrations.addressees import addressees_of
from registrations.ledger import ledger
from registrations.ledger_words import answer_words
from registrations.models import Registration
from registrations.municipality_history import correspondence, history
from registrations.participant_lists import Selection, totals
from registrations.participant_lists import entries as listed
from registrations.receipts import owe_receipt
from tests.admin_pages import fields_of
from tests.factories import (
    NOW,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_seat,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.pages import page_text, typed
from tests.pdf_reader import PdfReader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


@pytest.fixture
def registration() -> Registration:
    """Herning's, with Bo Bertelsen and two places whose names follow."""
    registration = create_registration(meeting=create_meeting(slug="moede"), participants=0)
    create_participant(registration=registration, name="Bo Bertelsen", email="bo@herning.example")
    for _ in range(2):
        create_seat(registration=registration)
    return registration


def receipt_of(registration: Registration, *, at: datetime = NOW) -> OutgoingEmail:
    owe_receipt(registration, at=at)
    return OutgoingEmail.objects.get(kind=OutgoingEmail.Kind.RECEIPT)


def test_the_receipt_counts_them_and_says_until_when_to_write_the_names(registration: Registration) -> None:
    mail = receipt_of(registration)

    lines = mail.text.splitlines()
    assert lines[1] == (
        "Skriv navnene senest fredag den 19. marts via linket nedenfor. "
        "Så får hver deltager en mail med en kalenderinvitation."
    )
    start = lines.index("Deltagere:")
    assert lines[start + 1 : start + 4] == ["- Bo Bertelsen", "- 2 pladser, navne følger", ""]
    html = " ".join(mail.html.split())
    assert "<li> 2 pladser, navne følger </li>" in html
    assert "Skriv navnene senest fredag den 19. marts" in html


def test_the_receipt_is_danish_whatever_language_the_page_was_in(registration: Registration) -> None:
    with translation.override("en"):
        mail = receipt_of(registration)

    assert "- 2 pladser, navne følger" in mail.text
    assert "Skriv navnene senest fredag den 19. marts" in mail.text


def test_after_the_deadline_the_receipt_asks_to_write_to_us(registration: Registration) -> None:
    mail = receipt_of(registration, at=datetime(2027, 3, 20, tzinfo=COPENHAGEN))

    assert mail.text.splitlines()[1].startswith("Skriv til os, når I kender navnene.")


def test_a_receipt_for_several_sessions_says_where_the_places_are() -> None:
    meeting = create_meeting()
    second = create_session(meeting=meeting, starts_date=date(2027, 4, 16))
    registration = create_registration(meeting=meeting, participants=0)
    create_seat(registration=registration)
    create_seat(registration=registration, session=second)

    lines = receipt_of(registration).text.splitlines()

    start = lines.index("Deltagere:")
    assert lines[start + 1 : start + 5] == [
        "- 1 plads, navn følger",
        "Torsdag den 15. april 2027 kl. 17-19",
        "- 1 plads, navn følger",
        "Fredag den 16. april 2027 kl. 17-19",
    ]


def test_the_receipt_page_shows_them(client: Client, registration: Registration) -> None:
    text = page_text(client.get(f"/kvittering/{registration.token}"))

    assert "Bo Bertelsen bo@herning.example Afmeld Bo Bertelsen Navn følger Afmeld Navn følger" in text
    assert "Skriv navnene, så snart I kender dem: Vælg »Ret tilmelding«." in text


def test_the_receipt_page_asks_for_no_names_where_all_are_known(client: Client) -> None:
    registration = create_registration()

    assert "Skriv navnene" not in page_text(client.get(f"/kvittering/{registration.token}"))


def test_the_page_of_a_place_says_that_it_is_held_and_gives_it_back(
    client: Client, registration: Registration
) -> None:
    seat = registration.participants.nameless()[0]
    address = f"/deltager/{seat.token}"

    text = page_text(client.get(address))
    assert text.startswith("Navn følger, Herning Kommune")
    assert "Pladsen holdes til jer. Navnet følger." in text

    client.post(f"{address}/afmeld")

    assert "Pladsen er givet tilbage." in page_text(client.get(address))
    assert registration.participants.active().count() == 2
    assert OutgoingEmail.objects.filter(kind=OutgoingEmail.Kind.WITHDRAWAL).count() == 0


def test_the_ledger_tells_how_many_lack_a_name(officer: Client, registration: Registration) -> None:
    meeting = registration.meeting

    row = next(row for row in ledger(meeting).rows if row.registrations)

    assert (row.registered, row.nameless, answer_words(row)) == (3, 2, "Tilmeldt 3, 2 uden navn")
    response = officer.get(page_url("ledger_xlsx", meeting), {"state": "answered"})
    rows = python_calamine.load_workbook(BytesIO(response.content)).get_sheet_by_index(0).to_python()
    assert dict(zip(*rows, strict=True))["Uden navn"] == 2


def test_a_place_that_waits_or_was_given_back_lacks_no_name(registration: Registration) -> None:
    create_seat(registration=registration, waitlisted_at=NOW)
    create_seat(registration=registration, withdrawn_at=NOW)

    row = next(row for row in ledger(registration.meeting).rows if row.registrations)

    assert row.nameless == 2
    assert totals(registration.meeting).nameless == 2


def test_the_ledger_says_it_beside_the_themes_that_are_missing(registration: Registration) -> None:
    create_theme(item=create_programme_item(meeting=registration.meeting))

    row = next(row for row in ledger(registration.meeting).rows if row.registrations)

    assert answer_words(row) == "Delvist: 2 uden navn, 3 uden tema"


def test_the_page_of_the_municipality_shows_and_withdraws_them(
    officer: Client, registration: Registration
) -> None:
    response = officer.get(page_url("municipality", registration.meeting, code="0657"))

    assertContains(response, '<th scope="row">Navn følger</th>', count=2, html=True)
    assertContains(response, 'aria-label="Afmeld Navn følger"', count=2)


def test_the_history_says_that_a_place_without_a_name_was_withdrawn(registration: Registration) -> None:
    registering.withdraw(registration.participants.nameless()[0], at=NOW + timedelta(hours=1))

    found = correspondence(registration.meeting, get_municipality())

    assert history(found)[0].words == "Afmeldt: Navn følger."


def test_the_list_of_participants_has_them_last_and_counts_them(
    officer: Client, registration: Registration
) -> None:
    response = officer.get(page_url("participants", registration.meeting))

    assert [entry.called for entry, _session, _themes in response.context["rows"]] == [
        "Bo Bertelsen",
        "Navn følger",
        "Navn følger",
    ]
    assertContains(response, "<li><strong>2</strong> uden navn</li>", html=True)
    found = listed(registration.meeting, Selection(search="navn følger"))
    assert [entry.name for entry in found] == ["", ""]


def test_a_meeting_whose_names_are_all_known_counts_none(officer: Client) -> None:
    meeting = create_registration().meeting

    assertNotContains(officer.get(page_url("participants", meeting)), "uden navn")


def test_the_sheet_has_them(officer: Client, registration: Registration) -> None:
    response = officer.post(page_url("participants_xlsx", registration.meeting))

    rows = python_calamine.load_workbook(BytesIO(response.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["Navn", "Bo Bertelsen", "Navn følger", "Navn følger"]


def printed(client: Client, meeting: Meeting, name: str) -> PdfReader:
    content = client.get(page_url(name, meeting)).content
    report = page_validation.validate_pdf_bytes(content, profile=ValidationProfile.PDF_UA_1)
    assert [one.rule_id for one in report.failures if "STREAM-LENGTH" not in str(one.rule_id)] == []
    return PdfReader(content)


def test_the_list_at_the_door_has_a_line_for_each(officer: Client, registration: Registration) -> None:
    reader = printed(officer, registration.meeting, "door_list")

    assert [cell.text.strip() for cell in reader.document.find("TH")] == [
        "Mødt",
        "Navn",
        "Kommune",
        "Bo Bertelsen",
        "Navn følger",
        "Navn følger",
    ]


def test_there_is_no_badge_without_a_name(officer: Client, registration: Registration) -> None:
    badges = printed(officer, registration.meeting, "name_badges").document.find("LI")

    assert len(badges) == 1
    assert "Bo Bertelsen" in badges[0].text


def test_where_no_name_is_known_no_badge_is_printed(officer: Client, registration: Registration) -> None:
    registration.participants.named().delete()

    response = officer.get(page_url("name_badges", registration.meeting))

    assert response.status_code == 302


def test_nobody_writes_to_a_place_without_a_name(registration: Registration) -> None:
    herning = get_municipality()

    found = addressees_of(registration.meeting, [herning], on=NOW.date())[herning.pk]

    assert [addressee.email for addressee in found] == ["anne@herning.example", "bo@herning.example"]


def admin_page(row: Any, name: str = "change") -> str:
    return reverse(f"admin:registrations_{row._meta.model_name}_{name}", args=[row.pk])


def test_the_lists_and_pages_of_the_admin_show_them(officer: Client, registration: Registration) -> None:
    seat = registration.participants.nameless()[0]

    listing = officer.get(reverse("admin:registrations_participant_changelist"))
    assertContains(listing, f'<a href="{admin_page(seat)}">Navn følger</a>')
    assertContains(officer.get(admin_page(seat)), "Navn følger")
    assertContains(officer.get(admin_page(registration)), "Navn følger")
    withdrawing = officer.get(admin_page(seat, "withdraw"))
    assertContains(withdrawing, "Afmeld Navn følger")
    assertContains(withdrawing, "Deltageren får ingen mail")


def test_staff_hold_places_for_a_municipality_that_has_called(officer: Client) -> None:
    meeting = create_meeting()
    url = page_url("municipality_register", meeting, code="0657")
    data = typed({f"seats-{meeting.sessions.get().pk}": "4"})

    shown = officer.post(url, data)

    assert shown.context["sentences"] == [
        "1 deltager fra Herning Kommune får en plads og en kalenderinvitation.",
        "4 pladser holdes til Herning Kommune, navne følger.",
        "Kvitteringen går til anne@herning.example.",
    ]
    assertContains(shown, "4 pladser, navne følger")
    officer.post(url, {**fields_of(shown), "do": "send"})
    assert Registration.objects.get().participants.nameless().count() == 4
