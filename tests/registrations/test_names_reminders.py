"""Whoever has taken places without names is reminded of them, some days before the deadline."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from invitations.danish import COPENHAGEN, Moment
from invitations.mail import deliver_due
from invitations.models import Meeting, OutgoingEmail
from registrations import changing, registering
from registrations.cancellations import cancel_meeting
from registrations.models import Registration
from registrations.names_reminders import UnnamedRegistrations
from registrations.reminder_calendar import calendar
from registrations.reminder_entries import Entry
from registrations.reminder_samples import sample_mail
from registrations.reminders import owe_reminders, recall_of_named
from registrations.reminding import change, pause, resume
from tests.factories import (
    NOW,
    create_invitation,
    create_meeting,
    create_participant,
    create_registration,
    create_seat,
    create_session,
    create_staff,
    get_municipality,
)
from tests.wishes import as_it_is, everybody, wanted

pytestmark = pytest.mark.django_db

# A Friday; reminders fall due on Friday two weeks before, and on the Tuesday before it.
DEADLINE = date(2027, 3, 5)
FOURTEEN_DAYS = datetime(2027, 2, 19, 8, 0, tzinfo=COPENHAGEN)
THREE_DAYS = datetime(2027, 3, 2, 8, 0, tzinfo=COPENHAGEN)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.example"


@pytest.fixture
def meeting() -> Meeting:
    return create_meeting(slug="moede", registration_deadline_date=DEADLINE)


@pytest.fixture
def registration(meeting: Meeting) -> Registration:
    """Herning's, with somebody who is named and two who are not."""
    registration = create_registration(meeting=meeting)
    for _ in range(2):
        create_seat(registration=registration)
    return registration


def reminded() -> list[str]:
    """To whom reminders of names have been owed, and have not been kept back."""
    until = datetime(2027, 3, 6, tzinfo=COPENHAGEN)
    mails = OutgoingEmail.objects.filter(kind="names_reminder", of_use_until__gte=until)
    return sorted(mails.values_list("to", flat=True))


def give_names(registration: Registration) -> None:
    for number, seat in enumerate(registration.participants.nameless()):
        registration.participants.filter(pk=seat.pk).update(name=f"Navn {number}")


def entry(meeting: Meeting, name: str, *, at: datetime) -> Entry:
    return next(entry for entry in calendar(meeting, at=at) if entry.name == name)


def name(days: int, stamp: str = "202703060000") -> str:
    return f"names-{days}-{stamp}"


def test_the_contact_is_reminded_when_the_days_before_the_deadline_have_come(
    registration: Registration,
) -> None:
    owed = [
        owe_reminders(at=at)
        for at in (
            FOURTEEN_DAYS - MINUTE,
            FOURTEEN_DAYS,
            FOURTEEN_DAYS + HOUR,
            THREE_DAYS - MINUTE,
            THREE_DAYS,
            THREE_DAYS + HOUR,
            THREE_DAYS + 4 * DAY,
        )
    ]

    assert owed == [0, 1, 0, 0, 1, 0, 0]
    assert reminded() == ["anne@herning.example"] * 2


def test_it_says_what_is_missing_until_when_and_where_to_write_it(registration: Registration) -> None:
    owe_reminders(at=FOURTEEN_DAYS)

    mail = OutgoingEmail.objects.get(kind="names_reminder")
    assert (mail.subject, mail.to_name, mail.about, mail.of_use_until) == (
        "Påmindelse: Skriv deltagernes navne senest fredag den 5. marts",
        "Anne Sekretær",
        "moede",
        datetime(2027, 3, 6, tzinfo=COPENHAGEN),
    )
    assert (
        mail.key == f"names-reminder:{registration.meeting_id}:{registration.pk}:2027-03-06T00:00:00+01:00:14"
    )
    assert mail.text.splitlines()[:11] == [
        "Vi holder 2 pladser til jer ved politisk møde i Region Midtjylland og ved endnu ikke, "
        "hvem der kommer.",
        "Skriv navnene senest fredag den 5. marts. Så får hver deltager en mail med en kalenderinvitation.",
        "",
        f"Referencenummer: {registration.reference}",
        "Dato og tid: Torsdag den 15. april 2027 kl. 17-19",
        "Sted: Rådhuset i Herning, Torvet 5, 7400 Herning",
        "",
        "Skriv navnene:",
        f"https://tilmeld.example/kvittering/{registration.token}",
        "",
        "Hvis I alligevel ikke skal bruge en plads, kan I give den tilbage via samme link. "
        "Så kan en anden få den.",
    ]
    assert f'href="https://tilmeld.example/kvittering/{registration.token}"' in mail.html


