"""The words in braces that a letter prints from its meeting, so that a fact stands in one place only."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from django.conf import settings
from django.urls import reverse
from django.utils import translation
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
from invitations.models import Area, Letter, Session

T = TypeVar("T")

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")


class PlaceholderError(ValueError):
    """A placeholder that cannot be printed: it says which, why, and what can be used instead."""


def public_url(name: str, *args: object) -> str:
    """The absolute address of the public page `name` (a URL name), in Danish whatever language the caller works in."""
    with translation.override(settings.LANGUAGE_CODE):
        return f"{settings.PUBLIC_URL}{reverse(name, args=args)}"


def area_words(areas: Iterable[Area]) -> str:
    """`Region Midtjylland`; two are joined by `og`; the whole country is `hele landet`."""
    return join_words([area.name.lower() if area.kind == Area.Kind.COUNTRY else area.name for area in areas])


class _Missing(Exception):
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
            escape: applied to each value, so that what stands for markup in the text around it is taken literally.

        Raises:
            PlaceholderError: a placeholder is unknown, the meeting has no single value for it, or a brace stands alone.
        """

        def value(match: re.Match[str]) -> str:
            if match[0] in ("{{", "}}"):
                return match[0][0]
            if match[1] is None:
                raise PlaceholderError(
                    _("A single %(brace)s must be written %(brace)s%(brace)s.") % {"brace": match[0]}
                )
            return escape(self.value(match[1].strip()))

        return _BRACES.sub(value, text)

    def value(self, name: str) -> str:
        """What `{name}` prints.

        Raises:
            PlaceholderError: as in `fill`.
        """
        if name not in self._values:
            reason = _("there is no such placeholder")
        else:
            try:
                return self._values[name]()
            except _Missing as missing:
                reason = str(missing)
        raise PlaceholderError(
            _("{%(name)s} cannot be printed: %(reason)s. You can use %(usable)s.")
            % {
                "name": name,
                "reason": reason,
                "usable": ", ".join(f"{{{usable}}}" for usable in self.usable()),
            }
        )

    def usable(self) -> list[str]:
        """The names that have a value for this letter."""

        def has_value(name: str) -> bool:
            try:
                self._values[name]()
            except _Missing:
                return False
            return True

        return [name for name in self._values if has_value(name)]

    def _date(self) -> datetime.date:
        dates = {session.starts_date for session in self.sessions}
        return _single(
            dates, none=_("the meeting has no date"), several=_("the meeting has several dates; use {dates}")
        )

    def _dates(self) -> str:
        if not self.sessions:
            raise _Missing(_("the meeting has no date"))
        return format_dates(session.starts_date for session in self.sessions)

    def _time(self) -> str:
        times = {(session.starts_time, session.ends_time) for session in self.sessions}
        start, end = _single(
            times,
            none=_("the meeting has no date"),
            several=_("the meeting's sessions are at different times"),
        )
        if start is None:
            raise _Missing(_("the meeting has no clock time"))
        return format_time(start, end)

    def _city(self) -> str:
        cities = {session.venue_place or session.venue_city for session in self.sessions} - {""}
        return _single(
            cities,
            none=_("the meeting has no town"),
            several=_("the meeting's sessions are in different towns"),
        )

    def _venue(self) -> str:
        venues = {session.where() for session in self.sessions} - {""}
        return _single(
            venues,
            none=_("the meeting has no place"),
            several=_("the meeting's sessions are at different places"),
        )

    def _area(self) -> str:
        areas = self.meeting.ordered_areas()
        if not areas:
            raise _Missing(_("the meeting has no area"))
        return area_words(areas)

    def _hosts(self) -> str:
        hosts = [
            host.official_name for host in self.meeting.ordered_hosts()
        ] + self.meeting.co_organiser_names
        if not hosts:
            raise _Missing(_("the meeting has no host"))
        return join_words(hosts)

    def _join_url(self) -> str:
        urls = {session.join_url for session in self.sessions} - {""}
        return _single(
            urls,
            none=_("the meeting has no join link"),
            several=_("the meeting's sessions have different join links"),
        )

    def _registration_url(self) -> str:
        if not self.meeting.has_form:
            raise _Missing(_("the meeting has no registration"))
        return public_url("registrations:meeting", self.meeting.slug)

    def _registration_deadline(self) -> Moment:
        if not self.meeting.has_form:
            raise _Missing(_("the meeting has no registration"))
        deadlines = {
            session.registration_deadline or self.meeting.registration_deadline for session in self.sessions
        }
        deadlines = deadlines or {self.meeting.registration_deadline}
        return _single(
            {deadline for deadline in deadlines if deadline},
            none=_("the meeting has no registration deadline"),
            several=_("the meeting's sessions have different registration deadlines"),
        )

    def _input_deadline(self) -> Moment:
        if self.letter.input_deadline is None:
            raise _Missing(_("the letter has no deadline for input"))
        return self.letter.input_deadline

    def _of_letter(self, value: str, reason: str) -> str:
        if not value:
            raise _Missing(reason)
        return value


def _single(values: Collection[T], *, none: str, several: str) -> T:
    """The one value in `values`; the reason why there isn't one otherwise."""
    if len(values) != 1:
        raise _Missing(several if values else none)
    return next(iter(values))
