from __future__ import annotations

from datetime import date, time

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from invitations.models import Announcement, Letter, Meeting
from tests.factories import (
    NOW,
    create_enclosure,
    create_letter,
    create_meeting,
    create_participant,
    create_programme_item,
    create_question,
    create_registration,
    create_session,
    create_theme,
    get_area,
    get_municipality,
)
from tests.pages import page_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

SIGN_UP = "Tilmeld jer"


def text_of(client: Client, meeting: Meeting) -> str:
    return page_text(client.get(meeting.get_absolute_url()))


def test_an_open_meeting_tells_its_facts_and_has_the_way_to_the_form(client: Client) -> None:
    meeting = create_meeting(capacity=3, hosts=[get_municipality("Herning")])
    create_registration(meeting=meeting, participants=2)

    response = client.get(meeting.get_absolute_url())

    text = page_text(response).replace("\u00a0", " ")
    assert (
        "Politisk møde i Region Midtjylland Tilmeld jer Kun 1 plads tilbage Senest fredag den 19. marts 2027"
        in text
    )
    assert "Dato og tid Torsdag den 15. april 2027 kl. 17-19" in text
    assert "Sted Rådhuset i Herning, Torvet 5, 7400 Herning" in text
    assert "Tilmeldingsfrist Fredag den 19. marts 2027 Pladser 1 plads tilbage" in text
    assert "Inviteret Kommunerne i Region Midtjylland Arrangører KL sammen med Herning Kommune" in text
    assert f'href="/{meeting.slug}/tilmeld"' in response.content.decode()


def test_it_prints_programme_themes_questions_and_practical_information(client: Client) -> None:
    meeting = create_meeting(practical_information="Mødet er **gratis** og i {city}.\n\n<script>x</script>")
    create_programme_item(meeting=meeting, title="Velkommen", speakers="Bo", time=time(17))
    item = create_programme_item(meeting=meeting, title="Temaer", time=time(17, 30))
    create_theme(item=item, title="Trivsel", room="Sal 2")
    create_question(meeting=meeting, text="Hvad lykkes?")

    response = client.get(meeting.get_absolute_url())

    text = page_text(response).replace("\u00a0", " ")
    assert "Program Kl. 17.00 Velkommen v/ Bo Kl. 17.30 Temaer Tema 1: Trivsel, Sal 2" in text
    assert "Spørgsmål at overveje inden mødet Hvad lykkes?" in text
    assert "Praktisk information Mødet er gratis og i Herning. <script>x</script>" in text
    assert "<strong>gratis</strong>" in response.content.decode()


def test_a_placeholder_without_a_value_stands_as_it_was_typed(client: Client) -> None:
    meeting = create_meeting(practical_information="Skriv til {input_email}")

    assert "Skriv til {input_email}" in text_of(client, meeting)


def test_before_it_opens_it_says_when(client: Client) -> None:
    meeting = create_meeting(registration_opens_date=date(2027, 2, 10), registration_opens_time=time(9))

    text = text_of(client, meeting).replace("\u00a0", " ")

    assert "Tilmeldingen åbner onsdag den 10. februar 2027 kl. 9.00." in text
    assert SIGN_UP not in text


def test_a_full_meeting_leads_to_the_waiting_list(client: Client) -> None:
    meeting = create_meeting(capacity=1)
    create_registration(meeting=meeting)

    text = text_of(client, meeting)

    assert (
        "Der er ikke flere ledige pladser. I kan komme på venteliste og får en plads, så snart der bliver en"
        " ledig til jer. Skriv jer på venteliste Senest fredag den 19. marts 2027" in text
    )
    assert SIGN_UP not in text


def test_a_closed_meeting_says_when_it_closed_and_whom_its_letter_names(
    client: Client, clock: Traveller
) -> None:
    meeting = create_meeting()
    create_letter(meeting=meeting, contact_email="bou@kl.example", contact_phone="12 34 56 78")
    clock.move_to("2027-03-20T00:00:00+01:00")

    text = text_of(client, meeting).replace("\u00a0", " ")

    assert (
        "Tilmeldingen er lukket. Fristen var fredag den 19. marts 2027. "
        "Kontakt KL på bou@kl.example eller 12 34 56 78 , hvis I gerne vil deltage."
    ) in text
    assert SIGN_UP not in text


def test_a_cancelled_meeting_says_so_and_gives_no_calendar_file(client: Client) -> None:
    meeting = create_meeting()
    meeting.cancel(at=NOW)

    response = client.get(meeting.get_absolute_url())

    assert "Mødet er aflyst." in page_text(response)
    assert SIGN_UP not in page_text(response)
    assert "calendar.ics" not in response.content.decode()


def test_a_meeting_that_has_been_held_says_so(client: Client, clock: Traveller) -> None:
    meeting = create_meeting()
    clock.move_to("2027-04-15T19:00:00+02:00")

    text = text_of(client, meeting)

    assert "Mødet er holdt." in text
    assert SIGN_UP not in text


def test_a_meeting_without_a_form_asks_nobody_to_sign_up(client: Client) -> None:
    meeting = create_meeting(registration="none")

    text = text_of(client, meeting)

    assert "Der er ingen tilmelding." in text
    assert SIGN_UP not in text


