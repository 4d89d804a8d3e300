"""A delegation as typed into the form, and what has to be put right in it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from invitations.models import Meeting, Municipality, Question, Session, Theme
from invitations.models.programme import themed_items
from registrations.availability import Availability, SessionAvailability
from registrations.models import Participant
from registrations.models.registrations import ParticipantQuerySet
from registrations.refusals import (
    MOST_PARTICIPANTS,
    ListedTwice,
    NoParticipants,
    Problem,
    RegisteredBefore,
    SessionClosed,
    SessionFull,
    ThemeFull,
    ThemeMissing,
    TooManyAtOnce,
    TooManyOfMunicipality,
    TooManyParticipants,
    in_the_way,
)


@dataclass(frozen=True, kw_only=True)
class Attendee:
    """A person as typed, with one theme at most for each item of the programme; without a name, a place for
    somebody whose name follows.

    `second_wishes` are the themes that they would take as well where the first has no room. What they need
    is compared with nothing and printed nowhere: it may be changed or gone by the time that a form is sent
    again.
    """

    name: str
    email: str
    session: Session
    title: str = ""
    themes: tuple[Theme, ...] = ()
    second_wishes: tuple[Theme, ...] = ()
    needs: str = field(default="", compare=False, repr=False)

    @property
    def is_named(self) -> bool:
        """Whether it is known who comes: a theme is picked then, and nobody is listed twice before."""
        return bool(self.name)

    @property
    def identity(self) -> tuple[str, str, int]:
        """Who it is, and where: what nobody can be twice."""
        return self.name.casefold(), self.email.casefold(), self.session.pk


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """A municipality's registration as typed.

    `submission_key` comes with the form: sent twice, by a double click or after a time-out, it is one
    registration. With `waits` those for whom there is no place are put on the waiting list.
    """

    municipality: Municipality
    contact_name: str
    contact_email: str
    submission_key: uuid.UUID
    participants: tuple[Attendee, ...]
    committee: str = ""
    contact_phone: str = ""
    topics: str = ""
    answers: tuple[tuple[Question, str], ...] = ()
    waits: bool = False


@dataclass(frozen=True, kw_only=True)
class Allotment:
    """What somebody who is asked for gets.

    Attributes:
        waits: no place, but a wait for one.
        themes: those that they get, in the order of the rounds; none while they wait.
        full: the rounds (ids of programme items) in which there is no room where they wish to be.
    """

    waits: bool
    themes: tuple[Theme, ...]
    full: frozenset[int] = frozenset()


def allot(asked: Sequence[Attendee], places: Availability, *, waits: bool = False) -> list[Allotment]:
    """Give those first on the list the places and themes that there are: what `asked` get, one by one.

    A first wish with no room left gives way to the second. With no room for that either, the first is given
    all the same, and the round is `full`: whether that is too much is for the caller to say.

    Args:
        waits: whether those for whom there is no place wait for one; else everybody gets one.
    """
    taken: Counter[int] = Counter()
    picked: Counter[tuple[int, int]] = Counter()
    allotted = []
    for attendee in asked:
        here = places.of(attendee.session)
        room = here.left is None or taken[here.session.pk] < here.left
        room_in_all = places.left_in_meeting is None or taken.total() < places.left_in_meeting
        if waits and not (room and room_in_all):
            allotted.append(Allotment(waits=True, themes=()))
            continue
        taken[here.session.pk] += 1
        second = {theme.item_id: theme for theme in attendee.second_wishes}
        themes, full = [], set()
        for first in attendee.themes:
            wishes = filter(None, (first, second.get(first.item_id)))
            theme = next((theme for theme in wishes if _has_room(theme, here, picked)), None)
            if theme is None:
                full.add(first.item_id)
            themes.append(theme or first)
            picked[here.session.pk, themes[-1].pk] += 1
        allotted.append(Allotment(waits=False, themes=tuple(themes), full=frozenset(full)))
    return allotted


def _has_room(theme: Theme, here: SessionAvailability, picked: Counter[tuple[int, int]]) -> bool:
    left = here.themes_left.get(theme.pk)
    return left is None or picked[here.session.pk, theme.pk] < left


def find_problems(
    meeting: Meeting, delegation: Delegation, places: Availability, *, overrule: bool = False
) -> list[Problem]:
    """What has to be put right before `delegation` can be registered, given the `places` of the meeting.

    Args:
        overrule: go beyond the number of places, as only the secretariat may.
    """
    return in_the_way(_problems(meeting, delegation, places), overrule=overrule)


def _problems(meeting: Meeting, delegation: Delegation, places: Availability) -> list[Problem]:
    asked, waits = delegation.participants, delegation.waits
    if not asked:
        return [NoParticipants()]
    if len(asked) > MOST_PARTICIPANTS:
        return [TooManyAtOnce(asked=len(asked))]
    return [
        *(() if waits else too_many_for_meeting(asked, places)),
        *_too_many_of_municipality(meeting, delegation),
        *sessions_refused(asked, places, waits=waits),
        *themes_refused(meeting, asked, places, waits=waits),
        *listed_twice(asked, _said_to_be_of(meeting, delegation.municipality)),
    ]


def active_participants(meeting: Meeting, municipality: Municipality) -> ParticipantQuerySet:
    """Those of `municipality` who take a place at `meeting`; not those who wait to be matched with it."""
    return standing_participants(meeting, municipality).filter(waitlisted_at=None)


def standing_participants(meeting: Meeting, municipality: Municipality) -> ParticipantQuerySet:
    """Those of `municipality` who take a place or wait for one, as `active_participants` has them."""
    return _said_to_be_of(meeting, municipality).filter(registration__awaits_match=False)


def _said_to_be_of(meeting: Meeting, municipality: Municipality) -> ParticipantQuerySet:
    of_meeting = Participant.objects.of_meeting(meeting).filter(withdrawn_at=None)
    return of_meeting.filter(registration__municipality=municipality)


def too_many_for_meeting(asked: Sequence[Attendee], places: Availability) -> Iterable[Problem]:
    """Where more are asked for than the meeting has places."""
    if places.left is not None and len(asked) > places.left:
        yield TooManyParticipants(asked=len(asked), left=places.left)


def _too_many_of_municipality(meeting: Meeting, delegation: Delegation) -> Iterable[Problem]:
    asked = len(delegation.participants)
    if meeting.max_per_municipality is not None:
        # Those who wait as well: a municipality does not queue for more than it may have.
        registered = standing_participants(meeting, delegation.municipality).count()
        if registered + asked > meeting.max_per_municipality:
            yield TooManyOfMunicipality(
                municipality=delegation.municipality,
                most=meeting.max_per_municipality,
                registered=registered,
                asked=asked,
            )


def sessions_refused(
    asked: Sequence[Attendee], places: Availability, *, waits: bool = False
) -> Iterable[Problem]:
    """At the participants who are too many: those first on the list have the places that are left.

    Args:
        waits: whether those who are too many wait for a place.
    """
    chosen = Counter(attendee.session.pk for attendee in asked)
    taken: Counter[int] = Counter()
    for position, attendee in enumerate(asked):
        here = places.of(attendee.session)
        if not here.accepts_answers:
            yield SessionClosed(position=position, session=here.session)
            continue
        taken[here.session.pk] += 1
        too_many_in_all = places.left is not None and len(asked) > places.left
        if waits or too_many_in_all or here.left is None:
            continue
        if taken[here.session.pk] > here.left:
            yield SessionFull(
                position=position, session=here.session, asked=chosen[here.session.pk], left=here.left
            )


def themes_refused(
    meeting: Meeting,
    asked: Sequence[Attendee],
    places: Availability,
    *,
    must_choose: bool = True,
    waits: bool = False,
) -> Iterable[Problem]:
    """At those without a theme, unless all themes of the round are full, and at those for whom there is no
    room in the theme that they wish for, nor in their second wish.

    Args:
        must_choose: whether everybody who is named needs a theme in each round.
        waits: whether those for whom there is no place wait for one, with their wishes.
    """
    rounds = themed_items(list(meeting.programme.all()))
    for position, (attendee, allotted) in enumerate(
        zip(asked, allot(asked, places, waits=waits), strict=True)
    ):
        here = places.of(attendee.session)
        picked = {theme.item_id: theme.pk for theme in attendee.themes}
        for item in rounds:
            themes = [theme.pk for theme in item.themes.all()]
            theme = picked.get(item.pk)
            if theme is None:
                if must_choose and attendee.is_named and not all(here.theme_is_full(pk) for pk in themes):
                    yield ThemeMissing(position=position, item=item, name=attendee.name)
            elif item.pk in allotted.full:
                number = themes.index(theme) + 1
                yield ThemeFull(position=position, item=item, name=attendee.name, theme_number=number)


def listed_twice(asked: Sequence[Attendee], registered_before: ParticipantQuerySet) -> Iterable[Problem]:
    """At those who are among the `registered_before`, and at those who stand on the list again."""
    registered = {participant.identity for participant in registered_before.named()}
    seen: set[tuple[str, str, int]] = set()
    for position, attendee in enumerate(asked):
        if not attendee.is_named:
            continue
        if attendee.identity in registered:
            yield RegisteredBefore(position=position, name=attendee.name)
        elif attendee.identity in seen:
            yield ListedTwice(position=position, name=attendee.name)
        seen.add(attendee.identity)
