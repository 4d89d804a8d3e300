"""Whether the database is as the code expects it."""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def missing_migrations() -> int:
    """How many migrations of the code the database lacks, by one question to it."""
    return len(_known() - MigrationRecorder(connection).applied_migrations().keys())


@cache
def _known() -> frozenset[tuple[str, str]]:
    """Those in the code that this process runs; reading them takes long."""
    return frozenset(MigrationLoader(None).graph.nodes)
