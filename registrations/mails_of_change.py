"""How many mails a change of a registration makes, told before it is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from registrations.changes import Changes, Line, themes_of
from registrations.delegations import Allotment
from registrations.models import Participant


@dataclass(frozen=True, kw_only=True)
class MailsOfChange:
    """The mails to participants by kind.

    Attributes:
        requests: those that put a meeting into a calendar.
        cancellations: those that take one out; who swaps to another session gets one of each.
        onto_list: those that say one waits for a place.
        off_list: those that say one does not wait any more.
    """

    requests: int = 0
    cancellations: int = 0
    onto_list: int = 0
    off_list: int = 0


def mails_of_change(changed: Changes, got: Mapping[int, Allotment]) -> MailsOfChange:
    """The mails that `changing.change` owes the participants, as it stands now.

    Args:
        got: what those get who ask for a place or a theme, as `change_rules.allotted` says.
    """
    leaving = [*changed.withdrawn, *(line.participant for line in changed.substituted)]
    told_off = [participant for participant in leaving if participant.email]
    onto_list = [attendee for attendee, waits in _come(changed, got) if attendee and waits]
    requests = [attendee for attendee, waits in _come(changed, got) if attendee and not waits]
    return MailsOfChange(
        requests=len(requests) + sum(_gets_request(line, changed, got) for line in changed.staying),
        cancellations=sum(not participant.waitlisted_at for participant in told_off)
        + sum(_gets_cancellation(line, changed) for line in changed.staying),
        onto_list=len(onto_list) + sum(_waits_anew(line, changed, got) for line in changed.staying),
        off_list=sum(bool(participant.waitlisted_at) for participant in told_off),
    )


def _come(changed: Changes, got: Mapping[int, Allotment]) -> Iterator[tuple[str, bool]]:
    """The address of each who is new, and whether they wait."""
    for one in changed.added:
        yield one.attendee.email, got[one.position].waits
    for line in changed.substituted:
        yield line.attendee.email, line.waits(got)


def _gets_request(line: Line, changed: Changes, got: Mapping[int, Allotment]) -> bool:
    if not line.attendee.email or line.waits(got):
        return False
    given = got.get(line.position)
    themes = given.themes if given else line.attendee.themes
    has_new_theme = line in changed.rethemed and set(themes) != set(themes_of(line.participant))
    return line in changed.moved or has_new_theme or line.has_new_address


def _gets_cancellation(line: Line, changed: Changes) -> bool:
    before: Participant = line.participant
    if not before.email or before.waitlisted_at:
        return False
    return line in changed.moved or line.has_new_address


def _waits_anew(line: Line, changed: Changes, got: Mapping[int, Allotment]) -> bool:
    return bool(line.attendee.email) and line in changed.moved and line.waits(got)
