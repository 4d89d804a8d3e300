"""The settings of the product, and what makes tests quicker. `servers_plugin` sets the environment."""

from __future__ import annotations

from kl_meetings.settings import *  # noqa: F403 (that is the point)
from kl_meetings.settings import CACHES, DATA_DIR, DATABASES, STORAGES

# A file rather than memory, so that threads with connections of their own see the same SQLite database.
DATABASES["default"]["TEST"] = (
    {"NAME": DATA_DIR / "test.sqlite3"} if DATABASES["default"]["ENGINE"].endswith("sqlite3") else {}
)
# The live server of the tests serves no hashed names.
STATIC_ROOT = DATA_DIR / "static"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# What a test has changed is to be seen at once.
CACHES["pages"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
