"""Many at once, with a thread and a connection each, on the database that the tests run on."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from invitations.models import Meeting, OutgoingEmail
from registrations import registering
from registrations.models import Decline, Participant, Registration
from registrations.refusals import (
    RegistrationNotOpenError,
    RegistrationRefusedError,
    StillRegisteredError,
    TooLateError,
)
from tests.delegations import make_attendee, make_delegation
from tests.factories import (
    NOW,
    create_invitation,
    create_meeting,
    create_programme_item,
    create_theme,
    get_municipality,
)
from tests.pages import typed

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

THREADS = 16
REFUSALS = (RegistrationNotOpenError, RegistrationRefusedError, StillRegisteredError, TooLateError)


def at_once(*actions: Callable[[], object]) -> Counter[str]:
    """Do `actions` at the same time, as far as the machine can; count `done` and the names of refusals."""
    together = threading.Barrier(len(actions))

    def act(action: Callable[[], object]) -> str:
        together.wait()
        try:
            action()
        except REFUSALS as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(actions)) as threads:
        return Counter(threads.map(act, actions))


def test_sixteen_who_want_the_last_two_places_leave_fourteen_without() -> None:
    meeting = create_meeting(capacity=2)
    delegations = [make_delegation(meeting) for _ in range(THREADS)]

    outcome = at_once(
        *(partial(registering.register, meeting, delegation, at=NOW) for delegation in delegations)
    )

    assert outcome == {"done": 2, "RegistrationNotOpenError": 14}
    assert Participant.objects.count() == 2
    assert Registration.objects.count() == 2
    assert OutgoingEmail.objects.filter(kind="receipt").count() == 2


def test_sixteen_couples_who_want_three_places_leave_one_place_empty() -> None:
    meeting = create_meeting(capacity=3)
    delegations = [make_delegation(meeting, people=2) for _ in range(THREADS)]

    outcome = at_once(
        *(partial(registering.register, meeting, delegation, at=NOW) for delegation in delegations)
    )

    assert outcome == {"done": 1, "RegistrationRefusedError": 15}
    assert Participant.objects.count() == 2


def test_a_form_sent_sixteen_times_at_once_is_one_registration() -> None:
    meeting = create_meeting()
    delegation = make_delegation(meeting)

    outcome = at_once(*[partial(registering.register, meeting, delegation, at=NOW)] * THREADS)

    assert outcome == {"done": 16}
    assert Registration.objects.count() == 1
    assert OutgoingEmail.objects.filter(kind="receipt").count() == 1


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("tabs", [1, 8], ids=["one tab", "a tab each"])
def test_a_form_posted_eight_times_at_once_is_one_registration_and_each_post_leads_to_its_receipt(
    tabs: int,
) -> None:
    meeting = create_meeting()
    forms = [typed(people=3, do="send") for _ in range(tabs)] * (8 // tabs)
    together = threading.Barrier(len(forms))

    def post(form: dict[str, Any]) -> str:
        together.wait()
        try:
            return Client().post(f"/{meeting.slug}/tilmeld", form).headers["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(forms)) as threads:
        led_to = set(threads.map(post, forms))

    assert led_to == {f"/kvittering/{Registration.objects.get().token}?sendt"}
    assert (Participant.objects.count(), OutgoingEmail.objects.count()) == (3, 4)


def test_a_themes_last_place_goes_to_one() -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting)
    wanted = create_theme(item=item, capacity=1)
    create_theme(item=item)
    session = meeting.sessions.get()
    delegations = [
        make_delegation(meeting, participants=[make_attendee(session=session, themes=[wanted])])
        for _ in range(4)
    ]

    outcome = at_once(
        *(partial(registering.register, meeting, delegation, at=NOW) for delegation in delegations)
    )

    assert outcome == {"done": 1, "RegistrationRefusedError": 3}


def test_registering_and_declining_at_once_never_leave_both_standing() -> None:
    invitation = create_invitation()
    meeting = invitation.meeting
    delegation = make_delegation(meeting)

    at_once(
        partial(registering.register, meeting, delegation, invitation=invitation, at=NOW),
        partial(registering.decline, invitation, at=NOW),
    )

    standing = Decline.objects.filter(undone_at=None).count()
    assert (Participant.objects.active().count(), standing) == (1, 0)


def test_a_meeting_cancelled_meanwhile_takes_nobody_afterwards() -> None:
    meeting = create_meeting()
    stale = Meeting.objects.get(pk=meeting.pk)
    delegations = [make_delegation(meeting, municipality=get_municipality("Viborg")) for _ in range(8)]

    at_once(
        partial(meeting.cancel, at=NOW),
        *(partial(registering.register, stale, delegation, at=NOW) for delegation in delegations),
    )
    registered = Registration.objects.count()

    assert at_once(partial(registering.register, stale, make_delegation(stale), at=NOW)) == {
        "RegistrationNotOpenError": 1
    }
    assert Registration.objects.count() == registered
