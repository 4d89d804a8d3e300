"""The lists of the admin: columns, filters and order that staff need, without a bar of actions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.admin_pages import count_queries
from tests.factories import (
    create_decline,
    create_dispatch,
    create_invitation,
    create_letter,
    create_meeting,
    create_office,
    create_registration,
    create_session,
    create_staff,
    get_area,
    get_municipality,
    get_policy_area,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LISTS = {
    "letters": "invitations/letter",
    "invitations": "invitations/invitation",
    "dispatches": "invitations/dispatch",
    "registrations": "registrations/registration",
    "participants": "registrations/participant",
    "declines": "registrations/decline",
}


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def create_row_in_each_list(title: str, day: date) -> None:
    meeting = create_meeting(title=title, session=False, registration_deadline_date=None)
    create_session(meeting=meeting, starts_date=day)
    create_dispatch(invitation=create_invitation(meeting=meeting), letter=create_letter(meeting=meeting))
    create_registration(meeting=meeting)
    create_decline(meeting=meeting, municipality=get_municipality("Aarhus"))


def rows(response: Any) -> list[Any]:
    return list(response.context["cl"].result_list)


def choices(response: Any, title: str) -> list[str]:
    """What can be chosen in the filter of that title, but for "all"."""
    cl = response.context["cl"]
    [found] = [spec for spec in cl.filter_specs if str(spec.title) == title]
    return [str(choice["display"]) for choice in found.choices(cl)][1:]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_narrowed_down_to_a_meeting_the_latest_first(officer: Client, name: str) -> None:
    create_meeting(title="Et møde uden rækker")
    create_row_in_each_list("Politisk møde", date(2026, 4, 16))
    create_row_in_each_list("Politisk møde", date(2027, 4, 15))
    url = f"/admin/{LISTS[name]}/"

    response = officer.get(url)

    assert choices(response, "møde") == ["Politisk møde 15.4.2027", "Politisk møde 16.4.2026"]
    links = [choice["query_string"] for choice in filter_of_meetings(response)]
    assert [len(rows(officer.get(url + link))) for link in links] == [2, 1, 1]


def filter_of_meetings(response: Any) -> list[dict[str, Any]]:
    cl = response.context["cl"]
    return next(list(spec.choices(cl)) for spec in cl.filter_specs if str(spec.title) == "møde")


@pytest.mark.parametrize("name", LISTS)
def test_a_meeting_more_to_choose_asks_the_database_no_more(officer: Client, name: str) -> None:
    counts = []
    for day in (15, 16, 17):
        create_row_in_each_list("Politisk møde", date(2027, 4, day))
        counts.append(count_queries(officer, f"/admin/{LISTS[name]}/"))

    assert counts == [counts[0]] * 3


def test_the_list_of_meetings_says_where_and_until_when(officer: Client) -> None:
    meeting = create_meeting(areas=[get_area("Region Sjælland"), get_area()])
    create_session(meeting=meeting, venue_place="Aarhus", venue_city="Aarhus C")
    create_session(meeting=meeting, online=True)
    create_session(meeting=meeting, starts_date=date(2027, 4, 16))
    create_meeting(session=False, registration_deadline_date=None)

    admin = officer.get("/admin/invitations/meeting/").context["cl"].model_admin
    listed = rows(officer.get("/admin/invitations/meeting/"))

    assert [(admin.dates(row), admin.deadline(row), admin.area_names(row)) for row in listed] == [
        ("–", "–", "Region Midtjylland"),
        (
            '15. og 16. april 2027<br><span class="quiet">Herning, Aarhus, Virtuelt</span>',
            "19.3.2027",
            "Region Sjælland, Region Midtjylland",
        ),
    ]


def test_meetings_are_filtered_by_the_areas_and_policy_areas_that_have_some(officer: Client) -> None:
    create_meeting()
    create_meeting(areas=[get_area("Region Sjælland")], policy_area=get_policy_area("havneområdet"))

    response = officer.get("/admin/invitations/meeting/")

    assert choices(response, "områder")[:2] == ["Region Midtjylland", "Region Sjælland"]
    assert sorted(choices(response, "fagområde")) == ["børne- og undervisningsområdet", "havneområdet"]


@pytest.mark.parametrize(("area", "count"), [("Region Sjælland", 0), ("Region Østdanmark", 46)])
def test_municipalities_are_those_of_an_area_today(officer: Client, area: str, count: int) -> None:
    response = officer.get("/admin/invitations/municipality/", {"area": get_area(area).pk})

    assert response.context["cl"].result_count == count


def test_the_list_of_municipalities_says_which_region_each_belongs_to_today(officer: Client) -> None:
    response = officer.get("/admin/invitations/municipality/", {"q": "Køge"})

    [row] = rows(response)
    assert response.context["cl"].model_admin.region(row) == "Region Østdanmark"


def test_the_list_of_policy_areas_says_what_uses_each(officer: Client) -> None:
    create_office()
    create_office(municipality=get_municipality("Aarhus"))
    for _number in range(3):
        create_meeting()

    [row] = rows(officer.get("/admin/invitations/policyarea/", {"q": "undervisning"}))

    assert (row.office_count, row.meeting_count) == (2, 3)


@pytest.mark.parametrize(
    "model",
    [
        *("invitations.meeting", "invitations.letter", "invitations.invitation", "invitations.dispatch"),
        *("invitations.outgoingemail", "invitations.municipality", "invitations.area"),
        *("invitations.policyarea", "registrations.registration", "registrations.participant"),
        *("registrations.decline", "auth.user"),
    ],
)
def test_each_list_is_searched_and_has_no_bar_of_actions(officer: Client, model: str) -> None:
    create_row_in_each_list("Politisk møde", date(2027, 4, 15))
    create_office()

    response = officer.get(reverse(f"admin:{model.replace('.', '_')}_changelist"))

    assert response.context["cl"].search_fields
    assertNotContains(response, 'class="actions"')


def test_offices_can_be_marked_several_at_a_time_and_not_erased(officer: Client) -> None:
    create_office()

    response = officer.get(reverse("admin:invitations_office_changelist"))

    assertContains(response, 'class="actions"')
    assertNotContains(response, "delete_selected")


@pytest.mark.parametrize(
    "model", ["invitations/outgoingemail", "invitations/office", "auth/user", "admin/logentry"]
)
def test_what_is_pasted_into_a_search_is_read_only_so_far(officer: Client, model: str) -> None:
    response = officer.get(f"/admin/{model}/", {"q": "x " * 2000})

    assertContains(response, "<h1")
