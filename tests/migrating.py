"""A PostgreSQL database as the first migrations made it, full of participants, and migrated while in use."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from tests.kl_meetings.processes import KEY, environment, manage

# Everything of others, and of ours what there was when the first registration was stored.
BEGIN = """
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

executor = MigrationExecutor(connection)
ours = {"invitations", "kl_meetings", "registrations"}
others = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] not in ours]
executor.migrate([*others, ("invitations", "0002_addressees"), ("registrations", "0001_initial")])
"""
# What a column without a default holds that nobody asks about.
NOTHING: dict[str, object] = {
    "boolean": False,
    "bigint": 0,
    "character varying": "",
    "date": "2027-03-12",
    "integer": 0,
    "jsonb": "[]",
    "smallint": 0,
    "text": "",
    "time without time zone": "09:00",
    "timestamp with time zone": "2027-02-01T12:00:00+01:00",
}


@contextmanager
def database_of_before(*, participants: int) -> Iterator[str]:
    """Yields the URL of a database of its own with one meeting, as BEGIN makes it."""
    server = connection.settings_dict
    name = f"migrating_{uuid4().hex}"
    base = f"postgresql://{server['USER']}@{server['HOST']}:{server['PORT']}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as session:
        session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            url = f"{base}/{name}"
            _manage(url, "shell", "--command", BEGIN)
            with psycopg.connect(url) as inner:
                _fill(inner, participants)
            yield url
        finally:
            session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def migrate(url: str) -> None:
    """Run `manage.py migrate` as whoever upgrades does."""
    _manage(url, "migrate", "--no-input")


class Writer:
    """Inserts rows as the code of before does: with something in each column that must have something."""

    def __init__(self, session: psycopg.Connection[Any]) -> None:
        self.session = session
        self._columns: dict[str, dict[str, object]] = {}

    def insert(self, table: str, **values: object) -> int:
        row = self.columns(table) | values
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        )
        inserted = self.session.execute(statement, row).fetchone()
        assert inserted is not None
        return int(inserted[0])

    def columns(self, table: str) -> dict[str, object]:
        """Those that must have something, as they were when first asked for."""
        if table not in self._columns:
            rows = self.session.execute(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s "
                "AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
                [table],
            )
            self._columns[table] = {name: NOTHING.get(kind) for name, kind in rows}
        return self._columns[table]

    def register(self) -> None:
        """Three people from one municipality, at the one meeting."""
        registration = self.insert(
            "registrations_registration",
            meeting_id=self._one("invitations_meeting"),
            municipality_id=self._one("invitations_municipality"),
            submission_key=uuid4(),
            token=uuid4().hex,
        )
        for position in range(3):
            self.insert(
                "registrations_participant",
                registration_id=registration,
                session_id=self._one("invitations_session"),
                position=position,
                name=f"Deltager {position}",
                email=f"{uuid4().hex}@herning.example",
                token=uuid4().hex,
            )

    def _one(self, table: str) -> int:
        row = self.session.execute(
            sql.SQL("SELECT id FROM {} LIMIT 1").format(sql.Identifier(table))
        ).fetchone()
        assert row is not None
        return int(row[0])


class Registering:
    """Somebody who registers with the code of before, all the while; how long each took, and what failed."""

    def __init__(self, url: str) -> None:
        self.seconds: list[float] = []
        self.errors: list[str] = []
        self._session = psycopg.connect(url)
        self._writer = Writer(self._session)
        for table in ("registrations_registration", "registrations_participant"):
            self._writer.columns(table)
        self._session.commit()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Registering:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._session.close()

    def _run(self) -> None:
        while not self._done.is_set():
            started = time.monotonic()
            try:
                with self._session.transaction():
                    self._writer.register()
            except psycopg.Error as error:
                self.errors.append(str(error))
            self.seconds.append(time.monotonic() - started)
            self._done.wait(0.005)


def migrate_while_somebody_reads(url: str, *, at_most: float = 60) -> bool:
    """Read the participants in one transaction, as a report does, until the migration has found them in use
    twice; return whether it did within `at_most` seconds.
    """
    reader = psycopg.connect(url)
    reader.execute("SELECT count(*) FROM registrations_participant")
    patience = threading.Timer(at_most, reader.close)
    patience.start()
    with subprocess.Popen(
        [sys.executable, "-u", "manage.py", "migrate", "--no-input"],
        cwd=settings.BASE_DIR,
        env=environment(**_variables(url)),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        found = 0
        for line in process.stdout:
            found += "A table is in use." in line
            if found == 2:
                reader.close()
    patience.cancel()
    assert process.returncode == 0
    return found >= 2


def _manage(url: str, *arguments: str) -> None:
    done = manage(*arguments, **_variables(url))
    assert done.returncode == 0, done.stderr


def _variables(url: str) -> dict[str, str]:
    return {"SECRET_KEY": KEY, "DATABASE_URL": url, "DATA_DIR": str(settings.DATA_DIR)}


def _fill(session: psycopg.Connection[Any], participants: int) -> None:
    writer = Writer(session)
    meeting = writer.insert(
        "invitations_meeting",
        registration="form",
        slug="moede",
        policy_area_id=writer._one("invitations_policyarea"),
    )
    writer.insert("invitations_session", meeting_id=meeting)
    for _ in range(participants // 3):
        writer.register()
