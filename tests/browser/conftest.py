"""A real Chromium, closed with the last test of a file: it leaves an event loop in the thread until then."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        # Playwright's event loop runs in this thread but does nothing while a test asks the database.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def either_way(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A window, once with JavaScript and once without; the test fails where the page reports an error."""
    with_javascript = request.param == "with JavaScript"
    yield from _page(chromium.new_context(locale="da-DK", java_script_enabled=with_javascript))


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window; the test fails where the page reports an error."""
    yield from _page(chromium.new_context(locale="da-DK"))


def _page(context: BrowserContext) -> Iterator[Page]:
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
