"""Who is reminded to tell the names of those who come, and who is not and why.

Like `reminder_recipients`, this is asked by what sends the reminders and by the page that announces them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby

from django.db.models import Exists, OuterRef, Prefetch, TextChoices
from django.utils.translation import gettext_lazy as _

from invitations.models import Meeting, Session
from registrations.availability import changes_of_all_until
from registrations.models import Participant, Registration
from registrations.reminder_keys import OwedNamesReminder, names_reminders_owed, reason_of
from registrations.reminder_recipients import TIME_TO_ANSWER
from registrations.reminder_times import Deadline, DeadlineReminder, reminders_before


class NotReminded(TextChoices):
    """Why the contact of a registration that lacks names is not reminded of them."""

    JUST_REGISTERED = "just_registered", _("registered less than 3 days before")
    JUST_REMINDED = "just_reminded", _("was reminded on the same or the previous working day, or since")


@dataclass(frozen=True, kw_only=True)
class Unnamed:
    """A registration with places whose names follow.

    Attributes:
        sessions: that of each of the places.
        deadline: until when the names can be told.
        reminded_at: when its contact was last reminded of them.
    """

    registration: Registration
    sessions: Sequence[Session]
    deadline: Deadline
    reminded_at: datetime | None

    @property
    def seats(self) -> int:
        return len(self.sessions)

    def left_out(self, reminder: DeadlineReminder) -> NotReminded | None:
        """Why its contact does not get `reminder`, which is of its own deadline."""
        if self.registration.registered_at > reminder.due_at - TIME_TO_ANSWER:
            # The receipt has just asked for the names.
            return NotReminded.JUST_REGISTERED
        if self.reminded_at and self.reminded_at >= reminder.counts_from:
            return NotReminded.JUST_REMINDED
        return None


@dataclass(frozen=True)
class Contacts:
    """Of one reminder: those whose contacts get it, and the others by the reason why they do not."""

    unnamed: Sequence[Unnamed]
    left_out: Mapping[NotReminded, Sequence[Unnamed]]


class UnnamedRegistrations:
    """The registrations for a meeting that lack names at `at` (aware), by municipality in Danish order.

    A place that waits is not among them, nor one in a session that has been held, nor are guests, whom only
    the secretariat names. Reads the database by a
    number of queries that does not grow.
    """

    def __init__(self, meeting: Meeting, *, at: datetime) -> None:
        self.meeting = meeting
        self._registrations = self._read(at)
        until = changes_of_all_until(meeting, self._registrations) if self._registrations else {}
        self._deadlines = {pk: Deadline.at(instant) for pk, instant in until.items()}
        self._at = at

    @cached_property
    def all(self) -> list[Unnamed]:
        reminded: dict[int, datetime] = {}
        for mail in self.mails(at=self._at):
            last = mail.sent_at or mail.owed_at
            reminded[mail.registration] = max(last, reminded.get(mail.registration, last))
        return [
            Unnamed(
                registration=registration,
                sessions=[seat.session for seat in registration.seats],  # type: ignore[attr-defined]
                deadline=self._deadlines[registration.pk],
                reminded_at=reminded.get(registration.pk),
            )
            for registration in self._registrations
        ]

    @cached_property
    def _mails(self) -> list[OwedNamesReminder]:
        return names_reminders_owed(self.meeting)

    def reminders(self) -> list[list[DeadlineReminder]]:
        """For each deadline of those that lack names, its reminders in the order in which they fall due."""
        deadlines = sorted(set(self._deadlines.values()), key=lambda deadline: deadline.until)
        return [reminders_before(deadline, self.meeting.reminder_days) for deadline in deadlines]

    def contacts(self, reminder: DeadlineReminder) -> Contacts:
        """Who gets `reminder`, as far as is known now."""
        concerned = [unnamed for unnamed in self.all if unnamed.deadline == reminder.deadline]
        return Contacts(
            [unnamed for unnamed in concerned if not unnamed.left_out(reminder)],
            {
                why: found
                for why in NotReminded
                if (found := [unnamed for unnamed in concerned if unnamed.left_out(reminder) == why])
            },
        )

    def mails(self, *, at: datetime) -> list[OwedNamesReminder]:
        """The reminders that have been owed, without those that will not leave any more."""
        return [mail for mail in self._mails if self._is_alive(mail, at)]

    def given_up(self, *, at: datetime) -> list[int]:
        """The ids of the mails that will not leave any more, or that must not."""
        return [mail.pk for mail in self._mails if not self._is_alive(mail, at)]

    def _is_alive(self, mail: OwedNamesReminder, at: datetime) -> bool:
        if (settled := mail.has_settled(at)) is not None:
            return settled
        deadline = self._deadlines.get(mail.registration)
        return deadline is not None and mail.reason in {
            reason_of(reminder) for reminder in reminders_before(deadline, self.meeting.reminder_days)
        }

    def _read(self, at: datetime) -> list[Registration]:
        if not self.meeting.has_form:
            return []
        coming = [session.pk for session in self.meeting.sessions.all() if session.over_at() > at]
        seats = Participant.objects.active().nameless().filter(session__in=coming)
        return list(
            Registration.objects.filter(
                Exists(seats.filter(registration=OuterRef("pk"))),
                meeting=self.meeting,
                municipality__isnull=False,
            )
            .select_related("municipality")
            .prefetch_related(
                Prefetch("participants", queryset=seats.select_related("session"), to_attr="seats")
            )
            .order_by("municipality__sort_key", "pk")
        )


def by_municipality(some: Sequence[Unnamed]) -> list[tuple[str, list[Unnamed]]]:
    """Each municipality with its registrations."""
    return [(name, list(own)) for name, own in groupby(some, key=lambda one: one.registration.comes_as)]
