"""What every answer of the site tells browsers, and that its pages keep to it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.conf import settings as product
from django.test import Client
from pytest_django import Settings

from invitations.admin.outbox import MAIL_POLICY
from tests.factories import create_invitation, create_meeting, create_staff
from tests.html_pages import parse
from tests.public_states import create_states
from tests.whole_site import create_site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

POLICY = [
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "font-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
    "frame-src 'self'",
    "img-src 'self'",
    "object-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
]
# A mail's own HTML, which these show in a frame.
SHOWN_IN_A_FRAME = ("invitations/outgoingemail/<int:object_id>/html/", "reminders/mail/<str:reminder>/html/")


@pytest.fixture
def in_silence() -> Iterator[None]:
    """That pages are refused is what is asked here, and need not be reported."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def wrong_headers(response: Any, *, policy: list[str] = POLICY) -> list[str]:
    headers = response.headers
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    wrong = [f"{name}: {headers.get(name)}" for name, value in wanted.items() if headers.get(name) != value]
    found = sorted(headers.get("Content-Security-Policy", "").split("; "))
    if found != policy:
        wrong.append(f"Content-Security-Policy: {found}")
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        wrong.append("Permissions-Policy")
    return wrong


def is_kept(response: Any) -> bool:
    """Whether a proxy may keep a copy, or a search engine list it."""
    return "private" not in response.headers.get("Cache-Control", "")


def inline_parts(response: Any) -> list[str]:
    """What the page would have to be allowed to do by 'unsafe-inline', and what it fetches from others."""
    if not response.headers["Content-Type"].startswith("text/html"):
        return []
    return [fault for element in parse(response).iter() for fault in _inline_parts(element)]


def _inline_parts(element: Element) -> Iterator[str]:
    # Data for a script are no script.
    is_script = element.tag == "script" and element.get("type") != "application/json"
    if element.tag == "style" or (is_script and element.get("src") is None):
        yield f"<{element.tag}>"
    is_fetched = element.tag == "link" and element.get("rel") not in ("canonical", "alternate")
    for name, value in element.items():
        is_code = name == "style" or name.startswith("on") or value.strip().lower().startswith("javascript:")
        is_foreign = (name == "src" or (name == "href" and is_fetched)) and re.match("[^/]*:|//", value)
        if is_code or is_foreign:
            yield f"{element.tag} {name}={value}"


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.usefixtures("in_silence")
def test_every_answer_has_the_headers_and_no_page_has_anything_inline(client: Client) -> None:
    """The whole site as an administrator meets it, errors included."""
    client.force_login(create_staff())
    faults: dict[str, list[str]] = {}

    for route, address in create_site().items():
        response = client.get(address)
        if route.endswith(SHOWN_IN_A_FRAME):
            found = wrong_headers(response, policy=sorted(MAIL_POLICY.split("; ")))
        else:
            found = [*wrong_headers(response), *inline_parts(response)]
        is_personal = "<token:token>" in route or (
            route.startswith("admin/") and not route.endswith("jsi18n/")
        )
        if is_personal and (is_kept(response) or response.headers.get("X-Robots-Tag") != "noindex"):
            found.append(f"Cache-Control: {response.headers.get('Cache-Control')}")
        if found:
            faults[route] = found

    assert faults == {}


def test_every_state_of_a_public_page_has_them_too() -> None:
    """Errors and the page for maintenance among them."""
    answers = {name: (state, state.visit()) for name, state in create_states().items()}

    found = {name: [*wrong_headers(answer), *inline_parts(answer)] for name, (_, answer) in answers.items()}

    assert found == {name: [] for name in answers}
    kept = [
        name
        for name, (state, answer) in answers.items()
        if state.path.startswith(("/svar/", "/kvittering/", "/deltager/")) and is_kept(answer)
    ]
    assert kept == []


@pytest.mark.usefixtures("in_silence")
def test_errors_of_ours_and_of_whoever_asks_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("registrations.views.notices.render", fail)
    client = Client(raise_request_exception=False)

    answers = [
        client.get("/privatliv"),
        client.get("/", headers={"Host": "evil.example"}),
        client.get("/?a=%00"),
        client.get("/%00"),
        client.get("/svar/forkert"),
    ]

    assert [answer.status_code for answer in answers] == [500, 400, 400, 404, 404]
    assert [wrong_headers(answer) for answer in answers] == [[]] * 5
    assert is_kept(answers[-1]) is False


def test_static_files_have_them(settings: Settings) -> None:
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = True

    response = Client().get("/static/favicon.svg")

    assert response.status_code == 200
    assert wrong_headers(response) == []
    response.close()


def test_with_https_cookies_are_the_host_s_own_and_every_request_becomes_secure(
    client: Client, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000

    moved = client.get("/svar/hemmeligt")
    shown = client.get("/", secure=True)

    assert (moved.status_code, moved.headers["Location"]) == (301, "https://testserver/svar/hemmeligt")
    assert wrong_headers(moved) == []
    assert "Strict-Transport-Security" not in moved.headers
    assert shown.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_pages_that_ask_nothing_set_no_cookie(client: Client) -> None:
    meeting = create_meeting()
    read = [
        "/",
        f"/{meeting.slug}",
        "/privatliv",
        f"/svar/{create_invitation(meeting=meeting).token}",
        "/findes/ikke",
    ]

    assert [dict(client.get(address).cookies) for address in read] == [{}] * len(read)


def test_the_cookie_of_a_form_is_for_the_server_alone(client: Client) -> None:
    cookie = client.get(f"/{create_meeting().slug}/tilmeld").cookies[product.CSRF_COOKIE_NAME]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
        True,
        "Lax",
        "/",
        "",
    )
