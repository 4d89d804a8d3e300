"""Everything that staff have done about a meeting: to itself, its letters, its answers and its mails."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet

from invitations.history import about
from invitations.models import Letter, Meeting, OutgoingEmail
from registrations.models import Decline, Participant, Registration


def history_of(meeting: Meeting) -> QuerySet[LogEntry]:
    """The entries of the history about `meeting` and what belongs to it, the latest first."""
    parts: tuple[QuerySet[Any], ...] = (
        Meeting.objects.filter(pk=meeting.pk),
        Letter.objects.filter(meeting=meeting),
        Registration.objects.filter(meeting=meeting),
        Participant.objects.filter(registration__meeting=meeting),
        Decline.objects.filter(meeting=meeting),
        OutgoingEmail.objects.filter(about=meeting.slug),
    )
    return (
        LogEntry.objects.filter(reduce(or_, map(about, parts)))
        .select_related("user", "content_type")
        .order_by("-action_time", "-pk")
    )
