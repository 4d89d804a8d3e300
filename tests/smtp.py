"""A mail server that misbehaves on command, on a free port of the loopback address."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import free_port


class MailServer:
    """Keeps what it takes.

    `answers` says what the mail to an address gets instead: words of SMTP, to the address or, where they end
    in `(data)`, to the mail; `drop` closes the line once it has the mail; `hang` says nothing more.
    `troubles` says the same of commands (CONNECT, EHLO, MAIL, RCPT, DATA, QUIT), whatever the mail: what is
    answered instead, or `drop` or `hang`.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.answers: dict[str, str] = {}
        self.troubles: dict[str, str] = {}
        self.sender_answer = ""
        self.taken: list[bytes] = []
        self.recipients: list[str] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def repeated(self) -> list[str]:
        """Recipients who got more than one mail."""
        return [recipient for recipient, count in Counter(self.recipients).items() if count > 1]

    def start(self) -> None:
        self._controller = _Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    # -- what aiosmtpd calls ---------------------------------------------------------------------------

    async def handle_MAIL(  # noqa: N802 (named after the command)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender_answer:
            return self.sender_answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, "")
        if answer.startswith(("4", "5")) and not answer.endswith("(data)"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.get(envelope.rcpt_tos[0], "")
        if answer == "drop":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 never heard"
        if answer == "hang":
            await asyncio.sleep(3600)
        if answer.endswith("(data)"):
            return answer
        with self._lock:
            content = envelope.original_content
            assert content is not None
            self.taken.append(content)
            self.recipients.extend(envelope.rcpt_tos)
        return "250 OK"


class _Line(SMTP):
    """One connection, on which a command may meet trouble."""

    event_handler: MailServer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        trouble = self.event_handler.troubles.get("CONNECT", "")
        assert isinstance(transport, asyncio.Transport)
        if trouble == "drop":
            transport.abort()
        elif trouble == "":
            super().connection_made(transport)
        elif trouble != "hang":
            transport.write(f"{trouble}\r\n".encode())

    async def meets_trouble(self, command: str) -> bool:
        trouble = self.event_handler.troubles.get(command, "")
        if trouble == "drop":
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.abort()
        elif trouble == "hang":
            await asyncio.sleep(3600)
        elif trouble:
            await self.push(trouble)
        return trouble != ""

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        if not await self.meets_trouble("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if not await self.meets_trouble("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        if not await self.meets_trouble("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if not await self.meets_trouble("DATA"):
            await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        if not await self.meets_trouble("QUIT"):
            await super().smtp_QUIT(arg)


class _Controller(Controller):
    def __init__(self, server: MailServer, **options: Any) -> None:
        super().__init__(server, **options)
        self._server = server

    def factory(self) -> SMTP:
        self._server.connections += 1
        return _Line(self.handler, **self.SMTP_kwargs)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
