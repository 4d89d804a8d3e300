"""What requests cost beside a bare Django that does as much: pages, registrations, mails, memory.

    .venv/bin/python -m benchmarks.web [RUNS]

PostgreSQL, three sync workers of gunicorn for each of the two sites, DEBUG off, the demo's data. A figure is
CPU time of the site's workers and of the database's processes, the median of RUNS; the sites take turns.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html.parser import HTMLParser
from pathlib import Path
from statistics import median

from benchmarks.browser import Browser
from benchmarks.floor.create import SLUG
from benchmarks.measuring import (
    Row,
    against,
    cpu_s,
    descendants,
    medians,
    memory_mib,
    ms_each,
    server_process,
    table,
)
from tests import servers
from tests.smtp import mail_server

PROJECT = Path(__file__).resolve().parent.parent
WORKERS = 3
PAGES, REGISTRATIONS = 300, 30
REQUESTS_FOR_MEMORY = 10_000
MOST_MIB = 120

# Seconds within which only a program fills in a form (`registrations.bots`).
SHORTEST = 3

# A meeting of the demo that is open, with a letter that has been sent, sessions and themes.
MEETING = "specialomraadet-syddanmark"


class Site:
    """A site under gunicorn, with its database; `processes` are those whose time counts."""

    def __init__(self, port: int, gunicorn: int, database: int) -> None:
        self.port = port
        self.gunicorn = gunicorn
        self.processes = (gunicorn, database)

    def page(self, path: str, *, times: int) -> float:
        browser = Browser(self.port)
        return ms_each(lambda: browser.get(path), times=times, process_ids=self.processes)


@contextmanager
def site(wsgi: str, environment: dict[str, str], database: int) -> Iterator[Site]:
    port = servers.free_port()
    command = [sys.executable, "-m", "gunicorn", wsgi, "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--threads", "1", "--max-requests", "0", "--log-level", "warning"]
    with subprocess.Popen(command, env=environment, cwd=PROJECT) as process:
        try:
            servers.wait_for_port(port)
            yield Site(port, process.pid, database)
        finally:
            process.terminate()


class Form(HTMLParser):
    """What a browser sends back of a form: what is hidden in it, and the first of each list of themes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.hidden: dict[str, list[str]] = {}
        self.themes: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        name = has.get("name", "")
        if tag == "input" and has.get("type") == "hidden":
            self.hidden.setdefault(name, []).append(has["value"])
        elif tag == "input" and name.startswith("participant-0-theme"):
            self.themes.setdefault(name, has["value"])


class Registering:
    """Three people through the real form: fill in, check, send, receipt."""

    path = f"/{MEETING}/tilmeld"

    def __init__(self, site: Site) -> None:
        self.browser = Browser(site.port)
        self.form = Form(self.browser.get(self.path))

    def send(self) -> None:
        """Some seconds after the form was opened, else it seems to be filled in by a program."""
        mailbox = f"{uuid.uuid4().hex}@odense.example"
        typed = {name: values for name, values in self.form.hidden.items() if name != "row"} | {
            "municipality": ["0461"],
            "contact_name": ["Anne Sekretær"],
            "contact_email": [mailbox],
            "row": ["0", "1", "2"],
            "do": ["check"],
        }
        for row in range(3):
            typed[f"participant-{row}-name"] = [f"Person {row + 1}"]
            typed[f"participant-{row}-email"] = [f"person{row}-{mailbox}"]
            for name, value in self.form.themes.items():
                typed[name.replace("-0-", f"-{row}-", 1)] = [value]
        check = self.browser.post(self.path, typed)
        assert 'value="send"' in check, check
        receipt = self.browser.post(self.path, Form(check).hidden | {"do": ["send"]})
        assert "Kvittering" in receipt, receipt


def register(site: Site, *, times: int) -> float:
    """Milliseconds of CPU for each of so many registrations."""
    before = cpu_s(site.processes)
    opened = [Registering(site) for _ in range(times)]
    time.sleep(SHORTEST + 1)
    for registering in opened:
        registering.send()
    return (cpu_s(site.processes) - before) * 1000 / times


