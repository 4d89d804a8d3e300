from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
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
        chosen = Letter.objects.select_related("meeting").order_by("meeting__slug", "date", "kind", "pk")
        if slugs:
            chosen = chosen.filter(meeting__in=[self._meeting(slug) for slug in slugs])
        try:
            wrong = self._render(chosen, output)
        except OSError as error:
            raise CommandError(
                _("Cannot write %(file)s: %(reason)s.") % {"file": error.filename, "reason": error.strerror}
            ) from error
        if wrong:
            raise CommandError("\n".join(wrong))

    def _render(self, chosen: QuerySet[Letter], output: Path) -> list[str]:
        """Write those that can be printed; return what is wrong with the others."""
        wrong = []
        output.mkdir(parents=True, exist_ok=True)
        for letter in chosen:
            try:
                version = letters.preview(letter, at=timezone.now())
            except ValidationError as error:
                wrong += [f"{letter.known_as}.pdf: {sentence}" for sentence in _sentences(error)]
                continue
            path = output / f"{letter.known_as}.pdf"
            path.write_bytes(version.pdf.data)
            self.stdout.write(str(path))
        return wrong

    def _meeting(self, slug: str) -> Meeting:
        try:
            return Meeting.objects.get(slug__iexact=slug)
        except Meeting.DoesNotExist:
            raise CommandError(_("There is no meeting “%(slug)s”.") % {"slug": slug}) from None


def _sentences(error: ValidationError) -> list[str]:
    """What is wrong, each with the field where it is, as far as it is in one."""
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    return [f"{field}: {message}" for field, messages in error.message_dict.items() for message in messages]
