"""What has been stated about a meeting and is no longer true, each with its old and its new value.

Compares facts as they are stored with letters (`meeting_facts`) and calendars (`calendar_facts`). A fact that
was not stated cannot be wrong. The values are Danish, as they stand in letters and mails; days and times are
known in English too, for who reads that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from invitations import page_dates
from invitations.danish import format_date, format_deadline, format_time
from invitations.meeting_facts import moment_of, session_of
from invitations.models import Session

Facts = Mapping[str, Any]


class Kind(StrEnum):
    """What differs, in the order in which it is told."""

    TITLE = "title"
    DATE = "date"
    TIME = "time"
    PLACE = "place"
    JOIN_URL = "join_url"
    SESSION_ADDED = "session_added"
    SESSION_REMOVED = "session_removed"
    DEADLINE = "deadline"
    THEME_CHOSEN = "theme_chosen"
    THEME_RENAMED = "theme_renamed"
    THEME_ADDED = "theme_added"
    THEME_REMOVED = "theme_removed"
    THEME_CHANGED = "theme_changed"
    THEME_MOVED = "theme_moved"
    PROGRAMME_MOVED = "programme_moved"
    ITEM_ADDED = "item_added"
    ITEM_REMOVED = "item_removed"
    ITEM_CHANGED = "item_changed"
    ITEM_MOVED = "item_moved"


# What staff read beside the old and the new value.
LABELS: dict[Kind, str | Promise] = {
    Kind.TITLE: gettext_lazy("Title"),
    Kind.DATE: pgettext_lazy("of a meeting", "Date"),
    Kind.TIME: pgettext_lazy("of a meeting", "Time"),
    Kind.PLACE: gettext_lazy("Place"),
    Kind.JOIN_URL: gettext_lazy("Link to the online meeting"),
    Kind.SESSION_ADDED: gettext_lazy("Session added"),
    Kind.SESSION_REMOVED: gettext_lazy("Session removed"),
    Kind.DEADLINE: gettext_lazy("Registration deadline"),
    Kind.THEME_CHOSEN: gettext_lazy("Chosen theme"),
    Kind.THEME_RENAMED: gettext_lazy("Theme renamed"),
    Kind.THEME_ADDED: gettext_lazy("Theme added"),
    Kind.THEME_REMOVED: gettext_lazy("Theme removed"),
    Kind.THEME_CHANGED: gettext_lazy("Theme changed"),
    Kind.THEME_MOVED: gettext_lazy("Theme moved"),
    Kind.PROGRAMME_MOVED: gettext_lazy("The whole programme moved"),
    Kind.ITEM_ADDED: gettext_lazy("Programme item added"),
    Kind.ITEM_REMOVED: gettext_lazy("Programme item removed"),
    Kind.ITEM_CHANGED: gettext_lazy("Programme item changed"),
    Kind.ITEM_MOVED: gettext_lazy("Programme item moved"),
}
# What recipients read before the new value, where that takes the place of an old one.
NEW_LABELS: dict[Kind, str | Promise] = {
    **LABELS,
    Kind.TITLE: gettext_lazy("New title"),
    Kind.DATE: gettext_lazy("New date"),
    Kind.TIME: gettext_lazy("New time"),
    Kind.PLACE: gettext_lazy("New place"),
    Kind.JOIN_URL: gettext_lazy("New link to the online meeting"),
    Kind.DEADLINE: gettext_lazy("New registration deadline"),
    Kind.THEME_CHOSEN: gettext_lazy("New theme"),
}
_ORDER = {kind: number for number, kind in enumerate(Kind)}
_WHEN = (Kind.DATE, Kind.TIME)
_GONE = (Kind.SESSION_REMOVED, Kind.THEME_REMOVED, Kind.ITEM_REMOVED)
# Of these `old` says what, and `new` only where it is by now.
_MOVED = (Kind.THEME_MOVED, Kind.ITEM_MOVED)


class Words(NamedTuple):
    """The old value, the new one, and what they are about."""

    old: str
    new: str
    about: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that was stated as `old` and is `new` by now; either is empty where there was or is none.

    Attributes:
        about: which session it is of, where the meeting has several; else empty.
        english: the same, where it is a day or a time or about one; what staff have typed has no English.
    """

    kind: Kind
    old: str = ""
    new: str = ""
    about: str = ""
    english: Words | None = field(default=None, compare=False)

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> Difference:
        """Read back what `as_json` wrote."""
        english = stored.get("english")
        return cls(
            **{**stored, "kind": Kind(stored["kind"]), "english": Words(*english) if english else None}
        )

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def words(self) -> Words:
        """In the language that is active, as far as they are known in it."""
        if self.english and not page_dates.page_is_danish():
            return self.english
        return Words(self.old, self.new, self.about)

    @property
    def is_danish(self) -> bool:
        """Whether the values are so in any language: what staff typed, and what was kept without English."""
        return not (self.english and self.kind in _WHEN)

    @property
    def is_link(self) -> bool:
        return self.kind is Kind.JOIN_URL

    @property
    def label(self) -> str:
        """`Tidspunkt`; where the meeting has several sessions, `Tidspunkt, 15. april 2027`."""
        return ", ".join(filter(None, [str(LABELS[self.kind]), self.words.about]))

    @property
    def new_label(self) -> str:
        """`Nyt tidspunkt`; just `Tidspunkt` where there is none any more."""
        labels = NEW_LABELS if self.new else LABELS
        return ", ".join(filter(None, [str(labels[self.kind]), self.words.about]))

    @property
    def is_and_was(self) -> str:
        """What follows `new_label` in letters and mails: `kl. 18-20 (før: kl. 17-19)`."""
        old, new, _about = self.words
        if self.kind in _MOVED:
            return self._was_and_is
        if old and new:
            return _("%(new)s (before: %(old)s)") % {"new": new, "old": old}
        if self.kind in _GONE:
            return old
        return new or _("lapses (before: %(old)s)") % {"old": old}

    @property
    def _was_and_is(self) -> str:
        return _("%(old)s is now %(new)s") % {"old": self.words.old, "new": self.words.new}

    def __str__(self) -> str:
        """`Tidspunkt: kl. 17-19 er nu kl. 18-20`"""
        return f"{self.label}: {self._was_and_is if self.old and self.new else self.is_and_was}"


