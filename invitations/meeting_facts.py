"""What a letter states about its meeting, kept with it to be compared later with what is true by then."""

from __future__ import annotations

import datetime
from typing import Any

from invitations.danish import Moment
from invitations.models import Meeting


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


def _moment(moment: Moment | None) -> str:
    return moment.isoformat() if moment else ""


def _clock(time: datetime.time | None) -> str:
    return time.isoformat("minutes") if time else ""
