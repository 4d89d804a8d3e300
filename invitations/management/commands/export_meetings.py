from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from invitations.meeting_file import enclosed_files, export_meetings
from invitations.models import Meeting


class Command(BaseCommand):
    help = "Write meetings and their letters as a meeting file, to standard output or to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="+", metavar="SLUG")
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="where to write it; enclosed PDFs go beside it"
        )

    def handle(self, *args: Any, slugs: list[str], output: Path | None, **options: Any) -> None:
        meetings = list(dict.fromkeys(self._meeting(slug) for slug in slugs))
        files = enclosed_files(meetings)
        if files and output is None:
            raise CommandError(
                _("The letters enclose PDFs. Name a file with --output; the PDFs are written beside it.")
            )
        text = export_meetings(meetings)
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8")
            for name, content in files.items():
                (output.parent / name).write_bytes(content)
        except OSError as error:
            raise CommandError(
                _("Cannot write %(file)s: %(reason)s.") % {"file": error.filename, "reason": error.strerror}
            ) from error

    def _meeting(self, slug: str) -> Meeting:
        try:
            return Meeting.objects.get(slug__iexact=slug)
        except Meeting.DoesNotExist:
            raise CommandError(_("There is no meeting “%(slug)s”.") % {"slug": slug}) from None
