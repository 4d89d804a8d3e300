"""Reads a meeting file into plain values, each with its line, and collects every problem on the way."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from invitations.danish import Moment, parse_clock

# A file of a hundred meetings is 300 kB; more than this is not a meeting file.
MAX_BYTES = 2_000_000
MAX_NODES = 100_000

Converter = Callable[["Value"], Any]
Spec = Mapping[str, "Field"]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a file."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}, {_('line')} {self.line}" if self.line else self.file
        return f"{where}, {self.field}: {self.message}" if self.field else f"{where}: {self.message}"


class MeetingFileError(Exception):
    """One or more files are wrong; nothing has been imported. `problems` holds one entry for each error."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Field:
    """What may stand under a key."""

    convert: Converter
    required: bool = False


@dataclass
class Source:
    """A file being read, with what has been found wrong in it."""

    path: Path
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    def report(self, line: int, path: str, message: str) -> None:
        self.problems.append(Problem(str(self.path), line, path, message))

    def report_at(self, path: str, message: str) -> None:
        """Report a problem of the field `path`, at its line or at that of the nearest field around it."""
        around = path
        while around and around not in self.lines:
            around = (
                around.rpartition(".")[0]
                if "." in around[around.rfind("]") + 1 :]
                else around[: around.rfind("[")]
            )
        self.report(self.lines.get(around, 1), path, message)


class Value:
    """A node of the file with its path (`meetings[0].sessions[1].starts`)."""

    def __init__(self, source: Source, node: yaml.Node, path: str) -> None:
        self.source = source
        self.node = node
        self.path = path
        self.line: int = node.start_mark.line + 1
        source.lines[path] = self.line

    def report(self, message: str) -> None:
        self.source.report(self.line, self.path, message)

    @property
    def is_empty(self) -> bool:
        node = self.node
        return (
            isinstance(node, yaml.ScalarNode)
            and node.style is None
            and node.value in ("", "~", "null", "Null", "NULL")
        )

    @property
    def is_scalar(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode)

    def text(self) -> str | None:
        """The scalar as it is typed, whatever type YAML would see in it; None, reported, where it is a list or a mapping."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.report(_("This must be one value, not a list or a group of keys."))
            return None
        return str(self.node.value)

    def items(self) -> list[Value]:
        if not isinstance(self.node, yaml.SequenceNode):
            self.report(_("This must be a list."))
            return []
        return [
            Value(self.source, node, f"{self.path}[{number}]") for number, node in enumerate(self.node.value)
        ]

    def keys(self, spec: Spec) -> dict[str, Any]:
        """The converted values of a mapping's keys; an empty value is None. Only the keys that stand in the file."""
        if not isinstance(self.node, yaml.MappingNode):
            self.report(_("Here belong keys: %(keys)s.") % {"keys": ", ".join(spec)})
            return {}
        found: dict[str, Any] = {}
        for key_node, node in self.node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            value = Value(self.source, node, f"{self.path}.{key}" if self.path else key)
            value.line = self.source.lines[value.path] = key_node.start_mark.line + 1
            if key in found:
                value.report(_("This key stands twice."))
            elif key not in spec:
                value.report(_unknown_key(key, spec))
            else:
                found[key] = None if value.is_empty else spec[key].convert(value)
                if value.is_empty and spec[key].required:
                    value.report(_("This must be filled in."))
        for key, one in spec.items():
            if one.required and key not in found:
                self.report(_("The key “%(key)s” is missing.") % {"key": key})
        return found


def _unknown_key(key: str, spec: Spec) -> str:
    close = difflib.get_close_matches(key, spec, n=1)
    if close:
        return _("There is no key “%(key)s”. Do you mean “%(close)s”?") % {"key": key, "close": close[0]}
    return _("There is no key “%(key)s”. Here belong: %(keys)s.") % {"key": key, "keys": ", ".join(spec)}


