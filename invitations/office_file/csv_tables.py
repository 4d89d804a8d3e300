"""CSV as it comes: from Danish Excel in Windows-1252 with semicolons, from others in UTF-8 with commas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from invitations.office_file.columns import known_headings
from invitations.office_file.problems import unusable
from invitations.office_file.tables import Cell, Line, Table, lines_with_content

DELIMITERS = (";", ",", "\t")

# What æ, ø, å and é of Macintosh Roman are read as in Windows-1252, where they stand in a word.
_OF_AN_OLD_MAC = re.compile("[A-Za-z][¾¿Œ]|[¾¿Œ®¯][a-z]")
_DANISH = re.compile("[A-Za-z][æøå]|[æøåÆØÅ][a-z]")

# Excel's own line, which names the delimiter and is none of the table.
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def read_csv(content: bytes) -> Table:
    """Read a CSV file.

    The delimiter is the one by which most headings are known. A quoted cell may hold line breaks; the number
    of a line is that on which it begins.

    Raises:
        OfficeFileError: it is no text, empty, or a quotation mark does not end.
    """
    text = _decoded(content)
    skipped = 0
    if found := _SEPARATOR_LINE.match(text):
        text, skipped = text[found.end() :], 1
    return Table(_best(text, skipped))


def _decoded(content: bytes) -> str:
    encodings = ["utf-8-sig", "cp1252"]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "cp1252" and _OF_AN_OLD_MAC.search(text) and not _DANISH.search(text):
            break
        return text
    else:
        if not _is_text_of_a_mac(content):
            raise unusable(_("The file is neither a workbook (.xlsx) nor a CSV file."))
    raise unusable(
        _(
            "The file has been saved in an old format for Mac, in which æ, ø and å cannot be read. In Excel,"
            " choose Save as and “CSV UTF-8”, or save it as a workbook (.xlsx)."
        )
    )


def _is_text_of_a_mac(content: bytes) -> bool:
    """Whether bytes that Windows-1252 does not know make Danish words in Macintosh Roman (Å is one)."""
    text = content.decode("mac_roman")
    return "\0" not in text and _DANISH.search(text) is not None


def _best(text: str, skipped: int) -> list[Line]:
    def known(delimiter: str) -> int:
        reader = csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=delimiter)
        try:
            return known_headings([heading.strip() for heading in next(reader, [])])
        except csv.Error:
            # Which line it is that cannot be read, and why, is said when the lines are read.
            return 0

    delimiter = max(DELIMITERS, key=known)
    return lines_with_content(_rows(text, delimiter, skipped))


def _rows(text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, Sequence[Cell]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1 + skipped
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise unusable(
                _("A quotation mark stands where none belongs, or its other half is missing."), line=number
            ) from None
        yield number, cells
