from __future__ import annotations

from datetime import date, time

import icalendar
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from invitations.models import Letter, Meeting, OutgoingEmail
from registrations.cancellation_letters import prepare_cancellation_letter
from registrations.cancellations import cancel_meeting
from tests.factories import (
    NOW,
    create_meeting,
    create_participant,
    create_registration,
    create_session,
    create_staff,
    get_municipality,
)
from tests.told import correct, fresh, send_letter, sign_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BEFORE = "politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19"
AFTER = "politisk møde i Region Midtjylland den 22. april 2027 kl. 17-19"
CHANGED = "Siden ændret til: Torsdag den 22. april 2027 kl. 17-19, Rådhuset i Herning, Torvet 5, 7400 Herning"


@pytest.fixture
def staff() -> User:
    return create_staff()


@pytest.fixture
def officer(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


@pytest.fixture
def meeting() -> Meeting:
    """Herning comes and Horsens is silent; all have been told 15 April, and it is 22 April by now."""
    meeting = create_meeting(slug="moede")
    send_letter(meeting, "Herning", "Horsens")
    sign_up(meeting, email="bo@example.dk")
    meeting.sessions.update(starts_date=date(2027, 4, 22))
    return meeting


def cancel(meeting: Meeting, staff: User, *, letter: Letter | None = None) -> None:
    cancel_meeting(fresh(meeting), letter=letter, at=NOW, by=staff)


def mail_to(address: str) -> OutgoingEmail:
    return OutgoingEmail.objects.get(to=address, kind="cancellation")


def url(meeting: Meeting) -> str:
    return reverse("admin:invitations_meeting_cancel", args=[meeting.pk])


@pytest.mark.parametrize("address", ["bo@example.dk", "anne@herning.example", "udvalg-0615@example.dk"])
def test_each_mail_names_the_date_that_its_reader_was_told(
    meeting: Meeting, staff: User, address: str
) -> None:
    cancel(meeting, staff)

    mail = mail_to(address)
    assert mail.subject == f"Aflyst: {BEFORE}"
    assert mail.text.splitlines()[0] == f"Mødet er aflyst: {BEFORE}."
    assert "Dato og tid: Torsdag den 15. april 2027 kl. 17-19" in mail.text
    assert CHANGED in mail.text
    assert "22. april 2027 kl. 17-19" in mail.html


def test_what_takes_the_meeting_out_of_a_calendar_speaks_of_what_stands_there(
    meeting: Meeting, staff: User
) -> None:
    cancel(meeting, staff)

    (event,) = icalendar.Calendar.from_ical(mail_to("bo@example.dk").calendar).walk("VEVENT")
    assert (event.decoded("DTSTART").date(), str(event["SUMMARY"])) == (
        date(2027, 4, 15),
        "Politisk møde i Region Midtjylland",
    )


def test_who_signed_up_after_the_change_is_told_of_the_date_that_they_know(
    meeting: Meeting, staff: User
) -> None:
    later = create_registration(
        meeting=meeting,
        municipality=get_municipality("Aarhus"),
        participants=0,
        contact_email="ole@example.dk",
    )
    sign_up(meeting, email="ida@example.dk", registration=later)

    cancel(meeting, staff)

    for address in ("ida@example.dk", "ole@example.dk"):
        assert mail_to(address).subject == f"Aflyst: {AFTER}"
        assert "Siden ændret" not in mail_to(address).text


def test_after_a_correction_the_mails_name_the_new_date(meeting: Meeting, staff: User) -> None:
    correct(meeting)

    cancel(meeting, staff)

    assert mail_to("bo@example.dk").subject == f"Aflyst: {AFTER}"
    assert mail_to("anne@herning.example").subject == f"Aflyst: {AFTER}"
    # The letter has not been sent again.
    assert mail_to("udvalg-0615@example.dk").subject == f"Aflyst: {BEFORE}"


def test_who_waits_for_a_place_knows_what_the_letter_said(meeting: Meeting, staff: User) -> None:
    registration = create_registration(meeting=meeting, participants=0, contact_email="ole@example.dk")
    create_participant(registration=registration, email="ida@example.dk", waitlisted_at=NOW)

    cancel(meeting, staff)

    assert mail_to("ida@example.dk").subject == f"Aflyst: {BEFORE}"
    assert mail_to("ole@example.dk").subject == f"Aflyst: {BEFORE}"


def test_of_several_sessions_each_is_named_as_it_was_told(staff: User) -> None:
    meeting = create_meeting()
    other = create_session(meeting=meeting, starts_date=date(2027, 4, 16))
    send_letter(meeting, "Horsens")
    sign_up(meeting, email="ida@example.dk", session=other)
    other.starts_date = date(2027, 4, 23)
    other.save()

    cancel(meeting, staff)

    assert mail_to("ida@example.dk").subject.endswith("den 16. april 2027 kl. 17-19")
    text = mail_to("udvalg-0615@example.dk").text
    assert [line.split(",")[0] for line in text.splitlines() if line.startswith(("Dato", "Siden"))] == [
        "Dato og tid: Torsdag den 15. april 2027 kl. 17-19",
        "Dato og tid: Fredag den 16. april 2027 kl. 17-19",
        "Siden ændret til: Torsdag den 15. april 2027 kl. 17-19",
        "Siden ændret til: Fredag den 23. april 2027 kl. 17-19",
    ]


def test_a_meeting_of_a_new_name_goes_by_the_one_that_was_told(meeting: Meeting, staff: User) -> None:
    Meeting.objects.update(title="Dialogmøde om {dagtilbud}")
    meeting.sessions.update(starts_date=date(2027, 4, 15))
    letter = prepare_cancellation_letter(fresh(meeting), at=NOW, by=staff)

    cancel(meeting, staff, letter=letter)

    assert mail_to("bo@example.dk").subject == f"Aflyst: {BEFORE}"
    assert (
        "Siden ændret til: Dialogmøde om {dagtilbud}, Torsdag den 15. april" in mail_to("bo@example.dk").text
    )
    assert letter.title == "Aflysning: Politisk møde i Region Midtjylland"
    assert letter.sections.all()[0].text.splitlines()[0] == (
        "KL må desværre aflyse mødet “Politisk møde i Region Midtjylland”,"
        " som skulle have været holdt den {dates}."
    )


def test_the_letter_names_the_date_that_the_offices_were_told(meeting: Meeting, staff: User) -> None:
    letter = prepare_cancellation_letter(fresh(meeting), at=NOW, by=staff)

    cancel(meeting, staff, letter=letter)

    assert letter.sections.all()[0].text.splitlines()[0] == (
        "KL må desværre aflyse mødet, som skulle have været holdt den 15. april 2027"
        " (siden ændret til den {dates})."
    )
    mail = OutgoingEmail.objects.get(to="udvalg-0615@example.dk", subject__contains="Aflysning")
    assert f"Desværre er {BEFORE} aflyst." in mail.text


def test_the_page_says_what_is_wrong_out_there_and_that_no_correction_is_needed(
    officer: Client, meeting: Meeting
) -> None:
    response = officer.get(url(meeting))

    assertContains(response, "Det, der er sendt ud om mødet, passer ikke længere")
    assertContains(
        response,
        "<li>Dato: torsdag den 15. april 2027 kl. 17-19 er nu torsdag den 22. april 2027 kl. 17-19</li>",
        html=True,
    )
    assertContains(response, "Du behøver ikke sende en rettelse først")


def test_where_all_is_right_the_page_warns_of_nothing(officer: Client, meeting: Meeting) -> None:
    meeting.sessions.update(starts_date=date(2027, 4, 15))

    assertNotContains(officer.get(url(meeting)), "passer ikke længere")


def test_a_letter_that_was_drafted_before_the_change_is_found_out(
    officer: Client, meeting: Meeting, staff: User
) -> None:
    meeting.sessions.update(starts_date=date(2027, 4, 15))
    letter = prepare_cancellation_letter(fresh(meeting), at=NOW, by=staff)
    right = officer.get(url(meeting))
    meeting.sessions.update(starts_date=date(2027, 4, 22))

    behind = officer.get(url(meeting))
    letter.sections.update(text="Mødet den 14. og 15. april bliver ikke til noget.")

    assertNotContains(right, "Brevet nævner ikke")
    assertContains(behind, "Brevet nævner ikke 15. april 2027, som modtagerne har fået at vide.")
    assertNotContains(officer.get(url(meeting)), "Brevet nævner ikke")


def test_a_change_of_time_alone_needs_no_other_letter(meeting: Meeting, staff: User) -> None:
    meeting.sessions.update(starts_date=date(2027, 4, 15), starts_time=time(18), ends_time=time(20))

    letter = prepare_cancellation_letter(fresh(meeting), at=NOW, by=staff)

    assert letter.sections.all()[0].text.startswith(
        "KL må desværre aflyse mødet, som skulle have været holdt den {dates}."
    )
