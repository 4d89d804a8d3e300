from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import icalendar
import pytest
import vobject
from django.utils import translation
from pytest_django import DjangoAssertNumQueries, Settings

from invitations.models import OutgoingEmail, Sender
from registrations.models import CalendarInvitation, Participant
from registrations.receipts import (
    owe_calendar_cancel,
    owe_calendar_requests,
    owe_decline_receipt,
    owe_receipt,
)
from tests.factories import (
    NOW,
    create_decline,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_theme,
    get_municipality,
)
from tests.mails import arrived, owe_mail, tree

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.example"


def only_mail() -> OutgoingEmail:
    return OutgoingEmail.objects.get()


def event(mail: OutgoingEmail) -> Any:
    """The one event of the mail's calendar, which a second library must read alike."""
    calendar = icalendar.Calendar.from_ical(mail.calendar)
    (found,) = calendar.walk("VEVENT")
    second = vobject.readOne(mail.calendar)
    assert (second.method.value, second.vevent.uid.value, second.vevent.dtstart.value) == (
        str(calendar["METHOD"]),
        str(found["UID"]),
        found.decoded("DTSTART"),
    )
    return found


def test_the_contact_gets_a_receipt_with_what_was_received() -> None:
    meeting = create_meeting(title="Politisk møde i Region Midtjylland")
    theme = create_theme(item=create_programme_item(meeting=meeting), title="Motiverende skoledag")
    registration = create_registration(meeting=meeting, contact_name="Anne Sø", participants=0)
    create_participant(registration=registration, name="Bo Ærø", title="Formand", themes=[theme])

    owe_receipt(registration, at=NOW)

    mail = only_mail()
    assert (mail.key, mail.kind, mail.about, mail.to, mail.to_name) == (
        f"receipt:{registration.pk}",
        "receipt",
        meeting.slug,
        "anne@herning.example",
        "Anne Sø",
    )
    assert (
        mail.subject
        == "Kvittering: Tilmelding til politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19"
    )
    assert mail.text.splitlines()[:11] == [
        "Vi har modtaget jeres tilmelding til politisk møde i Region Midtjylland "
        "den 15. april 2027 kl. 17-19.",
        "I skal ikke gøre mere. Hver deltager får en mail med en kalenderinvitation.",
        "",
        f"Referencenummer: M-2027-{registration.pk:04d}",
        "Dato og tid: Torsdag den 15. april 2027 kl. 17-19",
        "Sted: Rådhuset i Herning, Torvet 5, 7400 Herning",
        "",
        "Deltagere:",
        "- Bo Ærø, Formand",
        "Tema: Motiverende skoledag",
        "",
    ]
    assert f"https://tilmeld.example/kvittering/{registration.token}" in mail.text


def test_a_receipt_for_several_sessions_says_who_goes_where() -> None:
    meeting = create_meeting()
    second = create_session(meeting=meeting, starts_date=date(2027, 4, 16), online=True, position=1)
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, name="Bo")
    create_participant(registration=registration, name="Ida", session=second)

    owe_receipt(registration, at=NOW)

    mail = only_mail()
    assert mail.subject == "Kvittering: Tilmelding til politisk møde i Region Midtjylland"
    lines = mail.text.splitlines()
    start = lines.index("Deltagere:")
    assert lines[start + 1 : start + 5] == [
        "- Bo",
        "Torsdag den 15. april 2027 kl. 17-19",
        "- Ida",
        "Fredag den 16. april 2027 kl. 17-19",
    ]


def test_a_receipt_is_owed_once() -> None:
    registration = create_registration()

    owe_receipt(registration, at=NOW)
    owe_receipt(registration, at=NOW)

    assert OutgoingEmail.objects.count() == 1


def test_mails_are_danish_whatever_language_the_page_was_in() -> None:
    registration = create_registration()

    with translation.override("en"):
        owe_receipt(registration, at=NOW)

    assert "Vi har modtaget jeres tilmelding" in only_mail().text
    assert "https://tilmeld.example/kvittering/" in only_mail().text


def test_what_somebody_typed_is_escaped_in_html_and_not_in_text() -> None:
    registration = create_registration(participants=0)
    create_participant(registration=registration, name="<b>Bo</b> & Co")

    owe_receipt(registration, at=NOW)

    assert "- <b>Bo</b> & Co" in only_mail().text
    assert "&lt;b&gt;Bo&lt;/b&gt; &amp; Co" in only_mail().html
    assert "<b>Bo</b>" not in only_mail().html


