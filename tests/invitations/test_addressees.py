from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from invitations.models import Area, AreaMembership, Municipality, Office, PolicyArea, PolicyAreaAlias, Role
from tests.factories import create_area, create_office, get_area, get_municipality, get_policy_area

pytestmark = pytest.mark.django_db

LAST_DAY = date(2026, 12, 31)
FIRST_DAY = date(2027, 1, 1)


def names_in(area: str, *, on: date) -> list[str]:
    found = Municipality.objects.in_areas([get_area(area)], on=on)
    return [municipality.name for municipality in found]


# What a migrated database holds.


def test_there_are_98_municipalities_with_codes_of_four_digits() -> None:
    codes = Municipality.objects.values_list("code", flat=True)

    assert len(codes) == 98
    assert all(len(code) == 4 and code.isdigit() for code in codes)


@pytest.mark.parametrize(
    ("name", "code", "official_name"),
    [
        ("Herning", "0657", "Herning Kommune"),
        ("København", "0101", "Københavns Kommune"),
        ("Bornholm", "0400", "Bornholms Regionskommune"),
        ("Nordfyns", "0480", "Nordfyns Kommune"),
        ("Ærø", "0492", "Ærø Kommune"),
    ],
)
def test_a_municipality_has_its_official_name(name: str, code: str, official_name: str) -> None:
    municipality = get_municipality(name)

    assert (municipality.code, str(municipality)) == (code, official_name)


def test_there_are_six_regions_the_country_and_two_groups() -> None:
    assert sorted(Area.objects.values_list("name", "kind")) == [
        ("Hele landet", "country"),
        ("Region Hovedstaden", "region"),
        ("Region Hovedstaden (Storkøbenhavn)", "group"),
        ("Region Hovedstaden (øvrige kommuner end Storkøbenhavn)", "group"),
        ("Region Midtjylland", "region"),
        ("Region Nordjylland", "region"),
        ("Region Sjælland", "region"),
        ("Region Syddanmark", "region"),
        ("Region Østdanmark", "region"),
    ]


@pytest.mark.parametrize(
    ("area", "before", "after"),
    [
        ("Hele landet", 98, 98),
        ("Region Nordjylland", 11, 11),
        ("Region Midtjylland", 19, 19),
        ("Region Syddanmark", 22, 22),
        ("Region Hovedstaden", 29, 0),
        ("Region Sjælland", 17, 0),
        ("Region Østdanmark", 0, 46),
        ("Region Hovedstaden (Storkøbenhavn)", 17, 17),
        ("Region Hovedstaden (øvrige kommuner end Storkøbenhavn)", 12, 12),
    ],
)
def test_the_regions_in_the_east_become_one_on_new_years_day(area: str, before: int, after: int) -> None:
    assert len(names_in(area, on=LAST_DAY)) == before
    assert len(names_in(area, on=FIRST_DAY)) == after


@pytest.mark.parametrize("day", [LAST_DAY, FIRST_DAY])
def test_each_municipality_is_in_one_region_on_any_day(day: date) -> None:
    regions = Area.objects.filter(kind=Area.Kind.REGION)

    names = [name for region in regions for name in names_in(region.name, on=day)]

    assert len(names) == 98
    assert len(set(names)) == 98


def test_the_groups_of_the_capital_share_out_its_region() -> None:
    greater = set(names_in("Region Hovedstaden (Storkøbenhavn)", on=LAST_DAY))
    rest = set(names_in("Region Hovedstaden (øvrige kommuner end Storkøbenhavn)", on=LAST_DAY))

    assert greater | rest == set(names_in("Region Hovedstaden", on=LAST_DAY))
    assert not greater & rest
    assert {"København", "Frederiksberg", "Dragør", "Høje-Taastrup"} <= greater
    assert {"Bornholm", "Helsingør", "Furesø"} <= rest


def test_there_is_a_policy_area_with_an_alias() -> None:
    assert get_policy_area("Børne- og Ungeområdet") == get_policy_area("børne- og undervisningsområdet")


# Order and search.


