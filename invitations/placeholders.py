"""The words in braces that a letter prints from its meeting, so that a fact stands in one place only."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from functools import cached_property
from typing import TypeVar

from django.utils.translation import gettext as _

from invitations.danish import (
    Moment,
    format_date,
    format_date_with_weekday,
    format_dates,
    format_deadline,
    format_time,
    join_words,
)
from invitations.mail_text import link
from invitations.models import Area, Letter, Session
from invitations.placeholder_names import closest_placeholder

T = TypeVar("T")

_LONGEST_NAME = 60
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")


class PlaceholderError(ValueError):
    """Placeholders that cannot be printed.

    Attributes:
        sentences: which, why, and what can be used instead.
        brief: the same without what can be used instead, for where that stands already.
        filled: the text with all the others printed; these stand in it as they were typed.
        missing: these placeholders, with their braces.
    """

    def __init__(self, sentences: list[str], *, brief: list[str], filled: str, missing: list[str]) -> None:
        self.sentences = sentences
        self.brief = brief
        self.filled = filled
        self.missing = missing
        super().__init__(" ".join(sentences))


def area_words(areas: Iterable[Area]) -> str:
    """`Region Midtjylland`; two are joined by `og`; the whole country is `hele landet`."""
    return join_words([area.name.lower() if area.kind == Area.Kind.COUNTRY else area.name for area in areas])


class _NoValueError(Exception):
    """Why a placeholder has no value."""


class Placeholders:
    """The values for one letter. Reads the meeting once; a value is worked out when a text asks for it."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter
        self.meeting = letter.meeting
        self.sessions: list[Session] = list(self.meeting.sessions.all())
        self._values: dict[str, Callable[[], str]] = {
            "title": lambda: self.meeting.title,
            "date": lambda: format_date(self._date()),
            "date_with_weekday": lambda: format_date_with_weekday(self._date()),
            "dates": self._dates,
            "time": self._time,
            "city": self._city,
            "venue": self._venue,
            "area": self._area,
            "hosts": self._hosts,
            "join_url": self._join_url,
            "registration_url": self._registration_url,
            "registration_deadline": lambda: format_deadline(self._registration_deadline()),
            "registration_deadline_with_weekday": lambda: format_deadline(
                self._registration_deadline(), weekday=True
            ),
            "input_deadline": lambda: format_deadline(self._input_deadline()),
            "input_deadline_with_weekday": lambda: format_deadline(self._input_deadline(), weekday=True),
            "input_email": lambda: self._of_letter(
                self.letter.input_email, _("the letter has no address for input")
            ),
            "contact_email": lambda: self._of_letter(
                self.letter.contact_email, _("the letter has no contact e-mail")
            ),
            "contact_phone": lambda: self._of_letter(
                self.letter.contact_phone, _("the letter has no contact phone")
            ),
        }

    def fill(self, text: str, *, escape: Callable[[str], str] = str) -> str:
        """`text` with its placeholders printed; `{{` and `}}` print a brace.

        Args:
            escape: applied to each value, so that nothing in it counts as markup in the text around it.

        Raises:
            PlaceholderError: a placeholder is unknown, the meeting has no single value for it, or a brace
                stands alone.
        """
        sentences: list[str] = []
        brief: list[str] = []
        missing: list[str] = []

        def printed(match: re.Match[str]) -> str:
            braces, name = match[0], match[1]
            if braces in ("{{", "}}"):
                return braces[0]
            if name is None:
                sentence = _("A single %(brace)s must be written %(brace)s%(brace)s.") % {"brace": braces}
                sentences.append(sentence)
                brief.append(sentence)
                return escape(braces)
            try:
                return escape(self.value(name.strip()))
            except _NoValueError as reason:
                sentence = self._sentence(name.strip(), str(reason))
                sentences.append(f"{sentence} {self._help()}")
                brief.append(sentence)
                missing.append(braces)
                return escape(braces)

        filled = _BRACES.sub(printed, text)
        if sentences:
            raise PlaceholderError(
                list(dict.fromkeys(sentences)),
                brief=list(dict.fromkeys(brief)),
                filled=filled,
                missing=missing,
            )
        return filled

    def value(self, name: str) -> str:
        """What `{name}` prints; for a name that is not among the `usable` ones, an error that says why."""
        if name not in self._values:
            raise _NoValueError(_("there is no such placeholder"))
        return self._values[name]()

    def _sentence(self, name: str, reason: str) -> str:
        sentence = _("{%(name)s} cannot be printed: %(reason)s.") % {
            "name": name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…",
            "reason": reason,
        }
        meant = "" if name in self._values else closest_placeholder(name[:_LONGEST_NAME], self.usable())
        if meant:
            sentence += " " + _("Did you mean {%(meant)s}?") % {"meant": meant}
        return sentence

    def _help(self) -> str:
        return _("You can use %(usable)s.") % {
            "usable": ", ".join(f"{{{usable}}}" for usable in self.usable())
        }

    def usable(self) -> list[str]:
        """The names that have a value for this letter."""
        return self._usable

    @cached_property
    def _usable(self) -> list[str]:
        usable = []
        for name, value in self._values.items():
            with suppress(_NoValueError):
                value()
                usable.append(name)
        return usable

    def _days(self) -> set[datetime.date]:
        return {day for session in self.sessions for day in _days_of(session)}

    def _date(self) -> datetime.date:
        return _single(
            self._days(),
            none=_("the meeting has no date"),
            several=_("the meeting has several dates; use {dates}"),
        )

    def _dates(self) -> str:
        days = self._days()
        if not days:
            raise _NoValueError(_("the meeting has no date"))
        return format_dates(days)

    def _time(self) -> str:
        if any(len(_days_of(session)) > 1 for session in self.sessions):
            raise _NoValueError(_("the meeting lasts several days"))
        start, end = _single(
            {(session.starts_time, session.ends_time) for session in self.sessions},
            none=_("the meeting has no date"),
            several=_("the meeting's sessions are at different times"),
        )
        if start is None:
            raise _NoValueError(_("the meeting has no clock time"))
        return format_time(start, end)

    def _city(self) -> str:
        return _single(
            {session.venue_place or session.venue_city for session in self.sessions},
            none=_("the meeting has no town"),
            several=_("the meeting's sessions are in different towns"),
        )

    def _venue(self) -> str:
        return _single(
            {session.where() for session in self.sessions},
            none=_("the meeting has no place"),
            several=_("the meeting's sessions are at different places"),
        )

    def _area(self) -> str:
        areas = self.meeting.ordered_areas()
        if not areas:
            raise _NoValueError(_("the meeting has no area"))
        return area_words(areas)

    def _hosts(self) -> str:
        hosts = [
            host.official_name for host in self.meeting.ordered_hosts()
        ] + self.meeting.co_organiser_names
        if not hosts:
            raise _NoValueError(_("the meeting has no host"))
        return join_words(hosts)

    def _join_url(self) -> str:
        return _single(
            {session.join_url for session in self.sessions},
            none=_("the meeting has no join link"),
            several=_("the meeting's sessions have different join links"),
        )

    def _registration_url(self) -> str:
        if not self.meeting.has_form:
            raise _NoValueError(_("the meeting has no registration"))
        return link("registrations:meeting", self.meeting.slug)

    def _registration_deadline(self) -> Moment:
        if not self.meeting.has_form:
            raise _NoValueError(_("the meeting has no registration"))
        deadlines = {session.deadline() for session in self.sessions}
        return _single(
            deadlines or {self.meeting.registration_deadline},
            none=_("the meeting has no registration deadline"),
            several=_("the meeting's sessions have different registration deadlines"),
        )

    def _input_deadline(self) -> Moment:
        if self.letter.input_deadline is None:
            raise _NoValueError(_("the letter has no deadline for input"))
        return self.letter.input_deadline

    def _of_letter(self, value: str, reason: str) -> str:
        if not value:
            raise _NoValueError(reason)
        return value


def _days_of(session: Session) -> list[datetime.date]:
    """Every day of the session: one, unless it goes on overnight."""
    last = session.ends_date or session.starts_date
    return [
        session.starts_date + datetime.timedelta(days=number)
        for number in range((last - session.starts_date).days + 1)
    ]


def _single(values: Collection[T | None], *, none: str, several: str) -> T:
    """The one value in `values`, or the reason why there is none: it is missing, or the sessions differ."""
    if len(values) > 1:
        raise _NoValueError(several)
    for value in values:
        if value:
            return value
    raise _NoValueError(none)
