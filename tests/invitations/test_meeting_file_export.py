from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import models, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from invitations.meeting_file import enclosed_files, export_meetings, import_meetings
from invitations.models import (
    Announcement,
    Area,
    Enclosure,
    Letter,
    Meeting,
    MeetingArea,
    MeetingHost,
    Municipality,
    PolicyArea,
    ProgrammeItem,
    Question,
    Section,
    Session,
    Signatory,
    Theme,
)
from tests.factories import (
    NOW,
    PDF,
    create_enclosure,
    create_letter,
    create_meeting,
    create_question,
    create_staff,
)
from tests.meeting_files import EVERYTHING, SMALL, bring_in, write

pytestmark = pytest.mark.django_db


def forget_everything() -> None:
    for model in (Letter, Meeting):
        model.objects.all().delete()


def exported() -> str:
    return export_meetings(Meeting.objects.order_by("pk"))


def test_it_writes_what_somebody_would_type(tmp_path: Path) -> None:
    bring_in(tmp_path, SMALL.replace("Kom den {date}.", "|\n          Kom den {date}.\n\n          - Et\n"))
    create_question(meeting=Meeting.objects.get(), text="Hvad lykkes?")

    assert (
        exported()
        == """\
meetings:
- slug: dialog
  title: Dialogmøde
  areas:
  - Region Midtjylland
  roles:
  - committee
  policy_area: børne- og undervisningsområdet
  registration: form
  sessions:
  - starts: 2027-04-20 16:00
    ends: 2027-04-20 18:00
  questions:
  - Hvad lykkes?
letters:
- meeting: dialog
  kind: invitation
  date: '2027-01-12'
  recipients:
  - Borgmesteren
  sections:
  - text: |-
      Kom den {date}.

      - Et
"""
    )


def test_it_writes_the_meetings_in_the_order_asked_for_with_their_letters() -> None:
    first, second = create_meeting(slug="a"), create_meeting(slug="b")
    create_letter(meeting=first, letter_date=date(2027, 1, 3))
    create_letter(meeting=second, letter_date=date(2027, 1, 2))
    create_letter(meeting=second, letter_date=date(2027, 1, 1))

    text = export_meetings([second, first])

    assert [line for line in text.splitlines() if line.startswith(("- slug", "- meeting", "  date"))] == [
        "- slug: b",
        "- slug: a",
        "- meeting: b",
        "  date: '2027-01-01'",
        "- meeting: b",
        "  date: '2027-01-02'",
        "- meeting: a",
        "  date: '2027-01-03'",
    ]


def test_it_leaves_out_what_the_system_knows_by_itself() -> None:
    letter = create_letter()
    before = export_meetings([letter.meeting])
    letter.mark_sent(at=NOW, by=create_staff())

    assert export_meetings([letter.meeting]) == before
    assert "published" not in before


def test_everything_there_is_comes_back_equal(tmp_path: Path) -> None:
    (tmp_path / "fakta.pdf").write_bytes(PDF)
    bring_in(tmp_path, EVERYTHING)
    text, files = exported(), enclosed_files(Meeting.objects.all())
    forget_everything()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)

    summary = import_meetings([write(tmp_path, text)])

    assert len(summary.created) == 4
    assert exported() == text
    assert enclosed_files(Meeting.objects.all()) == files


def test_an_export_brought_in_where_it_came_from_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "fakta.pdf").write_bytes(PDF)
    bring_in(tmp_path, EVERYTHING)
    for name, content in enclosed_files(Meeting.objects.all()).items():
        (tmp_path / name).write_bytes(content)
    Letter.objects.get(kind="invitation").mark_sent(at=NOW, by=create_staff())

    summary = import_meetings([write(tmp_path, exported())])

    assert (summary.created, summary.updated, len(summary.unchanged)) == ([], [], 4)


def test_two_pdfs_of_one_name_lie_beside_the_file_under_two() -> None:
    letter = create_letter()
    create_enclosure(letter=letter, title="A", filename="fakta.pdf")
    create_enclosure(letter=letter, title="B", filename="fakta.pdf", content=PDF + b"\n")

    files = enclosed_files([letter.meeting])

    assert sorted(files.values()) == [PDF, PDF + b"\n"]
    assert all(f"file: {name}" in export_meetings([letter.meeting]) for name in files)


def test_the_command_prints_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring_in(tmp_path, SMALL)

    call_command("export_meetings", "DIALOG", "dialog")

    assert capsys.readouterr().out == exported()


def test_the_command_writes_the_file_with_its_pdfs_beside_it(tmp_path: Path) -> None:
    letter = create_letter(meeting=create_meeting(slug="dialog"))
    create_enclosure(letter=letter, filename="fakta.pdf")
    folder = tmp_path / "ud"
    folder.mkdir()

    call_command("export_meetings", "dialog", output=folder / "dialog.yaml")

    text = exported()
    forget_everything()
    import_meetings([folder / "dialog.yaml"])
    assert exported() == text
    assert len(list(folder.glob("fakta-*.pdf"))) == 1


