"""The 98 municipalities, the areas they belong to and when, the policy area and the sender: what every
meeting needs.

Sources: Statistics Denmark's classification of municipalities and regions; overgangsloven (act 699 of 20
June 2025) § 126 for Region Østdanmark. "Storkøbenhavn" has no official list: the 17 municipalities of Byen
København and Københavns omegn (Statistics Denmark's landsdele) are a start that staff edit.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

from django.db import migrations

from invitations.alphabet import search_key, sort_key

MUNICIPALITIES = Path(__file__).resolve().parent.parent / "data" / "municipalities.csv"
LAST_DAY_OF_OLD_REGIONS = date(2026, 12, 31)
FIRST_DAY_OF_NEW_REGION = date(2027, 1, 1)
GREATER_COPENHAGEN = "Region Hovedstaden (Storkøbenhavn)"
REST_OF_CAPITAL_REGION = "Region Hovedstaden (øvrige kommuner end Storkøbenhavn)"


def add_addressees(apps: Any, schema_editor: Any) -> None:
    Municipality = apps.get_model("invitations", "Municipality")
    Area = apps.get_model("invitations", "Area")
    AreaMembership = apps.get_model("invitations", "AreaMembership")
    areas: dict[str, Any] = {}
    memberships = []

    def belongs(
        name: str, kind: str, municipality: Any, valid_from: date | None = None, valid_to: date | None = None
    ) -> None:
        if name not in areas:
            areas[name] = Area.objects.create(name=name, kind=kind)
        memberships.append(
            AreaMembership(
                area=areas[name], municipality=municipality, valid_from=valid_from, valid_to=valid_to
            )
        )

    with MUNICIPALITIES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            municipality = Municipality.objects.create(
                code=row["code"],
                name=row["name"],
                official_name=row["official_name"],
                sort_key=sort_key(row["name"]),
                search_key=search_key(row["name"]),
            )
            belongs("Hele landet", "country", municipality)
            if row["region_from_2027"] == row["region"]:
                belongs(row["region"], "region", municipality)
            else:
                belongs(row["region"], "region", municipality, valid_to=LAST_DAY_OF_OLD_REGIONS)
                belongs(row["region_from_2027"], "region", municipality, valid_from=FIRST_DAY_OF_NEW_REGION)
            if row["region"] == "Region Hovedstaden":
                group = GREATER_COPENHAGEN if row["greater_copenhagen"] == "yes" else REST_OF_CAPITAL_REGION
                belongs(group, "group", municipality)
    AreaMembership.objects.bulk_create(memberships)


def add_policy_area(apps: Any, schema_editor: Any) -> None:
    policy_area = apps.get_model("invitations", "PolicyArea").objects.create(
        name="børne- og undervisningsområdet"
    )
    apps.get_model("invitations", "PolicyAreaAlias").objects.create(
        policy_area=policy_area, name="børne- og ungeområdet"
    )


def add_sender(apps: Any, schema_editor: Any) -> None:
    apps.get_model("invitations", "Sender").objects.create(
        pk=1,
        name="KL",
        address="Weidekampsgade 10\nPostboks 3370\n2300 København S",
        website="www.kl.dk",
        phone="3370 3370",
        mailbox="kl@kl.dk",
        registration_number="62547413",
    )


class Migration(migrations.Migration):
    dependencies = [("invitations", "0001_initial")]

    operations = [
        migrations.RunPython(add_addressees, migrations.RunPython.noop),
        migrations.RunPython(add_policy_area, migrations.RunPython.noop),
        migrations.RunPython(add_sender, migrations.RunPython.noop),
    ]
