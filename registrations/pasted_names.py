"""Reading a list of people that was copied out of Outlook, Excel or a mail.

Outlook writes `Bo Hansen <bo@herning.dk>; "Hansen, Kis" <kis@herning.dk>`, other mail programs put commas
between (RFC 5322 3.4), Excel puts tabs between columns and a line to each person, and people write what they
like. What cannot be read is handed back as it was, since guessing at who is meant helps nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

# More characters than fifty people have names and addresses, and what else comes along.
MOST_CHARACTERS = 50_000

# Spaces, and ends of lines, as programs write them.
_SPACES = re.compile("[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_LINE_ENDS = re.compile("\r\n?|[\v\f\u0085\u2028\u2029]")
# What cannot be seen: control characters, marks of direction, zero width, soft hyphen, a file's first mark.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))

# Of the lengths that RFC 5321 4.5.3.1 allows, so that no text makes the search long.
_ATOM = r"[^\s@<>()\[\],;:\"]"
_MAIL = re.compile(rf"{_ATOM}{{1,64}}@{_ATOM}{{1,190}}\.{_ATOM}{{1,63}}")
_MARKED_MAIL = re.compile(rf"[<(\[]\s*(?:mailto:)?\s*({_MAIL.pattern})\s*[>)\]]", re.IGNORECASE)
_MAILTO = re.compile(r"\bmailto:", re.IGNORECASE)

# How people head their columns.
_HEADERS = {
    "navn": "name",
    "name": "name",
    "fulde navn": "name",
    "full name": "name",
    "deltager": "name",
    "deltagere": "name",
    "deltagerens navn": "name",
    "participant": "name",
    "fornavn": "first",
    "fornavne": "first",
    "first name": "first",
    "efternavn": "last",
    "last name": "last",
    "titel": "title",
    "title": "title",
    "rolle": "title",
    "titel eller rolle": "title",
    "stilling": "title",
    "stillingsbetegnelse": "title",
    "funktion": "title",
    "mail": "email",
    "e-mail": "email",
    "email": "email",
    "mailadresse": "email",
    "e-mailadresse": "email",
    "emailadresse": "email",
    "e-mail address": "email",
    "email address": "email",
    "deltagerens e-mailadresse": "email",
}


@dataclass(frozen=True, kw_only=True)
class PastedPerson:
    """Somebody on the list; what it did not say is empty."""

    name: str = ""
    title: str = ""
    email: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        return self.name.casefold(), self.email.casefold()


@dataclass(frozen=True, kw_only=True)
class PastedNames:
    """The people in their order, nobody twice, and the pieces that could not be read, one a line."""

    people: tuple[PastedPerson, ...] = ()
    unread: tuple[str, ...] = ()
    listed_twice: int = 0


@dataclass
class _Reading:
    columns: list[str] = field(default_factory=list)
    people: list[PastedPerson] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_names(text: str) -> PastedNames:
    """The people that `text` lists. Nothing is ever raised; a list that is too long is not read."""
    if len(text) > MOST_CHARACTERS:
        return PastedNames(unread=(text,))
    reading = _Reading()
    for line in _clean(text).split("\n"):
        if line.strip():
            _read_line(line, reading)
    people = dict.fromkeys(reading.people)
    unique = {person.identity: person for person in reversed(people)}
    return PastedNames(
        people=tuple(person for person in people if unique[person.identity] is person),
        unread=tuple(reading.unread),
        listed_twice=len(reading.people) - len(unique),
    )


def text_of(person: PastedPerson) -> str:
    """A line that `read_names` reads as `person` again."""
    return "\t".join((person.name, person.title, person.email)).rstrip("\t")


def _clean(text: str) -> str:
    lines = _LINE_ENDS.sub("\n", text)
    visible = _INVISIBLE.sub("", lines).translate(_QUOTES)
    return unicodedata.normalize("NFC", _SPACES.sub(" ", visible))


def _read_line(line: str, reading: _Reading) -> None:
    if "\t" in line:
        _read_cells(line, [_unquoted(cell) for cell in line.split("\t")], reading)
        return
    cells = [_unquoted(cell) for cell in _split(line, ";")]
    # One person over several cells, as in a CSV file, rather than several persons.
    is_table = reading.columns and len(cells) == len(reading.columns)
    if is_table or (len(cells) > 1 and (_is_row(cells) or _header(cells))):
        _read_cells(line, cells, reading)
        return
    reading.columns = []
    for entry in _entries(line):
        person = _person(entry)
        if person is None:
            reading.unread.append(entry.strip())
        else:
            reading.people.append(person)


def _is_row(cells: Sequence[str]) -> bool:
    mails = [cell for cell in cells if _bare_mail(cell)]
    return len(mails) == 1 and not any("@" in cell for cell in cells if cell not in mails)


def _read_cells(line: str, cells: Sequence[str], reading: _Reading) -> None:
    if header := _header(cells):
        reading.columns = header
        return
    person = _row_by_header(cells, reading.columns) if reading.columns else _row(cells)
    if person is None:
        reading.unread.append(line.strip())
    else:
        reading.people.append(person)


def _header(cells: Sequence[str]) -> list[str]:
    """What each column holds, where that is what the cells say; else nothing."""
    columns = [_HEADERS.get(cell.strip(" :*").casefold(), "") for cell in cells]
    return columns if {"name", "first", "last", "email"} & set(columns) else []


def _row_by_header(cells: Sequence[str], columns: Sequence[str]) -> PastedPerson | None:
    has: dict[str, str] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column and cell and column not in has:
            has[column] = cell
    name = has.get("name") or " ".join(part for part in (has.get("first"), has.get("last")) if part)
    mail = has.get("email", "")
    email = _bare_mail(mail)
    if mail and not email:
        return None
    return _named(name, title=has.get("title", ""), email=email)


def _row(cells: Sequence[str]) -> PastedPerson | None:
    """A row without headings: its mail address wherever it stands, and before that name and title."""
    filled = [cell for cell in cells if cell]
    mails = [cell for cell in filled if "@" in cell]
    words = [cell for cell in filled if "@" not in cell]
    if len(mails) > 1 or len(words) > 2:
        return None
    name, title = [*words, "", ""][:2]
    if not mails:
        return _named(name, title=title)
    if email := _bare_mail(mails[0]):
        return _named(name, title=title, email=email)
    person = _person(mails[0])
    return replace(person, title=name) if person and not title else None


def _entries(line: str) -> Iterator[str]:
    """The persons of a line: between semicolons, or between commas where each has a mail address."""
    for part in _split(line, ";"):
        pieces = list(_split(part, ","))
        if len(pieces) > 1 and all("@" in piece for piece in pieces):
            yield from pieces
        elif part.count("@") > 1:
            yield from _after_each_mail(part)
        elif part.strip():
            yield part


def _after_each_mail(part: str) -> Iterator[str]:
    """`Hansen, Bo <bo@x.dk>, Juhl, Kis <kis@x.dk>`: the comma that parts persons is that after an address."""
    start = 0
    for mail in _MARKED_MAIL.finditer(part):
        end = mail.end()
        yield part[start:end].lstrip(" ,")
        start = end
    if rest := part[start:].strip(" ,"):
        yield rest


def _person(entry: str) -> PastedPerson | None:
    """One person as mail programs write them, or a name alone."""
    entry = entry.strip(" ,")
    marked = _MARKED_MAIL.search(entry)
    if marked:
        name, email = entry[: marked.start()] + entry[marked.end() :], marked[1]
    else:
        bare = _MAIL.search(_MAILTO.sub("", entry))
        name, email = (entry, "") if bare is None else (_MAILTO.sub("", entry).replace(bare[0], ""), bare[0])
    name = _unquoted(name.strip(" ,<>"))
    if "@" in name:
        return None
    if email and not marked and "," in name:
        # `Bo Hansen, Formand, bo@x.dk`
        return _row([*(_unquoted(piece) for piece in _split(name, ",")), email])
    return _named(name, email=email)


def _named(name: str, *, title: str = "", email: str = "") -> PastedPerson | None:
    """The person, the first name first; nobody where there is neither a name nor an address."""
    name = _first_name_first(name.strip(" ,"))
    if not email and not any(letter.isalpha() for letter in name):
        return None
    return PastedPerson(name=name, title=title, email=email)


def _first_name_first(name: str) -> str:
    """`Hansen, Bo` is `Bo Hansen`; `Bo Hansen, ph.d.` and `Hansen, Bo, formand` stay as they are."""
    last, comma, first = name.partition(", ")
    is_turned = comma and "," not in first and first[:1].isupper() and "." not in first[1:].rstrip(".")
    return f"{first} {last}" if is_turned else name


def _bare_mail(cell: str) -> str:
    """The address, where the cell holds one and no more."""
    cell = _MAILTO.sub("", cell).strip(" <>'\"")
    return cell if _MAIL.fullmatch(cell) else ""


def _unquoted(text: str) -> str:
    text = text.strip()
    for quote in ('"', "'"):
        if len(text) > 1 and text.startswith(quote) and text.endswith(quote):
            text = text[1:-1].replace(quote * 2, quote).strip()
    return text


def _split(text: str, separator: str) -> Iterable[str]:
    """The pieces between separators that stand neither in quotation marks nor in angle brackets."""
    pieces, piece, is_quoted, is_address = [], "", False, False
    # A mark without its fellow is an inch or a slip, and quotes nothing.
    has_pairs = text.count('"') % 2 == 0
    for character in text:
        if character == '"' and has_pairs:
            is_quoted = not is_quoted
        elif character in "<>" and not is_quoted:
            is_address = character == "<"
        if character == separator and not is_quoted and not is_address:
            pieces.append(piece)
            piece = ""
        else:
            piece += character
    return [*pieces, piece]
