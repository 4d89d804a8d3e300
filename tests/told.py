"""Meetings about which somebody has been told something, for tests of what follows when they change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from invitations.models import Letter, Meeting, Session, Theme
from registrations.corrections import plan_correction, send_correction
from registrations.models import Correction, Participant, Registration
from registrations.receipts import owe_calendar_requests
from registrations.statements import Statements, what_is_wrong
from tests.factories import (
    NOW,
    PUBLISHED,
    create_dispatch,
    create_invitation,
    create_letter,
    create_letter_version,
    create_office,
    create_participant,
    create_registration,
    create_staff,
    get_municipality,
)


def fresh(meeting: Meeting) -> Meeting:
    """As a request reads it."""
    return Meeting.objects.get(pk=meeting.pk)


def send_letter(
    meeting: Meeting, *towns: str, kind: str = Letter.Kind.INVITATION, letter_date: date = date(2027, 1, 25)
) -> Letter:
    """A letter that went to the committee of each town, and states what is true of the meeting now."""
    letter = create_letter(meeting=fresh(meeting), kind=kind, letter_date=letter_date, sent_at=PUBLISHED)
    create_letter_version(letter=letter)
    for town in towns or ("Herning",):
        municipality = get_municipality(town)
        if not municipality.offices.exists():
            create_office(municipality=municipality)
        create_dispatch(
            letter=letter, invitation=create_invitation(meeting=meeting, municipality=municipality)
        )
    return letter


def sign_up(
    meeting: Meeting,
    *,
    email: str,
    session: Session | None = None,
    themes: Sequence[Theme] = (),
    registration: Registration | None = None,
) -> Participant:
    """A participant who has the meeting in the calendar."""
    registration = registration or create_registration(meeting=meeting, participants=0)
    participant = create_participant(
        registration=registration, email=email, session=session or meeting.sessions.all()[0], themes=themes
    )
    owe_calendar_requests([Participant.objects.get(pk=participant.pk)], at=NOW)
    return participant


def wrong(meeting: Meeting) -> Statements:
    return what_is_wrong(fresh(meeting), at=NOW)


def lines(meeting: Meeting) -> list[tuple[str, int, int]]:
    """What the page says: each difference in words, and how many offices and participants it concerns."""
    return [(str(line.difference), line.offices, line.participants) for line in wrong(meeting).lines()]


def correct(meeting: Meeting, *, with_letter: bool = False) -> Correction:
    """Look at the page and press the button."""
    plan = plan_correction(fresh(meeting), at=NOW)
    staff = create_staff(username=f"sekretariatet-{Correction.objects.count()}")
    correction, _is_new = send_correction(
        fresh(meeting), fingerprint=plan.fingerprint, with_letter=with_letter, at=NOW, by=staff
    )
    return correction
