"""The queue in a folder, for installations without a broker.

Each test has a queue of its own name: kombu remembers for the whole process which ones are bound.
"""

from __future__ import annotations

import os
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.simple import SimpleQueue

from kl_meetings.queue_folder import Transport


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    for name in ("messages", "control"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": str(tmp_path / "messages"),
        "data_folder_out": str(tmp_path / "messages"),
        "control_folder": str(tmp_path / "control"),
    }
    return Connection("folder://localhost", transport_options=options)


def take(queue: SimpleQueue) -> list[object]:
    """What can be taken out of the queue just now."""
    try:
        message = queue.get_nowait()
    except Empty:
        return []
    message.ack()
    return [message.payload]


def test_a_message_comes_out_as_it_went_in(connection: Connection, tmp_path: Path) -> None:
    with connection, connection.SimpleQueue("whole") as queue:
        queue.put({"meeting": "Ærø"})

        taken = [take(queue), take(queue)]

        assert isinstance(connection.transport, Transport)
    assert taken == [[{"meeting": "Ærø"}], []]
    assert list((tmp_path / "messages").iterdir()) == []


def test_nobody_can_take_a_message_that_is_still_being_written(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[object] = []
    with connection, connection.SimpleQueue("half") as queue:

        def finish(unfinished: Path, message: Path) -> None:
            taken.extend([unfinished.stat().st_size > 0, take(queue)])
            unfinished.rename(message)

        monkeypatch.setattr(os, "replace", finish)

        queue.put({"meeting": "Herning"})
        taken.append(take(queue))

    assert taken == [True, [], [{"meeting": "Herning"}]]
