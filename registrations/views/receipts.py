"""The receipt: what is registered, and the way to change it."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from invitations.public_pages import public_letter
from registrations import change_rules
from registrations.availability import is_to_come
from registrations.homework import is_open
from registrations.models import Answer, Author, Registration
from registrations.views.personal_links import row_of


@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    registrations = Registration.objects.select_related("meeting", "municipality").prefetch_related(
        "meeting__sessions",
        "meeting__programme__themes",
        "participants__session",
        "participants__substitute_for",
        "participants__theme_choices__theme",
        "participants__theme_wishes__theme",
        Prefetch("answers", Answer.objects.sent().in_order()),
    )
    registration = row_of(token, registrations)
    meeting, at = registration.meeting, timezone.now()
    places = change_rules.places_for_changing(registration, author=Author.CONTACT, at=at)
    standing = [
        participant for participant in registration.participants.all() if not participant.is_withdrawn
    ]
    # Later on they may still go to another session, and until when, the form says.
    until = places.last_deadline([participant.session for participant in standing])
    waiting = sum(participant.waitlisted_at is not None for participant in standing)
    was_changed = "rettet" in request.GET
    context = {
        "waiting": waiting,
        "placed": len(standing) - waiting,
        "lacks_names": not all(participant.is_named for participant in standing),
        "registration": registration,
        "meeting": meeting,
        "letter": public_letter(meeting),
        "can_change": change_rules.can_be_changed(registration, places),
        "changes_until": until if until and at < until.end() else None,
        "can_withdraw": bool(standing) and is_to_come(meeting, at=at),
        "was_changed": was_changed,
        # The mail's link, opened weeks later, is no step of anything.
        "is_last_step": was_changed or "sendt" in request.GET,
        "has_questions": meeting.questions.exists(),
        "has_draft": Answer.objects.filter(registration=registration).exclude(draft="").exists(),
        "can_answer": is_open(registration, at=at),
    }
    return render(request, "registrations/receipt.html", context)
