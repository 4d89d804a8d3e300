"""How gunicorn serves the site; it reads this file by itself when started in this folder. A flag beats it.

To begin new code without a gap, send the first process HUP: new workers start before the old ones end. So
this file, which that process keeps, reads nothing of the site but how a line of the log is written.
"""

from __future__ import annotations

import os
from pathlib import Path

bind = "0.0.0.0:8000"
workers = 3
threads = 4
# A leak that nobody has found yet ends with its worker.
max_requests = 1000
max_requests_jitter = 100
# Longer than a request may take, shorter than Docker's or systemd's patience.
graceful_timeout = 30
keepalive = 5
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108 (gunicorn makes files of its own there, by mkstemp)
    # Workers show there that they live; on a disk that is busy they would seem dead.
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# Its own line for each request would have addresses, paths and queries in it: `request_log` writes ours.
accesslog = None
_format = "json" if os.environ.get("LOG_FORMAT", "").strip().lower() == "json" else "line"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "kl_meetings.log_format.LineFormatter"},
        "json": {"()": "kl_meetings.log_format.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": _format}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"gunicorn.error": {"handlers": ["console"], "propagate": False}},
}
