"""A NUL in an address or a form is the sender's fault: never a page that says that we have failed."""

from __future__ import annotations

import pytest
from django.db import DataError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django.asserts import assertContains

from invitations.admin.meeting_pages import page_url
from kl_meetings.nul import NulMiddleware
from tests.factories import create_meeting, create_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def test_there_is_no_page_at_an_address_with_a_nul(officer: Client) -> None:
    ledger = page_url("ledger", create_meeting())

    assert [officer.get(url).status_code for url in (f"{ledger}%00/", "/%00", "/svar/%00")] == [404] * 3


def test_a_query_with_a_nul_cannot_be_read(officer: Client) -> None:
    meeting = create_meeting()
    urls = [
        page_url("ledger", meeting) + "?region=%00",
        page_url("ledger_write", meeting) + "?m=%00",
        "/admin/invitations/office/?q=a%00b",
        "/?%00",
    ]

    assert [officer.get(url).status_code for url in urls] == [400] * 4
    assertContains(officer.get(urls[0]), "Formularen kunne ikke læses", status_code=400)


def test_what_is_posted_past_all_forms_is_no_failure_of_ours(officer: Client) -> None:
    sent = {"row": "1=x:1", "to": "municipality:\0", "other": "\0"}

    response = officer.post(page_url("matching", create_meeting()), sent)

    assert response.status_code < 500


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"), 400),
        (DataError("unsupported Unicode escape sequence: \\u0000 cannot be converted to text."), 400),
        (DataError("value too long for type character varying(100)"), None),
        (ValueError("NUL"), None),
    ],
    ids=str,
)
def test_only_what_the_database_says_of_nul_is_answered_so(error: Exception, status: int | None) -> None:
    middleware = NulMiddleware(lambda request: HttpResponse())

    response = middleware.process_exception(RequestFactory().post("/"), error)

    assert (response.status_code if response else None) == status
