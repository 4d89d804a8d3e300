from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from kl_meetings import environment
from kl_meetings.environment import Environment
from tests.servers_plugin import VARIABLES

GOOD_KEY = "0123456789" * 5


def test_nothing_is_wrong_with_the_environment_of_the_tests() -> None:
    assert settings.ENVIRONMENT_PROBLEMS == ()


@pytest.mark.parametrize(
    ("parse", "value", "expected"),
    [
        (environment.boolean, "Yes", True),
        (environment.boolean, "0", False),
        (environment.log_level, "info", "INFO"),
        (environment.log_format, "JSON", "json"),
        (environment.origin, "https://tilmeld.kl.dk", "https://tilmeld.kl.dk"),
        (environment.origin, "http://[::1]:8000", "http://[::1]:8000"),
        (environment.web_page, "https://www.was.digst.dk/kl-dk", "https://www.was.digst.dk/kl-dk"),
        (environment.issuer, "https://login.example/tenant/v2.0", "https://login.example/tenant/v2.0"),
        (environment.issuer, "http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        (environment.hosts, "tilmeld.kl.dk, .kl.dk,[::1]", ["tilmeld.kl.dk", ".kl.dk", "[::1]"]),
        (environment.mailbox, "moeder@kl.dk", "moeder@kl.dk"),
        (environment.mailbox, "KL's møder <moeder@kl.dk>", "KL's møder <moeder@kl.dk>"),
        (environment.proxy_header, "X-Forwarded-Proto", ("HTTP_X_FORWARDED_PROTO", "https")),
        (environment.redis_url, "redis://:secret@redis:6379/1", "redis://:secret@redis:6379/1"),
        (environment.redis_url, "rediss://redis", "rediss://redis"),
        (environment.secret_key, GOOD_KEY, GOOD_KEY),
        (environment.secret_keys, f"{GOOD_KEY} {GOOD_KEY[::-1]}", [GOOD_KEY, GOOD_KEY[::-1]]),
    ],
)
def test_a_right_value_is_read(parse: Callable[[str], Any], value: str, expected: object) -> None:
    env = Environment({"NAME": f" {value} "})

    assert env.read("NAME", parse, default=None) == expected
    assert env.problems == []


@pytest.mark.parametrize(
    ("parse", "value", "right"),
    [
        (environment.boolean, "maybe", "must be 1 or 0"),
        (environment.log_level, "LOUD", "must be one of DEBUG, INFO"),
        (environment.log_format, "xml", "must be one of line, json"),
        (environment.issuer, "http://login.example/tenant", "must be the https address of one provider"),
        (environment.issuer, "https://login.microsoftonline.com/common/v2.0", "of one provider"),
        (environment.issuer, "https://login.example/?a=b", "of one provider"),
        (environment.origin, "tilmeld.kl.dk", "must be a scheme and a host"),
        (environment.origin, "ftp://tilmeld.kl.dk", "must be a scheme and a host"),
        (environment.origin, "https://", "must be a scheme and a host"),
        (environment.origin, "https://tilmeld.kl.dk/", "not even a slash"),
        (environment.origin, "https://kl.dk/tilmeld", "nothing after them"),
        (environment.origin, "https://kl.dk?a=b", "nothing after them"),
        (environment.origin, "https://me:pw@kl.dk", "must be a scheme and a host"),
        (environment.origin, "https://kl.dk:port", "must be a scheme and a host"),
        (environment.origin, "https://[::1", "must be a scheme and a host"),
        (environment.origin, "https://kl .dk", "must be a scheme and a host"),
        (environment.web_page, "was.digst.dk/kl-dk", "must be the address of a web page"),
        (environment.web_page, "javascript:alert(1)", "must be the address of a web page"),
        (environment.hosts, "https://kl.dk", "must be host names"),
        (environment.hosts, "kl.dk:443", "must be host names"),
        (environment.hosts, "kl.dk tilmeld.kl.dk", "must be host names"),
        (environment.mailbox, "moeder", "must be one e-mail address"),
        (environment.mailbox, "KL <moeder@>", "must be one e-mail address"),
        (environment.mailbox, "a@kl.dk, b@kl.dk", "must be one e-mail address"),
        (environment.proxy_header, "X-Forwarded-Proto: https", "must be the name of the header"),
        (environment.postgresql_or_sqlite, "mysql://kl@db/kl", "must be postgresql://"),
        (environment.postgresql_or_sqlite, "postgresql://kl@db:port/kl", "must be postgresql://"),
        (environment.postgresql_or_sqlite, "postgresql://kl@db", "must be postgresql://"),
        (environment.postgresql_or_sqlite, "sqlite://", "must be postgresql://"),
        (environment.postgresql_or_sqlite, "sqlite://:memory:", "must be postgresql://"),
        (environment.postgresql_or_sqlite, "sqlite://host/file", "must be postgresql://"),
        (environment.postgresql_or_sqlite, "kl.sqlite3", "must be postgresql://"),
        (environment.redis_url, "http://redis:6379", "must be redis://"),
        (environment.redis_url, "redis://", "must be redis://"),
        (environment.redis_url, "redis://redis/queue", "must be redis://"),
        (environment.redis_url, "redis://redis:65536", "must be redis://"),
        (environment.mail_server, "smtp.kl.dk", "must be smtp://"),
        (environment.mail_server, "smtp://", "must be smtp://"),
        (environment.mail_server, "smtp://kl.dk:mail", "must be smtp://"),
        (environment.mail_server, "consolemail://", "must be smtp://"),
        (environment.secret_key, "short", "must be at least 50 random characters"),
        (environment.secret_key, "a" * 60, "must be at least 50 random characters"),
        (environment.secret_key, f"django-insecure-{GOOD_KEY}", "must be at least 50 random characters"),
        (environment.secret_keys, f"{GOOD_KEY} short", "must be at least 50 random characters"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(
    parse: Callable[[str], Any], value: str, right: str
) -> None:
    env = Environment({"NAME": value})

    assert env.read("NAME", parse, default="the default") == "the default"

    (problem,) = env.problems
    assert problem.startswith(f"The environment variable NAME is {value!r}, but it must be ")
    assert right in problem
    assert problem.endswith(".")


def test_a_wrong_secret_is_not_shown() -> None:
    env = Environment({"DATABASE_URL": "mysql://kl:hunter2@db/kl"})

    env.read("DATABASE_URL", environment.postgresql_or_sqlite, default=None, secret=True)

    (problem,) = env.problems
    assert problem.startswith("The environment variable DATABASE_URL must be postgresql://")
    assert "hunter2" not in problem


@pytest.mark.parametrize("variables", [{}, {"NAME": ""}, {"NAME": "  "}])
def test_an_empty_variable_is_as_good_as_none(variables: dict[str, str]) -> None:
    env = Environment(variables)

    assert env.read("NAME", environment.boolean, default=True) is True
    assert env.problems == []


def test_what_is_required_and_missing_is_named() -> None:
    env = Environment({})

    assert env.read("SECRET_KEY", environment.secret_key, default="", required=True, secret=True) == ""
    assert env.problems == [
        "The environment variable SECRET_KEY is missing: "
        "it must be at least 50 random characters that nobody else knows."
    ]


class TestSecretInAFile:
    def read(self, **variables: str) -> tuple[str, list[str]]:
        env = Environment(variables)
        value = env.read("SECRET_KEY", environment.secret_key, default="", required=True, secret=True)
        return value, env.problems

    def test_it_is_read_without_the_end_of_its_line(self, tmp_path: Path) -> None:
        file = tmp_path / "secret_key"
        file.write_text(f"{GOOD_KEY}\n")

        assert self.read(SECRET_KEY_FILE=str(file)) == (GOOD_KEY, [])

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (None, "is {path!r}, but that file does not exist."),
            (b"", "is {path!r}, but that file is empty."),
            (b" \n", "is {path!r}, but that file is empty."),
            (b"\xff\xfe\x00", "is {path!r}, but that file cannot be read (it is not text in UTF-8)."),
            (
                b"hunter2",
                ": the value in the file must be at least 50 random characters that nobody else knows.",
            ),
        ],
    )
    def test_a_file_that_is_no_use_is_named_and_its_content_is_not(
        self, tmp_path: Path, content: bytes | None, problem: str
    ) -> None:
        file = tmp_path / "secret_key"
        if content is not None:
            file.write_bytes(content)

        value, problems = self.read(SECRET_KEY_FILE=str(file))

        start = "The environment variable SECRET_KEY_FILE" + ("" if problem.startswith(":") else " ")
        assert (value, problems) == ("", [start + problem.format(path=str(file))])

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        assert self.read(SECRET_KEY_FILE=str(tmp_path))[1] == [
            f"The environment variable SECRET_KEY_FILE is {str(tmp_path)!r}, "
            "but that file cannot be read (Is a directory)."
        ]

    def test_nobody_has_to_guess_which_of_two_holds(self, tmp_path: Path) -> None:
        file = tmp_path / "secret_key"
        file.write_text(GOOD_KEY)

        assert self.read(SECRET_KEY=GOOD_KEY, SECRET_KEY_FILE=str(file)) == (
            "",
            [
                "The environment variables SECRET_KEY and SECRET_KEY_FILE are both set; "
                "only one of them may be."
            ],
        )

    def test_what_is_no_secret_is_read_from_no_file(self, tmp_path: Path) -> None:
        env = Environment({"DEBUG_FILE": str(tmp_path / "none")})

        assert env.read("DEBUG", environment.boolean, default=False) is False
        assert env.problems == []


def test_a_password_keeps_its_signs() -> None:
    config = environment.postgresql_or_sqlite("postgresql://kl:p%40s%2Fs$w%25rd@db.kl.dk:5433/meetings")

    assert config == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "meetings",
        "USER": "kl",
        "PASSWORD": "p@s/s$w%rd",
        "HOST": "db.kl.dk",
        "PORT": 5433,
    }


@pytest.mark.parametrize(
    ("url", "name"),
    [("sqlite:///var/kl.sqlite3", "var/kl.sqlite3"), ("sqlite:////srv/kl.sqlite3", "/srv/kl.sqlite3")],
)
def test_a_sqlite_file_is_relative_or_absolute(url: str, name: str) -> None:
    assert environment.postgresql_or_sqlite(url)["NAME"] == name


@pytest.mark.parametrize(
    ("url", "tls", "ssl", "port"),
    [
        ("smtp://kl:p%40ss@smtp.kl.dk:25", False, False, 25),
        ("smtp+tls://kl:p%40ss@smtp.kl.dk:587", True, False, 587),
        ("smtp+ssl://kl:p%40ss@smtp.kl.dk:465", False, True, 465),
    ],
)
def test_a_mail_server_is_reached_as_its_url_says(url: str, tls: bool, ssl: bool, port: int) -> None:
    config = environment.mail_server(url)

    assert config["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (config["EMAIL_HOST"], config["EMAIL_PORT"]) == ("smtp.kl.dk", port)
    assert (config["EMAIL_HOST_USER"], config["EMAIL_HOST_PASSWORD"]) == ("kl", "p@ss")
    assert (config.get("EMAIL_USE_TLS", False), config.get("EMAIL_USE_SSL", False)) == (tls, ssl)


def test_the_example_lists_what_the_settings_read_and_nothing_else() -> None:
    example = (settings.BASE_DIR / ".env.example").read_text()
    source = Path(settings.BASE_DIR / "kl_meetings" / "settings.py").read_text()

    listed = re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)
    read = set(re.findall(r'env\.read\(\s*"([A-Z_]+)"', source))

    secrets = set(re.findall(r'env\.read\(\s*"([A-Z_]+)"[^\n]*secret=True', source))
    assert sorted(listed) == sorted(read)
    assert read | {f"{name}_FILE" for name in secrets} == set(VARIABLES)


def test_an_issuer_needs_an_id_and_a_secret_beside_it() -> None:
    env = Environment({})

    env.read("OIDC_CLIENT_ID", environment.of_issuer, default="", required=True)
    env.read("OIDC_CLIENT_SECRET", environment.of_issuer, default="", required=True, secret=True)

    assert env.problems == [
        f"The environment variable {name} is missing: it must be given where OIDC_ISSUER is."
        for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    ]
