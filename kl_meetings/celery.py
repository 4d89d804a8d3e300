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

# Each task asks the database what is to be done right now, so a run that was missed is made up for by the
# next one. A message therefore expires when the next is due: after an outage the queue holds one run of each,
# not one for every few seconds.
app.conf.beat_schedule = {
    "deliver what is owed": {
        "task": "invitations.tasks.deliver_owed",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "send the letters whose time has come": {
        "task": "invitations.tasks.send_scheduled",
        "schedule": timedelta(seconds=20),
        "options": {"expires": 20},
    },
    "make the letters that are one for each municipality": {
        "task": "invitations.tasks.make_personal_letters",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 2},
    },
    "owe the reminders that have fallen due": {
        "task": "registrations.tasks.owe_reminders",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "give free places to those who wait": {
        "task": "registrations.tasks.move_up_waiting",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "show that beat and worker live": {
        "task": "kl_meetings.tasks.beat_heart",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "erase what participants needed at meetings that are over": {
        "task": "registrations.tasks.erase_special_needs",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 600},
    },
    "erase the people of meetings that are long over": {
        "task": "registrations.tasks.erase_people",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "erase what was counted at logins, and sessions that have ended": {
        "task": "kl_meetings.logins.tasks.erase_old_logins",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "forget how much the public sent in hours that are over": {
        "task": "registrations.tasks.forget_send_counts",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 600},
    },
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
