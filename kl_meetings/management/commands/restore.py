from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kl_meetings.backups import BackupError, restore_backup
from kl_meetings.missing_migrations import missing_migrations


class Command(BaseCommand):
    help = "Put a backup into the database: all of it, or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="as `backup` wrote it")
        parser.add_argument(
            "--replace", action="store_true", help="even if the database has something in it, which is lost"
        )

    def handle(self, *, file: Path, replace: bool, **options: Any) -> None:
        try:
            manifest = restore_backup(file, replace=replace)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored {file}, made at {manifest.made_at} by version {manifest.version}.")
        if missing := missing_migrations():
            self.stdout.write(f"It is of older code. {missing} migrations are missing: manage.py migrate")
