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


@contextmanager
def postgresql() -> Iterator[str]:
    """Yields the URL of an empty server, whose owner may create databases.

    Raises FileNotFoundError where PostgreSQL is not installed. It refuses to run as root, so root runs it as
    `postgres`.
    """
    programs = postgresql_programs()
    folder = Path(tempfile.mkdtemp(prefix="kl_meetings-postgresql-"))
    owner: dict[str, Any] = {}
    if os.geteuid() == 0:
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(folder, "postgres", "postgres")

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, "-D", folder / "data", *arguments],
            check=True,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            **owner,
        )

    port = free_port()
    unsafe = (
        "fsync",
        "synchronous_commit",
        "full_page_writes",
    )  # quicker, and a crash may lose what nobody keeps
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=150 " + " ".join(
        f"-c {name}=off" for name in unsafe
    )
    try:
        run("initdb", "-A", "trust", "-U", "kl", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://kl@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
