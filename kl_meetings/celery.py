"""What happens without anybody asking for it, and how often."""

from __future__ import annotations

import logging
import logging.config
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import import_modules, setup_logging, task_failure, task_postrun, task_prerun
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from kl_meetings import queue_folder
from kl_meetings.log_format import context

logger = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kl_meetings.settings")

queue_folder.register()
app = Celery("kl_meetings")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def every(interval: timedelta, task: str) -> dict[str, Any]:
    """An entry of the schedule.

    Each task asks the database what is to be done right now, so a run that was missed is made up for by the
    next one. A message therefore expires when the next is due: after an outage the queue holds one run of
    each, not one for every few seconds.
    """
    return {"task": task, "schedule": interval, "options": {"expires": int(interval.total_seconds())}}


app.conf.beat_schedule = {
    "deliver what is owed": every(timedelta(seconds=5), "invitations.tasks.deliver_owed"),
    "send the letters whose time has come": every(timedelta(seconds=20), "invitations.tasks.send_scheduled"),
    "make the letters that are one for each municipality": every(
        timedelta(seconds=2), "invitations.tasks.make_personal_letters"
    ),
    "owe the reminders that have fallen due": every(
        timedelta(minutes=5), "registrations.tasks.owe_reminders"
    ),
    "give free places to those who wait": every(timedelta(minutes=1), "registrations.tasks.move_up_waiting"),
    "show that beat and worker live": every(timedelta(seconds=30), "kl_meetings.tasks.beat_heart"),
    "erase what participants needed at meetings that are over": every(
        timedelta(minutes=10), "registrations.tasks.erase_special_needs"
    ),
    "erase the people of meetings that are long over": every(
        timedelta(hours=1), "registrations.tasks.erase_people"
    ),
    "erase what was counted at logins, and sessions that have ended": every(
        timedelta(hours=1), "kl_meetings.logins.tasks.erase_old_logins"
    ),
    "forget how much the public sent in hours that are over": every(
        timedelta(minutes=10), "registrations.tasks.forget_send_counts"
    ),
}


@import_modules.connect
def prepare(**_: Any) -> None:
    """What worker and beat begin with: refuse a wrong environment, and create the folders they write to."""
    from kl_meetings.checks import refuse_wrong_environment

    try:
        refuse_wrong_environment()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    Path(app.conf.beat_schedule_filename).parent.mkdir(parents=True, exist_ok=True)
    for name in ("data_folder_in", "data_folder_out", "control_folder"):
        if folder := app.conf.broker_transport_options.get(name):
            Path(folder).mkdir(parents=True, exist_ok=True)


@setup_logging.connect
def log_as_the_settings_say(**_: Any) -> None:
    """Keep Celery from putting handlers of its own beside ours: theirs mask nothing."""
    logging.config.dictConfig(settings.LOGGING)


@task_prerun.connect
def begin_lines_of_task(task_id: str, task: Any, **_: Any) -> None:
    context.set({"task": task.name, "task_id": task_id})
    task.request.started = time.perf_counter()


@task_postrun.connect
def end_lines_of_task(task: Any, retval: Any, state: str, **_: Any) -> None:
    """Write down what the task did. Most runs find nothing to do, every few seconds."""
    milliseconds = round((time.perf_counter() - task.request.started) * 1000)
    done = retval if isinstance(retval, int) else 0
    logger.log(
        logging.INFO if done else logging.DEBUG,
        "%s: %s, %d done in %d ms",
        task.name,
        state,
        done,
        milliseconds,
        extra={"fields": {"state": state, "done": done, "milliseconds": milliseconds}},
    )
    context.set({})


@task_failure.connect
def tell_of_failure(sender: Any, exception: BaseException, **_: Any) -> None:
    logger.error("%s failed", sender.name, exc_info=exception)
