"""Several of the secretariat at the same moment, with a thread and a connection each."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection

from registrations import registering
from registrations.guests import register_guests
from registrations.matching import MatchedMeanwhileError, TooManyMatchedError, match, standing
from registrations.models import Participant, Registration
from registrations.refusals import RegistrationNotOpenError, RegistrationRefusedError
from tests.delegations import make_delegation
from tests.factories import NOW, create_meeting, create_registration, create_staff, get_municipality
from tests.registrations.test_guests import make_party

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

REFUSALS = (
    MatchedMeanwhileError,
    TooManyMatchedError,
    RegistrationNotOpenError,
    RegistrationRefusedError,
)


def at_once(*actions: Callable[[], object]) -> Counter[str]:
    """Do `actions` at the same time; count what they return and the names of refusals."""
    together = threading.Barrier(len(actions))

    def act(action: Callable[[], object]) -> str:
        together.wait()
        try:
            return str(action())
        except REFUSALS as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        return Counter(threads.map(act, actions))


def test_two_who_decide_differently_leave_one_decision_and_one_who_is_told() -> None:
    officers = [create_staff(username=name) for name in ("anne", "bo")]
    registration = create_registration(awaits_match=True)
    seen = standing(registration)

    outcome = at_once(
        *(
            partial(match, registration, get_municipality(name), seen=seen, at=NOW, by=officer)
            for name, officer in zip(("Herning", "Aarhus"), officers, strict=True)
        )
    )

    assert outcome == {"True": 1, "MatchedMeanwhileError": 1}
    assert LogEntry.objects.count() == 1


def test_eight_who_decide_alike_leave_one_decision() -> None:
    officer = create_staff()
    registration = create_registration(awaits_match=True)
    decide = partial(match, registration, get_municipality(), seen=standing(registration), at=NOW, by=officer)

    assert at_once(*[decide] * 8) == {"True": 1, "False": 7}
    assert LogEntry.objects.count() == 1


def test_two_that_together_are_too_many_do_not_both_become_a_municipality_s() -> None:
    officer = create_staff()
    meeting = create_meeting(max_per_municipality=1)
    waiting = [create_registration(meeting=meeting, awaits_match=True) for _ in range(2)]

    outcome = at_once(
        *(partial(match, one, get_municipality(), seen=standing(one), at=NOW, by=officer) for one in waiting)
    )

    assert outcome == {"True": 1, "TooManyMatchedError": 1}


def test_a_guest_and_a_delegation_that_want_the_last_place_do_not_both_get_it() -> None:
    officer = create_staff()
    meeting = create_meeting(capacity=1)
    acts: list[Callable[[], object]] = [
        partial(register_guests, meeting, make_party(meeting), at=NOW, by=officer),
        partial(registering.register, meeting, make_delegation(meeting), at=NOW),
    ]

    at_once(*acts)

    assert (Participant.objects.count(), Registration.objects.count()) == (1, 1)


def test_a_form_for_guests_sent_eight_times_at_once_is_one_registration() -> None:
    officer = create_staff()
    meeting = create_meeting()
    enter = partial(register_guests, meeting, make_party(meeting), at=NOW, by=officer)

    outcome = at_once(*[enter] * 8)

    assert list(outcome.values()) == [8]
    assert (Registration.objects.count(), LogEntry.objects.count()) == (1, 1)
