"""Dates and times as pages write them: in Danish as the letters do, in any other language as Django does."""

from __future__ import annotations

import datetime

from django.utils.formats import date_format
from django.utils.translation import get_language

from invitations import danish
from invitations.danish import Moment, no_break
from invitations.models import Session


def page_is_danish() -> bool:
    return (get_language() or "da").startswith("da")


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
    if ends is None or ends.time is None or ends.date != starts.date:
        return (
            moment(starts)
            if ends is None or ends.date == starts.date
            else f"{moment(starts)} – {moment(ends)}"
        )
    # Word joiners keep the two clock times on one line.
    return f"{moment(starts)}\u2060–\u2060{_clock(ends.time)}"


def where(session: Session) -> str:
    """The place on one line."""
    return no_break(session.where())


def _clock(time: datetime.time) -> str:
    return f"{time:%H:%M}"
