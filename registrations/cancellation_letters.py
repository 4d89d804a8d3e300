"""The letter that tells the offices that a meeting is cancelled."""

from __future__ import annotations

import re
from datetime import date, datetime
from html import unescape

from django.contrib.admin.models import ADDITION
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from invitations.danish import MONTHS, format_dates
from invitations.history import record
from invitations.letter_drafts import draft_letter
from invitations.models import Letter, LetterVersion, Meeting
from invitations.told import told_by_last_letter
from registrations.drafts import Draft, free_date, waiting_letter

CANCELLATION = Letter.Kind.CANCELLATION


def can_be_told_by_letter(meeting: Meeting) -> bool:
    """Whether a letter about the meeting has been sent, and none yet that it is cancelled."""
    kinds = set(Letter.objects.filter(meeting=meeting).sent().values_list("kind", flat=True))
    return bool(kinds) and CANCELLATION not in kinds


def prepare_cancellation_letter(meeting: Meeting, *, at: datetime, by: User) -> Letter:
    """Draft the letter, or return the draft that is there.

    Args:
        at: now, aware; the letter is dated that day.
        by: who pressed the button, for the letter's history.

    Raises:
        ValidationError: no letter about the meeting has been sent, or the one about its cancellation has.
    """
    with transaction.atomic():
        # Of two at once the second one finds the draft.
        meeting.lock()
        if not can_be_told_by_letter(meeting):
            raise ValidationError(_("There is nobody to tell by letter."), code="nobody")
        if draft := waiting_letter(meeting, CANCELLATION):
            return draft
        letter = draft_letter(meeting, CANCELLATION, date=free_date(meeting, CANCELLATION, at=at))
        record(letter, _("Drafted to cancel the meeting."), by=by, action=ADDITION)
    return letter


def days_not_named(draft: Draft) -> str:
    """The days that the recipients have been told and the letter does not name: `28. marts 2027`; else empty.

    The draft may be older than a change of the meeting, which its placeholders follow.
    """
    if draft.problems:
        return ""
    html = LetterVersion.objects.get(letter=draft.letter).html.replace("\u00a0", " ")
    told = told_by_last_letter(draft.letter.meeting).days
    # Of 20 and 21 April the letter says "20. og 21. april".
    return format_dates(day for day in told if not _names(html, day))


def _names(html: str, day: date) -> bool:
    text = unescape(re.sub(r"<[^>]*>", " ", html))
    return re.search(rf"\b{day.day}\.(?: og \d+\.|, \d+\.)* {MONTHS[day.month - 1]}\b", text) is not None
