"""Several who press the button at once, with a thread and a connection each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import time

import pytest
from django.db import connection

from invitations.models import Letter, Meeting, OutgoingEmail
from registrations.correction_letters import prepare_correction_letter
from registrations.corrections import plan_correction, send_correction
from registrations.models import CalendarInvitation, Correction, Participant
from registrations.registering import withdraw
from tests.factories import NOW, create_meeting, create_staff
from tests.told import fresh, send_letter, sign_up

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

THREADS = 4


def at_once(action: Callable[[], object], *others: Callable[[], object]) -> list[object]:
    """Do `action` in each thread, or it and `others`; return what came of each, errors among it."""
    actions = [action, *others] if others else [action] * THREADS
    together = threading.Barrier(len(actions))

    def act(one: Callable[[], object]) -> object:
        together.wait()
        try:
            return one()
        except Exception as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(act, actions))


@pytest.fixture
def meeting() -> Meeting:
    meeting = create_meeting()
    send_letter(meeting)
    for name in ("bo", "ida"):
        sign_up(meeting, email=f"{name}@example.dk")
    meeting.sessions.update(starts_time=time(18), ends_time=time(20))
    return meeting


def test_of_several_who_send_at_once_one_tells_everybody(meeting: Meeting) -> None:
    staff = create_staff()
    prepare_correction_letter(fresh(meeting), at=NOW, by=staff)
    plan = plan_correction(fresh(meeting), at=NOW)
    before = OutgoingEmail.objects.count()

    def send() -> bool:
        return send_correction(
            fresh(meeting), fingerprint=plan.fingerprint, with_letter=True, at=NOW, by=staff
        )[1]

    assert sorted(at_once(send), key=str) == [False, False, False, True]
    # A letter, two calendars, and one mail to those who signed them up, who have one address.
    assert OutgoingEmail.objects.count() - before == 4
    assert Correction.objects.count() == 1
    assert set(CalendarInvitation.objects.values_list("sequence", flat=True)) == {1}


def test_of_several_who_prepare_at_once_all_get_the_same_letter(meeting: Meeting) -> None:
    staff = create_staff()

    letters = at_once(lambda: prepare_correction_letter(fresh(meeting), at=NOW, by=staff).pk)

    assert letters == [Letter.objects.get(kind="change").pk] * THREADS


def test_who_withdraws_meanwhile_ends_without_the_meeting(meeting: Meeting) -> None:
    staff = create_staff()
    plan = plan_correction(fresh(meeting), at=NOW)
    bo = Participant.objects.select_related("registration__meeting").get(email="bo@example.dk")

    at_once(
        lambda: send_correction(
            fresh(meeting), fingerprint=plan.fingerprint, with_letter=False, at=NOW, by=staff
        ),
        lambda: withdraw(bo, at=NOW),
    )

    row = CalendarInvitation.objects.get(participant=bo)
    last = OutgoingEmail.objects.filter(conversation=row.uid).order_by("-pk")[0]
    assert (row.method, last.calendar_method) == ("CANCEL", "CANCEL")
