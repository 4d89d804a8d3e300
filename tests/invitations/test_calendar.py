from __future__ import annotations

import datetime
from dataclasses import replace
from datetime import UTC

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from invitations.calendar import CalendarEvent, calendar_cancel, calendar_publication, calendar_request
from invitations.danish import Moment

STAMP = datetime.datetime(2019, 2, 6, 9, 30, 15, 999, tzinfo=UTC)

MEETING = CalendarEvent(
    uid="participant-7-session-1@tilmeld.kl.dk",
    sequence=3,
    starts=Moment.parse("2019-03-28 17:00"),
    ends=Moment.parse("2019-03-28 19:00"),
    summary="Politisk møde i Region Midtjylland",
    location="Rådhuset, Skanderborg Fælled 1, 8660 Skanderborg",
    description="Program:\nKl. 17.00 Velkommen; kaffe, te\n\nAfbud: https://tilmeld.kl.dk/afbud/",
    url="https://tilmeld.kl.dk/politisk-moede-midtjylland",
    organizer_name="KL",
    organizer_email="moeder@kl.dk",
    attendee_name="Jørgen Gaarde",
    attendee_email="borgmester@skanderborg.dk",
)


def lines(text: str) -> list[str]:
    """The unfolded content lines."""
    return text.replace("\r\n ", "").split("\r\n")


def event_lines(text: str) -> list[str]:
    """The unfolded lines of the only event, in alphabetical order."""
    unfolded = lines(text)
    return sorted(unfolded[unfolded.index("BEGIN:VEVENT") + 1 : unfolded.index("END:VEVENT")])


def property_names(text: str) -> list[str]:
    return [line.partition(":")[0].partition(";")[0] for line in event_lines(text)]


def test_a_request_is_what_outlook_takes_for_an_invitation() -> None:
    assert event_lines(calendar_request(MEETING, stamp=STAMP)) == [
        'ATTENDEE;CN="Jørgen Gaarde";PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE'
        ":mailto:borgmester@skanderborg.dk",
        "CLASS:PUBLIC",
        r"DESCRIPTION:Program:\nKl. 17.00 Velkommen\; kaffe\, te\n\nAfbud: https://tilmeld.kl.dk/afbud/",
        "DTEND;TZID=Europe/Copenhagen:20190328T190000",
        "DTSTAMP:20190206T093015Z",
        "DTSTART;TZID=Europe/Copenhagen:20190328T170000",
        r"LOCATION:Rådhuset\, Skanderborg Fælled 1\, 8660 Skanderborg",
        "ORGANIZER;CN=KL:mailto:moeder@kl.dk",
        "SEQUENCE:3",
        "STATUS:CONFIRMED",
        "SUMMARY:Politisk møde i Region Midtjylland",
        "TRANSP:OPAQUE",
        "UID:participant-7-session-1@tilmeld.kl.dk",
        "URL:https://tilmeld.kl.dk/politisk-moede-midtjylland",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY",
    ]


def test_a_cancellation_frees_the_time_and_asks_for_no_answer() -> None:
    event = replace(MEETING, sequence=4, location="", description="", url="")

    assert event_lines(calendar_cancel(event, stamp=STAMP)) == [
        'ATTENDEE;CN="Jørgen Gaarde";ROLE=REQ-PARTICIPANT:mailto:borgmester@skanderborg.dk',
        "CLASS:PUBLIC",
        "DTEND;TZID=Europe/Copenhagen:20190328T190000",
        "DTSTAMP:20190206T093015Z",
        "DTSTART;TZID=Europe/Copenhagen:20190328T170000",
        "ORGANIZER;CN=KL:mailto:moeder@kl.dk",
        "SEQUENCE:4",
        "STATUS:CANCELLED",
        "SUMMARY:Politisk møde i Region Midtjylland",
        "TRANSP:TRANSPARENT",
        "UID:participant-7-session-1@tilmeld.kl.dk",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
    ]


