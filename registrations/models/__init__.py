"""The models in the order of the flow: registration, participant, what they picked, what they answered."""

from __future__ import annotations

from registrations.models.answers import Answer, Decline
from registrations.models.registrations import CalendarInvitation, Participant, Registration, ThemeChoice

__all__ = ["Answer", "CalendarInvitation", "Decline", "Participant", "Registration", "ThemeChoice"]
