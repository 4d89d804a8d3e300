from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from typing import Any

import icalendar
import pytest
import vobject
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, OutgoingEmail
from registrations.cancellations import CancellationPlan, cancel_meeting, plan_cancellation
from registrations.models import CalendarInvitation
from registrations.receipts import owe_calendar_requests
from tests.factories import (
    NOW,
    create_decline,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_participant,
    create_registration,
    create_session,
    create_staff,
    get_municipality,
)
from tests.mails import owe_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return create_staff()


@pytest.fixture
def meeting() -> Meeting:
    return create_meeting(slug="moede")


def cancellations() -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.filter(kind="cancellation").order_by("to"))


def test_a_cancelled_meeting_is_taken_out_of_each_participants_calendar(
    meeting: Meeting, staff: User
) -> None:
    registration = create_registration(meeting=meeting, participants=0)
    bo = create_participant(registration=registration, name="Bo Ærø", email="bo@example.dk")
    ida = create_participant(registration=registration, email="ida@example.dk")
    owe_calendar_requests([bo, ida], at=NOW)

    cancel_meeting(meeting, at=NOW, by=staff)

    mail = OutgoingEmail.objects.get(kind="cancellation", to="bo@example.dk")
    assert mail.subject == "Aflyst: politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19"
    assert mail.text.splitlines()[:2] == [
        "Mødet er aflyst: politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19.",
        "Fjern mødet fra din kalender, hvis dit mailprogram ikke selv gør det.",
    ]
    row = CalendarInvitation.objects.get(participant=bo)
    assert (row.method, row.sequence, mail.calendar_method, mail.conversation) == (
        "CANCEL",
        1,
        "CANCEL",
        row.uid,
    )
    calendar = icalendar.Calendar.from_ical(mail.calendar)
    (event,) = calendar.walk("VEVENT")
    assert [
        str(calendar["METHOD"]),
        *(str(event[name]) for name in ("UID", "SEQUENCE", "STATUS", "ATTENDEE")),
    ] == [
        "CANCEL",
        row.uid,
        "1",
        "CANCELLED",
        "mailto:bo@example.dk",
    ]
    second = vobject.readOne(mail.calendar)
    assert (second.vevent.uid.value, second.vevent.status.value) == (row.uid, "CANCELLED")


def test_contacts_and_silent_offices_are_told_and_nobody_else(meeting: Meeting, staff: User) -> None:
    for name in ("Herning", "Holstebro", "Horsens"):
        invitation = create_invitation(meeting=meeting, municipality=get_municipality(name))
        create_dispatch(invitation=invitation, mailbox=f"{name}@example.dk".lower())
    registration = create_registration(
        meeting=meeting,
        municipality=get_municipality("Herning"),
        participants=0,
        contact_email="anne@example.dk",
    )
    create_participant(registration=registration, email="bo@example.dk")
    create_participant(registration=registration, email="ida@example.dk").withdraw(at=NOW)
    create_decline(meeting=meeting, municipality=get_municipality("Horsens"), contact_email="ole@example.dk")

    plan = cancel_meeting(meeting, at=NOW, by=staff)

    assert [mail.to for mail in cancellations()] == [
        "anne@example.dk",
        "bo@example.dk",
        "holstebro@example.dk",
    ]
    assert plan is not None
    assert (len(plan.participants), len(plan.contacts), len(plan.dispatches), plan.mails) == (1, 1, 1, 3)
    assert [mail.text.splitlines()[1] for mail in cancellations()] == [
        "Du skal ikke gøre noget: De deltagere, du har tilmeldt, får hver en mail.",
        "Fjern mødet fra din kalender, hvis dit mailprogram ikke selv gør det.",
        "I skal ikke svare på invitationen.",
    ]


