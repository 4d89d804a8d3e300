from __future__ import annotations

import io
import json
import logging
import re
import smtplib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test import Client

from invitations.models import PolicyArea
from kl_meetings.log_format import JsonFormatter, LineFormatter, describe, mask

TOKEN = "kP9x_token-that-nobody-may-see-0000"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What has been written to the log as JSON so far."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Not Found: /svar/kP9x-_0/tilmeld", "Not Found: /svar/…/tilmeld"),
        ("/en/kvittering/kP9x and /deltager/x/ret", "/en/kvittering/… and /deltager/…/ret"),
        ("550 5.1.1 <anna.bøgh+kl@herning.dk>: unknown", "550 5.1.1 <…@…>: unknown"),
        ("to anna%40herning.dk, 'bo@kl.dk'", "to …@…, '…@…'"),
        ("GET /moede?email=x&navn=Anna%20B failed", "GET /moede?… failed"),
        ("Referer https://kl.dk/svar/kP9x?a=b is wrong", "Referer https://kl.dk/… is wrong"),
        ("postgresql://kl:hunter2@db/kl", "postgresql://…@db/kl"),
        ("from 192.0.2.7, [2001:db8::7] and ::1", "from …, […] and ::1"),
        ("Listening at: http://127.0.0.1:8000 (12)", "Listening at: http://127.0.0.1:8000 (12)"),
        ("at 12:34:56, Django 5.2.19, app::main", "at 12:34:56, Django 5.2.19, app::main"),
        ('violates "x"\nDETAIL:  Failing row contains (Anna).', 'violates "x"\nDETAIL: …'),
    ],
)
def test_what_names_somebody_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("Anna Berg"), "ValueError"),
        (KeyError("anna@kl.dk"), "KeyError"),
        (ValidationError("Anna Berg is registered."), "ValidationError"),
        (
            AttributeError("'NoneType' object has no attribute 'pk'"),
            "AttributeError: 'NoneType' object has no attribute 'pk'",
        ),
        (
            FileNotFoundError(2, "No such file or directory", "Anna Berg.pdf"),
            "FileNotFoundError: No such file or directory",
        ),
        (smtplib.SMTPDataError(550, b"Anna Berg is unknown"), "SMTPDataError: 550"),
        (smtplib.SMTPRecipientsRefused({"a@kl.dk": (451, b"Anna Berg")}), "SMTPRecipientsRefused: 451"),
        (IntegrityError('violates "x"\nDETAIL:  Key (name)=(Anna)'), 'IntegrityError: violates "x"'),
    ],
)
def test_an_exception_speaks_only_where_it_speaks_of_the_machine(error: Exception, words: str) -> None:
    assert describe(error) == words


def record(message: str, *arguments: object, error: Exception | None = None) -> logging.LogRecord:
    info = None
    if error is not None:
        try:
            raise RuntimeError("Anna Berg") from error
        except RuntimeError:
            info = sys.exc_info()
    return logging.LogRecord("kl", logging.ERROR, __file__, 1, message, arguments, info)


def test_an_exception_is_told_with_where_it_was_raised_and_what_led_to_it() -> None:
    line = json.loads(JsonFormatter().format(record("%s failed", "it", error=ValueError("anna@kl.dk"))))

    assert (line["level"], line["logger"], line["message"]) == ("ERROR", "kl", "it failed")
    told = line["exception"].splitlines()
    assert (told[0], told[2], told[-1]) == ("ValueError", "which led to", "RuntimeError")
    assert 'raise RuntimeError("Anna Berg") from error' in told[-2]


def test_words_that_repeat_the_exception_are_not_repeated() -> None:
    text = LineFormatter().format(record("Raised %s", RuntimeError("Anna Berg"), error=ValueError("x")))

    assert text.splitlines()[0].endswith(" ERROR kl: Raised RuntimeError")


@pytest.mark.django_db
class TestRequests:
    def test_a_line_tells_the_view_and_not_the_path(self, client: Client, lines: Lines) -> None:
        response = client.get(f"/svar/{TOKEN}?navn=Anna", headers={"X-Request-ID": "proxy-0123"})

        assert response.headers["X-Request-ID"] == "proxy-0123"
        (line,) = [line for line in lines() if line["logger"] == "kl_meetings.request_log"]
        assert line["message"].startswith("GET registrations:invitation 404 in ")
        assert line["request_id"] == "proxy-0123"
        assert (line["method"], line["route"], line["status"]) == ("GET", "registrations:invitation", 404)
        assert isinstance(line["milliseconds"], int)

    def test_django_tells_no_path_either(self, client: Client, lines: Lines) -> None:
        client.get(f"/svar/{TOKEN}")
        client.get("/anna%40herning.dk/Anna Berg/x?navn=Anna")

        told = {line["message"] for line in lines() if line["logger"] == "django.request"}
        assert told == {"Not Found: registrations:invitation", "Not Found: no view"}

    @pytest.mark.parametrize("given", ["", "short", "a" * 65, "anna@kl.dk", "line\tbreak-12345"])
    def test_an_id_that_is_none_is_replaced(self, client: Client, given: str) -> None:
        answers = [client.get("/healthz", headers={"X-Request-ID": given}) for _ in (1, 2)]

        ids = [answer.headers["X-Request-ID"] for answer in answers]
        assert all(len(one) == 32 for one in ids)
        assert len({given, *ids}) == 3

    def test_health_checks_that_go_well_are_not_told(self, client: Client, lines: Lines) -> None:
        client.get("/healthz")

        assert lines() == []

    def test_what_breaks_is_told_without_what_was_typed(
        self, client: Client, lines: Lines, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def break_down(token: str) -> None:
            raise ValueError("typed by " + somebody + token)

        somebody = "Anna Berg <anna@kl.dk>"
        monkeypatch.setattr("registrations.views.answers.get_invitation", break_down)
        client.raise_request_exception = False

        response = client.get(f"/svar/{TOKEN}?navn=Anna")

        assert response.status_code == 500
        told = lines()
        assert told[0]["message"] == "Internal Server Error: registrations:invitation"
        assert told[0]["exception"].splitlines()[-1] == "ValueError"
        assert {line["request_id"] for line in told} == {response.headers["X-Request-ID"]}
        assert not re.search(rf"Anna|{TOKEN}|navn", json.dumps(told, ensure_ascii=False))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_database_s_own_words_about_a_row_stay_out(lines: Lines) -> None:
    name = "Anna Bergs område"
    PolicyArea.objects.create(name=name)

    try:
        PolicyArea.objects.create(name=name)
    except IntegrityError:
        logging.getLogger("kl").exception("It could not be stored")
    finally:
        connection.close()

    (line,) = lines()
    assert "IntegrityError: " in line["exception"]
    assert "Anna" not in json.dumps(line, ensure_ascii=False)
