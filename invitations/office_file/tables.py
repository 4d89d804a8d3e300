"""A file as lines of cells, whatever kind it is: told by its content, not by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from invitations.office_file.problems import OfficeFileError, unusable

MAX_BYTES = 5_000_000
MAX_LINES = 20_000
MAX_COLUMNS = 100

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"


class NoValue(Enum):
    """A cell of a workbook in which something stands, but nothing that can be read."""

    FORMULA = "formula without value"
    ERROR = "error"


Cell = str | int | float | bool | date | datetime | time | timedelta | NoValue


@dataclass(frozen=True)
class Line:
    """A line with at least one cell that is not empty; `number` counts as Excel and editors do."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """What stands in a file.

    Attributes:
        lines: without the empty ones; the first holds the headings.
        sheet: the name of the sheet that was read, of a workbook with several.
    """

    lines: list[Line]
    sheet: str = ""


def content_type_of(content: bytes) -> str:
    """`XLSX` or `CSV`, as the content says.

    Raises:
        OfficeFileError: it is something else, empty, or too large.
    """
    if len(content) > MAX_BYTES:
        raise unusable(_("The file is larger than 5 MB. Divide it into several."))
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise unusable(_("The file is empty."))
    if content.startswith(b"PK\x03\x04"):
        return XLSX
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise unusable(
            _(
                "The file is a workbook of an old kind, or locked with a password. Open it in Excel, and "
                "save it as .xlsx without a password."
            )
        )
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if content.startswith(b"%PDF-") or (b"\0" in content and not is_utf16):
        raise unusable(_("The file is neither a workbook (.xlsx) nor a CSV file."))
    return CSV


def lines_with_content(rows: Iterator[tuple[int, Sequence[Cell]]]) -> list[Line]:
    """The lines of `rows`, numbered, that are not empty.

    Raises:
        OfficeFileError: there is none, or too many.
    """
    lines: list[Line] = []
    for number, cells in rows:
        if any(not isinstance(cell, str) or cell.strip() for cell in cells):
            lines.append(Line(number, cells))
        if len(lines) > MAX_LINES:
            raise too_long()
    if not lines:
        raise unusable(_("The file is empty."))
    return lines


def too_long() -> OfficeFileError:
    message = _("The file has more than %(count)s lines. Divide it into several.")
    return unusable(message % {"count": number_format(MAX_LINES, force_grouping=True)})
