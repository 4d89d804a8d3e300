"""Real Celery workers, each with its own beat, on the database of the tests."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count as counted
from pathlib import Path

from django.db import connection, connections
from django.utils import timezone

from invitations.mail import deliver_due
from invitations.models import OutgoingEmail
from tests.faults import bent
from tests.mails import make_mail

THREADS = 4


class Worker:
    """A worker that a test may kill. It and its beat are one process group."""

    _numbers = counted(1)

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment = {**os.environ, **environment}
        self._folder = folder
        self._stopped = folder / "stopped"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **bends: str) -> None:
        """Start it; `bends` are what `bent.bend` reads of the environment."""
        self._stopped.unlink(missing_ok=True)
        options = ["--beat", "--pool=threads", f"--concurrency={THREADS}", "--loglevel=ERROR"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        # As on hosts of their own.
        place = [f"--hostname=host{next(self._numbers)}", f"--schedule={self._folder / 'beat'}"]
        celery = ["-A", "kl_meetings", "worker", *options, *quiet, *place]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.bent", *celery],
                env={**self._environment, "STOPPED": str(self._stopped), **bends},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def has_stopped(self) -> bool:
        """Whether it has come to the step at which it was to stop."""
        return self._stopped.exists()

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """At once, in the middle of whatever it is doing (SIGKILL)."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def stopped_delivery(step: str) -> Iterator[None]:
    """A process that delivers what is owed until it comes to `step` of a mail; it is killed in the end.

    Raises TimeoutError where it does not come there.
    """
    # Forked, since starting Python and Django anew takes seconds; no connection may be shared with it.
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    stopped = fork.Event()

    def deliver() -> None:
        bent.stop_at(step, tell=stopped.set)
        deliver_due(at=timezone.now())

    process = fork.Process(target=deliver)
    process.start()
    try:
        if not stopped.wait(60):
            raise TimeoutError
        yield
    finally:
        process.kill()
        process.join()


@contextmanager
def idle_workers(count: int, *, email_url: str, redis_url: str = "") -> Iterator[list[Worker]]:
    """Workers that are to be started; without Redis they share the broker that needs no server."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = {
            "DATA_DIR": folder,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "kl_meetings.settings",
            "EMAIL_URL": email_url,
            "REDIS_URL": redis_url,
        }
        workers = []
        for number in range(count):
            own = Path(folder) / str(number)
            own.mkdir()
            workers.append(Worker(environment, own))
        try:
            yield workers
        finally:
            for worker in workers:
                worker.kill()


@contextmanager
def workers(count: int, *, email_url: str, redis_url: str = "") -> Iterator[list[Worker]]:
    """Workers that run until the end."""
    with idle_workers(count, email_url=email_url, redis_url=redis_url) as running:
        for worker in running:
            worker.start()
        yield running


def wait_for(condition: Callable[[], bool], *, seconds: float) -> None:
    """Return as soon as the condition holds. Raises TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)


def owe(count: int) -> set[str]:
    """Owe so many mails; return whom to."""
    mails = [make_mail() for _ in range(count)]
    assert OutgoingEmail.objects.owe(mails, at=timezone.now()) == count
    return {mail.to for mail in mails}


def pretend_that_leases_have_run_out() -> None:
    OutgoingEmail.objects.filter(state=OutgoingEmail.State.SENDING).update(due_at=timezone.now())


def database_url() -> str:
    """Of the database that the tests run on."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return f"postgresql://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