def test_municipalities_come_in_danish_order() -> None:
    names = [municipality.name for municipality in Municipality.objects.in_danish_order()]

    assert names[0] == "Albertslund"
    assert names[-6:] == ["Viborg", "Vordingborg", "Ærø", "Aabenraa", "Aalborg", "Aarhus"]
    assert names.index("Odsherred") < names.index("Randers") < names.index("Rødovre") < names.index("Samsø")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("århus", ["Aarhus"]),
        ("AARHUS", ["Aarhus"]),
        ("ålborg", ["Aalborg"]),
        ("koebenhavn", ["København"]),
        ("ærø", ["Ærø"]),
        ("høje taastrup", ["Høje-Taastrup"]),
        ("hern", ["Herning"]),
        ("xyz", []),
    ],
)
def test_search_knows_how_danes_spell(text: str, found: list[str]) -> None:
    names = [municipality.name for municipality in Municipality.objects.search(text).in_danish_order()]

    assert names == found


def test_a_municipality_is_in_several_areas_once() -> None:
    areas = [get_area("Hele landet"), get_area("Region Midtjylland")]

    found = Municipality.objects.in_areas(areas, on=FIRST_DAY)

    assert found.count() == 98


def test_staff_may_put_a_group_together() -> None:
    group = create_area(municipalities=[get_municipality("Skive"), get_municipality("Ærø")])

    assert names_in(group.name, on=FIRST_DAY) == ["Skive", "Ærø"]


def test_a_membership_holds_on_its_first_and_last_day() -> None:
    group = create_area()
    AreaMembership.objects.create(
        area=group, municipality=get_municipality(), valid_from=date(2027, 2, 1), valid_to=date(2027, 2, 3)
    )

    days = [day for day in range(1, 6) if names_in(group.name, on=date(2027, 2, day))]
    assert days == [1, 2, 3]
    assert names_in(group.name, on=date(2027, 1, 31)) == []


# Offices.


def test_an_office_goes_by_its_own_name_or_its_role() -> None:
    assert (
        str(create_office(name="Børne- og Familieudvalget")) == "Børne- og Familieudvalget, Herning Kommune"
    )
    assert str(create_office(role=Role.MAYOR)) == "Borgmester, Herning Kommune"


def test_an_office_without_a_policy_area_answers_for_all() -> None:
    other = PolicyArea.objects.create(name="ældreområdet")
    mayor = create_office(role=Role.MAYOR)
    committee = create_office()
    create_office(policy_area=other)

    found = Office.objects.responsible_for(get_policy_area()).order_by("pk")

    assert list(found) == [mayor, committee]


# Rules, which the form explains and the database keeps.


@pytest.mark.parametrize(
    ("make", "changes", "sentence"),
    [
        (
            lambda: create_office(),
            {"valid_from": date(2027, 1, 2), "valid_to": date(2027, 1, 1)},
            "Den sidste dag må ikke ligge før den første",
        ),
        (lambda: create_office(policy_area=None, role="mayor"), {"role": "king"}, "Vælg en af rollerne"),
        (
            lambda: create_office(),
            {"role": "mayor"},
            "Kun udvalg og forvaltninger har ansvar for et fagområde",
        ),
        (
            lambda: AreaMembership.objects.all()[0],
            {"valid_from": date(2027, 1, 2), "valid_to": date(2027, 1, 1)},
            "Den sidste dag må ikke ligge før den første",
        ),
    ],
)
def test_a_rule_has_a_sentence_and_holds_in_the_database(
    make: Any, changes: dict[str, Any], sentence: str
) -> None:
    row: models.Model = make()
    for name, value in changes.items():
        setattr(row, name, value)

    with pytest.raises(ValidationError) as refused:
        row.validate_constraints()
    assert refused.value.messages == [sentence]
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row)._default_manager.filter(pk=row.pk).update(**changes)


def test_a_municipality_is_in_an_area_once_at_a_time() -> None:
    again = AreaMembership(area=get_area("Hele landet"), municipality=get_municipality())

    with pytest.raises(ValidationError) as refused:
        again.full_clean()
    assert refused.value.messages == ["Kommunen er allerede i området"]
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Municipality(code="0657", name="Ny", official_name="Ny Kommune"),
        lambda: Municipality(code="9999", name="Herning", official_name="Ny Kommune"),
        lambda: Area(name="Hele landet"),
        lambda: PolicyArea(name="børne- og undervisningsområdet"),
        lambda: PolicyAreaAlias(name="børne- og ungeområdet", policy_area=get_policy_area()),
    ],
    ids=["code", "municipality", "area", "policy area", "alias"],
)
def test_a_name_or_a_code_stands_once(make: Any) -> None:
    row = make()

    with pytest.raises(ValidationError):
        row.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_an_area_has_a_known_kind() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Area.objects.filter(name="Hele landet").update(kind="planet")
