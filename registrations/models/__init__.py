"""The models in the order of the flow: registration, participant, what they picked, what they answered, and
what they were told when the meeting changed.
"""

from __future__ import annotations

from registrations.models.answers import Answer, Decline
from registrations.models.corrections import Correction
from registrations.models.counts import SendCount
from registrations.models.needs import SpecialNeeds
from registrations.models.registrations import (
    Author,
    CalendarInvitation,
    Participant,
    Registration,
    ThemeChoice,
    ThemeWish,
)

__all__ = [
    "Answer",
    "Author",
    "CalendarInvitation",
    "Correction",
    "Decline",
    "Participant",
    "Registration",
    "SendCount",
    "SpecialNeeds",
    "ThemeChoice",
    "ThemeWish",
]
