"""The waiting list as the secretariat reads and works with it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting, OutgoingEmail
from registrations import registering
from registrations.addressees import Group, addressees_of
from registrations.messages import Message, write
from registrations.models import Decline, Participant
from tests.admin_pages import count_queries, fields_of, send
from tests.delegations import make_attendee
from tests.factories import (
    NOW,
    create_meeting,
    create_programme_item,
    create_registration,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.pages import page_text, summary, typed
from tests.waiting import move_up, person, placed, sign_up_waiting, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BOX = "Skriv dem, der ikke er plads til, på venteliste"


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(meeting: Meeting) -> str:
    return page_url("waiting_list", meeting)


def of_municipality(meeting: Meeting, name: str) -> str:
    return page_url(f"municipality_{name}", meeting, code=get_municipality().code)


def rows_of(response: Any) -> list[list[str]]:
    text: list[list[str]] = []
    for row in response.content.decode().split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]:
        cells = row.replace("<th", "<td").split("<td")[1:]
        content = [f"<main><td{cell}</main>".encode() for cell in cells]
        text.append([page_text(_Page(one)) for one in content])
    return text


class _Page:
    def __init__(self, content: bytes) -> None:
        self.content = content


def test_it_says_who_waits_in_which_order_and_why(officer: Client) -> None:
    meeting = create_meeting(session=False, capacity=3)
    small, large = create_session(meeting=meeting, capacity=1), create_session(meeting=meeting)
    theme = create_theme(item=create_programme_item(meeting=meeting), title="Skole")
    for name, session in (("Ane", small), ("Bo", small), ("Cilla", large), ("Dan", small)):
        attendee = make_attendee(session=session, name=name, themes=[theme])
        registration = sign_up_waiting(meeting, participants=[attendee])
        Participant.objects.filter(name=name).update(email="")

    rows = rows_of(officer.get(page(meeting)))

    assert rows[1] == [
        "Torsdag den 15. april 2027 kl. 17-19",
        "2",
        "Dan",
        f"Herning {registration.reference}",
        "1. februar 2027 kl. 12.00",
        "1. Skole",
        "Den ene plads på denne dato er optaget.",
    ]
    assert [(row[1], row[2]) for row in rows] == [("1", "Bo"), ("2", "Dan")]


def test_it_says_who_gets_a_place_with_the_next_look_and_who_has_got_one(officer: Client) -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla")
    registering.withdraw(person("Ane"), at=NOW + timedelta(hours=1))
    Meeting.objects.update(capacity=2)

    response = officer.get(page(meeting))

    assertContains(response, "Får en plads inden for et minut.")
    text = " ".join(response.content.decode().split())
    assert "Fik plads den 1. februar 2027 kl. 13.00 fra ventelisten." in text
    assert text.index("Har fået plads fra ventelisten") < text.index(">Bo</a>, Herning:")


def test_without_anybody_it_says_so(officer: Client) -> None:
    response = officer.get(page(create_meeting()))

    assertContains(response, "Ingen er på ventelisten.")
    assertNotContains(response, "Har fået plads fra ventelisten")


def test_it_asks_the_database_the_same_however_many_wait(officer: Client) -> None:
    counts = []
    for people in (2, 9):
        meeting = create_meeting(capacity=1)
        sign_up_waiting(meeting, *(f"Person{number}" for number in range(people)))
        counts.append(count_queries(officer, page(meeting)))

    assert counts[0] == counts[1]


def test_places_that_staff_add_are_given_away_at_once(officer: Client) -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla", "Dan")
    url = reverse("admin:invitations_meeting_change", args=[meeting.pk])

    send(officer, url, capacity="3")

    assert (placed(meeting), waiting(meeting)) == (["Ane", "Bo", "Cilla"], [("Dan", 1)])
    assertContains(officer.get(url), "2 deltagere har fået plads fra ventelisten.")


def test_places_that_staff_take_away_cost_nobody_theirs(officer: Client) -> None:
    meeting = create_meeting(capacity=3)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla", "Dan")

    send(officer, reverse("admin:invitations_meeting_change", args=[meeting.pk]), capacity="1")

    assert (placed(meeting), waiting(meeting)) == (["Ane", "Bo", "Cilla"], [("Dan", 1)])


def test_staff_put_people_on_the_list_or_go_beyond_the_places(officer: Client) -> None:
    meeting = create_meeting(capacity=1)
    create_registration(meeting=meeting, municipality=get_municipality("Skive"))
    url = of_municipality(meeting, "register")
    waits, beyond = typed(people=2), typed({"participant-0-name": "Over Tallet"})

    refused = officer.post(url, waits)
    shown = officer.post(url, {**waits, "waits": "on"})
    officer.post(url, {**fields_of(shown), "do": "send"})
    shown_beyond = officer.post(url, {**beyond, "waits": "on", "overrule": "on"})
    officer.post(url, {**fields_of(shown_beyond), "do": "send"})

    assert summary(refused) == [("Der er ikke flere ledige pladser.", "participants")]
    assertContains(refused, BOX)
    assert shown.context["sentences"][:2] == [
        "2 deltagere kommer på venteliste, som det ser ud nu, og får hver besked med mail.",
        "Kvitteringen går til anne@herning.example.",
    ]
    assert shown_beyond.context["sentences"][0].startswith("1 deltager fra Herning")
    assert waiting(meeting) == [("Person 1", 1), ("Person 2", 2)]
    assert "Over Tallet" in placed(meeting)


def test_withdrawing_somebody_who_waits_says_that_it_is_the_list_they_leave(officer: Client) -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")
    url = reverse("admin:registrations_participant_withdraw", args=[person("Bo").pk])

    shown = officer.get(url)
    officer.post(url)

    assert shown.context["sentences"] == [
        "Bo tages af ventelisten: Torsdag den 15. april 2027 kl. 17-19.",
        "Der går 1 mail til bo@herning.example med besked om det.",
        "Kontaktpersonen får besked på mail: anne@herning.example.",
    ]
    assert waiting(meeting) == []


def test_withdrawing_somebody_gives_the_place_to_who_waits(officer: Client) -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")

    officer.post(reverse("admin:registrations_participant_withdraw", args=[person("Ane").pk]))

    assert placed(meeting) == ["Bo"]


def test_declining_for_a_municipality_takes_those_who_wait_off_the_list(officer: Client) -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla")
    url = of_municipality(meeting, "decline")

    shown = officer.get(url)
    officer.post(url, {**fields_of(shown), "do": "withdraw"})

    assert shown.context["sentences"][:2] == [
        "1 deltager afmeldes og får en mail, der fjerner mødet fra kalenderen.",
        "2 deltagere tages af ventelisten og får hver besked med mail.",
    ]
    assert (placed(meeting), waiting(meeting)) == ([], [])
    assert Decline.objects.filter(undone_at=None).count() == 1


def test_the_municipalitys_history_says_who_got_a_place(officer: Client) -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla")
    Meeting.objects.update(capacity=3)

    move_up(meeting, at=NOW + timedelta(hours=1))

    municipality = page_url("municipality", meeting, code=get_municipality().code)
    assertContains(officer.get(municipality), "Fik plads fra ventelisten: Bo, Cilla.")


def test_a_message_to_who_waits_says_that_they_wait(officer: Client) -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")

    found = addressees_of(meeting, [get_municipality()], on=NOW.date())[get_municipality().pk]
    people = [addressee for addressee in found if addressee.group == Group.PARTICIPANT]
    message = Message(subject="Parkering", text="Der er plads i gården.")
    write(meeting, {get_municipality(): people}, message, key=uuid.uuid4(), by=User.objects.get(), at=NOW)

    assert [addressee.role for addressee in people] == ["deltager", "deltager, på venteliste"]
    mail = OutgoingEmail.objects.get(kind="message", to="bo@herning.example")
    assert "Du får denne mail, fordi du er på venteliste som deltager fra Herning Kommune." in mail.text


@pytest.mark.parametrize(
    ("chosen", "names"),
    [("no", ["Ane"]), ("waiting", ["Cilla"]), ("yes", ["Bo"]), ("?", ["Ane", "Bo", "Cilla"])],
)
def test_participants_are_filtered_by_whether_they_wait(
    officer: Client, chosen: str, names: list[str]
) -> None:
    meeting = create_meeting(capacity=2)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla")
    Meeting.objects.update(capacity=1)
    registering.withdraw(person("Bo"), at=NOW)

    response = officer.get(reverse("admin:registrations_participant_changelist"), {"withdrawn": chosen})

    assert [participant.name for participant in response.context["cl"].result_list] == names
