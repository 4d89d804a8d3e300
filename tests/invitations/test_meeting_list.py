from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from invitations.models import Announcement
from tests.factories import NOW, create_letter, create_meeting, create_session
from tests.pages import page_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def titles(client: Client) -> list[str]:
    return re.findall(r'<h2 class="meeting-title"><a [^>]*>(.*?)</a>', client.get("/").content.decode())


def meeting_on(day: date, title: str, **fields: Any) -> None:
    meeting = create_meeting(title=title, session=False, registration_deadline_date=None, **fields)
    create_session(meeting=meeting, starts_date=day)


def test_without_meetings_the_page_says_so(client: Client) -> None:
    assert "Der er ingen planlagte møder lige nu." in page_text(client.get("/"))


def test_meetings_stand_in_the_order_of_their_dates(client: Client) -> None:
    meeting_on(date(2027, 5, 2), "I maj")
    meeting_on(date(2027, 3, 1), "I marts")
    meeting_on(date(2027, 4, 1), "I april")

    assert titles(client) == ["I marts", "I april", "I maj"]


def test_a_meeting_says_for_whom_when_and_where_it_is(client: Client) -> None:
    meeting = create_meeting()

    response = client.get("/")

    text = page_text(response).replace("\u00a0", " ")
    assert text == (
        "Kommende politiske møder 15 apr Politisk møde i Region Midtjylland Region Midtjylland "
        "Torsdag den 15. april 2027 kl. 17-19 Rådhuset i Herning, Torvet 5, 7400 Herning"
    )
    assert f'href="/{meeting.slug}"' in response.content.decode()


def test_meetings_of_the_past_and_drafts_are_left_out(client: Client) -> None:
    meeting_on(date(2027, 1, 31), "I går")
    meeting_on(date(2027, 2, 1), "I dag")
    meeting_on(date(2027, 4, 1), "Kladde", published_at=None)

    assert titles(client) == ["I dag"]


def test_the_day_is_copenhagens(client: Client, clock: Traveller) -> None:
    meeting_on(date(2027, 2, 1), "I dag")
    clock.move_to("2027-02-01T23:30:00+00:00")

    assert titles(client) == []


def test_a_meeting_of_several_days_is_coming_until_its_last(client: Client) -> None:
    meeting = create_meeting(title="To dage", session=False, registration_deadline_date=None)
    create_session(meeting=meeting, starts_date=date(2027, 1, 20))
    create_session(meeting=meeting, starts_date=date(2027, 2, 20))

    assert titles(client) == ["To dage"]


def test_a_cancelled_meeting_is_marked(client: Client) -> None:
    create_meeting().cancel(at=NOW)

    assert "Politisk møde i Region Midtjylland Aflyst" in page_text(client.get("/"))


def test_an_announced_meeting_is_a_date_to_save_with_a_calendar_file(client: Client) -> None:
    announced = create_meeting(title="Til juni", published_at=None)
    for _ in range(2):
        Announcement.objects.create(
            letter=create_letter(meeting=create_meeting(registration="none")), meeting=announced
        )

    response = client.get("/")

    assert page_text(response).count("Til juni Reservér datoen") == 1
    assert f'href="/{announced.slug}/calendar.ics"' in response.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_the_database_the_same_however_many_meetings_there_are(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _ in range(rows):
        create_meeting()

    with django_assert_num_queries(6):
        client.get("/")
