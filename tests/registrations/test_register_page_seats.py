"""Seats first, names later, in the public form."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from invitations.models import Meeting, Session
from registrations.models import Participant
from tests.factories import create_meeting, create_programme_item, create_session, create_theme
from tests.pages import inputs, page_text, summary, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TOO_MANY = "Skriv antallet af pladser med tal, højst 50"


def address(meeting: Meeting) -> str:
    return f"/{meeting.slug}/tilmeld"


def field(session: Session) -> str:
    return f"seats-{session.pk}"


def without_names(meeting: Meeting, count: str = "5", **fields: Any) -> dict[str, Any]:
    """A form with one participant's row, in which nothing is written, and places in the first session."""
    blank = {f"participant-0-{name}": "" for name in ("name", "title", "email")}
    return typed(blank | {field(meeting.sessions.all()[0]): count}, **fields)


def test_places_without_names_are_checked_and_registered(client: Client) -> None:
    meeting = create_meeting()
    data = without_names(meeting)

    checked = client.post(address(meeting), data)

    assert "Pladser uden navn 5 pladser, navne følger" in page_text(checked)
    assert "Deltager 1" not in page_text(checked)
    receipt = client.post(address(meeting), inputs(checked) | {"do": "send"})
    assert receipt.status_code == 303
    assert Participant.objects.active().nameless().count() == 5


def test_one_place_without_a_name_is_said_of_one(client: Client) -> None:
    meeting = create_meeting()

    assert "1 plads, navn følger" in page_text(client.post(address(meeting), without_names(meeting, " 1 ")))


def test_named_and_nameless_are_registered_together(client: Client) -> None:
    meeting = create_meeting()

    client.post(address(meeting), typed({field(meeting.sessions.get()): "2"}, do="send"))

    assert [person.name for person in Participant.objects.all()] == ["Person 1", "", ""]


@pytest.mark.parametrize("count", ["", "0", "  "])
def test_without_any_place_the_first_participant_is_asked_for(client: Client, count: str) -> None:
    meeting = create_meeting()

    response = client.post(address(meeting), without_names(meeting, count))

    assert [target for _message, target in summary(response)] == ["participant-0-name", "participant-0-email"]


def test_a_row_that_is_partly_filled_in_is_asked_for_the_rest(client: Client) -> None:
    meeting = create_meeting()
    data = without_names(meeting) | {"participant-0-title": "Formand"}

    response = client.post(address(meeting), data)

    assert [target for _message, target in summary(response)] == ["participant-0-name", "participant-0-email"]
    assert inputs(response)[field(meeting.sessions.get())] == ["5"]


def test_a_blank_row_between_others_is_passed_over_and_kept_on_the_page(client: Client) -> None:
    meeting = create_meeting()
    row = {f"participant-1-{name}": "" for name in ("name", "title", "email")}
    data = typed(row | {field(meeting.sessions.get()): "1"}, people=3)

    checked = client.post(address(meeting), data)

    assert "Deltager 2" not in page_text(checked)
    assert inputs(client.post(address(meeting), inputs(checked) | {"do": "edit"}))["row"] == ["0", "1", "2"]
    client.post(address(meeting), inputs(checked) | {"do": "send"})
    assert [person.name for person in Participant.objects.all()] == ["Person 1", "Person 3", ""]


def test_a_fault_behind_a_blank_row_is_told_at_the_participant_it_is_about(client: Client) -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting)
    full = create_theme(item=item, capacity=1)
    create_theme(item=item)
    row = {f"participant-0-{name}": "" for name in ("name", "title", "email")}
    themes = {f"participant-{number}-theme-{item.pk}": str(full.pk) for number in (1, 2)}

    response = client.post(
        address(meeting), typed(row | themes | {field(meeting.sessions.get()): "1"}, people=3)
    )

    assert [target.rpartition("_")[0] for _message, target in summary(response)] == [
        f"participant-2-theme-{item.pk}"
    ]


