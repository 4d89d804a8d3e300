"""Many at once for the last places, with a waiting list behind them."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from django.db import connection

from invitations.models import Meeting, OutgoingEmail
from registrations import registering, waiting_list
from registrations.models import CalendarInvitation, Participant, Registration
from tests.delegations import make_delegation
from tests.factories import NOW, create_meeting
from tests.registrations.test_registering_at_once import at_once
from tests.waiting import move_up, person, placed, sign_up_waiting

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is: SQLite lets one write at a time, and gives the others up at last."""
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 300)


@pytest.mark.usefixtures("patience")
def test_a_hundred_who_want_twenty_places_leave_eighty_waiting_in_order() -> None:
    meeting = create_meeting(capacity=20)
    delegations = [make_delegation(meeting, waits=True) for _ in range(100)]

    outcome = at_once(
        *(partial(registering.register, meeting, delegation, at=NOW) for delegation in delegations)
    )

    assert outcome == {"done": 100}
    assert (Participant.objects.active().count(), Registration.objects.count()) == (20, 100)
    numbers = [row.number for row in waiting_list.queue(meeting, at=NOW)]
    waiting = [row.participant.pk for row in waiting_list.queue(meeting, at=NOW)]
    assert numbers == list(range(1, 81))
    # Who came first has a place, and who came first after that is first in the queue.
    assert waiting == sorted(Participant.objects.values_list("pk", flat=True))[20:]
    identities = Counter(Participant.objects.values_list("name", "email", "session"))
    assert set(identities.values()) == {1}
    kinds = Counter(OutgoingEmail.objects.values_list("kind", flat=True))
    assert kinds == {"receipt": 100, "calendar": 20, "waiting_list": 80}


def test_one_place_that_comes_free_goes_to_who_waits_whoever_else_is_there_at_the_time() -> None:
    meeting = create_meeting(capacity=2)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla", "Dan")
    leaving = person("Ane")

    at_once(
        partial(registering.withdraw, leaving, at=NOW),
        partial(sign_up_waiting, meeting, "Eva"),
        partial(sign_up_waiting, meeting, "Finn"),
        partial(move_up, meeting),
        partial(waiting_list.move_up_everywhere, at=NOW),
        partial(registering.register, meeting, make_delegation(meeting), at=NOW),
    )

    assert placed(meeting) == ["Bo", "Cilla"]
    queue = [row.participant.name for row in waiting_list.queue(meeting, at=NOW)]
    assert (queue[0], sorted(queue[1:])) == ("Dan", ["Eva", "Finn"])
    assert CalendarInvitation.objects.filter(participant__name="Cilla").count() == 1


def test_places_that_were_added_are_given_away_once_by_however_many_look() -> None:
    meeting = create_meeting(capacity=1)
    sign_up_waiting(meeting, "Ane", "Bo", "Cilla", "Dan")
    Meeting.objects.update(capacity=3)

    at_once(*[partial(move_up, meeting)] * 8)

    assert placed(meeting) == ["Ane", "Bo", "Cilla"]
    assert OutgoingEmail.objects.filter(key__startswith="moved-up:").count() == 1
    assert OutgoingEmail.objects.filter(kind="calendar").count() == 3
