"""Last year's meeting as the draft of this year's: all that staff typed, on new dates."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.contrib.admin.models import ADDITION, CHANGE
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils.translation import gettext as _

from invitations.danish import (
    capitalise,
    format_date,
    format_date_with_weekday,
    is_working_day,
    join_words,
    working_day_on_or_before,
)
from invitations.history import record
from invitations.models import Area, Enclosure, Letter, Meeting, Municipality, ProgrammeItem, Session, Theme
from invitations.models.addressees import valid_on

M = TypeVar("M", bound=models.Model)

# Whole weeks, so that a Thursday stays a Thursday.
YEAR = datetime.timedelta(weeks=52)
WEEK = datetime.timedelta(weeks=1)


@dataclass(frozen=True, kw_only=True)
class CopyDates:
    """The dates of a copy, days in Copenhagen; the clock times stay.

    Attributes:
        days: the first day of each session, by the id of the session that it is copied from.
        deadlines: the own registration deadline of those sessions that have one, likewise.
        opens: when registration opens, the meeting's.
        deadline: the meeting's registration deadline.
    """

    days: Mapping[int, datetime.date]
    deadlines: Mapping[int, datetime.date | None] = field(default_factory=dict)
    opens: datetime.date | None = None
    deadline: datetime.date | None = None


@dataclass(frozen=True, kw_only=True)
class LetterDates:
    """The date that a copied letter prints, and until when it calls for input."""

    date: datetime.date
    input_deadline: datetime.date | None = None


def next_days(meeting: Meeting, *, today: datetime.date) -> dict[int, datetime.date]:
    """The days that a copy's sessions are likely to be on: a year later, after `today`, on the same weekdays.

    Where one that was on a working day would fall on a holiday, all are a week or more later.
    """
    had = {session.pk: session.starts_date for session in meeting.sessions.all()}
    if not had:
        return {}
    year = YEAR
    while min(had.values()) + year <= today:
        year += YEAR
    likely = [{pk: day + year + weeks * WEEK for pk, day in had.items()} for weeks in range(6)]
    working = {pk for pk, day in had.items() if is_working_day(day)}
    return next((days for days in likely if all(is_working_day(days[pk]) for pk in working)), likely[0])


def likely_dates(meeting: Meeting, days: Mapping[int, datetime.date]) -> CopyDates:
    """The dates of a copy whose sessions are on `days`: as far before the first session as last time, on a
    working day; a session's own deadline as far before that session.
    """
    sessions = list(meeting.sessions.all())
    had = min((session.starts_date for session in sessions), default=None)
    gets = min(days.values(), default=None)
    return CopyDates(
        days=days,
        opens=_moved(meeting.registration_opens_date, had, gets),
        deadline=_moved(meeting.registration_deadline_date, had, gets),
        deadlines={
            session.pk: _moved(session.registration_deadline_date, session.starts_date, days.get(session.pk))
            for session in sessions
            if session.registration_deadline_date
        },
    )


def likely_input_deadline(
    meeting: Meeting, letter: Letter, days: Mapping[int, datetime.date]
) -> datetime.date | None:
    """Until when the copy of a letter would call for input, as far before the first session as last time."""
    had = min((session.starts_date for session in meeting.sessions.all()), default=None)
    return _moved(letter.input_deadline_date, had, min(days.values(), default=None))


def _moved(
    day: datetime.date | None, had: datetime.date | None, gets: datetime.date | None
) -> datetime.date | None:
    """`day` as far from `gets` as it was from `had`, or on the working day before that."""
    return working_day_on_or_before(day + (gets - had)) if day and had and gets else None


def remarks(meeting: Meeting, dates: CopyDates, *, today: datetime.date) -> list[str]:
    """What somebody should know who copies the meeting to `dates`, a sentence each."""
    first = min(dates.days.values(), default=None)
    sentences = [
        _("%(date)s is not a working day.") % {"date": capitalise(format_date_with_weekday(day))}
        for day in sorted(set(dates.days.values()))
        if not is_working_day(day)
    ]
    if first:
        sentences += _remarks_on_areas(meeting, first)
    deadlines = [day for day in (dates.deadline, *dates.deadlines.values()) if day and day < today]
    if meeting.has_form and deadlines:
        sentences.append(
            _("The registration deadline %(date)s has passed already.")
            % {"date": format_date(min(deadlines))}
        )
    return sentences


def _remarks_on_areas(meeting: Meeting, day: datetime.date) -> list[str]:
    """Which of the meeting's areas have no municipality on `day`, and which regions have theirs instead."""
    sentences = []
    starts = meeting.starts()
    for area in meeting.ordered_areas():
        if Municipality.objects.in_areas([area], on=day).exists():
            continue
        words = {"area": area.name, "date": format_date(day)}
        sentence = _("%(area)s has no municipality on %(date)s: nobody would be invited.") % words
        if starts:
            were = Municipality.objects.in_areas([area], on=starts.date).order_by()
            regions = Area.objects.filter(
                valid_on(day, prefix="memberships__"),
                kind=Area.Kind.REGION,
                memberships__municipality__in=were,
            )
            names = sorted(set(regions.values_list("name", flat=True)))
            if names:
                sentence += " " + _("Its municipalities belong to %(regions)s then.") % {
                    "regions": join_words(names)
                }
        sentences.append(sentence)
    return sentences


