"""What a change of a registration may ask for, and what those get who ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from registrations.availability import Availability, availability, invitation_of
from registrations.changes import Added, Changes, Wanted
from registrations.delegations import (
    Allotment,
    Attendee,
    allot,
    listed_twice,
    sessions_refused,
    standing_participants,
    themes_refused,
    too_many_for_meeting,
)
from registrations.models import Author, Participant, Registration
from registrations.refusals import (
    MOST_PARTICIPANTS,
    NoParticipants,
    Problem,
    SessionFull,
    TooManyAtOnce,
    TooManyOfMunicipality,
)


def places_for_changing(
    registration: Registration, changed: Changes | None = None, *, author: Author, at: datetime
) -> Availability:
    """The places that `registration` can count on until the deadline of its municipality; those that it gives
    up by itself included.

    Args:
        author: who changes it; no deadline binds the secretariat.
        at: now, aware.
    """
    return availability(
        registration.meeting,
        at=at,
        invitation=invitation_of(registration),
        for_staff=author is Author.STAFF,
        given_up=changed.given_up if changed else (),
        themes_given_up=changed.themes_given_up if changed else (),
    )


def can_be_changed(registration: Registration, places: Availability) -> bool:
    """Whether what was registered can be changed as the meeting stands: a full one can, a closed one not.

    What the secretariat entered for KL's own people and guests, only the secretariat changes.
    """
    return places.takes_waiting and bool(registration.municipality_id)


def find_problems_of_change(
    registration: Registration,
    current: Sequence[Participant],
    wanted: Wanted,
    changed: Changes,
    places: Availability,
) -> list[Problem]:
    """What has to be put right before the change can be made.

    Nobody who keeps session and theme is refused, however few places there are by now.

    Args:
        places: as `places_for_changing` counts them for this change.
    """
    if not wanted.entries:
        return [NoParticipants()]
    if len(wanted.entries) > MOST_PARTICIPANTS:
        return [TooManyAtOnce(asked=len(wanted.entries))]
    meeting = registration.meeting
    asking = changed.asking
    people, waits = [one.attendee for one in asking], wanted.waits
    seated = _seated(changed, places, waits=waits)
    without_limit = _themes_alone(places)
    return [
        *(too_many_for_meeting(people, places) if people and not waits else ()),
        *_too_many_of_municipality(registration, changed),
        *_at_their_positions(asking, lambda people: sessions_refused(people, places, waits=waits)),
        *_places_lost(changed, places, waits=waits),
        *_at_their_positions(seated, lambda people: themes_refused(meeting, people, without_limit)),
        *_listed_twice(registration, current, wanted),
    ]


def allotted(changed: Changes, places: Availability, *, waits: bool) -> dict[int, Allotment]:
    """What those get who ask for a place or a theme, by their position in the list.

    Args:
        places: as `places_for_changing` counts them for this change.
        waits: whether those for whom there is no place wait for one.
    """
    asking = allot([one.attendee for one in changed.asking], places, waits=waits)
    seated = _seated(changed, places, waits=waits)
    themes = allot([one.attendee for one in seated], _themes_alone(places))
    return {
        **{one.position: got for one, got in zip(changed.asking, asking, strict=True)},
        **{one.position: got for one, got in zip(seated, themes, strict=True)},
    }


def _seated(changed: Changes, places: Availability, *, waits: bool) -> list[Added]:
    """Those who choose a theme and have a place, or get one."""
    got = allot([one.attendee for one in changed.asking], places, waits=waits)
    waiting = {one.position for one, given in zip(changed.asking, got, strict=True) if given.waits}
    return [one for one in changed.choosing if one.position not in waiting]


def _themes_alone(places: Availability) -> Availability:
    """`places` for those who have one: only the themes have limits."""
    sessions = tuple(replace(here, left=None) for here in places.sessions)
    return replace(places, left=None, left_in_meeting=None, sessions=sessions)


def _at_their_positions(
    asking: Sequence[Added], refuse: Callable[[Sequence[Attendee]], Iterable[Problem]]
) -> Iterator[Problem]:
    """The problems that `refuse` finds, at the positions that those who ask have in the whole list."""
    for problem in refuse([one.attendee for one in asking]):
        if problem.position is None:
            yield problem
        else:
            yield replace(problem, position=asking[problem.position].position)


def _places_lost(changed: Changes, places: Availability, *, waits: bool) -> Iterator[Problem]:
    """At those who have a place and would only wait for the other: nobody gives a place up for a wait."""
    have_one = {
        line.position for line in (*changed.moved, *changed.substituted) if not line.participant.waitlisted_at
    }
    got = allot([one.attendee for one in changed.asking], places, waits=waits)
    for one, given in zip(changed.asking, got, strict=True):
        if given.waits and one.position in have_one:
            yield SessionFull(position=one.position, session=one.attendee.session, asked=1, left=0)


def _too_many_of_municipality(registration: Registration, changed: Changes) -> Iterator[Problem]:
    meeting, municipality = registration.meeting, registration.municipality
    more = len(changed.added)
    if meeting.max_per_municipality is None or municipality is None or more <= len(changed.withdrawn):
        return
    leaving = [participant.pk for participant in changed.withdrawn]
    count = standing_participants(meeting, municipality).exclude(pk__in=leaving).count()
    if count + more > meeting.max_per_municipality:
        yield TooManyOfMunicipality(
            municipality=municipality, most=meeting.max_per_municipality, registered=count, asked=more
        )


def _listed_twice(
    registration: Registration, current: Sequence[Participant], wanted: Wanted
) -> Iterator[Problem]:
    """At those who are written anew and are registered by somebody else, or stand on the list again."""
    others = (
        Participant.objects.filter(withdrawn_at=None)
        .of_meeting(registration.meeting)
        .filter(registration__municipality=registration.municipality)
        .exclude(registration=registration)
    )
    known = {participant.identity for participant in current}
    attendees = [entry.attendee for entry in wanted.entries]
    again = {identity for identity in known if [one.identity for one in attendees].count(identity) < 2}
    for problem in listed_twice(attendees, others):
        assert problem.position is not None
        if attendees[problem.position].identity not in again:
            yield problem
