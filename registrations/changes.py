"""What is to become of a registration, compared with what it is: who is added, leaves, swaps, is replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from invitations.models import Theme
from invitations.page_dates import when
from registrations.delegations import Allotment, Attendee
from registrations.models import Participant, Registration
from registrations.refusals import Problem


@dataclass(frozen=True, kw_only=True)
class Contact:
    """What a registration says of those who made it."""

    committee: str
    contact_name: str
    contact_email: str
    contact_phone: str
    topics: str

    @classmethod
    def of(cls, registration: Registration) -> Contact:
        return cls(**{field.name: getattr(registration, field.name) for field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the list as it is to be.

    Attributes:
        participant: the id of who stands there now; None for somebody new.
        is_substitute: the attendee is another person, who comes instead of the participant.
    """

    attendee: Attendee
    participant: int | None = None
    is_substitute: bool = False


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A registration as it is to be.

    Attributes:
        version: the registration's when the form was made.
        entries: all that are to come; whoever is not among them leaves.
        waits: whether those for whom there is no place are put on the waiting list.
    """

    version: int
    contact: Contact
    entries: tuple[Entry, ...]
    waits: bool = False


class Line(NamedTuple):
    """An entry that changes something: its position in the list, who stood there, and who is to."""

    position: int
    participant: Participant
    attendee: Attendee

    @property
    def has_new_address(self) -> bool:
        """Whether mails go to another mailbox from now on."""
        return self.participant.email.casefold() != self.attendee.email.casefold()

    def waits(self, got: Mapping[int, Allotment]) -> bool:
        """Whether who stands here then waits for a place.

        Args:
            got: what those get who ask for a place or a theme, by position; who asks for none keeps theirs.
        """
        given = got.get(self.position)
        return self.participant.waitlisted_at is not None if given is None else given.waits


class Added(NamedTuple):
    position: int
    attendee: Attendee


@dataclass(frozen=True, kw_only=True)
class Changes:
    """All that differs. Somebody who swaps session and has a new name stands under both.

    Attributes:
        withdrawn: those who leave, and nobody in their stead.
        substituted: who leaves, and who comes instead.
        moved: those who swap to another session.
        rethemed: those who stay in their session and pick other themes, or wish for others.
        corrected: those whose name, title or e-mail address was written otherwise.
        contact: the fields of `Contact` that differ.
        beyond: what the secretariat has overruled, since there are not the places for it.
    """

    added: tuple[Added, ...] = ()
    withdrawn: tuple[Participant, ...] = ()
    substituted: tuple[Line, ...] = ()
    moved: tuple[Line, ...] = ()
    rethemed: tuple[Line, ...] = ()
    corrected: tuple[Line, ...] = ()
    contact: tuple[str, ...] = ()
    beyond: tuple[Problem, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    @property
    def asking(self) -> tuple[Added, ...]:
        """Those who need a place that the delegation does not have in that session, in the list's order."""
        swapped = [
            Added(line.position, line.attendee) for line in (*self.moved, *self._substitutes_elsewhere)
        ]
        return tuple(sorted([*self.added, *swapped], key=lambda one: one.position))

    @property
    def choosing(self) -> tuple[Added, ...]:
        """Those whose themes are not the ones that they, or whoever they come for, have already."""
        others = [
            Added(line.position, line.attendee)
            for line in (*self.rethemed, *self.substituted)
            if line.participant.waitlisted_at is None
            and line.attendee.session == line.participant.session
            and set(line.attendee.themes) != set(themes_of(line.participant))
        ]
        return tuple(sorted([*self.asking, *others], key=lambda one: one.position))

    @property
    def staying(self) -> list[Line]:
        """Those who stay and of whom something differs, each once."""
        lines = {line.participant.pk: line for line in (*self.corrected, *self.moved, *self.rethemed)}
        return list(lines.values())

    @property
    def given_up(self) -> frozenset[int]:
        """The ids of those whose places in their sessions are free again."""
        leaving = [line.participant for line in (*self.moved, *self._substitutes_elsewhere)]
        return frozenset(participant.pk for participant in (*self.withdrawn, *leaving))

    @property
    def themes_given_up(self) -> frozenset[int]:
        """The ids of those whose places in their themes are free again."""
        return self.given_up | {line.participant.pk for line in (*self.rethemed, *self.substituted)}

    @property
    def _substitutes_elsewhere(self) -> Iterator[Line]:
        return (line for line in self.substituted if line.attendee.session != line.participant.session)


