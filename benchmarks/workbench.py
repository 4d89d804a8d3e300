"""How long the secretariat's pages take with few and many participants, and how often they ask the database.

    .venv/bin/python benchmarks/workbench.py [PARTICIPANTS] [RUNS]

Two throw-away SQLite databases, with 10 and with 10,000 participants of 98 municipalities, 490 offices
written to. Measures CPU time of Django's test client (so without gunicorn), the best of RUNS; a page with
many participants should ask as often as with few, and take at most twice as long.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent

# Below the address of the meeting, but for those that begin with a stroke.
PAGES = (
    "/admin/",
    "/admin/invitations/meeting/",
    "change/",
    "ledger/",
    "ledger.xlsx",
    "ledger/0101/",
    "participants/",
    "reminders/",
    "figures/",
    "events/",
    "correction/",
)


def measure(participants: int, runs: int) -> None:
    """Print a line for each page: queries and CPU milliseconds. Runs in a process of its own."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    call_command("migrate", verbosity=0)
    from tests.factories import create_staff
    from tests.large_meeting import create_large_meeting

    meeting = create_large_meeting(participants=participants)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(create_staff())
    for page in PAGES:
        url = page if page.startswith("/") else f"/admin/invitations/meeting/{meeting.pk}/{page}"
        response = client.get(url)
        if response.status_code != 200:
            sys.exit(f"{url}: {response.status_code}")
        queries: list[str] = []

        def note(execute: Any, sql: str, *rest: Any, kept: list[str] = queries) -> Any:
            kept.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            client.get(url)
        best = min(_cpu_ms(client, url) for _ in range(runs))
        print(f"{page}\t{len(queries)}\t{best:.0f}", flush=True)


def _cpu_ms(client: object, url: str) -> float:
    start = time.process_time()
    client.get(url)  # type: ignore[attr-defined]
    return (time.process_time() - start) * 1000


def main(most: int, runs: int) -> None:
    tables = []
    for participants in (10, most):
        with tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {
                "SECRET_KEY": "a-key-for-a-benchmark-that-serves-nobody-and-is-thrown-away",
                "DATA_DIR": folder,
                "PYTHONWARNINGS": "ignore",
                "LOG_LEVEL": "ERROR",
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "PYTHONPATH": str(PROJECT),
            }
            command = [sys.executable, __file__, "--measure", str(participants), str(runs)]
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            tables.append([line.split("\t") for line in done.stdout.splitlines()])
    print(f"{'page':32} {'queries':>7} {'ms':>6} {'queries':>9} {'ms':>6} {'ratio':>6}")
    print(f"{'participants':32} {10:>14} {most:>16}")
    for (page, queries, few), (_page, many_queries, many) in zip(*tables, strict=True):
        ratio = float(many) / max(1.0, float(few))
        print(f"{page:32} {queries:>7} {few:>6} {many_queries:>9} {many:>6} {ratio:6.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(int(sys.argv[2]), int(sys.argv[3]))
    else:
        numbers = [int(argument) for argument in sys.argv[1:]]
        main(*[*numbers, *(10_000, 7)[len(numbers) :]])
