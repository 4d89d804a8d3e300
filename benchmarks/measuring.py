"""CPU time of processes, and the table in which figures are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PROC = Path("/proc")


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, what it came to, and what was to be reached."""

    what: str
    figure: str
    floor: str = ""
    ratio: str = ""
    target: str = ""

    def cells(self) -> tuple[str, ...]:
        return self.what, self.figure, self.floor, self.ratio, self.target


HEADINGS = Row("operation", "CPU", "floor", "ratio", "at most")


def against(what: str, ours_ms: float, floor_ms: float, target: str) -> Row:
    return Row(what, f"{ours_ms:.2f} ms", f"{floor_ms:.2f} ms", f"{ours_ms / floor_ms:.2f}", target)


def table(rows: Iterable[Row]) -> Iterator[str]:
    """The lines of a table in Markdown, with columns as wide as their widest cell."""
    lines = [HEADINGS.cells(), *(row.cells() for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    for line in lines:
        yield f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"


def cpu_s(process_ids: Iterable[int]) -> float:
    """Seconds that the processes and their present descendants have run.

    From `schedstat`, which counts nanoseconds; what ended in between is not counted, so none may end.
    """
    return (
        sum(
            int((PROC / str(thread) / "schedstat").read_text().split()[0])
            for process in descendants(process_ids)
            for thread in _threads(process)
        )
        / 1e9
    )


def descendants(process_ids: Iterable[int]) -> set[int]:
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                parent = _parent(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, []).append(int(folder.name))
    found, to_do = set(), list(process_ids)
    while to_do:
        process = to_do.pop()
        found.add(process)
        to_do += children.get(process, [])
    return found


def server_process(database_url: str) -> int:
    """The process of PostgreSQL from which all others of it come."""
    import psycopg

    with psycopg.connect(database_url.partition("?")[0]) as connection:
        (backend,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        return _parent(backend)


def _parent(process: int) -> int:
    return int((PROC / str(process) / "stat").read_text().rpartition(")")[2].split()[1])


def _threads(process: int) -> list[str]:
    return [f"{process}/task/{thread.name}" for thread in (PROC / str(process) / "task").iterdir()]


def memory_mib(process: int) -> float:
    """What the process alone would give back: its own pages, and its part of those that it shares."""
    for line in (PROC / str(process) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise LookupError(process)


def ms_each(act: Callable[[], object], *, times: int, process_ids: Iterable[int]) -> float:
    """Milliseconds of CPU that one `act` costs the processes, as the mean of `times`."""
    before = cpu_s(process_ids)
    for _ in range(times):
        act()
    return (cpu_s(process_ids) - before) * 1000 / times


def medians(runs: int, *acts: Callable[[], float]) -> list[float]:
    """The median of each of the measurements, which take turns so that a machine's moods hit all of them."""
    figures: list[list[float]] = [[] for _ in acts]
    for _ in range(runs):
        for act, found in zip(acts, figures, strict=True):
            found.append(act())
    return [median(found) for found in figures]
