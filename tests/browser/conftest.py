"""A real Chromium, closed with the last test of a file: it leaves an event loop in the thread until then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from registrations import bots
from tests.chromium import launch
from tests.factories import create_staff

# Milliseconds: a machine that does much else besides needs more than Playwright's five seconds.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def chromium(django_db_setup: None) -> Iterator[Browser]:
    """Playwright's event loop runs in the thread of the tests, where Django then takes another connection.

    It does nothing while a test asks the database, so that is allowed. The other connection has to know, too,
    what the migrations put into the database, since `serialized_rollback` puts that back.
    """
    migrated = connection._test_serialized_contents  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        connection._test_serialized_contents = migrated  # type: ignore[attr-defined]
        browser = launch(playwright)
        yield browser
        browser.close()
        connection.close()


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def either_way(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A window, once with JavaScript and once without; the test fails where the page reports an error."""
    with_javascript = request.param == "with JavaScript"
    yield from open_page(chromium.new_context(locale="da-DK", java_script_enabled=with_javascript))


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window; the test fails where the page reports an error."""
    yield from open_page(chromium.new_context(locale="da-DK"))


@pytest.fixture
def officer(page: Page, client: Client, live_server: LiveServer) -> Client:
    """Somebody of the secretariat, logged in here and in the browser's window."""
    client.force_login(create_staff())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    return client


def open_page(context: BrowserContext) -> Iterator[Page]:
    """A window of `context`; the test fails where the page reports an error."""
    page = context.new_page()
    page.set_default_timeout(20_000)
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # That a page was not found, or the form refused, is what some tests are about.
        if message.type == "error" and "Failed to load resource" not in message.text:
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture(autouse=True)
def fast_fingers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here a program fills in the form, and is to be taken for a person."""
    monkeypatch.setattr(bots, "SHORTEST", timedelta(0))
