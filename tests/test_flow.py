"""The whole story once: a meeting file becomes a letter, answers, calendars, a reminder, a correction and a
cancellation.

It is told of a demo file, and of a real letter where the folder of those lies beside the project. The tasks
run in a Celery worker, through whichever broker the run has.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from queue import Queue

import pytest
import time_machine
from celery import Task
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from invitations.danish import COPENHAGEN
from invitations.letters import dispatch
from invitations.models import Letter, Meeting, Role
from invitations.tasks import deliver_owed
from kl_meetings.celery import app
from registrations.cancellation_letters import prepare_cancellation_letter
from registrations.cancellations import cancel_meeting
from registrations.correction_letters import prepare_correction_letter
from registrations.corrections import plan_correction, send_correction
from registrations.statements import what_is_wrong
from registrations.tasks import owe_reminders
from tests.chromium import launch
from tests.delivered import addressees, calendar_part, link_for, offices, pdf_names, take
from tests.factories import create_office, create_staff

PROJECT = Path(__file__).resolve().parent.parent
REAL_LETTERS = PROJECT.parent / "shared" / "letters"

DELEGATION = ("Anne Agerbæk", "Bent Bjerrehus", "Camilla Dybdal", "Daniel Engholt", "Else Fuglsig")
CONTACT = "udvalgssekretaer@herning.example"


@dataclass(frozen=True)
class Story:
    """A meeting file, with what it says of the meeting: times are those of Copenhagen."""

    file: Path
    slug: str
    sent: datetime
    reminded: datetime
    starts: datetime
    ends: datetime
    place: str
    host: str


def copenhagen(*time: int) -> datetime:
    return datetime(*time, tzinfo=COPENHAGEN)  # type: ignore[arg-type,misc]  # mypy cannot count them


STORIES = [
    pytest.param(
        Story(
            file=PROJECT / "registrations" / "demo" / "boern-og-unge-midtjylland.yaml",
            slug="boern-og-unge-midtjylland",
            sent=copenhagen(2027, 8, 17, 10),
            reminded=copenhagen(2027, 9, 22, 8),
            starts=copenhagen(2027, 11, 3, 15, 30),
            ends=copenhagen(2027, 11, 3, 18, 30),
            place="Rådhuset i Viborg, Mødecentret, Prinsens Alle 5, 8800 Viborg",
            host="Viborg",
        ),
        id="demo file",
    ),
    pytest.param(
        Story(
            file=REAL_LETTERS / "midtjylland-2019.yaml",
            slug="politisk-moede-midtjylland",
            sent=copenhagen(2019, 2, 6, 10),
            reminded=copenhagen(2019, 2, 22, 8),
            starts=copenhagen(2019, 3, 28, 17),
            ends=copenhagen(2019, 3, 28, 19),
            place="Rådhuset, Skanderborg Fælled 1, 8660 Skanderborg",
            host="Skanderborg",
        ),
        id="letter of 6 February 2019",
        marks=pytest.mark.skipif(
            not REAL_LETTERS.is_dir(), reason="the real letters are not part of the project"
        ),
    ),
]


@pytest.fixture
def run_task(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Task[[], int]], None]]:
    """Runs a task in a worker and waits for its end."""
    # A folder is looked into once a second, which is long for a test.
    monkeypatch.setitem(app.conf.broker_transport_options, "polling_interval", 0.05)
    ended: Queue[str] = Queue()

    def note(task_id: str, **_: object) -> None:
        connection.close()
        ended.put(task_id)

    def run(task: Task[[], int]) -> None:
        sent = task.delay()
        while ended.get(timeout=60) != sent.id:
            pass

    task_postrun.connect(note)
    try:
        with start_worker(app, perform_ping_check=False):
            yield run
    finally:
        task_postrun.disconnect(note)


def in_chromium(visit: Callable[[Page, str], str], address: str) -> str:
    """Let `visit` go to `address`, in a thread of its own: Django refuses its database to a browser's."""

    def run() -> str:
        with sync_playwright() as playwright, launch(playwright) as browser:
            return visit(browser.new_page(locale="da-DK"), address)

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(run).result()


def register_five(page: Page, address: str) -> str:
    page.goto(address)
    page.click("a[href$='/tilmeld']")
    page.fill("[name=committee]", "Børne- og Familieudvalget")
    page.fill("[name=contact_name]", "Udvalgssekretær Mette Lind")
    page.fill("[name=contact_email]", CONTACT)
    for number, name in enumerate(DELEGATION):
        if number:
            page.click("[data-add-participant]")
        row = page.locator("[data-participant]").nth(number)
        row.locator("[name$='-name']").fill(name)
        row.locator("[name$='-title']").fill("Medlem af udvalget")
        row.locator("[name$='-email']").fill(f"deltager-{number}@herning.example")
        for choices in row.locator(".choices").all():
            choices.locator("label").nth(number % 3).click()
    page.click(".actions button[value=check]")
    page.click(".actions button[value=send]")
    return page.locator(".reference strong").inner_text()


