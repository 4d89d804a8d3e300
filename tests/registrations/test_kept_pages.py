"""The page of a meeting is built once in some seconds, however many open it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from time_machine import Traveller

from invitations.models import Meeting
from invitations.public_pages import MOMENT
from tests.factories import NOW, create_meeting, create_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "kept")]


@pytest.fixture
def kept(settings: Settings) -> Iterator[None]:
    """Pages are kept as in production, which the other tests do without."""
    in_memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages of tests"}
    settings.CACHES = {**settings.CACHES, "pages": in_memory}
    yield
    caches["pages"].clear()


def rename(meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(title="Et andet møde")


def shows(client: Client, address: str) -> bool:
    return "Et andet møde" in client.get(address).content.decode()


def test_the_second_visitor_asks_nothing_of_the_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = f"/{create_meeting().slug}"
    first = client.get(address).content

    with django_assert_num_queries(0):
        second = Client().get(address).content

    assert second == first


def test_no_browser_keeps_it(client: Client) -> None:
    address = f"/{create_meeting().slug}"

    told = [client.get(address).headers.get(name) for _ in range(2) for name in ("Cache-Control", "Expires")]

    assert told == ["no-cache", None] * 2


def test_the_page_is_never_older_than_a_moment(client: Client, clock: Traveller) -> None:
    meeting = create_meeting()
    client.get(f"/{meeting.slug}")
    rename(meeting)

    clock.move_to(NOW + timedelta(seconds=MOMENT - 1))
    assert not shows(client, f"/{meeting.slug}")
    clock.move_to(NOW + timedelta(seconds=MOMENT + 1))
    assert shows(client, f"/{meeting.slug}")


def test_each_language_has_its_own(client: Client) -> None:
    meeting = create_meeting()

    pages = [client.get(f"{prefix}/{meeting.slug}").content.decode() for prefix in ("", "/en")]

    assert ['<html lang="da">' in pages[0], '<html lang="en">' in pages[1]] == [True, True]


def test_who_is_logged_in_sees_what_they_have_just_changed(client: Client) -> None:
    meeting = create_meeting()
    client.get(f"/{meeting.slug}")
    client.force_login(create_staff())
    rename(meeting)

    assert shows(client, f"/{meeting.slug}")
