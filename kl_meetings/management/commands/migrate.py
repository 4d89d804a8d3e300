from __future__ import annotations

import time
from typing import Any

from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# Milliseconds that a migration waits for a table that is in use. Whoever comes after it waits as long.
PATIENCE = 500
# Seconds between two tries, and how many there are: a backup or a long report may take minutes.
PAUSE = 2
TRIES = 300

LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's appendix A
# Any number that nobody else locks in this database.
ONE_AT_A_TIME = 7_302_661


class Command(migrate.Command):
    """Django's own, which on PostgreSQL keeps nobody waiting for long.

    A change of a table queues behind whoever is using it, and everybody else queues behind the change. So it
    gives up soon and tries again; what has been migrated until then stays so. Two that are started at once,
    as on two hosts, go one after the other.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        _execute(connection, f"SELECT pg_advisory_lock({ONE_AT_A_TIME})")
        _execute(connection, f"SET lock_timeout = {PATIENCE}")
        try:
            self._try_again_and_again(*args, **options)
        finally:
            _execute(connection, "RESET lock_timeout")
            _execute(connection, f"SELECT pg_advisory_unlock({ONE_AT_A_TIME})")

    def _try_again_and_again(self, *args: Any, **options: Any) -> None:
        for tries_left in reversed(range(TRIES)):
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if not tries_left or getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                    raise
                self.stdout.write("\n  A table is in use. Once more in a moment.")
                time.sleep(PAUSE)
            else:
                return


def _execute(connection: BaseDatabaseWrapper, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
