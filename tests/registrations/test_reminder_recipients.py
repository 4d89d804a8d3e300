"""Whom a reminder goes to, and who is left out of it: both from what sends it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from invitations.danish import COPENHAGEN
from invitations.models import Dispatch, Letter, Meeting, OutgoingEmail
from registrations.models import Participant
from registrations.reminder_recipients import Addressees
from registrations.reminders import owe_reminders, reminders_of_deadline
from tests.factories import (
    NOW,
    create_decline,
    create_dispatch,
    create_invitation,
    create_letter,
    create_meeting,
    create_participant,
    create_registration,
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
    return create_meeting(
        slug="moede", registration_deadline_date=DEADLINE, hosts=[get_municipality("Viborg")]
    )


def invite(meeting: Meeting, name: str, *, at: datetime | None = None, **fields: object) -> Dispatch:
    invitation = create_invitation(meeting=meeting, municipality=get_municipality(name))
    mailbox = f"{name}@example.dk".lower()
    return create_dispatch(
        **{"invitation": invitation, "mailbox": mailbox, "dispatched_at": at, **fields}  # type: ignore[arg-type]
    )


def reminded() -> list[str]:
    mails = OutgoingEmail.objects.filter(kind__in=["deadline_reminder", "meeting_reminder"])
    return sorted(mails.values_list("to", flat=True))


def left_out(meeting: Meeting, *, days: int = 14, at: datetime = FOURTEEN_DAYS) -> dict[str, list[str]]:
    """By reason the names of those whom the reminder `days` before does not go to."""
    reminder = next(reminder for reminder in reminders_of_deadline(meeting) if reminder.days == days)
    recipients = Addressees(meeting, at=at).recipients(reminder)
    return {
        why.value: [addressee.municipality.name for addressee in addressees]
        for why, addressees in recipients.left_out.items()
    }


def test_each_that_is_left_out_has_its_reason(meeting: Meeting) -> None:
    for name in ("Herning", "Holstebro", "Horsens", "Viborg", "Aarhus", "Skive"):
        invite(meeting, name)
    invite(meeting, "Lemvig", at=FOURTEEN_DAYS - DAY)
    invite(meeting, "Randers", for_orientation=True)
    save_the_date = create_letter(meeting=meeting, kind=Letter.Kind.SAVE_THE_DATE)
    invite(meeting, "Odder", letter=save_the_date)
    create_invitation(meeting=meeting, municipality=get_municipality("Struer"))
    create_registration(meeting=meeting, municipality=get_municipality("Herning"))
    create_decline(meeting=meeting, municipality=get_municipality("Holstebro"))
    create_registration(
        meeting=meeting,
        municipality=get_municipality("Horsens"),
        awaits_match=True,
        mail_municipality=get_municipality("Aarhus"),
    )

    assert left_out(meeting) == {
        "host": ["Viborg"],
        "registered": ["Herning"],
        "declined": ["Holstebro"],
        "unmatched": ["Horsens", "Aarhus"],
        "not_asked": ["Odder", "Struer"],
        "orientation": ["Randers"],
        "just_asked": ["Lemvig"],
    }
    assert owe_reminders(at=FOURTEEN_DAYS) == 1
    assert reminded() == ["skive@example.dk"]


def test_once_matched_the_other_municipality_is_reminded_again(meeting: Meeting) -> None:
    invite(meeting, "Horsens")
    invite(meeting, "Aarhus")
    registration = create_registration(
        meeting=meeting,
        municipality=get_municipality("Horsens"),
        awaits_match=True,
        mail_municipality=get_municipality("Aarhus"),
    )

    waiting = owe_reminders(at=FOURTEEN_DAYS)
    registration.awaits_match = False
    registration.save()
    matched = owe_reminders(at=FOURTEEN_DAYS + HOUR)

    assert (waiting, matched, reminded()) == (0, 1, ["aarhus@example.dk"])


def test_who_signs_up_under_another_name_is_not_sent_what_waits(meeting: Meeting) -> None:
    invite(meeting, "Aarhus")
    owe_reminders(at=FOURTEEN_DAYS)
    create_registration(
        meeting=meeting,
        municipality=get_municipality("Horsens"),
        awaits_match=True,
        mail_municipality=get_municipality("Aarhus"),
    )

    owe_reminders(at=FOURTEEN_DAYS + 5 * MINUTE)

    mail = OutgoingEmail.objects.get(kind="deadline_reminder")
    assert mail.of_use_until == FOURTEEN_DAYS + 5 * MINUTE


@pytest.mark.parametrize(
    ("asked", "count"),
    [(THREE_DAYS - 3 * DAY, 1), (THREE_DAYS - 3 * DAY + MINUTE, 0), (THREE_DAYS + HOUR, 0)],
    ids=["three days before", "a minute less", "after it was due"],
)
@pytest.mark.parametrize(
    "late", [timedelta(0), DAY, 3 * DAY], ids=["in time", "a day late", "on the last day"]
)
@pytest.mark.parametrize("copy_is_being_made", [True, False])
def test_who_was_asked_less_than_three_days_before_is_not_reminded_however_late_it_goes_out(
    meeting: Meeting, asked: datetime, count: int, late: timedelta, copy_is_being_made: bool
) -> None:
    dispatch = invite(meeting, "Holstebro", at=asked)
    if copy_is_being_made:
        Dispatch.objects.filter(pk=dispatch.pk).update(email=None)

    assert owe_reminders(at=THREE_DAYS + late + 2 * HOUR) == count


def test_the_days_are_those_of_the_calendar_when_the_clocks_change() -> None:
    # Summer time ends on Sunday 31 October: from Friday 8.00 to Monday 8.00 are three days, and 73 hours.
    meeting = create_meeting(session=False, registration_deadline_date=date(2027, 11, 4))
    meeting.sessions.create(starts_date=date(2027, 12, 1))
    monday = datetime(2027, 11, 1, 8, 0, tzinfo=COPENHAGEN)
    invite(meeting, "Holstebro", at=monday - 3 * DAY)
    invite(meeting, "Herning", at=monday - 3 * DAY + MINUTE)

    assert owe_reminders(at=monday) == 1
    assert reminded() == ["holstebro@example.dk"]


def test_a_letter_counts_from_when_it_left(meeting: Meeting) -> None:
    dispatch = invite(meeting, "Holstebro", at=NOW)
    OutgoingEmail.objects.filter(dispatches=dispatch).update(state="sent", sent_at=THREE_DAYS - DAY)

    assert owe_reminders(at=THREE_DAYS) == 0
    assert left_out(meeting, days=3, at=THREE_DAYS) == {"just_asked": ["Holstebro"]}


def test_nobody_is_reminded_of_a_letter_that_the_mail_server_does_not_take(meeting: Meeting) -> None:
    dispatch = invite(meeting, "Holstebro", at=NOW)
    OutgoingEmail.objects.filter(dispatches=dispatch).update(last_error="connection refused")

    assert owe_reminders(at=THREE_DAYS) == 0
    assert left_out(meeting, days=3, at=THREE_DAYS) == {"letter_waits": ["Holstebro"]}


def test_each_mailbox_has_three_days_from_its_own_letter(meeting: Meeting) -> None:
    invite(meeting, "Holstebro")
    invite(meeting, "Holstebro", mailbox="borgmester@example.dk", at=FOURTEEN_DAYS - DAY)

    owe_reminders(at=FOURTEEN_DAYS)

    assert reminded() == ["holstebro@example.dk"]
    assert left_out(meeting) == {"just_asked": ["Holstebro"], "just_reminded": ["Holstebro"]}


def test_a_mailbox_that_also_got_a_copy_for_orientation_is_reminded(meeting: Meeting) -> None:
    invite(meeting, "Holstebro", for_orientation=True)
    invite(meeting, "Holstebro", mailbox="HOLSTEBRO@example.dk")

    assert owe_reminders(at=FOURTEEN_DAYS) == 1


def test_who_waits_for_a_place_or_has_no_address_is_not_told_that_the_meeting_is_tomorrow(
    meeting: Meeting,
) -> None:
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, email="bo@example.dk")
    create_participant(registration=registration, email="ida@example.dk", waitlisted_at=NOW)
    guests = create_registration(meeting=meeting, participants=0, guest_kind="speaker")
    speaker = create_participant(registration=guests)
    Participant.objects.filter(pk=speaker.pk).update(email="")
    create_participant(registration=guests, email="formand@kl.example")

    assert owe_reminders(at=DAY_BEFORE) == 2
    assert reminded() == ["bo@example.dk", "formand@kl.example"]
