from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from invitations.danish import capitalise
from registrations.erasing import count_what_is_due, erase_what_is_due


class Command(BaseCommand):
    help = "Erase who took part in meetings that ended 12 months ago, as the schedule does every hour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count what would be erased")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        at = timezone.now()
        counts = count_what_is_due(at=at) if dry_run else erase_what_is_due(at=at)
        for model, count in counts.items():
            self.stdout.write(f"{capitalise(str(model._meta.verbose_name_plural))}: {count}")
        if not counts:
            self.stdout.write(_("Nothing is to be erased."))
        elif dry_run:
            self.stdout.write(_("Nothing has been erased: this was a dry run."))
