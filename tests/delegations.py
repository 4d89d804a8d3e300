"""Delegations for tests: what somebody typed into the form."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, Session, Theme
from registrations import registering
from registrations.availability import State
from registrations.delegations import Attendee, Delegation
from registrations.models import Registration
from registrations.refusals import Problem, RegistrationNotOpenError, RegistrationRefusedError
from tests.factories import NOW, get_municipality

END_OF_DEADLINE = datetime(2027, 3, 20, tzinfo=COPENHAGEN)

_numbers = itertools.count(1)


def make_attendee(
    *,
    session: Session,
    name: str | None = None,
    email: str | None = None,
    themes: Sequence[Theme] = (),
    title: str = "",
) -> Attendee:
    number = next(_numbers)
    return Attendee(
        name=name or f"Person {number}",
        email=email or f"person{number}@herning.example",
        title=title,
        session=session,
        themes=tuple(themes),
    )


def make_delegation(
    meeting: Meeting, *, people: int = 1, participants: Sequence[Attendee] | None = None, **fields: Any
) -> Delegation:
    """Herning's delegation of `people` in the meeting's first session."""
    session = meeting.sessions.all()[0]
    if participants is None:
        participants = [make_attendee(session=session) for _ in range(people)]
    values: dict[str, Any] = {
        "municipality": get_municipality(),
        "contact_name": "Anne Sekretær",
        "contact_email": "anne@herning.example",
        "submission_key": uuid.uuid4(),
        "participants": tuple(participants),
    }
    return Delegation(**{**values, **fields})


def problems_of(meeting: Meeting, delegation: Delegation, *, at: datetime = NOW) -> tuple[Problem, ...]:
    with pytest.raises(RegistrationRefusedError) as refusal:
        registering.register(meeting, delegation, at=at)
    assert Registration.objects.filter(submission_key=delegation.submission_key).count() == 0
    return refusal.value.problems


def state_when_refused(meeting: Meeting, *, at: datetime = NOW) -> State:
    with pytest.raises(RegistrationNotOpenError) as refusal:
        registering.register(meeting, make_delegation(meeting), at=at)
    assert Registration.objects.count() == 0
    return refusal.value.availability.state
