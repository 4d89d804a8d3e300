"""The queue where no broker has been set up: a folder in which each message is a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

from kl_meetings.whole_files import write_whole

SCHEME = "folder"


class Channel(filesystem.Channel):
    # The stubs of kombu's classes name the parameters differently.
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Let the message appear whole.

        Kombu's own way (5.6) creates the file and then writes to it; a worker that looks in between takes an
        empty message and ends.
        """
        # As kombu names it: those that came first are read first.
        name = f"{round(time.monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        write_whole(Path(self.data_folder_out, name), dumps(payload).encode())


class Transport(filesystem.Transport):
    Channel = Channel


def register() -> None:
    """Make kombu understand addresses that begin with `folder://`."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
