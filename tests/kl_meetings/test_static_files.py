"""Static files as `collectstatic` leaves them and the web process serves them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings
from whitenoise.middleware import WhiteNoiseMiddleware

# To close an answer is to look after the connection to the database, whatever an earlier test has left of it.
pytestmark = [pytest.mark.slow, pytest.mark.sqlite, pytest.mark.django_db]

Get = Callable[[str, str], HttpResponse]


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("static")


@pytest.fixture
def get(settings: Settings, collected: Path) -> Get:
    """Ask for the static file of a name, accepting an encoding."""
    settings.STATIC_ROOT = collected
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    if not any(collected.iterdir()):
        call_command("collectstatic", interactive=False, verbosity=0)
    middleware = WhiteNoiseMiddleware(lambda request: HttpResponse("no file", status=404))

    def ask(name: str, encoding: str) -> HttpResponse:
        request = RequestFactory().get(staticfiles_storage.url(name), headers={"Accept-Encoding": encoding})
        response: HttpResponse = middleware(request)
        response.close()
        return response

    return ask


@pytest.mark.parametrize("name", ["css/site.css", "js/registration.js", "favicon.svg", "admin/css/base.css"])
def test_what_its_name_tells_apart_is_kept_for_ever_and_sent_small(get: Get, name: str) -> None:
    sizes = {}
    for encoding in ("br", "gzip", "identity"):
        response = get(name, encoding)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "max-age=315360000, public, immutable"
        assert response.headers["Vary"] == "Accept-Encoding"
        assert response.headers.get("Content-Encoding", "identity") == encoding
        sizes[encoding] = int(response.headers["Content-Length"])
    assert sizes["br"] < sizes["gzip"] < sizes["identity"]


def test_what_is_compressed_already_is_sent_as_it_is(get: Get) -> None:
    response = get("fonts/source-sans-3-latin.woff2", "br, gzip")

    assert response.headers.get("Content-Encoding") is None
    assert response.headers["Cache-Control"] == "max-age=315360000, public, immutable"
