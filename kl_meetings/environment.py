"""Reading the environment variables that `.env.example` lists.

Reading never raises: a value that cannot be used is noted as a sentence, its default lets the settings be
imported all the same, and the system checks then report every sentence at once (`checks.py`), so nothing runs
on such a default.

A secret may stand in a file instead, as Docker and systemd hand secrets out: NAME_FILE names it.

django-environ itself reads `$NAME` inside a value as a reference to another variable and any unknown word as
false. Neither may happen to a password or to DEBUG, so only its URL parsers are used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.utils import getaddresses
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from environ import Env

T = TypeVar("T")

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_FORMATS = ("line", "json")
QUOTING = "characters such as @ and / in a password are written %40 and %2F"


class WrongValueError(ValueError):
    """A value that cannot be used; the message goes on where "The environment variable NAME" ends."""


class Environment:
    """The environment variables, and what is wrong with them."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems: list[str] = []

    def read(
        self,
        name: str,
        parse: Callable[[str], T],
        *,
        default: T,
        required: bool = False,
        secret: bool = False,
    ) -> T:
        """What `parse` makes of variable `name`; `default` if it is wrong or, unless `required`, empty.

        Of a `secret` the problem says what would be right, and not what it is; its value may stand in the
        file that `name`_FILE names.
        """
        value = self._variables.get(name, "").strip()
        source = name
        if secret and (path := self._variables.get(f"{name}_FILE", "").strip()):
            source = f"{name}_FILE"
            if value:
                self.problems.append(
                    f"The environment variables {name} and {source} are both set; only one of them may be."
                )
                return default
            try:
                value = _content(path)
            except WrongValueError as error:
                self.problems.append(f"The environment variable {source} is {path!r}, but that file {error}.")
                return default
        if not value and not required:
            return default
        try:
            return parse(value)
        except WrongValueError as error:
            if source != name:
                found = ": the value in the file"
            else:
                found = " is missing: it" if not value else "" if secret else f" is {value!r}, but it"
            self.problems.append(f"The environment variable {source}{found} {error}.")
            return default


def _content(path: str) -> str:
    """What stands in the file of a secret, without the line's end that editors add.

    Raises WrongValueError where the message goes on after "that file".
    """
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise WrongValueError("does not exist") from None
    except OSError as error:
        raise WrongValueError(f"cannot be read ({error.strerror})") from None
    except ValueError:
        raise WrongValueError("cannot be read (it is not text in UTF-8)") from None
    if not value:
        raise WrongValueError("is empty")
    return value


def secret_key(value: str) -> str:
    if len(value) < 50 or len(set(value)) < 5 or value.startswith("django-insecure-"):
        raise WrongValueError("must be at least 50 random characters that nobody else knows")
    return value


def secret_keys(value: str) -> list[str]:
    return [secret_key(key) for key in value.split()]


