from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from registrations.demo import DemoRefusedError, load_demo


class Command(BaseCommand):
    help = "Load made-up meetings, offices and answers that lie around today; once is enough."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_demo(at=timezone.now())
        except DemoRefusedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("The demo has been loaded.") if loaded else _("The demo is here already."))
