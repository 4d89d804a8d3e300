"""Who waits for a place has nothing in the calendar: a mail tells them that the meeting has changed."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting, OutgoingEmail
from registrations.corrections import plan_correction
from registrations.models import Participant
from tests.factories import (
    NOW,
    create_meeting,
    create_participant,
    create_registration,
    create_session,
    create_staff,
)
from tests.pages import page_text
from tests.told import correct, fresh, send_letter, sign_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

CHANGE = "Nyt tidspunkt: kl. 18-20 (før: kl. 17-19)"


def wait(meeting: Meeting, *, email: str = "ida@herning.example", **fields: Any) -> Participant:
    registration = create_registration(meeting=meeting, participants=0)
    return create_participant(registration=registration, email=email, waitlisted_at=NOW, **fields)


def move(meeting: Meeting, hour: int = 18) -> None:
    meeting.sessions.filter(position=0).update(starts_time=time(hour), ends_time=time(hour + 2))


def told() -> list[str]:
    mails = OutgoingEmail.objects.filter(kind="waiting_list").order_by("pk")
    return [mail.to for mail in mails]


def test_who_waits_is_told_what_is_new_and_that_they_still_wait() -> None:
    meeting = create_meeting()
    sign_up(meeting, email="bo@herning.example")
    ida = wait(meeting)
    move(meeting)

    correction = correct(meeting)

    mail = OutgoingEmail.objects.get(kind="waiting_list")
    lines = [line for line in mail.text.splitlines() if line]
    assert mail.to == "ida@herning.example"
    assert lines[:3] == [
        "Mødet er ændret: politisk møde i Region Midtjylland den 15. april 2027 kl. 18-20.",
        "Du står stadig på ventelisten og skal ikke gøre noget.",
        CHANGE,
    ]
    assert f"/deltager/{ida.token}" in mail.text
    assert (mail.calendar, correction.waiting_mails, correction.mails) == ("", 1, 3)


def test_nobody_is_told_twice_nor_of_another_session_nor_who_cannot_be_written_to() -> None:
    meeting = create_meeting()
    other = create_session(meeting=meeting, starts_date=date(2027, 4, 16))
    sign_up(meeting, email="bo@herning.example")
    wait(meeting)
    wait(meeting, email="else@herning.example", session=other)
    wait(meeting, name="", email="")
    wait(meeting, email="eva@herning.example", withdrawn_at=NOW)
    move(meeting)

    correct(meeting)
    again = plan_correction(fresh(meeting), at=NOW)

    assert told() == ["ida@herning.example"]
    assert again.waiting == []


def test_where_nobody_has_it_in_a_calendar_the_letter_is_what_they_were_told() -> None:
    meeting = create_meeting()
    send_letter(meeting)
    wait(meeting)
    move(meeting)

    [waiting] = plan_correction(fresh(meeting), at=NOW).waiting

    assert [f"{one.new_label}: {one.is_and_was}" for one in waiting.differences] == [CHANGE]


def test_what_a_correction_without_the_letter_has_told_is_not_told_again_with_it() -> None:
    meeting = create_meeting()
    send_letter(meeting)
    bo = sign_up(meeting, email="bo@herning.example")
    wait(meeting)
    move(meeting)

    correct(meeting)
    bo.withdraw(at=NOW)
    again = plan_correction(fresh(meeting), at=NOW)

    assert len(again.statements.letters) == 1
    assert (told(), again.waiting) == (["ida@herning.example"], [])


def test_the_page_counts_them_before_and_afterwards(client: Client) -> None:
    client.force_login(create_staff())
    meeting = create_meeting()
    sign_up(meeting, email="bo@herning.example")
    wait(meeting)
    move(meeting)
    address = page_url("correction", meeting)

    before = client.get(address)
    done = client.post(address, {"fingerprint": before.context["plan"].fingerprint}, follow=True)

    assertContains(before, "1 deltager på ventelisten får en mail om, hvad der er ændret.")
    assert "1 på ventelisten" in page_text(done)
    assert told() == ["ida@herning.example"]


def test_who_joins_the_list_after_the_page_was_shown_stops_the_button(client: Client) -> None:
    client.force_login(create_staff())
    meeting = create_meeting()
    sign_up(meeting, email="bo@herning.example")
    move(meeting)
    address = page_url("correction", meeting)
    shown = client.get(address).context["plan"].fingerprint
    wait(meeting)

    client.post(address, {"fingerprint": shown})

    assert told() == []


def test_a_mail_to_a_contact_that_was_sent_again_stops_no_correction() -> None:
    meeting = create_meeting()
    registration = create_registration(meeting=meeting, participants=0)
    sign_up(meeting, email="bo@herning.example", registration=registration)
    create_participant(registration=registration, email="")
    move(meeting)
    correct(meeting)
    mail = OutgoingEmail.objects.get(kind="correction")
    OutgoingEmail.objects.update(state="sent", sent_at=NOW)
    mail.refresh_from_db()
    mail.resend(at=NOW)
    move(meeting, hour=16)

    assert plan_correction(fresh(meeting), at=NOW).people_to_tell == 1