def test_on_the_last_day_it_says_so(registration: Registration) -> None:
    owe_reminders(at=datetime(2027, 3, 5, 9, tzinfo=COPENHAGEN))

    mail = OutgoingEmail.objects.get(kind="names_reminder")
    assert mail.subject == "Sidste dag: Skriv navnene på deltagerne i politisk møde i Region Midtjylland"
    assert "I dag er sidste dag: Skriv navnene senest fredag den 5. marts." in mail.text


def test_it_names_the_clock_time_of_a_deadline_that_has_one(registration: Registration) -> None:
    Meeting.objects.update(registration_deadline_time=time(12))

    owe_reminders(at=THREE_DAYS)

    mail = OutgoingEmail.objects.get(kind="names_reminder")
    assert mail.subject.endswith("senest fredag den 5. marts kl. 12.00")
    assert mail.of_use_until == datetime(2027, 3, 5, 12, tzinfo=COPENHAGEN)


def test_only_places_that_are_taken_and_lack_a_name_are_asked_about(meeting: Meeting) -> None:
    whole = create_registration(meeting=meeting, contact_email="whole@x.example")
    create_seat(registration=whole, withdrawn_at=NOW)
    create_seat(registration=whole, waitlisted_at=NOW)
    create_participant(registration=whole, name="Uden adresse", email="")

    assert owe_reminders(at=FOURTEEN_DAYS) == 0


def test_each_registration_of_a_municipality_is_reminded_of_its_own_places(
    registration: Registration,
) -> None:
    other = create_registration(
        meeting=registration.meeting, participants=0, contact_email="bo@herning.example"
    )
    create_seat(registration=other)

    assert owe_reminders(at=FOURTEEN_DAYS) == 2
    assert reminded() == ["anne@herning.example", "bo@herning.example"]


def test_guests_whom_only_the_secretariat_names_are_passed_over(meeting: Meeting) -> None:
    create_seat(registration=create_registration(meeting=meeting, guest_kind="speaker", participants=0))

    assert owe_reminders(at=FOURTEEN_DAYS) == 0


def test_who_has_just_got_the_receipt_is_not_reminded_too(meeting: Meeting) -> None:
    late = create_registration(meeting=meeting, participants=0, registered_at=THREE_DAYS - 3 * DAY + MINUTE)
    create_seat(registration=late)

    assert owe_reminders(at=THREE_DAYS) == 0
    assert [why.value for why in entry(meeting, name(3), at=THREE_DAYS).contacts.left_out] == [  # type: ignore[union-attr]
        "just_registered"
    ]


def test_a_full_meeting_is_still_to_be_told_the_names(registration: Registration) -> None:
    Meeting.objects.update(capacity=3)

    assert owe_reminders(at=FOURTEEN_DAYS) == 1


def test_where_no_days_are_chosen_nobody_is_reminded(registration: Registration) -> None:
    Meeting.objects.update(reminder_days=[])

    assert owe_reminders(at=FOURTEEN_DAYS) == 0


