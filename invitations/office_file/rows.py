"""The lines of a file as values: what each says about an office, before anybody asks the register."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from invitations.models import Municipality, Role
from invitations.office_file.columns import BY_NAME, CODE, MUNICIPALITY, NUMBER, ROLE, Column, columns_of
from invitations.office_file.csv_tables import read_csv
from invitations.office_file.problems import Problem, Unreadable, unusable
from invitations.office_file.tables import XLSX, Cell, Line, Table, content_type_of
from invitations.office_file.values import Words, day, is_empty, line_of_text, mailbox, whole_number
from invitations.office_file.workbooks import read_workbook

_WHO = (NUMBER, MUNICIPALITY, CODE, ROLE)


@dataclass(frozen=True)
class Row:
    """What a line says.

    Attributes:
        number: that of the office in the register, where the line names it.
        values: by the name of the office's field, of the columns that the file has; an empty cell is a value
            as well.
    """

    line: int
    number: int | None
    municipality: Municipality
    role: Role
    values: dict[str, Any]


@dataclass
class OfficeFile:
    """A file as it was read.

    Attributes:
        sheet: the name of the sheet that was read, of a workbook with several.
        rows: the lines in which nothing is wrong.
        problems: what is wrong with the others.
    """

    sheet: str
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_offices(content: bytes) -> OfficeFile:
    """Read a workbook or a CSV file of offices.

    Raises:
        OfficeFileError: nothing can be read of it, or its columns are not those of offices.
    """
    table: Table = read_workbook(content) if content_type_of(content) == XLSX else read_csv(content)
    head, *lines = table.lines
    if not lines:
        raise unusable(_("The file has headings, but no line below them."))
    headings = [cell.strip() if isinstance(cell, str) else str(cell) for cell in head.cells]
    columns = columns_of(headings, line=head.number)
    read = _Reader(columns)
    file = OfficeFile(table.sheet)
    for line in lines:
        row = read.row(line)
        if row:
            file.rows.append(row)
    file.problems = read.problems
    return file


class _Reader:
    def __init__(self, columns: Sequence[Column | None]) -> None:
        self.columns = columns
        self.problems: list[Problem] = []
        words = Words()
        self._convert: dict[str, Callable[[Cell], Any]] = {
            NUMBER: whole_number,
            MUNICIPALITY: words.municipality,
            CODE: words.municipality,
            ROLE: words.role,
            "policy_area": words.policy_area,
            "mailbox": partial(mailbox, field="mailbox"),
            "copy_mailbox": partial(mailbox, field="copy_mailbox"),
            "name": partial(line_of_text, field="name"),
            "holder_name": partial(line_of_text, field="holder_name"),
            "holder_until": day,
            "valid_from": day,
            "valid_to": day,
            "verified_on": day,
        }

    def row(self, line: Line) -> Row | None:
        """What the line says; None where something is wrong, which has been noted."""
        before = len(self.problems)
        found: dict[str, Any] = {}
        cells = [*line.cells, *[""] * (len(self.columns) - len(line.cells))]
        for position, cell in enumerate(cells):
            column = self.columns[position] if position < len(self.columns) else None
            if column is None:
                if not is_empty(cell):
                    self._report(line, "", _stray(position))
                continue
            try:
                found[column.name] = self._convert[column.name](cell)
            except Unreadable as error:
                self._report(line, column.heading, str(error))
        if len(self.problems) == before:
            return self._checked(line, found)
        return None

    def _checked(self, line: Line, found: dict[str, Any]) -> Row | None:
        named, coded, role = found.get(MUNICIPALITY), found.get(CODE), found[ROLE]
        municipality = named or coded
        if municipality is None:
            self._report(line, BY_NAME[MUNICIPALITY].heading, _("Write which municipality it is."))
        elif named and coded and named != coded:
            self._report(
                line,
                BY_NAME[CODE].heading,
                _("The code is that of %(other)s, but the line says %(municipality)s.")
                % {"other": coded.name, "municipality": named.name},
            )
        elif role is None:
            self._report(line, BY_NAME[ROLE].heading, _("Write which role it is."))
        else:
            values = {name: value for name, value in found.items() if name not in _WHO}
            return Row(line.number, found.get(NUMBER), municipality, role, values)
        return None

    def _report(self, line: Line, column: str, message: str) -> None:
        self.problems.append(Problem(line.number, column, message))


def _stray(position: int) -> str:
    name, number = "", position + 1
    while number:
        number, letter = divmod(number - 1, 26)
        name = chr(ord("A") + letter) + name
    return _("Something stands in column %(column)s, which has no heading.") % {"column": name}
