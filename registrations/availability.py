"""How the registration for a meeting stands: whether it is open, and how many places are left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count

from invitations.danish import Moment
from invitations.models import Invitation, Meeting, Session
from registrations.models import Participant, Registration, ThemeChoice


class State(StrEnum):
    DRAFT = "draft"
    NO_FORM = "no_form"
    NOT_YET_OPEN = "not_yet_open"
    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class SessionAvailability:
    """One session: `left` places, None without a limit; `themes_left` holds the themes that have a limit.

    `deadline` is the one that holds for who asks; None where answers are taken until the session starts.
    """

    session: Session
    deadline: Moment | None
    accepts_answers: bool
    left: int | None
    themes_left: Mapping[int, int]

    @property
    def is_full(self) -> bool:
        return self.left == 0

    @property
    def can_be_chosen(self) -> bool:
        return self.accepts_answers and not self.is_full

    def theme_is_full(self, theme_id: int) -> bool:
        return self.themes_left.get(theme_id) == 0


@dataclass(frozen=True, kw_only=True)
class Availability:
    """A meeting at one instant.

    Attributes:
        left: how many can still get a place, None where there is no limit.
        left_in_meeting: the same by the limit of the meeting alone, whatever its sessions have.
    """

    state: State
    left: int | None
    left_in_meeting: int | None
    sessions: tuple[SessionAvailability, ...]
    for_staff: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody can get a place."""
        return self.state is State.OPEN

    @property
    def is_full(self) -> bool:
        """Whether one can sign up for nothing but the waiting list."""
        return self.state is State.FULL

    @property
    def takes_waiting(self) -> bool:
        """Whether one can sign up who would wait for a place where there is none."""
        return self.is_open or self.is_full

    def of(self, session: Session) -> SessionAvailability:
        return next(places for places in self.sessions if places.session.pk == session.pk)

    def last_deadline(self, of: Collection[Session] = ()) -> Moment | None:
        """The latest of the sessions' deadlines; None where one takes answers until it starts.

        Args:
            of: those alone that somebody stands in; of all where there are none, as in `changes_until`.
        """
        deadlines = [places.deadline for places in self.sessions if not of or places.session in of]
        known = [deadline for deadline in deadlines if deadline]
        return max(known, default=None, key=Moment.end) if len(known) == len(deadlines) else None


def availability(
    meeting: Meeting,
    *,
    at: datetime,
    invitation: Invitation | None = None,
    for_staff: bool = False,
    given_up: Collection[int] = (),
    themes_given_up: Collection[int] = (),
) -> Availability:
    """Count the places of `meeting` and say whether answers are taken at `at` (aware).

    It promises nothing: who gets a place is decided by `registering.register`, which counts once more under
    the meeting's lock.

    Args:
        invitation: that of the municipality which asks by its personal link, and may have a later deadline.
        for_staff: the secretariat registers for somebody: neither the opening nor a deadline binds it, and a
            full meeting is not closed to it, since it may go beyond the places.
        given_up: the ids of participants whose places are counted as free, since they are about to be.
        themes_given_up: the same for the places in their themes.
    """
    taken = taken_by_session(meeting, given_up)
    left_in_meeting = left_of(meeting.capacity, sum(taken.values()))
    themes_left = themes_left_in(meeting, themes_given_up)
    sessions = tuple(
        SessionAvailability(
            session=session,
            deadline=deadline_for(session, invitation),
            accepts_answers=(for_staff or at < answers_until(session, invitation)) and at < session.over_at(),
            left=_least(left_in_meeting, left_of(session.capacity, taken.get(session.pk, 0))),
            themes_left=themes_left.get(session.pk, {}),
        )
        for session in meeting.sessions.all()
    )
    lefts = [places.left for places in sessions if places.accepts_answers]
    left_together = None if None in lefts else sum(left for left in lefts if left is not None)
    return Availability(
        state=_state(
            meeting,
            at=at,
            for_staff=for_staff,
            accepts_answers=any(places.accepts_answers for places in sessions),
            has_places=any(places.can_be_chosen for places in sessions),
        ),
        left=_least(left_in_meeting, left_together),
        left_in_meeting=left_in_meeting,
        sessions=sessions,
        for_staff=for_staff,
    )


def deadline_for(session: Session, invitation: Invitation | None) -> Moment | None:
    """The deadline of `session` for the municipality of `invitation`: its own where that is the later one,
    else the session's, else the meeting's; None where answers are taken until the session starts.

    An own deadline never takes anything away: where the others' is moved beyond it, theirs holds. Nor does it
    reach beyond the start of the session.
    """
    general, own = session.deadline(), invitation.deadline if invitation else None
    if general is None or own is None or own.end() <= general.end():
        return general
    return own if own.end() <= session.starts.start() else None


