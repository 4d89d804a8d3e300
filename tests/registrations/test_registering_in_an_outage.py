"""Registering while Redis and the mail server are away."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from invitations.mail import deliver_due
from registrations.models import Registration
from tests.factories import create_meeting
from tests.pages import inputs, typed
from tests.servers import free_port
from tests.smtp import MailServer

# On PostgreSQL, whose client connects without Python's sockets, and where the queue is Redis.
pytestmark = [pytest.mark.postgres, pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whereto Python has tried to connect. Nobody answers."""
    tried: list[Any] = []

    def refuse(_socket: socket.socket, address: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    return tried


def test_no_request_of_a_registration_waits_for_another_server_than_the_database(
    client: Client, connections: list[Any]
) -> None:
    path = f"/{create_meeting().slug}/tilmeld"

    form = client.get(path)
    check = client.post(path, typed(people=3))
    sent = client.post(path, {**inputs(check), "do": "send"})
    receipt = client.get(sent["Location"])
    declined = client.post(f"{sent['Location']}/afmeld", {"participant": "1"})

    assert [page.status_code for page in (form, check, sent, receipt)] == [200, 200, 303, 200]
    assert declined.status_code < 500
    assert Registration.objects.count() == 1
    assert connections == []


def test_what_was_registered_meanwhile_is_written_about_when_the_mail_server_is_back(
    client: Client, settings: Settings
) -> None:
    server = MailServer()
    server.port = free_port()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    client.post(f"/{create_meeting().slug}/tilmeld", typed(people=3, do="send"))
    at = timezone.now()
    while_away = deliver_due(at=at)

    server.start()
    try:
        back = deliver_due(at=at.replace(hour=at.hour + 1))
    finally:
        server.stop()

    assert (while_away, back) == (0, 4)
    assert sorted(server.recipients) == sorted(
        ["anne@herning.example", *(f"person{number}@herning.example" for number in (1, 2, 3))]
    )
