"""Everything that the site knows, in one file and back: files and letters lie in the database as well.

A backup is a tar with the database, as the database's own program writes it, and `manifest.json`, which says
what it is and has its checksum. It is made while the site runs: both databases give the state of one moment.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import tomllib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"


class BackupError(Exception):
    """Why there is no backup, or why nothing was restored, as a sentence."""


@dataclass(frozen=True)
class Manifest:
    format: int
    version: str
    made_at: str
    database: str
    migrations: list[str]
    size: int
    sha256: str


def write_backup(path: Path, *, at: datetime) -> Manifest:
    """Write the backup to `path`, which only this user may read and which appears whole or not at all.

    Args:
        at: now, aware.

    Raises BackupError where the file exists or cannot be written, or the database cannot be read.
    """
    if path.exists():
        raise BackupError(f"{path} exists. A backup overwrites nothing.")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder:
            dump = Path(folder, DATABASE)
            _dump(dump)
            manifest = _manifest(dump, at)
            unfinished = Path(folder, "backup.tar")
            with (
                os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
                tarfile.open(fileobj=file, mode="w") as archive,
            ):
                description = Path(folder, MANIFEST)
                description.write_text(json.dumps(asdict(manifest), indent=2))
                archive.add(description, MANIFEST)
                archive.add(dump, DATABASE)
            with unfinished.open("rb") as written:
                os.fsync(written.fileno())
            unfinished.rename(path)
    except OSError as error:
        raise BackupError(f"{path} could not be written: {error.strerror}.") from error
    return manifest


def restore_backup(path: Path, *, replace: bool) -> Manifest:
    """Put the backup into the database, all of it or nothing.

    Args:
        replace: whether what is in the database may give way.

    Raises BackupError, with nothing changed, where the file is no whole backup, is one of another kind of
    database or of newer code, or where the database has something in it and may not be replaced.
    """
    if connection.introspection.table_names() and not replace:
        raise BackupError(
            "The database is not empty. With --replace, the backup takes the place of all in it."
        )
    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
    # The folder is this user's alone, and where there is room for a database.
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_DIR) as folder:
        dump = Path(folder, DATABASE)
        manifest = _unpack(path, dump)
        if manifest.database != connection.vendor:
            raise BackupError(
                f"{path} is of {manifest.database}, and the database here is {connection.vendor}."
            )
        known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or ()}
        if newer := sorted(set(manifest.migrations) - known):
            raise BackupError(f"{path} is of newer code: this one does not know {', '.join(newer)}.")
        _load(dump)
    connection.close()
    return manifest


def _manifest(dump: Path, at: datetime) -> Manifest:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    return Manifest(
        format=FORMAT,
        version=project["version"],
        made_at=at.astimezone(UTC).isoformat(timespec="seconds"),
        database=connection.vendor,
        migrations=sorted(
            f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
        ),
        size=dump.stat().st_size,
        sha256=_sha256(dump),
    )


def _unpack(path: Path, dump: Path) -> Manifest:
    try:
        with tarfile.open(path) as archive:
            manifest = Manifest(**json.loads(_member(archive, MANIFEST).read()))
            with _member(archive, DATABASE) as packed, dump.open("wb") as file:
                shutil.copyfileobj(packed, file)
    except (KeyError, TypeError, ValueError, tarfile.TarError, EOFError):
        raise BackupError(f"{path} is no backup, or only a part of one.") from None
    except OSError as error:
        raise BackupError(f"{path} could not be read: {error.strerror or 'it is damaged'}.") from error
    if manifest.format != FORMAT:
        raise BackupError(f"{path} has the format {manifest.format}; this code reads {FORMAT}.")
    if (dump.stat().st_size, _sha256(dump)) != (manifest.size, manifest.sha256):
        raise BackupError(f"{path} is damaged: its checksum is wrong.")
    return manifest


def _member(archive: tarfile.TarFile, name: str) -> tarfile.ExFileObject:
    file = archive.extractfile(name)
    if not isinstance(file, tarfile.ExFileObject):
        raise tarfile.TarError(f"{name} is no file")
    return file


def _dump(dump: Path) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            copy = sqlite3.connect(dump)
            try:
                # In one step, which keeps nobody from writing.
                cursor.connection.backup(copy)
            finally:
                copy.close()
        return
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")


def _load(dump: Path) -> None:
    if connection.vendor == "sqlite":
        source = sqlite3.connect(dump)
        try:
            if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupError("The database in the backup is damaged.")
            with connection.cursor() as cursor:
                # SQLite does it in one transaction, with whoever else has the file open.
                source.backup(cursor.connection)
        finally:
            source.close()
        return
    statements = dump.with_suffix(".sql")
    _run("pg_restore", "--no-owner", "--no-privileges", f"--file={statements}", str(dump), connects=False)
    tables = ", ".join(connection.ops.quote_name(table) for table in connection.introspection.table_names())
    clearing = dump.with_suffix(".clearing.sql")
    # Who is in the middle of something is waited for, but not for ever.
    clearing.write_text("SET lock_timeout = '30s';\n" + (f"DROP TABLE {tables} CASCADE;\n" if tables else ""))
    connection.close()
    _run(
        "psql",
        *("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"),
        *(f"--file={clearing}", f"--file={statements}"),
    )


def _run(program: str, *options: str, connects: bool = True) -> None:
    """Run a program of PostgreSQL on the database. Raises BackupError with its own words where it fails."""
    client = connection.client
    # Django's own way to begin psql; the password goes through the environment, where `ps` does not show it.
    (_psql, *place, name), environment = client.settings_to_cmd_args_env(connection.settings_dict, [])
    target = [*place, f"--dbname={name}"] if connects else []
    try:
        subprocess.run(  # noqa: S603 (our own words, without a shell)
            [program, *target, *options],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=True,
        )
    except FileNotFoundError:
        raise BackupError(f"{program} is missing; on Debian: apt-get install postgresql-client") from None
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{program} failed: {error.stderr.strip()}") from None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
