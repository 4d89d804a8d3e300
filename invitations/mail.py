"""Delivers what is owed: each mail is claimed, built, handed to the server, and marked with the outcome."""

from __future__ import annotations

import logging
import smtplib
import time
import unicodedata
from contextlib import suppress
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.utils import format_datetime

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import utf8_charset_qp
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils.translation import gettext as _

from invitations.danish import COPENHAGEN
from invitations.models import OutgoingEmail, Sender
from invitations.models.outbox import LEASE

logger = logging.getLogger(__name__)

# How long one sweep takes mails on. What is left over is the next one's, a few seconds later.
SWEEP = timedelta(seconds=20)
# After so many breakdowns one after the other it is the server, and not the mails.
BREAKDOWNS = 3
# How often to try to write down that a mail has left, while the database is away.
NOTING_PAUSE = timedelta(seconds=1)
# A mail on which so many workers have died is not tried by another.
MAX_LOST_CLAIMS = 5

CLOSING_CHANNEL = 421  # RFC 5321 section 3.8
TOO_BIG = 552  # RFC 1870 section 6.1


class OutageError(Exception):
    """The server takes nothing at the moment, whatever the mail."""


class MailServer:
    """The connection of one sweep: opened for the first mail, kept for the others, dropped at any trouble."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self._breakdowns = 0

    @property
    def is_down(self) -> bool:
        return self._breakdowns >= BREAKDOWNS

    def send(self, message: EmailMultiAlternatives) -> None:
        """Hand over the message.

        Raises OutageError where the server takes nothing at the moment, and whatever the mail backend raises
        where it does not take this message.
        """
        try:
            self._connect().send_messages([message])
        except Exception as error:
            self.hang_up()
            if _is_outage(error):
                self._breakdowns += 1
                raise OutageError(describe(error)) from error
            if isinstance(error, (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError)):
                self._breakdowns += 1
            raise
        self._breakdowns = 0

    def hang_up(self) -> None:
        if self._connection is not None:
            # A server that is gone need not hear that we go.
            with suppress(OSError):
                self._connection.close()
            self._connection = None

    def _connect(self) -> BaseEmailBackend:
        if self._connection is None:
            connection: BaseEmailBackend = get_connection()
            try:
                connection.open()
            except OSError as error:
                with suppress(OSError):
                    connection.close()
                # No mail has been tried yet, and the next one would wait just as long.
                self._breakdowns = BREAKDOWNS
                raise OutageError(describe(error)) from error
            self._connection = connection
        return self._connection


def deliver_due(*, at: datetime, limit: int = 1000) -> int:
    """Deliver the mails that are due, oldest first; return how many of them the server took.

    Any number of workers may do so at once. Stops after `limit` mails, after SWEEP, and at an outage.

    Args:
        at: now, aware.
    """
    started = time.monotonic()

    def now() -> datetime:
        # A claim counts from when it is made, not from when the sweep began.
        return at + timedelta(seconds=time.monotonic() - started)

    reply_to = Sender.objects.values_list("mailbox", flat=True).get()
    server = MailServer()
    taken = 0
    try:
        for pk in OutgoingEmail.objects.due(at=at).values_list("pk", flat=True)[:limit]:
            if server.is_down or now() - at >= SWEEP:
                break
            taken += deliver(OutgoingEmail(pk=pk), at=now(), server=server, reply_to=reply_to)
    finally:
        server.hang_up()
    return taken


def deliver(email: OutgoingEmail, *, at: datetime, server: MailServer, reply_to: str) -> bool:
    """Deliver one mail, if nobody else is doing so; return whether the server took it.

    Whatever is wrong with the mail ends up on its row and stops nobody behind it.

    Args:
        at: now, aware.
        reply_to: the mailbox that reads the answers.
    """
    if not email.claim(at=at):
        return False
    if email.lost_claims >= MAX_LOST_CLAIMS:
        email.mark_refused(_("Each worker that tried to send it died of it."), at=at, for_good=True)
        return False
    if email.of_use_until is not None and email.of_use_until <= at:
        email.drop()
        return False
    try:
        server.send(build_message(email, reply_to=reply_to))
    except DatabaseError:
        # Not the mail's fault, and there is no row to write it on.
        raise
    except OutageError as error:
        logger.warning("The mail server takes nothing: %s", error)
        email.put_back(str(error), at=at)
        return False
    except Exception as error:
        for_good = is_for_good(error)
        # What the server said may name somebody. It stands on the mail, where staff read it.
        logger.warning(
            "Mail %s was refused %s: %s",
            email.pk,
            "for good" if for_good else "for now",
            type(error).__name__,
        )
        email.mark_refused(describe(error), at=at, for_good=for_good)
        return False
    _note_sent(email, at=at)
    return True


def _note_sent(email: OutgoingEmail, *, at: datetime) -> None:
    """Write down that the mail has left, if need be once the database is back: nobody else knows it, and the
    mail would go again.

    Raises OperationalError or InterfaceError where the database stays away for as long as the claim lasts.
    """
    started = time.monotonic()
    while True:
        try:
            email.mark_sent(at=at)
        except (OperationalError, InterfaceError):
            if time.monotonic() - started > LEASE.total_seconds():
                raise
            logger.warning("Mail %s has left, but the database does not take the note yet.", email.pk)
            connection.close()
            time.sleep(NOTING_PAUSE.total_seconds())
        else:
            return


def build_message(email: OutgoingEmail, *, reply_to: str) -> EmailMultiAlternatives:
    """Return the mail as a message, always the same for the same row.

    multipart/mixed( multipart/alternative( text, HTML, calendar ), invite.ics, attachments ): Outlook takes
    an invitation only from the alternatives (MS-OXCICAL), of which a mail program shows the last that it
    knows; others find it in the attachment.

    Raises ValueError (BadHeaderError, HeaderParseError) where a header cannot be written.
    """
    headers = {
        "To": _mailbox(email.to_name, email.to),
        "Message-ID": email.message_id,
        "Date": format_datetime(email.owed_at.astimezone(COPENHAGEN)),
    }
    if email.kind != OutgoingEmail.Kind.LETTER:
        # Keeps absence notes from coming back (RFC 3834, and Exchange's own word for it). Those that answer a
        # letter are worth having: the office's people have changed, or are away until after the deadline.
        headers["Auto-Submitted"] = "auto-generated"
        headers["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message = EmailMultiAlternatives(
        email.subject, email.text, to=[email.to], reply_to=[reply_to], headers=headers
    )
    # Seven bits and short lines: goes unchanged through any server, so that signatures (DKIM) hold.
    message.encoding = utf8_charset_qp
    if email.html:
        message.attach_alternative(email.html, "text/html")
    if email.calendar:
        # Django adds the charset; naming it here would name it twice, which Outlook does not read.
        message.attach_alternative(email.calendar, f"text/calendar; method={email.calendar_method}")
        message.attach("invite.ics", email.calendar.encode(), "application/ics")
    for attachment in email.attachments.select_related("file"):
        message.attach(_one_line(attachment.filename), attachment.file.data, attachment.file.content_type)
    return message


def is_for_good(error: Exception) -> bool:
    """Whether a mail that was refused with `error` would be refused every time."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= 500 for code, _answer in error.recipients.values())
        case smtplib.SMTPResponseException():
            return error.smtp_code >= 500
        case smtplib.SMTPNotSupportedError():
            return True
        case OSError():
            return False
        case _:
            # Not about the way but about the mail: a header that cannot be written, an address that is none.
            return True


