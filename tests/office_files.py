"""Files of offices as the secretariat and others make them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.contrib.admin.models import LogEntry

from invitations.models import Office
from invitations.office_file import ImportPlan, OfficeFileError, plan_import
from tests.factories import NOW

TODAY = NOW.date()
SHEET = "xl/worksheets/sheet1.xml"
HEAD = ("Kommune", "Rolle", "Fagområde", "Funktionspostkasse")
MAYOR = ("Herning", "borgmester", "", "borgmester@herning.example")


def csv_file(
    *rows: Sequence[object], head: Sequence[str] = HEAD, delimiter: str = ";", encoding: str = "utf-8-sig"
) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([head, *rows])
    return text.getvalue().encode(encoding)


def xlsx_file(
    *rows: Sequence[Any],
    head: Sequence[str] = HEAD,
    sheets: Sequence[str] = ("Ark1",),
    also: Callable[[Any, Any], None] | None = None,
) -> bytes:
    """A workbook whose first sheet holds `rows`; `also` gets the workbook and that sheet to do more."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        day = workbook.add_format({"num_format": "dd-mm-yyyy"})
        first, *_others = [workbook.add_worksheet(name) for name in sheets]
        for number, row in enumerate([head, *rows]):
            for position, value in enumerate(row):
                if isinstance(value, date):
                    moment = value if isinstance(value, datetime) else datetime(*value.timetuple()[:3])  # noqa: DTZ001
                    first.write_datetime(number, position, moment, day)
                else:
                    first.write(number, position, value)
        if also:
            also(workbook, first)
    return file.getvalue()


def edited(workbook: bytes, path: str, change: Callable[[str], str]) -> bytes:
    """The workbook with a part changed by hand."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text.decode()).encode() if name == path else text)
    return file.getvalue()


def plan(content: bytes) -> ImportPlan:
    return plan_import(content, today=TODAY)


def problems(content: bytes) -> list[str]:
    """The sentences of what is wrong with the file; none where nothing is."""
    try:
        plan(content)
    except OfficeFileError as error:
        return [str(problem) for problem in error.problems]
    return []


def changes(content: bytes) -> list[str]:
    """What the file changes, in the words of the preview."""
    return [words for change in plan(content).changes for words in change.words()]


def history(office: Office) -> list[str]:
    """What the history of the office says, the oldest first."""
    entries = LogEntry.objects.filter(content_type__model="office", object_id=str(office.pk))
    return [entry.change_message for entry in entries.order_by("pk")]
