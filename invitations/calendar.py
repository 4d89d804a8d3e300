"""Meetings as iCalendar (RFC 5545), in the form in which Outlook takes them for invitations.

Outlook shows buttons to accept only for a REQUEST with the recipient as the attendee, removes a meeting only
for a CANCEL with the same UID and a higher SEQUENCE, and reads a time zone only from yearly rules.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from icalendar import Calendar, Event, vCalAddress

from invitations.danish import COPENHAGEN, Moment

# How long a meeting without an end is held to last. RFC 5545 section 3.6.1 gives it no length at all, Outlook
# knows only appointments that end after they start (MS-OXOCAL 2.2.1.6), and KL's meetings take about two.
PRESUMED_LENGTH = datetime.timedelta(hours=2)

# Summer time since 1996 (directive 94/21/EC). Written out, since the icalendar library lists each change as a
# date of its own, and Outlook takes such a zone to be an hour off.
_VTIMEZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/Copenhagen
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
""".replace("\n", "\r\n")


@dataclass(frozen=True)
class CalendarEvent:
    """What a calendar shows of one session, and to whom it is sent.

    Texts may hold anything that a person can type: they are escaped, control characters are removed, all but
    `description` lose their line breaks, and empty ones are left out. As long as it is about the same
    participant and session, `uid` stays the same and `sequence` grows. Without `ends`, a session with a clock
    time lasts `PRESUMED_LENGTH`, one without the whole day. Raises ValueError where it does not end after it
    starts (RFC 5545 section 3.8.2.2) or has no organizer's e-mail address (RFC 5546 section 3.2).
    """

    uid: str
    sequence: int
    starts: Moment
    ends: Moment | None
    summary: str
    location: str
    description: str
    url: str
    organizer_name: str
    organizer_email: str
    attendee_name: str = ""
    attendee_email: str = ""

    def __post_init__(self) -> None:
        if self.ends is not None and self.ends.end() <= self.starts.start():
            raise ValueError(f"{self.uid}: {self.ends.isoformat()} is not after {self.starts.isoformat()}")
        if not self.organizer_email:
            raise ValueError(f"{self.uid}: no organizer's e-mail address")


def calendar_request(event: CalendarEvent, *, stamp: datetime.datetime) -> str:
    """Return an invitation (METHOD:REQUEST) for the event's attendee, who is asked to answer.

    `stamp` is when it was written, aware. Raises ValueError without the attendee's e-mail address
    (RFC 5546 section 3.2.2).
    """
    component = _component(event, stamp)
    _add_occupied(component)
    attendee = _attendee(event)
    attendee.params["PARTSTAT"] = "NEEDS-ACTION"
    attendee.params["RSVP"] = "TRUE"
    component.add("attendee", attendee)
    return _calendar("REQUEST", [component])


def calendar_cancel(event: CalendarEvent, *, stamp: datetime.datetime) -> str:
    """Return a message (METHOD:CANCEL) that takes the event out of the attendee's calendar.

    Its sequence must be higher than that of the request that it cancels. `stamp` is when it was written,
    aware. Raises ValueError without the attendee's e-mail address (RFC 5546 section 3.2.5).
    """
    component = _component(event, stamp)
    component.add("status", "CANCELLED")
    # A calendar that keeps the event on display, struck out, has the time free again.
    component.add("transp", "TRANSPARENT")
    component.add("x-microsoft-cdo-busystatus", "FREE")
    component.add("attendee", _attendee(event))
    return _calendar("CANCEL", [component])


def calendar_publication(events: Iterable[CalendarEvent], *, stamp: datetime.datetime) -> str:
    """Return a file (METHOD:PUBLISH) with which anybody can add the events to their calendar.

    It names no attendee. `stamp` is when it was written, aware.
    """
    components = [_component(event, stamp) for event in events]
    for component in components:
        _add_occupied(component)
    return _calendar("PUBLISH", components)


def _calendar(method: str, components: list[Event]) -> str:
    calendar = Calendar()
    calendar.add("prodid", "-//KL//kl_meetings//DA")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for component in components:
        calendar.add_component(component)
    text = str(calendar.to_ical(), "utf-8")
    if any("TZID" in component["DTSTART"].params for component in components):
        # As it is written above: a changed meeting writes ten thousand calendars, all with the same zone.
        return text.replace("BEGIN:VEVENT", f"{_VTIMEZONE}BEGIN:VEVENT", 1)
    return text


def _component(event: CalendarEvent, stamp: datetime.datetime) -> Event:
    component = Event()
    component.add("uid", _line(event.uid))
    component.add("sequence", event.sequence)
    component.add("dtstamp", stamp.astimezone(datetime.UTC))
    start, end = _period(event)
    component.add("dtstart", start)
    component.add("dtend", end)
    if not isinstance(start, datetime.datetime):
        component.add("x-microsoft-cdo-alldayevent", "TRUE")
    component.add("summary", _line(event.summary))
    component.add("class", "PUBLIC")
    component.add("organizer", _address(event.organizer_name, event.organizer_email))
    for name, value in (
        ("location", _line(event.location)),
        ("description", _paragraphs(event.description)),
        ("url", _uri(event.url)),
    ):
        if value:
            component.add(name, value)
    return component


def _add_occupied(component: Event) -> None:
    component.add("status", "CONFIRMED")
    component.add("transp", "OPAQUE")
    component.add("x-microsoft-cdo-busystatus", "BUSY")
    component.add("x-microsoft-cdo-intendedstatus", "BUSY")


def _period(event: CalendarEvent) -> tuple[datetime.date, datetime.date]:
    """Return start and end, both dates or both with a clock time, as RFC 5545 section 3.8.2.2 asks."""
    ends = event.ends
    if event.starts.time is None and (ends is None or ends.time is None):
        return event.starts.date, (ends or event.starts).end().date()
    start = event.starts.start().astimezone(datetime.UTC)
    return _local(start), _local(start + PRESUMED_LENGTH if ends is None else ends.end())


def _local(instant: datetime.datetime) -> datetime.datetime:
    """Return the instant in Copenhagen, but in UTC within the second of two hours that have the same name.

    RFC 5545 section 3.3.5 takes a local time that comes twice to be the first.
    """
    local = instant.astimezone(datetime.UTC).astimezone(COPENHAGEN)
    return local if local.fold == 0 else local.astimezone(datetime.UTC)


def _attendee(event: CalendarEvent) -> vCalAddress:
    if not event.attendee_email:
        raise ValueError(f"{event.uid}: no attendee's e-mail address")
    attendee = _address(event.attendee_name, event.attendee_email)
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    return attendee


def _address(name: str, email: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{_uri(email)}")
    # A quotation mark or caret in a parameter has a notation (RFC 6868) that Outlook does not read.
    common_name = _line(name).replace('"', "'").replace("^", " ")
    if common_name:
        address.params["CN"] = common_name
    return address


def _line(text: str) -> str:
    return _printable(" ".join(text.split()))


def _paragraphs(text: str) -> str:
    return "\n".join(_printable(line.expandtabs(1)) for line in text.strip().splitlines())


def _printable(text: str) -> str:
    return "".join(character for character in text if unicodedata.category(character) not in {"Cc", "Cs"})


def _uri(text: str) -> str:
    return quote(text.strip(), safe="/#%[]=:;$&()+,!?*@'~", errors="replace")