def describe(error: Exception) -> str:
    """What went wrong, in the words of the server where it said something."""
    match error:
        case OutageError():
            return str(error)
        case smtplib.SMTPRecipientsRefused():
            return "; ".join(_answer(code, answer) for code, answer in error.recipients.values())
        case smtplib.SMTPResponseException():
            return _answer(error.smtp_code, error.smtp_error)
        case _:
            return f"{type(error).__name__}: {error}"


def _is_outage(error: Exception) -> bool:
    match error:
        case OutageError():
            return True
        case smtplib.SMTPSenderRefused():
            # What the server has against our sender holds for every mail, unless it is the size of this one.
            return error.smtp_code != TOO_BIG
        case smtplib.SMTPRecipientsRefused():
            return any(code == CLOSING_CHANNEL for code, _answer in error.recipients.values())
        case smtplib.SMTPResponseException():
            return error.smtp_code == CLOSING_CHANNEL
        case _:
            return False


def _answer(code: int, text: bytes | str) -> str:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"


def _mailbox(name: str, address: str) -> str:
    return str(Address(display_name=_one_line(name), addr_spec=address))


def _one_line(text: str) -> str:
    """The text without what could end a header's line or fool the eye."""
    return "".join(
        character
        for character in " ".join(text.split())
        if not unicodedata.category(character).startswith("C")
    )
