"""Each state of the public pages says what it is, in the language of the page, in the same dress."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest

from tests.html_pages import parse
from tests.pages import Page
from tests.public_states import PublicState, create_states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LANGUAGES = ("da", "en")
# Words that no sentence goes without, and that are none in the other language.
FOREIGN = {
    "da": re.compile(r"\b(the|and|you|your|with|not|was|are|this|we|has|have)\b", re.IGNORECASE),
    "en": re.compile(r"\b(og|ikke|jeres|er|til|på|af|med|der|det|som|har|kan|vi)\b", re.IGNORECASE),
}


@pytest.fixture
def states() -> dict[str, PublicState]:
    return create_states()


def words(page: Element, language: str) -> str:
    """All that is read aloud in the page's own language; what is marked as the other's is left out."""

    def read(element: Element) -> Iterator[str]:
        if element.get("lang", language) != language or element.tag in ("script", "template"):
            return
        yield element.get("aria-label", "")
        yield element.text or ""
        for child in element:
            yield from read(child)
            yield child.tail or ""

    return " ".join(" ".join(read(page)).split())


def body(response: Page) -> Element:
    found = parse(response).find("body")
    assert found is not None
    return found


def text(element: Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).replace("\u00a0", " ").split())


def test_each_state_says_what_it_is_in_both_languages(states: dict[str, PublicState]) -> None:
    for name, state in states.items():
        for number, language in enumerate(LANGUAGES):
            response = state.visit(language)

            page = parse(response)
            seen = text(page.find(".//main"))
            assert (name, response.status_code) == (name, state.status)
            assert (name, page.get("lang")) == (name, language)
            assert (name, len(page.findall(".//h1"))) == (name, 1)
            assert text(page.find(".//h1")).startswith(state.headings[number]), name
            begins = state.titles[number] or state.headings[number]
            assert text(page.find(".//title")).startswith(begins), name
            assert state.says[number] in seen, (name, seen)


def test_nothing_is_left_in_the_other_language(states: dict[str, PublicState]) -> None:
    left_over = {
        (name, language): found
        for name, state in states.items()
        for language in LANGUAGES
        if (found := FOREIGN[language].findall(words(body(state.visit(language)), language)))
    }

    assert left_over == {}


def test_each_page_has_one_primary_button_at_most(states: dict[str, PublicState]) -> None:
    primary = {
        name: [
            text(button)
            for button in parse(state.visit()).iter()
            if button.get("class") in ("button", "button button-stop")
        ]
        for name, state in states.items()
    }

    assert {name: buttons for name, buttons in primary.items() if len(buttons) > 1} == {}


def test_no_field_has_a_placeholder_and_each_has_its_label(states: dict[str, PublicState]) -> None:
    for name, state in states.items():
        page = parse(state.visit())
        labelled = {label.get("for") for label in page.iter("label")}
        fields = [
            field
            for tag in ("input", "select", "textarea")
            for field in page.iter(tag)
            if field.get("type") != "hidden"
        ]

        assert [field.get("placeholder") for field in fields if field.get("placeholder")] == [], name
        assert [field.get("id") for field in fields if field.get("id") not in labelled] == [], name


def test_a_page_that_nobody_is_to_find_says_so(states: dict[str, PublicState]) -> None:
    found = {
        name
        for name, state in states.items()
        if (robots := parse(state.visit()).find(".//meta[@name='robots']")) is None
        or robots.get("content") != "noindex"
    }

    assert found == {
        "the list",
        "the letter",
        "the notice",
        *(name for name in states if name.startswith("the meeting ")),
    }


def test_a_page_that_may_be_found_names_its_address_in_both_languages(
    states: dict[str, PublicState],
) -> None:
    page = parse(states["the meeting moede"].visit("en"))

    links = {
        (link.get("rel"), link.get("hreflang")): link.get("href")
        for link in page.iter("link")
        if link.get("rel") in ("canonical", "alternate")
    }
    assert links == {
        ("canonical", None): "http://127.0.0.1:8000/en/moede",
        ("alternate", "da"): "http://127.0.0.1:8000/moede",
        ("alternate", "en"): "http://127.0.0.1:8000/en/moede",
    }


def test_the_canonical_address_is_that_without_a_query(states: dict[str, PublicState]) -> None:
    page = parse(PublicState(path="/moede?fra=nyhedsbrev", headings=("", ""), says=("", "")).visit())

    canonical = page.find(".//link[@rel='canonical']")
    assert canonical is not None
    assert canonical.get("href") == "http://127.0.0.1:8000/moede"
