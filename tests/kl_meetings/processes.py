"""Running this project's own programs from tests, in an environment that is wholly the test's."""

from __future__ import annotations

import os
import subprocess
import sys

from django.conf import settings

from tests.servers_plugin import VARIABLES

KEY = "a key for the tests of commands, known to everybody, guarding nothing"


def environment(**variables: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    del inherited["DJANGO_SETTINGS_MODULE"]
    return inherited | variables


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these environment variables and no others of ours."""
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        cwd=settings.BASE_DIR,
        text=True,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=120,
    )


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run("manage.py", *arguments, **variables)
