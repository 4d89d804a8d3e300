from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from invitations.models import Sender


def sender(request: HttpRequest) -> dict[str, Any]:
    """Who the site belongs to, read from the database once a page asks."""
    return {"sender": SimpleLazyObject(Sender.objects.get)}
