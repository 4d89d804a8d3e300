from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, OutgoingEmail
from registrations import registering
from registrations.cancellations import cancel_meeting
from registrations.models import CalendarInvitation, Participant
from registrations.reminders import owe_reminders
from tests.delegations import make_attendee
from tests.factories import (
    NOW,
    create_meeting,
    create_session,
    create_staff,
    get_municipality,
)
from tests.waiting import move_up, person, sign_up_waiting

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
DAY_BEFORE = datetime(2027, 4, 14, 12, tzinfo=COPENHAGEN)
TITLE = "politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19"


@pytest.fixture(autouse=True)
def _public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.example"


def mails_to(address: str) -> list[tuple[str, str, str]]:
    """Subject, kind and calendar method of each mail to `address`, in order."""
    mails = OutgoingEmail.objects.filter(to=address).order_by("pk")
    return [(mail.subject, mail.kind, mail.calendar_method) for mail in mails]


def last_mail(address: str) -> OutgoingEmail:
    return OutgoingEmail.objects.filter(to=address).order_by("pk")[::-1][0]


def after(line: str, mail: OutgoingEmail, count: int) -> list[str]:
    lines = mail.text.splitlines()
    return lines[lines.index(line) + 1 :][:count]


def test_who_waits_is_told_so_and_gets_nothing_for_the_calendar() -> None:
    meeting = create_meeting(capacity=1)

    sign_up_waiting(meeting, "Ane", "Bo")

    assert mails_to("ane@herning.example") == [(f"Du er tilmeldt {TITLE}", "calendar", "REQUEST")]
    assert mails_to("bo@herning.example") == [(f"Du er på venteliste til {TITLE}", "waiting_list", "")]
    mail = last_mail("bo@herning.example")
    assert mail.text.splitlines()[:2] == [
        f"Du er på venteliste til {TITLE}. Der er ikke en ledig plads til dig endnu.",
        "Du skal ikke gøre noget. Bliver der en plads ledig til dig, får du den og en mail med en"
        " kalenderinvitation.",
    ]
    link = f"https://tilmeld.example/deltager/{person('Bo').token}"
    assert (link in mail.text, f'<a href="{link}">' in mail.html) == (True, True)
    assert list(CalendarInvitation.objects.values_list("participant__name", flat=True)) == ["Ane"]


def test_the_receipt_says_who_has_a_place_and_who_waits() -> None:
    sign_up_waiting(create_meeting(capacity=1), "Ane", "Bo", "Cilla")

    mail = last_mail("anne@herning.example")

    assert mail.subject == f"Kvittering: Tilmelding til {TITLE}"
    assert mail.text.splitlines()[:3] == [
        f"Vi har modtaget jeres tilmelding til {TITLE}.",
        "Der var ikke plads til alle.",
        "I skal ikke gøre mere. De, der har fået plads, får en mail med en kalenderinvitation. De, der er på"
        " venteliste, hører fra os, så snart der er plads til dem, og det gør du også.",
    ]
    assert after("Har fået plads:", mail, 2) == ["- Ane", ""]
    assert after("På venteliste:", mail, 3) == ["- Bo", "- Cilla", ""]
    assert (mail.html.count("På venteliste:"), mail.html.count("Deltagere:")) == (1, 0)


def test_the_receipt_of_those_who_all_wait_begins_with_that() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane")

    sign_up_waiting(meeting, "Bo")

    mail = last_mail("anne@herning.example")
    assert mail.subject == f"Kvittering: I er på venteliste til {TITLE}"
    assert mail.text.splitlines()[:2] == [
        f"I er på venteliste til {TITLE}.",
        "I skal ikke gøre mere. Så snart der er plads til nogen af jer, skriver vi til dem og til dig.",
    ]
    assert "Har fået plads" not in mail.text


def test_who_gets_a_place_gets_the_meeting_into_the_calendar_and_can_hand_it_back() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")

    registering.withdraw(person("Ane"), at=LATER)

    assert mails_to("bo@herning.example")[1:] == [(f"Du har fået plads til {TITLE}", "calendar", "REQUEST")]
    mail = last_mail("bo@herning.example")
    assert mail.text.splitlines()[:2] == [
        f"Der er blevet en plads ledig, og du har fået den: {TITLE}.",
        "Du er ikke længere på venteliste. Accepter invitationen i denne mail for at få mødet i din"
        " kalender.",
    ]
    link = f"https://tilmeld.example/deltager/{person('Bo').token}"
    assert after("Giv pladsen tilbage:", mail, 1) == [link]
    assert (mail.html.count("Giv pladsen tilbage"), mail.html.count(f'href="{link}"')) == (1, 1)


