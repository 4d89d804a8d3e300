"""Mails for tests: what is owed, and how it arrives."""

from __future__ import annotations

import email.policy
import itertools
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from django.core.mail.message import MIMEMixin

from invitations.mail import build_message
from invitations.models import Mail, OutgoingEmail
from tests.factories import NOW

_numbers = itertools.count(1)


def make_mail(**fields: Any) -> Mail:
    """A mail to somebody, of a key of its own."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "key": f"test:{number}",
        "kind": OutgoingEmail.Kind.RECEIPT,
        "about": "politisk-moede",
        "to": f"nr{number}@kommune.example",
        "subject": "Kvittering",
        "text": "Vi har modtaget jeres tilmelding.\n",
        "html": "<p>Vi har modtaget jeres tilmelding.</p>",
    }
    return Mail(**{**values, **fields})


def owe_mail(*, at: datetime = NOW, **fields: Any) -> OutgoingEmail:
    mail = make_mail(**fields)
    OutgoingEmail.objects.owe([mail], at=at)
    return OutgoingEmail.objects.get(key=mail.key)


def arrived(mail: OutgoingEmail) -> EmailMessage:
    """The mail as the mail program of its recipient reads it."""
    return parse(as_sent(mail))


def as_sent(mail: OutgoingEmail) -> bytes:
    message = build_message(mail, reply_to="sekretariat@kl.example")
    content = message.message()
    assert isinstance(content, MIMEMixin)
    return content.as_bytes(linesep="\r\n")


def parse(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert [part.defects for part in message.walk()] == [[]] * len(list(message.walk()))
    return message


def tree(part: EmailMessage) -> Any:
    """The types of the parts, nested as they are."""
    if not part.is_multipart():
        return part.get_content_type()
    return (part.get_content_type(), [tree(child) for child in part.iter_parts()])  # type: ignore[arg-type]
