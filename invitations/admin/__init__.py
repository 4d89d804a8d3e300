"""The admin in the order of the flow; Django finds here what is to be registered."""

from __future__ import annotations

from invitations.admin import (
    areas,
    dispatches,
    history,
    letters,
    meetings,
    municipalities,
    offices,
    outbox,
    sender,
)

__all__ = [
    "areas",
    "dispatches",
    "history",
    "letters",
    "meetings",
    "municipalities",
    "offices",
    "outbox",
    "sender",
]
