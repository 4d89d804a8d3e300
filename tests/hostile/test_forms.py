"""Whatever is sent to a form or asked of a page, the answer is a page of ours that shows it as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.hostile.site import FORM_TYPE, Attacker, body, view_name, walk
from tests.hostile.values import VALUES, Hostile
from tests.hostile.web_forms import WebForm

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.slow]

Pairs = Sequence[tuple[str, Hostile]]
HUGE_ROWS = ("1000000", "-1", "9" * 25, "", "x")
# What Django's own lists read of a query, beside their filters.
LIST_PARAMETERS = ("p", "o", "q", "all", "e", "_popup", "_to_field", "_changelist_filters", "unheard_of")
BROKEN_IDS = (
    "0",
    "-1",
    "9" * 25,
    "x",
    "%00",
    "%ED%A0%80",
    "..%2F..",
    "%3Ckl-canary%3E",
    "%0d%0aX-Klcanary:1",
)


def rotated(form: WebForm, number: int) -> Pairs:
    """Each of the form's fields with a hostile value, each with another; how many rows there are stays."""
    values = list(VALUES.values())
    return [
        (name, old if name.endswith("_FORMS") else values[(place + number) % len(values)])
        for place, (name, old) in enumerate(form.values)
    ]


def broken(form: WebForm) -> Iterator[tuple[str, Pairs]]:
    """The form as no browser sends it."""
    yield "nothing", []
    yield "everything twice", [*form.values, *form.values]
    yield "a button that is not there", [*form.values, *((name, "<kl-canary>") for name, _ in form.buttons)]
    yield "5,001 fields", [("row", "1")] * 5001
    yield "three million letters", [("row", "x" * 3_000_000)]
    counts = [name for name in form.names if name.endswith("-TOTAL_FORMS")]
    for count in HUGE_ROWS if counts else ():
        yield f"{count} rows", [(name, count if name in counts else old) for name, old in form.values]
    if counts:
        yield "no count", [(name, old) for name, old in form.values if name not in counts]


def post(attacker: Attacker, what: str, form: WebForm, values: Pairs, *, button: int = 0) -> None:
    pressed = form.buttons[button % len(form.buttons)]
    sent = [*values, pressed] if pressed[0] else values
    if form.method == "get":
        attacker.send(what, "GET", f"{urlsplit(form.action).path}?{body(sent)}")
    else:
        attacker.send(what, "POST", form.action, data=body(sent), content_type=FORM_TYPE)


def test_nothing_fails_whatever_is_sent() -> None:
    """In one test, as the walk takes as long as what follows it."""
    attacker = Attacker(walk())

    _type_into_forms(attacker)
    _ask_with_queries_and_ids(attacker)
    _send_files(attacker)

    # All that are linked to: a page that no walk finds is attacked by nobody.
    assert len({view_name(form.action) for form in attacker.site.forms if form.method == "post"}) > 50
    assert attacker.sent > 500
    assert attacker.found == []


def _type_into_forms(attacker: Attacker) -> None:
    for number, form in enumerate(attacker.site.forms):
        post(attacker, f"rotated by {number}", form, rotated(form, number), button=number)
        for what, values in islice(cycle(broken(form)), number % 5, number % 5 + 2):
            post(attacker, what, form, values)


def _ask_with_queries_and_ids(attacker: Attacker) -> None:
    values = cycle(VALUES.items())
    for asked in attacker.site.parameters.values():
        for name in (*(name for name in asked if name), *LIST_PARAMETERS):
            what, value = next(values)
            attacker.send(f"{name}: {what}", "GET", f"{asked['']}?{body([(name, value)])}")
    ids = cycle(BROKEN_IDS)
    for page in attacker.site.pages:
        for part in re.finditer(r"(?<=/)(?:\d+|[\w-]{16,})(?=/|$)", page):
            attacker.send("id", "GET", page[: part.start()] + next(ids) + page[part.end() :])


def _send_files(attacker: Attacker) -> None:
    """A file where a text belongs, and a text where a file belongs."""
    forms = [form for form in attacker.site.forms if form.method == "post"]
    names = (
        "../../etc/passwd",
        "<kl-canary>.pdf",
        "a\r\nX-Klcanary: 1.pdf",
        f"{'x' * 5000}.xlsx",
        "\u202efdp.exe",
    )
    few = [form for number, form in enumerate(forms) if form.files or number % 4 == 0]
    for number, form in enumerate(few):
        name = names[number % len(names)]
        contents = (b"", b"<kl-canary>", b"%PDF-1.7\n<kl-canary>\n%%EOF", b"PK\x03\x04" + b"\0" * 100)
        texts = {name: value for name, value in form.values if name}
        attacker.send(
            "a text as a file", "POST", form.action, files={**texts, **dict.fromkeys(form.files, "x")}
        )
        for content in contents if form.files else contents[1:2]:
            files = {field: SimpleUploadedFile(name, content) for field in form.files or form.names}
            attacker.send(f"{name[:30]!r}: {content[:9]!r}", "POST", form.action, files={**texts, **files})


@pytest.mark.faults
def test_no_field_fails_whatever_is_typed_into_it_alone() -> None:
    """Some 20,000 requests, the rest of each form being as its page shows it."""
    attacker = Attacker(walk(most=3))
    for form in attacker.site.forms:
        for what, values in broken(form):
            post(attacker, what, form, values)
        # One of the rows stands for all.
        fields = {re.sub(r"\d+", "0", name): name for name in form.names}
        for number, (what, value) in enumerate(VALUES.items()):
            for field in fields.values():
                values = [(name, value if name == field else old) for name, old in form.values]
                post(attacker, f"{field}: {what}", form, values, button=number)
    for asked in attacker.site.parameters.values():
        for name in (*(name for name in asked if name), *LIST_PARAMETERS):
            for what, value in VALUES.items():
                attacker.send(f"{name}: {what}", "GET", f"{asked['']}?{body([(name, value)])}")

    assert attacker.found == []