def typed_copy(row: M, **changes: Any) -> M:
    """A new row, not saved, with what staff typed in `row`; what the system wrote there is left out.

    Args:
        changes: fields that get another value.
    """
    values = {
        column.attname: getattr(row, column.attname)
        for column in row._meta.concrete_fields
        if column.editable and not column.primary_key and not {column.name, column.attname} & changes.keys()
    }
    return type(row)(**values, **changes)


@transaction.atomic
def copy_meeting(
    meeting: Meeting,
    *,
    title: str,
    slug: str,
    dates: CopyDates,
    letters: Mapping[int, LetterDates],
    by: User,
) -> Meeting:
    """Write a draft with everything that was typed about `meeting`; the history of both says so.

    Not copied are answers, invitations and their tokens, what was sent and when, the letters' document
    numbers, and whether the meeting was published, paused or cancelled.

    Args:
        dates: the new dates, one for each session.
        letters: the letters that are copied as drafts, by their ids, with their new dates.
        by: who pressed the button.

    Raises:
        IntegrityError: another meeting has this address, or two letters of one kind get the same date.
    """
    copy = typed_copy(
        meeting,
        title=title,
        slug=slug,
        copied_from=meeting,
        **_dated("registration_opens", dates.opens, meeting),
        **_dated("registration_deadline", dates.deadline, meeting),
    )
    copy.save()
    _copy_rows(meeting.area_links.all(), meeting=copy)
    _copy_rows(meeting.host_links.all(), meeting=copy)
    _copy_rows(meeting.questions.all(), meeting=copy)
    Session.objects.bulk_create(
        copied_session(session, dates, meeting=copy) for session in meeting.sessions.all()
    )
    _copy_programme(meeting, copy)
    for letter in Letter.objects.filter(meeting=meeting, pk__in=letters).order_by("date", "pk"):
        _copy_letter(letter, copy, letters[letter.pk])
    for row, action, message in (
        (copy, ADDITION, _("Copied from the meeting “%(meeting)s” (/%(slug)s).")),
        (meeting, CHANGE, _("Copied to the meeting “%(meeting)s” (/%(slug)s).")),
    ):
        other = meeting if row is copy else copy
        record(row, message % {"meeting": other, "slug": other.slug}, by=by, action=action)
    return copy


def copied_session(session: Session, dates: CopyDates, **changes: Any) -> Session:
    """The session on its new day, not saved: as long as it was, at the same times and the same place."""
    day = dates.days[session.pk]
    return typed_copy(
        session,
        starts_date=day,
        ends_date=session.ends_date and day + (session.ends_date - session.starts_date),
        **_dated("registration_deadline", dates.deadlines.get(session.pk), session),
        **changes,
    )


def _dated(name: str, day: datetime.date | None, row: models.Model) -> dict[str, Any]:
    """A date with the clock time that the row has for it; without a date there is no time."""
    return {f"{name}_date": day, f"{name}_time": getattr(row, f"{name}_time") if day else None}


def _copy_programme(meeting: Meeting, copy: Meeting) -> None:
    items = list(meeting.programme.prefetch_related("themes"))
    copies = ProgrammeItem.objects.bulk_create(typed_copy(item, meeting=copy) for item in items)
    Theme.objects.bulk_create(
        typed_copy(theme, item=copied)
        for item, copied in zip(items, copies, strict=True)
        for theme in item.themes.all()
    )


def _copy_letter(letter: Letter, meeting: Meeting, dates: LetterDates) -> None:
    copy = typed_copy(
        letter,
        meeting=meeting,
        date=dates.date,
        replaces=None,
        document_number="",
        **_dated("input_deadline", dates.input_deadline, letter),
    )
    copy.save()
    _copy_rows(letter.sections.all(), letter=copy)
    _copy_rows(letter.signatories.all(), letter=copy)
    # The file is shared: a stored one never changes.
    Enclosure.objects.bulk_create(
        typed_copy(enclosure, letter=copy, file_id=enclosure.file_id, filename=enclosure.filename)
        for enclosure in letter.enclosures.all()
    )
    for link in letter.announcements.all():
        announces_itself = link.meeting_id == letter.meeting_id
        typed_copy(link, letter=copy, meeting_id=meeting.pk if announces_itself else link.meeting_id).save()


def _copy_rows(rows: models.QuerySet[M], **changes: Any) -> None:
    rows.model._default_manager.bulk_create(typed_copy(row, **changes) for row in rows)
