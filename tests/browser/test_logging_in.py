"""Logging in with a phone: set up, asked for, and without the phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_admin_pages import faults
from tests.factories import NOW
from tests.logging_in import PASSWORD, code_of, create_colleague

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def test_a_colleague_sets_up_a_phone_and_logs_in_by_it_and_without_it(
    page: Page, live_server: LiveServer, clock: time_machine.Traveller
) -> None:
    create_colleague()
    found: dict[str, list[str]] = {}

    def give_password() -> None:
        page.get_by_label("Brugernavn").fill("mette")
        page.get_by_label("Adgangskode").fill(PASSWORD)
        page.get_by_role("button", name="Log ind", exact=True).click()

    def log_out() -> None:
        page.get_by_role("button", name="Log ud").click()
        page.goto(f"{live_server.url}/admin/")
        expect(page.get_by_label("Brugernavn")).to_be_visible()

    page.goto(f"{live_server.url}/admin/")
    found["login"] = faults(page)
    give_password()
    page.get_by_role("link", name="Min konto").click()
    expect(page.get_by_role("heading", name="Min konto")).to_be_visible()
    found["account"] = faults(page)
    page.get_by_role("link", name="Sæt totrinslogin op").click()
    expect(page.get_by_role("img", name="QR-kode til appen")).to_be_visible()
    found["set up"] = faults(page)
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("Kode fra appen").fill("000000")
    page.get_by_role("button", name="Slå til").click()
    expect(page.get_by_text("Koden er forkert eller brugt.")).to_be_visible()
    found["wrong code"] = faults(page)
    clock.move_to(NOW + timedelta(minutes=1))
    page.get_by_label("Kode fra appen").fill(code_of(secret))
    page.get_by_role("button", name="Slå til").click()
    codes = page.locator(".recovery-codes code")
    expect(codes).to_have_count(10)
    recovery_code = codes.first.inner_text()
    found["codes"] = faults(page)
    page.get_by_role("link", name="Jeg har gemt koderne").click()
    expect(page.get_by_text("Der er 10 gendannelseskoder tilbage.")).to_be_visible()

    log_out()
    give_password()
    clock.move_to(NOW + timedelta(minutes=2))
    expect(page.get_by_label("Kode")).to_have_attribute("autocomplete", "one-time-code")
    found["code"] = faults(page)
    page.get_by_label("Kode").fill(code_of(secret))
    page.get_by_role("button", name="Log ind", exact=True).click()
    expect(page.get_by_role("link", name="Min konto")).to_be_visible()

    log_out()
    give_password()
    page.get_by_label("Kode").fill(recovery_code)
    page.get_by_role("button", name="Log ind", exact=True).click()
    page.get_by_role("link", name="Min konto").click()
    expect(page.get_by_text("Der er 9 gendannelseskoder tilbage.")).to_be_visible()
    page.get_by_role("link", name="Slå fra, eller skift telefon").click()
    expect(page.get_by_label("Adgangskode")).to_be_visible()
    found["turn off"] = faults(page)

    assert {name: errors for name, errors in found.items() if errors} == {}
