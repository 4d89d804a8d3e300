from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kl_meetings.settings")

application = get_wsgi_application()

from kl_meetings.checks import refuse_wrong_environment  # noqa: E402 (needs the settings that the line above loads)

# A web server runs no system checks by itself, and a wrong variable must not be served on a default.
refuse_wrong_environment()