def answers_until(session: Session, invitation: Invitation | None) -> datetime:
    """Until when (aware) the municipality of `invitation` can sign up for `session`; see `deadline_for`.

    Without an invitation: until when anybody can.
    """
    deadline = deadline_for(session, invitation)
    if deadline == session.deadline():
        return session.answers_until()
    return deadline.end() if deadline else session.starts.start()


def changes_until(registration: Registration) -> datetime:
    """Until when (aware) `registration` may be changed by who has its link.

    It is the latest of the deadlines of the sessions that its participants stand in, on the waiting list too;
    of all of the meeting's sessions where none stands. Which invitation counts, `invitation_of` says.
    """
    return changes_of_all_until(registration.meeting, [registration])[registration.pk]


def changes_of_all_until(meeting: Meeting, registrations: Collection[Registration]) -> dict[int, datetime]:
    """By the id of each of `registrations`, all for `meeting`, what `changes_until` says of it.

    Asks the database a number of times that does not grow.
    """
    sessions = list(meeting.sessions.all())
    invitations = {
        invitation.municipality_id: invitation
        for invitation in Invitation.objects.filter(meeting=meeting, deadline_date__isnull=False)
    }
    stand_in: dict[int, set[int]] = {registration.pk: set() for registration in registrations}
    standing = Participant.objects.filter(registration__in=stand_in, withdrawn_at=None).order_by()
    for registration, session in standing.values_list("registration", "session").distinct():
        stand_in[registration].add(session)

    def until(registration: Registration) -> datetime:
        municipality = registration.answers_for_id
        invitation = invitations.get(municipality) if municipality else None
        theirs = stand_in[registration.pk] or {session.pk for session in sessions}
        return max(answers_until(session, invitation) for session in sessions if session.pk in theirs)

    return {registration.pk: until(registration) for registration in registrations}


def invitation_of(registration: Registration) -> Invitation | None:
    """The invitation whose deadline counts for `registration`: that of its municipality, however it came.

    There is none while it waits to be matched, since it is not known then whether it is the municipality's.
    """
    municipality = registration.answers_for_id
    if not municipality:
        return None
    return Invitation.objects.filter(meeting=registration.meeting_id, municipality=municipality).first()


def is_over(meeting: Meeting, *, at: datetime) -> bool:
    """Whether the last session has ended by `at` (aware); one without an end lasts until midnight."""
    return all(session.over_at() <= at for session in meeting.sessions.all())


def is_to_come(meeting: Meeting, *, at: datetime) -> bool:
    """Whether `meeting` takes place and has not been held by `at` (aware): so long one can withdraw."""
    return not meeting.is_cancelled and not is_over(meeting, at=at)


def state_for_staff(meeting: Meeting, *, at: datetime) -> State:
    """How `meeting` stands for the secretariat at `at` (aware), without counting its places: neither they nor
    a deadline bind it.
    """
    # Until it is over, at least one session takes answers.
    return _state(meeting, at=at, for_staff=True, accepts_answers=True, has_places=True)


def _state(
    meeting: Meeting, *, at: datetime, for_staff: bool, accepts_answers: bool, has_places: bool
) -> State:
    opens = meeting.registration_opens
    for holds, state in (
        (not meeting.is_published, State.DRAFT),
        (meeting.is_cancelled, State.CANCELLED),
        (is_over(meeting, at=at), State.OVER),
        (not meeting.has_form, State.NO_FORM),
        (not for_staff and opens is not None and at < opens.start(), State.NOT_YET_OPEN),
        (not accepts_answers, State.CLOSED),
        (not for_staff and not has_places, State.FULL),
    ):
        if holds:
            return state
    return State.OPEN


def _least(*lefts: int | None) -> int | None:
    return min((left for left in lefts if left is not None), default=None)


def left_of(capacity: int | None, taken: int) -> int | None:
    """The places left; none where a limit was lowered below what is `taken`, which nobody loses."""
    return None if capacity is None else max(0, capacity - taken)


def taken_by_session(meeting: Meeting, given_up: Collection[int] = ()) -> dict[int, int]:
    """By session (its id) how many take a place."""
    active = Participant.objects.active().of_meeting(meeting).exclude(pk__in=given_up)
    return dict(active.order_by().values_list("session").annotate(Count("pk")))


def themes_left_in(meeting: Meeting, given_up: Collection[int] = ()) -> dict[int, dict[int, int]]:
    """By session and theme the places left, of the themes that have a limit: it holds in each session."""
    limits = {
        theme.pk: theme.capacity
        for item in meeting.programme.all()
        for theme in item.themes.all()
        if theme.capacity is not None
    }
    if not limits:
        return {}
    choices = ThemeChoice.objects.filter(theme__in=limits, participant__withdrawn_at=None).exclude(
        participant__in=given_up
    )
    chosen = {
        (session, theme): count
        for session, theme, count in choices.values_list("participant__session", "theme").annotate(
            Count("pk")
        )
    }
    return {
        session.pk: {
            theme: max(0, limit - chosen.get((session.pk, theme), 0)) for theme, limit in limits.items()
        }
        for session in meeting.sessions.all()
    }
