"""Real Celery workers, each with its own beat, on the database of the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

THREADS = 4


class Worker:
    """A worker that a test may kill. It and its beat are one process group."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment = {**os.environ, **environment}
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--beat", "--pool=threads", f"--concurrency={THREADS}", "--loglevel=ERROR"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        worker = [sys.executable, "-m", "celery", "-A", "kl_meetings", "worker", *options, *quiet]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*worker, f"--schedule={self._folder / 'beat'}"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """At once, in the middle of whatever it is doing (SIGKILL)."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def workers(count: int, *, email_url: str, redis_url: str = "") -> Iterator[list[Worker]]:
    """Workers that run until the end; without Redis they share the broker that needs no server."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = {
            "DATA_DIR": folder,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "kl_meetings.settings",
            "EMAIL_URL": email_url,
            "REDIS_URL": redis_url,
        }
        running = []
        for number in range(count):
            own = Path(folder) / str(number)
            own.mkdir()
            running.append(Worker(environment, own))
        try:
            for worker in running:
                worker.start()
            yield running
        finally:
            for worker in running:
                worker.kill()


def wait_for(condition: Callable[[], bool], *, seconds: float) -> None:
    """Return as soon as the condition holds. Raises TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)


def database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return f"postgresql://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
