"""Who waits for a place, who gets one next, and why those who still wait have got none.

Nothing of it is stored but since when somebody waits: who comes next and what is in the way is worked out
each time, by the same rule for those who are moved up and for the page that staff read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, Session, Theme
from registrations import receipts, waiting_mails
from registrations.availability import left_of, taken_by_session, themes_left_in
from registrations.models import Participant, ThemeChoice
from registrations.models.registrations import ParticipantQuerySet


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Somebody who waits.

    Attributes:
        number: their number in the queue of their session, counted from 1.
        obstacle: why they have not got a place yet, a sentence in the language of the page; empty where
            nothing is in the way, and they get one the next time that places are given away.
        themes: those that they would get now.
    """

    participant: Participant
    number: int
    obstacle: str
    themes: Sequence[Theme] = ()


def move_up(meeting: Meeting, *, at: datetime) -> list[Participant]:
    """Give the free places of `meeting` to those who wait for them, in order, and owe the mails that say so.

    Who cannot have one is passed over and holds nobody up. The registration deadline does not matter, the
    start of the session does. To be called in a transaction under the meeting's lock, after everything that
    may free a place and before anything that takes one.

    Args:
        at: now, aware.

    Returns:
        Those who have got a place, in that order.
    """
    waiting = Participant.objects.waitlisted().of_meeting(meeting)
    sessions = set(waiting.order_by().values_list("session", flat=True))
    if not sessions:
        return []
    places = _places_of(meeting)
    # Everybody who signs up asks: where all is taken, the queue need not be read.
    if not any(places.has_room(session) for session in sessions):
        return []
    next_ones = [waiting for waiting in _queue(places, _in_order(waiting), at) if not waiting.obstacle]
    moved = [waiting.participant for waiting in next_ones]
    if not moved:
        return []
    Participant.objects.filter(pk__in=[participant.pk for participant in moved]).update(
        waitlisted_at=None, moved_up_at=at
    )
    for participant in moved:
        participant.waitlisted_at, participant.moved_up_at = None, at
    ThemeChoice.objects.bulk_create(
        ThemeChoice(participant=waiting.participant, item=theme.item, theme=theme)
        for waiting in next_ones
        for theme in waiting.themes
    )
    receipts.owe_calendar_requests(moved, at=at, moved_up=True)
    waiting_mails.owe_moved_up(moved, at=at)
    return moved


def move_up_everywhere(*, at: datetime) -> int:
    """Do so for every meeting that somebody waits for: places come free where nobody of us hears of it, as
    when the number of places is raised. Twice at once is harmless.

    Args:
        at: now, aware.

    Returns:
        How many have got a place.
    """
    today = at.astimezone(COPENHAGEN).date()
    concerned = Participant.objects.waitlisted().filter(
        session__last_date__gte=today, registration__meeting__cancelled_at=None
    )
    moved = 0
    for pk in sorted(set(concerned.order_by().values_list("registration__meeting", flat=True))):
        with transaction.atomic():
            meeting = Meeting(pk=pk)
            meeting.lock()
            moved += len(move_up(meeting, at=at))
    return moved


def queue(meeting: Meeting, *, at: datetime) -> list[Waiting]:
    """Those who wait for a place at `meeting` at `at` (aware), in the order in which they get one."""
    waiting = _in_order(Participant.objects.waitlisted().of_meeting(meeting))
    return list(_queue(_places_of(meeting), waiting, at)) if waiting else []


def number_in_queue(participant: Participant) -> int:
    """The number of `participant`, who waits, in the queue of their session, counted from 1."""
    since = participant.waitlisted_at
    is_ahead = Q(waitlisted_at__lt=since) | Q(waitlisted_at=since, pk__lt=participant.pk)
    waiting = Participant.objects.waitlisted().filter(session=participant.session_id)
    return 1 + waiting.filter(is_ahead).count()


def moved_up(meeting: Meeting) -> ParticipantQuerySet:
    """Those who have got a place at `meeting` from the waiting list, in that order, withdrawn or not."""
    got_one = Participant.objects.of_meeting(meeting).filter(moved_up_at__isnull=False)
    return got_one.select_related("registration__municipality", "session").order_by("moved_up_at", "pk")


def _in_order(waiting: ParticipantQuerySet) -> ParticipantQuerySet:
    return (
        waiting.order_by("waitlisted_at", "pk")
        .select_related("registration__municipality", "session__meeting")
        .prefetch_related("theme_wishes__theme__item")
    )


def _places_of(meeting: Meeting) -> _Places:
    # As it is by now: who calls may have read it before somebody raised the places or cancelled it.
    return _Places(Meeting.objects.prefetch_related("sessions", "programme__themes").get(pk=meeting.pk))


