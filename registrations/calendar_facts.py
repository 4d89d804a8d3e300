"""What a participant's calendar is told: the session, and the themes that the participant has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from invitations.models import Session, Theme
from invitations.session_events import session_facts

# The methods of a calendar's messages (RFC 5546 section 1.4): `CalendarInvitation.method` is the last one's.
REQUEST = "REQUEST"
CANCEL = "CANCEL"


def calendar_facts(session: Session, themes: Iterable[Theme]) -> dict[str, Any]:
    """What an invitation to `session` states, to compare with later; themes in order of the rounds."""
    chosen = sorted(themes, key=lambda theme: (theme.item_id, theme.pk))
    return {
        **session_facts(session),
        "themes": [{"theme": theme.pk, "title": theme.title} for theme in chosen],
    }


def is_out_of_date(stated: Mapping[str, Any], true: Mapping[str, Any]) -> bool:
    """Whether something that was stated is not so any more; what was not stated cannot be wrong."""
    return any(
        name in stated and _compared(name, stated[name]) != _compared(name, now) for name, now in true.items()
    )


def _compared(name: str, value: Any) -> Any:
    # Another theme of the same name is the same to those who read it.
    return sorted(row["title"] for row in value) if name == "themes" else value
