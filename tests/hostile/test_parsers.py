"""What reads what people paste and upload raises nothing but its own error, and is done in good time."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invitations.danish import no_break
from invitations.literal_dates import find_dates
from invitations.markdown import markdown
from invitations.meeting_file import MeetingFileError, import_meetings
from invitations.office_file.planning import plan_import
from invitations.office_file.problems import OfficeFileError
from registrations.pasted_names import read_names

SIGNS = [
    "<",
    ">",
    "@",
    ";",
    ",",
    "\t",
    "\n",
    "\r",
    "\0",
    '"',
    "'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "*",
    "_",
    "-",
    "=",
    "1.",
]
WORDS = [
    *SIGNS,
    "\u202e",
    "\ud800",
    "\U0001f469",
    "a@b.dk",
    "Bo Hansen",
    "28. marts",
    "https://x",
    "&",
    "!",
    "|",
    "  ",
    ": ",
]
texts = st.lists(st.sampled_from(WORDS), max_size=40).map("".join)
# Each repeated until a text has so many characters; what looks back at each of them takes minutes.
LENGTH = 20_000
SECONDS = 20

READERS: dict[str, Callable[[str], object]] = {
    "pasted names": read_names,
    "markdown": markdown,
    "dates": find_dates,
    "typography": no_break,
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@settings(max_examples=60)
@given(text=texts)
def test_no_text_is_too_strange_to_be_read(read: Callable[[str], object], text: str) -> None:
    read(text)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_no_text_takes_more_than_its_length(read: Callable[[str], object]) -> None:
    taken = {}
    for word in [*WORDS, "a-", "a.", "1. ", "- ", "[a](", "**a", "a <", '"a', "1.1."]:
        started = time.process_time()
        read(word * (LENGTH // len(word)))
        taken[word] = time.process_time() - started

    assert {word: seconds for word, seconds in taken.items() if seconds > SECONDS} == {}


@pytest.mark.django_db
@settings(max_examples=60)
@given(
    content=st.one_of(texts.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=80))
)
def test_a_file_of_offices_is_read_or_refused(content: bytes) -> None:
    for head in (b"", b"Kommune;Rolle;Postkasse\n", b"PK\x03\x04"):
        with suppress(OfficeFileError):
            plan_import(head + content, today=date(2027, 2, 1))


@pytest.mark.django_db
@settings(max_examples=60)
@given(
    content=st.one_of(texts.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=80))
)
def test_a_meeting_file_is_read_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file: Path = tmp_path_factory.mktemp("files") / "a.yaml"
    for head in (b"", b"meetings:\n  - slug: a\n    title: ", b"letters: "):
        file.write_bytes(head + content)
        with pytest.raises(MeetingFileError):
            import_meetings([file])
