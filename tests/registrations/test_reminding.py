"""What the secretariat does about reminders: pauses them, lets them go on, sends one now."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import F

from invitations.danish import COPENHAGEN
from invitations.mail import deliver_due
from invitations.models import Meeting, OutgoingEmail
from registrations.reminders import owe_reminders, paused_meetings
from registrations.reminding import (
    RecipientsChangedError,
    Reminded,
    candidates,
    fingerprint,
    pause,
    remind_now,
    resume,
)
from tests.factories import (
    create_decline,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_participant,
    create_registration,
    create_staff,
    get_municipality,
)

pytestmark = pytest.mark.django_db

# A Friday; reminders fall due on Friday two weeks before, and on the Tuesday before it.
DEADLINE = date(2027, 3, 5)
FOURTEEN_DAYS = datetime(2027, 2, 19, 8, 0, tzinfo=COPENHAGEN)
THREE_DAYS = datetime(2027, 3, 2, 8, 0, tzinfo=COPENHAGEN)
DAY_BEFORE = datetime(2027, 4, 14, 8, 0, tzinfo=COPENHAGEN)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
TOKEN = uuid.UUID(int=1)


@pytest.fixture
def meeting() -> Meeting:
    meeting = create_meeting(
        slug="moede", registration_deadline_date=DEADLINE, hosts=[get_municipality("Viborg")]
    )
    for name in ("Herning", "Holstebro", "Viborg"):
        invite(meeting, name)
    return meeting


@pytest.fixture
def officer() -> User:
    return create_staff()


def invite(meeting: Meeting, name: str, *, at: datetime | None = None) -> None:
    invitation = create_invitation(meeting=meeting, municipality=get_municipality(name))
    create_dispatch(invitation=invitation, mailbox=f"{name}@example.dk".lower(), dispatched_at=at)
    OutgoingEmail.objects.filter(kind="letter").update(state="sent", sent_at=F("owed_at"))


def send(
    meeting: Meeting,
    names: Collection[str],
    *,
    at: datetime,
    by: User,
    token: uuid.UUID = TOKEN,
    seen: str | None = None,
) -> Reminded:
    """Press the button of a page that has just been made."""
    codes = [get_municipality(name).code for name in names]
    chosen = [candidate for candidate in candidates(meeting, at=at) if candidate.code in codes]
    seen = fingerprint(chosen) if seen is None else seen
    return remind_now(meeting, codes, token=token, seen=seen, at=at, by=by)


def deliver(at: datetime) -> list[str]:
    """Let everything leave that is waiting; return to whom reminders went just now."""
    before = set(OutgoingEmail.objects.filter(state="sent").values_list("pk", flat=True))
    deliver_due(at=at)
    sent = OutgoingEmail.objects.filter(state="sent").exclude(pk__in=before)
    return sorted(sent.values_list("to", flat=True))


def defaults(meeting: Meeting, *, at: datetime) -> list[str]:
    return [
        candidate.addressee.municipality.name
        for candidate in candidates(meeting, at=at)
        if candidate.is_chosen_by_default
    ]


def history() -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


# Pause and resume.


def test_while_paused_nothing_is_owed_of_either_kind(meeting: Meeting, officer: User) -> None:
    create_registration(meeting=meeting, municipality=get_municipality("Aarhus"))

    pause(meeting, at=FOURTEEN_DAYS - DAY, by=officer)

    assert [owe_reminders(at=at) for at in (FOURTEEN_DAYS, THREE_DAYS, DAY_BEFORE)] == [0, 0, 0]


def test_what_has_not_left_is_kept_back_by_a_pause(meeting: Meeting, officer: User) -> None:
    owe_reminders(at=FOURTEEN_DAYS)

    pause(meeting, at=FOURTEEN_DAYS + MINUTE, by=officer)

    assert deliver(FOURTEEN_DAYS + 2 * MINUTE) == []
    assert history() == ["Satte påmindelserne på pause. 2 mails blev holdt tilbage."]


@pytest.mark.parametrize("delivered", [True, False], ids=["dropped meanwhile", "still waiting"])
def test_what_was_kept_back_goes_out_after_resuming_once(
    meeting: Meeting, officer: User, delivered: bool
) -> None:
    owe_reminders(at=FOURTEEN_DAYS)
    pause(meeting, at=FOURTEEN_DAYS + MINUTE, by=officer)
    if delivered:
        deliver(FOURTEEN_DAYS + 2 * MINUTE)
    resume(meeting, by=officer)

    owed = [owe_reminders(at=FOURTEEN_DAYS + HOUR), owe_reminders(at=FOURTEEN_DAYS + 2 * HOUR)]

    assert owed == [2, 0]
    assert deliver(FOURTEEN_DAYS + 3 * HOUR) == ["herning@example.dk", "holstebro@example.dk"]


def test_who_got_it_before_the_pause_does_not_get_it_again(meeting: Meeting, officer: User) -> None:
    owe_reminders(at=FOURTEEN_DAYS)
    deliver(FOURTEEN_DAYS)
    pause(meeting, at=FOURTEEN_DAYS + MINUTE, by=officer)
    resume(meeting, by=officer)

    assert owe_reminders(at=FOURTEEN_DAYS + HOUR) == 0


def test_after_a_long_pause_one_reminder_goes_out_and_not_all_that_were_missed(
    meeting: Meeting, officer: User
) -> None:
    Meeting.objects.update(reminder_days=[30, 14, 7, 3])
    pause(meeting, at=datetime(2027, 1, 20, 12, 0, tzinfo=COPENHAGEN), by=officer)
    resume(meeting, by=officer)

    owed = [owe_reminders(at=THREE_DAYS + 2 * HOUR + number * 5 * MINUTE) for number in range(20)]

    assert owed == [2] + [0] * 19


@pytest.mark.parametrize("resumed", [FOURTEEN_DAYS + 4 * DAY, datetime(2027, 3, 8, 9, tzinfo=COPENHAGEN)])
def test_what_is_of_no_use_any_more_is_not_made_up_for(
    meeting: Meeting, officer: User, resumed: datetime
) -> None:
    pause(meeting, at=FOURTEEN_DAYS - DAY, by=officer)
    resume(meeting, by=officer)

    assert owe_reminders(at=resumed) == 0


def test_who_was_invited_during_the_pause_is_not_nagged_when_it_ends(meeting: Meeting, officer: User) -> None:
    pause(meeting, at=FOURTEEN_DAYS, by=officer)
    invite(meeting, "Skive", at=THREE_DAYS - HOUR)
    resume(meeting, by=officer)

    owe_reminders(at=THREE_DAYS + HOUR)

    assert deliver(THREE_DAYS + HOUR) == ["herning@example.dk", "holstebro@example.dk"]


def test_pausing_and_resuming_twice_is_once(meeting: Meeting, officer: User) -> None:
    done = [pause(meeting, at=FOURTEEN_DAYS + number * HOUR, by=officer) for number in range(2)]
    done += [resume(meeting, by=officer) for _ in range(2)]

    assert done == [True, False, True, False]
    assert history() == ["Satte påmindelserne på pause.", "Genoptog påmindelserne."]


def test_the_meetings_to_come_whose_reminders_are_paused_can_be_listed(
    meeting: Meeting, officer: User
) -> None:
    cancelled, running = create_meeting(), create_meeting()
    for paused in (meeting, cancelled):
        pause(paused, at=FOURTEEN_DAYS, by=officer)
    cancelled.cancel(at=FOURTEEN_DAYS)

    assert list(paused_meetings(at=FOURTEEN_DAYS)) == [meeting]
    assert list(paused_meetings(at=DAY_BEFORE + 2 * DAY)) == []
    assert running.reminders_paused_at is None


# Send one now.


def test_the_silent_are_reminded_at_once_whatever_the_hour(meeting: Meeting, officer: User) -> None:
    sunday_evening = datetime(2027, 2, 14, 21, 0, tzinfo=COPENHAGEN)

    sent = send(meeting, ["Herning", "Holstebro"], at=sunday_evening, by=officer)

    assert sent == Reminded(mails=2, municipalities=2, before=0)
    assert deliver(sunday_evening) == ["herning@example.dk", "holstebro@example.dk"]
    assert history() == ["Sendte 2 påmindelser om fristen manuelt."]
    mail = OutgoingEmail.objects.get(to="herning@example.dk", kind="deadline_reminder")
    assert mail.subject == "Påmindelse: Tilmeldingsfristen er fredag den 5. marts"


def test_a_form_sent_twice_sends_once_and_another_form_sends_again(meeting: Meeting, officer: User) -> None:
    at = FOURTEEN_DAYS - 5 * DAY
    first = send(meeting, ["Herning"], at=at, by=officer)
    second = send(meeting, ["Herning"], at=at + MINUTE, by=officer)
    other = send(meeting, ["Herning"], at=at + HOUR, by=officer, token=uuid.UUID(int=2))

    assert [first, second, other] == [Reminded(1, 1, 0), Reminded(0, 0, 1), Reminded(1, 1, 0)]


def test_hosts_those_just_invited_and_those_just_reminded_are_chosen_only_by_hand(
    meeting: Meeting, officer: User
) -> None:
    at = FOURTEEN_DAYS - 5 * DAY
    invite(meeting, "Skive", at=at - 3 * DAY)
    invite(meeting, "Lemvig", at=at - 3 * DAY + MINUTE)
    send(meeting, ["Herning"], at=at - DAY, by=officer)

    assert [candidate.addressee.municipality.name for candidate in candidates(meeting, at=at)] == [
        "Herning",
        "Holstebro",
        "Lemvig",
        "Skive",
        "Viborg",
    ]
    assert defaults(meeting, at=at) == ["Holstebro", "Skive"]
    assert send(meeting, ["Viborg", "Lemvig"], at=at, by=officer, token=uuid.UUID(int=2)).mails == 2


def test_who_has_answered_or_waits_to_be_matched_cannot_be_chosen(meeting: Meeting, officer: User) -> None:
    for name in ("Skive", "Lemvig", "Struer"):
        invite(meeting, name)
    create_registration(meeting=meeting, municipality=get_municipality("Herning"))
    create_decline(meeting=meeting, municipality=get_municipality("Holstebro"))
    create_registration(
        meeting=meeting,
        municipality=get_municipality("Skive"),
        awaits_match=True,
        mail_municipality=get_municipality("Lemvig"),
    )

    sent = send(
        meeting,
        ["Herning", "Holstebro", "Skive", "Lemvig", "Struer"],
        at=FOURTEEN_DAYS - 5 * DAY,
        by=officer,
    )

    assert sent.mails == 1
    assert deliver(FOURTEEN_DAYS - 5 * DAY) == ["struer@example.dk"]


@pytest.mark.parametrize("change", ["an answer", "a reminder"])
def test_nothing_is_sent_where_those_chosen_are_not_what_the_page_said(
    meeting: Meeting, officer: User, change: str
) -> None:
    at = FOURTEEN_DAYS - 5 * DAY
    seen = fingerprint(
        [candidate for candidate in candidates(meeting, at=at) if not candidate.is_host],
    )
    if change == "an answer":
        create_registration(meeting=meeting, municipality=get_municipality("Herning"))
    else:
        send(meeting, ["Herning"], at=at, by=officer, token=uuid.UUID(int=2))

    with pytest.raises(RecipientsChangedError):
        send(meeting, ["Herning", "Holstebro"], at=at + MINUTE, by=officer, seen=seen)

    assert OutgoingEmail.objects.filter(key__endswith=f"now:{TOKEN}").count() == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"published_at": None}, "Mødet er ikke offentliggjort endnu."),
        ({"cancelled_at": FOURTEEN_DAYS}, "Mødet er aflyst."),
        ({"registration": "none"}, "Der er ikke tilmelding til mødet."),
        ({"registration_opens_date": DEADLINE}, "Tilmeldingen er ikke åbnet endnu."),
        ({"registration_deadline_date": date(2027, 2, 1)}, "Tilmeldingen er lukket."),
        ({"capacity": 1}, "Der er ikke flere ledige pladser."),
        ({"reminders_paused_at": FOURTEEN_DAYS}, "Påmindelserne er sat på pause."),
    ],
)
def test_it_is_refused_where_nobody_can_answer(
    meeting: Meeting, officer: User, change: dict[str, object], sentence: str
) -> None:
    create_registration(meeting=meeting, municipality=get_municipality("Aarhus"))
    Meeting.objects.filter(pk=meeting.pk).update(**change)

    with pytest.raises(ValidationError) as refusal:
        send(meeting, ["Herning"], at=FOURTEEN_DAYS, by=officer)

    assert refusal.value.messages == [sentence]


@pytest.mark.parametrize(
    ("sent", "scheduled"),
    [
        # The reminder falls due on a Tuesday.
        (THREE_DAYS - HOUR, 0),
        (THREE_DAYS - DAY, 0),
        (datetime(2027, 2, 28, 22, 0, tzinfo=COPENHAGEN), 0),
        (datetime(2027, 2, 26, 12, 0, tzinfo=COPENHAGEN), 1),
    ],
    ids=["that morning", "on Monday", "on Sunday", "on Friday"],
)
@pytest.mark.parametrize("late", [timedelta(0), DAY, 3 * DAY])
def test_the_scheduled_reminder_does_not_go_on_top_of_one_sent_by_hand(
    meeting: Meeting, officer: User, sent: datetime, scheduled: int, late: timedelta
) -> None:
    send(meeting, ["Herning"], at=sent, by=officer)

    owe_reminders(at=THREE_DAYS + late)

    mails = OutgoingEmail.objects.filter(kind="deadline_reminder", owed_at=THREE_DAYS + late)
    assert mails.filter(to="herning@example.dk").count() == scheduled
    assert mails.filter(to="holstebro@example.dk").count() == 1


def test_an_answer_takes_back_what_was_sent_by_hand_and_has_not_left(meeting: Meeting, officer: User) -> None:
    send(meeting, ["Herning", "Holstebro"], at=FOURTEEN_DAYS - 5 * DAY, by=officer)
    create_participant(
        registration=create_registration(meeting=meeting, municipality=get_municipality("Herning"))
    )

    owe_reminders(at=FOURTEEN_DAYS - 5 * DAY + MINUTE)

    assert deliver(FOURTEEN_DAYS - 5 * DAY + 2 * MINUTE) == ["holstebro@example.dk"]


# The deadline is moved.


def test_moving_the_deadline_moves_what_is_to_come_and_keeps_back_what_waits(meeting: Meeting) -> None:
    owe_reminders(at=FOURTEEN_DAYS)
    meeting.registration_deadline_date = DEADLINE + 3 * DAY
    meeting.save()

    # The new one falls due on the Monday after.
    owed = [owe_reminders(at=FOURTEEN_DAYS + late) for late in (5 * MINUTE, 3 * DAY)]

    assert owed == [0, 2]
    assert deliver(FOURTEEN_DAYS + 3 * DAY) == ["herning@example.dk", "holstebro@example.dk"]
    left = OutgoingEmail.objects.filter(kind="deadline_reminder", state="sent")
    assert {mail.subject for mail in left} == {"Påmindelse: Tilmeldingsfristen er mandag den 8. marts"}


@pytest.mark.parametrize(
    ("days", "owed_on"),
    [
        (0, [THREE_DAYS]),
        # Fourteen days before the new deadline is the next working day: they have just been reminded.
        (3, [THREE_DAYS + 3 * DAY]),
        (7, [FOURTEEN_DAYS + 7 * DAY, THREE_DAYS + 7 * DAY]),
        (14, [FOURTEEN_DAYS + 14 * DAY, THREE_DAYS + 14 * DAY]),
        # The last one before the new deadline would go out late: they have just been reminded.
        (-12, []),
    ],
)
def test_after_a_move_the_new_reminders_go_out_at_their_times_and_nobody_gets_two_on_a_day(
    meeting: Meeting, days: int, owed_on: list[datetime]
) -> None:
    owe_reminders(at=FOURTEEN_DAYS)
    deliver(FOURTEEN_DAYS)
    meeting.registration_deadline_date = DEADLINE + days * DAY
    meeting.save()

    mornings = [FOURTEEN_DAYS + number * DAY + MINUTE for number in range(40)]
    owed = {at - MINUTE: count for at in mornings if (count := owe_reminders(at=at))}

    assert owed == dict.fromkeys(owed_on, 2)


def test_a_sessions_own_deadline_moves_them_too(meeting: Meeting) -> None:
    meeting.sessions.update(registration_deadline_date=DEADLINE + 7 * DAY)

    assert owe_reminders(at=THREE_DAYS) == 0
    assert owe_reminders(at=THREE_DAYS + 7 * DAY) == 2


def test_a_reminder_of_the_meeting_that_waits_with_the_old_time_is_not_sent(meeting: Meeting) -> None:
    create_registration(meeting=meeting, municipality=get_municipality("Aarhus"), participants=2)
    owe_reminders(at=DAY_BEFORE)
    meeting.sessions.update(starts_date=date(2027, 4, 22))

    owe_reminders(at=DAY_BEFORE + 5 * MINUTE)

    assert deliver(DAY_BEFORE + 6 * MINUTE) == []
    assert owe_reminders(at=DAY_BEFORE + 7 * DAY) == 2
