"""Twelve months after a meeting nobody is known any more who took part; the numbers stay."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.test import Client
from time_machine import Traveller

from invitations.danish import COPENHAGEN
from invitations.history import record
from invitations.models import Mail, Meeting, OutgoingEmail
from registrations import erasing, registering, tasks
from registrations.ledger import LedgerRow, ledger
from registrations.models import Answer, CalendarInvitation, Decline, Participant, Registration
from registrations.participant_lists import Selection, entries, totals
from tests.delegations import make_attendee, make_delegation
from tests.factories import (
    NOW,
    create_answer,
    create_decline,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_participant,
    create_question,
    create_registration,
    create_seat,
    create_session,
    create_staff,
    get_municipality,
)
from tests.pages import page_text

pytestmark = pytest.mark.django_db

# The meeting of the factories is on 15 April 2027.
DUE = datetime(2028, 4, 15, 0, 0, tzinfo=COPENHAGEN)


def held_meeting() -> Meeting:
    """A meeting to which two came from Herning, registered by the real verb; Aarhus has declined.

    All texts about people hold `ZZ`.
    """
    meeting = create_meeting(slug="gammelt-moede")
    question, session = create_question(meeting=meeting), meeting.sessions.get()
    invitation = create_invitation(meeting=meeting)
    create_dispatch(invitation=invitation)
    delegation = make_delegation(
        meeting,
        participants=(
            make_attendee(session=session, name="ZZ Bo", email="zz.bo@herning.example", title="ZZ"),
            make_attendee(session=session, name="ZZ Ida", email="zz.ida@herning.example"),
        ),
        contact_name="ZZ Anne",
        contact_email="zz.anne@herning.example",
        contact_phone="ZZ",
        topics="ZZ",
    )
    registration = registering.register(meeting, delegation, invitation=invitation, staff_note="ZZ", at=NOW)
    create_answer(registration=registration, question=question, text="ZZ")
    decline = create_decline(
        meeting=meeting,
        municipality=get_municipality("Aarhus"),
        contact_name="ZZ",
        contact_email="zz@aarhus.example",
        note="ZZ",
        staff_note="ZZ",
    )
    for row in (registration, registration.participants.all()[0], decline, OutgoingEmail.objects.last()):
        assert row
        record(row, "ZZ", by=create_staff(username=f"staff-{type(row).__name__}"))
    OutgoingEmail.objects.exclude(kind="letter").update(state="sent", sent_at=NOW)
    return meeting


def remains() -> list[str]:
    """The tables in which something about people is left."""
    models = (Registration, Participant, Decline, Answer, CalendarInvitation, OutgoingEmail, LogEntry)
    return [
        f"{model.__name__}.{field}"
        for model in models
        for row in model._default_manager.values()
        for field, value in row.items()
        # Secrets are made at random.
        if field not in ("token", "message_id") and "zz" in str(value).casefold()
    ]


def row_of(meeting: Meeting, name: str) -> LedgerRow:
    return next(row for row in ledger(meeting).rows if row.municipality.name == name)


def test_nothing_is_left_of_people_and_the_ledger_counts_them_still() -> None:
    meeting = held_meeting()
    before = row_of(meeting, "Herning"), row_of(meeting, "Aarhus")
    assert {place.partition(".")[0] for place in remains()} == {
        *("Registration", "Participant", "Decline", "Answer", "OutgoingEmail", "LogEntry")
    }

    erasing.erase_what_is_due(at=DUE)

    after = row_of(meeting, "Herning"), row_of(meeting, "Aarhus")
    assert remains() == []
    assert [(row.state, row.registered, row.nameless, row.answered_at) for row in after] == [
        (row.state, row.registered, row.nameless, row.answered_at) for row in before
    ]
    assert (after[0].registered, after[0].nameless, after[1].state) == (2, 0, "declined")
    assert totals(meeting).nameless == 0
    assert {entry.called for entry in entries(meeting, Selection())} == {"Slettet"}
    assert Meeting.objects.get().people_erased_at == DUE


def test_what_went_to_role_mailboxes_stays() -> None:
    meeting = held_meeting()
    for kind, key in (
        ("deadline_reminder", "deadline:1"),
        ("cancellation", f"cancellation:{meeting.pk}:office:1"),
        ("cancellation", f"cancellation:{meeting.pk}:contact:1"),
        ("test", "test:1"),
    ):
        owe(meeting, kind=kind, key=key)
    OutgoingEmail.objects.update(state="sent", sent_at=NOW)

    erasing.erase_what_is_due(at=DUE)

    kept = OutgoingEmail.objects.order_by("kind").values_list("kind", "key")
    assert [kind for kind, _key in kept] == ["cancellation", "deadline_reminder", "letter"]
    assert kept[0][1].endswith(":office:1")


@pytest.mark.parametrize(
    ("at", "is_due"),
    [
        pytest.param(DUE - timedelta(minutes=1), False, id="the evening before"),
        pytest.param(DUE, True, id="the day itself"),
    ],
)
def test_the_last_day_of_the_meeting_counts(at: datetime, is_due: bool) -> None:
    meeting = create_meeting(session=False)
    create_session(meeting=meeting, starts_date=DUE.replace(year=2026).date())
    create_session(meeting=meeting, starts_date=DUE.replace(year=2027).date())
    registration = create_registration(meeting=meeting)

    erasing.erase_what_is_due(at=at)

    registration.refresh_from_db()
    assert registration.is_erased is is_due


def test_a_leap_day_is_the_last_of_february_of_other_years() -> None:
    create_session(meeting=create_meeting(session=False), starts_date=date(2027, 2, 28))

    at = datetime(2028, 2, 29, tzinfo=COPENHAGEN)

    assert erasing.due_meetings(at=at).count() == 1
    assert erasing.due_meetings(at=at.replace(month=2, day=27)).count() == 0


def test_who_is_killed_half_way_goes_on_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = create_meeting()
    for _number in range(5):
        create_registration(meeting=meeting, participants=2)
    monkeypatch.setattr(erasing, "_BATCH", 2)
    erase = erasing._erase
    calls = iter(range(100))

    def killed(rows: Any, *, at: datetime) -> int:
        # In the midst of the second batch.
        if next(calls) == 8:
            raise KeyboardInterrupt
        return erase(rows, at=at)

    monkeypatch.setattr(erasing, "_erase", killed)
    with pytest.raises(KeyboardInterrupt):
        erasing.erase_what_is_due(at=DUE)

    def erased() -> tuple[int, int]:
        return (
            Registration.objects.filter(contact_name="", erased_at=DUE).count(),
            Participant.objects.filter(name="", erased_at=DUE).count(),
        )

    half = erased(), Meeting.objects.get().people_erased_at

    erasing.erase_what_is_due(at=DUE)

    assert half == ((2, 4), None)
    assert (erased(), Meeting.objects.get().people_erased_at) == ((5, 10), DUE)


def test_what_comes_later_goes_with_the_next_call_and_a_mail_only_once_it_has_left() -> None:
    meeting = create_meeting()
    erasing.erase_what_is_due(at=DUE)
    owe(meeting, kind="message", key="message:1")

    waiting = erasing.erase_what_is_due(at=DUE + timedelta(hours=1))
    OutgoingEmail.objects.update(state="sent", sent_at=DUE)
    OutgoingEmail.objects.get().resend(at=DUE)
    sent = erasing.erase_what_is_due(at=DUE + timedelta(hours=2))

    assert (waiting.total(), sent) == (0, {OutgoingEmail: 1})
    assert OutgoingEmail.objects.get().state == "owed"
    assert Meeting.objects.get().people_erased_at == DUE + timedelta(hours=2)


def test_the_schedule_erases(clock: Traveller) -> None:
    create_registration(participants=2)
    clock.move_to(DUE)

    # A registration and two participants.
    assert tasks.erase_people() == 3
    assert tasks.erase_people() == 0


def test_the_command_counts_first_and_then_erases_the_same(clock: Traveller) -> None:
    held_meeting()
    clock.move_to(DUE)

    def said(*arguments: str) -> list[str]:
        output = StringIO()
        call_command("erase_people", *arguments, stdout=output)
        return output.getvalue().splitlines()

    trial, done, again = said("--dry-run"), said(), said()

    assert sorted(trial[:-1]) == sorted(done)
    assert trial[-1] == "Intet er slettet: Det var en prøve."
    assert "Deltagere: 2" in done
    assert again == ["Intet skal slettes."]


@pytest.mark.parametrize("page", ["", "/ret", "/afmeld", "/svar"])
def test_a_contacts_link_leads_to_a_page_that_says_so(client: Client, page: str) -> None:
    registration = create_registration(erased_at=NOW, contact_name="", contact_email="")
    create_question(meeting=registration.meeting)

    response = client.get(f"/kvittering/{registration.token}{page}")

    assert response.status_code == 410
    assert (
        "Oplysningerne er slettet Linket var rigtigt, men mødet blev holdt for mere end 12 måneder siden."
        in page_text(response)
    )


@pytest.mark.parametrize("page", ["", "/ret", "/afmeld", "/behov"])
def test_so_does_a_participants_own(client: Client, page: str) -> None:
    participant = create_participant(name="", email="", erased_at=NOW)

    response = (
        client.post(f"/deltager/{participant.token}{page}")
        if page
        else client.get(f"/deltager/{participant.token}")
    )

    assert response.status_code == 410


def test_staff_see_on_the_old_meeting_when_and_can_write_nothing_back(
    client: Client, clock: Traveller
) -> None:
    meeting = held_meeting()
    clock.move_to(DUE)
    erasing.erase_what_is_due(at=DUE)
    client.force_login(create_staff())
    registration = Registration.objects.get()

    pages = [
        page_text(client.get(f"/admin/invitations/meeting/{meeting.pk}/{page}"))
        for page in ("change/", "ledger/", "ledger/0657/", "participants/", "events/")
    ]
    written = client.post(
        f"/admin/registrations/registration/{registration.pk}/change/", {"contact_name": "X"}
    )

    sentence = "Oplysningerne om personer blev slettet 15. april 2028. Tallene står tilbage."
    assert [sentence in page for page in pages] == [True] * 5
    assert "2 deltagere tilmeldt." in pages[2]
    assert written.status_code == 403


def test_the_notice_says_what_is_erased_and_what_stays(client: Client) -> None:
    text = page_text(client.get("/privatliv"))

    assert "12 måneder efter mødets sidste dag sletter vi alt, hvad vi ved om dem" in text
    assert "Tilbage står kun det, der ikke handler om personer" in text


def test_a_place_whose_name_never_came_is_counted_as_one_until_then() -> None:
    registration = create_registration(participants=0)
    create_seat(registration=registration)

    before = row_of(registration.meeting, "Herning").nameless
    erasing.erase_what_is_due(at=DUE)

    assert (before, row_of(registration.meeting, "Herning").nameless) == (1, 0)


def owe(meeting: Meeting, *, kind: str, key: str) -> None:
    mail = Mail(key=key, kind=kind, about=meeting.slug, to="a@b.example", subject="", text="", html="")
    OutgoingEmail.objects.owe([mail], at=NOW)
