"""Rows of the ledger as a spreadsheet."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from invitations.page_dates import moment
from registrations.ledger import LedgerRow
from registrations.ledger_words import answer_words

Value = str | int | datetime.datetime | None
Column = tuple[str, int, Callable[[LedgerRow], Value]]


def ledger_xlsx(rows: Sequence[LedgerRow], *, title: str) -> bytes:
    """The rows in their order, one column for each thing that the ledger knows.

    Args:
        title: what the sheet shows, for the properties of the file.
    """
    columns = _columns()
    content = io.BytesIO()
    # Nothing that a municipality has typed is a formula or a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as workbook:
        workbook.set_properties({"title": title})
        head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        moment = workbook.add_format({"num_format": "dd-mm-yyyy hh:mm", "align": "left"})
        sheet = workbook.add_worksheet(_("Municipalities"))
        for number, (name, width, value_of) in enumerate(columns):
            sheet.set_column(number, number, width)
            sheet.write_string(0, number, name, head)
            for line, row in enumerate(rows, start=1):
                _write(sheet, line, number, value_of(row), moment)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    return content.getvalue()


def _write(sheet: Any, line: int, column: int, value: Value, moment: Any) -> None:
    if isinstance(value, datetime.datetime):
        # A spreadsheet knows no time zones: what the clock in Copenhagen showed.
        sheet.write_datetime(line, column, timezone.localtime(value).replace(tzinfo=None), moment)
    elif isinstance(value, int):
        sheet.write_number(line, column, value)
    elif value:
        sheet.write_string(line, column, value)


def _own_deadline(row: LedgerRow) -> str:
    deadline = row.invitation.deadline if row.invitation else None
    return moment(deadline) if deadline else ""


def _columns() -> list[Column]:
    """Heading, width in characters, and what stands in the column."""
    yes = _("yes")
    return [
        (_("Municipality code"), 10, lambda row: row.municipality.code),
        (_("Municipality"), 22, lambda row: row.municipality.name),
        (_("Region"), 22, lambda row: row.region),
        (_("Host"), 8, lambda row: yes if row.is_host else ""),
        (_("Answer"), 26, answer_words),
        (_("Participants"), 11, lambda row: row.registered),
        (_("Without a name"), 11, lambda row: row.nameless),
        (_("On the waiting list"), 11, lambda row: row.waitlisted),
        (_("Without a theme"), 11, lambda row: row.themes_missing),
        (_("Registrations"), 12, lambda row: row.registrations),
        (_("To be matched"), 10, lambda row: row.unmatched),
        (_("Invited"), 16, lambda row: row.invitation.invited_at if row.invitation else None),
        (_("Own registration deadline"), 26, _own_deadline),
        (_("Offices written to"), 12, lambda row: row.offices),
        (_("Mails that failed"), 10, lambda row: row.failed),
        (_("Last reminder"), 16, lambda row: row.last_reminder_at),
        (_("Answered"), 16, lambda row: row.answered_at),
        (_("Contact person"), 24, lambda row: row.contact_name),
        (_("Contact's e-mail address"), 32, lambda row: row.contact_email),
    ]
