"""Items of a programme that lie outside the hours of their meeting: seldom meant, so said, never refused."""

from __future__ import annotations

from django.utils.translation import gettext as _

from invitations.danish import format_clock
from invitations.models import Meeting


def outside_the_hours(meeting: Meeting) -> list[str]:
    """A sentence for each item that lies before or after every session of the meeting.

    Sessions over several days, or without a start or an end, set no bound on that side.
    """
    sessions = list(meeting.sessions.all())
    if not sessions or any(session.last_date != session.starts_date for session in sessions):
        return []
    starts = [session.starts_time for session in sessions if session.starts_time]
    ends = [session.ends_time for session in sessions if session.ends_time]
    start = min(starts) if len(starts) == len(sessions) else None
    end = max(ends) if len(ends) == len(sessions) else None
    sentences = []
    for item in meeting.programme.all():
        if item.time is None:
            continue
        time = {"time": format_clock(item.time)}
        if start and item.time < start:
            bound = {**time, "start": format_clock(start)}
            sentences.append(
                _("The item at %(time)s lies before the start of the meeting at %(start)s") % bound
            )
        elif end and item.time > end:
            bound = {**time, "end": format_clock(end)}
            sentences.append(_("The item at %(time)s lies after the end of the meeting at %(end)s") % bound)
        elif end and item.until and item.until > end:
            bound = {**time, "until": format_clock(item.until), "end": format_clock(end)}
            sentence = _(
                "The item at %(time)s lasts until %(until)s, after the end of the meeting at %(end)s"
            )
            sentences.append(sentence % bound)
    return sentences
