from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bin.processes import STOP_SIGNALS, Together

SLEEP = ["sleep", "300"]


def is_running(pid: int) -> bool:
    """Whether the process exists and is not just waiting for its parent to notice that it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition: Callable[[], bool], *, seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def python(code: str, *arguments: str | Path) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]


def test_it_says_which_program_ended() -> None:
    with Together(os.environ) as together:
        together.start("web server", SLEEP)
        together.start("worker", ["false"])
        held = together.wait_until(lambda: False)

        assert held is False
        assert together.ended() == ["worker"]
        assert together.exit_code("worker") == 1
        assert together.exit_code("web server") is None
    assert together.ended() == ["web server", "worker"]


def test_the_programs_get_the_environment_given(tmp_path: Path) -> None:
    write = 'import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(os.environ["GREETING"])'

    with Together({"GREETING": "Goddag"}) as together:
        together.start("worker", python(write, tmp_path / "greeting"))
        together.wait()

    assert (tmp_path / "greeting").read_text() == "Goddag"


def test_it_waits_for_a_condition_while_the_programs_run() -> None:
    answers = iter([False, False, True])

    with Together(os.environ) as together:
        together.start("web server", SLEEP)
        held = together.wait_until(lambda: next(answers))

    assert held is True
    assert list(answers) == []


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_ends_the_waiting_and_not_the_programs(number: signal.Signals) -> None:
    with Together(os.environ) as together:
        together.start("web server", SLEEP)
        os.kill(os.getpid(), number)

        assert together.wait_until(lambda: False) is False
        assert together.ended() == []
    assert together.ended() == ["web server"]


def test_it_gives_back_the_signal_handlers() -> None:
    before = [signal.getsignal(number) for number in STOP_SIGNALS]

    with Together(os.environ) as together:
        together.start("web server", SLEEP)

    assert [signal.getsignal(number) for number in STOP_SIGNALS] == before


def test_a_program_that_takes_its_time_may_finish(tmp_path: Path) -> None:
    slow = """
        import pathlib, signal, sys, time
        def finish(*_):
            time.sleep(0.5)
            pathlib.Path(sys.argv[2]).touch()
            sys.exit()
        signal.signal(signal.SIGTERM, finish)
        pathlib.Path(sys.argv[1]).touch()
        signal.pause()
    """

    with Together(os.environ) as together:
        together.start("worker", python(slow, tmp_path / "started", tmp_path / "finished"))
        assert together.wait_until((tmp_path / "started").exists)

    assert (tmp_path / "finished").exists()


def test_nothing_remains_of_a_program_that_was_killed(tmp_path: Path) -> None:
    parent = """
        import pathlib, signal, subprocess, sys
        child = subprocess.Popen(["sleep", "300"])
        pathlib.Path(sys.argv[1]).write_text(f"{child.pid} ")
        signal.pause()
    """
    note = tmp_path / "child"

    with Together(os.environ) as together:
        together.start("worker", python(parent, note))
        assert together.wait_until(lambda: note.exists() and note.read_text().endswith(" "))
        child = int(note.read_text())
        os.kill(together.pids()["worker"], signal.SIGKILL)
        together.wait()
        assert is_running(child)

    assert eventually(lambda: not is_running(child))


def test_the_programs_end_when_this_process_is_killed(tmp_path: Path) -> None:
    supervisor = """
        import os, pathlib, sys
        from bin.processes import Together
        with Together(os.environ) as together:
            together.start("web server", ["sleep", "300"])
            together.start("worker", ["sleep", "300"])
            pids = " ".join(map(str, together.pids().values()))
            pathlib.Path(sys.argv[1]).write_text(f"{pids} ")
            together.wait()
    """
    note = tmp_path / "pids"

    process = subprocess.Popen(python(supervisor, note), env=os.environ | {"PYTHONPATH": "."})
    assert eventually(lambda: note.exists() and note.read_text().endswith(" "))
    process.kill()
    process.wait()

    assert eventually(lambda: not any(is_running(int(pid)) for pid in note.read_text().split()))
