"""The secretariat's own words in reminders."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, OutgoingEmail
from registrations.reminder_samples import sample_mail
from registrations.reminders import owe_reminders
from registrations.reminding import change
from tests.factories import (
    create_dispatch,
    create_invitation,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_staff,
    create_theme,
    get_municipality,
)

pytestmark = pytest.mark.django_db

FOURTEEN_DAYS = datetime(2027, 2, 19, 8, 0, tzinfo=COPENHAGEN)
DAY_BEFORE = datetime(2027, 4, 14, 8, 0, tzinfo=COPENHAGEN)
MINUTE = timedelta(minutes=1)
WORDS = "Kære alle\n\nVi mødes den {date}.\nTag <kaffe> & *kage* med: https://kl.dk/kage"


def create_silent_meeting(**fields: object) -> Meeting:
    meeting = create_meeting(registration_deadline_date=date(2027, 3, 5), **fields)  # type: ignore[arg-type]
    create_dispatch(invitation=create_invitation(meeting=meeting))
    return meeting


def reminder(kind: str = "deadline_reminder") -> OutgoingEmail:
    return OutgoingEmail.objects.filter(kind=kind).latest("pk")


def test_own_words_stand_above_the_facts_as_they_were_typed() -> None:
    create_silent_meeting(reminder_text=WORDS)

    owe_reminders(at=FOURTEEN_DAYS)

    mail = reminder()
    assert mail.text.splitlines()[1:8] == [
        "Tilmeld jer eller meld afbud senest fredag den 5. marts.",
        "",
        "Kære alle",
        "",
        "Vi mødes den 15. april 2027.",
        "Tag <kaffe> & *kage* med: https://kl.dk/kage",
        "",
    ]
    paragraphs = [line.strip() for line in mail.html.splitlines() if "Kære" in line or "kaffe" in line]
    assert paragraphs == [
        '<p style="margin: 0 0 16px">Kære alle</p>',
        '<p style="margin: 0 0 16px">Vi mødes den 15. april 2027.<br>Tag &lt;kaffe&gt; &amp; *kage* med: '
        '<a href="https://kl.dk/kage" rel="nofollow">https://kl.dk/kage</a></p>',
    ]
    assert mail.html.index("kaffe") < mail.html.index("Dato og tid")
    assert mail.text.index("kaffe") < mail.text.index("Dato og tid")


def test_own_words_name_the_municipality_that_the_reminder_goes_to() -> None:
    meeting = create_silent_meeting(reminder_text="Kære {municipality}")
    viborg = create_invitation(meeting=meeting, municipality=get_municipality("Viborg"))
    create_dispatch(invitation=viborg)

    owe_reminders(at=FOURTEEN_DAYS)

    mails = OutgoingEmail.objects.filter(kind="deadline_reminder").order_by("to")
    assert [mail.text.splitlines()[3] for mail in mails] == ["Kære Herning Kommune", "Kære Viborg Kommune"]


def test_the_reminder_of_the_meeting_has_its_own_words() -> None:
    meeting = create_meeting(reminder_text="Om fristen", meeting_reminder_text="Husk {city}.")
    create_registration(meeting=meeting)

    owe_reminders(at=DAY_BEFORE)

    mail = reminder("meeting_reminder")
    assert mail.text.splitlines()[1:4] == ["", "Husk Herning.", ""]
    assert "Husk Herning." in mail.html
    assert "Om fristen" not in mail.text + mail.html


def test_without_own_words_nothing_stands_in_their_place() -> None:
    create_silent_meeting()

    owe_reminders(at=FOURTEEN_DAYS)

    assert reminder().text.splitlines()[1:4] == [
        "Tilmeld jer eller meld afbud senest fredag den 5. marts.",
        "",
        "Dato og tid: Torsdag den 15. april 2027 kl. 17-19",
    ]


def test_words_that_the_meeting_has_outgrown_are_left_out_and_the_reminder_goes() -> None:
    meeting = create_silent_meeting(reminder_text="Vi mødes den {date}.")
    meeting.sessions.create(starts_date=date(2027, 4, 22))

    assert owe_reminders(at=FOURTEEN_DAYS) == 1
    assert "Vi mødes" not in reminder().text


def test_a_change_is_in_the_history_with_old_and_new() -> None:
    meeting = create_silent_meeting()

    change(
        meeting,
        {"reminder_days": [7, 1], "reminder_text": "Kom nu", "meeting_reminder_text": ""},
        at=FOURTEEN_DAYS,
        by=create_staff(),
    )

    meeting.refresh_from_db()
    assert (meeting.reminder_days, meeting.reminder_text) == ([7, 1], "Kom nu")
    assert LogEntry.objects.get().get_change_message().splitlines() == [
        "Ændrede påmindelser, dage før fristen fra “14, 3” til “7, 1”.",
        "Ændrede egne ord i påmindelsen om fristen fra ingenting til “Kom nu”.",
    ]


def test_a_change_that_changes_nothing_is_in_no_history() -> None:
    meeting = create_silent_meeting()

    change(meeting, {"reminder_days": [14, 3]}, at=FOURTEEN_DAYS, by=create_staff())

    assert LogEntry.objects.count() == 0


def test_what_waits_goes_out_with_the_new_words_once() -> None:
    meeting = create_silent_meeting()
    owe_reminders(at=FOURTEEN_DAYS)

    change(meeting, {"reminder_text": "Nye ord"}, at=FOURTEEN_DAYS + MINUTE, by=create_staff())
    owed = [owe_reminders(at=FOURTEEN_DAYS + number * 5 * MINUTE) for number in (1, 2)]

    mails = OutgoingEmail.objects.filter(kind="deadline_reminder")
    assert owed == [1, 0]
    assert [mail.of_use_until == FOURTEEN_DAYS + MINUTE for mail in mails.order_by("pk")] == [True, False]
    assert "Nye ord" in reminder().text


def test_a_day_that_is_taken_off_takes_back_what_waits() -> None:
    meeting = create_silent_meeting()
    owe_reminders(at=FOURTEEN_DAYS)

    change(meeting, {"reminder_days": [3]}, at=FOURTEEN_DAYS + MINUTE, by=create_staff())

    assert owe_reminders(at=FOURTEEN_DAYS + 5 * MINUTE) == 0
    assert reminder().of_use_until == FOURTEEN_DAYS + MINUTE


def test_the_sample_is_the_mail_that_is_sent() -> None:
    meeting = create_silent_meeting(reminder_text=WORDS, meeting_reminder_text="Husk det.")
    theme = create_theme(item=create_programme_item(meeting=meeting))
    registration = create_registration(
        meeting=meeting, municipality=get_municipality("Aarhus"), participants=0
    )
    create_participant(registration=registration, themes=[theme])
    session = meeting.sessions.get()

    for name, kind, at in (
        ("deadline-14", "deadline_reminder", FOURTEEN_DAYS),
        (f"session-{session.pk}", "meeting_reminder", DAY_BEFORE),
    ):
        said = sample_mail(meeting, name, at=FOURTEEN_DAYS - MINUTE)
        owe_reminders(at=at)
        mail = reminder(kind)
        assert said is not None
        assert (said.to, said.to_name, said.subject, said.text, said.html) == (
            mail.to,
            mail.to_name,
            mail.subject,
            mail.text,
            mail.html,
        )


def test_before_anybody_is_invited_the_sample_is_to_somebody_made_up() -> None:
    meeting = create_meeting(published_at=None)
    session = meeting.sessions.get()

    mails = [
        sample_mail(meeting, name, at=DAY_BEFORE) for name in ("deadline-3", "now", f"session-{session.pk}")
    ]

    assert [mail and mail.to for mail in mails] == [
        "udvalg@kommune.example",
        "udvalg@kommune.example",
        "bo@kommune.example",
    ]


@pytest.mark.parametrize("name", ["deadline-4", "session-0", "deadline-", "noget", "session-x"])
def test_there_is_no_sample_of_what_is_not_in_the_calendar(name: str) -> None:
    assert sample_mail(create_meeting(), name, at=DAY_BEFORE) is None
