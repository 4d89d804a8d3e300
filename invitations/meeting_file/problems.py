"""What is wrong in a meeting file: where it stands, and in a sentence what would be right."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

_LAST_STEP = re.compile(r"\.?[^.\[]*$|\[\d+\]$")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a file. `line` counts from 1 and is 0 where the file as a whole is meant."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = self.file
        if self.line:
            where = _("%(file)s, line %(number)s") % {"file": self.file, "number": self.line}
        return f"{where}, {self.field}: {self.message}" if self.field else f"{where}: {self.message}"


class MeetingFileError(Exception):
    """One or more files are wrong; nothing has been imported. `problems` holds an entry for each error."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class Source:
    """A file being read, with what has been found wrong in it.

    A field is known by its path, such as `meetings[0].sessions[1].starts`.
    """

    path: Path
    problems: list[Problem] = field(default_factory=list)
    _lines: dict[str, int] = field(default_factory=dict)
    _plain: set[str] = field(default_factory=set)
    _unreadable: set[str] = field(default_factory=set)

    def stands_at(self, path: str, line: int, *, plain: bool) -> None:
        """Remember that the field `path` begins on `line`, and whether it is a plain value without keys."""
        self._lines[path] = line
        if plain:
            self._plain.add(path)

    def report(self, message: str, *, line: int = 0, path: str = "") -> None:
        """Report a problem, of the file as a whole unless `line` or `path` says more."""
        self.problems.append(Problem(str(self.path), line, path, message))

    def report_unreadable(self, path: str, message: str, *, missing_key: str = "") -> None:
        """Report a field that cannot be read; what follows from that alone is not reported as well.

        Args:
            missing_key: the key that `path` lacks, where that is the problem.
        """
        self._unreadable.add(f"{path}.{missing_key}" if missing_key else path)
        self.report(message, line=self._line(path), path=path)

    def report_at(self, path: str, message: str) -> None:
        """Report a problem of the field `path`, at its line or at that of the nearest field around it."""
        around = path.rpartition(".")[0]
        if around in self._plain:
            # The title of an enclosure of which nothing but the title is typed.
            path = around
        if path not in self._unreadable:
            self.report(message, line=self._line(path), path=path)

    def is_sound(self, path: str) -> bool:
        """Whether nothing is wrong with the field `path`, nor with any field in it."""
        within = (f"{path}.", f"{path}[")
        return not any(problem.field == path or problem.field.startswith(within) for problem in self.problems)

    def _line(self, path: str) -> int:
        while path and path not in self._lines:
            path = _LAST_STEP.sub("", path)
        return self._lines.get(path, 1)


@dataclass(frozen=True)
class Place:
    """A field of a file."""

    source: Source
    path: str

    def key(self, name: str) -> Place:
        return Place(self.source, f"{self.path}.{name}")

    def item(self, number: int) -> Place:
        return Place(self.source, f"{self.path}[{number}]")

    def report(self, message: str) -> None:
        self.source.report_at(self.path, message)

    @property
    def is_sound(self) -> bool:
        return self.source.is_sound(self.path)
