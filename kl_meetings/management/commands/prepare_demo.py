"""`manage.py prepare_demo`: what `make demo` needs before it starts the site. Twice is as good as once."""

from __future__ import annotations

import fcntl
import hashlib
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from invitations.models import Meeting


class Command(BaseCommand):
    help = (
        "Bring the database up to date, fill it with demo data if it holds no meeting, see to it that "
        "the login has the password in DEMO_PASSWORD, and collect the static files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--login", required=True)

    def handle(self, *, login: str, **options: Any) -> None:
        self.stdout.write("Preparing the database ...")
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        if not Meeting.objects.exists():
            self.stdout.write("Loading the demo data ...")
            call_command("load_demo", stdout=StringIO())
        create_login(login, os.environ["DEMO_PASSWORD"])
        with alone_in(Path(settings.STATIC_ROOT)) as collected:
            note = collected / "collected-from.txt"
            if static_files() != (note.read_text() if note.exists() else ""):
                self.stdout.write("Collecting the static files ...")
                call_command("collectstatic", interactive=False, verbosity=0)
                note.write_text(static_files())


def create_login(login: str, password: str) -> None:
    """Create the demo's member of staff, or give it back the password that is about to be printed."""
    users = get_user_model().objects
    user = users.filter(username=login).first()
    if user is None:
        users.create_superuser(login, email="kl@example.com", password=password)
    elif not user.check_password(password):
        user.set_password(password)
        user.save()


@contextmanager
def alone_in(folder: Path) -> Iterator[Path]:
    """Make the folder and wait until no other demo is busy in it: several may share what they serve."""
    folder.mkdir(exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(descriptor)


def static_files() -> str:
    """A digest that changes when a static file does, since collecting them takes seconds."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns=[]):
            stat = os.stat(storage.path(path))
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
