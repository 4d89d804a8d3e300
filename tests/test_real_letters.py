"""The five real letters, which lie outside of this repository: laid out and held against their words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from invitations.meeting_file import export_meetings, import_meetings
from invitations.models import Letter, Meeting

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
FILES = sorted((SHARED / "letters").glob("*.yaml"))

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FILES, reason="the real letters are not on this machine"),
]


@pytest.fixture(autouse=True)
def _public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.kl.dk"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_letter_carries_its_words(path: Path, tmp_path: Path) -> None:
    import_meetings([path])
    call_command("render_letters", output=tmp_path)
    (pdf,) = tmp_path.iterdir()

    check = subprocess.run(
        [sys.executable, SHARED / "check-letter", path, pdf], capture_output=True, text=True, check=False
    )

    assert check.stdout.endswith(": holds\n"), check.stdout + check.stderr
    assert check.returncode == 0


def test_the_real_letters_are_named_by_meeting_kind_and_date(tmp_path: Path) -> None:
    import_meetings(FILES)

    call_command("render_letters", output=tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "politisk-moede-midtjylland-invitation-2019-02-06.pdf",
        "politiskmodeapril21-invitation-2021-03-12.pdf",
        "politiskmoede-regionmidtjylland2024-invitation-2024-07-01.pdf",
        "politiskmoedevestjylland-invitation-2020-06-17.pdf",
        "udvalgsformaend-topmoede-2019-follow_up-2019-02-05.pdf",
    ]


def test_the_real_letters_come_back_equal(tmp_path: Path) -> None:
    import_meetings(FILES)
    text = export_meetings(Meeting.objects.order_by("pk"))
    Letter.objects.all().delete()
    Meeting.objects.all().delete()
    (tmp_path / "alle.yaml").write_text(text, encoding="utf-8")

    import_meetings([tmp_path / "alle.yaml"])

    assert export_meetings(Meeting.objects.order_by("pk")) == text


def test_the_real_letters_brought_in_twice_change_nothing() -> None:
    import_meetings(FILES)

    again = import_meetings(FILES)

    assert (again.created, again.updated, len(again.unchanged)) == ([], [], 16)
