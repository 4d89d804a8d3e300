"""A mail server that breaks off, falls silent or refuses, at each command of the dialogue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import override_settings
from pytest_django import Settings

from invitations.mail import deliver_due
from invitations.models import OutgoingEmail
from tests.factories import NOW
from tests.mails import owe_mail, parse
from tests.smtp import MailServer, mail_server

pytestmark = pytest.mark.django_db

# Seconds for which one need not wait to know that a server is silent.
IMPATIENT = 0.2
COMMANDS = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA")


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    """A mail server that the settings name."""
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def deliver_through(trouble: str, command: str, server: MailServer) -> None:
    """Try to deliver while `command` meets `trouble`, and again after a while without."""
    server.troubles[command] = trouble
    with override_settings(EMAIL_TIMEOUT=IMPATIENT if trouble == "hang" else settings.EMAIL_TIMEOUT):
        deliver_due(at=NOW)
    assert not OutgoingEmail.objects.filter(state=OutgoingEmail.State.FAILED).exists()
    server.troubles.clear()
    deliver_due(at=NOW + timedelta(minutes=10))


@pytest.mark.parametrize("trouble", ["drop", "hang", "421 4.3.2 Closing"])
@pytest.mark.parametrize("command", COMMANDS)
def test_whatever_happens_at_whatever_command_each_mail_arrives_once_afterwards(
    server: MailServer, command: str, trouble: str
) -> None:
    mails = [owe_mail(), owe_mail()]

    deliver_through(trouble, command, server)

    assert sorted(server.recipients) == sorted(mail.to for mail in mails)
    assert {parse(taken)["Message-ID"] for taken in server.taken} == {mail.message_id for mail in mails}


@pytest.mark.parametrize("command", ["CONNECT", "EHLO", "MAIL"])
def test_a_refusal_that_is_about_us_and_not_the_mail_gives_no_mail_up(
    server: MailServer, command: str
) -> None:
    mail = owe_mail()

    deliver_through("554 5.7.1 No service for you", command, server)

    assert server.recipients == [mail.to]


@pytest.mark.parametrize("trouble", ["drop", "hang", "421 4.3.2 Closing", "500 What?"])
def test_a_server_that_takes_the_mail_and_is_rude_at_parting_gets_it_once(
    server: MailServer, trouble: str
) -> None:
    mail = owe_mail()

    deliver_through(trouble, "QUIT", server)

    assert server.recipients == [mail.to]
