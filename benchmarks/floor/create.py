"""Creates the floor's tables with its one meeting, in the database of DATABASE_URL.

python -m benchmarks.floor.create
"""

from __future__ import annotations

import os

import django

SLUG = "moede"
TEXT = "Udvalget inviteres til et møde om, hvordan kommunerne griber opgaven an.\n\n"


def create() -> None:
    from django.apps import apps
    from django.db import connection

    from benchmarks.floor.models import Meeting

    with connection.schema_editor() as editor:
        for model in apps.get_app_config("floor").get_models():
            editor.create_model(model)
    Meeting.objects.create(slug=SLUG, title="Politisk møde", text=TEXT * 10)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.floor.settings"
    django.setup()
    create()
