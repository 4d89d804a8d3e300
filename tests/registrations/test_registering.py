from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, OutgoingEmail
from registrations import registering
from registrations.availability import State
from registrations.models import Answer, Decline, Participant, Registration, ThemeChoice
from registrations.refusals import (
    AlreadySentError,
    RegistrationNotOpenError,
)
from tests.delegations import END_OF_DEADLINE, make_attendee, make_delegation, state_when_refused
from tests.factories import (
    NOW,
    create_decline,
    create_invitation,
    create_meeting,
    create_participant,
    create_programme_item,
    create_question,
    create_registration,
    create_theme,
    get_municipality,
)

pytestmark = pytest.mark.django_db


def test_it_writes_down_everything_that_was_typed() -> None:
    meeting = create_meeting()
    session = meeting.sessions.get()
    theme = create_theme(item=create_programme_item(meeting=meeting))
    question = create_question(meeting=meeting)
    invitation = create_invitation(meeting=meeting)
    delegation = make_delegation(
        meeting,
        committee="Børneudvalget",
        contact_phone="12345678",
        topics="Skolestart\nog trivsel",
        answers=((question, "Det hele"),),
        participants=[
            make_attendee(
                session=session, name="Bo", email="bo@herning.example", title="Formand", themes=[theme]
            ),
            make_attendee(session=session, name="Kis", email="kis@herning.example", themes=[theme]),
        ],
    )

    registration = registering.register(meeting, delegation, invitation=invitation, at=NOW)

    assert (registration.meeting, registration.municipality) == (meeting, get_municipality("Herning"))
    assert (registration.invitation, registration.registered_at) == (invitation, NOW)
    assert registration.committee == "Børneudvalget"
    assert (registration.contact_name, registration.contact_email, registration.contact_phone) == (
        "Anne Sekretær",
        "anne@herning.example",
        "12345678",
    )
    assert registration.topics == "Skolestart\nog trivsel"
    assert list(registration.participants.values_list("name", "title", "email", "session", "position")) == [
        ("Bo", "Formand", "bo@herning.example", session.pk, 0),
        ("Kis", "", "kis@herning.example", session.pk, 1),
    ]
    assert list(ThemeChoice.objects.values_list("participant__name", "theme").order_by("pk")) == [
        ("Bo", theme.pk),
        ("Kis", theme.pk),
    ]
    assert list(Answer.objects.values_list("registration", "question", "text")) == [
        (registration.pk, question.pk, "Det hele")
    ]


def test_it_owes_a_receipt_and_a_calendar_invitation_to_each_participant() -> None:
    meeting = create_meeting()

    registering.register(meeting, make_delegation(meeting, people=2), at=NOW)

    assert sorted(OutgoingEmail.objects.values_list("kind", flat=True)) == ["calendar", "calendar", "receipt"]


def test_it_undoes_the_municipalitys_decline_and_nobody_elses() -> None:
    meeting = create_meeting()
    mine = create_decline(meeting=meeting)
    other = create_decline(meeting=meeting, municipality=get_municipality("Viborg"))

    registering.register(
        meeting, make_delegation(meeting), invitation=create_invitation(meeting=meeting), at=NOW
    )

    assert Decline.objects.get(pk=mine.pk).undone_at == NOW
    assert Decline.objects.get(pk=other.pk).undone_at is None


def test_the_same_form_sent_twice_is_one_registration_and_one_receipt() -> None:
    meeting = create_meeting()
    theme = create_theme(item=create_programme_item(meeting=meeting))
    attendee = make_attendee(session=meeting.sessions.get(), themes=[theme])
    delegation = make_delegation(
        meeting, participants=[attendee], answers=((create_question(meeting=meeting), "Ja"),)
    )

    first = registering.register(meeting, delegation, at=NOW)
    second = registering.register(meeting, delegation, at=NOW + timedelta(hours=1))

    assert second == first
    assert Participant.objects.count() == 1
    assert OutgoingEmail.objects.filter(kind="receipt").count() == 1


def test_the_same_form_is_recognised_once_registration_has_closed_and_somebody_has_withdrawn() -> None:
    meeting = create_meeting(capacity=1)
    delegation = make_delegation(meeting)
    first = registering.register(meeting, delegation, at=NOW)
    registering.withdraw(first.participants.get(), at=NOW)

    second = registering.register(meeting, delegation, at=END_OF_DEADLINE)

    assert second == first


