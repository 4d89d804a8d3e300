from __future__ import annotations

import threading
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings
from time_machine import Traveller

from invitations.danish import COPENHAGEN
from invitations.models import Letter, Meeting, OutgoingEmail
from registrations.reminders import owe_reminders
from registrations.tasks import owe_reminders as owe_reminders_task
from tests.factories import (
    NOW,
    create_decline,
    create_dispatch,
    create_invitation,
    create_letter,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_theme,
    get_municipality,
)

pytestmark = pytest.mark.django_db

# The deadline is a Friday, its reminders fall due on a Friday and a Tuesday, the meeting is on a Thursday.
DEADLINE = date(2027, 3, 5)
FOURTEEN_DAYS = datetime(2027, 2, 19, 8, 0, tzinfo=COPENHAGEN)
THREE_DAYS = datetime(2027, 3, 2, 8, 0, tzinfo=COPENHAGEN)
DAY_BEFORE = datetime(2027, 4, 14, 8, 0, tzinfo=COPENHAGEN)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.example"


@pytest.fixture
def meeting() -> Meeting:
    return create_meeting(slug="moede", registration_deadline_date=DEADLINE)


def invite(meeting: Meeting, *names: str) -> None:
    for name in names:
        invitation = create_invitation(meeting=meeting, municipality=get_municipality(name))
        create_dispatch(invitation=invitation, mailbox=f"{name}@example.dk".lower())


def reminded() -> list[str]:
    """The addresses that reminders of either kind are owed to, in alphabetical order."""
    kinds = ["deadline_reminder", "meeting_reminder"]
    return sorted(OutgoingEmail.objects.filter(kind__in=kinds).values_list("to", flat=True))


def test_the_offices_of_silent_municipalities_are_reminded(meeting: Meeting) -> None:
    invite(meeting, "Herning", "Holstebro", "Aarhus", "Horsens")
    create_registration(meeting=meeting, municipality=get_municipality("Herning"))
    create_decline(meeting=meeting, municipality=get_municipality("Aarhus"))

    assert owe_reminders(at=FOURTEEN_DAYS - MINUTE) == 0
    assert owe_reminders(at=FOURTEEN_DAYS) == 2
    assert reminded() == ["holstebro@example.dk", "horsens@example.dk"]


def test_a_reminder_says_who_has_not_answered_until_when_and_where_to(meeting: Meeting) -> None:
    invite(meeting, "Holstebro")
    token = meeting.invitations.get().token

    owe_reminders(at=FOURTEEN_DAYS)

    mail = OutgoingEmail.objects.get(kind="deadline_reminder")
    assert (mail.subject, mail.to_name, mail.about) == (
        "Påmindelse: Tilmeldingsfristen er fredag den 5. marts",
        "Børne- og Ungeudvalget, Holstebro Kommune",
        "moede",
    )
    assert mail.text.splitlines()[:8] == [
        "Holstebro Kommune har endnu ikke svaret på invitationen til politisk møde i Region Midtjylland.",
        "Tilmeld jer eller meld afbud senest fredag den 5. marts.",
        "",
        "Dato og tid: Torsdag den 15. april 2027 kl. 17-19",
        "Sted: Rådhuset i Herning, Torvet 5, 7400 Herning",
        "",
        "Svar på invitationen:",
        f"https://tilmeld.example/svar/{token}",
    ]
    assert mail.of_use_until == datetime(2027, 3, 6, 0, 0, tzinfo=COPENHAGEN)


def test_a_reminder_on_the_last_day_says_so(meeting: Meeting) -> None:
    invite(meeting, "Holstebro")

    owe_reminders(at=datetime(2027, 3, 5, 9, 0, tzinfo=COPENHAGEN))

    mail = OutgoingEmail.objects.get(kind="deadline_reminder")
    assert mail.subject == "Sidste dag for tilmelding til politisk møde i Region Midtjylland"
    assert "I dag er sidste dag: Tilmeld jer eller meld afbud senest fredag den 5. marts." in mail.text


def test_each_reminder_is_owed_once(meeting: Meeting) -> None:
    invite(meeting, "Holstebro")

    owed = [
        owe_reminders(at=moment)
        for moment in (FOURTEEN_DAYS, FOURTEEN_DAYS + 5 * MINUTE, THREE_DAYS, THREE_DAYS + 5 * MINUTE)
    ]

    assert owed == [1, 0, 1, 0]


def test_a_moved_deadline_is_reminded_of_anew(meeting: Meeting) -> None:
    invite(meeting, "Holstebro")
    owe_reminders(at=THREE_DAYS)
    meeting.registration_deadline_date = DEADLINE + timedelta(weeks=1)
    meeting.save()

    too_early = owe_reminders(at=THREE_DAYS + timedelta(hours=1))
    anew = owe_reminders(at=THREE_DAYS + timedelta(weeks=1))

    assert (too_early, anew) == (0, 1)
    last = OutgoingEmail.objects.filter(kind="deadline_reminder").latest("pk")
    assert last.subject == "Påmindelse: Tilmeldingsfristen er fredag den 12. marts"


