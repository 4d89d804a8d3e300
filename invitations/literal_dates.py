"""Dates that stand in a meeting's texts as words, and so do not follow when the meeting is copied."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from invitations.danish import MONTHS, capitalise, format_date, format_day_and_month
from invitations.models import Letter, Meeting

# A day with its month, with or without a year; a date in figures; a year, which is no part of a number.
_DATES = re.compile(
    rf"\b\d{{1,2}}\.\s*(?:{'|'.join(MONTHS)})\b(?:\s+\d{{4}}\b)?"
    r"|\b\d{1,2}[./-]\d{1,2}[./-]20\d\d\b"
    r"|(?<!\d)(?<!\d{4} )20[1-9]\d(?!\d|-\d|\s\d{4}\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LiteralDates:
    """Where texts name dates.

    Attributes:
        place: in Danish, such as `Brev: Invitation 1.2.2027, afsnit 2`.
        words: the dates as they stand there.
        letter: the letter that they stand in; None for a text of the meeting itself.
    """

    place: str
    words: tuple[str, ...]
    letter: Letter | None = None


def literal_dates(meeting: Meeting) -> list[LiteralDates]:
    """The dates and years in the texts of the meeting and of its letters that are not the meeting's own."""
    own = _own_dates(meeting)
    places: list[tuple[str, str, Letter | None]] = [
        (place, text, None) for place, text in _texts_of_meeting(meeting)
    ]
    letters = Letter.objects.filter(meeting=meeting, sent_at=None).order_by("date", "pk")
    for letter in letters.prefetch_related("sections", "enclosures"):
        name = f"{capitalise(letter.get_kind_display())} {date_format(letter.date, 'SHORT_DATE_FORMAT')}"
        places += [
            (_("Letter: %(letter)s, %(part)s") % {"letter": name, "part": part}, text, letter)
            for part, text in _texts_of_letter(letter)
        ]
    found = [
        LiteralDates(place, tuple(find_dates(text, except_for=own)), letter) for place, text, letter in places
    ]
    return [dates for dates in found if dates.words]


def find_dates(text: str, *, except_for: Collection[str] = ()) -> list[str]:
    """The dates and years in `text` as they stand there, each once, but for those in `except_for`."""
    found = [" ".join(match[0].split()) for match in _DATES.finditer(text)]
    return list(dict.fromkeys(words for words in found if words.lower() not in except_for))


def _own_dates(meeting: Meeting) -> set[str]:
    """The meeting's dates in each form in which a text may name them."""
    days = [day for session in meeting.sessions.all() for day in (session.starts_date, session.last_date)]
    deadlines = [
        moment.date for moment in (meeting.registration_opens, meeting.registration_deadline) if moment
    ]
    own = {str(day.year) for day in days}
    for day in [*days, *deadlines]:
        own |= {format_date(day), format_day_and_month(day)}
    return own


def _texts_of_meeting(meeting: Meeting) -> Iterator[tuple[str, str]]:
    for name in ("title", "co_organisers", "practical_information", "reminder_text", "meeting_reminder_text"):
        field = meeting._meta.get_field(name)
        yield capitalise(str(field.verbose_name)), getattr(meeting, name)  # type: ignore[union-attr]
    for number, item in enumerate(meeting.programme.prefetch_related("themes"), start=1):
        place = _("Programme item %(number)d") % {"number": number}
        yield place, "\n".join((item.title, item.speakers, item.details, item.notes))
        for theme_number, theme in enumerate(item.themes.all(), start=1):
            words = {"item": place, "number": theme_number}
            yield (
                _("%(item)s, theme %(number)d") % words,
                "\n".join((theme.title, theme.speakers, theme.details)),
            )
    for number, question in enumerate(meeting.questions.all(), start=1):
        yield _("Question %(number)d") % {"number": number}, question.text


def _texts_of_letter(letter: Letter) -> Iterator[tuple[str, str]]:
    for name in ("recipients", "title", "salutation", "closing"):
        yield str(letter._meta.get_field(name).verbose_name), getattr(letter, name)  # type: ignore[union-attr]
    for number, section in enumerate(letter.sections.all(), start=1):
        yield _("section %(number)d") % {"number": number}, f"{section.heading}\n{section.text}"
    for number, enclosure in enumerate(letter.enclosures.all(), start=1):
        yield _("enclosure %(number)d") % {"number": number}, enclosure.title