def test_each_message_names_its_method_once_and_before_its_components() -> None:
    messages = [
        calendar_request(MEETING, stamp=STAMP),
        calendar_cancel(MEETING, stamp=STAMP),
        calendar_publication([MEETING], stamp=STAMP),
    ]

    assert [lines(message)[:6] for message in messages] == [
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//KL//kl_meetings//DA",
            "CALSCALE:GREGORIAN",
            f"METHOD:{method}",
            "BEGIN:VTIMEZONE",
        ]
        for method in ("REQUEST", "CANCEL", "PUBLISH")
    ]


def test_no_message_sets_an_alarm() -> None:
    messages = [
        calendar_request(MEETING, stamp=STAMP),
        calendar_cancel(MEETING, stamp=STAMP),
        calendar_publication([MEETING], stamp=STAMP),
    ]

    assert [message.count("VALARM") for message in messages] == [0, 0, 0]


def test_a_publication_carries_all_events_in_one_zone_and_names_no_attendee() -> None:
    second = replace(MEETING, uid="session-2@tilmeld.kl.dk", starts=Moment.parse("2019-03-28 18:00"))

    unfolded = lines(calendar_publication([MEETING, second], stamp=STAMP))

    assert [line for line in unfolded if line.startswith(("UID", "ATTENDEE", "BEGIN"))] == [
        *("BEGIN:VCALENDAR", "BEGIN:VTIMEZONE", "BEGIN:STANDARD", "BEGIN:DAYLIGHT"),
        *("BEGIN:VEVENT", "UID:participant-7-session-1@tilmeld.kl.dk"),
        *("BEGIN:VEVENT", "UID:session-2@tilmeld.kl.dk"),
    ]


def test_two_libraries_read_back_what_was_written() -> None:
    text = calendar_request(MEETING, stamp=STAMP)

    one = Calendar.from_ical(text).events[0]
    other = vobject.readOne(text).vevent

    assert (str(one["summary"]), other.summary.value) == (MEETING.summary, MEETING.summary)
    assert (str(one["location"]), other.location.value) == (MEETING.location, MEETING.location)
    assert (str(one["description"]), other.description.value) == (MEETING.description, MEETING.description)
    assert (str(one["attendee"]), other.attendee.value) == ("mailto:borgmester@skanderborg.dk",) * 2
    assert (one["attendee"].params["CN"], other.attendee.params["CN"]) == ("Jørgen Gaarde", ["Jørgen Gaarde"])
    assert one.start == other.dtstart.value == datetime.datetime(2019, 3, 28, 16, tzinfo=UTC)
    assert one.end == other.dtend.value == datetime.datetime(2019, 3, 28, 18, tzinfo=UTC)


def test_every_line_ends_in_crlf_and_fits_into_75_octets() -> None:
    event = replace(MEETING, summary="æøå" * 60, description="blåbærgrød, " * 30, attendee_name="Ærø " * 40)

    octets = calendar_request(event, stamp=STAMP).encode()

    assert octets.endswith(b"\r\nEND:VCALENDAR\r\n")
    assert octets.count(b"\n") == octets.count(b"\r") == octets.count(b"\r\n")
    assert [line for line in octets.split(b"\r\n") if len(line) > 75] == []
    assert [line.decode() for line in octets.split(b"\r\n")] == octets.decode().split("\r\n")
    assert vobject.readOne(octets.decode()).vevent.summary.value == "æøå" * 60


CONTROLS = {chr(code) for code in [*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029]}
INJECTION = "KL\r\nATTENDEE:mailto:fremmed@example.com\rX-A:1\nX-B:1\u2028X-C:1\x85X-D:1\x00\x1b"


