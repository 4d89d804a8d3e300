"""Sets the environment of the tests before pytest-django reads the settings, and starts the servers that it
names.

`TEST_DATABASE=postgres pytest` runs on a PostgreSQL and a Redis of its own; otherwise the tests use SQLite
and no server.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import servers

# Everything that the settings read; what a developer has set for the site must not reach the tests.
VARIABLES = (
    "ALLOWED_HOSTS",
    "CLIENT_ADDRESS_HEADER",
    "DATABASE_URL",
    "DATABASE_URL_FILE",
    "DATA_DIR",
    "DEBUG",
    "EMAIL_FROM",
    "EMAIL_URL",
    "EMAIL_URL_FILE",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "MAINTENANCE",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_CLIENT_SECRET_FILE",
    "OIDC_ISSUER",
    "PUBLIC_URL",
    "REDIS_URL",
    "REDIS_URL_FILE",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SECRET_KEY_FALLBACKS_FILE",
    "SECRET_KEY_FILE",
    "SECURE_PROXY_SSL_HEADER",
    "WAS_STATEMENT_URL",
)

running = ExitStack()
# The one that the tests run on, where they do, for those that stop it.
postgresql: servers.PostgreSQL | None = None


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """A wrapper, and so ahead of pytest-django, which reads DATABASES in the same hook."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        _separate(worker)
    else:
        _prepare()
    return (yield)


def pytest_unconfigure() -> None:
    running.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what belongs to the other of the two runs: not skipped, each test runs in one at least."""
    left_out = {item for item in items if _is_left_out(item)}
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_left_out(item: pytest.Item) -> bool:
    """On SQLite the tests in the browser, which need the servers of production the more; on PostgreSQL those
    that ask no database, and so find out nothing new. Who names a test gets it.
    """
    if item.get_closest_marker("sqlite" if on_postgres() else "postgres"):
        return True
    if any("::" in str(argument) or str(argument).endswith(".py") for argument in item.config.args):
        return False
    if not on_postgres():
        return item.get_closest_marker("browser") is not None
    asks = item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(
        getattr(item, "fixturenames", ())
    )
    return not asks and not item.get_closest_marker("postgres") and not item.get_closest_marker("faults")


def on_postgres() -> bool:
    return os.environ.get("TEST_DATABASE") == "postgres"


def _prepare() -> None:
    """Once, in the process that xdist's workers inherit their environment from."""
    for name in VARIABLES:
        os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="kl_meetings-test-"))
    running.callback(shutil.rmtree, folder, ignore_errors=True)
    (folder / "static").mkdir()
    os.environ["DATA_DIR"] = str(folder)
    os.environ["SECRET_KEY"] = "a key for tests, which is known to everybody and guards nothing"
    os.environ["LOG_LEVEL"] = "WARNING"
    if on_postgres():
        global postgresql
        postgresql = running.enter_context(servers.postgresql())
        os.environ["DATABASE_URL"] = postgresql.url
        os.environ["REDIS_URL"] = running.enter_context(servers.redis()).url


def _separate(worker: str) -> None:
    """Give each of xdist's workers its own folder and its own numbered database in the one Redis."""
    folder = Path(os.environ["DATA_DIR"]) / worker
    (folder / "static").mkdir(parents=True, exist_ok=True)
    os.environ["DATA_DIR"] = str(folder)
    if "REDIS_URL" in os.environ:
        os.environ["REDIS_URL"] += f"/{worker.removeprefix('gw')}"
