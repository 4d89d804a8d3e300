"""What the secretariat answers for a municipality: bound by the meeting, not by its deadlines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User

from invitations.danish import COPENHAGEN
from invitations.models import OutgoingEmail
from registrations import on_behalf, registering
from registrations.availability import State, availability
from registrations.models import Decline, Participant, Registration
from registrations.refusals import (
    RegistrationNotOpenError,
    RegistrationRefusedError,
    SessionFull,
    StillRegisteredError,
    ThemeFull,
    TooLateError,
    TooManyOfMunicipality,
    TooManyParticipants,
)
from tests.delegations import END_OF_DEADLINE, make_attendee, make_delegation
from tests.factories import (
    MEETING_DAY,
    NOW,
    create_decline,
    create_invitation,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)

pytestmark = pytest.mark.django_db

AFTERWARDS = datetime(2027, 4, 15, 19, tzinfo=COPENHAGEN)


@pytest.fixture
def officer() -> User:
    return create_staff()


def history() -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


def mails(kind: str) -> int:
    return OutgoingEmail.objects.filter(kind=kind).count()


def test_staff_register_with_a_note_and_all_mails_go_as_usual(officer: User) -> None:
    meeting = create_meeting()

    registration = on_behalf.register(
        meeting, make_delegation(meeting, people=2), staff_note="Ringede mandag", by=officer, at=NOW
    )

    assert (registration.entered_by, registration.staff_note) == (officer, "Ringede mandag")
    assert registration.invitation is None
    assert (mails("receipt"), mails("calendar")) == (1, 2)
    assert history() == ["2 deltagere tilmeldt på kommunens vegne."]


def test_neither_the_opening_nor_a_deadline_binds_staff(officer: User) -> None:
    later = create_meeting(registration_opens_date=MEETING_DAY - timedelta(days=40))
    over = create_meeting()

    on_behalf.register(later, make_delegation(later), by=officer, at=NOW)
    on_behalf.register(over, make_delegation(over), by=officer, at=END_OF_DEADLINE + timedelta(days=3))

    assert Registration.objects.count() == 2


@pytest.mark.parametrize(
    ("state", "fields"),
    [(State.DRAFT, {"published_at": None}), (State.NO_FORM, {"registration": "none"})],
)
def test_nobody_is_registered_for_a_draft_or_where_there_is_no_form(
    officer: User, state: State, fields: dict[str, Any]
) -> None:
    meeting = create_meeting(**fields)

    with pytest.raises(RegistrationNotOpenError) as refusal:
        on_behalf.register(meeting, make_delegation(meeting), by=officer, at=NOW)

    assert refusal.value.availability.state == state
    assert history() == []


def test_nobody_is_registered_once_the_meeting_is_over_or_cancelled(officer: User) -> None:
    meeting = create_meeting()
    with pytest.raises(RegistrationNotOpenError):
        on_behalf.register(meeting, make_delegation(meeting), by=officer, at=AFTERWARDS)
    meeting.cancel(at=NOW)

    with pytest.raises(RegistrationNotOpenError):
        on_behalf.register(meeting, make_delegation(meeting), by=officer, at=NOW)

    assert Registration.objects.count() == 0


def test_a_session_that_has_been_held_takes_nobody(officer: User) -> None:
    meeting = create_meeting()
    create_session(meeting=meeting, starts_date=MEETING_DAY + timedelta(days=7))

    places = availability(meeting, at=AFTERWARDS, for_staff=True)

    assert [here.accepts_answers for here in places.sessions] == [False, True]
    with pytest.raises(RegistrationRefusedError):
        on_behalf.register(meeting, make_delegation(meeting), overrule=True, by=officer, at=AFTERWARDS)


@pytest.mark.parametrize(
    ("fields", "problem", "limit"),
    [
        ({"capacity": 1}, TooManyParticipants, "mødets pladser"),
        ({"max_per_municipality": 1}, TooManyOfMunicipality, "pladserne pr. kommune"),
    ],
)
def test_places_bind_staff_too_unless_they_overrule_and_then_it_is_history(
    officer: User, fields: dict[str, Any], problem: type, limit: str
) -> None:
    meeting = create_meeting(**fields)
    delegation = make_delegation(meeting, people=2)

    with pytest.raises(RegistrationRefusedError) as refusal:
        on_behalf.register(meeting, delegation, by=officer, at=NOW)
    on_behalf.register(meeting, delegation, overrule=True, by=officer, at=NOW)

    assert [type(found) for found in refusal.value.problems] == [problem]
    assert Participant.objects.active().count() == 2
    assert history() == [f"2 deltagere tilmeldt på kommunens vegne. Flere, end der er plads til: {limit}."]


def test_a_full_meeting_session_or_theme_can_be_overruled(officer: User) -> None:
    meeting = create_meeting()
    free = create_session(meeting=meeting, starts_date=MEETING_DAY + timedelta(days=7))
    theme = create_theme(item=create_programme_item(meeting=meeting), capacity=1)
    create_theme(item=theme.item)
    session = meeting.sessions.all()[0]
    meeting.sessions.filter(pk=session.pk).update(capacity=1)
    create_participant(registration=create_registration(meeting=meeting, participants=0), themes=[theme])
    people = [make_attendee(session=session, themes=[theme])]
    delegation = make_delegation(meeting, participants=people)

    with pytest.raises(RegistrationRefusedError) as refusal:
        on_behalf.register(meeting, delegation, by=officer, at=NOW)
    on_behalf.register(meeting, delegation, overrule=True, by=officer, at=NOW)

    assert {type(found) for found in refusal.value.problems} == {SessionFull, ThemeFull}
    assert "mødegangens pladser, temaets pladser" in history()[0]
    assert free.participants.count() == 0


def test_what_is_not_about_places_is_never_overruled(officer: User) -> None:
    meeting = create_meeting()
    create_theme(item=create_programme_item(meeting=meeting))

    with pytest.raises(RegistrationRefusedError):
        on_behalf.register(meeting, make_delegation(meeting), overrule=True, by=officer, at=NOW)

    assert Registration.objects.count() == 0


def test_a_municipality_overrules_nothing() -> None:
    meeting = create_meeting(capacity=1)

    with pytest.raises(RegistrationRefusedError):
        registering.register(meeting, make_delegation(meeting, people=2), overrule=True, at=NOW)


def test_the_same_form_twice_is_one_registration_and_one_line_of_history(officer: User) -> None:
    meeting = create_meeting(capacity=1)
    delegation = make_delegation(meeting, people=2)

    first = on_behalf.register(meeting, delegation, overrule=True, by=officer, at=NOW)
    second = on_behalf.register(meeting, delegation, overrule=True, by=officer, at=NOW + timedelta(minutes=1))

    assert first == second
    assert (mails("receipt"), len(history())) == (1, 1)


def test_registering_undoes_the_decline(officer: User) -> None:
    decline = create_decline()

    on_behalf.register(decline.meeting, make_delegation(decline.meeting), by=officer, at=NOW)

    decline.refresh_from_db()
    assert decline.undone_at == NOW


def test_staff_decline_for_a_municipality_that_was_never_invited(officer: User) -> None:
    meeting = create_meeting()

    decline, is_new = on_behalf.decline(
        meeting, get_municipality("Ærø"), staff_note="Pr. telefon", note="Byråd", by=officer, at=NOW
    )

    assert (is_new, decline.entered_by, decline.staff_note, decline.note) == (
        True,
        officer,
        "Pr. telefon",
        "Byråd",
    )
    assert (meeting.invitations.count(), OutgoingEmail.objects.count()) == (0, 0)
    assert history() == ["Meldte afbud på kommunens vegne."]


def test_the_receipt_says_that_the_secretariat_has_signed_them_up(officer: User) -> None:
    meeting = create_meeting()

    on_behalf.register(meeting, make_delegation(meeting), by=officer, at=NOW)

    mail = OutgoingEmail.objects.get(kind="receipt")
    for words in (
        "Vi har tilmeldt jer politisk møde i Region Midtjylland den",
        "fordi KL har tilmeldt deltagere til et møde med dig, Anne Sekretær, som kontaktperson.",
    ):
        assert words in mail.text
        assert words in " ".join(mail.html.split())


def test_declining_twice_is_one_decline_one_receipt_and_one_line_of_history(officer: User) -> None:
    meeting, herning = create_meeting(), get_municipality()

    answers = [
        on_behalf.decline(meeting, herning, contact_email="anne@herning.example", by=officer, at=NOW)
        for _ in range(2)
    ]

    assert [is_new for _decline, is_new in answers] == [True, False]
    assert (Decline.objects.count(), mails("decline"), len(history())) == (1, 1, 1)


def test_declining_withdraws_those_who_are_registered_only_where_asked_to(officer: User) -> None:
    meeting, herning = create_meeting(), get_municipality()
    invitation = create_invitation(meeting=meeting)
    registering.register(meeting, make_delegation(meeting, people=2), invitation=invitation, at=NOW)

    with pytest.raises(StillRegisteredError):
        on_behalf.decline(meeting, herning, by=officer, at=NOW)
    on_behalf.decline(meeting, herning, withdraw_participants=True, by=officer, at=NOW)

    assert (Participant.objects.active().count(), mails("withdrawal")) == (0, 2)


def test_nobody_declines_a_meeting_that_is_over(officer: User) -> None:
    with pytest.raises(TooLateError):
        on_behalf.decline(create_meeting(), get_municipality(), by=officer, at=AFTERWARDS)

    assert history() == []


def test_a_decline_that_was_a_mistake_is_undone_once(officer: User) -> None:
    decline = create_decline()
    meeting, herning = decline.meeting, decline.municipality

    undone = [on_behalf.undo_decline(meeting, herning, by=officer, at=NOW) for _ in range(2)]

    decline.refresh_from_db()
    assert undone == [True, False]
    assert (decline.undone_at, history(), OutgoingEmail.objects.count()) == (NOW, ["Fortrød afbuddet."], 0)
