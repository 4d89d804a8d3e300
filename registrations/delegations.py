"""A delegation as typed into the form, and what has to be put right in it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from invitations.models import Meeting, Municipality, Question, Session, Theme
from invitations.models.programme import themed_items
from registrations.availability import Availability
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
)


@dataclass(frozen=True, kw_only=True)
class Attendee:
    """A person as typed, with one theme at most for each item of the programme.

    What they need is compared with nothing and printed nowhere: it may be changed or gone by the time that a
    form is sent again.
    """

    name: str
    email: str
    session: Session
    title: str = ""
    themes: tuple[Theme, ...] = ()
    needs: str = field(default="", compare=False, repr=False)

    @property
    def identity(self) -> tuple[str, str, int]:
        """Who it is, and where: what nobody can be twice."""
        return self.name.casefold(), self.email.casefold(), self.session.pk


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """A municipality's registration as typed.

    `submission_key` comes with the form: sent twice, by a double click or after a time-out, it is one
    registration.
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


def find_problems(
    meeting: Meeting, delegation: Delegation, places: Availability, *, overrule: bool = False
) -> list[Problem]:
    """What has to be put right before `delegation` can be registered, given the `places` of the meeting.

    Args:
        overrule: go beyond the number of places, as only the secretariat may.
    """
    problems = _problems(meeting, delegation, places)
    return [problem for problem in problems if not (overrule and problem.can_be_overruled)]


def _problems(meeting: Meeting, delegation: Delegation, places: Availability) -> list[Problem]:
    asked = delegation.participants
    if not asked:
        return [NoParticipants()]
    if len(asked) > MOST_PARTICIPANTS:
        return [TooManyAtOnce(asked=len(asked))]
    return [
        *too_many_for_meeting(asked, places),
        *_too_many_of_municipality(meeting, delegation),
        *sessions_refused(asked, places),
        *themes_refused(meeting, asked, places),
        *listed_twice(asked, _said_to_be_of(meeting, delegation.municipality)),
    ]


def active_participants(meeting: Meeting, municipality: Municipality) -> ParticipantQuerySet:
    """Those of `municipality` who take a place at `meeting`; not those who wait to be matched with it."""
    return _said_to_be_of(meeting, municipality).filter(registration__awaits_match=False)


def _said_to_be_of(meeting: Meeting, municipality: Municipality) -> ParticipantQuerySet:
    return Participant.objects.active().of_meeting(meeting).filter(registration__municipality=municipality)


def too_many_for_meeting(asked: Sequence[Attendee], places: Availability) -> Iterable[Problem]:
    """Where more are asked for than the meeting has places."""
    if places.left is not None and len(asked) > places.left:
        yield TooManyParticipants(asked=len(asked), left=places.left)


def _too_many_of_municipality(meeting: Meeting, delegation: Delegation) -> Iterable[Problem]:
    asked = len(delegation.participants)
    if meeting.max_per_municipality is not None:
        registered = active_participants(meeting, delegation.municipality).count()
        if registered + asked > meeting.max_per_municipality:
            yield TooManyOfMunicipality(
                municipality=delegation.municipality,
                most=meeting.max_per_municipality,
                registered=registered,
                asked=asked,
            )


def sessions_refused(asked: Sequence[Attendee], places: Availability) -> Iterable[Problem]:
    """At the participants who are too many: those first on the list have the places that are left."""
    chosen = Counter(attendee.session.pk for attendee in asked)
    taken: Counter[int] = Counter()
    for position, attendee in enumerate(asked):
        here = places.of(attendee.session)
        if not here.accepts_answers:
            yield SessionClosed(position=position, session=here.session)
            continue
        taken[here.session.pk] += 1
        too_many_in_all = places.left is not None and len(asked) > places.left
        if here.left is not None and taken[here.session.pk] > here.left and not too_many_in_all:
            yield SessionFull(
                position=position, session=here.session, asked=chosen[here.session.pk], left=here.left
            )


def themes_refused(
    meeting: Meeting, asked: Sequence[Attendee], places: Availability, *, must_choose: bool = True
) -> Iterable[Problem]:
    """At those without a theme, unless all themes of the round are full, and at those whose theme is full.

    Args:
        must_choose: whether everybody needs a theme in each round.
    """
    taken: Counter[tuple[int, int]] = Counter()
    rounds = themed_items(list(meeting.programme.all()))
    for position, attendee in enumerate(asked):
        here = places.of(attendee.session)
        picked = {theme.item_id: theme.pk for theme in attendee.themes}
        for item in rounds:
            themes = [theme.pk for theme in item.themes.all()]
            theme = picked.get(item.pk)
            if theme is None:
                if must_choose and not all(here.theme_is_full(pk) for pk in themes):
                    yield ThemeMissing(position=position, item=item, name=attendee.name)
                continue
            taken[here.session.pk, theme] += 1
            left = here.themes_left.get(theme)
            if left is not None and taken[here.session.pk, theme] > left:
                number = themes.index(theme) + 1
                yield ThemeFull(position=position, item=item, name=attendee.name, theme_number=number)


def listed_twice(asked: Sequence[Attendee], registered_before: ParticipantQuerySet) -> Iterable[Problem]:
    """At those who are among the `registered_before`, and at those who stand on the list again."""
    registered = {
        Attendee(name=participant.name, email=participant.email, session=participant.session).identity
        for participant in registered_before.select_related("session")
    }
    seen: set[tuple[str, str, int]] = set()
    for position, attendee in enumerate(asked):
        if attendee.identity in registered:
            yield RegisteredBefore(position=position, name=attendee.name)
        elif attendee.identity in seen:
            yield ListedTwice(position=position, name=attendee.name)
        seen.add(attendee.identity)
