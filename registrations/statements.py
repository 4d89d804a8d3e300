"""What has been stated about a meeting to offices and calendars, and is not true any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from invitations.danish import COPENHAGEN
from invitations.mail_text import in_danish
from invitations.meeting_facts import NO_STATEMENT, meeting_facts
from invitations.models import Dispatch, Letter, LetterVersion, Meeting, Office, Session, Theme
from registrations.calendar_facts import REQUEST, calendar_facts, is_out_of_date
from registrations.differences import Difference, differences_of_calendar, in_order, session_name
from registrations.letter_differences import differences_of_letter
from registrations.models import CalendarInvitation, ThemeChoice


@dataclass(frozen=True)
class Holder:
    """An office, or a mailbox of one that is no more, that holds a letter."""

    dispatch_id: int
    municipality_id: int
    mailbox: str


@dataclass(frozen=True)
class WrongLetter:
    """A letter that states something that is not so, and those who have got no later one."""

    letter: Letter
    differences: tuple[Difference, ...]
    holders: tuple[Holder, ...]


@dataclass(frozen=True)
class WrongCalendars:
    """Participants whose calendars were told the same of one session, in which something is not so."""

    session_id: int
    differences: tuple[Difference, ...]
    # Participant and sequence of the last message, in order of the participants.
    told: tuple[tuple[int, int], ...]

    @property
    def participants(self) -> list[int]:
        return [participant for participant, _sequence in self.told]


@dataclass(frozen=True)
class Line:
    """One difference, and how many have been told what is not so."""

    difference: Difference
    offices: int
    municipalities: int
    participants: int


@dataclass(frozen=True)
class Statements:
    """All that is wrong out there; nothing where both are empty."""

    letters: Sequence[WrongLetter] = ()
    calendars: Sequence[WrongCalendars] = ()

    def __bool__(self) -> bool:
        return bool(self.letters or self.calendars)

    @property
    def offices(self) -> int:
        return sum(len(wrong.holders) for wrong in self.letters)

    @property
    def municipalities(self) -> int:
        return len({holder.municipality_id for wrong in self.letters for holder in wrong.holders})

    @cached_property
    def participants(self) -> list[int]:
        """Their ids, in order."""
        return sorted(participant for wrong in self.calendars for participant in wrong.participants)

    @cached_property
    def letter_differences(self) -> tuple[Difference, ...]:
        return in_order([difference for wrong in self.letters for difference in wrong.differences])

    @cached_property
    def calendar_differences(self) -> tuple[Difference, ...]:
        return in_order([difference for wrong in self.calendars for difference in wrong.differences])

    def lines(self) -> list[Line]:
        """Each difference once, with how many have been told the old."""
        return [
            Line(
                difference=difference,
                offices=sum(len(wrong.holders) for wrong in self._letters_with(difference)),
                municipalities=len(
                    {
                        holder.municipality_id
                        for wrong in self._letters_with(difference)
                        for holder in wrong.holders
                    }
                ),
                participants=sum(
                    len(wrong.told) for wrong in self.calendars if difference in wrong.differences
                ),
            )
            for difference in in_order([*self.letter_differences, *self.calendar_differences])
        ]

    def _letters_with(self, difference: Difference) -> list[WrongLetter]:
        return [wrong for wrong in self.letters if difference in wrong.differences]


def can_be_corrected(meeting: Meeting, *, at: datetime) -> bool:
    """Whether something is to come of which somebody may have been told.

    Not of a draft, nor of a meeting that is cancelled, or over at `at` (aware).
    """
    return meeting.is_published and not meeting.is_cancelled and bool(_coming(meeting, at))


def what_is_wrong(meeting: Meeting, *, at: datetime) -> Statements:
    """Compare what offices and calendars were told last with what is true of `meeting` now.

    Of several letters counts the last that went to an office. Participants who are withdrawn or wait for a
    place have nothing in their calendars.

    Args:
        at: now, aware: a session that is over is nobody's concern.
    """
    if not can_be_corrected(meeting, at=at):
        return Statements()
    coming = _coming(meeting, at)
    # What differs is kept, and told to others than who reads this page.
    with in_danish():
        names = {session.pk: session_name(session) if len(coming) > 1 else "" for session in coming}
        return Statements(
            letters=_wrong_letters(meeting, names, at),
            calendars=_wrong_calendars(meeting, coming, names),
        )


def _coming(meeting: Meeting, at: datetime) -> list[Session]:
    return [session for session in meeting.sessions.all() if session.over_at() > at]


# Letters.


def _wrong_letters(meeting: Meeting, coming: Mapping[int, str], at: datetime) -> list[WrongLetter]:
    holders = _holders(meeting, at)
    if not holders:
        return []
    true = meeting_facts(meeting)
    versions = LetterVersion.objects.filter(letter__in=holders).select_related("letter").order_by("letter")
    wrong = []
    for version in versions:
        differences = differences_of_letter(
            version.letter.kind,
            version.facts,
            true,
            html=version.html,
            coming=coming,
            asks=meeting.has_form,
        )
        if differences:
            wrong.append(WrongLetter(version.letter, differences, tuple(holders[version.letter_id])))
    return wrong


def _holders(meeting: Meeting, at: datetime) -> dict[int, list[Holder]]:
    """By letter, who has got it and no later one about the meeting.

    An office is known by itself and by its mailbox. One that is no more counts as long as nobody else in its
    municipality has got a later letter.
    """
    valid = set(
        Office.objects.filter(dispatches__letter__meeting=meeting)
        .valid_on(at.astimezone(COPENHAGEN).date())
        .values_list("pk", flat=True)
    )
    dispatches = (
        Dispatch.objects.filter(letter__meeting=meeting)
        .exclude(letter__kind__in=NO_STATEMENT)
        .order_by("-dispatched_at", "-pk")
        .values_list("pk", "letter_id", "office_id", "mailbox", "invitation__municipality_id")
    )
    holders: dict[int, list[Holder]] = {}
    seen: set[object] = set()
    last_of_municipality: dict[int, int] = {}
    for pk, letter_id, office_id, mailbox, municipality_id in dispatches:
        last = last_of_municipality.setdefault(municipality_id, letter_id)
        names = {(municipality_id, mailbox.casefold()), *({office_id} - {None})}
        is_known = bool(seen & names)
        seen |= names
        if is_known or (office_id not in valid and last != letter_id):
            continue
        holders.setdefault(letter_id, []).append(Holder(pk, municipality_id, mailbox))
    return holders


# Calendars.


def _wrong_calendars(
    meeting: Meeting, coming: Sequence[Session], names: Mapping[int, str]
) -> list[WrongCalendars]:
    rows = (
        CalendarInvitation.objects.filter(
            method=REQUEST,
            session__in=coming,
            participant__withdrawn_at=None,
            participant__waitlisted_at=None,
        )
        .exclude(participant__email="")
        .order_by("participant")
        .values_list("participant_id", "participant__session_id", "session_id", "sequence", "facts")
    )
    themes = {theme.pk: theme for theme in Theme.objects.filter(item__meeting=meeting)}
    chosen = _chosen(meeting) if themes else {}
    sessions = {session.pk: session for session in coming}
    found: dict[tuple[int, tuple[Difference, ...]], list[tuple[int, int]]] = {}
    known: dict[tuple[int, tuple[int, ...], str], tuple[Difference, ...]] = {}
    for participant_id, session_id, told_of, sequence, stated in rows:
        if session_id != told_of:
            continue
        choice = chosen.get(participant_id, ())
        # Thousands are told the same few things.
        same = (session_id, choice, repr(stated))
        if same not in known:
            now = calendar_facts(sessions[session_id], [themes[pk] for pk in choice])
            known[same] = (
                differences_of_calendar(stated, now, about=names[session_id])
                if is_out_of_date(stated, now)
                else ()
            )
        if differences := known[same]:
            found.setdefault((session_id, differences), []).append((participant_id, sequence))
    return [
        WrongCalendars(session_id, differences, tuple(told))
        for (session_id, differences), told in found.items()
    ]


def _chosen(meeting: Meeting) -> dict[int, tuple[int, ...]]:
    """The themes that each participant has chosen, by ids."""
    choices: Iterable[tuple[int, int]] = (
        ThemeChoice.objects.filter(participant__registration__meeting=meeting)
        .order_by("theme_id")
        .values_list("participant_id", "theme_id")
    )
    chosen: dict[int, list[int]] = {}
    for participant_id, theme_id in choices:
        chosen.setdefault(participant_id, []).append(theme_id)
    return {participant_id: tuple(themes) for participant_id, themes in chosen.items()}
