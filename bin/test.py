#!/usr/bin/env python3
"""What `make test` and `make lint` run, in the environment that prepare.py made: `test.py all|lint`.

Every step runs even where an earlier one failed, so that one run tells all there is to mend.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

# As in production, where all of it is set. Nothing connects to these.
PRODUCTION = {
    "SECRET_KEY": "8Zr-wl3Tq0xVb5nYc7Ks9Jd1Hg4Fm6Pa2Ue_Ri8Ow5Xt3Lz7Qv0By",
    "PUBLIC_URL": "https://tilmeld.example",
    "DATABASE_URL": "postgresql://kl:kl@db.example:5432/kl",
    "REDIS_URL": "redis://redis.example:6379/0",
    "EMAIL_URL": "smtp+tls://kl:kl@smtp.example:587",
}


@dataclass(frozen=True)
class Step:
    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    step: Step
    passed: bool
    seconds: float
    last_line: str


def lint_steps() -> list[Step]:
    return [
        Step("ruff check", ["ruff", "check", "."]),
        Step("ruff format", ["ruff", "format", "--check", "."]),
        Step("djlint", ["djlint", "--lint", "--quiet", "templates"]),
        Step("import direction", ["lint-imports"]),
        Step("mypy", ["mypy"]),
    ]


def steps(data_folder: str) -> list[Step]:
    manage = ["python", "manage.py"]
    key = {"SECRET_KEY": PRODUCTION["SECRET_KEY"], "DATA_DIR": data_folder}
    pytest = ["pytest", "-n", "2", "-m", "not faults"]
    return [
        *lint_steps(),
        Step("missing migrations", [*manage, "makemigrations", "--check", "--dry-run"], key),
        Step("check --deploy", [*manage, "check", "--deploy", "--fail-level", "WARNING"], key | PRODUCTION),
        Step("tests on SQLite", pytest),
        Step("tests on PostgreSQL and Redis", pytest, {"TEST_DATABASE": "postgres"}),
    ]


def run(step: Step) -> Result:
    """Run the step, showing what it prints as it comes."""
    print(f"\n=== {step.name}", flush=True)
    started = time.monotonic()
    last_line = ""
    with subprocess.Popen(
        [BIN / step.command[0], *step.command[1:]],
        cwd=PROJECT,
        env=os.environ | step.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            last_line = line.strip() or last_line
    return Result(step, process.returncode == 0, time.monotonic() - started, last_line)


def report(results: list[Result]) -> str:
    """One line for each step, and the line in which pytest counts, as the last of all."""
    lines = [f"{'passed' if r.passed else 'FAILED'}  {r.seconds:5.0f} s  {r.step.name}" for r in results]
    lines.append(f"{sum(r.seconds for r in results):13.0f} s  in all\n")
    for r in results:
        if r.step.command[0] == "pytest":
            lines += [r.step.name, r.last_line]
    return "\n".join(lines)


def main(which: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="kl_meetings-") as data_folder:
        chosen = lint_steps() if which == "lint" else steps(data_folder)
        results = [run(step) for step in chosen]
    print(f"\n=== {which}\n{report(results)}", flush=True)
    return all(r.passed for r in results)


if __name__ == "__main__":
    if sys.argv[1:] not in (["all"], ["lint"]):
        sys.exit(__doc__)
    sys.exit(0 if main(sys.argv[1]) else 1)
