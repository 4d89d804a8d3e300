"""An upgrade migrates first and changes the code afterwards, so the code of before must live with both."""

from __future__ import annotations

import io
from collections.abc import Iterator
from unittest import mock

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate as django_s
from django.db import OperationalError, connection
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import CharField, IntegerField

from tests.migrating import Registering, database_of_before, migrate, migrate_while_somebody_reads

# The last number of each app's migrations in which anything may happen: they were there before anybody had
# data to lose. At each release, what is the last by then.
BEFORE_THE_FIRST_RELEASE = {"invitations": 13, "kl_meetings": 1, "registrations": 9}

TAKES_AWAY = (
    operations.DeleteModel,
    operations.RemoveField,
    operations.RenameField,
    operations.RenameModel,
    operations.AlterModelTable,
)


def problems(migration: Migration) -> Iterator[str]:
    """What the code of before could not live with.

    What takes something away comes a release after the code has stopped using it, in a migration whose name
    says so.
    """
    for operation in migration.operations:
        if isinstance(operation, TAKES_AWAY) and not migration.name.endswith("_contract"):
            yield f"{operation.describe()}: only in a migration named ..._contract, a release later"
        if isinstance(operation, operations.AddField):
            field = operation.field
            if not field.null and not field.has_db_default() and not field.many_to_many:
                yield f"{operation.describe()}: needs null or db_default for the code of before"


def test_the_code_of_before_can_live_with_each_migration() -> None:
    found = [
        f"{app}.{migration.name}: {problem}"
        for (app, _name), migration in sorted(MigrationLoader(None).disk_migrations.items())
        if app in BEFORE_THE_FIRST_RELEASE and int(migration.name[:4]) > BEFORE_THE_FIRST_RELEASE[app]
        for problem in problems(migration)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("name", "operation", "count"),
    [
        ("0100_x", operations.AddField("a", "b", CharField(max_length=1, default="")), 1),
        ("0100_x", operations.AddField("a", "b", CharField(max_length=1, default="", db_default="")), 0),
        ("0100_x", operations.AddField("a", "b", IntegerField(null=True)), 0),
        ("0100_x", operations.RemoveField("a", "b"), 1),
        ("0100_x_contract", operations.RemoveField("a", "b"), 0),
        ("0100_x", operations.RenameField("a", "b", "c"), 1),
        ("0100_x", operations.DeleteModel("a"), 1),
    ],
)
def test_what_the_code_of_before_cannot_live_with_is_found(
    name: str, operation: operations.base.Operation, count: int
) -> None:
    migration = type("Migration", (Migration,), {"operations": [operation]})

    assert len(list(problems(migration(name, "invitations")))) == count


class LockNotAvailable(Exception):  # noqa: N818 (named as psycopg's)
    sqlstate = "55P03"


@pytest.mark.postgres
@pytest.mark.django_db
class TestPatience:
    @pytest.fixture
    def tries(self, monkeypatch: pytest.MonkeyPatch) -> mock.Mock:
        tries = mock.Mock()
        monkeypatch.setattr(django_s.Command, "handle", tries)
        monkeypatch.setattr("kl_meetings.management.commands.migrate.PAUSE", 0)
        return tries

    def test_a_table_in_use_is_tried_again(self, tries: mock.Mock) -> None:
        busy = OperationalError("canceling statement due to lock timeout")
        busy.__cause__ = LockNotAvailable()
        tries.side_effect = [busy, busy, None]
        said = io.StringIO()

        call_command("migrate", stdout=said)

        assert tries.call_count == 3
        assert said.getvalue().count("A table is in use.") == 2
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",)

    def test_any_other_trouble_is_not(self, tries: mock.Mock) -> None:
        tries.side_effect = OperationalError("the disk is full")

        with pytest.raises(OperationalError, match="the disk is full"):
            call_command("migrate", stdout=io.StringIO())
        assert tries.call_count == 1


@pytest.mark.faults
@pytest.mark.postgres
@pytest.mark.django_db
def test_the_code_of_before_registers_while_the_database_is_migrated_and_read() -> None:
    with database_of_before(participants=900) as url, Registering(url) as registering:
        assert migrate_while_somebody_reads(url)

    assert registering.errors == []
    assert len(registering.seconds) > 20
    # As long as a migration's patience, and not as long as the reading.
    assert max(registering.seconds) < 2


@pytest.mark.faults
@pytest.mark.postgres
@pytest.mark.django_db
def test_a_hundred_thousand_participants_are_migrated_and_nobody_waits_a_second() -> None:
    with database_of_before(participants=100_000) as url, Registering(url) as registering:
        migrate(url)

    assert registering.errors == []
    assert max(registering.seconds) < 1
