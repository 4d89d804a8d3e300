from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """What every page's foot may need."""
    return {"public_url": settings.PUBLIC_URL, "was_statement_url": settings.WAS_STATEMENT_URL}
