"""Programs that follow every link (scanners of mails, search engines) change nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from tests.factories import create_staff
from tests.whole_site import changed_tables, create_site, dump

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sqlite,
    pytest.mark.django_db,
    pytest.mark.usefixtures("clock"),
]


@pytest.fixture(autouse=True)
def in_silence() -> Iterator[None]:
    """That methods are refused need not be reported."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_who_only_reads_changes_nothing_even_with_all_rights(client: Client) -> None:
    site = create_site()
    client.force_login(create_staff())
    before = dump()

    statuses = {
        (method, address): client.generic(method, address).status_code
        for method in ("GET", "HEAD", "OPTIONS")
        for address in site.values()
    }

    # The secret that is offered to whoever sets up their phone, and again until a code of it is seen.
    assert changed_tables(before, dump()) == ["otp_totp_totpdevice"]
    assert {asked: status for asked, status in statuses.items() if status >= 500} == {}
