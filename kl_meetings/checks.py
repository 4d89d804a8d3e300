"""What must be right before anything runs, each as a sentence in `manage.py check`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured


def check_environment(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """One error for each environment variable that could not be used."""
    return [
        Error(problem, hint=".env.example lists every variable.", id="kl_meetings.E001")
        for problem in settings.ENVIRONMENT_PROBLEMS
    ]


def check_data_folder(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """An error where the folder for database, queue, mails and files can be neither written nor created."""
    folder = Path(settings.DATA_DIR)
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"The environment variable DATA_DIR is {str(folder)!r}, but {str(existing)!r} is not a folder "
            "that this user may write to. It must be one, or one that this user may create.",
            id="kl_meetings.E002",
        )
    ]


def check_font_subsetting(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """A warning where WeasyPrint would silently subset fonts in Python: that takes 3.5 times as long."""
    from weasyprint.pdf import fonts  # takes half a second, which a process without letters can do without

    if fonts.harfbuzz_subset:
        return []
    return [
        Warning(
            "The library harfbuzz-subset is missing, so each letter takes several times as long to render.",
            hint="On Debian: apt-get install libharfbuzz-subset0",
            id="kl_meetings.W001",
        )
    ]


def refuse_wrong_environment() -> None:
    """Stop a process that runs no system checks.

    Raises ImproperlyConfigured with all the sentences of `check_environment`.
    """
    if settings.ENVIRONMENT_PROBLEMS:
        raise ImproperlyConfigured("\n".join(settings.ENVIRONMENT_PROBLEMS))
