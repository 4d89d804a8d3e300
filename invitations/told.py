"""What somebody has been told of a meeting, which may have changed since: its name, its times and places."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from invitations.meeting_facts import last_stated, session_of
from invitations.models import Meeting, Session


@dataclass(frozen=True)
class Told:
    """What somebody was told last; the sessions need not be stored."""

    title: str
    sessions: Sequence[Session]

    @classmethod
    def now(cls, meeting: Meeting, sessions: Sequence[Session]) -> Told:
        """What is true by now."""
        return cls(meeting.title, sessions)

    @classmethod
    def of_session(cls, facts: Mapping[str, Any], session: Session) -> Told:
        """What a calendar was told of `session` (`session_facts`); as it is now where nothing was kept."""
        title = facts.get("title", session.meeting.title)
        return cls(title, [session_of(facts) if "starts" in facts else session])

    @classmethod
    def by_letter(cls, facts: Mapping[str, Any], *, but: Collection[int] = ()) -> Told | None:
        """What a letter stated (`meeting_facts`); None where nothing was kept.

        Args:
            but: ids of sessions that are nobody's concern any more.
        """
        sessions = []
        for row in facts.get("sessions", ()):
            if row["session"] not in but:
                session = session_of(row)
                session.pk = row["session"]
                sessions.append(session)
        return cls(facts["title"], sessions) if sessions else None

    def only(self, session: Session) -> Told:
        """What concerns those who have chosen `session`; all where it was not among what was told."""
        chosen = [told for told in self.sessions if told.pk == session.pk]
        return Told(self.title, chosen) if chosen else self

    @property
    def days(self) -> set[datetime.date]:
        """The days on which a session starts."""
        return {session.starts_date for session in self.sessions}

    def is_like(self, other: Told) -> bool:
        """Whether both say the same, word by word."""
        return self._words() == other._words()

    def _words(self) -> tuple[str, list[tuple[str, str]]]:
        return self.title, [(session.when(), session.where()) for session in self.sessions]


def told_by_last_letter(meeting: Meeting) -> Told:
    """What the latest letter that was sent has told; what is true by now where none has been."""
    now = Told.now(meeting, list(meeting.sessions.all()))
    return Told.by_letter(last_stated(meeting)) or now
