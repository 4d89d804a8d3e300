"""An answer, a pause, a press: each at the same moment as the sweep, with a thread and a connection each."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import connection

from invitations.danish import COPENHAGEN
from invitations.mail import deliver_due
from invitations.models import Invitation, Meeting, OutgoingEmail
from registrations import registering
from registrations.reminders import owe_reminders
from registrations.reminding import candidates, fingerprint, pause, remind_now
from tests.delegations import make_delegation
from tests.factories import create_dispatch, create_invitation, create_meeting, create_staff, get_municipality

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True, serialized_rollback=True)]

FOURTEEN_DAYS = datetime(2027, 2, 19, 8, 0, tzinfo=COPENHAGEN)
NAMES = ("Herning", "Holstebro", "Horsens", "Skive", "Struer", "Viborg")


def at_once(*acts: Callable[[], object]) -> list[object]:
    together = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        together.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@pytest.fixture
def meeting() -> Meeting:
    meeting = create_meeting(registration_deadline_date=date(2027, 3, 5))
    for name in NAMES:
        invitation = create_invitation(meeting=meeting, municipality=get_municipality(name))
        create_dispatch(invitation=invitation, mailbox=f"{name}@example.dk".lower())
    return meeting


@pytest.fixture
def officer() -> User:
    return create_staff()


def leave() -> list[str]:
    """To whom reminders leave after all."""
    deliver_due(at=FOURTEEN_DAYS + timedelta(minutes=1))
    sent = OutgoingEmail.objects.filter(kind="deadline_reminder", state="sent")
    return sorted(sent.values_list("to", flat=True))


def test_who_answers_while_the_sweep_runs_is_not_reminded(meeting: Meeting) -> None:
    registers = [make_delegation(meeting, municipality=get_municipality(name)) for name in NAMES[:2]]
    declines = Invitation.objects.filter(municipality__name__in=NAMES[2:4])

    at_once(
        partial(owe_reminders, at=FOURTEEN_DAYS),
        *(partial(registering.register, meeting, one, at=FOURTEEN_DAYS) for one in registers),
        *(partial(registering.decline, one, at=FOURTEEN_DAYS) for one in declines),
        partial(owe_reminders, at=FOURTEEN_DAYS),
    )

    assert leave() == ["struer@example.dk", "viborg@example.dk"]


def test_nothing_leaves_after_a_pause_pressed_while_the_sweep_runs(meeting: Meeting, officer: User) -> None:
    *_, paused = at_once(
        partial(owe_reminders, at=FOURTEEN_DAYS),
        partial(owe_reminders, at=FOURTEEN_DAYS),
        partial(pause, meeting, at=FOURTEEN_DAYS, by=officer),
    )

    assert (paused, leave()) == (True, [])


def test_a_button_pressed_eight_times_at_once_while_the_sweep_runs_reminds_each_once(
    meeting: Meeting, officer: User
) -> None:
    chosen = candidates(meeting, at=FOURTEEN_DAYS)
    press = partial(
        remind_now,
        meeting,
        [candidate.code for candidate in chosen],
        token=uuid.UUID(int=1),
        seen=fingerprint(chosen),
        at=FOURTEEN_DAYS,
        by=officer,
    )

    # All of them see what the page said, since the sweep comes after the first.
    press()
    at_once(*[press] * 7, partial(owe_reminders, at=FOURTEEN_DAYS))

    assert leave() == sorted(f"{name}@example.dk".lower() for name in NAMES)


def test_of_eight_presses_at_once_one_sends(meeting: Meeting, officer: User) -> None:
    chosen = candidates(meeting, at=FOURTEEN_DAYS)
    press = partial(
        remind_now,
        meeting,
        [candidate.code for candidate in chosen],
        token=uuid.UUID(int=1),
        seen=fingerprint(chosen),
        at=FOURTEEN_DAYS,
        by=officer,
    )

    results = at_once(*[press] * 8)

    assert sorted(getattr(result, "mails", None) for result in results) == [0] * 7 + [len(NAMES)]  # type: ignore[type-var]
