"""What a letter states about its meeting, kept with it to be compared later with what is true by then."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from invitations.danish import Moment
from invitations.models import Letter, LetterVersion, Meeting, Session

# These say nothing of a meeting that is to come as planned.
NO_STATEMENT = (Letter.Kind.FOLLOW_UP, Letter.Kind.CANCELLATION)


def meeting_facts(meeting: Meeting) -> dict[str, Any]:
    """What is true of the meeting now, as plain data for JSON; rows carry their ids, so that they can be told
    apart from rows of the same name.
    """
    return {
        "title": meeting.title,
        "sessions": [
            {"session": session.pk, **session.facts(), "deadline": _moment(session.deadline())}
            for session in meeting.sessions.all()
        ],
        "registration_deadline": _moment(meeting.registration_deadline),
        "programme": [
            {
                "item": item.pk,
                "time": _clock(item.time),
                "until": _clock(item.until),
                "title": item.title,
                "speakers": item.speakers,
                "room": item.room,
                "themes": [
                    {
                        "theme": theme.pk,
                        "title": theme.title,
                        "speakers": theme.speakers,
                        "room": theme.room,
                    }
                    for theme in item.themes.all()
                ],
            }
            for item in meeting.programme.prefetch_related("themes")
        ],
    }


def last_stated(meeting: Meeting) -> dict[str, Any]:
    """What the latest letter that was sent states about the meeting; empty where none has been."""
    versions = LetterVersion.objects.filter(letter__meeting=meeting).exclude(letter__sent_at=None)
    last = versions.exclude(letter__kind__in=NO_STATEMENT).order_by("letter__sent_at", "letter").last()
    return last.facts if last else {}


def session_of(facts: Mapping[str, Any]) -> Session:
    """A session, not stored, when and where `facts` tell (`Session.facts`), to say it in words."""
    starts, ends = moment_of(facts["starts"]), moment_of(facts["ends"])
    assert starts is not None
    return Session(
        starts_date=starts.date,
        starts_time=starts.time,
        ends_date=None if ends is None or ends.date == starts.date else ends.date,
        ends_time=ends.time if ends else None,
        # All of it on one line, as it is read.
        venue_name=facts.get("where", ""),
    )


def moment_of(text: str) -> Moment | None:
    """The moment that `Moment.isoformat` wrote; None for an empty text."""
    if not text:
        return None
    day, _space, clock = text.partition(" ")
    return Moment(datetime.date.fromisoformat(day), datetime.time.fromisoformat(clock) if clock else None)


def _moment(moment: Moment | None) -> str:
    return moment.isoformat() if moment else ""


def _clock(time: datetime.time | None) -> str:
    return time.isoformat("minutes") if time else ""
