"""The meeting at real size that tests of pages build on is what it says it is."""

from __future__ import annotations

import pytest

from invitations.models import Dispatch, Office
from registrations.ledger import silent_invitations
from registrations.models import CalendarInvitation, Decline, Participant
from tests.large_meeting import create_large_meeting


@pytest.mark.django_db
def test_a_large_meeting_has_five_offices_a_municipality_and_as_many_participants_as_wanted() -> None:
    meeting = create_large_meeting(participants=500)

    assert Office.objects.count() == Dispatch.objects.count() == 490
    assert Participant.objects.active().of_meeting(meeting).count() == 500
    assert CalendarInvitation.objects.count() == 500
    assert Decline.objects.count() == 10
    assert silent_invitations(meeting).count() == 18
