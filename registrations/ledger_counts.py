"""What the ledger counts, each by municipality and by a number of queries that does not grow."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from invitations.models import Area, AreaMembership, Dispatch, Meeting, OutgoingEmail, ProgrammeItem
from invitations.models.addressees import valid_on
from registrations.models import Participant, Registration, ThemeChoice
from registrations.reminder_keys import deadline_prefix


def registrations_of(meeting: Meeting) -> dict[int, dict[str, Any]]:
    """By municipality how many registrations it has, since when, and the contact of the latest."""
    groups = list(
        Registration.objects.counted()
        .filter(meeting=meeting)
        .order_by()
        .values("municipality")
        .annotate(count=Count("pk"), first=Min("registered_at"), latest=Max("pk"))
    )
    latest = Registration.objects.only("contact_name", "contact_email").in_bulk(
        [group["latest"] for group in groups]
    )
    return {
        group["municipality"]: {
            "registrations": group["count"],
            "answered_at": group["first"],
            "contact_name": latest[group["latest"]].contact_name,
            "contact_email": latest[group["latest"]].contact_email,
        }
        for group in groups
    }


def participants_of(meeting: Meeting) -> dict[int, dict[str, Any]]:
    groups = (
        Participant.objects.filter(
            registration__in=Registration.objects.counted().filter(meeting=meeting), withdrawn_at=None
        )
        .order_by()
        .values("registration__municipality")
        .annotate(
            registered=Count("pk", filter=Q(waitlisted_at=None)),
            nameless=Count("pk", filter=Q(waitlisted_at=None, name="", erased_at=None)),
            waitlisted=Count("pk", filter=Q(waitlisted_at__isnull=False)),
        )
    )
    return {
        group["registration__municipality"]: {
            "registered": group["registered"],
            "nameless": group["nameless"],
            "waitlisted": group["waitlisted"],
        }
        for group in groups
    }


def themes_missing_in(meeting: Meeting) -> dict[int, int]:
    """By municipality how many participants lack a theme in one of the rounds."""
    rounds = ProgrammeItem.objects.filter(meeting=meeting, themes__isnull=False).distinct().count()
    if not rounds:
        return {}
    choices = ThemeChoice.objects.filter(participant=OuterRef("pk")).order_by().values("participant")
    groups = (
        Participant.objects.active()
        .filter(registration__in=Registration.objects.counted().filter(meeting=meeting))
        .annotate(chosen=Coalesce(Subquery(choices.annotate(count=Count("pk")).values("count")), 0))
        .filter(chosen__lt=rounds)
        .order_by()
        .values("registration__municipality")
        .annotate(count=Count("pk"))
    )
    return {group["registration__municipality"]: group["count"] for group in groups}


def written_to(meeting: Meeting) -> dict[int, dict[str, Any]]:
    """By municipality to how many mailboxes letters went, and how many of their mails failed for good."""
    groups = (
        Dispatch.objects.filter(invitation__meeting=meeting)
        .order_by()
        .values("invitation__municipality")
        .annotate(
            offices=Count("mailbox", distinct=True),
            failed=Count("email", filter=Q(email__in=OutgoingEmail.objects.undelivered()), distinct=True),
        )
    )
    return {
        group["invitation__municipality"]: {"offices": group["offices"], "failed": group["failed"]}
        for group in groups
    }


def last_reminders(meeting: Meeting) -> dict[str, datetime]:
    """By municipality code when the last reminder of the deadline left; its key says which it went to."""
    prefix = deadline_prefix(meeting)
    last: dict[str, datetime] = {}
    sent = OutgoingEmail.objects.filter(
        kind=OutgoingEmail.Kind.DEADLINE_REMINDER, key__startswith=prefix, sent_at__isnull=False
    )
    for key, sent_at in sent.order_by("sent_at").values_list("key", "sent_at"):
        assert sent_at is not None
        last[key.removeprefix(prefix).partition(":")[0]] = sent_at
    return last


def unmatched_of(meeting: Meeting) -> Counter[int]:
    """By municipality how many registrations wait that may be its answer: by choice or by mail address."""
    waiting = Registration.objects.filter(meeting=meeting, awaits_match=True)
    counts: Counter[int] = Counter()
    for chosen, of_mail in waiting.values_list("municipality", "mail_municipality"):
        counts.update({chosen, of_mail} - {None})
    return counts


def regions_of(meeting: Meeting) -> dict[int, str]:
    """By municipality the name of its region on the day of the meeting."""
    starts = meeting.starts()
    if starts is None:
        return {}
    memberships = AreaMembership.objects.filter(valid_on(starts.date), area__kind=Area.Kind.REGION)
    return dict(memberships.values_list("municipality", "area__name"))
