"""Staff and municipalities at the same moment, with a thread and a connection each."""

from __future__ import annotations

from functools import partial

import pytest
from django.contrib.admin.models import LogEntry

from invitations.models import OutgoingEmail
from registrations import on_behalf, registering
from registrations.models import Decline, Participant, Registration
from tests.delegations import make_delegation
from tests.factories import NOW, create_meeting, create_staff, get_municipality
from tests.registrations.test_registering_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_the_last_place_goes_to_the_municipality_or_to_staff() -> None:
    meeting, officer = create_meeting(capacity=1), create_staff()
    by_staff = make_delegation(meeting, municipality=get_municipality("Viborg"))

    outcome = at_once(
        partial(registering.register, meeting, make_delegation(meeting), at=NOW),
        partial(on_behalf.register, meeting, by_staff, by=officer, at=NOW),
    )

    # The municipality finds the meeting full; staff are told that there are too few places.
    assert outcome["done"] == 1
    assert Participant.objects.count() == 1


def test_staff_who_overrule_take_nobody_the_last_place() -> None:
    meeting, officer = create_meeting(capacity=1), create_staff()
    by_staff = make_delegation(meeting, municipality=get_municipality("Viborg"))

    at_once(
        partial(registering.register, meeting, make_delegation(meeting), at=NOW),
        partial(on_behalf.register, meeting, by_staff, overrule=True, by=officer, at=NOW),
    )

    people = list(Participant.objects.values_list("registration__municipality__name", flat=True))
    beyond = LogEntry.objects.filter(change_message__contains="mødets pladser").count()
    # Either both, and history says that it was one too many; or staff came first, and only they.
    assert (sorted(people), beyond) in ((["Herning", "Viborg"], 1), (["Viborg"], 0))


def test_two_of_staff_with_the_same_form_register_once() -> None:
    meeting = create_meeting()
    officers = [create_staff(username=name) for name in ("anne", "bo")]
    delegation = make_delegation(meeting)

    outcome = at_once(
        *(partial(on_behalf.register, meeting, delegation, by=officer, at=NOW) for officer in officers * 4)
    )

    assert outcome == {"done": 8}
    assert (Registration.objects.count(), LogEntry.objects.count()) == (1, 1)
    assert OutgoingEmail.objects.filter(kind="receipt").count() == 1


def test_two_of_staff_who_decline_make_one_decline() -> None:
    meeting, herning = create_meeting(), get_municipality()
    officers = [create_staff(username=name) for name in ("anne", "bo")]

    outcome = at_once(
        *(
            partial(
                on_behalf.decline, meeting, herning, contact_email="a@herning.example", by=officer, at=NOW
            )
            for officer in officers * 4
        )
    )

    assert outcome == {"done": 8}
    assert (Decline.objects.count(), LogEntry.objects.count()) == (1, 1)
    assert OutgoingEmail.objects.filter(kind="decline").count() == 1


def test_one_declines_while_another_registers_and_never_do_both_stand() -> None:
    meeting, officer = create_meeting(), create_staff()

    at_once(
        partial(on_behalf.register, meeting, make_delegation(meeting), by=officer, at=NOW),
        partial(on_behalf.decline, meeting, get_municipality(), by=officer, at=NOW),
    )

    standing = Decline.objects.filter(undone_at=None).count()
    assert (Participant.objects.active().count(), standing) == (1, 0)


def test_one_undoes_a_decline_while_another_does() -> None:
    meeting, officer = create_meeting(), create_staff()
    on_behalf.decline(meeting, get_municipality(), by=officer, at=NOW)

    outcome = at_once(*[partial(on_behalf.undo_decline, meeting, get_municipality(), by=officer, at=NOW)] * 4)

    assert outcome == {"done": 4}
    assert (Decline.objects.filter(undone_at=NOW).count(), LogEntry.objects.count()) == (1, 2)
