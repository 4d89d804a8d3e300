"""The register of offices on its way out, in a form that comes back in as it was."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import xlsxwriter
from django.utils import translation

from invitations.models import Office
from invitations.office_file.columns import EXPORTED, MUNICIPALITY, NUMBER
from invitations.office_file.values import marked


def export_csv(offices: Iterable[Office]) -> bytes:
    """The offices as CSV for Danish Excel: UTF-8 with a mark that says so, semicolons, dates as 31.12.2029.

    A text that begins as a formula does gets an apostrophe in front, which the import takes away again.

    Args:
        offices: with their municipality and policy area.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(column.heading for column in EXPORTED)
    for values in _rows(offices):
        writer.writerow(_in_csv(value) for value in values)
    return text.getvalue().encode("utf-8-sig")


def export_xlsx(offices: Iterable[Office]) -> bytes:
    """The offices as a workbook, in which text stays text and dates are dates.

    Args:
        offices: with their municipality and policy area.
    """
    columns = [(column.heading, column.width) for column in EXPORTED]
    return workbook_of("Modtagere", columns, _rows(offices))


def workbook_of(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook with one sheet, in which what looks like a formula is text.

    Args:
        columns: their headings, and their widths in characters.
        rows: texts, whole numbers, dates, or None.
    """
    file, number = io.BytesIO(), 0
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        bold = workbook.add_format({"bold": True, "bottom": 1})
        day = workbook.add_format({"num_format": "d.m.yyyy", "align": "left"})
        sheet = workbook.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        for position, (heading, width) in enumerate(columns):
            sheet.set_column(position, position, width)
            sheet.write_string(0, position, heading, bold)
        for values in rows:
            number += 1
            for position, value in enumerate(values):
                # Excel counts its days from 1900 on.
                if isinstance(value, date) and value.year >= 1900:
                    sheet.write_datetime(number, position, value, day)
                elif isinstance(value, int):
                    sheet.write_number(number, position, value)
                elif value:
                    sheet.write_string(number, position, marked(str(value), formulas=False))
        sheet.autofilter(0, 0, number, len(columns) - 1)
    return file.getvalue()


def _in_csv(value: Any) -> Any:
    if isinstance(value, date):
        return f"{value.day}.{value.month}.{value.year}"
    return marked(value, formulas=True) if isinstance(value, str) else value


def _rows(offices: Iterable[Office]) -> Iterable[list[Any]]:
    with translation.override("da"):
        for office in offices:
            yield [_value(office, column.name) for column in EXPORTED]


def _value(office: Office, name: str) -> Any:
    if name == NUMBER:
        return office.pk
    if name == MUNICIPALITY:
        return office.municipality.name
    if name == "role":
        return str(office.get_role_display())
    if name == "policy_area":
        return office.policy_area.name if office.policy_area else ""
    return getattr(office, name)