def refusal(*slugs: str, **options: Any) -> str:
    with translation.override("en"), pytest.raises(CommandError) as refused:
        call_command("export_meetings", *slugs, **options)
    return str(refused.value)


def test_the_command_knows_no_other_meetings() -> None:
    assert refusal("ingen") == "There is no meeting “ingen”."


def test_pdfs_cannot_go_to_standard_output() -> None:
    letter = create_letter(meeting=create_meeting(slug="dialog"))
    create_enclosure(letter=letter)

    assert refusal("dialog") == (
        "The letters enclose PDFs. Name a file with --output; the PDFs are written beside it."
    )


def test_the_command_says_where_it_cannot_write(tmp_path: Path) -> None:
    create_meeting(slug="dialog")
    output = tmp_path / "ingen" / "dialog.yaml"

    assert refusal("dialog", output=output) == f"Cannot write {output}: No such file or directory."


# Any meeting: rows as they may stand in the database, valid but otherwise at random.

CHARACTERS = st.characters(exclude_categories=["C", "Zl", "Zp"], exclude_characters="{}", codec="utf-8")
NASTY = st.sampled_from(
    [
        "~",
        "null",
        "yes",
        "12",
        "1e3",
        "17:00",
        "2027-01-01",
        "- a",
        "a: b",
        "# a",
        "'",
        '"',
        "*a",
        "&a",
        "!a",
        "%a",
        "|",
        ">",
        "a  b",
        "KL's",
        "=",
        "<<",
        "[a]",
        "a,",
        "🎉",
        "0x1",
        ".5",
        "?",
        "-",
        "a\u00a0b",
        "a #b",
        "\\",
        "@a",
        "`a`",
    ]
)


def line(most: int) -> st.SearchStrategy[str]:
    return (NASTY | st.text(CHARACTERS, max_size=most)).map(str.strip)


def some_line(most: int) -> st.SearchStrategy[str]:
    return line(most).filter(bool)


def text(most: int = 300) -> st.SearchStrategy[str]:
    return st.lists(line(80), max_size=5).map("\n".join).map(str.strip).filter(lambda text: len(text) <= most)


DAYS = st.dates(date(2000, 1, 1), date(2099, 11, 30))
# Not at night, when a clock time may not exist, and not so late that nothing can follow.
CLOCKS = st.builds(time, st.integers(4, 20), st.sampled_from([0, 5, 30, 45]))
NUMBERS = st.none() | st.integers(1, 999_999)
EMAILS = st.sampled_from(["", "moeder@kl.example", "a+b@æ.example"])
SLUGS = st.from_regex(r"\A[a-z0-9]+([-_][A-Z0-9]+)*\Z").filter(lambda slug: len(slug) <= 80)


@st.composite
def deadlines(draw: st.DrawFn, name: str) -> dict[str, Any]:
    day = draw(st.none() | DAYS)
    return {f"{name}_date": day, f"{name}_time": draw(st.none() | CLOCKS) if day else None}


@st.composite
def sessions(draw: st.DrawFn) -> dict[str, Any]:
    day, start = draw(DAYS), draw(st.none() | CLOCKS)
    later = draw(st.integers(0, 3))
    end = draw(st.sampled_from([None, 1, 59])) if start else None
    online = draw(st.booleans())
    parts = {"name": 150, "street": 150, "postcode": 10, "city": 80, "place": 80, "room": 100}
    return {
        "label": draw(line(100)),
        "starts_date": day,
        "starts_time": start,
        "ends_date": day + timedelta(days=later) if later else None,
        "ends_time": time(start.hour + 1, end) if start and end else None,
        "online": online,
        "join_url": draw(st.sampled_from(["", "https://video.example/ø?a=1#b"])),
        **{f"venue_{name}": "" if online else draw(line(most)) for name, most in parts.items()},
        "capacity": draw(NUMBERS),
        **draw(deadlines("registration_deadline")),
    }


THEMES = st.fixed_dictionaries(
    {
        "title": some_line(250),
        "speakers": line(250),
        "room": line(100),
        "details": text(),
        "capacity": NUMBERS,
    }
)


