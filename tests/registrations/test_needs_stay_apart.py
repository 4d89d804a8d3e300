"""What participants need is in no mail, list, file, history, log or calendar, whatever happens to them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting, OutgoingEmail
from registrations.cancellations import cancel_meeting
from registrations.models import Participant, Registration, SpecialNeeds
from registrations.participant_lists import Selection, entries
from registrations.reminders import owe_reminders
from tests.factories import (
    NOW,
    create_invitation,
    create_meeting,
    create_office,
    create_staff,
)
from tests.pages import typed
from tests.pdf_reader import PdfReader
from tests.told import correct

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

SECRET = "ZZNEEDZZ"


@pytest.fixture
def meeting(client: Client) -> Meeting:
    """Two have registered by the municipality's link, both with needs; one has been withdrawn again."""
    meeting = create_meeting(slug="moede", asks_about_needs=True)
    create_office()
    needs = {f"participant-{row}-needs": SECRET for row in range(2)}
    ticks = {f"participant-{row}-needs_consent": "on" for row in range(2)}
    address = f"/svar/{create_invitation(meeting=meeting).token}/tilmeld"
    client.post(address, typed({**needs, **ticks}, people=2, do="check"))
    client.post(address, typed({**needs, **ticks}, people=2, do="send"))
    assert [one.text for one in SpecialNeeds.objects.all()] == [SECRET] * 2
    client.post(f"/deltager/{Participant.objects.all()[1].token}/afmeld")
    assert SpecialNeeds.objects.count() == 1
    return meeting


def tables_with_it() -> set[str]:
    """The names of the models of which a row holds the text in any of its columns."""
    return {
        model.__name__
        for model in apps.get_models()
        for row in model._default_manager.values()
        if SECRET in str(row)
    }


def pages_of(meeting: Meeting) -> Iterator[str]:
    """Every page that shows something of the meeting, but those of the needs and the participant."""
    registration, participant = Registration.objects.get(), Participant.objects.all()[0]
    pages = admin.site.get_model_admin(Meeting).pages  # type: ignore[attr-defined]
    for page in pages:
        if "<" not in page.address and page.name != "needs":
            yield page_url(page.name, meeting)
    yield page_url("municipality", meeting, code="0657")
    yield page_url("change", meeting)
    for model, row in (
        ("invitations_meeting", meeting),
        ("registrations_registration", registration),
        ("registrations_participant", participant),
        *(("invitations_outgoingemail", mail) for mail in OutgoingEmail.objects.all()),
    ):
        yield reverse(f"admin:{model}_changelist")
        yield reverse(f"admin:{model}_change", args=[row.pk])
        yield reverse(f"admin:{model}_history", args=[row.pk])
    yield reverse("admin:admin_logentry_changelist")
    yield f"/kvittering/{registration.token}"
    yield f"/svar/{registration.invitation.token}" if registration.invitation else ""
    yield meeting.get_absolute_url()


def test_nothing_else_in_the_database_holds_it(
    client: Client, meeting: Meeting, clock: Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    participant = Participant.objects.active().get()
    client.post(f"/deltager/{participant.token}/behov", {"needs": f"{SECRET} 2", "needs_consent": "on"})
    session = meeting.sessions.get()
    session.venue_name = "Et andet sted"
    session.save()
    correct(meeting)
    owe_reminders(at=session.starts.start() - timedelta(hours=30))

    assert tables_with_it() == {"SpecialNeeds"}
    assert OutgoingEmail.objects.filter(kind="meeting_reminder").count() == 1
    assert SECRET not in caplog.text

    cancel_meeting(Meeting.objects.get(), at=NOW, by=create_staff())

    assert tables_with_it() == set()
    assert OutgoingEmail.objects.count() >= 6
    assert LogEntry.objects.count() >= 2


def test_no_page_shows_it_even_to_those_who_may_do_everything(client: Client, meeting: Meeting) -> None:
    client.force_login(create_staff())

    shown = {}
    for url in pages_of(meeting):
        response = client.get(url, follow=True)
        if response.status_code != 405 and not response["Content-Type"].startswith("application/"):
            shown[url] = SECRET in response.content.decode()

    assert [url for url, is_there in shown.items() if is_there] == []
    assert len(shown) > 30


def test_no_file_holds_it(client: Client, meeting: Meeting) -> None:
    client.force_login(create_staff())

    sheets = [
        client.post(page_url("participants_xlsx", meeting)).content,
        client.get(page_url("ledger_xlsx", meeting)).content,
    ]
    papers = [client.get(page_url(name, meeting)).content for name in ("door_list", "name_badges")]

    for sheet in sheets:
        with ZipFile(BytesIO(sheet)) as file:
            assert [name for name in file.namelist() if SECRET.encode() in file.read(name)] == []
    words = [PdfReader(paper).document.text for paper in papers]
    assert [("Person 1" in text, SECRET in text) for text in words] == [(True, False)] * 2


def test_who_looks_for_participants_does_not_find_them_by_it(client: Client, meeting: Meeting) -> None:
    client.force_login(create_staff())
    for model in ("participant", "registration"):
        lists = [
            client.get(reverse(f"admin:registrations_{model}_changelist"), {"q": words}).context["cl"]
            for words in ("Person 1", SECRET)
        ]
        assert [found.result_count for found in lists] == [1, 0]
    assert [entry.name for entry in entries(meeting, Selection(search="Person 1"))] == ["Person 1"]
    assert entries(meeting, Selection(search=SECRET)) == []


def test_it_is_named_by_no_text_that_programs_print(meeting: Meeting) -> None:
    needs = SpecialNeeds.objects.get()

    assert [SECRET in words for words in (str(needs), repr(needs), repr(needs.participant))] == [False] * 3
