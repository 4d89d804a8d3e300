"""Registrations over a real web server, while PostgreSQL crashes and comes back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from invitations.models import OutgoingEmail
from registrations.models import Participant, Registration
from tests import servers_plugin
from tests.factories import create_meeting, create_session
from tests.faults.workers import database_url
from tests.pages import inputs, typed
from tests.servers import free_port, wait_for_port

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

VISITORS = 4
SENT_BY_EACH = 15
CRASHES = 3


@dataclass(frozen=True)
class Answer:
    status: int
    address: str
    content: bytes


class Visitor:
    """Sends a form as a patient person does: what comes back with 503 is sent again by its button."""

    def __init__(self) -> None:
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.statuses: list[int] = []

    def register(self, address: str, form: dict[str, Any]) -> str:
        """The path of the receipt."""
        token, data = _token(self._ask(address)), form
        while True:
            page = self._ask(address, {**data, "csrfmiddlewaretoken": token})
            if page.status == 200:
                return urlsplit(page.address).path
            if kept := inputs(page):
                token, data = _token(page), kept
            time.sleep(0.5)

    def _ask(self, address: str, data: dict[str, Any] | None = None) -> Answer:
        body = None if data is None else urlencode(data, doseq=True).encode()
        while True:
            try:
                with self._opener.open(address, body, timeout=120) as response:
                    answer = Answer(response.status, response.url, response.read())
            except urllib.error.HTTPError as error:
                answer = Answer(error.code, error.url, error.read())
            self.statuses.append(answer.status)
            if body is not None or answer.status == 200:
                return answer
            time.sleep(0.5)


def _token(page: Answer) -> str:
    found = re.search(rb'name="csrfmiddlewaretoken" value="(.*?)"', page.content)
    assert found is not None, page
    return found[1].decode()


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """Yields the address of the site, as production serves it."""
    port = free_port()
    variables = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "3", "--timeout", "120"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "kl_meetings.wsgi", *options],
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            wait_for_port(port, seconds=120)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)


def test_each_who_registers_is_registered_once_though_postgresql_crashes(tmp_path: Path) -> None:
    postgresql = servers_plugin.postgresql
    assert postgresql is not None
    now = timezone.now()
    meeting = create_meeting(
        session=False, published_at=now - timedelta(days=1), registration_deadline_date=None
    )
    create_session(meeting=meeting, starts_date=timezone.localdate() + timedelta(days=60))
    visitors = [Visitor() for _ in range(VISITORS)]

    def register_all(number: int, site: str) -> list[str]:
        return [
            visitors[number].register(
                f"{site}/{meeting.slug}/tilmeld",
                typed({"participant-0-name": f"Person {number}-{count}"}, do="send"),
            )
            for count in range(SENT_BY_EACH)
        ]

    with web_server(tmp_path) as site, ThreadPoolExecutor(VISITORS) as threads:
        sent = [threads.submit(register_all, number, site) for number in range(VISITORS)]
        for crash in range(CRASHES):
            _wait_for(Registration.objects.count, at_least=(crash + 1) * 10)
            connection.close()
            postgresql.stop()
            time.sleep(3)
            postgresql.start()
        receipts = [path for paths in sent for path in paths.result(timeout=900)]

    assert len(set(receipts)) == VISITORS * SENT_BY_EACH
    assert set(receipts) == {f"/kvittering/{token}" for token in _all(Registration, "token")}
    assert len(_all(Participant, "name")) == len(set(_all(Participant, "name"))) == VISITORS * SENT_BY_EACH
    assert OutgoingEmail.objects.filter(kind="receipt").count() == VISITORS * SENT_BY_EACH
    statuses = [status for visitor in visitors for status in visitor.statuses]
    assert set(statuses) == {200, 503}
    print(f"{len(receipts)} registrations, {CRASHES} crashes, {statuses.count(503)} pages that say try again")


def _all(model: Any, field: str) -> list[str]:
    return list(model.objects.values_list(field, flat=True))


def _wait_for(count: Any, *, at_least: int) -> None:
    deadline = time.monotonic() + 600
    while count() < at_least:
        assert time.monotonic() < deadline
        time.sleep(0.1)
