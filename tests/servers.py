"""Throw-away PostgreSQL and Redis servers on free ports of the loopback address."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Debian keeps these programs off the PATH, one folder for each version; Homebrew does so too.
POSTGRESQL_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Redis:
    """A Redis that a test may stop and start again on the same port. What it holds is lost when it stops."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait. Raises FileNotFoundError where it is not installed, TimeoutError if silent."""
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            ["redis-server", *options, "--dir", tempfile.gettempdir()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        wait_for_port(self.port)

    def empty(self) -> None:
        """Forget all queues and messages, as by mistake."""
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall(b"FLUSHALL\r\n")
            assert client.recv(100) == b"+OK\r\n"

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None


@contextmanager
def redis() -> Iterator[Redis]:
    server = Redis()
    server.start()
    try:
        yield server
    finally:
        server.stop()


class PostgreSQL:
    """An empty PostgreSQL, whose owner may create databases. It refuses to run as root, so root runs it as
    `postgres`. A test may stop it and start it again on the same port; what was committed is kept.
    """

    def __init__(self) -> None:
        """Raises FileNotFoundError where PostgreSQL is not installed."""
        self._programs = postgresql_programs()
        self._owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
        self._folder = Path(tempfile.mkdtemp(prefix="kl_meetings-postgresql-"))
        port = free_port()
        self.url = f"postgresql://kl@127.0.0.1:{port}/postgres"
        # Quicker. A machine that loses power may lose what nobody keeps; a server that is stopped does not.
        unsafe = " ".join(f"-c {name}=off" for name in ("fsync", "full_page_writes"))
        place = f"-p {port} -k {self._folder} -c listen_addresses=127.0.0.1"
        self._options = f"{place} -c max_connections=150 {unsafe}"

    def create(self) -> None:
        if self._owner:
            shutil.chown(self._folder, "postgres", "postgres")
        self._run("initdb", "-A", "trust", "-U", "kl", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._run("pg_ctl", "-w", "-t", "120", "-l", str(self._folder / "log"), "-o", self._options, "start")

    def stop(self) -> None:
        """At once, as if it had crashed: it breaks off whatever it is doing."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, "-D", self._folder / "data", *arguments],
            check=True,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            **self._owner,
        )


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    try:
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        server.remove()


def postgresql_programs() -> Path:
    """The folder of initdb and pg_ctl of the newest version. Raises FileNotFoundError if there is none."""
    on_path = shutil.which("initdb")
    found = [Path(on_path)] if on_path else []
    for pattern in POSTGRESQL_FOLDERS:
        found += sorted(Path("/").glob(f"{pattern.lstrip('/')}/initdb"), reverse=True)
    if not found:
        raise FileNotFoundError("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    return found[0].resolve().parent


def wait_for_port(port: int, *, seconds: float = 20) -> None:
    """Return once something listens on `port` of the loopback. Raises TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nothing listens on port {port} after {seconds} seconds.")
