"""What was accepted with a hostile text in it stays a text, wherever it goes from there."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar
from python_calamine import CalamineWorkbook

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting, OutgoingEmail
from registrations.models import Participant
from tests.factories import (
    create_invitation,
    create_meeting,
    create_office,
    create_programme_item,
    create_question,
    create_staff,
    create_theme,
)
from tests.hostile.values import ELEMENT
from tests.mails import as_sent, parse
from tests.pages import inputs, page_text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

CALENDAR = "\\nBEGIN:VALARM;X=1,2:END:VEVENT"
NAMES = [
    '=HYPERLINK(A1;"klik")',
    f"{ELEMENT}{CALENDAR}",
    "{{ 7|add:7 }} {title}",
    "@SUM(A1) Jordan",
]
TITLE = f"-2+3 {ELEMENT}{CALENDAR} {{title}}"
LINES = "Et\r\nX-Klcanary: 1\r\n\r\nBEGIN:VEVENT\r\n=1+1"
HEADERS = {
    *("auto-submitted", "content-transfer-encoding", "content-type", "date", "from", "message-id"),
    *("mime-version", "reply-to", "subject", "to", "x-auto-response-suppress"),
}


@pytest.fixture
def meeting(client: Client) -> Meeting:
    """A meeting that staff named so, and a delegation that called itself so through the form."""
    meeting = create_meeting(
        slug="moede", title=TITLE, practical_information=f"{ELEMENT}\n\n[x](javascript:x)"
    )
    item = create_programme_item(meeting=meeting, title=TITLE)
    theme = create_theme(item=item, title=TITLE)
    question = create_question(meeting=meeting, text=TITLE)
    create_office()
    address = f"/svar/{create_invitation(meeting=meeting).token}/tilmeld"
    people = {
        f"participant-{row}-{field}": name for row, name in enumerate(NAMES) for field in ("name", "title")
    }
    themes = {f"participant-{row}-theme-{item.pk}": str(theme.pk) for row in range(len(NAMES))}
    others = {
        "committee": NAMES[0],
        "contact_name": NAMES[1],
        "topics": LINES,
        f"question-{question.pk}": NAMES[0],
    }
    sent = typed({**people, **themes, **others}, people=len(NAMES))
    checked = client.post(address, sent)
    client.post(address, {**sent, "do": "send", **dict(inputs(checked).items())})
    assert Participant.objects.count() == len(NAMES), page_text(checked)
    return meeting


def test_no_mail_has_a_header_an_element_or_a_line_of_a_calendar_that_was_typed(meeting: Meeting) -> None:
    mails = list(OutgoingEmail.objects.all())
    assert {mail.kind for mail in mails} >= {OutgoingEmail.Kind.RECEIPT, OutgoingEmail.Kind.CALENDAR}

    for mail in mails:
        message = parse(as_sent(mail))
        assert {name.lower() for name in message} <= HEADERS
        assert TITLE in message["subject"]
        for part in message.walk():
            content: Any = part.get_payload(decode=True)
            if part.get_content_type() == "text/html":
                assert ELEMENT not in content.decode()
                assert not re.search(
                    r"(?i)<(script|img|link|style)|href=\"(?!https?://|mailto:|tel:)", content.decode()
                )
            if part.get_content_type() in ("text/calendar", "application/ics"):
                assert shape_of(content) == [("VCALENDAR", ["VTIMEZONE", "VEVENT"])]


def shape_of(content: bytes) -> list[tuple[str, list[str]]]:
    """The components of the calendars in a file, each with those in it, as another library reads them."""
    calendars = Calendar.from_ical(content, multiple=True)
    return [(str(one.name), [str(inner.name) for inner in one.subcomponents]) for one in calendars]


def test_the_public_calendar_is_one_meeting(meeting: Meeting, client: Client) -> None:
    response = client.get(f"/{meeting.slug}/calendar.ics")

    assert shape_of(response.content) == [("VCALENDAR", ["VTIMEZONE", "VEVENT"])]
    [event] = Calendar.from_ical(response.content).walk("VEVENT")
    assert TITLE in str(event["SUMMARY"])


def cells_of(workbook: bytes) -> set[str]:
    """The texts in a workbook; there is no formula and no link in it."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/" in name]
    assert [found for sheet in sheets for found in re.findall(r"<(?:f|hyperlink)[ >]", sheet)] == []
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    return {
        str(cell)
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for cell in row
    }


def test_a_sheet_holds_texts_and_no_formula(meeting: Meeting, client: Client) -> None:
    client.force_login(create_staff())

    people = client.post(page_url("participants_xlsx", meeting))
    ledger = client.get(page_url("ledger_xlsx", meeting))

    assert cells_of(people.content) >= set(NAMES[:1])
    assert NAMES[1] in cells_of(ledger.content)
    for response in (people, ledger):
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"].startswith("attachment;")


def test_no_page_makes_an_element_of_it(meeting: Meeting, client: Client) -> None:
    client.force_login(create_staff())
    person = Participant.objects.all()[1]
    pages = [
        *(page_url(name, meeting) for name in ("ledger", "participants", "reminders", "figures", "history")),
        page_url("municipality", meeting, code="0657"),
        *(f"/admin/registrations/{model}/" for model in ("registration", "participant")),
        "/admin/",
        "/admin/invitations/outgoingemail/",
        "/",
        "/moede",
        "/moede/tilmeld",
        f"/deltager/{person.token}",
        f"/kvittering/{person.registration.token}",
    ]

    contents = {page: client.get(page).content.decode() for page in pages}

    assert [page for page, content in contents.items() if ELEMENT in content] == []
    assert [page for page, content in contents.items() if "&lt;kl-canary&gt;" not in content] == []
