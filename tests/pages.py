"""Public pages for tests: what a browser sends, and what stands on the page that comes back."""

from __future__ import annotations

import html
import re
import time
import uuid
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, Protocol

from django.core import signing


class Page(Protocol):
    @property
    def content(self) -> bytes: ...


def typed(
    others: Mapping[str, str] | None = None, *, people: int = 1, do: str = "check", **fields: Any
) -> dict[str, Any]:
    """What a browser sends of a form that Herning has filled in rightly, for a meeting without themes.

    `others` are fields whose names are no Python names.
    """
    data: dict[str, Any] = {
        "submission_key": str(uuid.uuid4()),
        "municipality": "0657",
        "committee": "",
        "contact_name": "Anne Sekretær",
        "contact_email": "anne@herning.example",
        "contact_phone": "",
        "topics": "",
        "row": [str(row) for row in range(people)],
        "do": do,
    }
    for row in range(people):
        data |= {
            f"participant-{row}-name": f"Person {row + 1}",
            f"participant-{row}-title": "",
            f"participant-{row}-email": f"person{row + 1}@herning.example",
        }
    data |= fields | dict(others or {})
    # As it was on the page from which all this was sent a minute later.
    return {"opened": opened(str(data["submission_key"])), **data}


def opened(key: str, *, seconds_ago: float = 60) -> str:
    """What the first page of the form with that key carries, where it was opened so long ago."""
    return signing.dumps([key, time.time() - seconds_ago], salt="registrations.bots")


def page_text(response: Page) -> str:
    """The words of the page, with single spaces and without what only keeps words together."""
    main = re.sub(r"(?s).*<main[^>]*>|</main>.*", "", response.content.decode())
    words = html.unescape(re.sub(r"(?s)<template.*?</template>|<[^>]+>", " ", main))
    return " ".join(words.replace("\u2060", "").split())


def summary(response: Page) -> list[tuple[str, str]]:
    """The lines of the error summary: the sentence, and the id of the field that it leads to."""
    found = re.search(r'(?s)<div class="error-summary".*?</div>', response.content.decode())
    lines = re.findall(r'<a href="#([^"]+)">(.*?)</a>', found[0]) if found else []
    return [(html.unescape(sentence), target) for target, sentence in lines]


def inputs(response: Page) -> dict[str, list[str]]:
    """What the browser would send of the page's forms, by name in the order of the page."""
    reader = _Inputs()
    reader.feed(response.content.decode())
    reader.values.pop("csrfmiddlewaretoken", None)
    return reader.values


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.open_field: str | None = None
        self.in_template = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.in_template = self.in_template or tag == "template"
        if self.in_template:
            return
        if tag == "input" and "name" not in has:
            return  # A browser does not send it.
        if tag == "input" and (has.get("type") not in ("radio", "checkbox") or "checked" in has):
            self.values.setdefault(has["name"], []).append(
                has.get("value", "on" if has.get("type") == "checkbox" else "")
            )
        elif tag in ("textarea", "select"):
            self.open_field = has["name"]
            self.values.setdefault(has["name"], []).append("")
        elif tag == "option" and "selected" in has and self.open_field:
            self.values[self.open_field][-1] = has["value"]
            self.open_field = None

    def handle_data(self, data: str) -> None:
        if self.open_field and self.lasttag == "textarea":
            self.values[self.open_field][-1] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        self.in_template = self.in_template and tag != "template"
        if tag in ("textarea", "select"):
            self.open_field = None
