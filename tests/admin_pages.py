"""Reads the forms of the admin as a browser does: what a page shows is sent back, but for what one types."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


class _Fields(HTMLParser):
    """The successful controls of a page's forms (HTML 4.10.22.4), without files."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._textarea: str | None = None
        self._select: str | None = None
        self._chosen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name") or ""
        if "__prefix__" in name or "disabled" in values:
            return
        if tag == "input" and name and values.get("type") not in ("file", "submit"):
            if values.get("type") not in ("checkbox", "radio"):
                self.fields.setdefault(name, []).append(values.get("value") or "")
            elif "checked" in values:
                self.fields.setdefault(name, []).append(values.get("value") or "on")
        elif tag == "textarea" and name:
            self._textarea = name
            self.fields[name] = [""]
        elif tag == "select" and name:
            self._select, self._chosen = name, []
        elif tag == "option" and self._select and "selected" in values:
            self._chosen.append(values.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            # A line break right after the tag is not part of the text.
            self.fields[self._textarea][0] = self.fields[self._textarea][0].removeprefix("\n")
            self._textarea = None
        elif tag == "select" and self._select:
            self.fields[self._select] = self._chosen or [""]
            self._select = None


def fields_of(response: Any) -> dict[str, list[str]]:
    """What the page's form would send if nothing were typed."""
    parser = _Fields()
    parser.feed(response.content.decode())
    parser.fields.pop("csrfmiddlewaretoken", None)
    return parser.fields


def add_row(fields: dict[str, Any], prefix: str, **values: Any) -> int:
    """Type a further row into the rows `prefix`, as the link below them does; return its number."""
    number = int(fields[f"{prefix}-TOTAL_FORMS"][0])
    fields[f"{prefix}-TOTAL_FORMS"] = [str(number + 1)]
    for name, value in values.items():
        fields[f"{prefix}-{number}-{name}"] = value
    return number


def send(client: Client, url: str, *, button: str = "_continue", **typed: Any) -> Any:
    """Open the page, type, and press a button. A double underscore in a name stands for a hyphen."""
    fields: dict[str, Any] = fields_of(client.get(url))
    fields.update({name.replace("__", "-"): value for name, value in typed.items()})
    return client.post(url, {**fields, button: "1"})


def count_queries(client: Client, url: str) -> int:
    """How often the page asks the database, once what is looked up only once has been."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return len(queries)


def errors_of(response: Any) -> dict[str, list[str]]:
    """The sentences on a page that was refused, by the name of the field; those above a row by its prefix."""
    context = response.context
    forms = [context["adminform"].form]
    errors: dict[str, list[str]] = {}
    for rows in context["inline_admin_formsets"]:
        forms += rows.formset.forms
        if rows.formset.non_form_errors():
            errors[rows.formset.prefix] = list(rows.formset.non_form_errors())
    for themes in [form.themes for form in forms if hasattr(form, "themes")]:
        forms += themes.forms
        if themes.non_form_errors():
            errors[themes.prefix] = list(themes.non_form_errors())
    for form in forms:
        for name, sentences in form.errors.items():
            field = (form.prefix or "") if name == "__all__" else form.add_prefix(name)
            errors[field] = [str(sentence) for sentence in sentences]
    return errors
