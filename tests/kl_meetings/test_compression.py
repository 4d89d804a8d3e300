"""Pages are compressed, without telling by their length what is in them; files are left as they are."""

from __future__ import annotations

import gzip

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.factories import create_letter, create_meeting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def get(path: str, *, accept: str = "gzip, deflate, br") -> HttpResponse:
    return Client().get(path, headers={"Accept-Encoding": accept})  # type: ignore[return-value]


def test_a_page_is_compressed_for_whoever_can_read_it_so() -> None:
    compressed, plain = get("/privatliv"), get("/privatliv", accept="identity")

    assert gzip.decompress(compressed.content) == plain.content
    assert len(compressed.content) < len(plain.content) / 2
    assert compressed["Content-Encoding"] == "gzip"
    assert compressed["Content-Length"] == str(len(compressed.content))
    assert not plain.has_header("Content-Encoding")
    assert "Accept-Encoding" in compressed["Vary"]
    assert "Accept-Encoding" in plain["Vary"]
    assert compressed["Content-Security-Policy"] == plain["Content-Security-Policy"]


def test_pages_that_refuse_are_compressed_too() -> None:
    refused = get("/findes/ikke")

    assert (refused.status_code, refused["Content-Encoding"]) == (404, "gzip")


def test_the_same_page_has_another_length_each_time() -> None:
    """Or whoever counts bytes could guess a secret on it, letter by letter."""
    pages = [get("/privatliv").content for _time in range(12)]

    assert len({gzip.decompress(page) for page in pages}) == 1
    assert len({len(page) for page in pages}) > 1


def test_a_file_stays_as_it_is() -> None:
    meeting = create_meeting(slug="moede")
    create_letter(meeting=meeting)

    for path, kind in {
        "/moede/calendar.ics": "text/calendar",
        "/moede/invitation.pdf": "application/pdf",
    }.items():
        compressible, plain = get(path), get(path, accept="identity")

        assert compressible["Content-Type"].startswith(kind)
        assert not compressible.has_header("Content-Encoding")
        assert compressible.content == plain.content
        assert compressible.get("ETag") == plain.get("ETag")
