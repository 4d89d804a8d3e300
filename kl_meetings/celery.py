"""What happens without anybody asking for it, and how often."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import import_modules
from django.core.exceptions import ImproperlyConfigured

from kl_meetings import queue_folder

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
    "erase what participants needed at meetings that are over": {
        "task": "registrations.tasks.erase_special_needs",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 600},
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
