"""What holds for all public pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import URLPattern, get_resolver

from invitations.models import Sender
from invitations.models.validation import RESERVED_SLUGS
from invitations.urls import urlpatterns as pages_about_meetings
from registrations.urls import urlpatterns as pages_to_answer
from tests.factories import (
    create_invitation,
    create_letter,
    create_meeting,
    create_participant,
)
from tests.html_pages import faults, parse
from tests.pages import page_text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PATTERNS: list[URLPattern] = [*pages_about_meetings, *pages_to_answer]

HOSTILE = [
    "x" * 10_000,
    "👩‍👩‍👧‍👦🏳️‍🌈" * 50,
    "محمد بن سلمان",
    "{{ 7|add:7 }}{% now 'Y' %}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\x00\x01\x1b[2J",
    "\ud7ff\ufffe\U0010ffff",
    "%s %(x)s {0} {x}",
    "'; DROP TABLE registrations_registration; --",
    "__row__",
    "A\u202egnp.exe",
]


@pytest.fixture
def addresses() -> list[str]:
    """One of each page that can be read."""
    meeting = create_meeting()
    create_letter(meeting=meeting)
    invitation = create_invitation(meeting=meeting)
    participant = create_participant()
    registration = participant.registration
    return [
        "/",
        *(f"/{meeting.slug}{path}" for path in ("", "/tilmeld", "/invitation")),
        *(f"/svar/{invitation.token}{path}" for path in ("", "/tilmeld", "/afbud")),
        f"/deltager/{participant.token}",
        f"/kvittering/{registration.token}",
        "/privatliv",
        "/findes-ikke",
    ]


def test_an_address_is_called_by_the_name_of_its_view() -> None:
    assert [pattern.name for pattern in PATTERNS] == [pattern.callback.__name__ for pattern in PATTERNS]


def test_no_meeting_can_hide_a_page() -> None:
    first_parts = {str(pattern.pattern).partition("/")[0] for pattern in PATTERNS}
    own = {part for part in first_parts if part and not part.startswith("<")}

    assert own - RESERVED_SLUGS == set()
    assert get_resolver().resolve("/privatliv").view_name == "registrations:privacy"


def test_pages_load_nothing_from_others_and_run_nothing_of_their_own(
    client: Client, addresses: list[str]
) -> None:
    for address in addresses:
        response = client.get(address)

        page = response.content.decode()
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]
        assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page) == []
        assert re.findall(r'<script(?![^>]*\ssrc="/static/)', page) == []
        assert (
            re.findall(
                r'<(?:link(?! rel="(?:canonical|alternate)")|script|img)[^>]*(?:href|src)="(?!/)', page
            )
            == []
        )


def test_pages_set_no_cookie_but_that_of_forms(client: Client, addresses: list[str]) -> None:
    for address in addresses:
        client.get(address)

    assert list(client.cookies) == ["csrftoken"]


def test_each_page_has_one_heading_a_title_and_the_foot_that_the_law_asks_for(
    client: Client, addresses: list[str]
) -> None:
    for address in addresses:
        page = client.get(address).content.decode()

        assert len(re.findall(r"<h1\b", page)) == 1
        assert re.search(r"<title>\s*\S.* – KL</title>", page, re.DOTALL)
        assert 'href="/was">Tilgængelighedserklæring</a>' in page
        assert 'href="/privatliv">Privatlivspolitik og cookies</a>' in page


def test_each_page_is_there_in_english(client: Client, addresses: list[str]) -> None:
    for address in addresses[:-1]:
        response = client.get(f"/en{address}")

        assert response.status_code == 200
        assert '<html lang="en">' in response.content.decode()


def test_the_accessibility_statement_is_kept_by_the_state(client: Client) -> None:
    response = client.get("/was")

    assert (response.status_code, response["Location"]) == (302, settings.WAS_STATEMENT_URL)


def test_the_notice_says_who_the_controller_is(client: Client) -> None:
    Sender.objects.update(
        name="Kommunernes Forening", mailbox="post@forening.example", registration_number="12345678"
    )

    text = page_text(client.get("/privatliv"))

    assert "Kommunernes Forening er dataansvarlig" in text
    assert "CVR 12345678" in text
    assert "Skriv til post@forening.example ." in text


def test_a_form_that_is_too_large_is_refused_in_words(client: Client) -> None:
    meeting = create_meeting()

    response = client.post(
        f"/{meeting.slug}/tilmeld", {"topics": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    )

    assert response.status_code == 400
    assert "var for stort eller beskadiget (fejl 400)" in page_text(response)


def test_a_form_with_more_participants_than_any_page_has_is_refused_in_words(client: Client) -> None:
    meeting = create_meeting()

    response = client.post(f"/{meeting.slug}/tilmeld", typed(row=[str(row) for row in range(101)]))

    assert response.status_code == 400
    assert "Formularen kunne ikke læses" in page_text(response)


def test_an_error_of_ours_is_told_without_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> Iterator[None]:
        raise RuntimeError("the database is away")

    monkeypatch.setattr("invitations.models.Sender.objects.get", fail)
    monkeypatch.setattr("invitations.views.Meeting.objects.from_day", fail)

    response = Client(raise_request_exception=False).get("/")

    assert response.status_code == 500
    assert "Der er noget galt hos os" in page_text(response)


@pytest.mark.parametrize(
    ("error", "status", "danish", "english"),
    [
        (PermissionDenied, 403, "Du har ikke adgang til denne side", "You have no access to this page"),
        (RuntimeError, 500, "Der er noget galt hos os", "Something is wrong on our side"),
    ],
)
def test_errors_are_told_in_the_language_of_the_page_in_the_same_dress(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception], status: int, danish: str, english: str
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise error

    monkeypatch.setattr("registrations.views.notices.render", fail)
    client = Client(raise_request_exception=False)

    for path, heading in (("/privatliv", danish), ("/en/privatliv", english)):
        response = client.get(path)

        page = parse(response)
        assert (response.status_code, page.findtext(".//h1")) == (status, heading)
        assert (page.findtext(".//title") or "").strip().startswith(heading)
        assert page.get("lang") == ("en" if path.startswith("/en") else "da")
        assert faults(response) == []


def test_a_page_of_an_error_says_whose_it_is(client: Client) -> None:
    response = client.post(f"/{create_meeting().slug}/tilmeld", typed(row=[str(row) for row in range(101)]))

    assert "<title>Formularen kunne ikke læses – KL</title>" in response.content.decode()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "button", ["check", "send", "add", "paste", "remove:0", "edit", "remove:\x00", "nonsense"]
)
def test_whatever_is_typed_is_answered_by_a_page_on_which_it_is_only_text(
    client: Client, text: str, button: str
) -> None:
    meeting = create_meeting()
    data = {name: text for name in typed() if name not in ("row", "do", "submission_key")}

    response = client.post(
        f"/{meeting.slug}/tilmeld", {**data, "row": ["0", text], "submission_key": text, "do": button}
    )

    assert response.status_code == 200
    page = response.content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert text != "{{ 7|add:7 }}{% now 'Y' %}" or "{{ 7|add:7 }}" in page


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_can_be_registered_is_only_text_on_the_receipt(client: Client, text: str) -> None:
    meeting = create_meeting()
    data = typed({"participant-0-name": text[:100]}, do="send", topics=text[:2000], contact_name=text[:100])

    response = client.post(f"/{meeting.slug}/tilmeld", data, follow=True)

    assert response.status_code == 200
    page = response.content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_typed_as_an_address_is_a_page_or_not_found(client: Client, text: str) -> None:
    token = text[:60].replace("/", "")

    statuses = [
        client.get(address).status_code for address in (f"/svar/{token}", f"/{token}", f"/{token}/tilmeld")
    ]

    assert statuses == [404, 404, 404]
