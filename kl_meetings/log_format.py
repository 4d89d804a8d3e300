"""How a line of the log is written: for the eye or as JSON, and in both without personal data.

Tokens stand in paths, addresses in the answers of mail servers, names in what PostgreSQL says of a row, and
anything in what somebody typed. So a line says which view answered and not which path, what an exception is
and where it was raised, and its message only where that speaks of the machine; all that remains is masked.

Knows no settings, since the web server reads it before any.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import re
import smtplib
import traceback
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime

from django.core.exceptions import ImproperlyConfigured
from django.db.utils import IntegrityError, InterfaceError, InternalError, OperationalError, ProgrammingError
from django.template import TemplateDoesNotExist, TemplateSyntaxError

# Which request or task is being worked on; it stands in every line that is written meanwhile.
context: ContextVar[Mapping[str, str]] = ContextVar("context", default={})  # noqa: B039 (nobody changes it)

_DATABASE = (IntegrityError, InterfaceError, InternalError, OperationalError, ProgrammingError)
_OF_THE_MACHINE = (
    AttributeError,
    ImportError,
    ImproperlyConfigured,
    MemoryError,
    NameError,
    NotImplementedError,
    RecursionError,
    TemplateDoesNotExist,
    TemplateSyntaxError,
    TypeError,
)

_MASKS = (
    # What PostgreSQL tells of a row: its values.
    (re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE), r"\1: …"),
    # Who logs in to a server, and where on it somebody was.
    (re.compile(r"://[^\s/@]*@"), "://…@"),
    (re.compile(r"(https?://[^\s/\"'<>?]+)[/?][^\s\"'<>]*"), r"\1/…"),
    (re.compile(r"[^\s<>\"'(),;:/\[\]…]+(?:@|%40)[^\s<>\"'(),;:/\[\]]+"), "…@…"),
    (re.compile(r"/(svar|kvittering|deltager)/[^\s/\"'<>?]+"), r"/\1/…"),
    (re.compile(r"\?[^\s\"'<>?]*=[^\s\"'<>]*"), "?…"),
)
_NETWORK_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*)(?!\w)"
)


def mask(text: str) -> str:
    """The text without e-mail and network addresses, tokens, queries and values of rows."""
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return _NETWORK_ADDRESS.sub(_without_network_address, text)


class LineFormatter(logging.Formatter):
    """2027-02-01 12:00:00,000 WARNING invitations.mail: The mail server takes nothing"""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {_message(record)}"
        return "\n".join([line, *_exception(record)])


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message; request_id, or task and task_id; exception;
    and what the record brings as `fields`.
    """

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **context.get(),
            **getattr(record, "fields", {}),
        }
        for text in _exception(record):
            line["exception"] = text
        return json.dumps(line, ensure_ascii=False)


def describe(error: BaseException) -> str:
    """The exception's class, and its message where that cannot quote what somebody typed."""
    match error:
        case smtplib.SMTPResponseException():
            said = str(error.smtp_code)
        case smtplib.SMTPRecipientsRefused():
            said = ", ".join(sorted({str(code) for code, _answer in error.recipients.values()}))
        case OSError():
            # Without the name of the file, which somebody may have uploaded.
            said = error.strerror or ""
        case _ if isinstance(error, _DATABASE):
            said = str(error).partition("\n")[0]
        case _:
            said = str(error) if isinstance(error, _OF_THE_MACHINE) else ""
    return mask(f"{type(error).__name__}: {said}" if said else type(error).__name__)


def _message(record: logging.LogRecord) -> str:
    """What the record says. Django writes of a request's path: instead of it stands the view's name."""
    if (request := getattr(record, "request", None)) is not None and isinstance(record.args, tuple):
        match = getattr(request, "resolver_match", None)
        route = match.view_name if match else "no view"
        arguments = tuple(
            route if isinstance(argument, str) and argument.startswith("/") else argument
            for argument in record.args
        )
        words = str(record.msg) % arguments if arguments else str(record.msg)
    else:
        words = record.getMessage()
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        # Some put the exception's own words into theirs.
        for quoted in (repr(error), str(error)):
            words = words.replace(quoted, describe(error)) if quoted else words
    return mask(words)


def _exception(record: logging.LogRecord) -> Iterator[str]:
    """Where the exception was raised and what it is, after the same of those that led to it."""
    error = record.exc_info[1] if record.exc_info else None
    parts: list[str] = []
    while error is not None:
        # Lines of code and where they stand; the values are not among them.
        parts.insert(0, "".join(traceback.format_tb(error.__traceback__)) + describe(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if parts:
        yield "\n\nwhich led to\n\n".join(parts)


def _without_network_address(found: re.Match[str]) -> str:
    try:
        address = ipaddress.ip_address(found[0].strip("."))
    except ValueError:
        return found[0]
    return found[0] if address.is_loopback or address.is_unspecified else "…"
