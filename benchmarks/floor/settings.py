"""A bare Django: no middleware, no sessions, one template; its database connected as the product's."""

from __future__ import annotations

from pathlib import Path

from kl_meetings.settings import DATABASES as DATABASES

SECRET_KEY = "a key for measuring, which guards nothing"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["benchmarks.floor"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "benchmarks.floor.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parent],
    }
]
