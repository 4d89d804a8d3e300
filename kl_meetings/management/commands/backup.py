from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from kl_meetings.backups import BackupError, write_backup


class Command(BaseCommand):
    help = "Write everything that the site knows to one file, while it runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="must not exist")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            manifest = write_backup(file, at=timezone.now())
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{file}: {manifest.size:,} bytes of {manifest.database}, SHA-256 {manifest.sha256}"
        )
