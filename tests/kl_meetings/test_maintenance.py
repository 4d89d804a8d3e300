from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from kl_meetings.maintenance import is_closed
from tests.pages import page_text

pytestmark = pytest.mark.usefixtures("closed")


@pytest.fixture
def closed(settings: Settings) -> None:
    settings.MAINTENANCE = True


@pytest.mark.parametrize(
    "path", ["/", "/et-moede", "/et-moede/tilmeld", "/svar/x", "/privatliv", "/findes/ikke"]
)
def test_the_public_is_told_that_we_are_back_soon(client: Client, path: str) -> None:
    response = client.get(path)

    assert (response.status_code, response.headers["Retry-After"]) == (503, "600")
    assert response.headers["Cache-Control"] == "no-store"
    text = page_text(response)
    assert text.startswith("Vi arbejder på siden Den er lukket et øjeblik og er snart tilbage (fejl 503).")
    assert "gå tilbage med din browser: Det, du skrev, står der endnu, og det skader ikke at sende to" in text


def test_it_is_told_without_the_database_and_to_whoever_sends_a_form(client: Client) -> None:
    # pytest-django refuses each query in a test without its mark.
    assert client.post("/et-moede/tilmeld", {"do": "send"}).status_code == 503


def test_the_english_page_speaks_english(client: Client) -> None:
    response = client.get("/en/et-moede")

    assert page_text(response).startswith("We are working on the site")
    assert '<html lang="en">' in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/login/", "/en/admin/login/"])
def test_whoever_works_on_the_site_can_log_in(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_the_address_of_a_meeting_that_begins_with_admin_is_closed(client: Client) -> None:
    assert client.get("/administration").status_code == 503


def test_the_icon_and_the_answer_to_those_who_watch_the_site_stay(client: Client) -> None:
    assert client.get("/favicon.ico").status_code == 302


class TestFile:
    @pytest.fixture
    def file(self, settings: Settings, tmp_path: Path) -> Path:
        settings.MAINTENANCE = False
        file = tmp_path / "maintenance"
        settings.MAINTENANCE_FILE = file
        return file

    def test_a_file_closes_the_site_and_opens_it_without_a_restart(self, file: Path) -> None:
        answers = [is_closed()]
        file.touch()
        answers.append(is_closed())
        file.unlink()
        answers.append(is_closed())

        assert answers == [False, True, False]
