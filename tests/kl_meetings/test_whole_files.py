from __future__ import annotations

from pathlib import Path

import pytest

from kl_meetings.whole_files import write_whole
from tests.kl_meetings.processes import run

# A process in which no file may grow beyond a thousand bytes.
WRITE = """
import resource, sys
from pathlib import Path
from kl_meetings.whole_files import write_whole
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_whole(Path(sys.argv[1]), b"x" * int(sys.argv[2]))
except OSError as error:
    print(error.strerror, end="")
"""


@pytest.mark.parametrize(
    ("size", "says", "left"), [(1000, "", ["mail.eml"]), (1001, "File too large", [])], ids=["fits", "full"]
)
def test_a_file_is_there_whole_or_leaves_nothing_behind(
    tmp_path: Path, size: int, says: str, left: list[str]
) -> None:
    result = run("-c", WRITE, str(tmp_path / "mail.eml"), str(size))

    assert (result.stdout, result.stderr) == (says, "")
    assert [file.name for file in tmp_path.iterdir()] == left


def test_what_was_there_stays_where_it_cannot_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "mail.eml").mkdir()

    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path / "mail.eml", b"new")

    assert [file.name for file in tmp_path.iterdir()] == ["mail.eml"]
