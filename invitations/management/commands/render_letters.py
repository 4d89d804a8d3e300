from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from invitations import letters
from invitations.models import Letter, Meeting


class Command(BaseCommand):
    help = "Write letters as PDF, one file each: <meeting slug>-<kind>-<date>.pdf."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "slugs", nargs="*", metavar="SLUG", help="only the letters of these meetings; without it all"
        )
        parser.add_argument("--output", type=Path, required=True, metavar="DIR")

    def handle(self, *args: Any, slugs: list[str], output: Path, **options: Any) -> None:
        chosen = Letter.objects.select_related("meeting").order_by("meeting__slug", "date", "kind")
        if slugs:
            chosen = chosen.filter(meeting__in=[self._meeting(slug) for slug in slugs])
        output.mkdir(parents=True, exist_ok=True)
        wrong = []
        for letter in chosen:
            try:
                version = letters.preview(letter, at=timezone.now())
            except ValidationError as error:
                wrong += [f"{letter.filename}: {message}" for message in error.messages]
                continue
            path = output / letter.filename
            path.write_bytes(version.pdf.data)
            self.stdout.write(str(path))
        if wrong:
            raise CommandError("\n".join(wrong))

    def _meeting(self, slug: str) -> Meeting:
        try:
            return Meeting.objects.get(slug__iexact=slug)
        except Meeting.DoesNotExist:
            raise CommandError(_("There is no meeting “%(slug)s”.") % {"slug": slug}) from None
