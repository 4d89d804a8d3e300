"""Who comes to a meeting, as lists: chosen and ordered here, shown, written to a sheet or printed elsewhere.

Names are searched and ordered as Danes do, which SQLite cannot. So the rows of a meeting are read as they are
and compared in Python; ten thousand take a fraction of a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from invitations.danish import capitalise, search_key, sort_key
from invitations.models import Meeting
from registrations.models import Participant, Registration, ThemeChoice
from registrations.models.registrations import called

_GUEST_KINDS = dict(Registration.GuestKind.choices)


class State(models.TextChoices):
    REGISTERED = "registered", _("registered")
    WITHDRAWN = "withdrawn", _("withdrawn")
    WAITLISTED = "waitlisted", _("on the waiting list")
    ALL = "all", _("all")


class Sort(models.TextChoices):
    NAME = "name", _("name")
    MUNICIPALITY = "municipality", _("municipality")
    SESSION = "session", _("session")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which participants of a meeting, and in what order.

    Attributes:
        session, theme: ids; None for all.
        municipality: its code; those that wait to be matched with it are among them.
        kind: `municipality`, `guest` or one of the kinds of guests.
        search: words that must all occur in name, title, address, municipality, committee or contact person.
    """

    session: int | None = None
    theme: int | None = None
    municipality: str = ""
    kind: str = ""
    state: str = State.REGISTERED
    search: str = ""
    sort: str = Sort.NAME


class Entry(NamedTuple):
    """A participant as lists show them."""

    pk: int
    name: str
    title: str
    email: str
    session: int
    session_position: int
    registration: int
    municipality: str | None
    municipality_official_name: str | None
    municipality_sort_key: str | None
    guest_kind: str
    awaits_match: bool
    committee: str
    contact_name: str
    contact_email: str
    registered_at: datetime
    withdrawn_at: datetime | None
    waitlisted_at: datetime | None
    erased_at: datetime | None

    @property
    def called(self) -> str:
        """The name; of a place without one, that it follows."""
        return called(self.name, self.erased_at)

    @property
    def comes_as(self) -> str:
        """The municipality's name, or what guests are and where from."""
        if self.municipality is not None:
            return self.municipality
        return ", ".join(filter(None, [self.kind_of_guest, self.committee]))

    @property
    def kind_of_guest(self) -> str:
        """`Oplægsholder`; empty for those of a municipality."""
        return capitalise(str(_GUEST_KINDS.get(self.guest_kind, "")))

    @property
    def reference(self) -> str:
        return f"M-{self.registered_at.year}-{self.registration:04d}"

    @property
    def state(self) -> State:
        if self.withdrawn_at:
            return State.WITHDRAWN
        return State.WAITLISTED if self.waitlisted_at else State.REGISTERED


_FIELDS = (
    *("pk", "name", "title", "email", "session", "session__position", "registration"),
    *("registration__municipality__name", "registration__municipality__official_name"),
    "registration__municipality__sort_key",
    *("registration__guest_kind", "registration__awaits_match", "registration__committee"),
    *("registration__contact_name", "registration__contact_email", "registration__registered_at"),
    *("withdrawn_at", "waitlisted_at", "erased_at"),
)


def entries(meeting: Meeting, selection: Selection) -> list[Entry]:
    """The participants of `meeting` in `selection`, in its order. Asks the database once."""
    rows = Participant.objects.of_meeting(meeting).filter(_condition(selection)).order_by()
    found = [Entry(*row) for row in rows.values_list(*_FIELDS)]
    if words := search_key(selection.search).split():
        found = [entry for entry in found if _is_found(entry, words)]
    return sorted(found, key=_SORT_KEYS[Sort(selection.sort)])


