"""Why a registration is refused: each reason carries its numbers, its field and its sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from invitations.models import Municipality, ProgrammeItem, Session
from invitations.page_dates import when
from registrations.availability import Availability
from registrations.models import Registration

# More than any committee has members. It bounds what one request can ask for.
MOST_PARTICIPANTS = 50


class RegistrationNotOpenError(Exception):
    """No registration is taken for the meeting at all just now; `availability` says why."""

    def __init__(self, availability: Availability) -> None:
        super().__init__(availability.state)
        self.availability = availability


class RegistrationRefusedError(Exception):
    """What was typed cannot be registered; `problems` say what to put right."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(*(problem.message for problem in problems))
        self.problems = tuple(problems)


class AlreadySentError(Exception):
    """The same form was sent before, with other words in it; `registration` is what it became then."""

    def __init__(self, registration: Registration) -> None:
        super().__init__(registration.reference)
        self.registration = registration


class StillRegisteredError(Exception):
    """A municipality cannot decline while `participants` of its people are registered."""

    def __init__(self, participants: int) -> None:
        super().__init__(participants)
        self.participants = participants


class TooLateError(Exception):
    """The meeting is over or cancelled, so there is nothing left to answer."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something to put right in what was typed.

    Attributes:
        position: which participant it is about, counted from 0; None where it is about the whole delegation.
    """

    position: int | None = None

    # Whether the sentence says by itself whom it is about.
    names_participant: ClassVar[bool] = False
    # What it is that the secretariat may go beyond; empty where nobody may.
    limit: ClassVar[str | Promise] = ""
    # Whether those who are too many may wait for a place.
    can_wait: ClassVar[bool] = False

    @property
    def can_be_overruled(self) -> bool:
        return bool(self.limit)

    @property
    def field(self) -> str:
        """The field of the form, of the participant's part of it where there is a position."""
        return "participants"

    @property
    def message(self) -> str:
        """What is wrong and what to do, in the language of the page."""
        raise NotImplementedError


def in_the_way(problems: Iterable[Problem], *, overrule: bool) -> list[Problem]:
    """Those of `problems` that have to be put right first.

    Args:
        overrule: go beyond the number of places, as only the secretariat may.
    """
    return [problem for problem in problems if not (overrule and problem.can_be_overruled)]


@dataclass(frozen=True, kw_only=True)
class NoParticipants(Problem):
    @property
    def message(self) -> str:
        return _("Add at least one participant")


@dataclass(frozen=True, kw_only=True)
class TooManyAtOnce(Problem):
    asked: int

    @property
    def message(self) -> str:
        return _("You can register at most %(most)d participants at a time. %(remove)s") % {
            "most": MOST_PARTICIPANTS,
            "remove": _remove(self.asked - MOST_PARTICIPANTS),
        }


@dataclass(frozen=True, kw_only=True)
class TooManyParticipants(Problem):
    """More than there are places at the meeting."""

    limit = gettext_lazy("the places of the meeting")
    can_wait = True

    asked: int
    left: int

    @property
    def message(self) -> str:
        if self.left == 0:
            return _("There are no more places.")
        return ngettext(
            "There is %(left)d place left, but you have listed %(asked)d participants. %(remove)s",
            "There are %(left)d places left, but you have listed %(asked)d participants. %(remove)s",
            self.left,
        ) % {"left": self.left, "asked": self.asked, "remove": _remove(self.asked - self.left)}


