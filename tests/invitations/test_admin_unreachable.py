"""“Kan ikke nås”: the page that is worked through before a letter goes out."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from invitations.models import Office, Role
from tests.admin_pages import count_queries
from tests.factories import (
    MEETING_DAY,
    NOW,
    create_area,
    create_meeting,
    create_office,
    create_reader,
    create_staff,
    get_area,
    get_municipality,
)
from tests.large_meeting import create_offices
from tests.pages import page_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

UNREACHABLE = "/admin/invitations/office/unreachable/"
TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


@pytest.fixture
def offices() -> dict[str, Office]:
    """An office for each reason, and one without; all the other municipalities have none."""
    fields: dict[str, tuple[str, dict[str, Any]]] = {
        "fine": ("Skive", {}),
        "silent": ("Viborg", {"mailbox": "", "role": Role.MAYOR}),
        "returned": ("Herning", {"returned_on": YESTERDAY, "holder_name": "Åse Øe"}),
        "expired": ("Struer", {"valid_to": YESTERDAY}),
        "old": ("Aarhus", {"verified_on": date(2025, 6, 1)}),
    }
    return {
        name: create_office(
            **{"municipality": get_municipality(town), "verified_on": TODAY, "name": name, **more}
        )
        for name, (town, more) in fields.items()
    }


def rows(response: Any) -> list[str]:
    """The offices of the list by name; a municipality as a whole by its own."""
    return [row.office.name if row.office else row.municipality.name for row in response.context["page"]]


def of_offices(response: Any) -> list[str]:
    return [row.office.name for row in response.context["page"] if row.office]


def counts(response: Any) -> list[int]:
    return [count for _value, _label, count, _url in response.context["counts"]]


@pytest.mark.usefixtures("offices")
def test_each_office_stands_with_its_reason_and_since_when(officer: Client) -> None:
    response = officer.get(UNREACHABLE, {"area": get_area().pk})

    text = page_text(response)
    assert of_offices(response) == ["returned", "expired", "silent", "old"]
    assert "Herning returned udvalg-0657@ example.dk Mail kom retur 31.1.2027 1.2.2027" in text
    assert "Struer expired udvalg-0671@ example.dk Udløbet 31.1.2027 1.2.2027" in text
    assert "Viborg silent – Ingen postkasse 1.2.2027" in text
    assert "Aarhus old udvalg-0751@ example.dk Ikke bekræftet i 12 måneder 1.6.2025" in text
    assert "Viborg Kommunens modtagere Ingen modtager kan nås –" in text
    # No letters for any reason; no office, no mailbox, returned, failed, expired, not verified.
    assert counts(response) == [20, 17, 1, 1, 0, 1, 1]


@pytest.mark.usefixtures("offices")
@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"reason": "returned"}, ["returned"]),
        ({"reason": "no_letters"}, ["returned", "expired", "silent"]),
        ({"reason": "no_mailbox"}, ["silent"]),
        ({"role": "mayor"}, ["silent"]),
        ({"role": "committee", "reason": "no_mailbox"}, []),
        ({"q": "århus"}, ["old"]),
        ({"q": "aase oee".replace("oee", "oe")}, ["returned"]),
        ({"q": "0671"}, ["expired"]),
        ({"reason": "nonsense", "role": "x", "area": "4711", "meeting": "x", "p": "99", "o": "zz"}, None),
    ],
    ids=str,
)
def test_the_list_is_narrowed_down_and_nonsense_narrows_nothing(
    officer: Client, chosen: dict[str, str], found: list[str] | None
) -> None:
    response = officer.get(UNREACHABLE, chosen)

    if found is None:
        assert (response.status_code, response.context["page"].paginator.count) == (200, 96 + 4)
    else:
        assert of_offices(response) == found


@pytest.mark.usefixtures("offices")
@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("municipality", ["returned", "expired", "silent", "old"]),
        ("-municipality", ["old", "silent", "expired", "returned"]),
        ("office", ["expired", "old", "returned", "silent"]),
        ("reason", ["silent", "returned", "expired", "old"]),
        ("-reason", ["old", "expired", "returned", "silent"]),
        ("verified", ["old", "returned", "expired", "silent"]),
    ],
)
def test_the_list_is_sorted(officer: Client, order: str, found: list[str]) -> None:
    response = officer.get(UNREACHABLE, {"area": str(get_area().pk), "o": order})

    assert of_offices(response) == found


def test_a_meeting_asks_for_its_own_offices_and_day(officer: Client) -> None:
    herning, viborg = get_municipality("Herning"), get_municipality("Viborg")
    meeting = create_meeting(areas=[create_area(municipalities=[herning, viborg])], roles=["committee"])
    create_office(verified_on=TODAY, name="udløber", valid_to=MEETING_DAY - timedelta(days=1))
    create_office(municipality=viborg, name="fin", verified_on=TODAY)
    create_office(municipality=viborg, role=Role.MAYOR, mailbox="", name="ikke inviteret")

    response = officer.get(UNREACHABLE, {"meeting": meeting.pk})

    assert rows(response) == ["Herning", "udløber"]


def test_only_coming_meetings_can_be_chosen(officer: Client) -> None:
    coming = create_meeting(title="Kommer")
    create_meeting(title="Aflyst").cancel(at=NOW)
    held = create_meeting(title="Holdt", registration_deadline_date=None)
    held.sessions.update(starts_date=YESTERDAY)

    choices = officer.get(UNREACHABLE).context["form"].fields["meeting"].queryset

    assert list(choices) == [coming]


def test_when_everybody_can_be_reached_that_is_said(officer: Client) -> None:
    meeting = create_meeting(areas=[create_area(municipalities=[get_municipality()])], roles=["committee"])
    create_office(verified_on=TODAY)

    text = page_text(officer.get(UNREACHABLE, {"meeting": meeting.pk}))

    assert "Alle kan nås." in text


@pytest.mark.usefixtures("offices")
def test_the_list_is_saved_as_it_is_narrowed_down(officer: Client) -> None:
    url = officer.get(UNREACHABLE, {"q": "herning"}).context["export_url"]
    response = officer.get(url)

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0)
    head = [
        "Kommune",
        "Modtager",
        "Postkasse",
        "Årsag",
        "Mail kom retur den",
        "Gælder til og med",
        "Bekræftet",
    ]
    assert sheet.to_python() == [
        head,
        ["Herning", "", "", "ingen modtager kan nås", "", "", ""],
        ["Herning", "returned", "udvalg-0657@example.dk", "mail kom retur", YESTERDAY, "", TODAY],
    ]
    assert response.headers["Content-Disposition"] == 'attachment; filename="kan-ikke-naas-2027-02-01.xlsx"'


def test_long_lists_have_pages(officer: Client) -> None:
    create_offices()
    Office.objects.update(verified_on=None)

    first = officer.get(UNREACHABLE, {"reason": "not_verified"})
    last = officer.get(UNREACHABLE, {"reason": "not_verified", "p": "5"})

    assert (len(rows(first)), len(rows(last))) == (100, 90)
    assert (first.context["next_url"], last.context["next_url"]) == ("?reason=not_verified&p=2", False)
    assert "490 rækker." in page_text(first)


def test_490_offices_ask_the_database_as_often_as_one(officer: Client) -> None:
    create_office(mailbox="")
    meeting = create_meeting()
    url = f"{UNREACHABLE}?meeting={meeting.pk}&area={get_area().pk}"
    one = count_queries(officer, url)
    create_offices()
    Office.objects.update(verified_on=None)
    for _ in range(3):
        create_meeting()

    assert count_queries(officer, url) == one


@pytest.mark.usefixtures("offices")
def test_who_may_only_look_notes_nothing(client: Client) -> None:
    client.force_login(create_reader("view_office"))

    response = client.get(UNREACHABLE)

    assert (response.status_code, b'type="checkbox"' in response.content) == (200, False)


def test_who_may_not_see_offices_is_refused(client: Client) -> None:
    client.force_login(create_reader("view_meeting"))

    assert client.get(UNREACHABLE).status_code == 403
