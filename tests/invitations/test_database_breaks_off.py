"""A database that breaks off its connections while a mail is delivered, as when it is restarted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import DatabaseError, connection
from pytest_django import Settings

from invitations import mail
from invitations.mail import deliver_due
from invitations.models import OutgoingEmail
from invitations.models.outbox import LEASE
from tests.factories import NOW
from tests.mails import owe_mail
from tests.smtp import mail_server

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def breaking_off_once(function: Callable[..., Any]) -> Callable[..., Any]:
    calls: list[Any] = []

    def broken_off(*arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return function(*arguments, **options)

    return broken_off


@pytest.mark.parametrize(
    ("place", "name", "first"),
    [(OutgoingEmail, "claim", 0), (mail, "build_message", 0), (OutgoingEmail, "mark_sent", 2)],
    ids=["claiming", "building", "noting"],
)
def test_each_mail_arrives_once_though_the_database_breaks_off(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, first: int
) -> None:
    monkeypatch.setattr(place, name, breaking_off_once(getattr(place, name)))
    mails = [owe_mail(), owe_mail()]
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port

        with suppress(DatabaseError):
            deliver_due(at=NOW)
        at_first = len(server.recipients)
        connection.close()
        deliver_due(at=NOW + 2 * LEASE)

        assert at_first == first
        assert sorted(server.recipients) == sorted(mail.to for mail in mails)
    assert set(OutgoingEmail.objects.values_list("state", flat=True)) == {OutgoingEmail.State.SENT}
