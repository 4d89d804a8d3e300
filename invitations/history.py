"""What our verbs write into the history of a row, beside what the admin's forms write by themselves."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast


def record(row: Model, message: str, *, by: User, action: int = CHANGE) -> None:
    """Write down that `by` did to `row` what `message` says, in the transaction of what was done.

    Args:
        action: one of `django.contrib.admin.models`.
    """
    LogEntry.objects.log_actions(by.pk, [row], action, message, single_object=True)


def about(rows: QuerySet[Any]) -> Q:
    """Which entries of the history are about one of `rows`, of which nothing is read for that."""
    # The history knows its objects by their numbers as text.
    numbers = rows.order_by().annotate(number=Cast("pk", TextField())).values("number")
    return Q(content_type=ContentType.objects.get_for_model(rows.model), object_id__in=numbers)


def name_of(user: User | None) -> str:
    """A user's full name, else the name of the login; nothing for nobody."""
    return (user.get_full_name() or user.get_username()) if user else ""
