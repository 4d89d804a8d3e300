"""What a participant picks from: sessions and themes, with what helps to choose and whether there is room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations.models import ProgrammeItem, Session
from invitations.page_dates import when, where
from registrations.availability import Availability, SessionAvailability


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A radio button's words: a title, and below it the details, a line each."""

    title: str
    details: tuple[str, ...] = ()
    can_be_chosen: bool = True

    def __str__(self) -> str:
        return self.title


class ChoiceRadios(forms.RadioSelect):
    """Radio buttons, of which those that cannot be chosen are greyed out, unless one was chosen before."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        if not option["label"].can_be_chosen and not option["selected"]:
            option["attrs"]["disabled"] = True
        return option


class PickField(forms.ChoiceField):
    """Radio buttons; `noun` says what was picked, for the page on which the answers are checked."""

    widget = ChoiceRadios

    def __init__(self, *, noun: str | Promise, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.noun = noun


def session_choices(places: Availability) -> list[tuple[str, Choice]]:
    return [
        (
            str(here.session.pk),
            Choice(
                title=": ".join(part for part in (here.session.label, when(here.session)) if part),
                details=tuple(part for part in (where(here.session), _room(here, places)) if part),
                # Where there is no place one waits for one.
                can_be_chosen=here.accepts_answers,
            ),
        )
        for here in places.sessions
    ]


def theme_choices(item: ProgrammeItem, places: Availability) -> list[tuple[str, Choice]]:
    choices = []
    for number, theme in enumerate(item.themes.all(), start=1):
        left = theme_places_left(theme.pk, places)
        speakers = _("by %(speakers)s") % {"speakers": theme.speakers} if theme.speakers else ""
        choices.append(
            (
                str(theme.pk),
                Choice(
                    title=_("Theme %(number)d: %(title)s") % {"number": number, "title": theme.title},
                    details=tuple(part for part in (speakers, theme.room, places_left(left)) if part),
                    # Who waits may wish for a theme that is full just now.
                    can_be_chosen=left != 0 or places.for_staff or places.is_full,
                ),
            )
        )
    return choices


def second_wish_choices(item: ProgrammeItem, places: Availability) -> list[tuple[str, str]]:
    """The themes of a round for a list to pop up, each on one line; no second wish is one of them."""
    choices = [("", _("No second wish"))]
    for number, theme in enumerate(item.themes.all(), start=1):
        title = _("Theme %(number)d: %(title)s") % {"number": number, "title": theme.title}
        room = places_left(theme_places_left(theme.pk, places))
        choices.append((str(theme.pk), f"{title} ({room})" if room else title))
    return choices


def theme_places_left(theme_id: int, places: Availability) -> int | None:
    """The places left in a theme; of several sessions, each with its own, only whether it is full in all."""
    lefts = [here.themes_left.get(theme_id) for here in places.sessions if here.can_be_chosen]
    if len(lefts) == 1:
        return lefts[0]
    return 0 if lefts and all(left == 0 for left in lefts) else None


def theme_is_full(theme_id: int, places: Availability, session: Session | None) -> bool:
    """Whether the theme has no place left in `session`; where that is not known yet, in any."""
    if session is None:
        return theme_places_left(theme_id, places) == 0
    return places.of(session).theme_is_full(theme_id)


def places_left(left: int | None) -> str:
    """`3 places left`, `No places left`, or nothing where there is no limit."""
    if left is None:
        return ""
    if left == 0:
        return _("No places left")
    return ngettext("%(left)d place left", "%(left)d places left", left) % {"left": left}


def _room(here: SessionAvailability, places: Availability) -> str:
    if not here.accepts_answers:
        return _("Registration is closed")
    if here.is_full and not places.for_staff:
        return _("No places left, but there is a waiting list")
    return places_left(here.left)


def join_or(words: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *first, last = words
    return _("%(first)s or %(last)s") % {"first": ", ".join(first), "last": last} if first else last