def test_each_participant_gets_an_invitation_that_outlook_can_answer() -> None:
    Sender.objects.update(name="KL", mailbox="moeder@kl.example")
    registration = create_registration(participants=0)
    bo = create_participant(registration=registration, name="Bo Ærø", email="bo@herning.example")
    ida = create_participant(registration=registration, email="ida@herning.example")

    owed = owe_calendar_requests([bo, ida], at=NOW)

    assert owed == 2
    mail = OutgoingEmail.objects.get(to="bo@herning.example")
    row = CalendarInvitation.objects.get(participant=bo)
    assert (mail.kind, mail.calendar_method, mail.conversation) == ("calendar", "REQUEST", row.uid)
    invitation = event(mail)
    assert {
        name: str(invitation[name])
        for name in ("UID", "SEQUENCE", "SUMMARY", "LOCATION", "ORGANIZER", "ATTENDEE", "STATUS", "URL")
    } == {
        "UID": row.uid,
        "SEQUENCE": "0",
        "SUMMARY": "Politisk møde i Region Midtjylland",
        "LOCATION": "Rådhuset i Herning, Torvet 5, 7400 Herning",
        "ORGANIZER": "mailto:moeder@kl.example",
        "ATTENDEE": "mailto:bo@herning.example",
        "STATUS": "CONFIRMED",
        "URL": f"https://tilmeld.example/{registration.meeting.slug}",
    }
    assert dict(invitation["ATTENDEE"].params) == {
        "CN": "Bo Ærø",
        "PARTSTAT": "NEEDS-ACTION",
        "ROLE": "REQ-PARTICIPANT",
        "RSVP": "TRUE",
    }


def test_an_invitation_tells_who_signed_up_and_how_to_withdraw() -> None:
    registration = create_registration(
        municipality=get_municipality("Ærø"), contact_name="Anne Sø", participants=0
    )
    bo = create_participant(registration=registration)

    owe_calendar_requests([bo], at=NOW)

    lines = only_mail().text.splitlines()
    assert [
        line in lines
        for line in (
            "Du er tilmeldt politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19.",
            f"https://tilmeld.example/deltager/{bo.token}",
            "Et afslag i Outlook er ikke en afmelding: husk at melde afbud via linket.",
            "Du får denne mail, fordi Anne Sø, Ærø Kommune, har tilmeldt dig et møde.",
            "Læs, hvordan vi behandler dine oplysninger: https://tilmeld.example/privatliv",
        )
    ] == [True] * 5
    assert f'href="https://tilmeld.example/deltager/{bo.token}"' in only_mail().html


def test_who_signed_up_themselves_is_not_told_by_whom() -> None:
    registration = create_registration(participants=0, contact_email="Anne@herning.example")
    anne = create_participant(registration=registration, email="anne@herning.example")

    owe_calendar_requests([anne], at=NOW)

    assert "Du får denne mail, fordi du har tilmeldt dig et møde." in only_mail().text


def test_the_calendar_holds_what_is_needed_once_outlook_has_put_the_mail_away() -> None:
    meeting = create_meeting(session=False)
    session = create_session(meeting=meeting, online=True, join_url="https://video.example/m/1")
    registration = create_registration(meeting=meeting, participants=0)
    bo = create_participant(registration=registration, session=session)

    owe_calendar_requests([bo], at=NOW)

    mail = only_mail()
    assert "Mødelink: https://video.example/m/1" in mail.text
    invitation = event(mail)
    assert (str(invitation["LOCATION"]), str(invitation["DESCRIPTION"])) == (
        "Virtuelt",
        "Deltag i mødet: https://video.example/m/1\n\n"
        f"Kan du ikke komme? Meld afbud her: https://tilmeld.example/deltager/{bo.token}\n"
        "Et afslag i Outlook er ikke en afmelding: husk at melde afbud via linket.",
    )


def test_an_invitation_arrives_whole() -> None:
    bo = create_participant(name="Bo Ærø", email="bo@herning.example")
    owe_calendar_requests([bo], at=NOW)

    message = arrived(only_mail())

    assert tree(message) == (
        "multipart/mixed",
        [("multipart/alternative", ["text/plain", "text/html", "text/calendar"]), "application/ics"],
    )
    inline = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    (file,) = message.iter_attachments()
    assert inline.get_param("method") == "REQUEST"
    assert vobject.readOne(file.get_content().decode()).vevent.attendee.params["CN"] == ["Bo Ærø"]
    assert icalendar.Calendar.from_ical(inline.get_content()) == icalendar.Calendar.from_ical(
        file.get_content()
    )


@pytest.mark.parametrize(
    ("day", "clock", "utc"),
    [
        (date(2027, 3, 27), time(17, 0), "2027-03-27T16:00:00+00:00"),
        (date(2027, 3, 28), time(17, 0), "2027-03-28T15:00:00+00:00"),
        (date(2027, 10, 30), time(17, 0), "2027-10-30T15:00:00+00:00"),
        (date(2027, 10, 31), time(17, 0), "2027-10-31T16:00:00+00:00"),
    ],
)
def test_an_invitation_is_right_on_both_sides_of_the_change_of_the_clocks(
    day: date, clock: time, utc: str
) -> None:
    meeting = create_meeting(session=False, registration_deadline_date=None)
    session = create_session(meeting=meeting, starts_date=day, starts_time=clock, ends_time=None)
    registration = create_registration(meeting=meeting, participants=0)
    bo = create_participant(registration=registration, session=session)

    owe_calendar_requests([bo], at=NOW)

    start = event(only_mail()).decoded("DTSTART")
    assert (start.replace(tzinfo=None).isoformat(), (start - start.utcoffset()).replace(tzinfo=None)) == (
        f"{day.isoformat()}T17:00:00",
        start.fromisoformat(utc).replace(tzinfo=None),
    )


