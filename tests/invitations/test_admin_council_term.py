"""“Afslut valgperioden”: the page that says who leaves, and the button."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from invitations.danish import COPENHAGEN
from invitations.models import Office, Role
from tests.admin_pages import count_queries, fields_of
from tests.factories import create_office, create_reader, create_staff, get_municipality
from tests.pages import page_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

END = "/admin/invitations/office/end-term/"
LAST_DAY = date(2029, 12, 31)


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def create_mayor(town: str = "Herning", **fields: Any) -> Office:
    return create_office(
        **{
            "municipality": get_municipality(town),
            "role": Role.MAYOR,
            "holder_name": "Anna Holm",
            "mailbox": f"borgmester@{town.lower()}.example",
            **fields,
        }
    )


def press(client: Client, url: str = END) -> Any:
    return client.post(url, fields_of(client.get(url)), follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_the_page_says_how_many_leave_and_who(officer: Client) -> None:
    create_mayor()
    create_mayor("Viborg", holder_name="Bo Dam", holder_until=date(2030, 1, 31))
    create_office(role=Role.MUNICIPAL_DIRECTOR, holder_name="Carl Eg")

    text = page_text(officer.get(END))

    assert "2 politiske indehavere fratræder med udgangen af den 31. december 2029." in text
    assert "Modtagerne og deres postkasser består, og embedsmændene røres ikke." in text
    assert "Herning Borgmester Anna Holm – Viborg Borgmester Bo Dam 31.1.2030" in text
    assert ("Carl Eg" in text, Office.objects.filter(holder_until=LAST_DAY).count()) == (False, 0)


def test_the_term_is_ended_once(officer: Client) -> None:
    office = create_mayor()
    fields = fields_of(officer.get(END))

    answers = [officer.post(END, fields, follow=True) for _ in range(2)]

    office.refresh_from_db()
    assert (office.holder_until, office.mailbox) == (LAST_DAY, "borgmester@herning.example")
    assert [said(answer) for answer in answers] == [
        ["Valgperioden 2026–2029 er afsluttet for 1 indehaver."],
        ["Valgperioden 2026–2029 var allerede afsluttet. Der er ikke ændret noget."],
    ]


def test_with_nobody_left_there_is_no_button(officer: Client) -> None:
    create_mayor(holder_until=LAST_DAY)

    response = officer.get(END)

    assert "Der er ingen politiske indehavere tilbage, som fratræder med valgperioden." in page_text(response)
    assert b'type="submit" value="Afslut valgperioden"' not in response.content


def test_after_new_year_the_term_that_is_over_is_offered_first(
    client: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime(2030, 1, 7, 9, 0, tzinfo=COPENHAGEN))
    client.force_login(create_staff())
    old, new = create_mayor(), create_mayor("Viborg", holder_until=date(2033, 12, 31))
    text = page_text(client.get(END))

    press(client)

    old.refresh_from_db()
    new.refresh_from_db()
    assert "Valgperioden er slut. Indehavere, der allerede er nye, fratræder også" in text
    assert "Valgperioden 2030–2033 i stedet" in text
    assert (old.holder_until, new.holder_until) == (LAST_DAY, date(2033, 12, 31))


def test_the_other_term_can_be_chosen(officer: Client) -> None:
    office = create_mayor()

    press(officer, f"{END}?term=2022")

    office.refresh_from_db()
    assert office.holder_until == date(2025, 12, 31)


@pytest.mark.parametrize("term", ["nonsense", "2025", "2034"])
def test_another_year_is_no_term(officer: Client, term: str) -> None:
    response = officer.get(END, {"term": term})

    assert str(response.context["title"]) == "Afslut valgperioden 2026–2029"


def test_many_offices_ask_the_database_as_often_as_one(officer: Client) -> None:
    create_mayor()
    one = count_queries(officer, END)
    for town in ("Viborg", "Skive", "Struer"):
        create_mayor(town)

    assert count_queries(officer, END) == one


def test_who_may_not_change_offices_ends_nothing(client: Client) -> None:
    create_mayor()
    client.force_login(create_reader("view_office"))

    answers = [client.get(END), client.post(END)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert Office.objects.filter(holder_until=None).count() == 1
