from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, OutgoingEmail
from registrations import registering
from registrations.models import Decline, Participant
from registrations.refusals import StillRegisteredError, TooLateError
from tests.delegations import make_delegation
from tests.factories import (
    NOW,
    create_invitation,
    create_meeting,
    create_participant,
    create_registration,
    get_municipality,
)

pytestmark = pytest.mark.django_db

AFTERWARDS = datetime(2027, 4, 15, 19, tzinfo=COPENHAGEN)


def mails(kind: str) -> int:
    return OutgoingEmail.objects.filter(kind=kind).count()


def test_withdrawing_takes_the_meeting_out_of_the_participants_calendar() -> None:
    meeting = create_meeting()
    participant = registering.register(meeting, make_delegation(meeting), at=NOW).participants.get()

    withdrawn = registering.withdraw(participant, at=NOW + timedelta(days=1))

    assert withdrawn is True
    assert Participant.objects.get().withdrawn_at == NOW + timedelta(days=1)
    assert list(OutgoingEmail.objects.exclude(calendar="").values_list("calendar_method", flat=True)) == [
        "REQUEST",
        "CANCEL",
    ]


def test_withdrawing_twice_is_harmless() -> None:
    meeting = create_meeting()
    participant = registering.register(meeting, make_delegation(meeting), at=NOW).participants.get()
    registering.withdraw(participant, at=NOW)
    owed = OutgoingEmail.objects.count()

    again = registering.withdraw(Participant.objects.get(), at=NOW + timedelta(days=1))

    assert again is False
    assert Participant.objects.get().withdrawn_at == NOW
    assert OutgoingEmail.objects.count() == owed


def test_nobody_withdraws_from_a_meeting_that_is_over() -> None:
    participant = create_participant()

    with pytest.raises(TooLateError):
        registering.withdraw(participant, at=AFTERWARDS)

    assert Participant.objects.get().withdrawn_at is None


def test_nobody_withdraws_from_a_meeting_that_was_cancelled_in_between() -> None:
    participant = create_participant()
    Meeting.objects.get(pk=participant.registration.meeting_id).cancel(at=NOW)

    with pytest.raises(TooLateError):
        registering.withdraw(participant, at=NOW)

    assert Participant.objects.get().withdrawn_at is None


def test_declining_notes_who_said_it_and_owes_a_receipt() -> None:
    invitation = create_invitation()

    decline = registering.decline(
        invitation, contact_name="Anne", contact_email="anne@herning.example", note="Vi har byråd", at=NOW
    )

    assert (decline.meeting, decline.municipality) == (invitation.meeting, invitation.municipality)
    assert (decline.contact_name, decline.contact_email) == ("Anne", "anne@herning.example")
    assert (decline.note, decline.declined_at, decline.undone_at) == ("Vi har byråd", NOW, None)
    assert mails("decline") == 1


def test_declining_needs_no_contact_and_then_owes_nothing() -> None:
    registering.decline(create_invitation(), at=NOW)

    assert Decline.objects.count() == 1
    assert OutgoingEmail.objects.count() == 0


def test_declining_twice_is_one_decline_and_one_receipt() -> None:
    invitation = create_invitation()
    first = registering.decline(invitation, contact_email="anne@herning.example", at=NOW)

    second = registering.decline(invitation, contact_email="anne@herning.example", at=NOW + timedelta(days=1))

    assert second == first
    assert mails("decline") == 1


def test_a_municipality_whose_people_are_registered_cannot_decline() -> None:
    invitation = create_invitation()
    create_registration(meeting=invitation.meeting, participants=3)

    with pytest.raises(StillRegisteredError) as refusal:
        registering.decline(invitation, at=NOW)

    assert refusal.value.participants == 3
    assert Decline.objects.count() == 0


def test_another_municipalitys_people_keep_nobody_from_declining() -> None:
    invitation = create_invitation()
    create_registration(meeting=invitation.meeting, municipality=get_municipality("Viborg"))

    registering.decline(invitation, at=NOW)

    assert Decline.objects.count() == 1


def test_it_withdraws_everybody_first_where_asked_to() -> None:
    invitation = create_invitation()
    meeting = invitation.meeting
    registering.register(meeting, make_delegation(meeting, people=2), invitation=invitation, at=NOW)
    others = create_registration(meeting=meeting, municipality=get_municipality("Viborg"))

    registering.decline(invitation, withdraw_participants=True, at=NOW)

    assert list(Participant.objects.active()) == list(others.participants.all())
    assert OutgoingEmail.objects.filter(calendar_method="CANCEL").count() == 2
    assert Decline.objects.get().municipality == invitation.municipality


def test_registering_after_a_decline_and_declining_again_are_answers_of_their_own() -> None:
    invitation = create_invitation()
    meeting = invitation.meeting
    registering.decline(invitation, at=NOW)
    registering.register(
        meeting, make_delegation(meeting), invitation=invitation, at=NOW + timedelta(hours=1)
    )

    registering.decline(invitation, withdraw_participants=True, at=NOW + timedelta(hours=2))

    assert list(Decline.objects.order_by("pk").values_list("declined_at", "undone_at")) == [
        (NOW, NOW + timedelta(hours=1)),
        (NOW + timedelta(hours=2), None),
    ]


def test_nobody_declines_a_meeting_that_is_over_or_cancelled() -> None:
    invitation = create_invitation()
    with pytest.raises(TooLateError):
        registering.decline(invitation, at=AFTERWARDS)
    invitation.meeting.cancel(at=NOW)

    with pytest.raises(TooLateError):
        registering.decline(invitation, at=NOW)

    assert Decline.objects.count() == 0
