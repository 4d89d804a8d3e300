"""The history of offices, where one act changes many of them: an entry for each, with what changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from invitations.models import Office


class Entry(NamedTuple):
    """What somebody did to an office; `action` is one of `django.contrib.admin.models`."""

    office: Office
    message: str
    action: int = CHANGE


def write_history(entries: Iterable[Entry], *, by: User) -> None:
    """Write `entries` down as done by `by`; to be called in the transaction of what was done."""
    content_type = ContentType.objects.get_for_model(Office)
    LogEntry.objects.bulk_create(
        (
            LogEntry(
                user=by,
                content_type=content_type,
                object_id=str(entry.office.pk),
                object_repr=str(entry.office)[:200],
                action_flag=entry.action,
                change_message=entry.message,
            )
            for entry in entries
        ),
        batch_size=500,
    )


def from_to(field: str, old: Any, new: Any) -> str:
    """`gælder til og med: tom → 31.12.2029`, as history and previews write a change.

    Args:
        field: the name of the field of `Office`.
    """
    label = Office._meta.get_field(field).verbose_name  # type: ignore[union-attr]
    return _("%(field)s: %(old)s → %(new)s") % {"field": label, "old": shown(old), "new": shown(new)}


def shown(value: Any) -> str:
    """A value of a field as a person reads it."""
    if isinstance(value, date):
        return f"{value.day}.{value.month}.{value.year}"
    return str(value) if value else _("empty")
