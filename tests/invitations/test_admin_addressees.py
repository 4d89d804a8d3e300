from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from invitations.models import Area, Municipality, Office, PolicyArea
from tests.admin_pages import add_row, count_queries, errors_of, fields_of, send
from tests.factories import (
    create_area,
    create_meeting,
    create_office,
    create_staff,
    get_area,
    get_municipality,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OFFICES = "/admin/invitations/office/"
NEW_OFFICE = "/admin/invitations/office/add/"


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(row: Area | PolicyArea | Municipality) -> str:
    return reverse(f"admin:invitations_{row._meta.model_name}_change", args=[row.pk])


def names(response: Any) -> list[str]:
    return [row.name for row in response.context["cl"].queryset]


def test_municipalities_stand_in_danish_order(officer: Client) -> None:
    listed = names(officer.get("/admin/invitations/municipality/"))

    assert (len(listed), listed[:2], listed[-4:]) == (
        98,
        ["Albertslund", "Allerød"],
        ["Ærø", "Aabenraa", "Aalborg", "Aarhus"],
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [("Århus", ["Aarhus"]), ("ærø", ["Ærø"]), ("koebenhavn", ["København"]), ("0751", ["Aarhus"])],
)
def test_municipalities_are_found_as_danes_spell_them(officer: Client, words: str, found: list[str]) -> None:
    assert names(officer.get("/admin/invitations/municipality/", {"q": words})) == found


def test_a_group_is_put_together_from_municipalities(officer: Client) -> None:
    url = "/admin/invitations/area/add/"
    fields: dict[str, Any] = fields_of(officer.get(url))
    fields["name"] = "Kommuner ved vandet"
    add_row(fields, "memberships", municipality=get_municipality("Aarhus").pk)
    add_row(fields, "memberships", municipality=get_municipality("Ærø").pk, valid_to="31.12.2027")

    officer.post(url, {**fields, "_save": "1"})

    area = Area.objects.get(name="Kommuner ved vandet")
    on_new_year = Municipality.objects.in_areas([area], on=date(2028, 1, 1))
    assert (area.kind, [str(municipality) for municipality in on_new_year]) == ("group", ["Aarhus Kommune"])


@pytest.mark.parametrize(
    ("first", "second", "errors"),
    [
        ({}, {}, {"memberships-1-municipality": ["Kommunen er allerede i området på det tidspunkt"]}),
        (
            {"valid_to": "31.12.2026"},
            {"valid_from": "31.12.2026"},
            {"memberships-1-municipality": ["Kommunen er allerede i området på det tidspunkt"]},
        ),
        (
            {"valid_from": "2.1.2027", "valid_to": "1.1.2027"},
            {"valid_from": "1.1.2028"},
            {"memberships-0-valid_to": ["Den sidste dag må ikke ligge før den første"]},
        ),
    ],
    ids=str,
)
def test_a_municipality_is_in_an_area_once_at_a_time(
    officer: Client, first: dict[str, str], second: dict[str, str], errors: dict[str, list[str]]
) -> None:
    area = create_area()
    fields: dict[str, Any] = fields_of(officer.get(page(area)))
    add_row(fields, "memberships", municipality=get_municipality("Aarhus").pk, **first)
    add_row(fields, "memberships", municipality=get_municipality("Aarhus").pk, **second)

    response = officer.post(page(area), {**fields, "_save": "1"})

    assert errors_of(response) == errors


def test_a_municipality_can_leave_an_area_and_come_back(officer: Client) -> None:
    area = create_area(municipalities=[get_municipality("Aarhus")])
    fields: dict[str, Any] = fields_of(officer.get(page(area))) | {"memberships-0-valid_to": "31.12.2026"}
    add_row(fields, "memberships", municipality=get_municipality("Aarhus").pk, valid_from="1.1.2027")

    officer.post(page(area), {**fields, "_save": "1"})

    assert [(row.valid_from, row.valid_to) for row in area.memberships.order_by("pk")] == [
        (None, date(2026, 12, 31)),
        (date(2027, 1, 1), None),
    ]


def test_the_page_of_98_municipalities_asks_as_often_as_that_of_one(officer: Client) -> None:
    one = create_area(municipalities=[get_municipality("Aarhus")])

    assert count_queries(officer, page(get_area("Hele landet"))) == count_queries(officer, page(one))


def test_an_area_that_meetings_use_is_kept(officer: Client) -> None:
    area = create_area()
    create_meeting(areas=[area])

    response = officer.post(page(area).replace("change", "delete"), {"post": "yes"})

    assert (response.status_code, Area.objects.filter(pk=area.pk).exists()) == (200, True)


def test_a_policy_area_has_other_names(officer: Client) -> None:
    policy_area = PolicyArea.objects.create(name="klimaområdet")
    fields: dict[str, Any] = fields_of(officer.get(page(policy_area)))
    add_row(fields, "aliases", name="klima- og miljøområdet")

    officer.post(page(policy_area), {**fields, "_save": "1"})

    assert PolicyArea.objects.named("Klima- og Miljøområdet") == policy_area


def test_an_office_is_made_with_its_dates(officer: Client) -> None:
    typed = {
        "municipality": get_municipality("Aarhus").pk,
        "role": "mayor",
        "mailbox": "borgmester@aarhus.example",
        "valid_from": "1.1.2026",
        "valid_to": "31.12.2029",
    }

    officer.post(NEW_OFFICE, {**fields_of(officer.get(NEW_OFFICE)), **typed, "_save": "1"})

    office = Office.objects.get()
    assert (office.municipality.name, office.role) == ("Aarhus", "mayor")
    assert office.mailbox == "borgmester@aarhus.example"
    assert (office.valid_from, office.valid_to) == (date(2026, 1, 1), date(2029, 12, 31))


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"municipality": ""}, {"municipality": ["Vælg kommune"]}),
        ({"role": ""}, {"role": ["Vælg rolle"]}),
        ({"mailbox": "borgmester"}, {"mailbox": ["Indtast en e-mailadresse som navn@kommune.dk"]}),
        (
            {"valid_from": "2.1.2026", "valid_to": "1.1.2026"},
            {"valid_to": ["Den sidste dag må ikke ligge før den første"]},
        ),
        (
            {"role": "mayor"},
            {"policy_area": ["Kun udvalg og forvaltninger har ansvar for et fagområde"]},
        ),
    ],
    ids=str,
)
def test_what_is_wrong_with_an_office_is_said_at_its_field(
    officer: Client, typed: dict[str, str], errors: dict[str, list[str]]
) -> None:
    office = create_office()

    response = send(officer, reverse("admin:invitations_office_change", args=[office.pk]), **typed)

    assert errors_of(response) == errors


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"valid": "now"}, ["aarhus", "køge"]),
        ({"valid": "past"}, ["gammel"]),
        ({"valid": "later"}, ["ny"]),
        ({"mailbox": "no"}, ["køge"]),
        ({"mailbox": "yes"}, ["aarhus", "gammel", "ny"]),
        ({"role": "mayor"}, ["køge"]),
        ({"q": "Århus"}, ["aarhus", "gammel"]),
        ({"q": "KØGE borg"}, []),
    ],
    ids=str,
)
def test_offices_are_filtered_and_found(officer: Client, chosen: dict[str, str], found: list[str]) -> None:
    aarhus, koege = get_municipality("Aarhus"), get_municipality("Køge")
    create_office(municipality=aarhus, name="aarhus")
    create_office(municipality=koege, role="mayor", name="køge", mailbox="")
    create_office(municipality=aarhus, name="gammel", valid_to=date(2025, 12, 31))
    create_office(municipality=get_municipality("Ærø"), name="ny", valid_from=date(2030, 1, 1))

    response = officer.get(OFFICES, chosen)

    assert sorted(names(response)) == sorted(found)


@pytest.mark.parametrize(
    ("area", "found"), [("Region Midtjylland", ["Aarhus"]), ("Hele landet", ["Køge", "Aarhus"])]
)
def test_offices_are_filtered_by_the_area_of_their_municipality(
    officer: Client, area: str, found: list[str]
) -> None:
    for town in ("Aarhus", "Køge"):
        create_office(municipality=get_municipality(town), name=town)

    assert names(officer.get(OFFICES, {"area": get_area(area).pk})) == found


@pytest.mark.parametrize("model", ["office", "municipality", "area", "policyarea"])
def test_three_rows_ask_the_database_as_often_as_one(officer: Client, model: str) -> None:
    url = f"/admin/invitations/{model}/"
    counts = []
    for town in ("Herning", "Aarhus", "Viborg"):
        create_office(municipality=get_municipality(town))
        create_area(name=town, municipalities=[get_municipality(town)])
        PolicyArea.objects.create(name=town).aliases.create(name=f"{town}s")
        counts.append(count_queries(officer, url))

    assert counts == [counts[0]] * 3
