"""`manage.py demo`: the whole site with made-up meetings, for a look around on one's own machine."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from invitations.models import Meeting
from kl_meetings.processes import Together, end_with_parent

LOGIN = "kl"
PORTS_TO_TRY = 100

# The demo never touches anybody's database, queue or mail server, whatever the environment names.
LEFT_OUT = ("ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "EMAIL_URL", "REDIS_URL", "SECURE_PROXY_SSL_HEADER")


class Command(BaseCommand):
    help = (
        "Start the site with demo data: web server, worker and scheduler, until Ctrl-C. "
        "All that it writes lies in DATA_DIR; a second start keeps it."
    )
    # The command makes the environment that they check, and then calls them itself.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port", type=int, default=8000, help="use this port, or the first free one above it"
        )
        parser.add_argument(
            "--stop-with-parent",
            action="store_true",
            help="stop when the process that started this one is killed",
        )

    def handle(self, *, port: int, stop_with_parent: bool, **options: Any) -> None:
        if stop_with_parent:
            end_with_parent(os.getppid())()
        folder = Path(settings.DATA_DIR)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"The folder {folder} cannot be created: {error.strerror}.") from error

        with only_one(folder / "demo.lock") as lock:
            port = first_free_port(port)
            restart_in(demo_environment(folder, port))
            lock.write_text(f"process {os.getpid()}, {settings.PUBLIC_URL}")
            self.check()
            self.prepare(folder)
            self.run(folder, port)

    def prepare(self, folder: Path) -> None:
        self.stdout.write("Preparing the database ...")
        call_command("migrate", interactive=False, verbosity=0)
        if not Meeting.objects.exists():
            self.stdout.write("Loading the demo data ...")
            call_command("load_demo", stdout=StringIO())
        create_login(kept_secret(folder / "demo-password", length=9))
        with alone_in(Path(settings.STATIC_ROOT)) as collected:
            note = collected / "collected-from.txt"
            if static_files() != (note.read_text() if note.exists() else ""):
                self.stdout.write("Collecting the static files ...")
                call_command("collectstatic", interactive=False, verbosity=0)
                note.write_text(static_files())

    def run(self, folder: Path, port: int) -> None:
        with Together(programs(port)) as together:
            if together.wait_until(lambda: answers(port)):
                self.stdout.write(self.announcement(folder))
                self.stdout.flush()
            together.wait_until(lambda: False)
            ended = together.ended()
        if ended:
            raise CommandError(f"Stopped, because the {' and the '.join(ended)} ended. Why stands above.")
        self.stdout.write("Stopped. The data are kept for the next start.")

    def announcement(self, folder: Path) -> str:
        password = kept_secret(folder / "demo-password", length=9)
        user = get_user_model().objects.get(username=LOGIN)
        shown = password if user.check_password(password) else "the one that you have chosen in the admin"
        return "\n".join(
            (
                "",
                f"  Meetings   {settings.PUBLIC_URL}/",
                f"  Admin      {settings.PUBLIC_URL}/admin/",
                f"  Login      {LOGIN}",
                f"  Password   {shown}",
                f"  Mails      {settings.EMAIL_FILE_PATH}",
                "",
                "Ctrl-C stops everything.",
            )
        )


@contextmanager
def only_one(path: Path) -> Iterator[Path]:
    """Hold the lock file while the demo runs. Raises CommandError if another demo holds it."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CommandError(
                f"A demo on the folder {path.parent} is running already ({file.read()}). Stop it first."
            ) from None
        yield path


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


def first_free_port(port: int) -> int:
    """The first port from `port` on that is free on the loopback. Raises CommandError if none is."""
    for candidate in range(port, min(port + PORTS_TO_TRY, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return candidate
    raise CommandError(f"No port from {port} on can be used. Choose another one, as in: make demo PORT=8010")


def demo_environment(folder: Path, port: int) -> dict[str, str]:
    """The variables of `.env.example` as the demo wants them."""
    return {
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "WARNING",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": kept_secret(folder / "secret-key", length=48),
    }


def restart_in(environment: dict[str, str]) -> None:
    """Start this command anew, once, where the environment that its settings were read from differs."""
    if any(os.environ.get(name) != value for name, value in environment.items()) or any(
        name in os.environ for name in LEFT_OUT
    ):
        inherited = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
        os.execve(sys.executable, [sys.executable, *sys.argv], inherited | environment)


def kept_secret(path: Path, *, length: int) -> str:
    """The secret in the file, at first made of `length` random bytes; only this user can read it."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(length))
    return path.read_text()


def create_login(password: str) -> None:
    """Create the demo's member of staff, unless there already is one: then even a changed password stays."""
    users = get_user_model().objects
    if not users.filter(username=LOGIN).exists():
        users.create_superuser(LOGIN, email="kl@example.com", password=password)


def static_files() -> str:
    """A digest that changes when a static file does, since collecting them takes seconds."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns=[]):
            stat = os.stat(storage.path(path))
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def programs(port: int) -> dict[str, list[str]]:
    """What runs, by the name under which its end is reported."""
    python = [sys.executable, "-m"]
    # Celery advises against root, and rightly so for a server; here it would only startle.
    hushed = [sys.executable, "-W", "ignore:You're running the worker with superuser", "-m"]
    celery = [*hushed, "celery", "--quiet", "--app", "kl_meetings"]
    quiet = [
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]  # there is only one worker to talk to
    return {
        "web server": [
            *python,
            *("gunicorn", "kl_meetings.wsgi", "--bind", f"127.0.0.1:{port}"),
            *("--threads", "8", "--graceful-timeout", "3", "--no-control-socket", "--log-level", "warning"),
        ],
        "worker": [
            *celery,
            "worker",
            "--pool",
            "threads",
            "--concurrency",
            "4",
            "--loglevel",
            "WARNING",
            *quiet,
        ],
        "scheduler": [*celery, "beat", "--loglevel", "WARNING", "--pidfile="],
    }


def answers(port: int) -> bool:
    """Whether a web server answers on the port of the loopback, whatever it says."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/admin/login/")
        connection.getresponse()
    except OSError:
        return False
    finally:
        connection.close()
    return True
