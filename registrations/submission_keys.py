"""The key that makes a form sent twice, by a double click or after a time-out, one act."""

from __future__ import annotations

import uuid

from django.http import QueryDict


def submission_key(data: QueryDict | None) -> uuid.UUID:
    """The key that came with the form; a new one for a new form, or where somebody tampered with it."""
    try:
        return uuid.UUID(data.get("submission_key", "") if data is not None else "")
    except ValueError:
        return uuid.uuid4()
