"""The list of participants as a sheet for Excel."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from invitations.danish import COPENHAGEN
from invitations.models import Meeting
from invitations.models.programme import themed_items
from registrations.participant_lists import Entry, themes_of

# A name such as =1+1 stays a name, and an address is no link that one presses by mistake.
OPTIONS = {
    "constant_memory": True,
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}


def participants_sheet(meeting: Meeting, entries: Sequence[Entry]) -> bytes:
    """The rows `entries` of `meeting` as an xlsx file: a heading that stays in view, filters, and widths."""
    sessions = {session.pk: str(session) for session in meeting.sessions.all()}
    rounds = themed_items(list(meeting.programme.prefetch_related("themes")))
    themes = themes_of(entries, meeting=meeting)
    columns = [
        (_("Name"), 28),
        (_("Title"), 24),
        (_("Municipality, or comes as"), 26),
        (_("Committee or organisation"), 30),
        (_("E-mail address"), 32),
        (_("Session"), 40),
        *((item.title, 36) for item in rounds),
        (_("State"), 14),
        (_("Registered"), 17),
        (_("Contact person"), 24),
        (_("Contact's e-mail address"), 32),
        (_("Reference number"), 16),
    ]
    file = BytesIO()
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        book.set_properties({"title": _("Participants: %(meeting)s") % {"meeting": meeting.title}})
        heading = book.add_format({"bold": True, "bg_color": "#12303F", "font_color": "#FFFFFF"})
        time = book.add_format({"num_format": "dd-mm-yyyy hh:mm", "align": "left"})
        sheet = book.add_worksheet(_("Participants"))
        sheet.freeze_panes(1, 1)
        for column, (name, width) in enumerate(columns):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, name, heading)
        time_column = 7 + len(rounds)
        for row, entry in enumerate(entries, start=1):
            picked = themes.get(entry.pk, {})
            texts: tuple[Any, ...] = (
                *(entry.called, entry.title, _whose(entry), entry.committee, entry.email),
                sessions[entry.session],
                *(picked.get(item.pk, "") for item in rounds),
                str(entry.state.label).capitalize(),
                None,
                *(entry.contact_name, entry.contact_email, entry.reference),
            )
            for column, text in enumerate(texts):
                if column == time_column:
                    registered = entry.registered_at.astimezone(COPENHAGEN).replace(tzinfo=None)
                    sheet.write_datetime(row, column, registered, time)
                elif text:
                    sheet.write_string(row, column, text)
        sheet.autofilter(0, 0, max(len(entries), 1), len(columns) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    return file.getvalue()


def _whose(entry: Entry) -> str:
    """What the committee's column says of guests is not said twice."""
    if entry.municipality is None:
        return entry.kind_of_guest
    if entry.awaits_match:
        return _("%(municipality)s (not yet certain)") % {"municipality": entry.municipality}
    return entry.municipality
