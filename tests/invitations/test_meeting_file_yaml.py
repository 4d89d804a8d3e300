from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from invitations.meeting_file import MeetingFileError, Problem, import_meetings
from invitations.models import Meeting
from tests.factories import PDF
from tests.meeting_files import EVERYTHING, SMALL, bring_in, problems

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("content", "line", "sentence"),
    [
        (b"", 1, "The file is empty."),
        (b"# Kun en bem\xc3\xa6rkning\n", 1, "The file is empty."),
        (b"{}", 1, "The file holds nothing. Here belong: meetings, letters."),
        (b"meetings: []\nletters:\n", 1, "The file holds nothing. Here belong: meetings, letters."),
        (b"- slug: dialog", 1, "Here belong keys: meetings, letters."),
        (b"Et brev", 1, "Here belong keys: meetings, letters."),
        ("meetings:\n# møde".encode("latin-1"), 2, "The file must be saved in UTF-8."),
        (SMALL.encode("utf-16"), 1, "The file must be saved in UTF-8."),
        (b"a: 1\nb: \x07", 2, "The character U+0007 cannot be printed."),
        (b"\xf0\x9f\x8e\x89: 1\n\xc3\xa6: \x00", 2, "The character U+0000 cannot be printed."),
        (b"x" * 3_000_000, 0, "The file is larger than 2 MB. Divide it into several."),
        (
            SMALL.encode() + b"---\n" + SMALL.encode(),
            15,
            "A meeting file is one document. Remove the line “---”.",
        ),
        (b"&a [*a]", 0, "The file is too large, or an alias in it refers to itself."),
        (b"meetings: &a\n- {<<: *a}", 0, "The file is too large, or an alias in it refers to itself."),
        (b"meetings: [" + b"1," * 100_000 + b"]", 1, "The file is too large. Divide it into several."),
        (b"meetings:\n  " + b"[" * 10_000, 2, "The brackets or lists are nested too deep."),
        (
            b"meetings:\n  " + b"[" * 10_000 + b"]" * 10_000,
            2,
            "The brackets or lists are nested too deep.",
        ),
        (b"{a: " * 10_000, 1, "The brackets or lists are nested too deep."),
        (b"- " * 10_000, 1, "The brackets or lists are nested too deep."),
    ],
)
def test_a_file_that_is_none_is_refused(content: bytes, line: int, sentence: str, tmp_path: Path) -> None:
    assert problems(tmp_path, content) == [(line, "", sentence)]


def test_aliases_cannot_make_a_small_file_large(tmp_path: Path) -> None:
    laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
        for before, name in zip("abcdefg", "bcdefgh", strict=True)
    )

    assert problems(tmp_path, laughs) == [
        (0, "", "The file is too large, or an alias in it refers to itself.")
    ]


@pytest.mark.parametrize(
    ("text", "line", "beginning"),
    [
        ("meetings:\n  - title: Møde: fritid", 2, "A colon with a space after it begins a new value."),
        ("meetings:\n  - slug: a\n     title: b", 3, "A colon with a space after it begins a new value."),
        ("meetings:\n\t- slug: a", 2, "Indent with spaces, not with tabs."),
        (
            "meetings:\n  - title: 'Møde\n    slug: a\n",
            2,
            "The quotation mark that begins here is not closed.",
        ),
        ("letters:\n  - title: **Fed**", 2, "Text that begins with one of * & @ ` %"),
        ("letters:\n  - title: @kl", 2, "Text that begins with one of * & @ ` %"),
        ("letters:\n  - title: *anker", 2, "Text that begins with one of * & @ ` %"),
        ("a: &x 1\nb: &x 2", 2, "Two anchors (&) have the same name."),
        ("meetings:\n  - areas: [Fyn, Als\n    title: b\n", 2, "A bracket or brace is not closed"),
        ("letters:\n  - title: {area} mødes\n", 2, "The line does not fit:"),
        ('letters:\n  - title: "Møde" om fritid\n', 2, "The line does not fit:"),
        (
            "letters:\n  - title\n    kind: change\n",
            3,
            "A colon with a space after it begins a new value.",
        ),
        ("letters:\n  - kind: change\n    title\n", 3, "The line does not fit:"),
        ('letters: "\\q"', 1, "The file is not valid YAML: found unknown escape character."),
        ("%YAML 7.0\n---\na: 1", 1, "The file is not valid YAML: found incompatible YAML document."),
    ],
)
def test_what_is_not_yaml_is_told_in_the_words_of_who_types(
    text: str, line: int, beginning: str, tmp_path: Path
) -> None:
    ((at, field, sentence),) = problems(tmp_path, text)

    assert (at, field, sentence[: len(beginning)]) == (line, "", beginning)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    missing, long = tmp_path / "ingen.yaml", tmp_path / ("x" * 300)

    with pytest.raises(MeetingFileError) as refused:
        import_meetings([missing, tmp_path, long])

    assert str(refused.value).splitlines() == [
        f"{tmp_path}: This is a folder. Name the files in it.",
        f"{missing}: There is no such file.",
        f"{long}: The file cannot be read: File name too long.",
    ]


def test_a_file_that_one_may_not_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, mode: str) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(MeetingFileError) as refused:
        import_meetings([tmp_path / "møder.yaml"])

    assert [problem.message for problem in refused.value.problems] == ["You may not read this file."]


# What may go wrong where somebody edits a file: pieces left out, doubled, swapped or replaced.
PIECES = re.findall(r"[\w-]+|\s+|.", EVERYTHING)
SLIPS = st.lists(
    st.tuples(
        st.sampled_from(["cut", "double", "put"]),
        st.integers(0, len(PIECES) - 1),
        st.sampled_from(
            [
                "~",
                "[]",
                "{}",
                "''",
                "x",
                "0",
                "-1",
                "2027-13-01",
                "{area}",
                ": ",
                "- ",
                "\n",
                "*",
                "&a ",
                "\t",
                "æ" * 300,
            ]
        ),
    ),
    min_size=1,
    max_size=4,
)


@hypothesis_settings(max_examples=40)
@given(slips=SLIPS)
def test_a_file_with_any_slips_is_brought_in_or_refused(slips: list[tuple[str, int, str]]) -> None:
    pieces = list(PIECES)
    for kind, at, other in slips:
        pieces[at] = {"cut": "", "double": pieces[at] * 2, "put": other}[kind]

    with TemporaryDirectory() as name, transaction.atomic():
        folder = Path(name)
        (folder / "fakta.pdf").write_bytes(PDF)
        told = told_of(folder, "".join(pieces))
        is_brought_in = Meeting.objects.exists()
        transaction.set_rollback(True)

    assert is_brought_in != bool(told)


def told_of(folder: Path, text: str) -> list[Problem]:
    try:
        bring_in(folder, text)
    except MeetingFileError as refused:
        return refused.problems
    return []