def insert(site: Site) -> None:
    fields = {"contact_name": ["Anne Sekretær"], "contact_email": ["anne@odense.example"]}
    fields |= {"name": ["Person 1", "Person 2", "Person 3"], "email": ["person@odense.example"] * 3}
    Browser(site.port).post(f"/{SLUG}/tilmeld", fields)


def deliver(environment: dict[str, str]) -> float:
    """Milliseconds of CPU that delivering all that is owed takes, see `benchmarks.delivering`."""
    command = [sys.executable, "-m", "benchmarks.delivering"]
    done = subprocess.run(
        command, env=environment, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True
    )
    each, count = done.stdout.split()
    return float(each) * int(count)


def measure(ours: Site, floor: Site, environment: dict[str, str], runs: int) -> Iterator[Row]:
    deliver(environment)
    for path in (f"/{MEETING}", f"/{MEETING}/invitation.pdf"):
        ours.page(path, times=30)
    floor.page(f"/{SLUG}", times=30)
    page, pdf, bare = medians(
        runs,
        lambda: ours.page(f"/{MEETING}", times=PAGES),
        lambda: ours.page(f"/{MEETING}/invitation.pdf", times=PAGES),
        lambda: floor.page(f"/{SLUG}", times=PAGES),
    )
    yield against("public meeting page", page, bare, "2 × the floor's page")
    yield against("stored letter PDF", pdf, bare, "1.5 × the floor's page")
    delivered: list[float] = []

    def registrations() -> float:
        cost = register(ours, times=REGISTRATIONS)
        delivered.append(cost + deliver(environment) / REGISTRATIONS)
        return cost

    register(ours, times=3)
    deliver(environment)
    registered, inserted = medians(
        runs,
        registrations,
        lambda: ms_each(lambda: insert(floor), times=REGISTRATIONS * 5, process_ids=floor.processes),
    )
    yield against("registration of three", registered, inserted, "16 × the floor's insert")
    yield against("the same until delivered", median(delivered), inserted, "24 × the floor's insert")


def memory(ours: Site) -> Iterator[Row]:
    """The largest of the web workers, before and after many requests of every kind of page."""
    browser, half = Browser(ours.port), REQUESTS_FOR_MEMORY // 2
    paths = [
        "/",
        f"/{MEETING}",
        f"/{MEETING}/tilmeld",
        f"/{MEETING}/invitation.pdf",
        f"/{MEETING}/invitation",
    ]
    sizes = []
    for _ in range(2):
        for number in range(half):
            browser.get(paths[number % len(paths)])
        workers = descendants([ours.gunicorn]) - {ours.gunicorn}
        sizes.append(max(memory_mib(worker) for worker in workers))
    what = f"memory of a web worker after {half:,} and {2 * half:,} requests"
    yield Row(what, " and ".join(f"{size:.0f} MiB" for size in sizes), target=f"flat, {MOST_MIB} MiB")


def main(runs: int) -> list[Row]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        # Connections that stay, since the time of a process that has ended cannot be read.
        database_url = f"{stack.enter_context(servers.postgresql()).url}?conn_max_age=3600"
        environment = os.environ | {
            "DATABASE_URL": database_url,
            "DATA_DIR": folder,
            "DEMO_PASSWORD": "a password for nobody",
            "EMAIL_URL": stack.enter_context(mail_server()).url,
            "LOG_LEVEL": "WARNING",
            "SECRET_KEY": "a-key-for-a-benchmark-that-serves-nobody-and-is-thrown-away",
        }
        for command in (["manage.py", "prepare_demo", "--login", "staff"], ["-m", "benchmarks.floor.create"]):
            subprocess.run(
                [sys.executable, *command], env=environment, cwd=PROJECT, stdout=sys.stderr, check=True
            )
        database = server_process(database_url)
        ours = stack.enter_context(site("kl_meetings.wsgi", environment, database))
        floor = stack.enter_context(site("benchmarks.floor.wsgi", environment, database))
        return [*measure(ours, floor, environment, runs), *memory(ours)]


if __name__ == "__main__":
    print(*table(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)), sep="\n")
