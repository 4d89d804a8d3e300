"""A deadline that is given or taken back at the same moment as something else, with a thread each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection

from invitations.danish import Moment
from invitations.models import Invitation
from registrations import registering
from registrations.models import Registration
from registrations.own_deadlines import DeadlineChangedError, give_deadline
from registrations.refusals import RegistrationNotOpenError
from tests.delegations import END_OF_DEADLINE, make_delegation
from tests.factories import NOW, create_invitation, create_meeting, create_staff, get_municipality

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

LATER = Moment(date(2027, 4, 2))


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each returned, or the error that it raised."""
    together = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        together.wait()
        try:
            return act()
        except (DeadlineChangedError, RegistrationNotOpenError) as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def test_of_two_who_give_different_deadlines_one_does_and_the_other_is_told() -> None:
    meeting, officer, herning = create_meeting(), create_staff(), get_municipality()
    deadlines = [LATER, Moment(date(2027, 4, 9))]

    done = at_once(
        *(
            partial(give_deadline, meeting, herning, deadline, seen=None, at=NOW, by=officer)
            for deadline in deadlines
        )
    )

    assert sorted(map(str, done)) == sorted(map(str, [True, DeadlineChangedError]))
    assert Invitation.objects.get().deadline == deadlines[done.index(True)]
    assert LogEntry.objects.count() == 1


def test_who_registers_while_the_deadline_is_taken_back_is_in_or_is_told() -> None:
    meeting, officer = create_meeting(), create_staff()
    invitation = create_invitation(meeting=meeting, deadline=LATER)
    at = END_OF_DEADLINE + timedelta(hours=9)
    register = partial(registering.register, meeting, make_delegation(meeting), invitation=invitation, at=at)

    registered, taken_back = at_once(
        register, partial(give_deadline, meeting, get_municipality(), None, seen=LATER, at=at, by=officer)
    )

    assert taken_back is True
    assert (registered is RegistrationNotOpenError) == (Registration.objects.count() == 0)
