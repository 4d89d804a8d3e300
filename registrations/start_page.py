"""The day of the secretariat: the meetings to come with what each needs next, and what needs a hand today.

Reads no clock and makes no addresses; the admin puts the words and links to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Count, QuerySet

from invitations.danish import COPENHAGEN
from invitations.letter_mails import ASKING
from invitations.models import Letter, Meeting, OutgoingEmail
from registrations.ledger import Coverage, coverages
from registrations.models import Participant

# A mail that has waited longer than this points to a worker or a mail server that stands still.
WAITED_TOO_LONG = timedelta(minutes=15)
# What failed longer ago has been seen to, or never will be.
FAILURES_SHOWN_FOR = timedelta(days=30)


class Step(StrEnum):
    """What comes next for a meeting."""

    CANCELLED = "cancelled"
    PUBLISH = "publish"
    SEND_LETTER = "send_letter"
    LETTER_WAITS = "letter_waits"
    OPENS = "opens"
    DEADLINE = "deadline"
    MEETING = "meeting"


@dataclass(frozen=True, kw_only=True)
class ComingMeeting:
    """A meeting of which a session is still to come.

    Attributes:
        day: of its next session, in Copenhagen.
        step, step_at: what comes next, and when (aware) where that has a time.
        deadline: until when (aware) answers are taken; None without a form or sessions.
        participants: who take a place, guests included.
    """

    meeting: Meeting
    day: date
    step: Step
    step_at: datetime | None
    deadline: datetime | None
    coverage: Coverage
    participants: int

    @property
    def silent(self) -> int:
        return self.coverage.asked - self.coverage.answered


def coming_meetings(*, at: datetime) -> list[ComingMeeting]:
    """The meetings with a session on the day of `at` (aware) or later, drafts and cancelled ones included, in
    the order of their days, by a number of queries that does not grow.
    """
    today = at.astimezone(COPENHAGEN).date()
    meetings = list(Meeting.objects.from_day(today).prefetch_related("sessions"))
    answered = coverages(meetings)
    participants = dict(
        Participant.objects.active()
        .filter(registration__meeting__in=meetings)
        .order_by()
        .values_list("registration__meeting")
        .annotate(Count("pk"))
    )
    letters: dict[int, list[Letter]] = {}
    for letter in Letter.objects.filter(meeting__in=meetings, kind__in=ASKING).order_by("date", "pk"):
        letters.setdefault(letter.meeting_id, []).append(letter)
    return [
        _coming(
            meeting,
            letters.get(meeting.pk, []),
            coverage=answered[meeting.pk],
            participants=participants.get(meeting.pk, 0),
            at=at,
        )
        for meeting in meetings
    ]


def failed_mails(*, at: datetime) -> QuerySet[OutgoingEmail]:
    """Mails given up in the last month before `at` (aware), for which no second one has left."""
    return OutgoingEmail.objects.undelivered().filter(owed_at__gt=at - FAILURES_SHOWN_FOR)


def mails_that_wait(*, at: datetime) -> QuerySet[OutgoingEmail]:
    """Mails that nobody has tried or that no server takes, owed for longer than usual at `at` (aware)."""
    return OutgoingEmail.objects.unfinished().filter(owed_at__lt=at - WAITED_TOO_LONG)


def letters_not_sent() -> QuerySet[Letter]:
    """Letters that were to be sent at a time and could not be."""
    return Letter.objects.filter(sent_at=None).exclude(send_problem="").select_related("meeting")


def _coming(
    meeting: Meeting, letters: Sequence[Letter], *, coverage: Coverage, participants: int, at: datetime
) -> ComingMeeting:
    sessions = list(meeting.sessions.all())
    today = at.astimezone(COPENHAGEN).date()
    day = min(session.starts_date for session in sessions if session.last_date >= today)
    deadline = max(session.answers_until() for session in sessions) if meeting.has_form else None
    step, step_at = _next_step(meeting, letters, deadline, at=at)
    return ComingMeeting(
        meeting=meeting,
        day=day,
        step=step,
        step_at=step_at,
        deadline=deadline,
        coverage=coverage,
        participants=participants,
    )


def _next_step(
    meeting: Meeting, letters: Iterable[Letter], deadline: datetime | None, *, at: datetime
) -> tuple[Step, datetime | None]:
    if meeting.is_cancelled:
        return Step.CANCELLED, None
    if not meeting.is_published:
        return Step.PUBLISH, None
    waiting = [letter.send_at for letter in letters if letter.send_at and not letter.is_sent]
    if waiting:
        return Step.LETTER_WAITS, min(waiting)
    if meeting.has_form and not any(letter.is_sent for letter in letters):
        return Step.SEND_LETTER, None
    opens = meeting.registration_opens
    if meeting.has_form and opens and at < opens.start():
        return Step.OPENS, opens.start()
    if deadline and at < deadline:
        return Step.DEADLINE, deadline
    return Step.MEETING, None