def changes(registration: Registration, current: Sequence[Participant], wanted: Wanted) -> Changes:
    """What has to be done for `registration` to become what is `wanted`.

    Args:
        current: its participants that are not withdrawn, each with session and themes.

    Raises:
        KeyError: an entry is about somebody who is not among them.
    """
    by_id = {participant.pk: participant for participant in current}
    lines = [
        Line(position, by_id[entry.participant], entry.attendee)
        for position, entry in enumerate(wanted.entries)
        if entry.participant is not None
    ]
    substitutes = {position for position, entry in enumerate(wanted.entries) if entry.is_substitute}
    same = [line for line in lines if line.position not in substitutes]
    stays = {line.participant.pk for line in lines}
    before = Contact.of(registration)
    return Changes(
        added=tuple(
            Added(position, entry.attendee)
            for position, entry in enumerate(wanted.entries)
            if entry.participant is None
        ),
        withdrawn=tuple(participant for participant in current if participant.pk not in stays),
        substituted=tuple(line for line in lines if line.position in substitutes),
        moved=tuple(line for line in same if line.attendee.session != line.participant.session),
        rethemed=tuple(
            line
            for line in same
            if line.attendee.session == line.participant.session and _wishes_differ(line)
        ),
        corrected=tuple(line for line in same if _is_corrected(line)),
        contact=tuple(
            field.name
            for field in fields(Contact)
            if getattr(wanted.contact, field.name) != getattr(before, field.name)
        ),
    )


def themes_of(participant: Participant) -> tuple[Theme, ...]:
    """The themes that the participant has; of who waits those wished for most."""
    if participant.waitlisted_at:
        return tuple(wish.theme for wish in participant.theme_wishes.all() if wish.rank == 1)
    return tuple(choice.theme for choice in participant.theme_choices.all())


def second_wishes_of(participant: Participant) -> tuple[Theme, ...]:
    """The themes wished for in second place, but for the one that the participant has got."""
    has = themes_of(participant)
    wishes = participant.theme_wishes.all()
    return tuple(wish.theme for wish in wishes if wish.rank == 2 and wish.theme not in has)


def words(wanted: Contact, changed: Changes) -> list[str]:
    """What changes, a line each, as the page before the button and the contact's mail say it."""
    return [
        *_words_of_people(changed),
        *(f"{CONTACT_WORDS[name]}: {getattr(wanted, name) or '–'}" for name in changed.contact),
    ]


CONTACT_WORDS = {
    "committee": gettext_lazy("Committee"),
    "contact_name": gettext_lazy("Contact person"),
    "contact_email": gettext_lazy("The contact person's e-mail address"),
    "contact_phone": gettext_lazy("The contact person's phone number"),
    "topics": gettext_lazy("Topics that you would like to discuss"),
}


def _words_of_people(changed: Changes) -> Iterator[str]:
    yield from _grouped(
        (one.attendee.name for one in changed.added),
        gettext_lazy("Added: %(name)s"),
        lambda count: ngettext(
            "Added: %(count)d place without a name", "Added: %(count)d places without names", count
        ),
    )
    yield from _grouped(
        (participant.name for participant in changed.withdrawn),
        gettext_lazy("Withdrawn: %(name)s"),
        lambda count: ngettext(
            "Withdrawn: %(count)d place without a name", "Withdrawn: %(count)d places without names", count
        ),
    )
    for line in changed.substituted:
        yield _("Substitute: %(name)s comes instead of %(other)s") % {
            "name": line.attendee.name,
            "other": line.participant,
        }
    for line in changed.corrected:
        yield from _words_of_correction(line)
    for line in changed.moved:
        yield _("Moved: %(name)s, to %(new)s instead of %(old)s") % {
            "name": line.attendee.name or line.participant,
            "old": when(line.participant.session),
            "new": when(line.attendee.session),
        }
    for line in (*changed.rethemed, *changed.moved):
        for sentence, themes, before in (
            (_("Theme for %(name)s: %(themes)s"), line.attendee.themes, themes_of(line.participant)),
            (
                _("Second wish for %(name)s: %(themes)s"),
                line.attendee.second_wishes,
                second_wishes_of(line.participant),
            ),
        ):
            if set(themes) != set(before):
                titles = ", ".join(theme.title for theme in themes) or "–"
                yield sentence % {"name": line.attendee.name, "themes": titles}


def _words_of_correction(line: Line) -> Iterator[str]:
    old, new = line.participant, line.attendee
    if not old.name:
        yield _("Name: %(name)s") % {"name": new.name}
        return
    if new.name != old.name:
        yield _("Name: %(new)s instead of %(old)s") % {"new": new.name, "old": old.name}
    if new.title != old.title:
        yield _("Title of %(name)s: %(title)s") % {"name": new.name, "title": new.title or "–"}
    if new.email != old.email:
        yield _("E-mail address of %(name)s: %(email)s") % {"name": new.name, "email": new.email}


def _grouped(names: Iterable[str], named: object, nameless: object) -> Iterator[str]:
    listed = list(names)
    yield from (str(named) % {"name": name} for name in listed if name)
    if count := listed.count(""):
        assert callable(nameless)
        yield nameless(count) % {"count": count}


def _wishes_differ(line: Line) -> bool:
    first, second = line.attendee.themes, line.attendee.second_wishes
    return set(first) != set(themes_of(line.participant)) or (
        set(second) - set(first) != set(second_wishes_of(line.participant)) - set(first)
    )


def _is_corrected(line: Line) -> bool:
    old, new = line.participant, line.attendee
    return (old.name, old.title, old.email) != (new.name, new.title, new.email)
