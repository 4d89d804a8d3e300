"""The admin in the order of the flow; Django finds here what is to be registered."""

from __future__ import annotations

from invitations.admin import (
    areas,
    dispatches,
    letters,
    meetings,
    municipalities,
    offices,
    outbox,
    programme,
    sender,
)

__all__ = [
    "areas",
    "dispatches",
    "letters",
    "meetings",
    "municipalities",
    "offices",
    "outbox",
    "programme",
    "sender",
]