def test_a_contact_is_told_who_gets_a_mail_and_whom_to_tell(meeting: Meeting, staff: User) -> None:
    registration = create_registration(meeting=meeting, participants=0, contact_email="anne@example.dk")
    create_participant(registration=registration, name="Bo Ærø", email="bo@example.dk")
    create_participant(registration=registration, name="Ida Lund", email="")
    nameless = create_participant(registration=registration, email="")
    type(nameless).objects.filter(pk=nameless.pk).update(name="")

    cancel_meeting(meeting, at=NOW, by=staff)

    mail = OutgoingEmail.objects.get(to="anne@example.dk")
    assert mail.text.splitlines()[1:10] == [
        "Du skal selv give besked til de deltagere, som vi ikke kan skrive til, fordi vi ikke har deres"
        " e-mailadresse.",
        "",
        "Giv selv besked til:",
        "- Ida Lund",
        "- Navn følger",
        "",
        "Vi har skrevet til:",
        "- Bo Ærø",
        "",
    ]
    assert ["<li>Ida Lund</li>" in mail.html, "<li>Bo Ærø</li>" in mail.html] == [True, True]


def test_a_contact_who_has_signed_up_nobody_else_gets_one_mail(meeting: Meeting, staff: User) -> None:
    registration = create_registration(meeting=meeting, participants=0, contact_email="bo@example.dk")
    create_participant(registration=registration, email="Bo@example.dk")

    cancel_meeting(meeting, at=NOW, by=staff)

    assert [mail.text.splitlines()[1] for mail in cancellations()] == [
        "Fjern mødet fra din kalender, hvis dit mailprogram ikke selv gør det."
    ]


def test_an_address_is_told_once_as_contact_and_once_as_office(meeting: Meeting, staff: User) -> None:
    for _ in range(2):
        create_registration(meeting=meeting, municipality=get_municipality("Herning"), participants=1)
    invitation = create_invitation(meeting=meeting, municipality=get_municipality("Holstebro"))
    create_dispatch(invitation=invitation, mailbox="udvalg@holstebro.example")
    create_dispatch(invitation=invitation, mailbox="Udvalg@holstebro.example", for_orientation=True)

    plan = cancel_meeting(meeting, at=NOW, by=staff)

    assert plan is not None
    assert (len(plan.participants), len(plan.contacts), len(plan.dispatches)) == (2, 1, 1)


def test_a_host_that_has_not_signed_up_is_told(staff: User) -> None:
    herning = get_municipality("Herning")
    meeting = create_meeting(hosts=[herning])
    create_dispatch(
        invitation=create_invitation(meeting=meeting, municipality=herning), mailbox="h@example.dk"
    )

    cancel_meeting(meeting, at=NOW, by=staff)

    assert [mail.to for mail in cancellations()] == ["h@example.dk"]


def test_cancelling_again_tells_nobody(meeting: Meeting, staff: User) -> None:
    create_registration(meeting=meeting)
    first = cancel_meeting(meeting, at=NOW, by=staff)
    before = OutgoingEmail.objects.count()

    again = cancel_meeting(Meeting.objects.get(pk=meeting.pk), at=NOW, by=staff)

    assert (first is None, again) == (False, None)
    assert OutgoingEmail.objects.count() == before
    assert LogEntry.objects.count() == 1


def test_a_draft_is_not_cancelled(staff: User) -> None:
    meeting = create_meeting(published_at=None)
    create_registration(meeting=meeting)

    with pytest.raises(ValidationError):
        cancel_meeting(meeting, at=NOW, by=staff)

    assert OutgoingEmail.objects.count() == 0


def test_the_history_says_who_cancelled(meeting: Meeting, staff: User) -> None:
    cancel_meeting(meeting, at=NOW, by=staff)

    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.get_change_message()) == (
        staff,
        str(meeting.pk),
        "Aflyste mødet (0 mails).",
    )