def test_after_an_outage_of_weeks_only_the_reminder_that_is_of_use_is_owed(meeting: Meeting) -> None:
    invite(meeting, "Holstebro")

    assert owe_reminders(at=datetime(2027, 3, 4, 9, 0, tzinfo=COPENHAGEN)) == 1
    assert owe_reminders(at=datetime(2027, 3, 6, 9, 0, tzinfo=COPENHAGEN)) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"published_at": None},
        {"cancelled_at": NOW},
        {"registration": Meeting.RegistrationMode.NONE},
        {"reminder_days": []},
        {"capacity": 1},
        {"registration_opens_date": DEADLINE - timedelta(days=1)},
    ],
    ids=["draft", "cancelled", "no registration", "no reminders", "full", "not open yet"],
)
def test_there_is_nothing_to_remind_of_where_nobody_can_answer(
    meeting: Meeting, change: dict[str, object]
) -> None:
    invite(meeting, "Holstebro")
    create_registration(meeting=meeting, municipality=get_municipality("Herning"))
    Meeting.objects.filter(pk=meeting.pk).update(**change)

    assert owe_reminders(at=FOURTEEN_DAYS) == 0
    assert owe_reminders(at=THREE_DAYS) == 0


def test_a_host_is_never_reminded() -> None:
    meeting = create_meeting(registration_deadline_date=DEADLINE, hosts=[get_municipality("Herning")])
    invite(meeting, "Herning", "Holstebro")

    owe_reminders(at=FOURTEEN_DAYS)

    assert reminded() == ["holstebro@example.dk"]


def test_who_was_invited_a_moment_ago_is_given_time_to_answer(meeting: Meeting) -> None:
    invite(meeting, "Herning", "Holstebro")
    for name, days in (("Herning", 3), ("Holstebro", 2)):
        OutgoingEmail.objects.filter(to=f"{name}@example.dk".lower()).update(
            owed_at=FOURTEEN_DAYS - timedelta(days=days)
        )

    first = owe_reminders(at=FOURTEEN_DAYS)
    later_that_day = owe_reminders(at=FOURTEEN_DAYS + timedelta(hours=9))
    second = owe_reminders(at=THREE_DAYS)

    assert (first, later_that_day, second) == (1, 0, 2)


def test_each_mailbox_that_was_written_to_is_reminded_once(meeting: Meeting) -> None:
    invitation = create_invitation(meeting=meeting, municipality=get_municipality("Holstebro"))
    create_dispatch(invitation=invitation, mailbox="udvalg@holstebro.example", office_name="Udvalget")
    create_dispatch(invitation=invitation, mailbox="Udvalg@holstebro.example", office_name="Formanden")
    create_dispatch(invitation=invitation, mailbox="borgmester@holstebro.example")
    create_dispatch(invitation=invitation, mailbox="direktoer@holstebro.example", for_orientation=True)

    owe_reminders(at=FOURTEEN_DAYS)

    assert reminded() == ["borgmester@holstebro.example", "udvalg@holstebro.example"]


def test_who_was_only_asked_to_reserve_the_date_is_not_reminded_to_answer(meeting: Meeting) -> None:
    invitation = create_invitation(meeting=meeting, municipality=get_municipality("Holstebro"))
    letter = create_letter(meeting=meeting, kind=Letter.Kind.SAVE_THE_DATE)
    create_dispatch(invitation=invitation, letter=letter)

    assert owe_reminders(at=FOURTEEN_DAYS) == 0


def test_two_municipalities_with_one_mailbox_are_reminded_each_with_its_own_link(meeting: Meeting) -> None:
    for name in ("Herning", "Holstebro"):
        invitation = create_invitation(meeting=meeting, municipality=get_municipality(name))
        create_dispatch(invitation=invitation, mailbox="faelles@example.dk")

    assert owe_reminders(at=FOURTEEN_DAYS) == 2


def test_a_meeting_whose_reminders_go_wrong_does_not_silence_the_others(
    meeting: Meeting, caplog: pytest.LogCaptureFixture
) -> None:
    invite(meeting, "Holstebro")
    broken = create_meeting(slug="i-stykker", registration_deadline_date=DEADLINE)
    Meeting.objects.filter(pk=broken.pk).update(reminder_days=["fjorten"])

    assert owe_reminders(at=FOURTEEN_DAYS) == 1
    assert caplog.messages == ["The reminders of meeting i-stykker could not be owed"]


