from __future__ import annotations

import pytest

from invitations.models import Meeting
from registrations.ledger import silent_invitations
from registrations.models import Decline
from tests.factories import (
    NOW,
    create_decline,
    create_invitation,
    create_meeting,
    create_registration,
    get_municipality,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting() -> Meeting:
    """To which Aarhus, Herning and Ærø are invited."""
    meeting = create_meeting()
    for name in ("Aarhus", "Herning", "Ærø"):
        create_invitation(meeting=meeting, municipality=get_municipality(name))
    return meeting


def silent(meeting: Meeting) -> list[str]:
    return [invitation.municipality.name for invitation in silent_invitations(meeting)]


def test_all_are_silent_at_first_in_danish_order(meeting: Meeting) -> None:
    assert silent(meeting) == ["Herning", "Ærø", "Aarhus"]


def test_who_has_registered_has_answered(meeting: Meeting) -> None:
    create_registration(meeting=meeting, municipality=get_municipality("Herning"))

    assert silent(meeting) == ["Ærø", "Aarhus"]


def test_who_has_withdrawn_all_has_answered(meeting: Meeting) -> None:
    registration = create_registration(meeting=meeting, municipality=get_municipality("Herning"))
    for participant in registration.participants.all():
        participant.withdraw(at=NOW)

    assert silent(meeting) == ["Ærø", "Aarhus"]


def test_who_has_declined_has_answered_until_it_is_undone(meeting: Meeting) -> None:
    herning = get_municipality("Herning")
    create_decline(meeting=meeting, municipality=herning)

    while_it_stands = silent(meeting)
    Decline.undo(meeting, herning, at=NOW)

    assert while_it_stands == ["Ærø", "Aarhus"]
    assert silent(meeting) == ["Herning", "Ærø", "Aarhus"]


def test_an_answer_to_another_meeting_is_none(meeting: Meeting) -> None:
    create_registration(meeting=create_meeting(), municipality=get_municipality("Herning"))
    create_decline(meeting=create_meeting(), municipality=get_municipality("Ærø"))

    assert silent(meeting) == ["Herning", "Ærø", "Aarhus"]


def test_a_registration_without_a_municipality_answers_for_nobody(meeting: Meeting) -> None:
    registration = create_registration(meeting=meeting)
    type(registration).objects.update(municipality=None, guest_kind="speaker")

    assert silent(meeting) == ["Herning", "Ærø", "Aarhus"]
