from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest
from django.conf import settings

from bin.demo import NoDemoError, first_free_port
from tests.kl_meetings.processes import environment, manage, run
from tests.kl_meetings.test_processes import eventually, is_running
from tests.servers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


class Demo:
    """A demo that runs on a folder of its own, as one would see it in a terminal."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.output = folder.with_suffix(".log")
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bin.demo", *options],
                cwd=settings.BASE_DIR,
                env=environment(DATA_DIR=str(folder), DATABASE_URL="postgresql://nobody@nowhere/nothing"),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> str:
        """What it has printed once all of it is up, or once it has ended."""
        started = "Ctrl-C stops everything"
        eventually(lambda: started in self.output.read_text() or self.process.poll() is not None, seconds=300)
        return self.output.read_text()

    def announced(self, name: str) -> str:
        (value,) = re.findall(rf"^ +{name} +(.+)$", self.wait(), re.MULTILINE)
        return str(value)

    def pids(self) -> dict[int, str]:
        """Every process that has the folder in its environment, with its command line."""
        mark = f"DATA_DIR={self.folder}\0".encode()
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes():
                    found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
            except OSError:  # it has ended, or is none of our business
                continue
        return found

    def pid(self, words: str) -> int:
        return min(pid for pid, command in self.pids().items() if words in command)

    def count(self) -> str:
        """How many meetings and letters its database holds."""
        code = (
            "from invitations.models import Letter, Meeting; "
            "print(Meeting.objects.count(), Letter.objects.count())"
        )
        key = (self.folder / "secret-key").read_text()
        shell = ["shell", "--no-imports", "--command", code]
        return manage(*shell, DATA_DIR=str(self.folder), SECRET_KEY=key).stdout

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(120)


@pytest.fixture
def start() -> Iterator[Callable[..., Demo]]:
    """Starts demos, of which none outlives the test."""
    demos: list[Demo] = []

    def start(folder: Path, *options: str) -> Demo:
        demos.append(Demo(folder, *options))
        return demos[-1]

    yield start
    for demo in demos:
        demo.end(signal.SIGKILL)
    assert eventually(lambda: all(demo.pids() == {} for demo in demos))


@pytest.fixture
def demo(start: Callable[..., Demo], tmp_path: Path) -> Demo:
    return start(tmp_path / "data", "--port", str(free_port()))


def browser() -> OpenerDirector:
    return build_opener(HTTPCookieProcessor(CookieJar()))


def read(page: HTTPResponse) -> str:
    return page.read().decode()


def log_in(opener: OpenerDirector, admin: str, *, login: str, password: str) -> HTTPResponse:
    form = read(opener.open(f"{admin}login/?next=/admin/"))
    (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    fields = {"csrfmiddlewaretoken": token, "username": login, "password": password, "next": "/admin/"}
    request = Request(f"{admin}login/", urlencode(fields).encode(), {"Referer": f"{admin}login/"})
    response: HTTPResponse = opener.open(request)
    return response


def test_it_starts_everything_and_a_second_start_keeps_the_data(
    demo: Demo, start: Callable[..., Demo]
) -> None:
    site, admin = demo.announced("Meetings"), demo.announced("Admin")
    login = {"login": demo.announced("Login"), "password": demo.announced("Password")}
    page = read(browser().open(site))
    (style, *_) = re.findall(r'href="/(static/[^"]+\.css)"', page)

    assert '<html lang="da"' in page
    assert re.search(r"\.[0-9a-f]{12}\.css$", style)
    assert browser().open(site + style).headers["Content-Type"].startswith("text/css")
    assert log_in(browser(), admin, **login).url == admin
    assert demo.announced("Mails") == str(demo.folder / "mail")

    second = start(demo.folder)

    assert second.process.wait(120) == 1
    assert second.wait() == (
        f"A demo on the folder {demo.folder} is running already "
        f"(process {demo.process.pid}, {site.rstrip('/')}). Stop it first.\n"
    )
    assert demo.process.poll() is None

    code = demo.end(signal.SIGINT)

    assert code == 0
    assert demo.pids() == {}
    assert demo.wait().endswith("Stopped. The data are kept for the next start.\n")

    before = demo.count()
    again = start(demo.folder, "--port", str(free_port()))

    assert log_in(browser(), again.announced("Admin"), **login).url == again.announced("Admin")
    assert "Loading the demo data" not in again.wait()
    assert again.count() == before != "0 0\n"

    again.end(signal.SIGKILL)

    assert eventually(lambda: again.pids() == {})


def test_all_stop_when_one_ends(demo: Demo) -> None:
    demo.wait()

    os.kill(demo.pid("celery --quiet --app kl_meetings worker"), signal.SIGKILL)

    assert demo.process.wait(120) == 1
    assert demo.pids() == {}
    assert "Stopped, because the worker ended." in demo.wait()


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    starter = f"{sys.executable} -m bin.demo --stop-with-parent --port {free_port()} & echo $! && wait"
    variables = environment(DATA_DIR=str(tmp_path / "data"))
    parent = subprocess.Popen(
        ["sh", "-c", starter], env=variables, stdout=subprocess.PIPE, cwd=settings.BASE_DIR
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert eventually(lambda: (tmp_path / "data" / "kl_meetings.sqlite3").exists())

    parent.kill()
    parent.communicate()

    assert eventually(lambda: not is_running(pid))


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    result = run("-m", "bin.demo", DATA_DIR=str(tmp_path / "file" / "data"))

    assert result.returncode == 1
    assert result.stderr == f"The folder {tmp_path}/file/data cannot be written to: Not a directory.\n"


def test_a_port_that_is_taken_is_passed_by() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert first_free_port(port) > port


def test_no_port_at_all_is_a_sentence() -> None:
    with pytest.raises(NoDemoError, match="No port from 65536 on can be used"):
        first_free_port(65536)
