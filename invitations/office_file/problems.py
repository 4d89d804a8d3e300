"""What is wrong in a file of offices: on which line, in which column, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong. `line` counts as Excel does and is 0 where the file as a whole is meant."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        if not self.line:
            return self.message
        where = _("Line %(number)d") % {"number": self.line}
        return f"{where}, {self.column}: {self.message}" if self.column else f"{where}: {self.message}"


class OfficeFileError(Exception):
    """The file cannot be imported; nothing has been. `problems` holds an entry for each error, by line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Unreadable(Exception):  # noqa: N818 - it says what the value is
    """A cell that means nothing in its column; the message says what would be right."""


def unusable(message: str, *, line: int = 0) -> OfficeFileError:
    """The error for a file of which nothing can be read; to be raised."""
    return OfficeFileError([Problem(line, "", message)])
