"""What a calendar is told about a session of a meeting."""

from __future__ import annotations

from django.utils.translation import gettext as _

from invitations.calendar import CalendarEvent
from invitations.models import Sender, Session
from invitations.page_dates import place


def session_event(
    session: Session,
    *,
    uid: str,
    sequence: int,
    attendee_name: str = "",
    attendee_email: str = "",
    description: str = "",
    url: str = "",
    sender: Sender | None = None,
) -> CalendarEvent:
    """The session as an event, organised by the sender; its mailbox is read, since answers go there.

    The link to an online meeting is added to the description for an attendee, and where nobody signs up: in a
    calendar on the web it would let in everybody.

    Args:
        url: a page about the meeting.
        sender: the current one, for those who write many events.
    """
    sender = sender or Sender.objects.current()
    meeting = session.meeting
    if session.join_url and (attendee_email or not meeting.has_form):
        description = "\n\n".join(filter(None, [_("Join the meeting: %s") % session.join_url, description]))
    return CalendarEvent(
        uid=uid,
        sequence=sequence,
        starts=session.starts,
        ends=session.ends,
        summary=meeting.title,
        location=place(session),
        description=description,
        url=url,
        organizer_name=sender.name,
        organizer_email=sender.mailbox,
        attendee_name=attendee_name,
        attendee_email=attendee_email,
    )


def session_facts(session: Session) -> dict[str, str]:
    """What an invitation states about the session; one that stated something else is out of date."""
    return {"title": session.meeting.title, **session.facts()}
