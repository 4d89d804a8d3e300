"""The columns of a file of offices. Their headings are Danish, whatever language a page is shown in."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from invitations.danish import search_key
from invitations.office_file.problems import OfficeFileError, Problem

NUMBER, MUNICIPALITY, CODE, ROLE = "number", "municipality", "code", "role"


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: that of the office's field, where it is one.
        heading: what the export writes above it.
        also: other headings that are understood; case and punctuation make no difference.
        width: in characters, in a workbook.
        exported: a column that only others write is none of ours.
    """

    name: str
    heading: str
    also: tuple[str, ...] = ()
    width: int = 16
    exported: bool = True


COLUMNS = (
    Column(NUMBER, "Nr.", ("id", "nummer", "reference"), 8),
    Column(MUNICIPALITY, "Kommune", ("kommunenavn",), 20),
    Column(CODE, "Kommunekode", ("kommunenr", "kommunenummer", "kode"), exported=False),
    Column(ROLE, "Rolle", ("embede", "post"), 22),
    Column("policy_area", "Fagområde", ("område", "politikområde", "ansvarsområde"), 32),
    Column("name", "Modtagerens navn", ("modtager", "udvalgets navn", "embedets navn"), 40),
    Column(
        "mailbox",
        "Funktionspostkasse",
        ("postkasse", "mail", "mailadresse", "e-mail", "email", "e-mailadresse", "emailadresse"),
        38,
    ),
    Column("copy_mailbox", "Kopi til", ("kopi", "kopipostkasse", "cc"), 38),
    Column("holder_name", "Postindehaver", ("indehaver",), 28),
    Column(
        "holder_until",
        "Indehaver til og med",
        ("indehaver til", "postindehaver til og med", "postindehaver til", "fratræder"),
        18,
    ),
    Column("valid_from", "Gælder fra", ("gyldig fra",), 14),
    Column("valid_to", "Gælder til og med", ("gælder til", "gyldig til", "gyldig til og med", "udløber"), 16),
    Column("verified_on", "Sidst bekræftet", ("bekræftet", "verificeret", "sidst verificeret"), 14),
)
BY_NAME = {column.name: column for column in COLUMNS}
EXPORTED = tuple(column for column in COLUMNS if column.exported)

_KNOWN = {
    search_key(heading): column
    for column in COLUMNS
    for heading in (column.heading, *column.also, column.name)
}


def column_named(heading: str) -> Column | None:
    return _KNOWN.get(search_key(heading))


def known_headings(headings: Sequence[str]) -> int:
    """How many of `headings` are those of columns."""
    return sum(column_named(heading) is not None for heading in headings)


def columns_of(headings: Sequence[str], *, line: int) -> list[Column | None]:
    """The column that stands below each heading; None below an empty one.

    Raises:
        OfficeFileError: a heading is unknown or stands twice, or one is missing.
    """
    found: list[Column | None] = []
    problems = []
    for heading in headings:
        column = column_named(heading) if heading else None
        if heading and column is None:
            problems.append(Problem(line, heading, _unknown(heading)))
        elif column and column in found:
            message = _("The column stands twice. Delete one of the two.")
            problems.append(Problem(line, column.heading, message))
        found.append(column)
    names = {column.name for column in found if column}
    missing = [] if names & {MUNICIPALITY, CODE} else [BY_NAME[MUNICIPALITY]]
    if ROLE not in names:
        missing.append(BY_NAME[ROLE])
    for column in missing:
        message = _("The column is missing. Add it with this heading on line %(line)d.") % {"line": line}
        problems.append(Problem(line, column.heading, message))
    if problems:
        raise OfficeFileError(problems)
    return found


def _unknown(heading: str) -> str:
    close = difflib.get_close_matches(search_key(heading), _KNOWN, n=1)
    if close:
        return _("There is no such column. Do you mean “%(close)s”?") % {"close": _KNOWN[close[0]].heading}
    return _("There is no such column. Delete it, or call it one of these: %(known)s.") % {
        "known": ", ".join(column.heading for column in COLUMNS)
    }
