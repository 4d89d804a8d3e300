from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register


class KLMeetingsConfig(AppConfig):
    """The wiring. It is an app for the sake of its system checks and the command `demo`; it has no models."""

    name = "kl_meetings"
    verbose_name = "KL meetings"

    def ready(self) -> None:
        from kl_meetings import checks

        register(checks.check_environment)
        register(checks.check_data_folder)
        register(checks.check_font_subsetting)
