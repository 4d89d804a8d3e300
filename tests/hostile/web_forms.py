"""Every form of a page, as a browser would send it, and every link that leads on from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

Pairs = list[tuple[str, str]]


@dataclass(kw_only=True)
class WebForm:
    """A form of a page.

    Attributes:
        page: the address of the page that it stands on.
        action: the address it is sent to, with its query.
        method: `get` or `post`.
        values: what is sent if nothing is typed, in the order of the page, without buttons.
        files: the names of its file fields.
        buttons: what each of its buttons sends; one pair without a name where it has none.
    """

    page: str
    action: str
    method: str
    values: Pairs = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    buttons: Pairs = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The names of what can be typed, each once."""
        return [name for name in dict(self.values) if name != "csrfmiddlewaretoken"]


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[WebForm] = []
        self.links: list[str] = []
        self._by_id: dict[str, WebForm] = {}
        self._open: WebForm | None = None
        self._owner: WebForm | None = None
        self._templates = 0
        self._textarea: str | None = None
        self._text = ""
        self._select: tuple[str, WebForm] | None = None
        self._chosen: list[str] = []
        self._first: str | None = None
        self._multiple = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "template":
            self._templates += 1
        elif tag in ("a", "iframe", "img"):
            link = has.get("href") or has.get("src")
            if link:
                self.links.append(urljoin(self.url, link))
        elif tag == "form":
            self._open = WebForm(
                page=self.url,
                action=urljoin(self.url, has.get("action", "") or self.url),
                method=has.get("method", "get").lower(),
            )
            self.forms.append(self._open)
            if "id" in has:
                self._by_id[has["id"]] = self._open
        elif not self._templates and "disabled" not in has:
            self._control(tag, has)

    def _control(self, tag: str, has: dict[str, str]) -> None:
        form = self._by_id.get(has["form"]) if "form" in has else self._open
        name, kind = has.get("name", ""), has.get("type", "")
        if tag == "option" and self._select:
            value = has.get("value", "")
            self._first = value if self._first is None else self._first
            if "selected" in has:
                self._chosen.append(value)
        if form is None or tag not in ("button", "input", "select", "textarea"):
            return
        if (tag == "button" and kind != "button") or (tag == "input" and kind in ("submit", "image")):
            form.buttons.append((name, has.get("value", "")))
        elif tag == "input" and name and kind == "file":
            form.files.append(name)
        elif tag == "input" and name and kind in ("checkbox", "radio"):
            if "checked" in has:
                form.values.append((name, has.get("value", "on")))
            elif name not in dict(form.values):
                form.values.append((name, ""))
        elif tag == "input" and name and kind not in ("button", "reset"):
            form.values.append((name, has.get("value", "")))
        elif tag == "textarea" and name:
            self._textarea, self._text, self._owner = name, "", form
        elif tag == "select" and name:
            self._select, self._chosen, self._first = (name, form), [], None
            self._multiple = "multiple" in has

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._templates -= 1
        elif tag == "form":
            self._open = None
        elif tag == "textarea" and self._textarea and self._owner:
            self._owner.values.append((self._textarea, self._text.removeprefix("\n")))
            self._textarea = None
        elif tag == "select" and self._select:
            name, form = self._select
            chosen = self._chosen or ([] if self._multiple else [self._first or ""])
            form.values += [(name, value) for value in chosen or [""]]
            self._select = None


def read(url: str, html: str) -> tuple[list[WebForm], list[str]]:
    """The forms of the page at `url`, and the addresses that it links to.

    An unchecked box stands among the values as an empty one, so that something can be typed into it.
    """
    reader = _Reader(url)
    reader.feed(html)
    for form in reader.forms:
        form.buttons = form.buttons or [("", "")]
    return reader.forms, reader.links


def query_of(url: str) -> Pairs:
    """The parameters in the query of an address."""
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)