def test_a_place_that_is_handed_back_goes_to_the_next() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla")
    registering.withdraw(person("Ane"), at=NOW)

    registering.withdraw(person("Bo"), at=LATER)

    assert [(method, kind) for _subject, kind, method in mails_to("bo@herning.example")] == [
        ("", "waiting_list"),
        ("REQUEST", "calendar"),
        ("CANCEL", "withdrawal"),
    ]
    assert mails_to("cilla@herning.example")[-1] == (f"Du har fået plads til {TITLE}", "calendar", "REQUEST")


def test_the_contact_gets_one_mail_about_all_who_got_a_place_at_once() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla", "Dan")
    Meeting.objects.update(capacity=3)

    move_up(meeting, at=LATER)

    summaries = mails_to("anne@herning.example")[1:]
    assert summaries == [(f"I har fået plads til {TITLE}", "waiting_list", "")]
    mail = last_mail("anne@herning.example")
    assert mail.text.splitlines()[:2] == [
        f"I har fået plads til {TITLE}.",
        "Hver deltager får en mail med en kalenderinvitation.",
    ]
    assert after("Har fået plads:", mail, 3) == ["- Bo", "- Cilla", ""]
    assert after("Stadig på venteliste:", mail, 2) == ["- Dan", ""]


def test_a_summary_about_several_sessions_says_who_goes_where() -> None:
    meeting = create_meeting(session=False, capacity=1)
    first = create_session(meeting=meeting)
    second = create_session(meeting=meeting, starts_date=first.starts_date + timedelta(days=1))
    names = {"Ane": first, "Bo": first, "Cilla": second}
    sign_up_waiting(
        meeting, participants=[make_attendee(session=where, name=name) for name, where in names.items()]
    )
    Meeting.objects.update(capacity=3)

    move_up(meeting)

    mail = last_mail("anne@herning.example")
    assert mail.subject == "I har fået plads til politisk møde i Region Midtjylland"
    assert after("Har fået plads:", mail, 3) == [
        "- Bo, Torsdag den 15. april 2027 kl. 17-19",
        "- Cilla, Fredag den 16. april 2027 kl. 17-19",
        "",
    ]


def test_who_has_signed_up_only_themselves_gets_one_mail_when_they_get_a_place() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane")
    sign_up_waiting(meeting, "Bo", contact_email="BO@herning.example")
    before = OutgoingEmail.objects.count()

    registering.withdraw(person("Ane"), at=LATER)

    mails = OutgoingEmail.objects.order_by("pk")[before:]
    assert [(mail.to, mail.kind) for mail in mails] == [
        ("ane@herning.example", "withdrawal"),
        ("bo@herning.example", "calendar"),
    ]


def test_each_delegation_that_got_a_place_is_told() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")
    sign_up_waiting(meeting, "Dan", municipality=get_municipality("Viborg"), contact_email="v@viborg.example")
    Meeting.objects.update(capacity=3)

    move_up(meeting)

    assert [len(mails_to(to)) for to in ("anne@herning.example", "v@viborg.example")] == [2, 2]


def test_who_leaves_the_list_is_told_that_and_nothing_about_a_calendar() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")

    registering.withdraw(person("Bo"), at=LATER)

    assert mails_to("bo@herning.example")[1:] == [
        (f"Ikke længere på venteliste: {TITLE}", "waiting_list", "")
    ]
    assert last_mail("bo@herning.example").text.splitlines()[:2] == [
        f"Du er ikke længere på venteliste til {TITLE}.",
        "Du skal ikke gøre noget: Mødet har ikke været i din kalender.",
    ]


def test_who_waits_without_an_address_gets_no_mail() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")
    Participant.objects.filter(name="Bo").update(email="")
    before = OutgoingEmail.objects.count()

    registering.withdraw(person("Bo"), at=LATER)

    assert OutgoingEmail.objects.count() == before


def test_who_waits_is_not_reminded_of_the_meeting() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")

    owe_reminders(at=DAY_BEFORE)

    reminded = OutgoingEmail.objects.filter(kind="meeting_reminder")
    assert [mail.to for mail in reminded] == ["ane@herning.example"]


def test_who_gets_a_place_after_the_reminders_went_has_just_been_told_of_the_meeting() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla")
    registering.withdraw(person("Ane"), at=LATER)
    owe_reminders(at=DAY_BEFORE)

    registering.withdraw(person("Bo"), at=DAY_BEFORE + timedelta(hours=1))
    owe_reminders(at=DAY_BEFORE + timedelta(hours=2))

    reminded = OutgoingEmail.objects.filter(kind="meeting_reminder")
    assert [mail.to for mail in reminded] == ["bo@herning.example"]
    assert mails_to("cilla@herning.example")[-1][1:] == ("calendar", "REQUEST")


def test_those_who_wait_are_told_that_the_meeting_is_cancelled() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo")

    cancel_meeting(meeting, at=LATER, by=create_staff())

    assert mails_to("bo@herning.example")[-1] == (f"Aflyst: {TITLE}", "cancellation", "")
    assert "Du stod på ventelisten" in last_mail("bo@herning.example").text
