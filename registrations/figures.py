"""What the pictures of a meeting show, as numbers: answers over time, and how full the themes are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import Count, Min, Q

from invitations.danish import COPENHAGEN
from invitations.models import Invitation, Meeting, Session, Theme
from registrations.models import Decline, Registration, ThemeChoice


@dataclass(frozen=True, kw_only=True)
class AnswerCurve:
    """How many municipalities had answered at the end of each day, counted in days before the deadline.

    Attributes:
        asked: how many were invited or have answered; what the answers are a share of.
        days: for each day from the first on which one was invited or answered, without gaps, the pair of days
            before the deadline (negative after it) and answers so far.
    """

    meeting: Meeting
    deadline: date
    asked: int
    days: Sequence[tuple[int, int]]

    def share(self, answered: int) -> float:
        """`answered` of those asked, from 0 to 1."""
        return answered / self.asked if self.asked else 0.0

    def at(self, days_before: int) -> int | None:
        """How many had answered at the end of that day; None before the first and after the last one."""
        return self._by_day.get(days_before)

    @cached_property
    def _by_day(self) -> dict[int, int]:
        return dict(self.days)


@dataclass(frozen=True, kw_only=True)
class ThemeFill:
    """How many have picked a theme in a session; `capacity` is None where there is no limit."""

    session: Session
    item_title: str
    number: int
    theme: Theme
    picked: int

    @property
    def capacity(self) -> int | None:
        return self.theme.capacity


def answer_curve(meeting: Meeting, *, at: datetime) -> AnswerCurve | None:
    """The answers to `meeting` until the day of `at` (aware), in days of Copenhagen; None where nobody has
    been invited or has answered.

    The deadline is the last day on which answers are taken. What came after it is shown up to a week later.
    """
    sessions = list(meeting.sessions.all())
    until = max((session.answers_until() for session in sessions), default=None)
    if until is None:
        return None
    deadline = (until.astimezone(COPENHAGEN) - timedelta(microseconds=1)).date()
    answered = _first_answers(meeting)
    invited = dict(Invitation.objects.filter(meeting=meeting).values_list("municipality", "invited_at"))
    asked = invited.keys() | answered.keys()
    if not asked:
        return None
    per_day = Counter(_day(time) for time in answered.values())
    first = min(map(_day, (*invited.values(), *answered.values())))
    last = max(first, min(_day(at), deadline + timedelta(days=7)))
    days, so_far = [], 0
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        so_far += per_day[day]
        days.append(((deadline - day).days, so_far))
    return AnswerCurve(meeting=meeting, deadline=deadline, asked=len(asked), days=days)


def theme_fills(meeting: Meeting) -> list[ThemeFill]:
    """Every theme in every session, in the order of sessions and programme."""
    picked: Mapping[tuple[int, int], int] = {
        (session, theme): count
        for session, theme, count in ThemeChoice.objects.filter(
            item__meeting=meeting, participant__withdrawn_at=None, participant__waitlisted_at=None
        )
        .order_by()
        .values_list("participant__session", "theme")
        .annotate(Count("pk"))
    }
    items = list(meeting.programme.prefetch_related("themes"))
    return [
        ThemeFill(
            session=session,
            item_title=item.title,
            number=number,
            theme=theme,
            picked=picked.get((session.pk, theme.pk), 0),
        )
        for session in meeting.sessions.all()
        for item in items
        for number, theme in enumerate(item.themes.all(), start=1)
    ]


def _first_answers(meeting: Meeting) -> dict[int, datetime]:
    """By municipality when it answered first, be it that it comes or that it does not.

    Those that have answered are those of the ledger. A decline that was undone by registering was their first
    answer; one that staff undid, and nothing after it, is none.
    """
    registered = Registration.objects.counted().filter(meeting=meeting)
    declined = Decline.objects.filter(meeting=meeting)
    answers = Q(undone_at=None) | Q(municipality__in=registered.values("municipality"))
    first: dict[int, datetime] = {}
    for rows in (
        registered.order_by().values_list("municipality").annotate(Min("registered_at")),
        declined.filter(answers).order_by().values_list("municipality").annotate(Min("declined_at")),
    ):
        for municipality, time in rows:
            first[municipality] = min(time, first.get(municipality, time))
    return first


def _day(time: datetime) -> date:
    return time.astimezone(COPENHAGEN).date()
