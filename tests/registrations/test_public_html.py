"""The HTML of every public page is valid, and light enough for a telephone in a train."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.html_pages import faults, parse
from tests.pages import Page
from tests.public_states import PublicState, create_states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MOST_BYTES = 60_000


class Written:
    """A page for tests of the checker itself."""

    def __init__(self, body: str) -> None:
        self.content = (
            f'<!DOCTYPE html><html lang="da"><head><meta charset="utf-8"><title>x</title></head>'
            f"<body>{body}</body></html>"
        ).encode()


@pytest.fixture
def states() -> dict[str, PublicState]:
    return create_states()


def static_file(url: str) -> Path:
    assert url.startswith(settings.STATIC_URL), url
    return Path(settings.BASE_DIR) / "static" / url.removeprefix(settings.STATIC_URL)


def loaded_by(page: Page) -> set[Path]:
    """The files that a browser fetches along with the page, all fonts of its style sheets among them."""
    tree = parse(page)
    urls = {
        *(
            link.get("href", "")
            for link in tree.iter("link")
            if link.get("rel") not in ("canonical", "alternate")
        ),
        *(element.get("src", "") for tag in ("script", "img") for element in tree.iter(tag)),
    }
    files = {static_file(url) for url in urls}
    for sheet in [file for file in files if file.suffix == ".css"]:
        files |= {(sheet.parent / url).resolve() for url in re.findall(r'url\("?([^")]+)', sheet.read_text())}
    return files


def transferred(content: bytes) -> int:
    """Bytes on the wire: compressed, and about 300 for what comes before them."""
    return min(len(gzip.compress(content, compresslevel=6)), len(content)) + 300


def test_every_page_is_valid_html(states: dict[str, PublicState]) -> None:
    found = {
        (name, language): lines
        for name, state in states.items()
        for language in ("da", "en")
        if (lines := faults(state.visit(language)))
    }

    assert found == {}


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<p>a<div>b</div></p>", "unexpected-end-tag"),
        ("<p>a</b></p>", "unexpected-end-tag"),
        ('<p id="a"></p><p id="a"></p>', "id 'a' 2 times"),
        ('<label for="a">b</label>', "label for='a' leads nowhere"),
        ('<p aria-describedby="a">b</p>', "p aria-describedby='a' leads nowhere"),
        ('<a href="#a">b</a>', "link to #a leads nowhere"),
        ("<ul><p>a</p></ul>", "p in ul"),
        ("<span><p>a</p></span>", "p in span"),
        ('<button type="button"><a href="/">a</a></button>', "a in button"),
        ('<img src="/a.png">', "img without alt: /a.png"),
        ("<button>a</button>", "button type=None"),
        ("<p autofocus></p><p autofocus></p>", "autofocus 2 times"),
    ],
)
def test_the_check_would_find_what_is_wrong(body: str, fault: str) -> None:
    assert fault in "\n".join(faults(Written(body)))
    assert faults(Written("<p>a</p>")) == []


def test_everything_on_a_page_weighs_60_kb_at_most_and_is_ours(states: dict[str, PublicState]) -> None:
    weights = {}
    for name, state in states.items():
        response = state.visit()
        files = loaded_by(response)
        weights[name] = transferred(response.content) + sum(transferred(file.read_bytes()) for file in files)

    assert {name: weight for name, weight in weights.items() if weight > MOST_BYTES} == {}
    assert weights["the form"] > MOST_BYTES / 2  # the fonts are counted
