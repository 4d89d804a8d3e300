"""Dates and times as pages write them: in Danish as the letters do, in any other language as Django does."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language

from invitations import danish
from invitations.danish import Moment, no_break
from invitations.models import Session
from invitations.models.sessions import ONLINE


def page_language() -> str:
    """The one of `settings.LANGUAGES` that is active."""
    return get_language() or settings.LANGUAGE_CODE


def page_is_danish() -> bool:
    return page_language() == "da"


def day_and_month(day: datetime.date) -> str:
    """`15. april`; in English `15 April`."""
    return no_break(danish.format_day_and_month(day)) if page_is_danish() else date_format(day, "j F")


def full_date(day: datetime.date) -> str:
    """`15. april 2027`; in English `15 April 2027`."""
    return no_break(danish.format_date(day)) if page_is_danish() else date_format(day, "j F Y")


def moment(moment: Moment) -> str:
    """`fredag den 19. marts 2027 kl. 12.00`; in English `Friday 19 March 2027, 12:00`."""
    if page_is_danish():
        return no_break(danish.format_deadline(moment, weekday=True))
    day = date_format(moment.date, "l j F Y")
    return day if moment.time is None else f"{day}, {_clock(moment.time)}"


def when(session: Session) -> str:
    """`Torsdag den 15. april 2027 kl. 17-19`; in English `Thursday 15 April 2027, 17:00–19:00`."""
    if page_is_danish():
        return no_break(session.when())
    starts, ends = session.starts, session.ends
    if ends is not None and ends.date != starts.date:
        return f"{moment(starts)} – {moment(ends)}"
    return f"{moment(starts)}{_until(session)}"


def english_times(session: Session) -> str:
    """`17:00–19:00`; only when it starts where it ends another day or nobody knows when, else nothing."""
    return f"{_clock(session.starts_time)}{_until(session)}" if session.starts_time else ""


def where(session: Session) -> str:
    """The place on one line."""
    return no_break(place(session))


def place(session: Session) -> str:
    """The place on one line as mails and calendars have it, where every space may break."""
    return place_in_words(session.where())


def place_in_words(where: str) -> str:
    """What `Session.where` says, with its one word that is ours in the language that is active."""
    return "Online" if where == ONLINE and not page_is_danish() else where


def _until(session: Session) -> str:
    on_one_day = session.ends_date in (None, session.starts_date)
    return f"–{_clock(session.ends_time)}" if session.ends_time and on_one_day else ""


def _clock(time: datetime.time) -> str:
    return f"{time:%H:%M}"
