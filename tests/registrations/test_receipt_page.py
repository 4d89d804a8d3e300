from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from invitations.danish import COPENHAGEN
from tests.factories import (
    NOW,
    create_answer,
    create_meeting,
    create_participant,
    create_programme_item,
    create_question,
    create_registration,
    create_session,
    create_theme,
)
from tests.pages import page_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_it_tells_what_was_received_and_what_happens_now(client: Client) -> None:
    meeting = create_meeting()
    theme = create_theme(item=create_programme_item(meeting=meeting), title="Trivsel")
    registration = create_registration(
        meeting=meeting, participants=0, committee="Børneudvalget", contact_phone="12345678", topics="Et\nto"
    )
    create_participant(
        registration=registration, name="Bo Hansen", title="Formand", email="bo@x.dk", themes=[theme]
    )
    create_answer(
        registration=registration, question=create_question(meeting=meeting, text="Hvad?"), text="Ja"
    )

    text = page_text(client.get(f"/kvittering/{registration.token}"))

    reference = registration.reference
    assert text.startswith(
        f"Kvittering Vi har modtaget jeres tilmelding Referencenummer {reference} Gem som PDF"
    )
    assert (
        "Hvad sker der nu? Vi sender en kvittering til anne@herning.example. "
        "Hver deltager får en kalenderinvitation på mail."
    ) in text
    assert "Deltagere Bo Hansen , Formand bo@x.dk Trivsel Afmeld Bo Hansen" in text
    assert "Kommune Herning Kommune Udvalg Børneudvalget Kontaktperson Anne Sekretær" in text
    assert "Hvad? Ja Emner, I gerne vil drøfte Et to" in text


def test_it_is_the_last_step_just_after_sending_and_no_step_when_the_mails_link_is_opened(
    client: Client,
) -> None:
    registration = create_registration()

    just_sent = client.get(f"/kvittering/{registration.token}?sendt")
    later = client.get(f"/kvittering/{registration.token}")

    assert page_text(just_sent).startswith("Trin 3 af 3 Kvittering Vi har modtaget jeres tilmelding")
    assert (
        f"<title>Kvittering {registration.reference} – Trin 3 af 3 – KL</title>" in just_sent.content.decode()
    )
    assert "Trin" not in later.content.decode()


def test_it_marks_who_has_been_withdrawn(client: Client) -> None:
    registration = create_registration(participants=0)
    gone = create_participant(registration=registration, name="Bo Hansen", withdrawn_at=NOW)

    response = client.get(f"/kvittering/{registration.token}")

    assert "Bo Hansen Afmeldt" in page_text(response)
    assert f"/deltager/{gone.token}" not in response.content.decode()


def test_it_says_that_the_meeting_is_cancelled(client: Client) -> None:
    registration = create_registration()
    registration.meeting.cancel(at=NOW)

    response = client.get(f"/kvittering/{registration.token}")

    assert "Mødet er aflyst." in page_text(response)
    assert "Hvad sker der nu?" not in page_text(response)
    assert "/deltager/" not in response.content.decode()


def test_after_the_meeting_nobody_is_withdrawn_any_more(client: Client, clock: Traveller) -> None:
    registration = create_registration()
    clock.move_to("2027-04-15T19:00:00+02:00")

    assert "/deltager/" not in client.get(f"/kvittering/{registration.token}").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_the_database_the_same_however_many_come(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    meeting = create_meeting()
    registration = create_registration(meeting=meeting, participants=0)
    for _ in range(rows):
        theme = create_theme(item=create_programme_item(meeting=meeting))
        create_participant(registration=registration, themes=[theme])
        create_answer(registration=registration, question=create_question(meeting=meeting))

    with django_assert_num_queries(17):
        client.get(f"/kvittering/{registration.token}")


def test_it_says_the_deadline_of_the_sessions_that_the_delegation_stands_in(
    client: Client, clock: Traveller
) -> None:
    meeting = create_meeting()
    late = create_session(
        meeting=meeting, starts_date=date(2027, 5, 6), registration_deadline_date=date(2027, 4, 23)
    )
    registration = create_registration(meeting=meeting)
    other = create_registration(meeting=meeting, participants=0)
    create_participant(registration=other, session=late)

    def said(token: str) -> list[bool]:
        text = page_text(client.get(f"/kvittering/{token}"))
        return [f"frem til fredag den {day} 2027: tilføje" in text for day in ("19. marts", "23. april")]

    before = said(registration.token), said(other.token)
    clock.move_to(datetime(2027, 3, 22, 12, tzinfo=COPENHAGEN))

    assert before == ([True, False], [False, True])
    # The other session still takes them, so that there is something to change, but no such day to name.
    assert said(registration.token) == [False, False]