def in_order(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """Each of `differences` once, as they are told: by kind, and else as they came."""
    return tuple(sorted(dict.fromkeys(differences), key=lambda difference: _ORDER[difference.kind]))


def changed(kind: Kind, old: str | None, new: str, *, about: str = "") -> list[Difference]:
    """The difference between a value as it was stated, None where it was not, and as it is."""
    if old is None or old == new:
        return []
    return [Difference(kind=kind, old=old, new=new, about=about)]


def differences_of_session(stated: Facts, true: Facts, *, about: str = "") -> list[Difference]:
    """When, where and how to join: both facts are those of `Session.facts`."""
    differences = [
        *_when(stated, true, about),
        *changed(Kind.PLACE, stated.get("where"), true["where"], about=about),
        *changed(Kind.JOIN_URL, stated.get("join_url"), true["join_url"], about=about),
    ]
    return [_with_english(difference, _span(stated), _span(true)) for difference in differences]


def session_name(session: Session) -> str:
    """What one of several sessions is called in a sentence: its label, else its day."""
    return session.label or format_date(session.starts_date)


# One changed meeting tells ten thousand the same few things.
@lru_cache(maxsize=1000)
def _with_english(difference: Difference, stated: tuple[str, str], true: tuple[str, str]) -> Difference:
    """`difference` with its English, where that is another.

    Args:
        stated, true: when the session starts and ends; empty where it was not stated.
    """
    danish = old, new, about = Words(difference.old, difference.new, difference.about)
    day = _session(true).starts_date
    with translation.override("en"):
        if difference.kind in _WHEN:
            say = page_dates.english_times if difference.kind is Kind.TIME else page_dates.when
            old, new = say(_session(stated)), say(_session(true))
        elif difference.kind is Kind.PLACE:
            old, new = page_dates.place_in_words(old), page_dates.place_in_words(new)
        if about == format_date(day):
            about = page_dates.full_date(day)
    english = Words(old, new, about)
    return difference if english == danish else replace(difference, english=english)


def _span(facts: Facts) -> tuple[str, str]:
    return facts.get("starts", ""), facts.get("ends", "")


def _session(span: tuple[str, str]) -> Session:
    return session_of(dict(zip(("starts", "ends"), span, strict=True)))


def _when(stated: Facts, true: Facts, about: str) -> list[Difference]:
    if "starts" not in stated or (stated["starts"], stated["ends"]) == (true["starts"], true["ends"]):
        return []
    before, now = session_of(stated), session_of(true)
    on_one_day = before.ends_date == now.ends_date is None
    if on_one_day and before.starts_date == now.starts_date:
        return [Difference(kind=Kind.TIME, old=_time(before), new=_time(now), about=about)]
    return [
        Difference(kind=Kind.DATE, old=_in_sentence(before.when()), new=_in_sentence(now.when()), about=about)
    ]


def differences_of_calendar(stated: Facts, true: Facts, *, about: str = "") -> tuple[Difference, ...]:
    """What a participant's calendar was told of session and themes (`calendar_facts`), and is not so.

    Args:
        about: what the session is called, for those who look at several.
    """
    return in_order(
        [
            *changed(Kind.TITLE, stated.get("title"), true["title"]),
            *differences_of_session(stated, true, about=about),
            *_chosen_themes(stated.get("themes"), true["themes"]),
        ]
    )


def _chosen_themes(stated: Sequence[Facts] | None, true: Sequence[Facts]) -> list[Difference]:
    """A theme of another name is renamed; where the choice is another, the participant has a new theme."""
    if stated is None:
        return []
    titles = {row["theme"]: row["title"] for row in true}
    differences = [
        difference
        for row in stated
        if row["theme"] in titles
        for difference in changed(Kind.THEME_RENAMED, row["title"], titles[row["theme"]])
    ]
    before = {row["theme"] for row in stated}
    dropped = [row["title"] for row in stated if row["theme"] not in titles]
    picked = [row["title"] for row in true if row["theme"] not in before]
    for number in range(max(len(dropped), len(picked))):
        old, new = ("".join(titles[number : number + 1]) for titles in (dropped, picked))
        differences += changed(Kind.THEME_CHOSEN, old, new)
    return differences


def deadline_words(text: str) -> str:
    """`fredag den 19. marts 2027`"""
    moment = moment_of(text)
    return format_deadline(moment, weekday=True) if moment else ""


def _time(session: Session) -> str:
    return format_time(session.starts_time, session.ends_time) if session.starts_time else ""


def _in_sentence(when: str) -> str:
    return when[:1].lower() + when[1:]