@pytest.mark.parametrize(
    "attacked",
    [
        replace(MEETING, uid=INJECTION),
        replace(MEETING, summary=INJECTION),
        replace(MEETING, location=INJECTION),
        replace(MEETING, description=INJECTION),
        replace(MEETING, url=INJECTION),
        replace(MEETING, organizer_name=INJECTION),
        replace(MEETING, organizer_email=INJECTION),
        replace(MEETING, attendee_name=INJECTION),
        replace(MEETING, attendee_email=INJECTION),
    ],
)
def test_nothing_that_is_typed_breaks_out_of_its_line(attacked: CalendarEvent) -> None:
    text = calendar_request(attacked, stamp=STAMP)

    assert property_names(text) == property_names(calendar_request(MEETING, stamp=STAMP))
    assert {character for character in text if character in CONTROLS} == {"\r", "\n"}


def test_line_breaks_stay_in_the_description_and_become_spaces_elsewhere() -> None:
    event = replace(MEETING, summary=" Politisk\r\nmøde ", description="\r\nEn\r\n\r\nTo\rTre\tfire\n")

    parsed = vobject.readOne(calendar_request(event, stamp=STAMP)).vevent

    assert parsed.summary.value == "Politisk møde"
    assert parsed.description.value == "En\n\nTo\nTre fire"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('Jens "Jenne" Ive', "Jens 'Jenne' Ive"),
        ('";RSVP=FALSE:mailto:fremmed@example.com', "';RSVP=FALSE:mailto:fremmed@example.com"),
        ("Ive, Jens; formand: KL", "Ive, Jens; formand: KL"),
        ("H.C. Østerby", "H.C. Østerby"),
    ],
)
def test_a_name_stays_inside_its_parameter(name: str, shown: str) -> None:
    text = calendar_request(replace(MEETING, attendee_name=name), stamp=STAMP)

    attendee = vobject.readOne(text).vevent.attendee

    assert attendee.value == "mailto:borgmester@skanderborg.dk"
    assert attendee.params == {
        "CN": [shown],
        "PARTSTAT": ["NEEDS-ACTION"],
        "ROLE": ["REQ-PARTICIPANT"],
        "RSVP": ["TRUE"],
    }


def test_a_person_without_a_name_has_an_address_only() -> None:
    event = replace(MEETING, organizer_name="", attendee_name=" ")

    unfolded = event_lines(calendar_cancel(event, stamp=STAMP))

    assert [line for line in unfolded if line.startswith(("ATTENDEE", "ORGANIZER"))] == [
        "ATTENDEE;ROLE=REQ-PARTICIPANT:mailto:borgmester@skanderborg.dk",
        "ORGANIZER:mailto:moeder@kl.dk",
    ]


def test_an_address_with_danish_letters_becomes_a_uri() -> None:
    unfolded = event_lines(calendar_request(replace(MEETING, url="https://kl.dk/møde?a=1&b=2"), stamp=STAMP))

    assert [line for line in unfolded if line.startswith("URL")] == ["URL:https://kl.dk/m%C3%B8de?a=1&b=2"]


texts = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\\^"))


@given(texts, texts, texts)
def test_any_printable_text_is_read_back(summary: str, location: str, name: str) -> None:
    event = replace(MEETING, summary=f"S {summary}", location=f"L {location}", attendee_name=f"N {name}")

    parsed = Calendar.from_ical(calendar_request(event, stamp=STAMP)).events[0]

    assert str(parsed["summary"]) == " ".join(event.summary.split())
    assert str(parsed["location"]) == " ".join(event.location.split())
    assert parsed["attendee"].params["CN"] == " ".join(event.attendee_name.split()).replace('"', "'")


def test_an_invitation_without_a_recipient_is_refused() -> None:
    event = replace(MEETING, attendee_email="")

    with pytest.raises(ValueError, match="no attendee's e-mail address"):
        calendar_request(event, stamp=STAMP)
    with pytest.raises(ValueError, match="no attendee's e-mail address"):
        calendar_cancel(event, stamp=STAMP)


def test_an_event_without_an_organizer_is_refused() -> None:
    with pytest.raises(ValueError, match="no organizer's e-mail address"):
        replace(MEETING, organizer_email="")
