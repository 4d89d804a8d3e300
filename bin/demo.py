"""`make demo`: the whole site with made-up meetings, for a look around on one's own machine.

Everything that it writes lies in DATA_DIR, by default var/, and a second start keeps it. It never touches
anybody's database, queue or mail server, whatever the environment names.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from bin.processes import Together, end_with_parent

PROJECT = Path(__file__).resolve().parent.parent
PORTS_TO_TRY = 100
LOGIN = "kl"
LEFT_OUT = (
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "DATABASE_URL_FILE",
    "DEBUG",
    "EMAIL_URL",
    "EMAIL_URL_FILE",
    "LOG_FORMAT",
    "REDIS_URL",
    "REDIS_URL_FILE",
    "SECRET_KEY_FALLBACKS",
    "SECRET_KEY_FALLBACKS_FILE",
    "SECRET_KEY_FILE",
    "SECURE_PROXY_SSL_HEADER",
)


class NoDemoError(Exception):
    """Why there cannot be a demo, as a sentence."""


def main(arguments: list[str]) -> None:
    parser = ArgumentParser(prog="make demo")
    parser.add_argument("--port", type=int, default=8000, help="this one, or the first free one above it")
    parser.add_argument(
        "--stop-with-parent", action="store_true", help="stop when the parent process is killed"
    )
    options = parser.parse_args(arguments)
    if options.stop_with_parent:
        end_with_parent(os.getppid())()

    folder = PROJECT / os.environ.get("DATA_DIR", "var")
    try:
        with only_one(folder) as lock:
            port = first_free_port(options.port)
            lock.write_text(f"process {os.getpid()}, {address(port)}")
            run(folder, port)
    except NoDemoError as error:
        sys.exit(str(error))


def run(folder: Path, port: int) -> None:
    """Run the demo until it is asked to stop. Raises NoDemoError if it stops for another reason."""
    environment = demo_environment(folder, port)
    commands = programs(port)
    with Together(environment) as together:
        together.start("preparation", [sys.executable, "manage.py", "prepare_demo", "--login", LOGIN])
        together.wait()
        if together.exit_code("preparation") is None:
            return
        if together.exit_code("preparation") != 0:
            raise NoDemoError("The demo could not be prepared. Why stands above.")

    with Together(environment) as together:
        together.start("web server", commands["web server"])
        together.start("worker", commands["worker"])
        if together.wait_until(lambda: answers(port)):
            print(announcement(folder, port, environment["DEMO_PASSWORD"]), flush=True)
            # Not before, since on a small machine it would delay the pages.
            together.start("scheduler", commands["scheduler"])
            together.wait()
        ended = together.ended()
    if ended:
        raise NoDemoError(f"Stopped, because the {' and the '.join(ended)} ended. Why stands above.")
    print("Stopped. The data are kept for the next start.", flush=True)


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
            *("--workers", "1", "--threads", "8"),
            *("--graceful-timeout", "3", "--no-control-socket", "--log-level", "warning"),
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


def demo_environment(folder: Path, port: int) -> dict[str, str]:
    """The variables of `.env.example` as the demo wants them, and the password of its login."""
    inherited = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return inherited | {
        "DATA_DIR": str(folder),
        "DEMO_PASSWORD": kept_secret(folder / "demo-password", length=9),
        "LOG_LEVEL": "WARNING",
        "PUBLIC_URL": address(port),
        "SECRET_KEY": kept_secret(folder / "secret-key", length=48),
    }


def announcement(folder: Path, port: int, password: str) -> str:
    return f"""
  Meetings   {address(port)}/
  Admin      {address(port)}/admin/
  Login      {LOGIN}
  Password   {password}
  Mails      {folder / "mail"}

Ctrl-C stops everything."""


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


@contextmanager
def only_one(folder: Path) -> Iterator[Path]:
    """Hold the folder's lock file while the demo runs. Raises NoDemoError if another does, or none can."""
    path = folder / "demo.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise NoDemoError(f"The folder {folder} cannot be written to: {error.strerror}.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise NoDemoError(
                f"A demo on the folder {folder} is running already ({file.read()}). Stop it first."
            ) from None
        yield path


def first_free_port(port: int) -> int:
    """The first port from `port` on that is free on the loopback. Raises NoDemoError if none is."""
    for candidate in range(port, min(port + PORTS_TO_TRY, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return candidate
    raise NoDemoError(f"No port from {port} on can be used. Choose another one, as in: make demo PORT=8010")


def kept_secret(path: Path, *, length: int) -> str:
    """The secret in the file, at first made of `length` random bytes; only this user can read it."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(length))
    return path.read_text()


def answers(port: int) -> bool:
    """Whether a web server answers on the port of the loopback, whatever it says."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/admin/login/")
        connection.getresponse()
    except OSError:
        return False
    finally:
        connection.close()
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