@pytest.mark.parametrize(
    "count", ["51", "-1", "1,5", "fem", "1e1", "٣", "1\x00", "😀", "9" * 10_000, "0" * 10_000, "5 5"]
)
def test_what_is_no_number_of_places_is_told_at_the_field_and_kept(client: Client, count: str) -> None:
    meeting = create_meeting()
    data = typed({field(meeting.sessions.get()): count})

    response = client.post(address(meeting), data)

    assert response.status_code == 200
    assert summary(response) == [(TOO_MANY, field(meeting.sessions.get()))]
    assert inputs(response)[field(meeting.sessions.get())] == [count]


def test_the_number_is_asked_for_with_the_digits_of_a_phone(client: Client) -> None:
    meeting = create_meeting()

    page = client.get(address(meeting)).content.decode()

    assert f'name="{field(meeting.sessions.get())}" inputmode="numeric"' in page
    assert "Pladser uden navn (frivilligt)" in page_text(client.get(address(meeting)))


def test_places_and_participants_together_are_fifty_at_most(client: Client) -> None:
    meeting = create_meeting()

    response = client.post(address(meeting), typed({field(meeting.sessions.get()): "50"}))

    assert summary(response) == [
        ("I kan højst tilmelde 50 deltagere ad gangen. Fjern 1 deltager", "participants")
    ]


def test_more_than_there_are_places_is_told_above_the_list(client: Client) -> None:
    meeting = create_meeting(capacity=3)

    response = client.post(address(meeting), without_names(meeting))

    assert [target for _message, target in summary(response)] == ["participants"]
    assert inputs(response)[field(meeting.sessions.get())] == ["5"]


def two_sessions(**second: Any) -> tuple[Meeting, Session, Session]:
    meeting = create_meeting(session=False)
    first = create_session(meeting=meeting, starts_date=date(2027, 4, 14))
    return meeting, first, create_session(meeting=meeting, **second)


def test_of_several_sessions_each_has_its_own_places(client: Client) -> None:
    meeting, first, second = two_sessions()
    data = without_names(meeting, "2") | {field(second): "1"}

    checked = client.post(address(meeting), data)

    text = page_text(checked)
    assert "Pladser uden navn: Onsdag den 14. april 2027 kl. 17-19 2 pladser, navne følger" in text
    client.post(address(meeting), inputs(checked) | {"do": "send"})
    assert Participant.objects.filter(session=first).count() == 2
    assert Participant.objects.filter(session=second).count() == 1


def test_a_session_that_takes_no_answers_any_more_has_no_places_to_ask_for(client: Client) -> None:
    meeting, first, closed = two_sessions(registration_deadline_date=date(2027, 1, 31))

    fields = inputs(client.get(address(meeting)))

    assert [name for name in fields if name.startswith("seats")] == [field(first)]
    response = client.post(address(meeting), without_names(meeting) | {field(closed): "2"})
    assert [target for _message, target in summary(response)] == [field(closed)]
    assert inputs(response)[field(closed)] == ["2"]


def test_too_many_places_in_one_session_are_told_once_at_its_field(client: Client) -> None:
    meeting, _first, small = two_sessions(capacity=1)

    response = client.post(address(meeting), without_names(meeting, "1") | {field(small): "4"})

    assert [target for _message, target in summary(response)] == [field(small)]


def test_a_choice_alone_makes_nobody_of_a_row(client: Client) -> None:
    meeting, first, _second = two_sessions()
    data = without_names(meeting) | {"participant-0-session": str(first.pk)}

    client.post(address(meeting), data | {"do": "send"})

    assert Participant.objects.named().count() == 0
    assert Participant.objects.nameless().count() == 5


def test_adding_a_participant_keeps_the_number_as_typed(client: Client) -> None:
    meeting = create_meeting()

    response = client.post(address(meeting), typed({field(meeting.sessions.get()): "mange"}, do="add"))

    assert inputs(response)[field(meeting.sessions.get())] == ["mange"]
    assert summary(response) == []


def test_what_was_asked_for_stands_on_the_page_that_says_that_it_is_closed(client: Client) -> None:
    meeting = create_meeting()
    data = without_names(meeting)
    Meeting.objects.update(registration_deadline_date=date(2027, 1, 31))

    response = client.post(address(meeting), data | {"do": "send"})

    assert response.status_code == 409
    assert "Pladser uden navn 5 pladser, navne følger" in page_text(response)
