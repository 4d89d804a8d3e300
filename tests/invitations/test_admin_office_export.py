"""The list of offices as a file: what the list shows is what the file holds, and it comes back in."""

from __future__ import annotations

import pytest
from django.test import Client

from invitations.models import Area
from tests.admin_pages import count_queries
from tests.factories import create_office, create_reader, create_staff, get_municipality
from tests.large_meeting import create_offices
from tests.office_files import plan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OFFICES = "/admin/invitations/office/"
FILES = ["export.xlsx", "export.csv"]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def towns(content: bytes) -> list[str]:
    found = plan(content)
    assert (found.additions, found.changes) == ([], [])
    return sorted(office.municipality.name for office in found.unchanged)


@pytest.mark.parametrize("file", FILES)
def test_the_whole_list_comes_back_in_without_a_change(officer: Client, file: str) -> None:
    create_offices()

    response = officer.get(OFFICES + file)

    assert len(towns(response.content)) == 490
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="modtagere-2027-02-01.{file.partition(".")[2]}"'
    )


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"q": "Århus"}, ["Aarhus"]),
        ({"mailbox": "no"}, ["Køge"]),
        ({"area": "Region Midtjylland"}, ["Aarhus", "Herning"]),
        ({"area": "Region Midtjylland", "q": "hern", "p": "2", "o": "1"}, ["Herning"]),
        ({"q": "ingen"}, []),
    ],
    ids=str,
)
def test_filters_and_search_of_the_list_hold_for_the_file(
    officer: Client, file: str, chosen: dict[str, str], found: list[str]
) -> None:
    for town in ("Aarhus", "Herning"):
        create_office(municipality=get_municipality(town))
    create_office(municipality=get_municipality("Køge"), mailbox="")
    if "area" in chosen:
        chosen = {**chosen, "area": str(Area.objects.get(name=chosen["area"]).pk)}

    content = officer.get(OFFICES + file, chosen).content

    if found:
        assert towns(content) == found
    else:
        assert b"Aarhus" not in content


def test_the_list_leads_to_the_file_with_its_filters(officer: Client) -> None:
    response = officer.get(OFFICES, {"q": "Århus"})

    assert b'href="/admin/invitations/office/export.xlsx?q=%C3%85rhus"' in response.content


def test_a_filter_that_does_not_exist_leads_back_to_the_list(officer: Client) -> None:
    response = officer.get(f"{OFFICES}export.xlsx", {"nonsense__exact": "1"})

    assert (response.status_code, response.headers["Location"]) == (302, OFFICES)


@pytest.mark.parametrize("file", FILES)
def test_490_offices_ask_the_database_as_often_as_one(officer: Client, file: str) -> None:
    create_office()
    one = count_queries(officer, OFFICES + file)
    create_offices()

    assert count_queries(officer, OFFICES + file) == one


def test_who_may_see_offices_may_save_them_and_nobody_else(client: Client) -> None:
    reader = create_reader("view_office")
    client.force_login(reader)
    allowed = [client.get(OFFICES + file).status_code for file in FILES]
    reader.user_permissions.clear()
    refused = [client.get(OFFICES + file).status_code for file in FILES]

    assert (allowed, refused) == ([200, 200], [403, 403])
