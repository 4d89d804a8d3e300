"""What importing a file would do: found out by comparing it with the register, before anything is written.

A line is about the office whose number it names; that office must be of the same municipality and role, so
that lines that were sorted column by column ruin nothing. Without a number it is about the office of the
same municipality, role, policy area and name; of several alike, about the one that has not expired. A line
without a name is about the nameless one of that kind, or the only one. Whatever is then still ambiguous, is
an error that names the numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from invitations.fingerprints import digest_of
from invitations.models import Office
from invitations.models.addressees import ROLES_WITH_POLICY_AREA
from invitations.office_file.columns import BY_NAME, NUMBER
from invitations.office_file.problems import OfficeFileError, Problem
from invitations.office_file.rows import OfficeFile, Row, read_offices
from invitations.office_file.values import normal
from invitations.office_history import from_to


@dataclass(frozen=True)
class Addition:
    """An office that the register does not have; `office` has not been saved."""

    line: int
    office: Office


@dataclass(frozen=True)
class Change:
    """What changes of an office: the new values by the name of the field."""

    line: int
    office: Office
    values: dict[str, Any]

    def words(self) -> list[str]:
        """`gælder til og med: tom → 31.12.2029`, one for each field."""
        return [from_to(name, getattr(self.office, name), value) for name, value in self.values.items()]


@dataclass(frozen=True)
class ImportPlan:
    """What importing a file would do.

    Attributes:
        missing: the valid offices in whose place the file could have named one: of a municipality that it
            names, with a role and policy area that it names. They can be ended.
        last_day: the last day of those, if they are.
        sheet: the name of the sheet that was read, of a workbook with several.
    """

    additions: list[Addition]
    changes: list[Change]
    unchanged: list[Office]
    missing: list[Office]
    last_day: date
    sheet: str = ""

    @property
    def changes_anything(self) -> bool:
        return bool(self.additions or self.changes)

    def endings(self) -> list[Change]:
        """The changes after which an office is not written to any more."""
        return [change for change in self.changes if self._ends(change)]

    def lasting(self) -> list[Change]:
        """The other changes."""
        return [change for change in self.changes if not self._ends(change)]

    def _ends(self, change: Change) -> bool:
        valid_to = change.values.get("valid_to")
        return valid_to is not None and valid_to <= self.last_day + timedelta(days=1)

    def expired(self) -> list[Office]:
        """Those that the file names and that have expired, and stay so."""
        named = [
            *self.unchanged,
            *(change.office for change in self.changes if "valid_to" not in change.values),
        ]
        return [office for office in named if office.valid_to and office.valid_to <= self.last_day]

    def fingerprint(self) -> str:
        """Tells whether carrying it out would still do what somebody has looked at."""
        parts = [
            [self.last_day],
            *([one.line, *_values(one.office)] for one in self.additions),
            *([one.line, one.office.pk, *one.words()] for one in self.changes),
            *([office.pk] for office in self.unchanged),
            *(["missing", office.pk] for office in self.missing),
        ]
        return digest_of(parts)


def plan_import(content: bytes, *, today: date) -> ImportPlan:
    """Find out what importing the file `content` on the day `today` would do.

    Raises:
        OfficeFileError: with every error of every line.
    """
    file = read_offices(content)
    planner = _Planner(today)
    for row in file.rows:
        planner.take(row)
    if problems := [*file.problems, *planner.problems]:
        raise OfficeFileError(problems)
    return planner.plan(file)


@dataclass
class _Planner:
    today: date
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        rows = Office.objects.select_related("municipality", "policy_area").in_danish_order()
        self._offices = {office.pk: office for office in rows}
        self._alike: defaultdict[tuple[int, str], list[Office]] = defaultdict(list)
        for office in self._offices.values():
            self._alike[office.municipality_id, office.role].append(office)
        self._additions: list[Addition] = []
        self._changes: list[Change] = []
        self._unchanged: list[Office] = []
        self._lines: dict[int, int] = {}
        self._new: dict[tuple[Any, ...], int] = {}
        self._kinds: set[tuple[str, int | None]] = set()

    def take(self, row: Row) -> None:
        """Plan what the line asks for, or note what is wrong with it."""
        try:
            office = self._numbered(row) if row.number else self._alike_to(row)
        except _WrongRowError as error:
            self.problems.append(Problem(row.line, error.column, error.message))
            return
        if office is None:
            self._add(row)
        else:
            self._change(row, office)

    def plan(self, file: OfficeFile) -> ImportPlan:
        municipalities = {row.municipality.pk for row in file.rows}
        yesterday = self.today - timedelta(days=1)
        missing = [
            office
            for office in self._offices.values()
            if office.pk not in self._lines
            and office.municipality_id in municipalities
            and (office.role, office.policy_area_id) in self._kinds
            # One that began today could not end yesterday.
            and office.is_valid_on(self.today)
            and office.is_valid_on(yesterday)
        ]
        return ImportPlan(
            self._additions, self._changes, self._unchanged, missing, last_day=yesterday, sheet=file.sheet
        )

    # Which office a line is about.

    def _numbered(self, row: Row) -> Office:
        office = self._offices.get(row.number or 0)
        if office is None:
            raise _WrongRowError(
                NUMBER,
                _("There is no office no. %(number)d. Leave the cell empty where the office is new.")
                % {"number": row.number},
            )
        if (office.municipality_id, office.role) != (row.municipality.pk, row.role):
            raise _WrongRowError(
                NUMBER,
                _(
                    "No. %(number)d is %(office)s. Neither municipality nor role of an office changes: leave "
                    "the number empty where the office is new, and put the numbers back where lines have "
                    "been mixed up."
                )
                % {"number": office.pk, "office": office},
            )
        return office

    def _alike_to(self, row: Row) -> Office | None:
        found = self._alike[row.municipality.pk, row.role]
        if "policy_area" in row.values:
            found = [office for office in found if office.policy_area == row.values["policy_area"]]
        if "name" in row.values:
            name = _folded(row.values["name"])
            same = [office for office in found if _folded(office.name) == name]
            found = same if same or name else found
        current = [office for office in found if (office.valid_to or date.max) >= self.today]
        found = current or found
        if len(found) > 1:
            raise _WrongRowError(
                NUMBER,
                _("Several offices are like this one: no. %(numbers)s. Write the number of the right one.")
                % {"numbers": ", ".join(str(office.pk) for office in found)},
            )
        return found[0] if found else None

    # What it asks for.

    def _add(self, row: Row) -> None:
        office = Office(municipality=row.municipality, role=row.role, **row.values)
        key = (office.municipality_id, office.role, office.policy_area_id, _folded(office.name))
        if key in self._new:
            message = _("The same office stands on line %(line)d already. Delete one of the two lines.")
            self.problems.append(Problem(row.line, "", message % {"line": self._new[key]}))
            return
        self._new[key] = row.line
        if self._holds_together(row, office):
            self._kinds.add((office.role, office.policy_area_id))
            self._additions.append(Addition(row.line, office))

    def _change(self, row: Row, office: Office) -> None:
        if office.pk in self._lines:
            message = _("The same office stands on line %(line)d already. Delete one of the two lines.")
            self.problems.append(Problem(row.line, "", message % {"line": self._lines[office.pk]}))
            return
        self._lines[office.pk] = row.line
        values = {name: value for name, value in row.values.items() if normal(getattr(office, name)) != value}
        # What the file says itself goes before what follows from it, or a second import would change it back.
        further = office.consequences(values, on=self.today)
        values |= {name: value for name, value in further.items() if name not in row.values}
        changed = Office(**{name: getattr(office, name) for name in _FIELDS} | values)
        if self._holds_together(row, changed):
            self._kinds.add((changed.role, changed.policy_area_id))
            if values:
                self._changes.append(Change(row.line, office, values))
            else:
                self._unchanged.append(office)

    def _holds_together(self, row: Row, office: Office) -> bool:
        """Whether the office keeps the rules that the database has; what it breaks has been noted."""
        broken: list[tuple[tuple[str, ...], str]] = []
        if office.policy_area_id and office.role not in ROLES_WITH_POLICY_AREA:
            broken.append((("policy_area",), _("Only committees and departments answer for a policy area.")))
        if (office.valid_from or date.min) > (office.valid_to or date.max):
            broken.append((("valid_to", "valid_from"), _("The last day must not lie before the first.")))
        for names, message in broken:
            # The register keeps the rules, so that the file has a column that breaks one.
            column = next(BY_NAME[name] for name in names if name in row.values)
            self.problems.append(Problem(row.line, column.heading, message))
        return not broken


class _WrongRowError(Exception):
    """The line is about no office in particular."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = BY_NAME[column].heading, message


_FIELDS = (
    *("municipality", "role", "policy_area", "name", "mailbox", "copy_mailbox", "holder_name"),
    *("holder_until", "valid_from", "valid_to", "verified_on", "returned_on"),
)


def _values(office: Office) -> Iterable[Any]:
    return (str(getattr(office, name)) for name in _FIELDS)


def _folded(name: str) -> str:
    return str(normal(name)).casefold()