def _queue(places: _Places, waiting: Iterable[Participant], at: datetime) -> Iterator[Waiting]:
    numbers: Counter[int] = Counter()
    for participant in waiting:
        numbers[participant.session_id] += 1
        obstacle = places.obstacle(participant, at)
        yield Waiting(
            participant=participant,
            number=numbers[participant.session_id],
            obstacle=obstacle,
            themes=() if obstacle else places.take(participant),
        )


class _Places:
    """The places of a meeting while they are given away one by one. Reads the database three times."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting
        taken = taken_by_session(meeting)
        self._sessions = {session.pk: session for session in meeting.sessions.all()}
        self._taken = Counter(taken)
        self._themes_left = {session: dict(themes) for session, themes in themes_left_in(meeting).items()}
        self._of_municipality, self._of_unmatched = _taken_by_municipality(meeting)

    def obstacle(self, participant: Participant, at: datetime) -> str:
        """Why `participant` cannot have a place, the first reason that there is; empty where they can."""
        meeting, session = self.meeting, self._sessions[participant.session_id]
        if meeting.is_cancelled:
            return _("The meeting is cancelled.")
        if not meeting.is_published:
            return _("The meeting is not published yet.")
        if session.starts.start() <= at:
            return _("The meeting has started.")
        if self._is_full(session):
            return _full(session)
        if self._meeting_is_full():
            return _meeting_full(meeting)
        if self._has_all_its_places(participant):
            return _all_its_places(participant, meeting)
        return ""

    def has_room(self, session: int) -> bool:
        """Whether there is a place in that session (its id), as far as it and the meeting are concerned."""
        return not self._is_full(self._sessions[session]) and not self._meeting_is_full()

    def take(self, participant: Participant) -> list[Theme]:
        """Give `participant` a place, and in each round the first theme wished for that has room."""
        self._taken[participant.session_id] += 1
        registration = participant.registration
        if registration.awaits_match:
            self._of_unmatched[registration.pk] += 1
        else:
            self._of_municipality[registration.municipality_id] += 1
        left = self._themes_left.get(participant.session_id, {})
        given: dict[int, Theme] = {}
        for wish in participant.theme_wishes.all():
            if wish.item_id in given or left.get(wish.theme_id) == 0:
                continue
            given[wish.item_id] = wish.theme
            if wish.theme_id in left:
                left[wish.theme_id] -= 1
        return list(given.values())

    def _is_full(self, session: Session) -> bool:
        return left_of(session.capacity, self._taken[session.pk]) == 0

    def _meeting_is_full(self) -> bool:
        return left_of(self.meeting.capacity, self._taken.total()) == 0

    def _has_all_its_places(self, participant: Participant) -> bool:
        registration, most = participant.registration, self.meeting.max_per_municipality
        if most is None or registration.municipality_id is None:
            return False
        # One that waits to be matched counts for no municipality, but must not be more than one could have.
        with_them = self._of_unmatched[registration.pk] if registration.awaits_match else 0
        return self._of_municipality[registration.municipality_id] + with_them >= most


def _taken_by_municipality(meeting: Meeting) -> tuple[Counter[int | None], Counter[int]]:
    """How many take a place, by municipality; and by registration of those that wait to be matched."""
    matched: Counter[int | None] = Counter()
    unmatched: Counter[int] = Counter()
    counts: Mapping[tuple[int, int | None, bool], int] = {
        (registration, municipality, awaits_match): count
        for registration, municipality, awaits_match, count in Participant.objects.active()
        .of_meeting(meeting)
        .order_by()
        .values_list("registration", "registration__municipality", "registration__awaits_match")
        .annotate(Count("pk"))
    }
    for (registration, municipality, awaits_match), count in counts.items():
        if awaits_match:
            unmatched[registration] += count
        else:
            matched[municipality] += count
    return matched, unmatched


def _full(session: Session) -> str:
    count = session.capacity or 0
    return ngettext(
        "The %(count)d place of this date is taken.", "All %(count)d places of this date are taken.", count
    ) % {"count": count}


def _meeting_full(meeting: Meeting) -> str:
    count = meeting.capacity or 0
    return ngettext(
        "The %(count)d place of the meeting is taken.",
        "All %(count)d places of the meeting are taken.",
        count,
    ) % {"count": count}


def _all_its_places(participant: Participant, meeting: Meeting) -> str:
    count = meeting.max_per_municipality or 0
    return ngettext(
        "%(municipality)s has its %(count)d place already.",
        "%(municipality)s has its %(count)d places already.",
        count,
    ) % {"municipality": participant.registration.municipality, "count": count}