def decline(page: Page, address: str) -> str:
    page.goto(address)
    page.click("a[href$='/afbud']")
    page.click(".actions button[value=decline]")
    page.wait_for_url(lambda url: not url.endswith("/afbud"))
    return page.url


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("story", STORIES)
def test_the_flow(
    story: Story,
    run_task: Callable[[Task[[], int]], None],
    live_server: LiveServer,
    mailoutbox: list[EmailMessage],
    settings: Settings,
) -> None:
    settings.PUBLIC_URL = live_server.url
    with time_machine.travel(story.sent) as clock:
        staff = create_staff()

        # The secretariat brings in the file, publishes the meeting and sends the letter.
        call_command("import_meetings", story.file)
        meeting = Meeting.objects.get(slug=story.slug)
        invited = list(meeting.municipalities())
        for municipality in invited:
            create_office(municipality=municipality, mailbox=f"udvalg@{municipality.code}.example")
            create_office(
                municipality=municipality, role=Role.MAYOR, mailbox=f"borgmester@{municipality.code}.example"
            )
        meeting.publish(at=story.sent)
        letter = Letter.objects.get(meeting=meeting)
        dispatch(letter, at=story.sent, by=staff)
        run_task(deliver_owed)

        letters = take(mailoutbox)
        codes = {municipality.name: municipality.code for municipality in invited}
        assert len(invited) == 19
        assert addressees(letters) == offices(codes.values())
        assert {pdf_names(mail)[0] for mail in letters} == {letter.filename}

        # Herning comes with five people, Struer does not come.
        clock.move_to(story.sent + timedelta(days=2))
        herning = in_chromium(register_five, link_for(codes["Herning"], letters))
        struer = in_chromium(decline, link_for(codes["Struer"], letters))
        run_task(deliver_owed)

        answers = take(mailoutbox)
        receipt = next(mail for mail in answers if mail.to == [CONTACT])
        calendars = {mail.to[0]: calendar_part(mail) for mail in answers if mail is not receipt}
        assert re.fullmatch(rf"M-{story.sent.year}-\d{{4}}", herning)
        assert herning in receipt.body
        assert [name for name in DELEGATION if name not in receipt.body] == []
        assert struer == link_for(codes["Struer"], letters)
        assert sorted(calendars) == [f"deltager-{number}@herning.example" for number in range(5)]
        for address, calendar in calendars.items():
            event = calendar.vevent
            assert calendar.method.value == "REQUEST"
            assert (event.dtstart.value, event.dtend.value) == (story.starts, story.ends)
            assert event.location.value == story.place
            assert event.attendee.value == f"mailto:{address}"
            assert event.sequence.value == "0"

        # Two weeks before the deadline the silent ones are reminded, once; the host is not.
        clock.move_to(story.reminded)
        run_task(owe_reminders)
        run_task(owe_reminders)
        run_task(deliver_owed)

        silent = codes.keys() - {"Herning", "Struer", story.host}
        reminders = take(mailoutbox)
        assert addressees(reminders) == offices(codes[name] for name in silent)

        # It begins an hour later now: the letters and the calendars are put right, once.
        clock.move_to(story.reminded + timedelta(hours=1))
        session = meeting.sessions.get()
        session.starts_time, session.ends_time = an_hour_after(story.starts), an_hour_after(story.ends)
        session.save()
        changed = prepare_correction_letter(meeting, at=timezone.now(), by=staff)
        shown = plan_correction(Meeting.objects.get(pk=meeting.pk), at=timezone.now())
        for _press in range(2):
            send_correction(
                meeting, fingerprint=shown.fingerprint, with_letter=True, at=timezone.now(), by=staff
            )
        run_task(deliver_owed)

        corrections = take(mailoutbox)
        put_right = {mail.to[0]: calendar_part(mail) for mail in corrections if mail.to[0] in calendars}
        assert addressees(corrections) == offices(codes.values()) + Counter([CONTACT, *calendars])
        assert {name for mail in corrections for name in pdf_names(mail)[:1]} == {changed.filename}
        for address, part in put_right.items():
            event = part.vevent
            assert event.uid.value == calendars[address].vevent.uid.value
            assert (part.method.value, event.sequence.value) == ("REQUEST", "1")
            assert event.dtstart.value == story.starts + timedelta(hours=1)
        assert not what_is_wrong(Meeting.objects.get(pk=meeting.pk), at=timezone.now())

        # It is cancelled: it leaves the calendars, and all offices get the letter that says so.
        cancelled = prepare_cancellation_letter(meeting, at=timezone.now(), by=staff)
        clock.move_to(story.reminded + timedelta(hours=2))
        cancel_meeting(meeting, letter=cancelled, at=timezone.now(), by=staff)
        run_task(deliver_owed)

        cancellations = take(mailoutbox)
        taken_back = {mail.to[0]: calendar_part(mail) for mail in cancellations if mail.to[0] in calendars}
        assert addressees(cancellations) == offices(codes.values()) + Counter([CONTACT, *calendars])
        assert {name for mail in cancellations for name in pdf_names(mail)[:1]} == {cancelled.filename}
        assert {address: part.vevent.uid.value for address, part in taken_back.items()} == {
            address: part.vevent.uid.value for address, part in calendars.items()
        }
        assert {
            (part.method.value, part.vevent.status.value, part.vevent.sequence.value)
            for part in taken_back.values()
        } == {("CANCEL", "CANCELLED", "2")}


def an_hour_after(moment: datetime) -> time:
    return (moment + timedelta(hours=1)).time()