def test_a_session_that_has_been_held_stays_in_the_calendars(staff: User) -> None:
    meeting = create_meeting(session=False)
    held = create_session(meeting=meeting, starts_date=date(2027, 1, 28), position=0)
    coming = create_session(meeting=meeting, starts_date=date(2027, 2, 4), position=1)
    registration = create_registration(meeting=meeting, participants=0)
    for session, email in ((held, "held@example.dk"), (coming, "coming@example.dk")):
        participant = create_participant(registration=registration, session=session, email=email)
        owe_calendar_requests([participant], at=NOW)

    cancel_meeting(meeting, at=NOW, by=staff)

    assert [mail.to for mail in cancellations()] == ["anne@herning.example", "coming@example.dk"]
    assert sorted(CalendarInvitation.objects.values_list("session", "method")) == [
        (held.pk, "REQUEST"),
        (coming.pk, "CANCEL"),
    ]


def test_a_meeting_that_is_over_tells_nobody(meeting: Meeting, staff: User) -> None:
    create_registration(meeting=meeting)

    plan = cancel_meeting(meeting, at=datetime(2027, 4, 15, 19, 0, tzinfo=COPENHAGEN), by=staff)

    assert plan == CancellationPlan()
    assert OutgoingEmail.objects.count() == 0


def test_a_participant_who_was_never_in_the_calendar_is_told_without_it(
    meeting: Meeting, staff: User
) -> None:
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, email="bo@example.dk")

    cancel_meeting(meeting, at=NOW, by=staff)

    assert OutgoingEmail.objects.get(to="bo@example.dk").calendar == ""


def test_reminders_that_have_not_left_are_kept_back(meeting: Meeting, staff: User) -> None:
    other = create_meeting()
    mails = [
        owe_mail(key=f"{kind.replace('_', '-')}:{one.pk}:x", kind=kind)
        for one in (meeting, other)
        for kind in ("deadline_reminder", "meeting_reminder")
    ]

    cancel_meeting(meeting, at=NOW, by=staff)

    for mail in mails:
        mail.refresh_from_db()
    assert [mail.of_use_until for mail in mails] == [NOW, NOW, None, None]


def test_planning_changes_nothing(meeting: Meeting) -> None:
    create_registration(meeting=meeting)

    plan = plan_cancellation(meeting, at=NOW)

    assert plan.mails == 2
    assert OutgoingEmail.objects.count() == 0
    assert not Meeting.objects.get(pk=meeting.pk).is_cancelled


@pytest.mark.parametrize("participants", [1, 40])
def test_cancelling_for_many_takes_as_many_queries_as_for_one(
    meeting: Meeting, staff: User, participants: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    registration = create_registration(meeting=meeting, participants=participants)
    owe_calendar_requests(registration.participants.all(), at=NOW)

    # What the history writes about is looked up once by each process.
    ContentType.objects.get_for_model(Meeting)

    with django_assert_num_queries(26):
        cancel_meeting(meeting, at=NOW, by=staff)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_who_cancel_at_once_one_tells_everybody(meeting: Meeting, staff: User) -> None:
    create_registration(meeting=meeting, participants=3)
    ready = threading.Barrier(4)
    plans: list[Any] = []

    def work() -> None:
        mine = Meeting.objects.get(pk=meeting.pk)
        ready.wait()
        plans.append(cancel_meeting(mine, at=NOW, by=staff))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(plan is None for plan in plans) == [False, True, True, True]
    assert OutgoingEmail.objects.count() == 4


def test_nothing_is_cancelled_where_the_mails_cannot_be_owed(
    meeting: Meeting, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_registration(meeting=meeting)

    def fail(*_args: object, **_options: object) -> None:
        raise OSError("no template")

    monkeypatch.setattr("registrations.cancellation_mails.compose", fail)

    with pytest.raises(OSError, match="no template"):
        cancel_meeting(meeting, at=NOW + timedelta(hours=1), by=staff)

    assert not Meeting.objects.get(pk=meeting.pk).is_cancelled
