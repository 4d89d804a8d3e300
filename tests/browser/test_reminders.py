"""The tab of reminders in a browser: changed, one sent by hand, paused; and each page looked at by axe."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from invitations.models import Meeting, OutgoingEmail
from tests.browser.test_admin_pages import faults, follow, press
from tests.factories import (
    NOW,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_registration,
    create_staff,
    get_municipality,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

NARROW = 400


def look_at(page: Page, found: dict[str, list[str]]) -> None:
    """Note what axe finds, and whether a telephone can hold the page."""
    page.set_viewport_size({"width": NARROW, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    path = page.url.partition("/admin/")[2]
    found[f"{len(found)}: {path}"] = faults(page) + [f"{wide} px wide"] * (wide > NARROW)


def test_an_officer_changes_sends_and_pauses_reminders(
    page: Page, client: Client, live_server: LiveServer
) -> None:
    client.force_login(create_staff())
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    meeting = create_meeting(registration_deadline_date=date(2027, 3, 5), hosts=[get_municipality("Viborg")])
    for name in ("Herning", "Holstebro", "Horsens", "Viborg"):
        invitation = create_invitation(meeting=meeting, municipality=get_municipality(name))
        create_dispatch(invitation=invitation, mailbox=f"{name}@example.dk".lower())
    create_registration(meeting=meeting, municipality=get_municipality("Holstebro"))
    found: dict[str, list[str]] = {}

    page.goto(f"{live_server.url}/admin/invitations/meeting/{meeting.pk}/change/")
    page.get_by_role("navigation", name="Sider om mødet").get_by_role("link", name="Påmindelser").click()
    page.get_by_text("Til 2 postkasser i 2 kommuner, der ikke har svaret").first.click()
    expect(page.get_by_text("herning@example.dk").first).to_be_visible()
    look_at(page, found)

    page.get_by_label("Påmindelser, dage før fristen").fill("10")
    page.get_by_label("Egne ord i påmindelsen om fristen").fill("Kom og vær med den {dato}.")
    press(page, "Gem")
    expect(page.get_by_role("link", name="{dato} kan ikke bruges")).to_be_visible()
    look_at(page, found)
    page.get_by_label("Egne ord i påmindelsen om fristen").fill("Kom og vær med den {date}.")
    press(page, "Gem")
    expect(page.get_by_text("Påmindelserne er gemt.")).to_be_visible()
    expect(page.get_by_text("10 dage før").first).to_be_visible()

    page.get_by_role("link", name="Se mailen: Påmindelse om fristen, 10 dage før").click()
    frame = page.frame_locator("iframe.mail")
    expect(frame.get_by_text("Kom og vær med den 15. april 2027.")).to_be_visible()
    look_at(page, found)

    follow(page, "Tilbage til påmindelserne")
    follow(page, "Send en påmindelse nu")
    expect(page.get_by_text("2 valgt")).to_be_visible()
    press(page, "Vælg ingen")
    press(page, "Næste")
    expect(page.get_by_text("Vælg mindst én kommune")).to_be_visible()
    look_at(page, found)
    page.get_by_label("Herning").check()
    page.get_by_label("Viborg").check()
    expect(page.get_by_text("2 valgt")).to_be_visible()
    press(page, "Næste")
    expect(page.get_by_text("1 kommune er vært for mødet.")).to_be_visible()
    expect(page.frame_locator("iframe.mail").get_by_text("Herning Kommune har endnu ikke")).to_be_visible()
    found["confirm"] = faults(page)
    press(page, "Send 2 påmindelser")
    expect(page.get_by_text("Påmindelsen er på vej til 2 postkasser i 2 kommuner.")).to_be_visible()

    follow(page, "Sæt påmindelserne på pause")
    look_at(page, found)
    press(page, "Sæt på pause")
    expect(page.get_by_role("heading", name="Påmindelserne er sat på pause")).to_be_visible()
    look_at(page, found)
    follow(page, "Genoptag påmindelserne")
    look_at(page, found)
    press(page, "Genoptag")
    expect(page.get_by_text("Påmindelserne er genoptaget.")).to_be_visible()

    mails = OutgoingEmail.objects.filter(kind="deadline_reminder")
    assert sorted(mails.values_list("to", flat=True)) == ["herning@example.dk", "viborg@example.dk"]
    # What was waiting when the reminders were paused does not leave.
    kept_back = [mail.of_use_until for mail in mails]
    assert all(until and NOW < until < NOW + timedelta(hours=1) for until in kept_back)
    assert Meeting.objects.get().reminder_days == [10]
    assert (len(found), [fault for faults in found.values() for fault in faults]) == (8, [])
