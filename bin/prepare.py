#!/usr/bin/env python3
"""Make this machine ready for `make demo` or `make test`: `prepare.py demo|test`.

Runs on the system's own Python, before there is anything to import. It installs only what is missing:
system packages through apt-get, having said which, and into .venv the Python packages as locked.
"""

from __future__ import annotations

import ctypes
import glob
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Need:
    """Something that only the system can provide."""

    package: str
    purpose: str
    is_there: Callable[[], bool]


def library(*names: str) -> Callable[[], bool]:
    """Whether the dynamic linker finds a library under one of the names."""

    def is_there() -> bool:
        for name in names:
            try:
                ctypes.CDLL(name)
            except OSError:
                continue
            return True
        return False

    return is_there


def program(*names: str) -> Callable[[], bool]:
    """Whether one of the programs, which may be patterns of paths, is installed."""
    return lambda: any(shutil.which(name) or glob.glob(name) for name in names)


def module(name: str) -> Callable[[], bool]:
    return lambda: find_spec(name) is not None


DEMO = [
    Need("python3-venv", "keeps the Python packages of this project apart", module("ensurepip")),
    Need(
        "libpangoft2-1.0-0",
        "lays out the text of the letters",
        library("libpangoft2-1.0.so.0", "libpangoft2-1.0.0.dylib"),
    ),
    Need(
        "libharfbuzz-subset0",
        "makes letters render 3.5 times as fast",
        library("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
    ),
]
TEST = [
    *DEMO,
    Need("postgresql", "the database of production", program("initdb", "/usr/lib/postgresql/*/bin/initdb")),
    Need("redis-server", "the queue of production", program("redis-server")),
    Need("chromium", "uses the pages as people do", program("chromium", "chromium-browser", "google-chrome")),
    Need("poppler-utils", "reads the PDFs", program("pdftotext")),
    Need("gettext", "finds the texts that lack a translation", program("msgfmt")),
]
NEEDS = {"demo": DEMO, "test": TEST}
REQUIREMENTS = {"demo": "requirements.txt", "test": "requirements-dev.txt"}


def main(purpose: str) -> None:
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"This is Python {sys.version.split()[0]}, but 3.11 or newer is needed, as in: "
            f"make {purpose} PYTHON=python3.11"
        )
    install_system_packages(NEEDS[purpose], purpose)
    install_python_packages(PROJECT / ".venv", PROJECT / REQUIREMENTS[purpose])


def install_system_packages(needs: list[Need], purpose: str) -> None:
    missing = [need for need in needs if not need.is_there()]
    if not missing:
        return
    packages = [need.package for need in missing]
    if not shutil.which("apt-get"):
        sys.exit(
            f"make {purpose} needs {', '.join(packages)} (Debian's names). "
            "This system has no apt-get: please install them in its own way and start again."
        )
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    print("To be installed through apt-get, which may take a minute:", flush=True)
    for need in missing:
        print(f"  {need.package} ({need.purpose})", flush=True)
    # Lists that cannot be fetched are no reason to stop: what is needed may be known already.
    run_as_root(["apt-get", "update", "--quiet=2"])
    installed = run_as_root([*install, "--quiet=2"])
    invalidate_caches()
    if not installed or not all(need.is_there() for need in missing):
        sys.exit(
            f"make {purpose} needs {', '.join(packages)}. "
            f"Please run as root, then start again: {shlex.join(install)}"
        )


def run_as_root(command: list[str]) -> bool:
    """Run the command, through sudo unless we are root, and say whether it succeeded.

    Asks for no password, and shows what the command printed only when it failed.
    """
    prefix = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if prefix and not shutil.which("sudo"):
        return False
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", *command]
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if result.returncode != 0:
        sys.stdout.buffer.write(result.stdout)
    return result.returncode == 0


def install_python_packages(environment: Path, requirements: Path) -> None:
    """Install the locked packages, unless this very list was installed into the environment before."""
    python = environment / "bin" / "python"
    installed = environment / requirements.name
    if python.exists() and installed.exists() and installed.read_bytes() == requirements.read_bytes():
        return
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    if (
        not python.exists()
        or subprocess.run([*pip, "--version"], stdout=subprocess.DEVNULL, check=False).returncode
    ):
        print(f"Creating {environment.name}", flush=True)
        run([sys.executable, "-m", "venv", "--clear", str(environment)])
    print(f"Installing the Python packages that {requirements.name} names", flush=True)
    run([*pip, "install", "--require-hashes", "--requirement", str(requirements)])
    shutil.copyfile(requirements, installed)


def run(command: list[str]) -> None:
    """Run the command; end with its exit code where that is not 0, since it has said what went wrong."""
    code = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    if code:
        sys.exit(code)


if __name__ == "__main__":
    if sys.argv[1:] not in ([name] for name in NEEDS):
        sys.exit(__doc__)
    main(sys.argv[1])
