"""Forget people once their meeting is long over, as the privacy notice promises, and keep what counts them.

What happens to each, and why:

- `Registration`, `Participant`, `Decline` are emptied and marked with `erased_at`: the ledger of an old
  meeting still says who answered, how many came, and to which theme.
- `Answer`, `CalendarInvitation` are deleted: nothing counts them, and a calendar is told nothing any more.
- `OutgoingEmail` about people is deleted, text and address together. What went to offices stays: letters, the
  letters and mails that cancel, reminders of the deadline. Role mailboxes are nobody's own.
- The history of all these rows is deleted, since its words name people. That of meeting and letters stays.
- `SpecialNeeds` are gone long since; see `special_needs`.

A registration goes with all that belongs to it in one transaction, and few of them at a time: no table is
held for long, and who is killed half-way goes on with the rest the next time.
"""

from __future__ import annotations

import logging
from calendar import monthrange
from collections import Counter
from datetime import date, datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Max, Model, Q, QuerySet

from invitations.danish import COPENHAGEN
from invitations.history import about
from invitations.models import Meeting, OutgoingEmail
from registrations.cancellation_mails import office_prefix
from registrations.models import Answer, CalendarInvitation, Decline, Participant, Registration
from registrations.models.erasing import PEOPLE_KEPT_MONTHS

logger = logging.getLogger(__name__)

Kind = OutgoingEmail.Kind
Counts = Counter[type[Model]]

# How many registrations, declines or mails are erased in one transaction.
_BATCH = 200

_NOBODYS: dict[type[Model], dict[str, Any]] = {
    Registration: {
        "committee": "",
        "contact_name": "",
        "contact_email": "",
        "contact_phone": "",
        "topics": "",
        "staff_note": "",
    },
    Participant: {"name": "", "title": "", "email": ""},
    Decline: {"contact_name": "", "contact_email": "", "note": "", "staff_note": ""},
}


def due_meetings(*, at: datetime) -> QuerySet[Meeting]:
    """Those whose last day was `PEOPLE_KEPT_MONTHS` months ago at `at` (aware), by the days in Copenhagen."""
    last_day = _months_before(at.astimezone(COPENHAGEN).date(), PEOPLE_KEPT_MONTHS)
    return Meeting.objects.annotate(last_day=Max("sessions__last_date")).filter(last_day__lte=last_day)


def count_what_is_due(*, at: datetime) -> Counts:
    """How many rows of each model `erase_what_is_due` would erase at `at` (aware); changes nothing."""
    counts: Counts = Counter()
    for meeting in due_meetings(at=at):
        for rows in (_registrations(meeting), _declines(meeting), _mails(meeting)):
            for belonging in _with_all(rows):
                counts[belonging.model] += belonging.count()
    return +counts


def erase_what_is_due(*, at: datetime) -> Counts:
    """Erase the people of every meeting that is due at `at` (aware); return how many rows of each model.

    What has come about an old meeting since it was erased goes with the next call.
    """
    total: Counts = Counter()
    for meeting in due_meetings(at=at).order_by("pk"):
        erased: Counts = Counter()
        while batch := _erase_some(meeting, at=at):
            erased.update(batch)
        if erased or meeting.people_erased_at is None:
            Meeting.objects.filter(pk=meeting.pk).update(people_erased_at=at)
        if erased:
            counts = {model._meta.label: count for model, count in erased.items()}
            logger.info("Erased the people of meeting %s: %s", meeting.pk, counts)
        total.update(erased)
    return +total


def _erase_some(meeting: Meeting, *, at: datetime) -> Counts:
    """Erase a batch of what is left of `meeting`; empty once nothing is."""
    for left in (_registrations(meeting), _declines(meeting), _mails(meeting)):
        with transaction.atomic():
            # Another worker may be at it: that one's rows are left to it.
            batch = list(
                left.order_by("pk")
                .select_for_update(skip_locked=True, of=("self",))
                .values_list("pk", flat=True)[:_BATCH]
            )
            if batch:
                rows = left.model._default_manager.filter(pk__in=batch)
                return Counter({part.model: _erase(part, at=at) for part in reversed(_with_all(rows))})
    return Counter()


def _erase(rows: QuerySet[Any], *, at: datetime) -> int:
    """Empty them where they are to be counted, else delete them; return how many."""
    if rows.model in _NOBODYS:
        return rows.update(**_NOBODYS[rows.model], erased_at=at)
    if rows.model is OutgoingEmail:
        # A copy that is sent again goes by itself, once it has left.
        OutgoingEmail.objects.filter(resend_of__in=rows).update(resend_of=None)
    _all, by_model = rows.delete()
    return by_model.get(rows.model._meta.label, 0)


def _registrations(meeting: Meeting) -> QuerySet[Registration]:
    return Registration.objects.filter(meeting=meeting, erased_at=None)


def _declines(meeting: Meeting) -> QuerySet[Decline]:
    return Decline.objects.filter(meeting=meeting, erased_at=None)


def _mails(meeting: Meeting) -> QuerySet[OutgoingEmail]:
    """Those about people that are under way no more."""
    to_offices = Q(kind__in=[Kind.LETTER, Kind.DEADLINE_REMINDER]) | Q(key__startswith=office_prefix(meeting))
    done = [OutgoingEmail.State.SENT, OutgoingEmail.State.FAILED, OutgoingEmail.State.DROPPED]
    return OutgoingEmail.objects.filter(about=meeting.slug, state__in=done).exclude(to_offices)


def _with_all(rows: QuerySet[Any]) -> tuple[QuerySet[Any], ...]:
    """`rows`, then what belongs to them and goes with them; the history of each stands for itself last."""
    if rows.model is not Registration:
        return rows, LogEntry.objects.filter(about(rows))
    people = Participant.objects.filter(registration__in=rows)
    return (
        rows,
        people,
        Answer.objects.filter(registration__in=rows),
        CalendarInvitation.objects.filter(participant__registration__in=rows),
        LogEntry.objects.filter(about(rows) | about(people)),
    )


def _months_before(day: date, months: int) -> date:
    """The same day so many months before, or the last of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
