"""A municipality with a later deadline of its own is reminded of that one, and not of the others'."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError

from invitations.danish import COPENHAGEN, Moment
from invitations.models import Invitation, Meeting, OutgoingEmail
from registrations.reminder_calendar import calendar
from registrations.reminder_entries import Entry
from registrations.reminder_samples import sample_mail
from registrations.reminders import owe_reminders
from registrations.reminding import Reminded, candidates, fingerprint, remind_now
from tests.factories import (
    NOW,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_registration,
    create_staff,
    get_municipality,
)

pytestmark = pytest.mark.django_db

# Fridays; reminders fall due on Friday two weeks before, and on the Tuesday before them.
DEADLINE, LATER = date(2027, 3, 5), date(2027, 3, 19)
FOURTEEN_DAYS = datetime(2027, 2, 19, 8, 0, tzinfo=COPENHAGEN)
THREE_DAYS = datetime(2027, 3, 2, 8, 0, tzinfo=COPENHAGEN)
FORTNIGHT, DAY, HOUR = timedelta(weeks=2), timedelta(days=1), timedelta(hours=1)
OWN = "202703200000"


@pytest.fixture
def meeting() -> Meeting:
    """Herning has a later deadline, Holstebro the general one."""
    meeting = create_meeting(slug="moede", registration_deadline_date=DEADLINE)
    invite(meeting, "Herning", deadline=Moment(LATER))
    invite(meeting, "Holstebro")
    return meeting


def invite(meeting: Meeting, name: str, *, deadline: Moment | None = None) -> Invitation:
    invitation = create_invitation(meeting=meeting, municipality=get_municipality(name), deadline=deadline)
    create_dispatch(invitation=invitation, mailbox=f"{name}@example.dk".lower())
    OutgoingEmail.objects.filter(kind="letter").update(state="sent", sent_at=NOW - 7 * DAY)
    return invitation


def reminded() -> list[tuple[str, str]]:
    """Who is reminded, and what the subject says."""
    mails = OutgoingEmail.objects.filter(kind="deadline_reminder").exclude(state="dropped").order_by("pk")
    return [(mail.to.partition("@")[0], mail.subject.rpartition("er ")[2]) for mail in mails]


def owe(*times: datetime) -> None:
    for at in times:
        owe_reminders(at=at)
        OutgoingEmail.objects.filter(state="owed").update(state="sent", sent_at=at)


def entries(meeting: Meeting, *, at: datetime = NOW) -> dict[str, Entry]:
    return {entry.name: entry for entry in calendar(meeting, at=at) if entry.deadline}


def test_each_is_reminded_of_the_deadline_that_holds_for_it(meeting: Meeting) -> None:
    owe(FOURTEEN_DAYS, THREE_DAYS, FOURTEEN_DAYS + FORTNIGHT, THREE_DAYS + FORTNIGHT)

    assert reminded() == [
        ("holstebro", "fredag den 5. marts"),
        ("holstebro", "fredag den 5. marts"),
        ("herning", "fredag den 19. marts"),
        ("herning", "fredag den 19. marts"),
    ]


def test_a_deadline_with_a_clock_time_is_named_with_it(meeting: Meeting) -> None:
    Invitation.objects.filter(deadline_date=LATER).update(deadline_time=time(12))

    owe(FOURTEEN_DAYS + FORTNIGHT)

    assert ("herning", "fredag den 19. marts kl. 12.00") in reminded()


def test_municipalities_with_different_deadlines_get_reminders_with_keys_of_their_own(
    meeting: Meeting,
) -> None:
    invite(meeting, "Skive", deadline=Moment(LATER))
    invite(meeting, "Viborg", deadline=Moment(LATER + DAY))

    owe(THREE_DAYS + FORTNIGHT, THREE_DAYS + FORTNIGHT + DAY)

    mails = OutgoingEmail.objects.filter(kind="deadline_reminder").order_by("key")
    assert [mail.key.split(":", 3)[3] for mail in mails] == [
        "herning@example.dk:2027-03-20T00:00:00+01:00:3",
        "skive@example.dk:2027-03-20T00:00:00+01:00:3",
        "viborg@example.dk:2027-03-21T00:00:00+01:00:3",
    ]


def test_what_waits_with_the_general_deadline_is_kept_back_when_a_later_one_is_given(
    meeting: Meeting,
) -> None:
    owe_reminders(at=FOURTEEN_DAYS)
    Invitation.objects.filter(municipality=get_municipality("Holstebro")).update(deadline_date=LATER)

    owe_reminders(at=FOURTEEN_DAYS + HOUR)

    kept_back = OutgoingEmail.objects.get(kind="deadline_reminder")
    assert (kept_back.to, kept_back.of_use_until) == ("holstebro@example.dk", FOURTEEN_DAYS + HOUR)


def test_taken_back_the_general_deadline_is_reminded_of_again(meeting: Meeting) -> None:
    owe(FOURTEEN_DAYS)
    Invitation.objects.update(deadline_date=None)

    owe(FOURTEEN_DAYS + HOUR)

    assert [name for name, _words in reminded()] == ["holstebro", "herning"]


def test_one_that_has_answered_is_not_reminded_of_its_own_deadline_either(meeting: Meeting) -> None:
    create_registration(meeting=meeting)

    owe(FOURTEEN_DAYS + FORTNIGHT, THREE_DAYS + FORTNIGHT)

    assert [name for name, _words in reminded()] == ["holstebro"]


def test_one_that_was_just_reminded_of_the_general_deadline_is_not_reminded_of_its_own_next_day() -> None:
    meeting = create_meeting(registration_deadline_date=DEADLINE)
    invite(meeting, "Herning")
    owe(THREE_DAYS)
    Invitation.objects.update(deadline_date=DEADLINE + DAY)

    owe(THREE_DAYS + DAY)

    assert len(reminded()) == 1


def test_a_meeting_that_is_full_reminds_nobody_of_an_own_deadline(meeting: Meeting) -> None:
    Meeting.objects.update(capacity=1)
    create_registration(meeting=meeting, municipality=get_municipality("Viborg"))

    owe(FOURTEEN_DAYS + FORTNIGHT)

    assert reminded() == []


def test_the_calendar_tells_them_apart(meeting: Meeting) -> None:
    found = entries(meeting)

    to = {
        name: [mailbox.municipality.name for mailbox in entry.recipients.mailboxes]
        for name, entry in found.items()
        if entry.recipients
    }
    assert to == {
        "deadline-14": ["Holstebro"],
        "deadline-3": ["Holstebro"],
        f"deadline-14-{OWN}": ["Herning"],
        f"deadline-3-{OWN}": ["Herning"],
    }
    general = found["deadline-14"].recipients
    assert general is not None
    assert {why.value: [one.municipality.name for one in some] for why, some in general.left_out.items()} == {
        "own_deadline": ["Herning"]
    }
    assert found[f"deadline-14-{OWN}"].at == FOURTEEN_DAYS + FORTNIGHT


def test_the_mail_of_an_own_deadline_can_be_looked_at_beforehand(meeting: Meeting) -> None:
    mail = sample_mail(meeting, f"deadline-14-{OWN}", at=NOW)

    assert mail is not None
    assert (mail.to, mail.subject) == (
        "herning@example.dk",
        "Påmindelse: Tilmeldingsfristen er fredag den 19. marts",
    )


def remind(meeting: Meeting, at: datetime) -> Reminded:
    chosen = candidates(meeting, at=at)
    codes = [candidate.code for candidate in chosen]
    seen = fingerprint(chosen)
    return remind_now(meeting, codes, token=uuid.uuid4(), seen=seen, at=at, by=create_staff())


def test_by_hand_each_is_told_the_deadline_that_holds_for_it(meeting: Meeting) -> None:
    remind(meeting, NOW)

    assert reminded() == [("herning", "fredag den 19. marts"), ("holstebro", "fredag den 5. marts")]


def test_after_the_general_deadline_only_those_with_a_later_one_are_reminded_by_hand(
    meeting: Meeting,
) -> None:
    Meeting.objects.update(reminder_days=[])
    meeting.refresh_from_db()
    at = datetime(2027, 3, 8, 9, tzinfo=COPENHAGEN)

    assert remind(meeting, at).municipalities == 1
    assert reminded() == [("herning", "fredag den 19. marts")]
    with pytest.raises(ValidationError):
        remind_now(
            meeting, [], token=uuid.uuid4(), seen="", at=at + FORTNIGHT, by=create_staff(username="anden")
        )
