"""The admin in the order of the flow; Django finds here what is to be registered."""

from __future__ import annotations

from registrations.admin import declines, meetings, participants, registrations

__all__ = ["declines", "meetings", "participants", "registrations"]
