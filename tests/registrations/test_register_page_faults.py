from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from invitations.models import Meeting
from tests.factories import (
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_theme,
)
from tests.pages import inputs, page_text, summary, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def address(meeting: Meeting) -> str:
    return f"/{meeting.slug}/tilmeld"


def test_what_is_missing_is_told_at_the_field_and_above_the_heading_in_the_same_words(client: Client) -> None:
    empty = {name: "" for name in typed() if name not in ("row", "do")}

    response = client.post(address(create_meeting()), {**empty, "row": "0", "do": "check"})

    expected = [
        ("Vælg jeres kommune", "municipality"),
        ("Indtast dit navn", "contact_name"),
        ("Indtast din e-mailadresse", "contact_email"),
        ("Indtast deltagerens navn", "participant-0-name"),
        ("Indtast en e-mailadresse", "participant-0-email"),
    ]
    page = response.content.decode()
    assert summary(response) == expected
    for sentence, field in expected:
        message = f'<p class="message"><span class="visually-hidden">Fejl: </span>{sentence}</p>'
        at_field = rf'id="{field}_error">\s*{message}'
        assert re.search(at_field, page)
        assert re.search(rf'aria-invalid="true"[^>]*aria-describedby="[^"]*{field}_error', page)
    assert page.index("error-summary") < page.index("<h1")
    assert re.search(r"<title>\s*Fejl: Tilmeld jer politisk møde", page)


def test_where_there_are_several_participants_a_sentence_says_whom_it_is_about(client: Client) -> None:
    data = typed(
        {"participant-0-email": "", "participant-1-name": " ", "participant-2-email": "nej"}, people=3
    )

    response = client.post(address(create_meeting()), data)

    assert summary(response) == [
        ("Person 1: Indtast en e-mailadresse", "participant-0-email"),
        ("Deltager 2: Indtast deltagerens navn", "participant-1-name"),
        ("Person 3: Indtast en e-mailadresse som navn@kommune.dk", "participant-2-email"),
    ]


def test_lengths_numbers_and_invisible_characters_are_told_in_danish(client: Client) -> None:
    data = typed(
        {"participant-0-title": "y" * 10_000},
        contact_name="x" * 101,
        contact_phone="123",
        committee="A\x00B",
        topics="Hun har 010190-1234",
    )

    response = client.post(address(create_meeting()), data)

    assert summary(response) == [
        ("Skriv teksten på én linje uden usynlige tegn", "committee"),
        ("Navnet må højst være på 100 tegn", "contact_name"),
        ("Indtast et gyldigt telefonnummer", "contact_phone"),
        ("Skriv højst 100 tegn", "participant-0-title"),
        ("Skriv ikke CPR-numre her", "topics"),
    ]
    assert inputs(response)["participant-0-title"] == ["y" * 10_000]


def test_a_session_is_asked_for_where_there_are_several(client: Client) -> None:
    meeting = create_meeting(session=False)
    create_session(meeting=meeting, starts_date=date(2027, 4, 20))
    create_session(meeting=meeting, starts_date=date(2027, 4, 21))

    response = client.post(address(meeting), typed())

    assert summary(response) == [
        (
            "Vælg, om I deltager den 20.\u00a0april eller 21.\u00a0april",
            "participant-0-session_0",
        )
    ]


def test_a_theme_is_asked_for_together_with_all_else(client: Client) -> None:
    meeting = create_meeting()
    items = [create_programme_item(meeting=meeting, title=title) for title in ("Første runde", "Anden runde")]
    for item in items:
        create_theme(item=item)

    response = client.post(address(meeting), typed(contact_name=""))

    assert summary(response) == [
        ("Indtast dit navn", "contact_name"),
        ("Vælg et tema til Person 1: Første runde", f"participant-0-theme-{items[0].pk}_0"),
        ("Vælg et tema til Person 1: Anden runde", f"participant-0-theme-{items[1].pk}_0"),
    ]


def test_a_choice_that_cannot_be_made_is_greyed_out_and_passed_over_by_the_summary(client: Client) -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting, title="Temaer")
    full = create_theme(item=item, capacity=1)
    create_theme(item=item)
    create_participant(registration=create_registration(meeting=meeting, participants=0), themes=[full])

    response = client.post(address(meeting), typed())

    assert summary(response) == [("Vælg et tema til Person 1: Temaer", f"participant-0-theme-{item.pk}_1")]
    assert re.search(rf'<input[^>]*value="{full.pk}"[^>]*disabled', response.content.decode())


def test_a_choice_from_another_meeting_is_no_choice(client: Client) -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting)
    create_theme(item=item)
    foreign = create_theme(item=create_programme_item(meeting=create_meeting()))

    response = client.post(address(meeting), typed({f"participant-0-theme-{item.pk}": str(foreign.pk)}))

    assert summary(response) == [("Vælg et tema", f"participant-0-theme-{item.pk}_0")]


def test_too_many_for_the_places_are_told_above_the_list(client: Client) -> None:
    meeting = create_meeting(capacity=4)
    create_registration(meeting=meeting, participants=2)

    response = client.post(address(meeting), typed(people=4))

    sentence = "Der er 2 pladser tilbage, men I har skrevet 4 deltagere. Fjern 2 deltagere"
    assert summary(response) == [(sentence, "participants")]
    assert page_text(response).count(sentence) == 2
