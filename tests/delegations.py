"""Delegations for tests: what somebody typed into the form."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from typing import Any

from invitations.models import Meeting, Session, Theme
from registrations.delegations import Attendee, Delegation
from tests.factories import get_municipality

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
