"""Whose link it is that a page was asked by."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from registrations.models import Participant, Registration

Linked = TypeVar("Linked", Registration, Participant)


class ErasedError(Http404):
    """The link was right, but what it led to is kept no more; see `registrations.erasing`."""


def row_of(token: str, rows: QuerySet[Linked]) -> Linked:
    """The one of `rows` with that personal link.

    Raises:
        ErasedError: its data have been erased.
        Http404: there is none.
    """
    row = get_object_or_404(rows, token=token)
    if row.is_erased:
        raise ErasedError
    return row
