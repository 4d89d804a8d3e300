from __future__ import annotations

# Without this import `shared_task` would not know our Celery app and would look for a broker on localhost.
from kl_meetings.celery import app as celery_app

__all__ = ["celery_app"]
