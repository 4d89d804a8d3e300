from __future__ import annotations

from django.apps import AppConfig, apps
from django.core.checks import register
from django.db.models.signals import post_migrate


class KLMeetingsConfig(AppConfig):
    """The wiring. It is an app for the sake of its system checks, its commands and the heartbeat of beat."""

    name = "kl_meetings"
    verbose_name = "KL meetings"

    def ready(self) -> None:
        from kl_meetings import checks, roles

        register(checks.check_environment)
        register(checks.check_data_folder)
        register(checks.check_font_subsetting)
        # Permissions exist only after migrating, so no migration can give them to a group.
        post_migrate.connect(roles.after_migration, sender=apps.get_app_config("invitations"))