def themes_of(entries: Sequence[Entry], *, meeting: Meeting) -> Mapping[int, Mapping[int, str]]:
    """The titles of the themes that each has picked, by participant and round (ids)."""
    choices = ThemeChoice.objects.filter(participant__registration__meeting=meeting)
    if len(entries) <= 500:
        choices = choices.filter(participant__in=[entry.pk for entry in entries])
    picked: dict[int, dict[int, str]] = defaultdict(dict)
    for participant, item, title in choices.values_list("participant", "item", "theme__title"):
        picked[participant][item] = title
    return picked


@dataclass(frozen=True, kw_only=True)
class Totals:
    """How many come; a registration that waits to be matched is of no municipality yet.

    Attributes:
        nameless: how many of those registered are places whose names follow.
        sessions: participants by session (id).
        themes: participants by session and theme (ids).
    """

    registered: int
    nameless: int
    municipalities: int
    guests: int
    withdrawn: int
    waitlisted: int
    sessions: Mapping[int, int]
    themes: Mapping[tuple[int, int], int]


def totals(meeting: Meeting) -> Totals:
    """Count those who come to `meeting`. Asks the database three times."""
    of_meeting = Participant.objects.of_meeting(meeting)
    active = Q(withdrawn_at=None, waitlisted_at=None)
    counts = of_meeting.aggregate(
        registered=Count("pk", filter=active),
        nameless=Count("pk", filter=active & Q(name="", erased_at=None)),
        municipalities=Count(
            "registration__municipality", distinct=True, filter=active & Q(registration__awaits_match=False)
        ),
        guests=Count("pk", filter=active & Q(registration__municipality=None)),
        withdrawn=Count("pk", filter=Q(withdrawn_at__isnull=False)),
        waitlisted=Count("pk", filter=Q(withdrawn_at=None, waitlisted_at__isnull=False)),
    )
    sessions = of_meeting.filter(active).order_by().values_list("session").annotate(Count("pk"))
    choices = ThemeChoice.objects.filter(participant__in=of_meeting.filter(active)).order_by()
    themes = choices.values_list("participant__session", "theme").annotate(Count("pk"))
    return Totals(
        **counts,
        sessions=dict(sessions),
        themes={(session, theme): count for session, theme, count in themes},
    )


def _condition(selection: Selection) -> Q:
    condition = {
        State.REGISTERED: Q(withdrawn_at=None, waitlisted_at=None),
        State.WITHDRAWN: Q(withdrawn_at__isnull=False),
        State.WAITLISTED: Q(withdrawn_at=None, waitlisted_at__isnull=False),
        State.ALL: Q(),
    }[State(selection.state)]
    if selection.session is not None:
        condition &= Q(session=selection.session)
    if selection.theme is not None:
        condition &= Q(theme_choices__theme=selection.theme)
    if selection.municipality:
        condition &= Q(registration__municipality__code=selection.municipality)
    if selection.kind == "municipality":
        condition &= Q(registration__municipality__isnull=False)
    elif selection.kind == "guest":
        condition &= Q(registration__municipality=None)
    elif selection.kind:
        condition &= Q(registration__guest_kind=selection.kind)
    return condition


def _is_found(entry: Entry, words: Iterable[str]) -> bool:
    texts = (entry.called, entry.title, entry.email, entry.comes_as, entry.committee, entry.contact_name)
    text = search_key(" ".join(texts))
    return all(word in text for word in words)


def _by_name(entry: Entry) -> tuple[bool, str, int]:
    """Those without a name come last."""
    return not entry.name, sort_key(entry.name), entry.pk


def _by_municipality(entry: Entry) -> tuple[bool, str, bool, str, int]:
    """Guests come last."""
    is_guest = entry.municipality is None
    whose = entry.municipality_sort_key or sort_key(entry.comes_as)
    return is_guest, whose, *_by_name(entry)


def _by_session(entry: Entry) -> tuple[int, int, bool, str, int]:
    return entry.session_position, entry.session, *_by_name(entry)


_SORT_KEYS = {Sort.NAME: _by_name, Sort.MUNICIPALITY: _by_municipality, Sort.SESSION: _by_session}