def read(path: Path, spec: Spec) -> tuple[Source, dict[str, Any]]:
    """The file's values as `spec` converts them; every problem is in the source's list."""
    source = Source(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        source.report(0, "", _("The file cannot be read: %(reason)s.") % {"reason": error.strerror})
        return source, {}
    if len(raw) > MAX_BYTES:
        source.report(0, "", _("The file is larger than 2 MB. That is no meeting file."))
        return source, {}
    try:
        root = yaml.compose(raw.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        source.report(line, "", _("The file must be in UTF-8."))
        return source, {}
    except yaml.reader.ReaderError as error:
        source.report(
            0,
            "",
            _("There is a character that must not stand in a file: U+%(code)04X.")
            % {"code": ord(str(error.character))},
        )
        return source, {}
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or _("it is nested too deeply")
        source.report(
            mark.line + 1 if mark else 0,
            "",
            _("The file is not valid YAML: %(reason)s.") % {"reason": reason},
        )
        return source, {}
    if root is None:
        source.report(1, "", _("The file is empty."))
        return source, {}
    if _too_many_nodes(root):
        source.report(1, "", _("The file refers to itself, or is too large."))
        return source, {}
    return source, Value(source, root, "").keys(spec)


def _too_many_nodes(root: yaml.Node) -> bool:
    """Whether the tree, with what aliases repeat in it, is larger than a meeting file can be."""
    waiting, count = [root], 0
    while waiting:
        node = waiting.pop()
        count += 1
        if count > MAX_NODES:
            return True
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            waiting.extend(part for pair in node.value for part in pair)
    return False


def text(value: Value) -> str | None:
    """Text of one or more lines, without the space around it."""
    typed = value.text()
    return None if typed is None else typed.replace("\r\n", "\n").strip()


def line(value: Value) -> str | None:
    """Text of one line."""
    typed = text(value)
    return None if typed is None else " ".join(typed.split())


def moment(value: Value) -> Moment | None:
    """A date, or a date and a clock time, of Copenhagen."""
    typed = text(value)
    if typed is None:
        return None
    try:
        return Moment.parse(typed)
    except ValueError:
        value.report(
            _("“%(value)s” is no date or time. Write 2019-03-28 or 2019-03-28 17:00.") % {"value": typed}
        )
        return None


def day(value: Value) -> Any:
    found = moment(value)
    if found and found.time:
        value.report(_("Only a date belongs here, for example 2019-03-28."))
        return None
    return found.date if found else None


def clock(value: Value) -> Any:
    typed = text(value)
    if typed is None:
        return None
    try:
        return parse_clock(typed)
    except ValueError:
        value.report(_("“%(value)s” is no time. Write 17:00.") % {"value": typed})
        return None


def whole_number(value: Value) -> int | None:
    typed = text(value)
    if typed is None:
        return None
    if not (typed.isascii() and typed.isdigit() and 1 <= len(typed) <= 6 and int(typed) > 0):
        value.report(_("“%(value)s” is no whole number above 0.") % {"value": typed})
        return None
    return int(typed)


def truth(value: Value) -> bool | None:
    typed = text(value)
    if typed is None:
        return None
    if typed.casefold() in ("true", "yes", "on", "ja"):
        return True
    if typed.casefold() in ("false", "no", "off", "nej"):
        return False
    value.report(_("Write true or false here, not “%(value)s”.") % {"value": typed})
    return None


def one_of(choices: list[str]) -> Converter:
    def convert(value: Value) -> str | None:
        typed = text(value)
        if typed is not None and typed not in choices:
            value.report(
                _("“%(value)s” is not known here. Choose among %(choices)s.")
                % {"value": typed, "choices": ", ".join(choices)}
            )
            return None
        return typed

    return convert


def list_of(convert: Converter, *, at_least: int = 0, at_most: int = 100) -> Converter:
    def convert_all(value: Value) -> list[Any]:
        items = value.items()
        if isinstance(value.node, yaml.SequenceNode) and len(items) < at_least:
            value.report(_("At least %(count)s must stand here.") % {"count": at_least})
        if len(items) > at_most:
            value.report(_("At most %(count)s can stand here.") % {"count": at_most})
        found = []
        for item in items:
            if item.is_empty:
                item.report(_("This must be filled in."))
            else:
                found.append(convert(item))
        return found

    return convert_all


def group(spec: Spec) -> Converter:
    return lambda value: value.keys(spec)
