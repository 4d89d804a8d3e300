"""What staff note about a mailbox: that mail came back from it, that it works again, that it was verified."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from invitations.danish import COPENHAGEN
from invitations.models import Office
from invitations.office_history import Entry, from_to, write_history
from invitations.reachability import failure_of, mail_failures


def returnable(offices: Collection[Office]) -> list[Office]:
    """Those from whose mailbox mail can be said to have come back, and has not yet been."""
    return [office for office in offices if office.can_be_written_to]


def not_working(offices: Collection[Office]) -> list[Office]:
    """Those whose mailbox is known not to work: mail came back, or the last mail failed."""
    failures = mail_failures()
    return [
        office
        for office in offices
        if office.mailbox and (office.returned_on or failure_of(office, failures))
    ]


def not_verified_on(offices: Collection[Office], day: date) -> list[Office]:
    return [office for office in offices if office.verified_on != day]


def mark_returned(pks: Collection[int], *, at: datetime, by: User) -> int:
    """Note that mail came back from the mailboxes of these offices; return of how many that is news.

    Args:
        at: now, aware; noted is its day in Copenhagen.
        by: who says so; the history of each office names them.
    """
    day = _day(at)
    return _mark(
        pks, returnable, lambda office: from_to("returned_on", office.returned_on, day), by, returned_on=day
    )


def mark_working(pks: Collection[int], *, at: datetime, by: User) -> int:
    """Note that these mailboxes work again: what came back or failed before `at` (aware) counts no more.

    Return of how many that is news.
    """
    return _mark(
        pks,
        not_working,
        lambda _office: _("The mailbox works again."),
        by,
        returned_on=None,
        confirmed_at=at,
    )


def mark_verified(pks: Collection[int], *, at: datetime, by: User) -> int:
    """Note that what we know of these offices was verified at `at` (aware).

    Return of how many that is news.
    """
    day = _day(at)
    return _mark(
        pks,
        lambda offices: not_verified_on(offices, day),
        lambda office: from_to("verified_on", office.verified_on, day),
        by,
        verified_on=day,
    )


def _mark(
    pks: Collection[int],
    concerned: Callable[[list[Office]], list[Office]],
    message: Callable[[Office], str],
    by: User,
    **values: object,
) -> int:
    with transaction.atomic():
        rows = Office.objects.filter(pk__in=pks).select_related("municipality")
        offices = concerned(list(rows.order_by("pk").select_for_update(of=("self",))))
        Office.objects.filter(pk__in=[office.pk for office in offices]).update(**values)
        write_history((Entry(office, message(office)) for office in offices), by=by)
    return len(offices)


def _day(at: datetime) -> date:
    return at.astimezone(COPENHAGEN).date()
