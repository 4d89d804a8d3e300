"""Running several programs as one: they start together, and when one ends, all of them do."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import FrameType, TracebackType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_STOP = 10
PR_SET_PDEATHSIG = 1  # prctl(2), Linux only


class Together:
    """Programs that live and die with each other, and with this process. Use it as a context manager, once.

    Each gets a session of its own, so that Ctrl-C reaches this process alone and it decides what happens. On
    leaving, each main process is asked to end, and what remains of its session is killed: a worker that was
    itself killed cannot take its children along. On Linux they end even when this process is killed.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._signals = 0

    def __enter__(self) -> Together:
        self._handlers = {number: signal.signal(number, self._note_signal) for number in STOP_SIGNALS}
        return self

    def start(self, name: str, command: Sequence[str]) -> None:
        self._running[name] = subprocess.Popen(
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent(os.getpid()),
        )

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        # A second Ctrl-C means that somebody does not want to wait.
        signals, deadline = self._signals, time.monotonic() + SECONDS_TO_STOP
        while (
            self.ended() != list(self._running) and self._signals <= signals and time.monotonic() < deadline
        ):
            time.sleep(0.05)
        for process in self._running.values():
            with suppress(ProcessLookupError):  # the usual case: nothing is left of this session
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def pids(self) -> dict[str, int]:
        """The process of each program; each is also the number of its session."""
        return {name: process.pid for name, process in self._running.items()}

    def ended(self) -> list[str]:
        """The names of the programs that have ended, in the order in which they were started."""
        return [name for name, process in self._running.items() if process.poll() is not None]

    def exit_code(self, name: str) -> int | None:
        """That of a program that has ended, negative if a signal ended it; None while it runs."""
        return self._running[name].poll()

    def wait_until(self, condition: Callable[[], bool]) -> bool:
        """Wait for the condition. Returns false if a program ended or a signal came before it held."""
        while not condition():
            if self._signals or self.ended():
                return False
            time.sleep(0.1)
        return True

    def wait(self) -> None:
        """Wait until a program ends or a signal asks to stop."""
        self.wait_until(lambda: False)

    def _note_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1


def end_with_parent(parent: int) -> Callable[[], None]:
    """What a new process runs first, so that Linux sends it TERM when the process `parent` is gone."""

    def ask() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # it was gone before we asked
                os.kill(os.getpid(), signal.SIGTERM)

    return ask
