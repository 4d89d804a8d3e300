"""The waiting list: who gets the next place."""

from __future__ import annotations

from datetime import datetime

from invitations.models import Meeting
from registrations.models import Participant


def move_up(meeting: Meeting, *, at: datetime) -> list[Participant]:
    return []
