"""The whole site for somebody who may do everything: its pages, their forms, and what they ask for."""

from __future__ import annotations

import logging
import re
import traceback
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlsplit

from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from tests.factories import create_dispatch, create_guests, create_office, create_staff
from tests.hostile.values import CANARIES, Hostile
from tests.hostile.web_forms import WebForm, query_of, read
from tests.public_states import create_states

FORM_TYPE = "application/x-www-form-urlencoded"
# What changes the one who crawls.
LEFT_OUT = {"admin:logout"}


@dataclass
class Site:
    """What a walk through the site has found.

    Attributes:
        forms: one of each kind, in the order in which they were found.
        parameters: what is asked for in the queries of each page, and an example, by the page's address.
        pages: the addresses that were opened, without query.
    """

    client: Client
    forms: list[WebForm] = field(default_factory=list)
    parameters: dict[str, dict[str, str]] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)


def kind_of(form: WebForm) -> tuple[str, str, tuple[str, ...]]:
    """What two forms have in common that differ only in the rows that they are about."""
    names = {re.sub(r"\d+", "0", name) for name in (*form.names, *form.files)}
    return view_name(form.action), form.method, tuple(sorted(names))


def view_name(url: str) -> str:
    """The name of the page at `url`; empty where there is none of ours."""
    parts = urlsplit(url)
    try:
        return resolve(parts.path).view_name if parts.netloc in ("", "testserver") else ""
    except Resolver404:
        return ""


def walk(*, most: int = 1) -> Site:
    """Make a site with something of everything, and open `most` of each kind of page.

    Needs the clock at NOW.
    """
    states = create_states()
    create_dispatch()
    create_office()
    create_guests()
    site = Site(Client(raise_request_exception=False))
    site.client.force_login(create_staff(username="crawler"))
    found: dict[tuple[str, str, tuple[str, ...]], WebForm] = {}
    waiting = deque(["/admin/", *(state.path for state in states.values() if state.post is None)])
    for state in states.values():
        if state.post is not None and not state.closed:
            _keep(found, read(state.path, state.visit().content.decode())[0])
    opened: Counter[str] = Counter()
    seen = set()
    while waiting:
        url = waiting.popleft()
        name, query = view_name(url), urlsplit(url).query
        path = urlsplit(url).path
        if not name or name in LEFT_OUT or (path, query) in seen:
            continue
        seen.add((path, query))
        if query:
            site.parameters.setdefault(name, {"": path}).update(query_of(url))
        if opened[name] >= (1 if query else most):
            continue
        opened[name] += 1
        response: Any = site.client.get(f"{path}?{query}" if query else path)
        if not query:
            site.pages.append(path)
        if response.status_code in (301, 302):
            waiting.append(response["Location"])
        elif "html" in response.get("Content-Type", ""):
            forms, links = read(path, response.content.decode())
            waiting.extend(links)
            _keep(found, forms)
    site.forms = [form for form in found.values() if view_name(form.action) not in LEFT_OUT]
    return site


def _keep(found: dict[tuple[str, str, tuple[str, ...]], WebForm], forms: Iterable[WebForm]) -> None:
    for form in forms:
        known = found.setdefault(kind_of(form), form)
        known.buttons += [button for button in form.buttons if button not in known.buttons]


def body(values: Iterable[tuple[str, Hostile]]) -> str:
    """A form's values as a browser sends them; bytes are sent as they are."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in values)


@contextmanager
def nothing_stays() -> Iterator[None]:
    """All that is done inside is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Attacker:
    """Sends requests and writes down what came of them that must not."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.client = site.client
        self.found: list[str] = []
        self.sent = 0
        self._kept = {name: morsel.value for name, morsel in site.client.cookies.items()}

    def send(
        self, what: str, method: str, url: str, *, files: dict[str, Any] | None = None, **sent: Any
    ) -> None:
        """Send it, and undo what it did.

        Args:
            what: what is sent, for whoever reads of a failure.
            files: what is sent with files among it, instead of what is in `sent`.
            sent: as `Client.generic` takes it.
        """
        self.sent += 1
        cache.clear()
        self.client.cookies.clear()
        for name, value in self._kept.items():
            self.client.cookies[name] = value
        failures: list[str] = []

        def failed(sender: object, **_: object) -> None:
            failures.append(traceback.format_exc(limit=-3))

        handler = _Errors()
        logging.getLogger().addHandler(handler)
        got_request_exception.connect(failed)
        try:
            with nothing_stays():
                response: Any = (
                    self.client.post(url, files) if files else self.client.generic(method, url, **sent)
                )
                content = b"" if response.streaming else response.content
        finally:
            got_request_exception.disconnect(failed)
            logging.getLogger().removeHandler(handler)
        for wrong in [*_wrong(response, content), *failures, *handler.lines]:
            self.found.append(f"{method} {url[:200]} {what}: {wrong}")


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # What is refused as suspicious is logged there; an answer of 500 is found as such.
        if not record.name.startswith(("django.security", "django.request")):
            self.lines.append(f"logged: {record.getMessage()[:300]}")


def _wrong(response: Any, content: bytes) -> Iterator[str]:
    if response.status_code >= 500:
        yield f"status {response.status_code}"
    for name, value in response.headers.items():
        if name.lower() == "x-klcanary":
            yield f"header {name}: {value}"
    if urlsplit(response.get("Location", "")).netloc not in ("", "testserver"):
        yield f"leads to {response['Location'][:100]}"
    if response.get("Content-Type", "").startswith("text/html"):
        text = content.decode()
        yield from (f"shows {canary!r}" for canary in CANARIES if canary in text)
        if response.status_code >= 400 and '<html lang="da"' not in text:
            yield f"{response.status_code} that is no page of ours"
