"""Pages as browsers read them, and what the HTML standard has against them."""

from __future__ import annotations

from collections import Counter
from xml.etree.ElementTree import Element

from tinyhtml5.parser import HTMLParser

from tests.pages import Page

# Attributes that name other elements of the page by their ids.
REFERENCES = ("for", "form", "aria-describedby", "aria-labelledby", "aria-controls", "list")
# Elements that stand only inside these (the HTML standard's content models).
PARENTS = {
    "li": {"ul", "ol", "menu"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "legend": {"fieldset"},
    "summary": {"details"},
    "option": {"select", "optgroup", "datalist"},
    "tr": {"thead", "tbody", "tfoot", "table"},
}
CHILDREN = {
    "ul": {"li", "template", "script"},
    "ol": {"li", "template", "script"},
    "dl": {"div", "dt", "dd", "template", "script"},
}
# What may stand in a paragraph or a heading.
PHRASING = frozenset(
    [
        *("a", "abbr", "b", "br", "button", "code", "em", "i", "img", "input", "label", "noscript", "select"),
        *("small", "span", "strong", "sub", "sup", "textarea", "time", "wbr"),
    ]
)
ONLY_PHRASING = frozenset(
    ["p", "h1", "h2", "h3", "h4", "span", "strong", "em", "label", "button", "dt", "summary"]
)
INTERACTIVE = frozenset(["a", "button", "input", "select", "textarea", "label", "details"])


def parse(response: Page) -> Element:
    """The page as a tree, elements of templates included."""
    return _parsed(response)[0]


def faults(response: Page) -> list[str]:
    """Each breach of the standard, in a line."""
    page, errors = _parsed(response)
    return [*errors, *_of_ids(page), *_of_content(page), *_of_attributes(page)]


def _parsed(response: Page) -> tuple[Element, list[str]]:
    parser = HTMLParser(namespace_html_elements=False)
    tree = parser.parse(response.content.decode())
    assert isinstance(tree, Element)
    return tree, [f"{position}: {code} {variables}" for position, code, variables in parser.errors]


def _of_ids(page: Element) -> list[str]:
    in_templates = {id(element) for template in page.iter("template") for element in template.iter()}
    elements = [element for element in page.iter() if id(element) not in in_templates]
    ids = Counter(element.get("id") for element in elements if element.get("id") is not None)
    twice = [f"id {name!r} {count} times" for name, count in ids.items() if count > 1]
    wrong = [f"id {name!r}" for name in ids if not name or any(letter.isspace() for letter in name)]
    lost = [
        f"{element.tag} {attribute}={name!r} leads nowhere"
        for element in elements
        for attribute in REFERENCES
        for name in element.get(attribute, "").split()
        if name not in ids
    ]
    anchors = [
        f"link to {link.get('href')} leads nowhere"
        for link in page.iter("a")
        if link.get("href", "").startswith("#") and link.get("href", "")[1:] not in ids
    ]
    return [*twice, *wrong, *lost, *anchors]


def _of_content(page: Element) -> list[str]:
    found = []
    for parent in page.iter():
        for child in parent:
            if child.tag in PARENTS and parent.tag not in PARENTS[child.tag]:
                found.append(f"{child.tag} in {parent.tag}")
            if parent.tag in CHILDREN and child.tag not in CHILDREN[parent.tag]:
                found.append(f"{child.tag} in {parent.tag}")
            if parent.tag in ONLY_PHRASING and child.tag not in PHRASING:
                found.append(f"{child.tag} in {parent.tag}")
        if parent.tag in ("a", "button"):
            found += [
                f"{inner.tag} in {parent.tag}"
                for inner in parent.iter()
                if inner is not parent and inner.tag in INTERACTIVE
            ]
    return found


def _of_attributes(page: Element) -> list[str]:
    found = [f"img without alt: {image.get('src')}" for image in page.iter("img") if image.get("alt") is None]
    found += [
        f"{element.tag} type={element.get('type')}"
        for element in page.iter()
        if element.get("type") == "" or (element.tag == "button" and not element.get("type"))
    ]
    focused = [element.tag for element in page.iter() if element.get("autofocus") is not None]
    if len(focused) > 1:
        found.append(f"autofocus {len(focused)} times")
    if page.find("head/title") is None or page.find("head/meta[@charset]") is None:
        found.append("no title or no charset")
    return found