@dataclass(frozen=True, kw_only=True)
class TooManyOfMunicipality(Problem):
    """More than the meeting takes of each municipality, those registered before counted in."""

    limit = gettext_lazy("the places of a municipality")

    municipality: Municipality
    most: int
    registered: int
    asked: int

    @property
    def message(self) -> str:
        if not self.registered:
            return ngettext(
                "A municipality can register at most %(most)d participant. %(remove)s",
                "A municipality can register at most %(most)d participants. %(remove)s",
                self.most,
            ) % {"most": self.most, "remove": _remove(self.asked - self.most)}
        if self.registered >= self.most:
            return ngettext(
                "%(municipality)s has registered %(registered)d participant, and there can be no more.",
                "%(municipality)s has registered %(registered)d participants, and there can be no more.",
                self.registered,
            ) % {"municipality": self.municipality, "registered": self.registered}
        return ngettext(
            "A municipality can register at most %(most)d participant, and %(municipality)s has registered "
            "%(registered)d. %(remove)s",
            "A municipality can register at most %(most)d participants, and %(municipality)s has registered "
            "%(registered)d. %(remove)s",
            self.most,
        ) % {
            "most": self.most,
            "municipality": self.municipality,
            "registered": self.registered,
            "remove": _remove(self.asked - (self.most - self.registered)),
        }


@dataclass(frozen=True, kw_only=True)
class SessionFull(Problem):
    """More in this session than it has places, while another has some."""

    limit = gettext_lazy("the places of the session")
    can_wait = True

    session: Session
    asked: int
    left: int

    @property
    def field(self) -> str:
        return "session"

    @property
    def message(self) -> str:
        if self.left == 0:
            return _("There are no places left: %(session)s. Choose another meeting") % {
                "session": when(self.session)
            }
        return ngettext(
            "There is %(left)d place left: %(session)s, but you have listed %(asked)d participants for it. "
            "Choose another meeting or remove a participant",
            "There are %(left)d places left: %(session)s, but you have listed %(asked)d participants for it. "
            "Choose another meeting or remove a participant",
            self.left,
        ) % {"left": self.left, "session": when(self.session), "asked": self.asked}


@dataclass(frozen=True, kw_only=True)
class SessionClosed(Problem):
    """The deadline of this session has passed, while another's has not."""

    session: Session

    @property
    def field(self) -> str:
        return "session"

    @property
    def message(self) -> str:
        return _("Registration is closed: %(session)s. Choose another meeting") % {
            "session": when(self.session)
        }


@dataclass(frozen=True, kw_only=True)
class ThemeProblem(Problem):
    """`theme_number` counts the themes of `item` from 1, as the page does; `name` is the participant's."""

    item: ProgrammeItem
    name: str
    theme_number: int = 0

    @property
    def field(self) -> str:
        return theme_field(self.item)


@dataclass(frozen=True, kw_only=True)
class ThemeMissing(ThemeProblem):
    names_participant = True

    @property
    def message(self) -> str:
        # Of several rounds each is named, as in its label: two lines of a summary say two things.
        return _("Choose a theme for %(name)s: %(item)s") % {"name": self.name, "item": self.item.title}


@dataclass(frozen=True, kw_only=True)
class ThemeFull(ThemeProblem):
    limit = gettext_lazy("the places of a theme")

    @property
    def message(self) -> str:
        return _("Theme %(number)d has no more places. Choose another theme") % {"number": self.theme_number}


@dataclass(frozen=True, kw_only=True)
class SecondWishIsFirst(ThemeProblem):
    @property
    def field(self) -> str:
        return second_wish_field(self.item)

    @property
    def message(self) -> str:
        return _("Choose another theme as the second wish than as the first")


@dataclass(frozen=True, kw_only=True)
class ListedTwice(Problem):
    names_participant = True

    name: str

    @property
    def field(self) -> str:
        return "name"

    @property
    def message(self) -> str:
        return _("%(name)s is on the list already") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class RegisteredBefore(ListedTwice):
    @property
    def message(self) -> str:
        return _("%(name)s has been registered for the meeting before") % {"name": self.name}


def theme_field(item: ProgrammeItem) -> str:
    """The name of the field in which a participant picks a theme of `item`."""
    return f"theme-{item.pk}"


def second_wish_field(item: ProgrammeItem) -> str:
    """The name of the field for the theme of `item` that a participant would take as well."""
    return f"second-{item.pk}"


def _remove(count: int) -> str:
    return ngettext("Remove %(count)d participant", "Remove %(count)d participants", count) % {"count": count}
