from __future__ import annotations

import datetime
import threading

import pytest
import time_machine
from django.db import Error, connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from invitations.models import OutgoingEmail
from kl_meetings import health
from kl_meetings.models import Heartbeat
from kl_meetings.tasks import beat_heart
from tests.mails import make_mail


def owe(*, minutes_ago: float, **fields: object) -> None:
    mail = make_mail()
    OutgoingEmail.objects.owe([mail], at=timezone.now() - datetime.timedelta(minutes=minutes_ago))
    OutgoingEmail.objects.filter(key=mail.key).update(**fields)


def readyz(client: Client) -> tuple[int, dict[str, str]]:
    """The code, and the state as a whole and of each check."""
    response = client.get("/readyz")
    state = response.json()
    checks = {name: check["status"] for name, check in state["checks"].items()}
    return response.status_code, {"all": state["status"], **checks}


def test_a_process_lives_whatever_the_database_does(client: Client) -> None:
    # pytest-django refuses each query in a test without its mark.
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
class TestReady:
    @pytest.fixture(autouse=True)
    def heart(self, clock: time_machine.Traveller) -> None:
        beat_heart()

    def test_it_is_ready_when_all_is_well(self, client: Client) -> None:
        response = client.get("/readyz")

        assert response.status_code == 200
        assert response.json() == {
            "status": "ok",
            "checks": {
                "database": {"status": "ok"},
                "migrations": {"status": "ok", "missing": 0},
                "mail": {"status": "ok", "oldest_unsent_seconds": 0},
                "beat": {"status": "ok", "seconds_since": 0},
            },
        }

    @pytest.mark.parametrize(("minutes", "code", "status"), [(29, 200, "ok"), (31, 503, "failing")])
    def test_mail_that_no_server_takes_is_seen_after_half_an_hour(
        self, client: Client, minutes: int, code: int, status: str
    ) -> None:
        owe(minutes_ago=minutes)
        # As an outage leaves it: to be tried again in half a minute.
        OutgoingEmail.objects.update(due_at=timezone.now() + datetime.timedelta(seconds=29))

        response = client.get("/readyz")

        mail = {"status": status, "oldest_unsent_seconds": minutes * 60}
        assert (response.status_code, response.json()["checks"]["mail"]) == (code, mail)

    def test_mail_that_is_tried_again_and_again_alarms_nobody(self, client: Client) -> None:
        owe(minutes_ago=600, attempts=8, due_at=timezone.now() + datetime.timedelta(seconds=10))

        assert readyz(client)[0] == 200

    def test_a_second_try_that_nobody_makes_is_seen(self, client: Client) -> None:
        owe(minutes_ago=600, attempts=8, due_at=timezone.now() - datetime.timedelta(minutes=31))

        assert readyz(client)[1]["mail"] == "failing"

    @pytest.mark.parametrize(("seconds", "status"), [(299, "ok"), (301, "failing"), (-301, "failing")])
    def test_a_heart_that_stopped_is_seen_after_five_minutes(
        self, client: Client, clock: time_machine.Traveller, seconds: int, status: str
    ) -> None:
        clock.shift(seconds)

        assert readyz(client)[1]["beat"] == status

    def test_a_heart_that_never_beat_is_seen(self, client: Client) -> None:
        Heartbeat.objects.all().delete()

        assert readyz(client) == (
            503,
            {"all": "failing", "database": "ok", "migrations": "ok", "mail": "ok", "beat": "failing"},
        )

    def test_it_beats_on_one_row(self) -> None:
        beat_heart()

        assert list(Heartbeat.objects.values_list("pk", flat=True)) == [1]

    def test_without_its_migrations_it_asks_nothing_more(self, client: Client) -> None:
        MigrationRecorder(connection).record_unapplied("kl_meetings", "0001_heartbeat")

        assert readyz(client) == (503, {"all": "failing", "database": "ok", "migrations": "failing"})

    def test_migrations_of_newer_code_are_none_of_its_business(self, client: Client) -> None:
        MigrationRecorder(connection).record_applied("kl_meetings", "9999_to_come")

        assert readyz(client)[1]["migrations"] == "ok"

    @pytest.mark.parametrize("path", ["/healthz", "/readyz"])
    def test_whoever_asks_on_the_machine_is_sent_nowhere_else(
        self, client: Client, settings: Settings, path: str
    ) -> None:
        settings.SECURE_SSL_REDIRECT = True
        settings.ALLOWED_HOSTS = ["tilmeld.example"]
        settings.MAINTENANCE = True

        response = client.get(path, headers={"host": "10.1.2.3:8000"})

        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Content-Type"] == "application/json"
        assert not response.cookies
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405


@pytest.mark.parametrize("error", [Error("hunter2")])
def test_a_database_that_is_away_is_named_without_its_words(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Error
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(health, "_impatient", fail)

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (
        503,
        {"status": "failing", "checks": {"database": {"status": "failing"}}},
    )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_database_that_does_not_answer_is_not_waited_for(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "MILLISECONDS", 200)
    locked, done = threading.Event(), threading.Event()

    def lock() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
            locked.set()
            done.wait(20)
            cursor.execute("ROLLBACK")
        connections.close_all()

    thread = threading.Thread(target=lock)
    thread.start()
    assert locked.wait(20)
    try:
        assert readyz(client) == (503, {"all": "failing", "database": "failing"})
    finally:
        done.set()
        thread.join()
    # The next one who asks finds a connection that works, with the patience of before.
    beat_heart()
    assert readyz(client)[0] == 200
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.mark.django_db
def test_asking_takes_four_questions(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/readyz")
    patience = 2 if connection.vendor == "postgresql" else 0

    with django_assert_num_queries(4 + patience):
        client.get("/readyz")
