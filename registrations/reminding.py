"""What the secretariat does about reminders by hand: change them, pause and resume them, send one now."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from invitations.fingerprints import digest_of
from invitations.history import record
from invitations.models import Mail, Meeting, OutgoingEmail
from registrations.reminder_keys import deadline_key, reason_by_hand
from registrations.reminder_mails import ReminderMails
from registrations.reminder_recipients import Addressee, Addressees, LeftOut, Mailbox
from registrations.reminders import (
    Hold,
    hold_of_deadline,
    own_deadlines,
    recall_of_meeting,
    waiting_of_meeting,
)

# What of a meeting is about its reminders, and which of them it is about.
REMINDER_FIELDS = {
    "reminder_days": (OutgoingEmail.Kind.DEADLINE_REMINDER, OutgoingEmail.Kind.NAMES_REMINDER),
    "reminder_text": (OutgoingEmail.Kind.DEADLINE_REMINDER,),
    "meeting_reminder_text": (OutgoingEmail.Kind.MEETING_REMINDER,),
}
# Who was written to or reminded less than this ago is not reminded by hand unless staff say so.
RECENTLY = timedelta(days=3)

HOLDS = {
    Hold.PAUSED: gettext_lazy("The reminders are paused."),
    Hold.DRAFT: gettext_lazy("The meeting has not been published yet."),
    Hold.NO_FORM: gettext_lazy("There is no registration for the meeting."),
    Hold.NOT_YET_OPEN: gettext_lazy("Registration has not opened yet."),
    Hold.FULL: gettext_lazy("There are no places left."),
    Hold.CLOSED: gettext_lazy("Registration is closed."),
    Hold.OVER: gettext_lazy("The meeting has been held."),
    Hold.CANCELLED: gettext_lazy("The meeting is cancelled."),
}


class RecipientsChangedError(Exception):
    """Those chosen are not any more what the page said of them: somebody has answered, or was reminded."""


@dataclass(frozen=True)
class Candidate:
    """A silent municipality that can be reminded by hand.

    Attributes:
        asked_at, reminded_at: when one of its mailboxes was written to or reminded, if that was recently.
    """

    addressee: Addressee
    asked_at: datetime | None
    reminded_at: datetime | None

    @property
    def code(self) -> str:
        return self.addressee.municipality.code

    @property
    def mailboxes(self) -> Sequence[Mailbox]:
        return self.addressee.asked

    @property
    def is_host(self) -> bool:
        return self.addressee.left_out == LeftOut.HOST

    @property
    def is_chosen_by_default(self) -> bool:
        return not (self.is_host or self.asked_at or self.reminded_at)


@dataclass(frozen=True)
class Reminded:
    """What a press of the button did; `before`: how many mails an earlier press of it had sent."""

    mails: int
    municipalities: int
    before: int


def pause(meeting: Meeting, *, at: datetime, by: User) -> bool:
    """Let nothing more go out about `meeting` until it is resumed; what has not left is kept back.

    Args:
        at: now, aware.
        by: who pressed the button, for the meeting's history.

    Returns:
        Whether this call did it.
    """
    with transaction.atomic():
        # Who is owing reminders has finished, and what they owed is kept back.
        meeting.lock()
        waiting = waiting_of_meeting(meeting, at=at).count()
        running = Meeting.objects.filter(pk=meeting.pk, reminders_paused_at=None)
        if not running.update(reminders_paused_at=at):
            return False
        recall_of_meeting(meeting, at=at)
        sentence = _("Paused the reminders.")
        if waiting:
            kept = ngettext("%(count)d mail was kept back.", "%(count)d mails were kept back.", waiting)
            sentence = f"{sentence} {kept % {'count': waiting}}"
        record(meeting, sentence, by=by)
    return True


def resume(meeting: Meeting, *, by: User) -> bool:
    """Let the reminders about `meeting` go out again; return whether this call did it.

    What was missed is made up for only while it is of use, as after any standstill.
    """
    with transaction.atomic():
        meeting.lock()
        paused = Meeting.objects.filter(pk=meeting.pk, reminders_paused_at__isnull=False)
        if not paused.update(reminders_paused_at=None):
            return False
        record(meeting, _("Resumed the reminders."), by=by)
    return True


def change(meeting: Meeting, changes: Mapping[str, Any], *, at: datetime, by: User) -> None:
    """Change the days or the words of the reminders; what has not left yet goes out with the new words.

    Args:
        changes: new values by the names of the fields, which are among REMINDER_FIELDS.
        at: now, aware.
        by: who pressed the button, for the meeting's history.
    """
    with transaction.atomic():
        meeting.lock()
        before = Meeting.objects.filter(pk=meeting.pk).values(*changes).get() if changes else {}
        changed = {name: value for name, value in changes.items() if before[name] != value}
        if not changed:
            return
        Meeting.objects.filter(pk=meeting.pk).update(**changed)
        kinds = {kind for name in changed for kind in REMINDER_FIELDS[name]}
        # Those kept back are owed anew in a few minutes, where they are still to go.
        waiting = waiting_of_meeting(meeting, at=at).filter(kind__in=kinds)
        waiting.exclude(key__contains=f":{reason_by_hand('')}").recall(at=at)
        record(meeting, "\n".join(_old_and_new(name, before[name], changed[name]) for name in changed), by=by)


def hold_by_hand(meeting: Meeting, *, at: datetime) -> Hold | None:
    """Why nobody can be reminded to answer at `at` (aware), if so; not while one has a later deadline."""
    hold = hold_of_deadline(meeting, at=at)
    if hold == Hold.CLOSED:
        for invitation in own_deadlines(meeting).values():
            hold = hold and hold_of_deadline(meeting, at=at, invitation=invitation)
    return hold


def candidates(meeting: Meeting, *, at: datetime) -> list[Candidate]:
    """The silent municipalities that can be reminded by hand at `at` (aware), hosts included.

    Once the general deadline has passed, they are those that have a later one.
    """
    since = at - RECENTLY
    silent = Addressees(meeting, at=at).silent()
    in_time = [addressee for addressee in silent if addressee.deadline and at < addressee.deadline.until]
    return [
        Candidate(
            addressee,
            asked_at=_latest((mailbox.asked_last_at for mailbox in addressee.asked), since),
            reminded_at=_latest((mailbox.reminded_at for mailbox in addressee.asked), since),
        )
        for addressee in in_time or silent
    ]


def fingerprint(chosen: Iterable[Candidate]) -> str:
    """Tells whether those chosen are still what the page said of them."""
    rows = sorted(
        (candidate.code, mailbox.address.casefold(), str(mailbox.reminded_at), candidate.is_host)
        for candidate in chosen
        for mailbox in candidate.mailboxes
    )
    return digest_of(rows)


def remind_now(
    meeting: Meeting,
    codes: Collection[str],
    *,
    token: uuid.UUID,
    seen: str,
    at: datetime,
    by: User,
) -> Reminded:
    """Remind the silent municipalities of the deadline at once.

    Args:
        codes: of the municipalities chosen.
        token: that of the form: however often it is sent, each mailbox gets one mail.
        seen: the `fingerprint` of what the page said.
        at: now, aware.
        by: who pressed the button, for the meeting's history.

    Raises:
        ValidationError: nobody can register just now, or the reminders are paused.
        RecipientsChangedError: those chosen are not what the page said. Nothing has been sent then.
    """
    with transaction.atomic():
        # Who is answering has finished; who does so after us takes back what we owe.
        meeting.lock()
        meeting = Meeting.objects.prefetch_related("sessions", "programme__themes").get(pk=meeting.pk)
        if before := OutgoingEmail.objects.filter(
            kind=OutgoingEmail.Kind.DEADLINE_REMINDER, about=meeting.slug, key__endswith=reason_by_hand(token)
        ).count():
            return Reminded(0, 0, before)
        if hold := hold_by_hand(meeting, at=at):
            raise ValidationError(HOLDS[hold], code=hold.value)
        chosen = [candidate for candidate in candidates(meeting, at=at) if candidate.code in codes]
        if fingerprint(chosen) != seen:
            raise RecipientsChangedError
        owed = OutgoingEmail.objects.owe(_mails(meeting, chosen, token, at), at=at)
        sentence = ngettext(
            "Sent %(count)d reminder of the deadline by hand.",
            "Sent %(count)d reminders of the deadline by hand.",
            owed,
        )
        record(meeting, sentence % {"count": owed}, by=by)
    return Reminded(owed, len(chosen), 0)


def _mails(meeting: Meeting, chosen: Iterable[Candidate], token: uuid.UUID, at: datetime) -> Iterator[Mail]:
    mails = ReminderMails(meeting)
    for candidate in chosen:
        deadline = candidate.addressee.deadline
        assert deadline is not None, "registration is open, so there is a session"
        for mailbox in candidate.mailboxes:
            yield mails.to_office(
                deadline_key(meeting, mailbox.municipality, mailbox.address, reason_by_hand(token)),
                mailbox.dispatch,
                deadline,
                is_last_day=deadline.is_on(at),
            )


def _old_and_new(name: str, old: Any, new: Any) -> str:
    def words(value: Any) -> str:
        if isinstance(value, list):
            value = ", ".join(map(str, value))
        return f"“{value}”" if value else _("nothing")

    field = Meeting._meta.get_field(name)
    assert isinstance(field, Field)
    return _("Changed %(field)s from %(old)s to %(new)s.") % {
        "field": field.verbose_name,
        "old": words(old),
        "new": words(new),
    }


def _latest(times: Iterable[datetime | None], since: datetime) -> datetime | None:
    return max((time for time in times if time and time > since), default=None)
