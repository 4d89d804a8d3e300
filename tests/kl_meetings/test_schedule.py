from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from celery.schedules import schedule
from django.conf import settings

from kl_meetings.celery import app
from tests.kl_meetings.processes import KEY, environment
from tests.kl_meetings.test_processes import eventually


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_a_message_expires_when_the_next_is_due() -> None:
    entries = app.conf.beat_schedule.values()

    assert [timedelta(seconds=entry["options"]["expires"]) for entry in entries] == [
        entry["schedule"] for entry in entries
    ]


def test_mail_and_letters_leave_within_seconds_and_the_rest_is_looked_at_more_seldom() -> None:
    seconds = {entry["task"]: entry["schedule"].total_seconds() for entry in app.conf.beat_schedule.values()}

    assert seconds == {
        "invitations.tasks.deliver_owed": 5,
        "invitations.tasks.send_scheduled": 20,
        "invitations.tasks.make_personal_letters": 2,
        "registrations.tasks.owe_reminders": 300,
        "registrations.tasks.move_up_waiting": 60,
        "registrations.tasks.erase_special_needs": 600,
        "registrations.tasks.erase_people": 3600,
        "kl_meetings.tasks.beat_heart": 30,
        "kl_meetings.logins.tasks.erase_old_logins": 3600,
        "registrations.tasks.forget_send_counts": 600,
    }


def test_the_schedule_keeps_danish_time() -> None:
    assert str(app.timezone) == "Europe/Copenhagen"


@pytest.mark.parametrize("change", ["2026-03-29 01:00", "2026-10-25 01:00"])
def test_when_the_clocks_change_no_run_is_left_out_and_none_comes_early(change: str) -> None:
    moment = datetime.fromisoformat(change).replace(tzinfo=UTC)
    due = {}
    for name, entry in app.conf.beat_schedule.items():
        for part in (0.5, 1.0):
            with time_machine.travel(moment + entry["schedule"] * (part - 0.25), tick=False):
                last_run = (moment - entry["schedule"] / 4).astimezone(app.timezone)
                due[name, part] = schedule(entry["schedule"], app=app).is_due(last_run).is_due

    assert due == {(name, part): part == 1 for name in app.conf.beat_schedule for part in (0.5, 1.0)}


@pytest.mark.slow
@pytest.mark.sqlite
def test_the_queue_without_a_server_makes_its_folders_and_keeps_nothing(tmp_path: Path) -> None:
    variables = environment(SECRET_KEY=KEY, DATA_DIR=str(tmp_path), LOG_FORMAT="json", LOG_LEVEL="DEBUG")
    celery = [sys.executable, "-m", "celery", "--app", "kl_meetings"]
    options = ["--pool", "threads", "--concurrency", "1", "--loglevel", "INFO"]
    log = tmp_path / "log"

    with log.open("w") as file:
        worker = subprocess.Popen(
            [*celery, "worker", *options, "--without-gossip", "--without-mingle", "--without-heartbeat"],
            env=variables,
            cwd=settings.BASE_DIR,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            assert eventually(lambda: " ready." in log.read_text())
            sent = subprocess.run(
                [*celery, "call", "registrations.tasks.owe_reminders"],
                env=variables,
                cwd=settings.BASE_DIR,
                check=True,
                capture_output=True,
                text=True,
            ).stdout.strip()
            assert eventually(lambda: f'"task_id": "{sent}"' in log.read_text())
            assert eventually(lambda: not list((tmp_path / "queue" / "messages").iterdir()))
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)

    assert sorted(path.name for path in (tmp_path / "queue").iterdir()) == ["control", "messages"]