def test_who_has_been_told_the_same_is_not_told_again() -> None:
    bo = create_participant()
    owe_calendar_requests([bo], at=NOW)

    assert owe_calendar_requests([Participant.objects.get(pk=bo.pk)], at=NOW) == 0
    assert OutgoingEmail.objects.count() == 1


def test_a_changed_session_is_told_with_the_same_uid_and_a_higher_sequence() -> None:
    bo = create_participant()
    owe_calendar_requests([bo], at=NOW)
    bo.session.starts_time = time(16, 0)
    bo.session.save()

    owe_calendar_requests([Participant.objects.get(pk=bo.pk)], at=NOW)

    first, second = OutgoingEmail.objects.order_by("pk")
    assert event(first)["UID"] == event(second)["UID"]
    assert (event(first)["SEQUENCE"], event(second)["SEQUENCE"]) == (0, 1)
    assert (
        second.subject
        == "Ændret: Du er tilmeldt politisk møde i Region Midtjylland den 15. april 2027 kl. 16-19"
    )


def test_who_withdraws_has_the_meeting_taken_out_of_the_calendar() -> None:
    bo = create_participant(email="bo@herning.example")
    owe_calendar_requests([bo], at=NOW)

    owe_calendar_cancel(bo, at=NOW + timedelta(days=1))

    request, cancel = OutgoingEmail.objects.order_by("pk")
    assert (cancel.kind, cancel.calendar_method, cancel.to) == ("withdrawal", "CANCEL", "bo@herning.example")
    assert cancel.subject == "Afmeldt: politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19"
    told, taken_back = event(request), event(cancel)
    assert (taken_back["UID"], taken_back["SEQUENCE"], taken_back["STATUS"]) == (told["UID"], 1, "CANCELLED")
    assert taken_back["DTSTART"].dt == told["DTSTART"].dt
    row = CalendarInvitation.objects.get()
    assert (row.sequence, row.method) == (1, "CANCEL")


def test_the_cancel_does_not_overtake_the_invitation() -> None:
    bo = create_participant()
    owe_calendar_requests([bo], at=NOW)
    owe_calendar_cancel(bo, at=NOW)

    assert [mail.calendar_method for mail in OutgoingEmail.objects.due(at=NOW)] == ["REQUEST"]


def test_who_was_never_in_the_calendar_is_told_of_the_withdrawal_without_it() -> None:
    bo = create_participant()

    owe_calendar_cancel(bo, at=NOW)

    assert (only_mail().kind, only_mail().calendar) == ("withdrawal", "")


def test_a_withdrawn_participant_gets_no_reminder_that_has_not_left() -> None:
    bo = create_participant()
    meeting = bo.registration.meeting
    theirs = owe_mail(key=f"meeting-reminder:{meeting.pk}:{bo.pk}:2027-04-15", kind="meeting_reminder")
    other = owe_mail(key=f"meeting-reminder:{meeting.pk}:{bo.pk}1:2027-04-15", kind="meeting_reminder")

    owe_calendar_cancel(bo, at=NOW)

    theirs.refresh_from_db()
    other.refresh_from_db()
    assert (theirs.of_use_until, other.of_use_until) == (NOW, None)


def test_a_decline_is_acknowledged_to_its_contact() -> None:
    decline = create_decline(
        municipality=get_municipality("Aarhus"), contact_name="Anne", contact_email="anne@aarhus.example"
    )

    owe_decline_receipt(decline, at=NOW)

    mail = only_mail()
    assert (mail.kind, mail.to, mail.subject) == (
        "decline",
        "anne@aarhus.example",
        "Vi har modtaget jeres afbud til politisk møde i Region Midtjylland",
    )
    assert mail.text.splitlines()[0] == (
        "Tak for beskeden. Vi har noteret, at Aarhus Kommune ikke deltager "
        "i politisk møde i Region Midtjylland."
    )


def test_a_decline_without_a_contact_owes_no_mail() -> None:
    owe_decline_receipt(create_decline(contact_email=""), at=NOW)

    assert OutgoingEmail.objects.count() == 0


@pytest.mark.parametrize("answer", ["registration", "decline"])
def test_an_answer_keeps_back_the_reminders_that_have_not_left(answer: str) -> None:
    meeting, herning = create_meeting(), get_municipality("Herning")
    own = owe_mail(key=f"deadline-reminder:{meeting.pk}:{herning.code}:x", kind="deadline_reminder")
    other = owe_mail(key=f"deadline-reminder:{meeting.pk}:9999:x", kind="deadline_reminder")

    if answer == "registration":
        owe_receipt(create_registration(meeting=meeting, municipality=herning), at=NOW)
    else:
        owe_decline_receipt(create_decline(meeting=meeting, municipality=herning), at=NOW)

    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.of_use_until, other.of_use_until) == (NOW, None)


@pytest.mark.parametrize("participants", [1, 3])
def test_inviting_many_takes_as_many_queries_as_inviting_one(
    participants: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    registration = create_registration(participants=participants)

    with django_assert_num_queries(12):
        owe_calendar_requests(registration.participants.all(), at=NOW)
