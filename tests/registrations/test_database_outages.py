"""A database that is away for a moment, in the middle of a registration."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client

from invitations.models import Meeting, OutgoingEmail
from registrations.models import Participant, Registration
from tests.factories import create_invitation, create_meeting
from tests.html_pages import faults
from tests.pages import inputs, page_text, typed

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("clock"),
]


def send(path: str, data: dict[str, Any]) -> HttpResponse:
    """Send a form as somebody whose browser has been here before, on a connection of its own."""
    try:
        response: HttpResponse = Client(raise_request_exception=False).post(path, data)  # type: ignore[assignment]
        return response
    finally:
        connection.close()


def break_off_whoever_waits_for_a_lock() -> None:
    """What PostgreSQL does to each connection when it is stopped."""
    waiting = (
        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # Else a transaction sees the same for ever.
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM ({waiting}) AS waiting")  # noqa: S608
            if cursor.fetchall():
                return
        time.sleep(0.01)
    raise TimeoutError("Nobody waited for a lock.")


@pytest.mark.postgres
@pytest.mark.parametrize("invited", [False, True])
def test_a_registration_that_postgresql_breaks_off_is_kept_and_sent_again_by_one_button(
    invited: bool,
) -> None:
    meeting = create_meeting()
    path = f"/{meeting.slug}/tilmeld"
    if invited:
        path = f"/svar/{create_invitation(meeting=meeting).token}/tilmeld"
    data = typed(people=3, do="send", topics="Sundhed <b>og</b>\r\nældre")

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Meeting.objects.select_for_update().get(pk=meeting.pk)
            answer = threads.submit(send, path, data)
            break_off_whoever_waits_for_a_lock()
        broken_off = answer.result()

    assert (broken_off.status_code, broken_off["Retry-After"]) == (503, "10")
    assert broken_off["Cache-Control"] == "no-store"
    assert page_text(broken_off).startswith("Prøv igen om lidt Vores system kunne ikke blive færdigt lige nu")
    assert f'action="{path}"' in broken_off.content.decode()
    assert faults(broken_off) == []
    assert Registration.objects.count() == 0
    kept = inputs(broken_off)
    assert kept == {name: value if isinstance(value, list) else [value] for name, value in data.items()}

    again, once_more = send(path, kept), send(path, kept)

    registration = Registration.objects.get()
    assert [(sent.status_code, sent["Location"]) for sent in (again, once_more)] == [
        (303, f"/kvittering/{registration.token}?sendt")
    ] * 2
    assert (Participant.objects.count(), OutgoingEmail.objects.filter(kind="receipt").count()) == (3, 1)


@pytest.mark.sqlite
def test_a_registration_for_which_the_disk_has_no_room_is_kept_and_nothing_is_half_written() -> None:
    meeting = create_meeting()
    path = f"/{meeting.slug}/tilmeld"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1")  # As many as there are, none more.
    registered = 0
    client = Client(raise_request_exception=False)

    def register() -> HttpResponse:
        form = typed({"participant-0-name": f"Nr. {registered}"}, do="send")
        response: HttpResponse = client.post(path, form)  # type: ignore[assignment]
        return response

    while (response := register()).status_code == HTTPStatus.SEE_OTHER:
        registered += 1

    assert response.status_code == 503
    assert page_text(response).startswith("Prøv igen om lidt")
    assert (Registration.objects.count(), Participant.objects.count()) == (registered, registered)
    assert OutgoingEmail.objects.count() == 2 * registered

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 4294967294")
    assert client.post(path, inputs(response)).status_code == 303
    assert (Registration.objects.count(), OutgoingEmail.objects.count()) == (
        registered + 1,
        2 * registered + 2,
    )


def test_a_page_that_is_only_read_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registrations.views.notices.render", _away)

    response = Client(raise_request_exception=False).get("/en/privatliv?a=1&b=2")

    assert response.status_code == 503
    assert page_text(response).startswith("Try again in a moment Our system could not finish just now")
    assert 'href="/en/privatliv?a=1&amp;b=2"' in response.content.decode()
    assert faults(response) == []


def test_what_staff_typed_is_not_sent_around_and_no_password_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(User, "check_password", _away)
    User.objects.create_user("anne", password="hemmelig kode")

    response = Client(raise_request_exception=False).post(
        "/admin/login/", {"username": "anne", "password": "hemmelig kode"}
    )

    assert response.status_code == 503
    assert "Gå tilbage med din browser" in page_text(response)
    assert inputs(response) == {}
    assert "hemmelig" not in response.content.decode()


@pytest.mark.parametrize(("number", "status"), [(28, 503), (122, 503), (27, 503), (13, 500)])
def test_a_full_disk_is_told_apart_from_faults_that_stay(
    monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(number, "No space left on device")

    monkeypatch.setattr("registrations.views.notices.render", fail)

    assert Client(raise_request_exception=False).get("/privatliv").status_code == status


def _away(*_arguments: object, **_options: object) -> None:
    raise OperationalError("server closed the connection unexpectedly")
