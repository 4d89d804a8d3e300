"""What a person means by a cell of a file of offices, and how a text is written so that it comes back."""

from __future__ import annotations

import difflib
import re
import unicodedata
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import translation
from django.utils.translation import gettext as _

from invitations.danish import MONTHS, search_key
from invitations.models import Municipality, Office, PolicyArea, Role
from invitations.office_file.problems import Unreadable
from invitations.office_file.tables import Cell, NoValue

# Read as a formula by a spreadsheet that opens a CSV file (OWASP, CSV injection).
_FORMULA = re.compile("[=+@\t\r-]")
_MARKED_FORMULA = re.compile("'+[=+@\t\r-]")

_LINE_BREAK = re.compile(r"\s*[\t\n\r\u2028\u2029]\s*")
_DATE = re.compile(r"(\d{1,2})[./-]\s?(\d{1,2})[./-]\s?(\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.0+)?)?)?", re.ASCII)
_DATE_IN_WORDS = re.compile(rf"(\d{{1,2}})\.?\s+({'|'.join(MONTHS)})\s+(\d{{4}})", re.IGNORECASE | re.ASCII)
_YEARS = range(1900, 2200)


def marked(text: str, *, formulas: bool) -> str:
    """`text` as it is written into a file, so that `text_of` gives it back.

    With `formulas`, what a spreadsheet would take for a formula gets an apostrophe in front, as CSV has no
    other way to say that it is text. So does in any file what would lose an apostrophe when it is read.
    """
    is_marked = _MARKED_FORMULA.match(text) or (formulas and _FORMULA.match(text))
    return f"'{text}" if is_marked else text


def text_of(cell: Cell) -> str:
    """The text of a cell on one line; a number as it is typed, so that 33703370 is no 33703370.0.

    Raises:
        Unreadable: the cell holds something else, or a character that cannot be printed.
    """
    if isinstance(cell, NoValue):
        raise Unreadable(
            _("The cell holds a formula without a value. Open the file in Excel, and save it again.")
            if cell is NoValue.FORMULA
            else _("The cell holds an error, such as #N/A. Write the value.")
        )
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise Unreadable(_("Here belongs text. Format the cell as text, and write the value."))
    text = _plain(str(cell))
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs"):
            raise Unreadable(
                _("The character U+%(code)s cannot be printed.") % {"code": f"{ord(character):04X}"}
            )
    return text[1:] if _MARKED_FORMULA.match(text) else text


def normal(value: Any) -> Any:
    """A value of the register as it would come back from a file."""
    return _plain(value) if isinstance(value, str) else value


def _plain(text: str) -> str:
    """`text` composed, on one line, without the space around it and without what cannot be seen."""
    visible = "".join(
        character
        for character in unicodedata.normalize("NFC", text)
        if unicodedata.category(character) != "Cf"
    )
    return _LINE_BREAK.sub(" ", visible.strip())


def is_empty(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()


def line_of_text(cell: Cell, field: str) -> str:
    """Text of at most as many characters as the office's field has room for."""
    text, longest = text_of(cell), Office._meta.get_field(field).max_length  # type: ignore[union-attr]
    if longest and len(text) > longest:
        raise Unreadable(
            _("At most %(longest)d characters; these are %(count)d.")
            % {"longest": longest, "count": len(text)}
        )
    return text


def mailbox(cell: Cell, field: str) -> str:
    """An e-mail address, or nothing."""
    text = line_of_text(cell, field)
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise Unreadable(
                _("“%(value)s” is no e-mail address. Write one such as name@kommune.dk.")
                % {"value": _short(text)}
            ) from None
    return text


def day(cell: Cell) -> date | None:
    """A date as Excel keeps it or as a person writes it: 1.1.2026, 01-01-2026, 2026-01-01, 1. januar 2026."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return _in_our_time(cell)
    text = text_of(cell)
    if not text:
        return None
    try:
        if found := _ISO_DATE.fullmatch(text):
            return _in_our_time(date(*map(int, found.groups())))
        if found := _DATE.fullmatch(text):
            return _in_our_time(date(int(found[3]), int(found[2]), int(found[1])))
        if found := _DATE_IN_WORDS.fullmatch(text):
            return _in_our_time(date(int(found[3]), MONTHS.index(found[2].lower()) + 1, int(found[1])))
    except ValueError:
        pass
    raise Unreadable(_("“%(value)s” is no date. Write one such as 1.1.2026.") % {"value": _short(text)})


def _in_our_time(found: date) -> date:
    if found.year not in _YEARS:
        raise Unreadable(
            _("“%(value)s” is no date. Write one such as 1.1.2026.") % {"value": found.isoformat()}
        )
    return found


def whole_number(cell: Cell) -> int | None:
    """The number of an office, or nothing."""
    text = text_of(cell)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Unreadable(
            _("“%(value)s” is no number of an office. Leave the cell empty where the office is new.")
            % {"value": _short(text)}
        )
    return int(text)


class Words:
    """The words for municipalities, roles and policy areas, read once for all lines of a file."""

    def __init__(self) -> None:
        self._municipalities: dict[str, Municipality] = {}
        self._codes: dict[str, Municipality] = {}
        for municipality in Municipality.objects.order_by("pk"):
            self._codes[municipality.code] = municipality
            for name in (municipality.official_name, municipality.name):
                self._municipalities[search_key(name)] = municipality
        self._roles = {search_key(role.value): role for role in Role}
        with translation.override("da"):
            self._roles |= {search_key(str(role.label)): role for role in Role}
            self._role_names = [str(role.label) for role in Role]
        self._policy_areas = {
            normal(name).casefold(): area
            for area in PolicyArea.objects.prefetch_related("aliases").order_by("pk")
            for name in (*(alias.name for alias in area.aliases.all()), area.name)
        }

    def municipality(self, cell: Cell) -> Municipality | None:
        """A municipality by its name, its official name or its code, which may have lost its first nought."""
        text = text_of(cell)
        if not text:
            return None
        found = self._municipalities.get(search_key(text))
        if found is None and text.isascii() and text.isdigit():
            found = self._codes.get(text.zfill(4))
        if found is None:
            known = {key: municipality.name for key, municipality in self._municipalities.items()}
            raise Unreadable(_unknown(_("There is no municipality “%(value)s”."), text, known))
        return found

    def role(self, cell: Cell) -> Role | None:
        text = text_of(cell)
        if not text:
            return None
        found = self._roles.get(search_key(text))
        if found is None:
            raise Unreadable(
                _("There is no role “%(value)s”. Write one of these: %(known)s.")
                % {"value": _short(text), "known": ", ".join(self._role_names)}
            )
        return found

    def policy_area(self, cell: Cell) -> PolicyArea | None:
        """A policy area by its name or an alias; case does not count."""
        text = text_of(cell)
        if not text:
            return None
        found = self._policy_areas.get(text.casefold())
        if found is None:
            known = {key: area.name for key, area in self._policy_areas.items()}
            message = _unknown(_("There is no policy area “%(value)s”."), text, known)
            hint = _("A new one is added under “Policy areas” before the import.")
            raise Unreadable(f"{message} {hint}")
        return found


def _unknown(sentence: str, text: str, known: dict[str, str]) -> str:
    message = sentence % {"value": _short(text)}
    close = difflib.get_close_matches(search_key(text), known, n=1)
    if close:
        return " ".join([message, _("Do you mean “%(close)s”?") % {"close": known[close[0]]}])
    return message


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
