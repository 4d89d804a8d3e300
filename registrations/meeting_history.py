"""Everything that staff have done about a meeting: to itself, its letters, its answers and its mails."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from invitations.models import Letter, Meeting, OutgoingEmail
from registrations.models import Decline, Participant, Registration


def history_of(meeting: Meeting) -> QuerySet[LogEntry]:
    """The entries of the history about `meeting` and what belongs to it, the latest first."""
    parts: tuple[tuple[type[Model], QuerySet[Model]], ...] = (
        (Letter, Letter.objects.filter(meeting=meeting)),
        (Registration, Registration.objects.filter(meeting=meeting)),
        (Participant, Participant.objects.filter(registration__meeting=meeting)),
        (Decline, Decline.objects.filter(meeting=meeting)),
        (OutgoingEmail, OutgoingEmail.objects.filter(about=meeting.slug)),
    )
    types = ContentType.objects.get_for_models(Meeting, *(model for model, _rows in parts))
    wanted = Q(content_type=types[Meeting], object_id=str(meeting.pk))
    for model, rows in parts:
        # The history knows its objects by their numbers as text.
        numbers = rows.order_by().annotate(number=Cast("pk", TextField())).values("number")
        wanted |= Q(content_type=types[model], object_id__in=numbers)
    return (
        LogEntry.objects.filter(wanted).select_related("user", "content_type").order_by("-action_time", "-pk")
    )
