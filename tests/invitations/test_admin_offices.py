"""The list of offices, and the form of one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from invitations.admin.change_messages import lines_of
from invitations.models import Mail, Office, OutgoingEmail
from tests.admin_pages import count_queries, send
from tests.factories import NOW, create_office, create_staff, get_municipality
from tests.large_meeting import create_offices
from tests.pages import page_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OFFICES = "/admin/invitations/office/"
TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(office: Office) -> str:
    return reverse("admin:invitations_office_change", args=[office.pk])


def names(response: Any) -> list[str]:
    return [row.name for row in response.context["cl"].result_list]


def fail(mailbox: str) -> None:
    mail = Mail(key="1", kind="letter", about="", to=mailbox, subject="", text="", html="")
    OutgoingEmail.objects.owe([mail], at=NOW)
    OutgoingEmail.objects.update(state=OutgoingEmail.State.FAILED)


def test_the_list_shows_who_is_where_and_how_it_stands(officer: Client) -> None:
    create_office(
        name="Udvalget for Børn",
        holder_name="Anna Holm",
        valid_to=date(2029, 12, 31),
        verified_on=date(2027, 1, 4),
    )

    text = page_text(officer.get(OFFICES))

    assert "Herning Udvalget for Børn udvalg-0657@ example.dk Anna Holm kan nås 31.12.2029 4.1.2027" in text


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "kan nås"),
        ({"mailbox": ""}, "Ingen postkasse"),
        ({"returned_on": YESTERDAY}, "Mail kom retur"),
        ({"valid_to": YESTERDAY}, "Udløbet"),
        ({"valid_from": TODAY + timedelta(days=1)}, "Endnu ikke gyldig"),
        ({"verified_on": None}, "Ikke bekræftet i 12 måneder"),
        ({"mailbox": "fejl@example.dk"}, "Seneste mail fejlede"),
    ],
    ids=str,
)
def test_the_state_of_an_office_stands_in_the_list(
    officer: Client, fields: dict[str, Any], state: str
) -> None:
    fail("Fejl@example.dk")
    create_office(**{"verified_on": TODAY, **fields})

    assert f"example.dk – {state} " in page_text(officer.get(OFFICES)).replace(" – – ", " example.dk – ")


def test_a_holder_who_has_left_is_not_shown_as_holder(officer: Client) -> None:
    office = create_office(holder_name="Anna Holm", holder_until=YESTERDAY)

    listed, shown = page_text(officer.get(OFFICES)), page_text(officer.get(page(office)))

    assert ("Anna Holm" in listed, "indehaver fratrådt" in listed) == (False, True)
    assert "Indehaver fratrådt" in shown


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"mailbox": "returned"}, ["retur"]),
        ({"verified": "yes"}, ["ny"]),
        ({"verified": "no"}, ["retur", "tom"]),
        ({"holder": "known"}, ["ny"]),
        ({"holder": "left"}, ["retur"]),
        ({"holder": "unknown"}, ["tom"]),
        ({"holder": "nonsense"}, ["ny", "retur", "tom"]),
    ],
    ids=str,
)
def test_the_list_is_narrowed_down(officer: Client, chosen: dict[str, str], found: list[str]) -> None:
    create_office(name="ny", verified_on=TODAY, holder_name="Bo", holder_until=TODAY)
    create_office(
        name="retur",
        returned_on=TODAY,
        verified_on=date(2026, 1, 31),
        holder_name="Anna",
        holder_until=YESTERDAY,
    )
    create_office(name="tom", holder_until=YESTERDAY)

    assert sorted(names(officer.get(OFFICES, chosen))) == found


@pytest.mark.parametrize("failed", [False, True])
def test_the_list_of_490_asks_the_database_as_often_as_that_of_one(officer: Client, failed: bool) -> None:
    office = create_office()
    if failed:
        fail(office.mailbox)
    one = count_queries(officer, OFFICES)
    create_offices()

    assert count_queries(officer, OFFICES) == one


# The form.


def test_a_new_mailbox_has_returned_no_mail(officer: Client) -> None:
    office = create_office(returned_on=YESTERDAY)

    send(officer, page(office), mailbox="ny@herning.example")

    office.refresh_from_db()
    assert (office.mailbox, office.returned_on) == ("ny@herning.example", None)
    assert [change.label for change in lines_of(LogEntry.objects.get())[0].changes] == [
        "Funktionspostkasse",
        "Mail kom retur den",
    ]


def test_mail_came_back_from_the_new_mailbox_as_well_where_that_is_typed(officer: Client) -> None:
    office = create_office(returned_on=YESTERDAY)

    send(officer, page(office), mailbox="ny@herning.example", returned_on="1.2.2027")

    office.refresh_from_db()
    assert office.returned_on == TODAY


def test_another_change_keeps_what_is_noted_about_the_mailbox(officer: Client) -> None:
    office = create_office(returned_on=YESTERDAY)

    send(officer, page(office), name="Udvalget for Børn")

    office.refresh_from_db()
    assert (office.name, office.returned_on) == ("Udvalget for Børn", YESTERDAY)


def test_a_new_holder_comes_with_a_term_of_their_own(officer: Client) -> None:
    office = create_office(holder_name="Anna Holm", holder_until=YESTERDAY)

    send(officer, page(office), holder_name="Bo Dam")
    office.refresh_from_db()
    first = office.holder_until
    send(officer, page(office), holder_name="Carl Eg", holder_until="31.12.2029")

    office.refresh_from_db()
    assert (first, office.holder_name, office.holder_until) == (None, "Carl Eg", date(2029, 12, 31))


def test_the_form_says_when_the_council_term_ends(officer: Client) -> None:
    text = page_text(officer.get(f"{OFFICES}add/"))

    assert "Valgperioden løber fra den 1. januar 2026 til og med den 31. december 2029." in text


def test_the_form_shows_what_is_wrong_and_leads_to_the_mail_that_failed(officer: Client) -> None:
    office = create_office(returned_on=YESTERDAY)
    fail(office.mailbox)

    response = officer.get(page(office))

    text = page_text(response)
    assert "Mail kom retur Seneste mail fejlede Ikke bekræftet i 12 måneder" in text
    assert "Den seneste mail blev opgivet den 1. februar 2027 kl. 11.50." in text
    assert f"?state__exact=failed&amp;q=udvalg-{get_municipality().code}%40example.dk" in str(
        response.content
    )
