"""Participants without a mail address: what they were told of a meeting, through their contact person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from invitations.models import Meeting, OutgoingEmail
from registrations.differences import Difference, Kind, in_order, session_name
from registrations.models import Correction, Participant
from registrations.statements import Statements

# What concerns everybody; whoever chose a theme is told of it by their own calendar.
_OF_ALL = (Kind.TITLE, Kind.DATE, Kind.TIME, Kind.PLACE)
_Differences = tuple[Difference, ...]


@dataclass(frozen=True)
class Member:
    """An active participant of a delegation, as far as it matters to who tells them."""

    participant_id: int
    name: str
    email: str
    session_id: int
    registration_id: int
    municipality_id: int | None

    @property
    def group(self) -> tuple[int, int]:
        return self.registration_id, self.session_id


def told_what_is_wrong(
    meeting: Meeting, statements: Statements, members: Sequence[Member]
) -> dict[int, _Differences]:
    """Those of `members` without a mail address who have been told what is not so, and what has changed.

    Nothing is kept of what they were told. It is what the calendars of their delegation say of the session,
    else what its municipality's letter said, unless the contact has heard of the change since, else what
    others have in their calendars.
    """
    unreachable = [member for member in members if not member.email]
    if not unreachable or not statements:
        return {}
    by_participant = {
        participant: wrong.differences for wrong in statements.calendars for participant in wrong.participants
    }
    calendars: dict[tuple[int, int], _Differences] = {}
    for member in members:
        if member.email:
            differences = by_participant.get(member.participant_id, ())
            calendars[member.group] = calendars.get(member.group, ()) or differences
    names, letters, heard = session_names(meeting), by_letter(statements), _heard(meeting)
    found: dict[int, _Differences] = {}
    for member in unreachable:
        if member.group in calendars:
            differences = calendars[member.group]
        elif member.municipality_id is not None:
            known = heard.get(member.registration_id, ())
            told = letters.get(member.municipality_id, ())
            differences = tuple(difference for difference in told if difference not in known)
        else:
            differences = in_order(
                [
                    difference
                    for wrong in statements.calendars
                    if wrong.session_id == member.session_id
                    for difference in wrong.differences
                ]
            )
        if concerned := of_everybody(differences, names[member.session_id]):
            found[member.participant_id] = concerned
    return found


def of_everybody(differences: Iterable[Difference], session: str) -> _Differences:
    """Those that concern all who come to the session of that name, whatever they chose."""
    return tuple(one for one in differences if one.kind in _OF_ALL and one.about in ("", session))


def session_names(meeting: Meeting) -> dict[int, str]:
    """What differences call each session, by its id."""
    return {session.pk: session_name(session) for session in meeting.sessions.all()}


def members_of(meeting: Meeting) -> list[Member]:
    rows = (
        Participant.objects.active()
        .of_meeting(meeting)
        .order_by("registration_id", "position", "pk")
        .values_list("pk", "name", "email", "session_id", "registration_id", "registration__municipality_id")
    )
    return [Member(*row) for row in rows]


def by_letter(statements: Statements) -> Mapping[int, _Differences]:
    """What is wrong in the letters that each municipality holds."""
    found: dict[int, list[Difference]] = {}
    for wrong in statements.letters:
        for municipality_id in {holder.municipality_id for holder in wrong.holders}:
            found.setdefault(municipality_id, []).extend(wrong.differences)
    return {municipality_id: in_order(differences) for municipality_id, differences in found.items()}


def _heard(meeting: Meeting) -> Mapping[int, _Differences]:
    """By registration, what the contact was told by the last correction that was mailed to them."""
    corrections = {
        correction.fingerprint: tuple(correction.changes)
        for correction in Correction.objects.filter(meeting=meeting)
    }
    if not corrections:
        return {}
    keys = (
        OutgoingEmail.objects.filter(kind=OutgoingEmail.Kind.CORRECTION, about=meeting.slug)
        .order_by("pk")
        .values_list("key", flat=True)
    )
    heard: dict[int, _Differences] = {}
    for key in keys:
        _kind, fingerprint, _contact, registration_id, *_sent_again = key.split(":")
        heard[int(registration_id)] = corrections.get(fingerprint, ())
    return heard
