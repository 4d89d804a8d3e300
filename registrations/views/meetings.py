"""The page of a meeting."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from invitations.danish import join_words
from invitations.meeting_texts import programme_block, text_of_meeting
from invitations.models import Invitation, Letter, Meeting
from invitations.placeholders import Placeholders, area_words
from invitations.public_pages import kept_for_a_moment, of_meeting, public_letter
from registrations.availability import availability
from registrations.models import Correction


@require_safe
@kept_for_a_moment
@of_meeting(announced=True)
def meeting(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    letter = public_letter(meeting)
    placeholders = Placeholders(letter or Letter(meeting=meeting))
    return render(
        request,
        "registrations/meeting.html",
        {
            **standing(meeting, letter=letter),
            "areas": area_words(meeting.ordered_areas()),
            "hosts": join_words(
                [*(host.official_name for host in meeting.ordered_hosts()), *meeting.co_organiser_names]
            ),
            "programme": programme_block(meeting, placeholders),
            "practical_information": text_of_meeting(meeting.practical_information, placeholders),
            "enclosures": letter.enclosures.all() if letter else [],
            "corrections": Correction.objects.filter(meeting=meeting).order_by("-sent_at", "-pk"),
        },
    )


def standing(
    meeting: Meeting, *, letter: Letter | None, invitation: Invitation | None = None
) -> dict[str, Any]:
    """What tells whether one can sign up, and whom to ask if not: for `_standing.html`.

    Args:
        invitation: that of the municipality whose personal link it is.
    """
    places = availability(meeting, at=timezone.now(), invitation=invitation)
    return {"meeting": meeting, "places": places, "letter": letter}