def test_an_announced_meeting_is_a_date_to_save(client: Client) -> None:
    meeting = create_meeting(published_at=None)
    Announcement.objects.create(letter=create_letter(), meeting=meeting)

    response = client.get(meeting.get_absolute_url())

    assert page_text(response).startswith(
        "Reservér datoen Politisk møde i Region Midtjylland Reservér datoen"
    )
    assert SIGN_UP not in page_text(response)
    assert f"/{meeting.slug}/calendar.ics" in response.content.decode()
    assert client.get(f"/{meeting.slug}/tilmeld").status_code == 404


def test_a_draft_that_a_save_the_date_was_sent_about_is_a_date_to_save(client: Client) -> None:
    meeting = create_meeting(published_at=None)
    create_letter(meeting=meeting, kind=Letter.Kind.SAVE_THE_DATE, sent_at=NOW)

    assert "Reservér datoen" in text_of(client, meeting)


def test_a_draft_is_not_found(client: Client) -> None:
    meeting = create_meeting(published_at=None)
    create_letter(meeting=meeting, kind=Letter.Kind.SAVE_THE_DATE)

    response = client.get(meeting.get_absolute_url())

    assert response.status_code == 404
    assert "Siden kunne ikke findes" in page_text(response)
    assert meeting.title not in response.content.decode()


def test_several_sessions_stand_as_a_list(client: Client) -> None:
    meeting = create_meeting(session=False, registration_deadline_date=None)
    create_session(meeting=meeting, starts_date=date(2027, 4, 20), online=True, label="Møde 1")
    create_session(meeting=meeting, starts_date=date(2027, 4, 21))

    text = text_of(client, meeting).replace("\u00a0", " ")

    assert (
        "Møder Møde 1 : Tirsdag den 20. april 2027 kl. 17-19 Virtuelt "
        "Onsdag den 21. april 2027 kl. 17-19 Rådhuset i Herning, Torvet 5, 7400 Herning"
    ) in text


def test_the_link_to_an_online_meeting_is_for_those_who_come(client: Client) -> None:
    meeting = create_meeting(session=False)
    create_session(meeting=meeting, online=True, join_url="https://moede.example/hemmeligt")

    assert "hemmeligt" not in client.get(meeting.get_absolute_url()).content.decode()


def test_enclosures_of_the_public_letter_are_listed_and_others_not(client: Client) -> None:
    meeting = create_meeting()
    letter = create_letter(meeting=meeting)
    create_enclosure(letter=letter, title="Kerneværdier", filename="kernevaerdier.pdf")
    create_enclosure(letter=letter, title="Statistik", content=None)
    follow_up = create_letter(meeting=meeting, kind=Letter.Kind.FOLLOW_UP)
    create_enclosure(letter=follow_up, title="Fra dagen")

    text = text_of(client, meeting)

    assert "Bilag Kerneværdier (PDF) Statistik" in text
    assert "Fra dagen" not in text


@pytest.mark.parametrize("path", ["", "/tilmeld", "/calendar.ics"])
def test_upper_and_lower_case_lead_to_the_same_meeting_in_its_own_spelling(client: Client, path: str) -> None:
    create_meeting(slug="politiskMoede-Region2027")

    response = client.get(f"/POLITISKMOEDE-region2027{path}")

    assert (response.status_code, response["Location"]) == (302, f"/politiskMoede-Region2027{path}")


def test_the_english_page_stays_english_on_the_way_to_the_right_spelling(client: Client) -> None:
    create_meeting(slug="Herning")

    assert client.get("/en/herning")["Location"] == "/en/Herning"


def test_a_form_sent_in_the_wrong_spelling_is_read_all_the_same(client: Client) -> None:
    create_meeting(slug="Herning")

    assert client.post("/herning/tilmeld", {}).status_code == 200


def test_the_page_in_english_marks_what_is_danish(client: Client) -> None:
    meeting = create_meeting()

    response = client.get(f"/en/{meeting.slug}")

    page = response.content.decode()
    assert '<html lang="en">' in page
    assert f'<h1 lang="da">{meeting.title}</h1>' in page
    assert "Thursday 15 April 2027, 17:00\u2060–\u206019:00" in page
    assert f'<a href="/{meeting.slug}" hreflang="da" lang="da">Dansk</a>' in page


def test_the_danish_page_leads_to_the_english_one(client: Client) -> None:
    meeting = create_meeting()

    page = client.get(meeting.get_absolute_url()).content.decode()

    assert '<html lang="da">' in page
    assert f'<a href="/en/{meeting.slug}" hreflang="en" lang="en">English</a>' in page


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post(create_meeting().get_absolute_url()).status_code == 405


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_the_database_the_same_however_many_come(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    meeting = create_meeting(areas=[get_area("Region Midtjylland"), get_area("Region Nordjylland")][:rows])
    enclosing = create_letter(meeting=meeting)
    for number in range(rows):
        item = create_programme_item(meeting=meeting)
        theme = create_theme(item=item, capacity=10)
        create_question(meeting=meeting)
        create_session(meeting=meeting, starts_date=date(2027, 5, number + 1))
        create_enclosure(letter=enclosing)
        registration = create_registration(meeting=meeting, participants=0)
        for _ in range(rows):
            create_participant(registration=registration, themes=[theme])

    with django_assert_num_queries(13):
        client.get(meeting.get_absolute_url())
