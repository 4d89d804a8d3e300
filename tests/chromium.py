from __future__ import annotations

from playwright.sync_api import Browser, Playwright

OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


def launch(playwright: Playwright) -> Browser:
    """Start the system's Chromium, which calls nobody by itself."""
    return playwright.chromium.launch(executable_path="/usr/bin/chromium", args=OPTIONS)
