"""The tab with pictures, each beside a table that says the same."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting
from tests.admin_pages import count_queries
from tests.factories import (
    NOW,
    create_decline,
    create_guests,
    create_invitation,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_staff,
    create_theme,
    get_municipality,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


@pytest.fixture
def meeting() -> Meeting:
    meeting = create_meeting()
    for name in ("Herning", "Viborg", "Struer"):
        create_invitation(meeting=meeting, municipality=get_municipality(name))
    return meeting


def url(meeting: Meeting) -> str:
    return reverse("admin:invitations_meeting_figures", args=[meeting.pk])


def cells(html: str, caption: str) -> list[list[str]]:
    """The rows below the head of the table of that name."""
    table = next(part for part in re.findall(r"<table>.*?</table>", html, re.DOTALL) if caption in part)
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def test_where_nobody_is_invited_no_answers_are_counted(officer: Client) -> None:
    html = " ".join(officer.get(url(create_meeting())).content.decode().split())

    assert "Ingen kommuner er inviteret endnu. 0 deltagere fra kommunerne er tilmeldt." in html


def test_answers_of_those_who_were_not_invited_are_told_apart(officer: Client, meeting: Meeting) -> None:
    create_registration(meeting=meeting, municipality=get_municipality("Aarhus"))
    create_guests(meeting=meeting, participants=3)
    sentence = "1 af dem har svaret uden at være inviteret."

    figures = " ".join(officer.get(url(meeting)).content.decode().split())
    of_ledger = officer.get(page_url("ledger", meeting))

    assert f"1 af 4 kommuner har svaret. {sentence} 1 deltager fra kommunerne er tilmeldt." in figures
    assert "Inviteret eller svaret</th>" in figures
    assertContains(of_ledger, sentence)
    assertContains(of_ledger, "<li>1 deltager fra kommunerne</li>")


def test_the_map_and_its_table_say_what_each_municipality_has_answered(
    officer: Client, meeting: Meeting
) -> None:
    create_registration(meeting=meeting, participants=3)
    create_decline(meeting=meeting, municipality=get_municipality("Viborg"))

    html = officer.get(url(meeting)).content.decode()

    rows = cells(html, "Svar fra hver kommune")
    assert [row for row in rows if row[1] != "Ikke inviteret endnu"] == [
        ["Herning", "Tilmeldt", "3"],
        ["Struer", "Intet svar", "0"],
        ["Viborg", "Afbud", "0"],
    ]
    assert "<title>Herning: tilmeldt (3)</title>" in html
    assert len(rows) == 19
    assert "2 af 3 kommuner har svaret." in html


def test_answers_over_time_stand_beside_those_of_the_meeting_it_was_copied_from(
    officer: Client, meeting: Meeting
) -> None:
    before = create_meeting(title="Sidste års møde")
    create_registration(meeting=before, registered_at=NOW - timedelta(days=3))
    create_registration(meeting=meeting, registered_at=NOW)
    meeting.copied_from = before
    meeting.save()

    html = officer.get(url(meeting)).content.decode()

    assert cells(html, "Kommuner, der havde svaret, dag for dag") == [
        ["74 dage før fristen", "0", "–"],
        ["49 dage før fristen", "0", "1"],
        ["46 dage før fristen", "1", "1"],
    ]
    assert "Sidste års møde" in html


def test_a_meeting_that_was_not_copied_has_one_line(officer: Client, meeting: Meeting) -> None:
    response = officer.get(url(meeting))

    assertContains(response, 'class="present"')
    assertNotContains(response, 'class="before"')


def test_regions_and_themes_have_bars_and_tables(officer: Client, meeting: Meeting) -> None:
    theme = create_theme(item=create_programme_item(meeting=meeting), title="Dagtilbud", capacity=5)
    create_participant(registration=create_registration(meeting=meeting, participants=0), themes=[theme])

    html = officer.get(url(meeting)).content.decode()

    assert cells(html, "Kommuner efter region og svar") == [["Region Midtjylland", "1", "3", "1", "2", "16"]]
    assert cells(html, "Deltagere efter tema") == [["Velkommen", "Dagtilbud", "1", "5"]]


def test_decimals_in_pictures_have_points_in_danish_too(officer: Client, meeting: Meeting) -> None:
    html = officer.get(url(meeting)).content.decode()

    numbers = re.findall(r' (?:x|y|x1|x2|y1|y2|width|height|cx|cy)="([^"]*)"', html)
    assert len(numbers) > 100
    assert [number for number in numbers if "," in number] == []


def test_a_meeting_without_day_and_answers_says_so(officer: Client) -> None:
    response = officer.get(url(create_meeting(session=False)))

    assertContains(response, "Mødet har endnu ingen dato og intet område, og ingen er inviteret.")


def test_who_may_not_see_the_meeting_does_not_see_its_figures(client: Client, meeting: Meeting) -> None:
    client.force_login(User.objects.create_user("gaest", is_staff=True))

    assert client.get(url(meeting)).status_code == 403


def test_three_rows_ask_the_database_as_often_as_one(officer: Client, meeting: Meeting) -> None:
    item = create_programme_item(meeting=meeting)
    counts = []
    for name in ("Herning", "Viborg", "Struer"):
        registration = create_registration(
            meeting=meeting, municipality=get_municipality(name), participants=0
        )
        create_participant(registration=registration, themes=[create_theme(item=item, title=name)])
        counts.append(count_queries(officer, url(meeting)))

    assert counts == [counts[0]] * 3