def test_the_days_count_back_from_the_deadline_of_the_session_that_they_come_to() -> None:
    meeting = create_meeting(registration_deadline_date=date(2027, 4, 9))
    early = create_session(meeting=meeting, registration_deadline_date=DEADLINE)
    create_seat(registration=create_registration(meeting=meeting, participants=0), session=early)

    assert owe_reminders(at=FOURTEEN_DAYS) == 1
    assert "senest fredag den 5. marts" in OutgoingEmail.objects.get().text


def test_the_days_count_back_from_the_municipalitys_own_deadline(registration: Registration) -> None:
    create_invitation(meeting=registration.meeting, deadline=Moment(date(2027, 3, 19)))

    assert [owe_reminders(at=at) for at in (FOURTEEN_DAYS, FOURTEEN_DAYS + 14 * DAY)] == [0, 1]
    assert "senest fredag den 19. marts" in OutgoingEmail.objects.get().text


def test_around_easter_and_summer_time_it_falls_due_on_the_working_day_before_at_eight(
    registration: Registration,
) -> None:
    Meeting.objects.update(registration_deadline_date=date(2027, 3, 31), reminder_days=[3])

    # Three days before is Easter Sunday, when the clocks go forward: Wednesday before it is a working day.
    wednesday = datetime(2027, 3, 24, 7, 0, tzinfo=UTC)
    assert [owe_reminders(at=at) for at in (wednesday - MINUTE, wednesday)] == [0, 1]


def test_a_moved_deadline_is_reminded_of_anew_and_what_waits_with_the_old_one_is_kept_back(
    registration: Registration,
) -> None:
    owe_reminders(at=THREE_DAYS)
    Meeting.objects.update(registration_deadline_date=DEADLINE + timedelta(weeks=1))

    owed = [owe_reminders(at=at) for at in (THREE_DAYS + HOUR, THREE_DAYS + timedelta(weeks=1))]

    assert owed == [0, 1]
    assert [
        mail.subject[-9:] for mail in OutgoingEmail.objects.filter(of_use_until__gt=THREE_DAYS + DAY)
    ] == ["12. marts"]


def test_one_that_was_just_reminded_is_not_reminded_of_a_deadline_moved_by_a_day(
    registration: Registration,
) -> None:
    owe_reminders(at=THREE_DAYS)
    OutgoingEmail.objects.update(state="sent", sent_at=THREE_DAYS)
    Meeting.objects.update(registration_deadline_date=DEADLINE + DAY)

    assert owe_reminders(at=THREE_DAYS + DAY) == 0


def test_withdrawing_the_last_place_without_a_name_keeps_the_reminder_back(
    registration: Registration,
) -> None:
    owe_reminders(at=FOURTEEN_DAYS)
    first, last = registration.participants.nameless()

    registering.withdraw(first, at=FOURTEEN_DAYS)
    assert len(reminded()) == 1
    registering.withdraw(last, at=FOURTEEN_DAYS)

    assert reminded() == []


def test_naming_the_last_place_keeps_the_reminder_back(registration: Registration) -> None:
    owe_reminders(at=FOURTEEN_DAYS)
    give_names(registration)

    recall_of_named(registration, at=FOURTEEN_DAYS)

    assert reminded() == []


def test_naming_them_by_the_link_keeps_it_back_once_none_is_missing(registration: Registration) -> None:
    owe_reminders(at=FOURTEEN_DAYS)
    for name in ("Ane", "Ida"):
        assert len(reminded()) == 1
        seat = registration.participants.nameless()[0]
        others = [entry for entry in everybody(registration) if entry.participant != seat.pk]
        named = as_it_is(seat, name=name, email=f"{name}@herning.example")
        changing.change(registration, wanted(registration, *others, named), at=FOURTEEN_DAYS)

    assert reminded() == []


def test_what_was_not_kept_back_then_is_when_the_sweep_comes(registration: Registration) -> None:
    owe_reminders(at=FOURTEEN_DAYS)
    give_names(registration)

    owe_reminders(at=FOURTEEN_DAYS + 5 * MINUTE)

    assert reminded() == []


