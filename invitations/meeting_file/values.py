"""The values of a meeting file: what a person reads in them, whatever type YAML sees."""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext as _

from invitations.danish import Moment, parse_clock
from invitations.meeting_file.problems import Source

Converter = Callable[["Value"], Any]
Spec = Mapping[str, "Field"]

MERGE_TAG = "tag:yaml.org,2002:merge"
_LINE_BREAK = re.compile(r"\s*[\n\r\u2028\u2029]\s*")


class Unreadable(Exception):  # noqa: N818 - it says what the value is
    """The value cannot be read; why has been reported."""


@dataclass(frozen=True)
class Field:
    """What may stand under a key."""

    convert: Converter
    required: bool = False


class Value:
    """A node of the file with its path."""

    def __init__(self, source: Source, node: yaml.Node, path: str, *, line: int | None = None) -> None:
        self.source = source
        self.node = node
        self.path = path
        source.stands_at(path, line or node.start_mark.line + 1, plain=self.is_scalar)

    def unreadable(self, message: str) -> Unreadable:
        """Report `message` at this value; to be raised."""
        self.source.report_unreadable(self.path, message)
        return Unreadable(message)

    @property
    def is_null(self) -> bool:
        """Whether nothing is typed, or that there is nothing."""
        node = self.node
        if not isinstance(node, yaml.ScalarNode):
            return False
        return not node.value.strip() or (not node.style and node.value in ("~", "null", "Null", "NULL"))

    @property
    def is_scalar(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode)

    def text(self) -> str:
        """The scalar as it is typed."""
        node = self.node
        if isinstance(node, yaml.MappingNode) and node.flow_style:
            raise self.unreadable(_("Text that begins with a brace must stand in quotation marks."))
        if not isinstance(node, yaml.ScalarNode):
            raise self.unreadable(_("This must be one value, not a list or a group of keys."))
        typed = str(node.value)
        # What can be written with an escape such as "\0" and neither printed nor kept in a database.
        for character in typed:
            if unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\r\t":
                raise self.unreadable(
                    _("The character U+%(code)s cannot be printed.") % {"code": f"{ord(character):04X}"}
                )
        return typed

    def items(self) -> list[Value]:
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.unreadable(_("This must be a list."))
        return [
            Value(self.source, node, f"{self.path}[{number}]") for number, node in enumerate(self.node.value)
        ]

    def keys(self, spec: Spec) -> dict[str, Any]:
        """The converted values of a mapping's keys; a null is None.

        Only the keys that stand in the file and can be read; what is wrong with the others has been reported.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self.unreadable(_("Here belong keys: %(keys)s.") % {"keys": ", ".join(spec)})
        found: dict[str, Any] = {}
        seen = set()
        for key, value in self._pairs(self.node):
            if key in seen:
                value.unreadable(_("This key stands twice."))
            elif key not in spec:
                value.unreadable(_unknown_key(key, spec))
            else:
                with suppress(Unreadable):
                    found[key] = value.convert(spec[key])
            seen.add(key)
        for key, one in spec.items():
            if one.required and key not in seen:
                message = _("The key “%(key)s” is missing.") % {"key": key}
                self.source.report_unreadable(self.path, message, missing_key=key)
        return found

    def convert(self, field: Field) -> Any:
        """What `field` makes of this value; None for a null."""
        converted = None if self.is_null else field.convert(self)
        if field.required and converted is None:
            raise self.unreadable(_("This must be filled in."))
        return converted

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[str, Value]]:
        """The keys with their values; of those merged in (`<<: *alias`) the ones that do not stand here."""
        own = {key.value for key, _value in node.value if isinstance(key, yaml.ScalarNode)}
        for key_node, value_node in node.value:
            if key_node.tag == MERGE_TAG:
                merged = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                for one in merged:
                    if isinstance(one, yaml.MappingNode):
                        new = [pair for pair in self._pairs(one) if pair[0] not in own]
                        own |= {key for key, _value in new}
                        yield from new
                continue
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            path = f"{self.path}.{key}" if self.path else key
            yield key, Value(self.source, value_node, path, line=key_node.start_mark.line + 1)


def _unknown_key(key: str, spec: Spec) -> str:
    close = difflib.get_close_matches(key.lower(), spec, n=1)
    if close:
        return _("There is no key “%(key)s”. Do you mean “%(close)s”?") % {"key": key, "close": close[0]}
    return _("There is no key “%(key)s”. Here belong: %(keys)s.") % {"key": key, "keys": ", ".join(spec)}


def _shown(typed: str) -> str:
    return typed if len(typed) <= 60 else f"{typed[:60]}…"


def text(value: Value) -> str:
    """Text of one or more lines, without the space around it."""
    return value.text().replace("\r\n", "\n").strip()


def line(value: Value) -> str:
    """Text of one line; where it is broken, a space."""
    return _LINE_BREAK.sub(" ", value.text().strip())


def moment(value: Value) -> Moment:
    """A date, or a date and a clock time, of Copenhagen."""
    typed = line(value)
    try:
        return Moment.parse(typed)
    except ValueError:
        raise value.unreadable(
            _("“%(value)s” is no date or time. Write 2019-03-28 or 2019-03-28 17:00.")
            % {"value": _shown(typed)}
        ) from None


def day(value: Value) -> datetime.date:
    """A date."""
    found = moment(value)
    if found.time:
        raise value.unreadable(_("Only a date belongs here, for example 2019-03-28."))
    return found.date


def clock(value: Value) -> datetime.time:
    """A clock time."""
    typed = line(value)
    try:
        return parse_clock(typed)
    except ValueError:
        raise value.unreadable(_("“%(value)s” is no time. Write 17:00.") % {"value": _shown(typed)}) from None


def whole_number(value: Value) -> int:
    """A whole number from 1 to 999,999."""
    typed = line(value)
    if not (typed.isascii() and typed.isdigit() and 0 < int(typed[:7]) < 1_000_000):
        raise value.unreadable(
            _("“%(value)s” is no whole number from 1 to 999999.") % {"value": _shown(typed)}
        )
    return int(typed)


def truth(value: Value) -> bool:
    """`true` or `false`, in the spellings of YAML and in Danish."""
    typed = line(value)
    if typed.casefold() in ("true", "yes", "on", "ja"):
        return True
    if typed.casefold() in ("false", "no", "off", "nej"):
        return False
    raise value.unreadable(_("Write true or false here, not “%(value)s”.") % {"value": _shown(typed)})


def one_of(choices: Sequence[str]) -> Converter:
    def convert(value: Value) -> str:
        typed = line(value)
        if typed not in choices:
            raise value.unreadable(
                _("“%(value)s” is not known here. Choose among %(choices)s.")
                % {"value": _shown(typed), "choices": ", ".join(choices)}
            )
        return typed

    return convert


def list_of(
    convert: Converter, *, at_least: int = 0, at_most: int = 100, different: bool = False
) -> Converter:
    """A list; None stands in it for what cannot be read, so that the others keep their numbers."""

    def convert_all(value: Value) -> list[Any]:
        items = value.items()
        if len(items) < at_least:
            raise value.unreadable(_("At least %(count)s must stand here.") % {"count": at_least})
        if len(items) > at_most:
            raise value.unreadable(_("At most %(count)s can stand here.") % {"count": at_most})
        found: list[Any] = []
        for item in items:
            try:
                converted = item.convert(Field(convert, required=True))
                if different and converted in found:
                    raise item.unreadable(_("“%(value)s” stands twice.") % {"value": converted})
            except Unreadable:
                converted = None
            found.append(converted)
        return found

    return convert_all


def group(spec: Spec) -> Converter:
    return lambda value: value.keys(spec)
