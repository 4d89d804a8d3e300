from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations.meeting_file import MeetingFileError, import_meetings


class Command(BaseCommand):
    help = "Bring in meetings and letters from meeting files; a file that is wrong is refused whole."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        try:
            summary = import_meetings(files)
        except MeetingFileError as error:
            count = len(error.problems)
            sentence = ngettext(
                "%(count)s error. Nothing has been imported.",
                "%(count)s errors. Nothing has been imported.",
                count,
            )
            raise CommandError(f"{error}\n{sentence % {'count': count}}") from error
        for word, names in (
            (_("new"), summary.created),
            (_("changed"), summary.updated),
            (_("unchanged"), summary.unchanged),
        ):
            for name in names:
                self.stdout.write(f"{word}: {name}")
