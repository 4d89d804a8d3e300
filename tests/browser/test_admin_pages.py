"""The admin in a browser, under the site's own policy: used as an officer would, and looked at by axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from invitations.models import Meeting, OutgoingEmail, PolicyArea
from tests.admin_pages import send
from tests.factories import (
    PDF,
    create_decline,
    create_enclosure,
    create_invitation,
    create_letter,
    create_meeting,
    create_needs,
    create_office,
    create_participant,
    create_programme_item,
    create_question,
    create_registration,
    create_theme,
    get_area,
    get_municipality,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name, exact=True).click()


def test_an_officer_makes_a_meeting_and_sends_its_letter(
    page: Page, officer: Client, live_server: LiveServer, tmp_path: Path
) -> None:
    create_office(municipality=get_municipality("Aarhus"))
    enclosure = tmp_path / "Kerneværdier.pdf"
    enclosure.write_bytes(PDF)

    page.goto(f"{live_server.url}/admin/invitations/meeting/add/")
    page.fill("#id_title", "Politisk møde i Aarhus")
    page.fill("#id_sessions-0-starts_date", "15.4.2027")
    page.fill("#id_sessions-0-starts_time", "17.00")
    page.fill("#id_sessions-0-ends_time", "19")
    page.fill("#id_sessions-0-venue_city", "Aarhus")
    page.select_option("#id_area_links-0-area", label="Region Midtjylland")
    press(page, "Tilføj programpunkt")
    page.fill("#id_programme-0-time", "17.00")
    page.fill("#id_programme-0-title", "Temadrøftelser")
    page.get_by_text("Tekst og temaer").click()
    press(page, "Tilføj tema")
    page.fill("#id_programme-0-themes-0-title", "Dagtilbud")
    page.click("[name=_continue]")
    follow(page, "Offentliggør")
    press(page, "Offentliggør")
    follow(page, "Nyt brev")
    press(page, "Skriv kladden")
    page.fill("#id_sections-0-text", "Vi mødes den {date}.")
    page.click("#signatories-group .add-row a")
    page.fill("#id_signatories-0-name", "Kirsten Holm")
    page.click("#enclosures-group .add-row a")
    page.fill("#id_enclosures-0-title", "Kerneværdierne")
    page.set_input_files("#id_enclosures-0-upload", enclosure)
    page.click("[name=_preview]")
    expect(page.locator("iframe.pdf")).to_be_visible()
    follow(page, "Send brevet")
    expect(page.get_by_text("1 mail går til modtagere i 1 kommune.")).to_be_visible()
    press(page, "Send 1 mail nu")

    expect(page.get_by_text("Brevet er sendt: 1 mail er på vej.")).to_be_visible()
    mail = OutgoingEmail.objects.get()
    assert Meeting.objects.get().slug == "politisk-moede-i-aarhus"
    assert mail.to == "udvalg-0751@example.dk"
    assert [attachment.filename for attachment in mail.attachments.all()] == [
        "politisk-moede-i-aarhus-invitation-2027-02-01.pdf",
        "kernevaerdier.pdf",
    ]


def test_the_mail_is_shown_in_a_frame_that_can_do_nothing(
    page: Page, officer: Client, live_server: LiveServer
) -> None:
    create_office()
    letter = create_letter()
    send(officer, f"/admin/invitations/letter/{letter.pk}/send/")
    mail = OutgoingEmail.objects.get()

    page.goto(f"{live_server.url}/admin/invitations/outgoingemail/{mail.pk}/change/")
    # It is loaded when it is scrolled to.
    page.locator("iframe.mail").scroll_into_view_if_needed()

    expect(page.frame_locator("iframe.mail").get_by_text("Med venlig hilsen")).to_be_visible()


def create_pages(officer: Client) -> dict[str, str]:
    """The address of each page of ours by what it shows."""
    office = create_office(holder_name="Anna Holm")
    draft = create_meeting(published_at=None, hosts=[get_municipality()])
    meeting = create_meeting(asks_about_needs=True)
    item = create_programme_item(meeting=meeting)
    create_theme(item=item)
    create_question(meeting=meeting)
    letter, sent = create_letter(meeting=draft), create_letter(meeting=meeting)
    create_enclosure(letter=letter)
    create_enclosure(letter=sent)
    send(officer, f"/admin/invitations/letter/{sent.pk}/send/")
    unprintable = create_letter(title="{nonsense}")
    mail = OutgoingEmail.objects.get()
    dispatch = mail.dispatches.get()
    invitation = create_invitation(meeting=meeting)
    registration = create_registration(meeting=meeting)
    participant = create_participant(registration=registration)
    create_needs(participant=participant)
    decline = create_decline()
    pages = {
        "start": "",
        "meetings": "invitations/meeting/",
        "a new meeting": "invitations/meeting/add/",
        "a draft": f"invitations/meeting/{draft.pk}/change/",
        "a meeting": f"invitations/meeting/{meeting.pk}/change/",
        "publishing": f"invitations/meeting/{draft.pk}/publish/",
        "copying": f"invitations/meeting/{meeting.pk}/copy/",
        "deleting": f"invitations/policyarea/{PolicyArea.objects.create(name='havne').pk}/delete/",
        "deleting what is in use": f"invitations/meeting/{draft.pk}/delete/",
        "cancelling": f"invitations/meeting/{meeting.pk}/cancel/",
        "beginning a letter": f"invitations/meeting/{meeting.pk}/letters/new/",
        "the participants of a meeting": f"invitations/meeting/{meeting.pk}/participants/",
        "what they need": f"invitations/meeting/{meeting.pk}/needs/?names=1",
        "entering guests": f"invitations/meeting/{meeting.pk}/participants/guests/",
        "the queue of a meeting": f"invitations/meeting/{meeting.pk}/matching/",
        "the reminders of a meeting": f"invitations/meeting/{meeting.pk}/reminders/",
        "figures": f"invitations/meeting/{meeting.pk}/figures/",
        "the history of a meeting": f"invitations/meeting/{meeting.pk}/events/",
        "correcting": f"invitations/meeting/{meeting.pk}/correction/",
        "letters": "invitations/letter/",
        "a new letter": f"invitations/letter/add/?meeting={meeting.pk}",
        "a letter": f"invitations/letter/{letter.pk}/change/",
        "a letter with problems": f"invitations/letter/{unprintable.pk}/change/",
        "a letter as PDF": f"invitations/letter/{letter.pk}/preview/",
        "a letter that cannot be printed": f"invitations/letter/{unprintable.pk}/preview/",
        "a letter as web page": f"invitations/letter/{letter.pk}/page/",
        "sending": f"invitations/letter/{unprintable.pk}/send/",
        "a sent letter": f"invitations/letter/{sent.pk}/change/",
        "invitations": "invitations/invitation/",
        "an invitation": f"invitations/invitation/{invitation.pk}/change/",
        "dispatches": "invitations/dispatch/",
        "a dispatch": f"invitations/dispatch/{dispatch.pk}/change/",
        "mails": "invitations/outgoingemail/",
        "a mail": f"invitations/outgoingemail/{mail.pk}/change/",
        "sending again": f"invitations/outgoingemail/{mail.pk}/resend/",
        "offices": "invitations/office/",
        "a new office": "invitations/office/add/",
        "an office": f"invitations/office/{office.pk}/change/",
        "offices that cannot be reached": "invitations/office/unreachable/",
        "importing offices": "invitations/office/import/",
        "ending the council term": "invitations/office/end-term/",
        "noting that mail came back": f"invitations/office/mark/returned/?offices={office.pk}",
        "municipalities": "invitations/municipality/",
        "areas": "invitations/area/",
        "an area": f"invitations/area/{get_area().pk}/change/",
        "policy areas": "invitations/policyarea/",
        "the sender": "invitations/sender/1/change/",
        "users": "auth/user/",
        "a new user": "auth/user/add/",
        "a user": f"auth/user/{User.objects.get().pk}/change/",
        "the history": "admin/logentry/",
        "registrations": "registrations/registration/",
        "a registration": f"registrations/registration/{registration.pk}/change/",
        "whose one is": f"registrations/registration/{registration.pk}/match/?to=municipality:0751",
        "the queue of registrations": "registrations/registration/matching/",
        "participants": "registrations/participant/",
        "a participant": f"registrations/participant/{participant.pk}/change/",
        "withdrawing": f"registrations/participant/{participant.pk}/withdraw/",
        "declines": "registrations/decline/",
        "a decline": f"registrations/decline/{decline.pk}/change/",
    }
    return {name: f"/admin/{address}" for name, address in pages.items()}


def faults(page: Page) -> list[str]:
    """What axe finds on the page."""
    violations = Axe().run(page, options={"preload": False}).response["violations"]
    return [f"{violation['id']}: {[node['html'] for node in violation['nodes']]}" for violation in violations]


@pytest.mark.slow
def test_axe_finds_nothing_on_any_page_and_no_policy_is_broken(
    page: Page, officer: Client, live_server: LiveServer
) -> None:
    pages = create_pages(officer)
    found = {}

    for name, address in pages.items():
        answer = page.goto(live_server.url + address)
        assert answer is not None
        found[name] = [f"status {answer.status}"] * (answer.status != 200) + faults(page)

    assert found == {name: [] for name in pages}
