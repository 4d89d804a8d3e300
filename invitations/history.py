"""What our verbs write into the history of a row, beside what the admin's forms write by themselves."""

from __future__ import annotations

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db.models import Model


def record(row: Model, message: str, *, by: User, action: int = CHANGE) -> None:
    """Write down that `by` did to `row` what `message` says, in the transaction of what was done.

    Args:
        action: one of `django.contrib.admin.models`.
    """
    LogEntry.objects.log_actions(by.pk, [row], action, message, single_object=True)


def name_of(user: User | None) -> str:
    """A user's full name, else the name of the login; nothing for nobody."""
    return (user.get_full_name() or user.get_username()) if user else ""
