"""The first sheet of a workbook (.xlsx)."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO
from xml.etree import ElementTree

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from invitations.office_file.problems import OfficeFileError, unusable
from invitations.office_file.tables import (
    MAX_COLUMNS,
    MAX_LINES,
    Cell,
    NoValue,
    Table,
    lines_with_content,
    too_long,
)

# A workbook of 20,000 lines is a fifth of these; what is packed more densely is meant to fill the memory, or
# to keep us busy: two million elements take some seconds and 160 MB.
MAX_UNPACKED = 50_000_000
MAX_ELEMENTS = 2_000_000
# Of what says which sheets there are.
MAX_OVERVIEW = 1_000_000

# What comes of a file that is cut off or made by hand; a locked archive is a RuntimeError.
_DAMAGES = (
    CalamineError,
    EOFError,
    ElementTree.ParseError,
    KeyError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Place = tuple[int, int]


def read_workbook(content: bytes) -> Table:
    """Read the first sheet of a workbook.

    Raises:
        OfficeFileError: it is no workbook, or damaged, or its sheet is empty or too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise too_long()
            unreadable = _cells_without_value(archive)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = workbook.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except _DAMAGES as error:
        raise _damaged() from error
    name = sheet.name if len(workbook.sheet_names) > 1 else ""
    return Table(lines_with_content(_rows(rows, unreadable)), name)


def _rows(
    rows: Sequence[Sequence[Cell]], unreadable: dict[Place, NoValue]
) -> Iterator[tuple[int, Sequence[Cell]]]:
    by_line: dict[int, dict[int, NoValue]] = {}
    for (line, column), value in unreadable.items():
        by_line.setdefault(line, {})[column] = value
    for number in range(1, max(len(rows), *by_line, 0) + 1):
        cells = list(rows[number - 1]) if number <= len(rows) else []
        for column, value in by_line.get(number, {}).items():
            cells += [""] * (column - len(cells))
            cells[column - 1] = value
        yield number, cells


def _cells_without_value(archive: zipfile.ZipFile) -> dict[Place, NoValue]:
    """The cells, by line and column from 1, that calamine would hand out as empty although they are not.

    Looks at where the cells stand, too: calamine makes room for all between the first and the last, and one
    far out would ask for more memory than there is, which ends the process.
    """
    found: dict[Place, NoValue] = {}
    with archive.open(_first_sheet(archive)) as file:
        for place, kind, has_no_value in _cells(file):
            line, column = place
            if line > MAX_LINES:
                raise too_long()
            if column > MAX_COLUMNS:
                raise unusable(
                    _("The file has more than %(count)d columns.") % {"count": MAX_COLUMNS}, line=line
                )
            if kind == "e":
                found[place] = NoValue.ERROR
            elif has_no_value:
                found[place] = NoValue.FORMULA
    return found


def _cells(file: IO[bytes]) -> Iterator[tuple[Place, str, bool]]:
    """Each cell in which something stands: where, its type, and whether it is a formula without a value."""
    line = column = 0
    for count, (event, element) in enumerate(ElementTree.iterparse(file, events=("start", "end"))):
        if count > 2 * MAX_ELEMENTS:
            raise too_long()
        tag = element.tag.rpartition("}")[2]
        if event == "start" and tag == "row":
            line, column = _number(element.get("r")) or line + 1, 0
        elif event == "end" and tag == "c":
            line, column = _place(element.get("r")) or (line, column + 1)
            parts = {child.tag.rpartition("}")[2]: child for child in element}
            kind = element.get("t", "")
            # An empty value is one where a formula came to an empty text, else nobody worked it out.
            has_value = "is" in parts or ("v" in parts and (kind == "str" or bool(parts["v"].text)))
            if parts:
                yield (line, column), kind, "f" in parts and not has_value
        elif event == "end" and tag == "row":
            element.clear()


def _place(reference: str | None) -> Place | None:
    if reference is None:
        return None
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise _damaged()
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise _damaged()
    return int(text)


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The path of the first sheet in the archive (ECMA-376, part 1, 12.3.24; part 2, 9.3)."""
    book = _overview(archive, "xl/workbook.xml")
    sheet = book.find(".//{*}sheet")
    if sheet is None:
        raise _damaged()
    for relation in _overview(archive, "xl/_rels/workbook.xml.rels"):
        if relation.get("Id") == sheet.get(_RELATION):
            return posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
    raise _damaged()


def _overview(archive: zipfile.ZipFile, path: str) -> ElementTree.Element:
    if archive.getinfo(path).file_size > MAX_OVERVIEW:
        raise _damaged()
    return ElementTree.fromstring(archive.read(path))


def _damaged() -> OfficeFileError:
    return unusable(
        _("The file is no workbook (.xlsx), or is damaged. Open it in Excel, and save it as .xlsx.")
    )
