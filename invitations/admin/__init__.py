"""The admin in the order of the flow; Django finds here what is to be registered."""

from __future__ import annotations

from invitations.admin import addressees, dispatches, history, letters, meetings, outbox, sender

__all__ = ["addressees", "dispatches", "history", "letters", "meetings", "outbox", "sender"]
