"""The page with what those who come need: for the kitchen first, and only for those who have the role."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting
from kl_meetings.roles import ADMINISTRATOR, READER, SECRETARIAT, SPECIAL_NEEDS
from tests.admin_pages import count_queries
from tests.factories import (
    NOW,
    create_meeting,
    create_needs,
    create_participant,
    create_registration,
    create_session,
    create_staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TAB = "Mad og særlige behov</a>"


def log_in(client: Client, *roles: str) -> None:
    user = User.objects.create_user("mette", password="password", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=roles))
    client.force_login(user)


def create_asking_meeting(**needs: str) -> Meeting:
    """A meeting that asks, and what those who come to it need, by their names."""
    meeting = create_meeting(asks_about_needs=True)
    registration = create_registration(meeting=meeting, participants=0)
    for name, text in needs.items():
        create_needs(participant=create_participant(registration=registration, name=name), text=text)
    return meeting


def sections(client: Client, meeting: Meeting, **query: str) -> list[str]:
    page = client.get(page_url("needs", meeting), query).content.decode().replace("\xa0", " ")
    return re.findall(r'(?s)<section class="needs".*?</section>', page)


def rows(client: Client, meeting: Meeting, **query: str) -> list[list[str]]:
    page = "".join(sections(client, meeting, **query))
    cells = [
        re.findall(r"(?s)<t[dh][^>]*>(.*?)</t[dh]>", row) for row in re.findall(r"(?s)<tr>.*?</tr>", page)
    ]
    return [[cell.strip() for cell in row] for row in cells]


@pytest.mark.parametrize(
    ("roles", "status"),
    [
        ([SECRETARIAT], 403),
        ([READER], 403),
        ([ADMINISTRATOR], 403),
        ([SPECIAL_NEEDS], 403),
        ([SECRETARIAT, SPECIAL_NEEDS], 200),
        ([READER, SPECIAL_NEEDS], 200),
    ],
)
def test_only_who_has_the_role_beside_one_that_sees_meetings_sees_it(
    client: Client, roles: list[str], status: int
) -> None:
    meeting = create_asking_meeting(Bo="Vegetar")
    log_in(client, *roles)

    response = client.get(page_url("needs", meeting))

    assert response.status_code == status
    assert ("Vegetar" in response.content.decode()) == (status == 200)


def test_the_tab_is_there_for_those_who_may_see_it_where_the_meeting_asks(client: Client) -> None:
    asking, silent = create_asking_meeting(), create_meeting()
    log_in(client, SECRETARIAT)
    without_role = TAB in client.get(page_url("participants", asking)).content.decode()

    client.force_login(create_staff())
    shown = [TAB in client.get(page_url("participants", one)).content.decode() for one in (asking, silent)]

    assert (without_role, shown) == (False, [True, False])


def test_the_kitchen_gets_each_need_once_with_how_many_have_it_and_no_name(client: Client) -> None:
    meeting = create_asking_meeting(Bo="Vegetar", Ida="  vegetar. ", Åse="Glutenfri", Eva="Kørestol <b>")
    client.force_login(create_staff())

    page = client.get(page_url("needs", meeting)).content.decode()

    assert rows(client, meeting) == [
        ["Antal", "Mad og særlige behov"],
        ["2", "Vegetar"],
        ["1", "Glutenfri"],
        ["1", "Kørestol &lt;b&gt;"],
    ]
    assert [name for name in ("Bo", "Ida", "Åse", "Eva") if f">{name}<" in page] == []


def test_names_stand_there_only_for_who_asks_for_them(client: Client) -> None:
    meeting = create_asking_meeting(Bo="Vegetar", Ida="Glutenfri")
    client.force_login(create_staff())

    assert rows(client, meeting, names="1") == [
        ["Navn", "Kommer som", "Mad og særlige behov"],
        ["Bo", "Herning", "Vegetar"],
        ["Ida", "Herning", "Glutenfri"],
    ]


def test_each_session_has_its_own_list_of_those_who_come(client: Client) -> None:
    meeting = create_asking_meeting(Bo="Vegetar")
    second = create_session(meeting=meeting, starts_date=date(2027, 4, 16))
    registration = create_registration(meeting=meeting, participants=0)
    create_needs(participant=create_participant(registration=registration, session=second), text="Veganer")
    waiting = create_participant(registration=registration, waitlisted_at=NOW)
    create_needs(participant=waiting, text="Venter")
    create_needs(participant=create_participant(registration=create_registration()), text="Andet møde")
    client.force_login(create_staff())

    assert re.findall(r"<h3[^>]*>(.*?)</h3>", "".join(sections(client, meeting))) == [
        "Torsdag den 15. april 2027 kl. 17\u2060-\u206019",
        "Fredag den 16. april 2027 kl. 17\u2060-\u206019",
    ]
    assert [row for row in rows(client, meeting) if row[0] != "Antal"] == [["1", "Vegetar"], ["1", "Veganer"]]


def test_where_nobody_needs_anything_the_page_says_so(client: Client) -> None:
    client.force_login(create_staff())

    page = client.get(page_url("needs", create_asking_meeting())).content.decode()

    assert "Ingen, der kommer, har skrevet, at de har brug for noget." in page


def test_the_page_is_kept_by_no_browser_and_says_when_it_is_deleted(client: Client) -> None:
    client.force_login(create_staff())

    response = client.get(page_url("needs", create_asking_meeting(Bo="Vegetar")))

    assert "no-store" in response["Cache-Control"]
    assert (
        "Det hele bliver slettet 7 dage efter mødet. Makulér det, du har printet."
        in response.content.decode()
    )


def test_it_asks_the_database_the_same_however_many_need_something(client: Client) -> None:
    few, many = create_asking_meeting(Bo="Vegetar"), create_asking_meeting(Bo="A", Ida="B", Eva="C")
    client.force_login(create_staff())

    assert count_queries(client, page_url("needs", few)) == count_queries(client, page_url("needs", many))