def test_participants_are_reminded_the_day_before(meeting: Meeting) -> None:
    theme = create_theme(item=create_programme_item(meeting=meeting), title="Motiverende skoledag")
    registration = create_registration(meeting=meeting, participants=0)
    bo = create_participant(registration=registration, email="bo@example.dk", themes=[theme])

    assert owe_reminders(at=DAY_BEFORE - MINUTE) == 0
    assert owe_reminders(at=DAY_BEFORE) == 1
    assert owe_reminders(at=DAY_BEFORE + 5 * MINUTE) == 0
    mail = OutgoingEmail.objects.get()
    assert (mail.kind, mail.to, mail.subject, mail.of_use_until) == (
        "meeting_reminder",
        "bo@example.dk",
        "Påmindelse: politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19",
        datetime(2027, 4, 15, 17, 0, tzinfo=COPENHAGEN),
    )
    assert mail.text.splitlines()[:8] == [
        "Vi glæder os til at se dig til politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19.",
        "",
        "Dato og tid: Torsdag den 15. april 2027 kl. 17-19",
        "Sted: Rådhuset i Herning, Torvet 5, 7400 Herning",
        "Tema: Motiverende skoledag",
        "",
        "Kan du ikke komme? Meld afbud her:",
        f"https://tilmeld.example/deltager/{bo.token}",
    ]


def test_a_reminder_of_an_online_meeting_holds_its_link() -> None:
    meeting = create_meeting(session=False, registration_deadline_date=DEADLINE)
    create_session(meeting=meeting, online=True, join_url="https://video.example/m/1")
    create_registration(meeting=meeting)

    owe_reminders(at=DAY_BEFORE)

    assert "Mødelink: https://video.example/m/1" in OutgoingEmail.objects.get().text


def test_each_participant_is_reminded_before_the_session_they_chose(meeting: Meeting) -> None:
    other = create_session(meeting=meeting, starts_date=date(2027, 4, 22), position=1)
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, email="first@example.dk")
    create_participant(registration=registration, email="second@example.dk", session=other)

    owe_reminders(at=DAY_BEFORE)
    first = reminded()
    owe_reminders(at=DAY_BEFORE + timedelta(weeks=1))

    assert (first, reminded()) == (["first@example.dk"], ["first@example.dk", "second@example.dk"])


def test_who_withdrew_or_has_just_signed_up_is_not_reminded(meeting: Meeting) -> None:
    early = create_registration(meeting=meeting, participants=0)
    create_participant(registration=early, email="bo@example.dk")
    create_participant(registration=early, email="ida@example.dk").withdraw(at=NOW)
    late = create_registration(meeting=meeting, participants=0, registered_at=DAY_BEFORE)
    create_participant(registration=late, email="ole@example.dk")

    owe_reminders(at=DAY_BEFORE + MINUTE)

    assert reminded() == ["bo@example.dk"]


def test_participants_of_a_cancelled_meeting_are_not_reminded(meeting: Meeting) -> None:
    create_registration(meeting=meeting)
    meeting.cancel(at=NOW)

    assert owe_reminders(at=DAY_BEFORE) == 0


def test_participants_are_not_reminded_of_what_has_begun(meeting: Meeting) -> None:
    create_registration(meeting=meeting)

    assert owe_reminders(at=datetime(2027, 4, 15, 17, 0, tzinfo=COPENHAGEN)) == 0


def test_participants_of_a_moved_session_are_reminded_of_the_new_day(meeting: Meeting) -> None:
    create_registration(meeting=meeting)
    owe_reminders(at=DAY_BEFORE)
    meeting.sessions.update(starts_date=date(2027, 4, 22), starts_time=time(9, 0), ends_time=time(11, 0))

    assert owe_reminders(at=DAY_BEFORE + timedelta(weeks=1)) == 1


def test_the_task_reminds_at_the_time_of_the_clock(meeting: Meeting, clock: Traveller) -> None:
    invite(meeting, "Holstebro")
    clock.move_to(FOURTEEN_DAYS)

    assert owe_reminders_task() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_reminding_many_offices_takes_as_many_queries_as_reminding_one(
    meeting: Meeting, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    invite(meeting, *["Herning", "Holstebro", "Aarhus"][:count])

    with django_assert_num_queries(30):
        owe_reminders(at=FOURTEEN_DAYS)


@pytest.mark.parametrize("count", [1, 3])
def test_reminding_many_participants_takes_as_many_queries_as_reminding_one(
    meeting: Meeting, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    create_registration(meeting=meeting, participants=count)

    with django_assert_num_queries(30):
        owe_reminders(at=DAY_BEFORE)


@pytest.mark.parametrize("others", [0, 2])
def test_meetings_with_nothing_due_take_five_queries_however_many_they_are(
    meeting: Meeting, others: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    invite(meeting, "Holstebro")
    for _ in range(others):
        create_meeting(registration_deadline_date=DEADLINE)

    with django_assert_num_queries(5):
        owe_reminders(at=FOURTEEN_DAYS - MINUTE)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_beats_at_once_remind_once(meeting: Meeting) -> None:
    invite(meeting, "Herning", "Holstebro")
    create_registration(meeting=meeting, municipality=get_municipality("Aarhus"))
    ready = threading.Barrier(4)
    owed: list[int] = []

    def work() -> None:
        ready.wait()
        owed.append(owe_reminders(at=THREE_DAYS))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(owed) == [0, 0, 0, 2]
    assert reminded() == ["herning@example.dk", "holstebro@example.dk"]
