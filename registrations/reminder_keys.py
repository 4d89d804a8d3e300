"""The keys of reminders say why each exists, and to whom it goes; what has been owed is read from them.

`deadline-reminder:<meeting>:<code of the municipality>:<mailbox>:<deadline>:<days>`, by hand
`...:<mailbox>:now:<token of the form>`; `meeting-reminder:<meeting>:<participant>:<session>:<day>`;
`names-reminder:<meeting>:<registration>:<deadline>:<days>`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypeVar

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, Municipality, OutgoingEmail
from registrations.models import Participant, Registration
from registrations.reminder_times import DeadlineReminder, MeetingReminder

State = OutgoingEmail.State


def deadline_prefix(meeting: Meeting) -> str:
    return f"deadline-reminder:{meeting.pk}:"


def deadline_key(meeting: Meeting, municipality: Municipality, address: str, reason: str) -> str:
    return f"{deadline_prefix(meeting)}{municipality.code}:{address.casefold()}:{reason}"


def reason_of(reminder: DeadlineReminder) -> str:
    return f"{reminder.deadline.until.astimezone(COPENHAGEN).isoformat()}:{reminder.days}"


def reason_by_hand(token: uuid.UUID | str) -> str:
    return f"now:{token}"


def meeting_prefix(meeting: Meeting) -> str:
    return f"meeting-reminder:{meeting.pk}:"


def meeting_key(participant: Participant, reminder: MeetingReminder) -> str:
    return f"{meeting_prefix(reminder.session.meeting)}{participant.pk}{session_suffix(reminder)}"


def session_suffix(reminder: MeetingReminder) -> str:
    return f":{reminder.session.pk}:{reminder.session.starts_date.isoformat()}"


def suffix_of(key: str) -> str:
    """What comes after the participant in the key of a reminder of the meeting."""
    return f":{':'.join(key.split(':')[3:])}"


def names_prefix(meeting: Meeting) -> str:
    return f"names-reminder:{meeting.pk}:"


def names_key(registration: Registration, reminder: DeadlineReminder) -> str:
    return f"{names_prefix_of(registration)}{reason_of(reminder)}"


def names_prefix_of(registration: Registration) -> str:
    return f"{names_prefix(registration.meeting)}{registration.pk}:"


M = TypeVar("M", bound="Owed")


@dataclass(frozen=True)
class Owed:
    """A reminder that has been owed, and has kept its key."""

    pk: int
    key: str
    to: str
    state: str
    owed_at: datetime
    sent_at: datetime | None
    of_use_until: datetime | None

    def has_settled(self, at: datetime) -> bool | None:
        """Whether it has arrived or may yet, whatever is wanted at `at` (aware): True where it has left or is
        being sent, False where it never will; None where it waits, and leaves if it still is to.
        """
        if self.state != State.OWED:
            # One that is being sent may well arrive.
            return self.state != State.DROPPED
        return False if self.of_use_until is None or self.of_use_until <= at else None


@dataclass(frozen=True)
class OwedReminder(Owed):
    """A reminder of the deadline."""

    @property
    def mailbox(self) -> tuple[str, str]:
        """The municipality's code and the address."""
        return self.key.split(":")[2], self.to.casefold()

    @property
    def reason(self) -> str:
        """What of its key comes after the mailbox: `<deadline>:<days>`, or `now:<token>`."""
        return self.key.removeprefix(f"{':'.join(self.key.split(':')[:3])}:{self.to.casefold()}:")

    @property
    def is_by_hand(self) -> bool:
        return self.reason.startswith("now:")


@dataclass(frozen=True)
class OwedNamesReminder(Owed):
    """A reminder of names."""

    @property
    def registration(self) -> int:
        return int(self.key.split(":")[2])

    @property
    def reason(self) -> str:
        """`<deadline>:<days>`."""
        return ":".join(self.key.split(":")[3:])


def reminders_of_deadline_owed(meeting: Meeting) -> list[OwedReminder]:
    """The reminders of the deadline about `meeting` that were ever owed, and have kept their keys."""
    return _owed(OwedReminder, OutgoingEmail.Kind.DEADLINE_REMINDER, deadline_prefix(meeting))


def names_reminders_owed(meeting: Meeting) -> list[OwedNamesReminder]:
    """The reminders of names about `meeting` that were ever owed, and have kept their keys."""
    return _owed(OwedNamesReminder, OutgoingEmail.Kind.NAMES_REMINDER, names_prefix(meeting))


def _owed(made: type[M], kind: str, key_prefix: str) -> list[M]:
    mails = OutgoingEmail.objects.filter(kind=kind, key__startswith=key_prefix)
    columns = [column.name for column in fields(made)]
    return [made(*row) for row in mails.order_by("pk").values_list(*columns)]