@st.composite
def items(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    start = draw(st.none() | CLOCKS)
    item = {
        "time": start,
        "until": draw(st.none() | st.just(time(start.hour + 1, 1))) if start else None,
        "title": draw(some_line(250)),
        "speakers": draw(line(250)),
        "room": draw(line(100)),
        "details": draw(text()),
        "notes": draw(text()),
    }
    return item, draw(st.lists(THEMES, max_size=2))


MEETINGS = st.fixed_dictionaries(
    {
        "title": some_line(250),
        "roles": st.lists(st.sampled_from(["mayor", "committee", "main_mailbox"]), min_size=1, unique=True),
        "co_organisers": st.lists(some_line(80), max_size=2).map("\n".join),
        "registration": st.sampled_from(["form", "none"]),
        "capacity": NUMBERS,
        "max_per_municipality": NUMBERS,
        "asks_about_needs": st.booleans(),
        "practical_information": text(),
    }
)
LETTERS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["change", "cancellation"]),
        "date": DAYS,
        "replaces": st.none() | DAYS,
        "case_number": line(40),
        "document_number": line(40),
        "contact_email": EMAILS,
        "contact_phone": line(30),
        "recipients": st.lists(some_line(80), min_size=1, max_size=3).map("\n".join),
        "copy_roles": st.lists(st.sampled_from(["mayor", "committee"]), unique=True),
        "title": line(250),
        "salutation": line(250),
        "input_email": EMAILS,
        "closing": line(250),
    }
)
SECTIONS = st.fixed_dictionaries(
    {"heading": text(), "text": text(), "block": st.sampled_from(["", "sessions"])}
).filter(lambda section: any(section.values()))
SIGNATORIES = st.fixed_dictionaries(
    {"name": some_line(100), "title": st.lists(some_line(60), max_size=3).map("\n".join)}
)


def add(model: type[models.Model], rows: Iterable[dict[str, Any]], **owner: models.Model) -> list[Any]:
    return [
        model._default_manager.create(**owner, **row, position=position) for position, row in enumerate(rows)
    ]


@st.composite
def any_meeting(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "slug": draw(SLUGS),
        "policy_area": draw(st.sampled_from(["børne- og undervisningsområdet", "social: ældre"])),
        "meeting": draw(MEETINGS),
        "deadline": draw(deadlines("registration_deadline")),
        "areas": draw(st.permutations(range(9)).map(lambda order: order[:2])),
        "hosts": draw(st.permutations(range(98)).map(lambda order: order[:2])),
        "sessions": draw(st.lists(sessions(), min_size=1, max_size=3)),
        "items": draw(st.lists(items(), max_size=3)),
        "questions": draw(st.lists(some_line(500), max_size=2)),
        "letter": draw(LETTERS),
        "input": draw(deadlines("input_deadline")),
        "sections": draw(st.lists(SECTIONS, min_size=1, max_size=3)),
        "signatories": draw(st.lists(SIGNATORIES, max_size=2)),
        "enclosures": draw(st.lists(some_line(250), max_size=2)),
        "announces": draw(st.booleans()),
    }


def create(drawn: dict[str, Any]) -> None:
    policy_area, _created = PolicyArea.objects.get_or_create(name=drawn["policy_area"])
    meeting = Meeting.objects.create(
        slug=drawn["slug"], policy_area=policy_area, **drawn["meeting"], **drawn["deadline"]
    )
    areas, hosts = Area.objects.order_by("pk"), Municipality.objects.order_by("pk")
    add(MeetingArea, [{"area": areas[number]} for number in drawn["areas"]], meeting=meeting)
    add(MeetingHost, [{"municipality": hosts[number]} for number in drawn["hosts"]], meeting=meeting)
    add(Session, drawn["sessions"], meeting=meeting)
    for item, (_fields, themes) in zip(
        add(ProgrammeItem, [fields for fields, _themes in drawn["items"]], meeting=meeting),
        drawn["items"],
        strict=True,
    ):
        add(Theme, themes, item=item)
    add(Question, [{"text": question} for question in drawn["questions"]], meeting=meeting)
    letter = Letter.objects.create(meeting=meeting, **drawn["letter"], **drawn["input"])
    add(Section, drawn["sections"], letter=letter)
    add(Signatory, drawn["signatories"], letter=letter)
    add(Enclosure, [{"title": title} for title in drawn["enclosures"]], letter=letter)
    add(Announcement, [{"meeting": meeting}] * drawn["announces"], letter=letter)


def all_rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of a meeting and its letters, without the numbers that the database gives."""
    numbers = {"id", "meeting_id", "letter_id", "item_id"}
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name not in numbers}
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in (
            *(Meeting, MeetingArea, MeetingHost, Session, ProgrammeItem, Theme, Question),
            *(Letter, Section, Signatory, Enclosure, Announcement),
        )
    }


@hypothesis_settings(max_examples=30)
@given(drawn=any_meeting())
def test_any_meeting_comes_back_equal(drawn: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder, transaction.atomic():
        create(drawn)
        rows, text = all_rows(), exported()
        forget_everything()
        import_meetings([write(Path(folder), text)])
        rows_again, text_again = all_rows(), exported()
        transaction.set_rollback(True)

    assert rows_again == rows
    assert text_again == text
