"""Reads a meeting file: YAML in UTF-8, of bounded size, with a sentence for each way in which it is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _
from yaml.composer import Composer
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.resolver import Resolver

from invitations.meeting_file.problems import Source
from invitations.meeting_file.values import Spec, Unreadable, Value

# A file of a hundred meetings has 300 kB, some 10,000 nodes and is seven deep. At these bounds a file is read
# in two or three seconds.
MAX_BYTES = 2_000_000
MAX_NODES = 100_000
MAX_DEPTH = 50


def read(path: Path, spec: Spec) -> tuple[Source, dict[str, Any]]:
    """The file's values as `spec` converts them; every problem is in the source."""
    source = Source(path)
    root = _root(source)
    if root is None:
        return source, {}
    try:
        data = Value(source, root, "").keys(spec)
    except Unreadable:
        return source, {}
    if not any(data.values()) and not source.problems:
        source.report(_("The file holds nothing. Here belong: %(keys)s.") % {"keys": ", ".join(spec)}, line=1)
    return source, data


def _root(source: Source) -> yaml.Node | None:
    text = _text(source)
    if text is None:
        return None
    try:
        root = _Loader(text).get_single_node()
    except yaml.reader.ReaderError as error:
        # libyaml reads the text in UTF-8 and counts its bytes.
        before = text.encode()[: error.position]
        source.report(
            _("The character U+%(code)s cannot be printed.") % {"code": f"{error.character:04X}"},
            line=before.count(b"\n") + 1,
        )
        return None
    except yaml.MarkedYAMLError as error:
        source.report(_sentence(error, text), line=_line(error))
        return None
    if root is None:
        source.report(_("The file is empty."), line=1)
    elif _is_too_large(root):
        source.report(_("The file is too large, or an alias in it refers to itself."))
        root = None
    return root


def _text(source: Source) -> str | None:
    try:
        with source.path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        source.report(_("There is no such file."))
    except IsADirectoryError:
        source.report(_("This is a folder. Name the files in it."))
    except PermissionError:
        source.report(_("You may not read this file."))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        source.report(_("The file cannot be read: %(reason)s.") % {"reason": reason})
    else:
        if len(raw) > MAX_BYTES:
            source.report(_("The file is larger than 2 MB. Divide it into several."))
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            source.report(_("The file must be saved in UTF-8."), line=line)
    return None


class _Loader(Composer, CParser, Resolver):
    """Stops at what is larger or deeper than a meeting file, before it takes minutes or the whole stack.

    Reads with libyaml, which takes `[Hvad lykkes?]` as YAML 1.2 says; PyYAML's own parser stumbles over it.
    """

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        Composer.__init__(self)
        Resolver.__init__(self)
        self.nodes = 0
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.nodes += 1
        self.depth += 1
        if self.nodes > MAX_NODES or self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(
                problem="too large" if self.nodes > MAX_NODES else "too deep",
                problem_mark=self.peek_event().start_mark,  # type: ignore[union-attr, arg-type]
            )
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _is_too_large(root: yaml.Node) -> bool:
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


def _sentence(error: yaml.MarkedYAMLError, text: str) -> str:
    """What the parser stumbled over, in the words of somebody who types the file."""
    context, problem = error.context or "", error.problem or ""
    index = error.problem_mark.index if error.problem_mark else 0
    if problem == "too large":
        return _("The file is too large. Divide it into several.")
    if problem == "too deep":
        return _("The brackets or lists are nested too deep.")
    if problem.startswith("mapping values are not allowed"):
        return _(
            "A colon with a space after it begins a new value. Put text that holds one in quotation marks,"
            " or check the indentation."
        )
    if problem.startswith("found character") and text[index : index + 1] == "\t":
        return _("Indent with spaces, not with tabs.")
    if problem in ("found unexpected end of stream", "found unexpected document indicator"):
        return _("The quotation mark that begins here is not closed.")
    if "while scanning an" in context or problem.startswith(("found undefined alias", "found character")):
        return _("Text that begins with one of * & @ ` % must stand in quotation marks.")
    if problem == "but found another document":
        return _("A meeting file is one document. Remove the line “---”.")
    if "anchor" in context:
        return _("Two anchors (&) have the same name.")
    if context.startswith("while parsing a flow"):
        return _("A bracket or brace is not closed, or a comma is missing.")
    if context.startswith(("while parsing a block", "while scanning a simple key")):
        return _(
            "The line does not fit: its indentation is wrong, a colon is missing, or text that begins with a"
            " bracket or a quotation mark goes on behind it and must be put in quotation marks as a whole."
        )
    return _("The file is not valid YAML: %(reason)s.") % {"reason": problem or context}


def _line(error: yaml.MarkedYAMLError) -> int:
    """Where the mistake was made, which for something left open is where it begins."""
    context = error.context or ""
    is_left_open = context.startswith(
        ("while scanning a quoted", "while scanning a simple", "while parsing a flow")
    )
    mark = (error.context_mark if is_left_open else None) or error.problem_mark
    return mark.line + 1 if mark else 0
