"""Those who wait for a place: what they were told of a meeting, though it stands in no calendar."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from invitations.models import Meeting
from registrations.differences import Difference, in_order
from registrations.models import Correction, Participant
from registrations.statements import Statements
from registrations.told_by_contacts import by_letter, of_everybody, session_names


@dataclass(frozen=True)
class Waiting:
    """Somebody who waits, and what has changed since they were told."""

    participant_id: int
    differences: tuple[Difference, ...]


def told_on_the_list(meeting: Meeting, statements: Statements) -> list[Waiting]:
    """Those who wait for a place, can be written to and have been told what is not so; in order of their ids.

    Nothing is kept of what they were told. It is what the calendars of their session say; where it stands in
    nobody's, what their municipality's letter said, but for what the last correction has told by then.
    """
    waiting = (
        Participant.objects.waitlisted()
        .with_email()
        .of_meeting(meeting)
        .order_by("pk")
        .values_list("pk", "session", "registration__municipality")
    )
    if not statements or not waiting:
        return []
    calendars: defaultdict[int, list[Difference]] = defaultdict(list)
    for wrong in statements.calendars:
        calendars[wrong.session_id] += wrong.differences
    last = Correction.objects.filter(meeting=meeting).order_by("sent_at", "pk").last()
    known = last.changes if last else []
    letters = {
        municipality: [difference for difference in differences if difference not in known]
        for municipality, differences in by_letter(statements).items()
    }
    names = session_names(meeting)
    found = []
    for pk, session, municipality in waiting:
        told = calendars.get(session) or letters.get(municipality) or []
        if differences := of_everybody(in_order(told), names[session]):
            found.append(Waiting(pk, differences))
    return found