def test_the_same_form_with_other_words_is_refused_and_leads_to_what_was_sent() -> None:
    meeting = create_meeting()
    delegation = make_delegation(meeting)
    first = registering.register(meeting, delegation, at=NOW)

    with pytest.raises(AlreadySentError) as refusal:
        registering.register(meeting, replace(delegation, topics="Noget andet"), at=NOW)

    assert refusal.value.registration == first
    assert Registration.objects.get().topics == ""


def test_the_same_form_for_another_meeting_is_refused() -> None:
    delegation = make_delegation(create_meeting())
    registering.register(delegation.participants[0].session.meeting, delegation, at=NOW)
    other = create_meeting()

    with pytest.raises(AlreadySentError):
        registering.register(other, make_delegation(other, submission_key=delegation.submission_key), at=NOW)


def test_a_draft_takes_nobody() -> None:
    assert state_when_refused(create_meeting(published_at=None)) == State.DRAFT


def test_a_meeting_that_was_cancelled_in_between_takes_nobody() -> None:
    meeting = create_meeting()
    stale = Meeting.objects.get(pk=meeting.pk)
    meeting.cancel(at=NOW)

    assert state_when_refused(stale) == State.CANCELLED


def test_a_meeting_without_a_form_takes_nobody() -> None:
    assert state_when_refused(create_meeting(registration="none")) == State.NO_FORM


def test_a_meeting_takes_nobody_before_it_opens() -> None:
    meeting = create_meeting(registration_opens_date=date(2027, 2, 10), registration_opens_time=time(9))

    just_before = datetime(2027, 2, 10, 8, 59, 59, tzinfo=COPENHAGEN)

    assert state_when_refused(meeting, at=just_before) == State.NOT_YET_OPEN


def test_a_meeting_takes_registrations_from_the_moment_it_opens() -> None:
    meeting = create_meeting(registration_opens_date=date(2027, 2, 10), registration_opens_time=time(9))

    registering.register(meeting, make_delegation(meeting), at=datetime(2027, 2, 10, 9, tzinfo=COPENHAGEN))

    assert Registration.objects.count() == 1


def test_the_deadlines_day_counts_to_its_last_second() -> None:
    meeting = create_meeting()

    registering.register(meeting, make_delegation(meeting), at=END_OF_DEADLINE - timedelta(seconds=1))

    assert Registration.objects.count() == 1


def test_midnight_after_the_deadline_is_too_late() -> None:
    assert state_when_refused(create_meeting(), at=END_OF_DEADLINE) == State.CLOSED


def test_without_a_deadline_answers_are_taken_until_the_meeting_starts() -> None:
    meeting = create_meeting(registration_deadline_date=None)
    start = datetime(2027, 4, 15, 17, tzinfo=COPENHAGEN)

    registering.register(meeting, make_delegation(meeting), at=start - timedelta(seconds=1))

    with pytest.raises(RegistrationNotOpenError):
        registering.register(meeting, make_delegation(meeting), at=start)


def test_a_meeting_that_is_over_takes_nobody_whatever_its_deadline_says() -> None:
    meeting = create_meeting(registration_deadline_date=date(2027, 4, 15))

    assert state_when_refused(meeting, at=datetime(2027, 4, 15, 19, tzinfo=COPENHAGEN)) == State.OVER


def test_a_full_meeting_takes_nobody() -> None:
    meeting = create_meeting(capacity=1)
    create_registration(meeting=meeting)

    with pytest.raises(RegistrationNotOpenError) as refusal:
        registering.register(meeting, make_delegation(meeting), at=NOW)

    assert refusal.value.availability.state == State.FULL


def test_those_who_have_withdrawn_take_no_place() -> None:
    meeting = create_meeting(capacity=1)
    create_participant(registration=create_registration(meeting=meeting, participants=0), withdrawn_at=NOW)

    registering.register(meeting, make_delegation(meeting), at=NOW)

    assert Participant.objects.active().count() == 1


def test_what_goes_wrong_on_the_way_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = create_meeting()

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("registrations.receipts.owe_calendar_requests", refuse)

    with pytest.raises(RuntimeError):
        registering.register(meeting, make_delegation(meeting), at=NOW)

    assert (Registration.objects.count(), Participant.objects.count(), OutgoingEmail.objects.count()) == (
        0,
        0,
        0,
    )
