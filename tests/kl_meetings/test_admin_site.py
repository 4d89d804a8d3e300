from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django.asserts import assertContains

from tests.factories import create_staff

pytestmark = pytest.mark.django_db


def groups(client: Client) -> list[tuple[str, list[str]]]:
    """The headings of the start page, and what stands below each."""
    found = client.get("/admin/").context["app_list"]
    return [(str(group["name"]), [str(model["name"]) for model in group["models"]]) for group in found]


def test_the_start_page_follows_the_flow(client: Client) -> None:
    client.force_login(create_staff())

    assert groups(client) == [
        ("Møder og breve", ["Møder", "Breve"]),
        ("Svar", ["Tilmeldinger", "Deltagere", "Afbud"]),
        ("Sendt ud", ["Invitationer", "Udsendelser", "Udgående mails"]),
        ("Kommuner og modtagere", ["Modtagere", "Kommuner", "Områder", "Fagområder"]),
        ("Indstillinger og brugere", ["Afsender", "Brugere", "Login", "Historik"]),
    ]


def test_one_sees_only_what_one_may_look_at(client: Client) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_letter"))
    client.force_login(reader)

    assert groups(client) == [("Møder og breve", ["Breve"])]


def test_the_page_of_one_app_lists_its_own(client: Client) -> None:
    client.force_login(create_staff())

    found = client.get("/admin/registrations/").context["app_list"]

    assert [len(app["models"]) for app in found] == [3]


def test_the_admin_says_whose_it_is(client: Client) -> None:
    assertContains(client.get("/admin/login/"), "KL Møder")