def test_cancelling_the_meeting_keeps_it_back(registration: Registration) -> None:
    owe_reminders(at=FOURTEEN_DAYS)

    cancel_meeting(registration.meeting, at=FOURTEEN_DAYS, by=create_staff())

    assert reminded() == []
    assert owe_reminders(at=THREE_DAYS) == 0


def test_a_pause_holds_it_and_it_goes_out_when_that_ends(registration: Registration) -> None:
    meeting, officer = registration.meeting, create_staff()
    owe_reminders(at=FOURTEEN_DAYS)

    pause(meeting, at=FOURTEEN_DAYS, by=officer)
    held = owe_reminders(at=FOURTEEN_DAYS + HOUR)
    resume(meeting, by=officer)

    assert (held, owe_reminders(at=FOURTEEN_DAYS + 2 * HOUR)) == (0, 1)
    deliver_due(at=FOURTEEN_DAYS + 2 * HOUR)
    assert OutgoingEmail.objects.filter(kind="names_reminder", state="sent").count() == 1


def test_other_days_take_back_what_waits(registration: Registration) -> None:
    owe_reminders(at=FOURTEEN_DAYS)

    change(registration.meeting, {"reminder_days": [3]}, at=FOURTEEN_DAYS, by=create_staff())

    assert reminded() == []


def test_the_calendar_says_when_it_goes_out_and_to_whom(registration: Registration) -> None:
    found = entry(registration.meeting, name(14), at=NOW)

    assert (found.at, found.state.value, found.goes_out_at) == (FOURTEEN_DAYS, "coming", FOURTEEN_DAYS)
    assert found.contacts is not None
    assert [(one.registration, one.seats) for one in found.contacts.unnamed] == [(registration, 2)]


def test_the_calendar_says_nothing_of_names_where_all_are_known(meeting: Meeting) -> None:
    create_registration(meeting=meeting)

    assert [entry.name for entry in calendar(meeting, at=NOW) if entry.is_of_names] == []


def test_the_calendar_keeps_what_was_sent_once_all_names_are_known(registration: Registration) -> None:
    owe_reminders(at=FOURTEEN_DAYS)
    OutgoingEmail.objects.update(state="sent", sent_at=FOURTEEN_DAYS)
    give_names(registration)

    found = [entry for entry in calendar(registration.meeting, at=THREE_DAYS) if entry.is_of_names]

    assert [(entry.at, entry.state.value, entry.tally.sent) for entry in found] == [
        (FOURTEEN_DAYS, "sent", 1)
    ]


def test_the_calendar_says_that_it_is_held_while_paused(registration: Registration) -> None:
    Meeting.objects.update(reminders_paused_at=NOW)

    found = entry(Meeting.objects.get(), name(14), at=NOW)

    assert (found.state.value, found.why) == ("not-sent", "Påmindelserne er sat på pause.")


def test_the_mail_can_be_looked_at_beforehand(registration: Registration) -> None:
    mail = sample_mail(registration.meeting, name(3), at=NOW)

    assert mail is not None
    assert (mail.kind, mail.to) == ("names_reminder", "anne@herning.example")
    assert sample_mail(registration.meeting, "names-4-202703060000", at=NOW) is None
    assert sample_mail(registration.meeting, "names", at=NOW) is None


@pytest.mark.parametrize("count", [1, 4])
def test_many_registrations_take_as_many_queries_as_one(
    meeting: Meeting, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for town in ("Herning", "Viborg", "Skive", "Struer")[:count]:
        municipality = get_municipality(town)
        create_seat(registration=create_registration(meeting=meeting, municipality=municipality))
    fresh = Meeting.objects.prefetch_related("sessions").get(pk=meeting.pk)

    with django_assert_num_queries(5):
        lacking = UnnamedRegistrations(fresh, at=NOW)
        assert [len(lacking.contacts(one).unnamed) for one in lacking.reminders()[0]] == [count] * 2