def boolean(value: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if value.lower() not in words:
        raise WrongValueError("must be 1 or 0 (or true or false, yes or no, on or off)")
    return words[value.lower()]


def log_level(value: str) -> str:
    if value.upper() not in LOG_LEVELS:
        raise WrongValueError(f"must be one of {', '.join(LOG_LEVELS)}")
    return value.upper()


def log_format(value: str) -> str:
    if value.lower() not in LOG_FORMATS:
        raise WrongValueError(f"must be one of {', '.join(LOG_FORMATS)}")
    return value.lower()


def origin(value: str) -> str:
    """A scheme and a host, as browsers send it in `Origin`."""
    parts = _split(value)
    if not _is_web(parts) or value != f"{parts.scheme}://{parts.netloc}" or parts.username is not None:
        raise WrongValueError(
            "must be a scheme and a host with nothing after them, not even a slash, as in https://tilmeld.kl.dk"
        )
    return value


def web_page(value: str) -> str:
    if not _is_web(_split(value)):
        raise WrongValueError("must be the address of a web page, as in https://www.was.digst.dk/kl-dk")
    return value


def issuer(value: str) -> str:
    """An OpenID provider: one tenant of Entra, or another; without encryption only on this machine."""
    parts = _split(value)
    many = {"common", "organizations", "consumers"} & set(parts.path.split("/"))
    safe = parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost")
    if not _is_web(parts) or not safe or many or parts.query or parts.fragment:
        raise WrongValueError(
            "must be the https address of one provider, as in "
            "https://login.microsoftonline.com/<the tenant's id>/v2.0"
        )
    return value


def of_issuer(value: str) -> str:
    if not value:
        raise WrongValueError("must be given where OIDC_ISSUER is")
    return value


def hosts(value: str) -> list[str]:
    names = [name.strip() for name in value.split(",") if name.strip()]
    allowed = re.compile(r"\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:]+\]|\*")
    if not all(allowed.fullmatch(name) for name in names):
        raise WrongValueError(
            "must be host names with commas between them, without scheme or port, as in tilmeld.kl.dk,kl.dk"
        )
    return names


def mailbox(value: str) -> str:
    """A sender as in RFC 5322: an address, or a name and an address in angle brackets."""
    addresses = [address for _, address in getaddresses([value])]
    try:
        validate_email(addresses[0] if len(addresses) == 1 else "")
    except ValidationError as error:
        raise WrongValueError(
            "must be one e-mail address with or without a name, as in KL <moeder@kl.dk>"
        ) from error
    return value


def proxy_header(value: str) -> tuple[str, str]:
    """The request header that the proxy sets to `https`, as Django's SECURE_PROXY_SSL_HEADER wants it."""
    try:
        return header(value), "https"
    except WrongValueError:
        raise WrongValueError(
            "must be the name of the header that the proxy sets to https, as in X-Forwarded-Proto"
        ) from None


def header(value: str) -> str:
    """A request header, as WSGI calls it."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", value):
        raise WrongValueError(
            "must be the name of the header in which the proxy says where a request comes from, as in "
            "X-Forwarded-For"
        )
    return f"HTTP_{value.upper().replace('-', '_')}"


def postgresql_or_sqlite(value: str) -> dict[str, Any]:
    """An item of Django's DATABASES; of a SQLite database only the engine and the name, as written."""
    parts = _split(value)
    config: dict[str, Any] = {}
    if parts.scheme in ("postgresql", "postgres") or (parts.scheme == "sqlite" and not parts.netloc):
        config = _parsed_by(Env.db_url_config, value)
    if config.get("NAME") in (None, "", ":memory:"):
        raise WrongValueError(
            "must be postgresql://user:password@host:5432/name, sqlite:///folder/file.sqlite3 or "
            f"sqlite:////absolute/file.sqlite3; {QUOTING}"
        )
    return config


def redis_url(value: str) -> str:
    parts = _split(value)
    if (
        parts.scheme not in ("redis", "rediss")
        or not parts.hostname
        or not re.fullmatch(r"(/\d*)?", parts.path)
    ):
        raise WrongValueError(f"must be redis://host:6379/0, or rediss:// where it is encrypted; {QUOTING}")
    return value


def mail_server(value: str) -> dict[str, Any]:
    """Django's EMAIL_... settings."""
    parts = _split(value)
    config: dict[str, Any] = {}
    if parts.scheme in ("smtp", "smtp+tls", "smtp+ssl") and parts.hostname:
        config = _parsed_by(Env.email_url_config, value)
    if not config:
        raise WrongValueError(
            "must be smtp://host:25, smtp+tls://user:password@host:587 or smtp+ssl://user:password@host:465; "
            + QUOTING
        )
    return config


def _split(value: str) -> SplitResult:
    """The parts of an address; none at all where Python cannot read it or its port."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 (reading it is what raises)
    except ValueError:
        return urlsplit("")
    return parts


def _is_web(parts: SplitResult) -> bool:
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", parts.geturl())


def _parsed_by(parse: Callable[[str], dict[str, Any]], value: str) -> dict[str, Any]:
    try:
        return parse(value)
    except (ValueError, ImproperlyConfigured):
        return {}
