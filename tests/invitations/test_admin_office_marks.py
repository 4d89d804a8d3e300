"""Noting something about one office or many: a page first, and then once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from invitations.models import Office
from tests.admin_pages import fields_of
from tests.factories import NOW, create_office, create_reader, create_staff, get_municipality
from tests.office_files import history
from tests.pages import page_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OFFICES = "/admin/invitations/office/"
UNREACHABLE = f"{OFFICES}unreachable/"
TODAY = NOW.date()


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(mark: str) -> str:
    return f"{OFFICES}mark/{mark}/"


def tick(client: Client, mark: str, *offices: Office, back: str = f"{UNREACHABLE}?q=x") -> Any:
    """Tick offices in the list and press one of the buttons below; what comes back is the page before it."""
    return client.post(page(mark), {"office": [office.pk for office in offices], "back": back})


def confirm(client: Client, mark: str, shown: Any) -> Any:
    return client.post(page(mark), fields_of(shown), follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_the_page_before_says_what_follows_and_changes_nothing(officer: Client) -> None:
    office, other = create_office(), create_office(municipality=get_municipality("Viborg"), mailbox="")

    text = page_text(tick(officer, "returned", office, other))

    office.refresh_from_db()
    assert office.returned_on is None
    assert "Det noteres, at mail er kommet retur i dag fra 1 postkasse." in text
    assert "1 af de valgte bliver, som den er: Der er ikke noget nyt at notere." in text
    assert "1 modtager Kommune Modtager Postkasse Herning Udvalg udvalg-0657@example.dk" in text


@pytest.mark.parametrize(
    ("mark", "before", "after"),
    [
        ("returned", {}, {"returned_on": TODAY}),
        ("working", {"returned_on": TODAY}, {"returned_on": None}),
        ("verified", {"verified_on": TODAY - timedelta(days=400)}, {"verified_on": TODAY}),
    ],
)
def test_it_is_noted_for_many_and_leads_back_to_where_one_was(
    officer: Client, mark: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    offices = [create_office(municipality=get_municipality(town), **before) for town in ("Herning", "Skive")]

    response = confirm(officer, mark, tick(officer, mark, *offices))

    found = [Office.objects.filter(pk=office.pk).values(*after).get() for office in offices]
    assert found == [after, after]
    assert [len(history(office)) for office in offices] == [1, 1]
    assert said(response) == ["Det er noteret for 2 modtagere."]
    assert response.redirect_chain[-1][0] == f"{UNREACHABLE}?q=x"


def test_pressed_twice_it_is_noted_once(officer: Client) -> None:
    office = create_office()
    shown = tick(officer, "returned", office)

    answers = [confirm(officer, "returned", shown) for _ in range(2)]

    assert [said(answer) for answer in answers] == [
        ["Det er noteret for 1 modtager."],
        ["Det var allerede noteret. Der er ikke ændret noget."],
    ]
    assert len(history(office)) == 1


def test_it_is_noted_from_the_page_of_one_office(officer: Client) -> None:
    office = create_office()
    change = f"{OFFICES}{office.pk}/change/"
    links = dict(officer.get(change).context["marks"])

    shown = officer.get(next(url for label, url in links.items() if str(label) == "Mail kom retur"))
    response = confirm(officer, "returned", shown)

    office.refresh_from_db()
    assert [str(label) for label in links] == ["Mail kom retur", "Bekræftet i dag"]
    assert (office.returned_on, response.redirect_chain[-1][0]) == (TODAY, change)


def test_it_is_an_action_of_the_list(officer: Client) -> None:
    offices = [create_office(municipality=get_municipality(town)) for town in ("Herning", "Skive")]

    shown = officer.post(
        f"{OFFICES}?q=udvalg",
        {"action": "mark_verified", "_selected_action": [office.pk for office in offices]},
    )
    response = confirm(officer, "verified", shown)

    assert Office.objects.filter(verified_on=TODAY).count() == 2
    assert response.redirect_chain[-1][0] == f"{OFFICES}?q=udvalg"


@pytest.mark.parametrize("offices", ["", "x", "99999999999999999999", "²"])
def test_nothing_chosen_is_said(officer: Client, offices: str) -> None:
    response = officer.get(page("returned"), {"offices": offices}, follow=True)

    assert said(response) == ["Vælg mindst én modtager."]


def test_offices_that_are_gone_are_nothing_to_note(officer: Client) -> None:
    text = page_text(officer.get(page("verified"), {"offices": "4711"}))

    assert "Der er ikke noget nyt at notere om de valgte." in text


def test_it_leads_nowhere_else(officer: Client) -> None:
    shown = tick(officer, "returned", create_office(), back="https://example.com/")

    response = confirm(officer, "returned", shown)

    assert response.redirect_chain[-1][0] == OFFICES


def test_looking_notes_nothing(officer: Client) -> None:
    office = create_office()

    officer.get(page("returned"), {"offices": str(office.pk), "confirmed": "1"})

    office.refresh_from_db()
    assert office.returned_on is None


def test_there_is_no_other_mark(officer: Client) -> None:
    assert officer.get(page("nonsense"), {"offices": "1"}).status_code == 404


def test_who_may_not_change_offices_notes_nothing(client: Client) -> None:
    office = create_office()
    client.force_login(create_reader("view_office"))

    response = client.post(page("returned"), {"offices": str(office.pk), "confirmed": "1"})

    office.refresh_from_db()
    assert (response.status_code, office.returned_on) == (403, None)
    assert client.get(f"{OFFICES}{office.pk}/change/").context["marks"] == []
