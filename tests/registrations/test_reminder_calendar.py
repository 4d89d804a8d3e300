"""The calendar says what is sent, when, to whom as of now, or why not."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, OutgoingEmail
from registrations.models import Participant
from registrations.reminder_calendar import calendar
from registrations.reminder_entries import Entry
from registrations.reminders import owe_reminders
from tests.factories import (
    NOW,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_participant,
    create_registration,
    create_session,
    get_municipality,
)

pytestmark = pytest.mark.django_db

# A Friday; reminders fall due on Friday two weeks before, and on the Tuesday before it.
DEADLINE = date(2027, 3, 5)
FOURTEEN_DAYS = datetime(2027, 2, 19, 8, 0, tzinfo=COPENHAGEN)
THREE_DAYS = datetime(2027, 3, 2, 8, 0, tzinfo=COPENHAGEN)
DAY_BEFORE = datetime(2027, 4, 14, 8, 0, tzinfo=COPENHAGEN)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def meeting() -> Meeting:
    meeting = create_meeting(registration_deadline_date=DEADLINE)
    invite(meeting, "Herning")
    return meeting


def invite(meeting: Meeting, name: str, *, at: datetime | None = None) -> None:
    invitation = create_invitation(meeting=meeting, municipality=get_municipality(name))
    create_dispatch(invitation=invitation, mailbox=f"{name}@example.dk".lower(), dispatched_at=at)
    OutgoingEmail.objects.filter(kind="letter").update(state="sent", sent_at=F("owed_at"))


def entry(meeting: Meeting, name: str, *, at: datetime) -> Entry:
    fresh = Meeting.objects.get(pk=meeting.pk)
    return next(entry for entry in calendar(fresh, at=at) if entry.name == name)


def state(meeting: Meeting, name: str, *, at: datetime) -> tuple[str, str]:
    found = entry(meeting, name, at=at)
    return found.state.value, found.why


def addresses(found: Entry) -> list[str]:
    return [mailbox.address for mailbox in found.recipients.mailboxes] if found.recipients else []


def test_each_reminder_stands_at_its_time(meeting: Meeting) -> None:
    create_registration(meeting=meeting, municipality=get_municipality("Aarhus"))
    session = meeting.sessions.get()

    assert [(found.name, found.at, found.state.value) for found in calendar(meeting, at=NOW)] == [
        ("deadline-14", FOURTEEN_DAYS, "coming"),
        ("deadline-3", THREE_DAYS, "coming"),
        (f"session-{session.pk}", DAY_BEFORE, "coming"),
    ]


@pytest.mark.parametrize("names", [["Herning"], ["Herning", "Holstebro", "Horsens"]])
def test_each_goes_out_when_and_to_whom_the_calendar_said(meeting: Meeting, names: list[str]) -> None:
    for name in names:
        invite(meeting, name)
    invite(meeting, "Skive", at=FOURTEEN_DAYS - DAY)
    registration = create_registration(meeting=meeting, municipality=get_municipality("Aarhus"))
    said = calendar(meeting, at=NOW)

    for found in said:
        assert found.goes_out_at is not None
        assert owe_reminders(at=found.goes_out_at - MINUTE) == 0
        owed = owe_reminders(at=found.goes_out_at)
        mails = OutgoingEmail.objects.filter(owed_at=found.goes_out_at).values_list("to", flat=True)
        people = [person.email for person in registration.participants.all()] if found.people else []
        assert (sorted(mails), owed) == (sorted([*addresses(found), *people]), len(mails))
        if found.people:
            assert found.people.by_municipality == [("Aarhus", 1)]


def test_what_was_sent_is_counted(meeting: Meeting) -> None:
    invite(meeting, "Holstebro")
    invite(meeting, "Horsens")
    owe_reminders(at=FOURTEEN_DAYS)
    waiting = entry(meeting, "deadline-14", at=FOURTEEN_DAYS + MINUTE)
    mails = OutgoingEmail.objects.filter(kind="deadline_reminder")
    mails.filter(to="herning@example.dk").update(state="sent", sent_at=FOURTEEN_DAYS + MINUTE)
    mails.filter(to="horsens@example.dk").update(state="failed")

    found = entry(meeting, "deadline-14", at=FOURTEEN_DAYS + 2 * MINUTE)

    assert (waiting.state.value, waiting.tally.waiting) == ("due", 3)
    tally = found.tally
    assert (found.state.value, tally.sent, tally.waiting, tally.failed) == ("sent", 1, 1, 1)
    assert tally.first_at == tally.last_at == FOURTEEN_DAYS + MINUTE


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"published_at": None}, "Mødet er ikke offentliggjort endnu."),
        ({"cancelled_at": NOW}, "Mødet er aflyst."),
        ({"reminders_paused_at": NOW}, "Påmindelserne er sat på pause."),
        ({"capacity": 1}, "Der er ikke flere ledige pladser."),
        ({"registration_opens_date": date(2027, 2, 25)}, "Tilmeldingen er ikke åbnet endnu."),
    ],
)
def test_what_will_not_be_sent_says_why(meeting: Meeting, change: dict[str, object], why: str) -> None:
    create_registration(meeting=meeting, municipality=get_municipality("Aarhus"))
    Meeting.objects.filter(pk=meeting.pk).update(**change)

    assert state(meeting, "deadline-14", at=NOW) == ("not-sent", why)


def test_that_registration_opens_before_the_later_one_is_seen(meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(registration_opens_date=date(2027, 2, 25))

    assert state(meeting, "deadline-3", at=NOW) == ("coming", "")


def test_where_everybody_has_answered_there_is_nobody_to_remind(meeting: Meeting) -> None:
    create_registration(meeting=meeting, participants=0)

    assert state(meeting, "deadline-14", at=NOW) == ("not-sent", "Der er ingen at minde om fristen.")
    name = f"session-{meeting.sessions.get().pk}"
    assert state(meeting, name, at=NOW) == ("not-sent", "Ingen er tilmeldt.")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"published_at": FOURTEEN_DAYS + 5 * DAY}, "Mødet var ikke offentliggjort endnu."),
        ({"reminders_paused_at": FOURTEEN_DAYS - DAY}, "Påmindelserne er sat på pause."),
        ({}, "Alle havde svaret, ingen kunne tilmelde sig, eller systemet stod stille."),
    ],
)
def test_what_was_missed_says_why(meeting: Meeting, change: dict[str, object], why: str) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(**change)

    assert state(meeting, "deadline-14", at=FOURTEEN_DAYS + 6 * DAY) == ("missed", why)


def test_what_fell_due_before_the_letter_was_sent_says_so() -> None:
    meeting = create_meeting(registration_deadline_date=DEADLINE)
    invite(meeting, "Herning", at=FOURTEEN_DAYS - DAY)

    assert state(meeting, "deadline-14", at=FOURTEEN_DAYS + 6 * DAY) == (
        "missed",
        "Ingen kommune havde haft brevet i 3 dage.",
    )


def test_what_was_missed_in_the_evening_goes_out_in_the_morning(meeting: Meeting) -> None:
    found = entry(meeting, "deadline-14", at=FOURTEEN_DAYS + 11 * HOUR)

    assert (found.state.value, found.goes_out_at) == ("due", FOURTEEN_DAYS + 3 * DAY)


def test_one_that_is_overtaken_names_the_other(meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(reminder_days=[3, 2])
    meeting.refresh_from_db()

    first, last, _meeting = calendar(meeting, at=NOW)

    assert (first.state.value, first.why, first.goes_out_at) == (
        "not-sent",
        "Den falder samme dag som eller arbejdsdagen før påmindelsen 2 dage før fristen. "
        "Kun den bliver sendt.",
        None,
    )
    assert last.state.value == "coming"


def test_a_reminder_of_the_deadline_before_it_was_moved_stays_in_the_calendar(meeting: Meeting) -> None:
    owe_reminders(at=FOURTEEN_DAYS)
    OutgoingEmail.objects.filter(kind="deadline_reminder").update(state="sent", sent_at=FOURTEEN_DAYS)
    meeting.registration_deadline_date = DEADLINE + 14 * DAY
    meeting.save()

    found = calendar(meeting, at=FOURTEEN_DAYS + HOUR)

    assert [(entry.at, entry.state.value, entry.why) for entry in found[:3]] == [
        (FOURTEEN_DAYS, "sent", "I den stod en anden frist end den nuværende."),
        (FOURTEEN_DAYS + 14 * DAY, "coming", ""),
        (THREE_DAYS + 14 * DAY, "coming", ""),
    ]


def test_participants_are_counted_by_municipality_and_those_left_out_by_reason(meeting: Meeting) -> None:
    session = create_session(meeting=meeting, starts_date=date(2027, 4, 20))
    for name, people in (("Aarhus", 2), ("Viborg", 1)):
        registration = create_registration(
            meeting=meeting, municipality=get_municipality(name), participants=0
        )
        for _ in range(people):
            create_participant(registration=registration, session=session)
    create_participant(registration=registration, session=session, waitlisted_at=NOW)
    guests = create_registration(meeting=meeting, participants=0, guest_kind="guest")
    create_participant(registration=guests, session=session)
    nameless = create_participant(registration=guests, session=session)
    Participant.objects.filter(pk=nameless.pk).update(email="")

    found = entry(meeting, f"session-{session.pk}", at=NOW).people

    assert found is not None
    assert found.by_municipality == [("Viborg", 1), ("Aarhus", 2), ("KL og gæster", 1)]
    assert found.left_out == [("på venteliste", 1), ("uden e-mailadresse", 1)]


@pytest.mark.parametrize("count", [1, 3])
def test_many_municipalities_take_as_many_queries_as_one(
    meeting: Meeting, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("Holstebro", "Horsens", "Skive")[:count]:
        invite(meeting, name)
        create_registration(meeting=meeting, municipality=get_municipality(name), participants=2)
    fresh = Meeting.objects.prefetch_related("sessions", "programme__themes").get(pk=meeting.pk)

    with django_assert_num_queries(18):
        calendar(fresh, at=NOW)
