"""Send rettelse: one verb tells everybody who was told what is not so any more, and nobody else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations.history import record
from invitations.letters import DispatchPlan, dispatch
from invitations.models import Dispatch, Letter, Mail, Meeting, OutgoingEmail, Sender
from registrations.calendar_facts import calendar_facts
from registrations.calendar_mails import CalendarMails
from registrations.correction_mails import Contact, contacts_to_tell, mails_to_contacts
from registrations.differences import Difference, Kind, differences_of_calendar, in_order
from registrations.drafts import Draft, draft_of
from registrations.models import CalendarInvitation, Correction, Participant
from registrations.receipts import owe_calendar_requests
from registrations.statements import Statements, what_is_wrong
from registrations.told_on_the_list import Waiting, told_on_the_list
from registrations.waiting_mails import mails_of_correction

_CHUNK = 500


class ChangedMeanwhileError(Exception):
    """What would be sent is not what the page showed."""


@dataclass(frozen=True, kw_only=True)
class CorrectionPlan:
    """What a correction would send, were it sent now.

    Attributes:
        waiting: those on the waiting list who are told, too.
        draft: the letter that tells the offices; None while there is none, or nothing to tell them.
        not_reached: offices that hold a letter that is wrong, and are not among its recipients.
        fingerprint: of all this, to be handed back with the button.
    """

    statements: Statements
    contacts: Sequence[Contact]
    waiting: Sequence[Waiting]
    draft: Draft | None
    not_reached: Sequence[Dispatch]
    fingerprint: str

    @property
    def people_to_tell(self) -> int:
        """How many have no mail address, so that their contacts must tell them."""
        return sum(contact.people_to_tell for contact in self.contacts)

    @property
    def can_be_sent(self) -> bool:
        """Whether there is somebody to tell, and the means."""
        return bool(self.statements.participants or (self.draft and self.draft.can_be_sent))


def plan_correction(meeting: Meeting, *, at: datetime) -> CorrectionPlan:
    """What is wrong and who would be told at `at` (aware). Changes nothing but how the letter is laid out."""
    statements = what_is_wrong(meeting, at=at)
    draft = draft_of(meeting, Letter.Kind.CHANGE, at=at) if statements.letters else None
    contacts = contacts_to_tell(meeting, statements)
    waiting = told_on_the_list(meeting, statements)
    return CorrectionPlan(
        statements=statements,
        contacts=contacts,
        waiting=waiting,
        draft=draft,
        not_reached=_not_reached(statements, draft.recipients) if draft else [],
        fingerprint=_fingerprint(statements, contacts, waiting, draft),
    )


def send_correction(
    meeting: Meeting, *, fingerprint: str, with_letter: bool, at: datetime, by: User
) -> tuple[Correction, bool]:
    """Send the letter to the offices and owe the mails that put calendars right, all or nothing.

    Calendars are told of the same UID with the next SEQUENCE, and what was and is; contact persons get one
    mail each, and so does who waits for a place. The meeting's history says who did it.

    Args:
        fingerprint: that of the plan which the page showed.
        with_letter: whether the offices get the letter.
        at: the time of sending, aware.
        by: who pressed the button.

    Returns:
        The correction, and whether this call sent it: the same page sends once.

    Raises:
        ChangedMeanwhileError: the meeting, the letter or those concerned have changed since the page showed
            them.
        ValidationError: there is nothing to send, or the letter cannot be sent. Nothing has been done then.
    """
    with transaction.atomic():
        # Of two at once the second one finds what the first has sent; nobody signs up or withdraws halfway.
        meeting.lock()
        if sent := Correction.objects.filter(meeting=meeting, fingerprint=fingerprint).first():
            return sent, False
        meeting = (
            Meeting.objects.select_related("policy_area").prefetch_related("sessions").get(pk=meeting.pk)
        )
        plan = plan_correction(meeting, at=at)
        if plan.fingerprint != fingerprint:
            raise ChangedMeanwhileError
        if with_letter and plan.draft is None:
            raise ValidationError(_("There is no letter to send."), code="no_letter")
        letter, statements = plan.draft.letter if with_letter and plan.draft else None, plan.statements
        if letter is None and not statements.participants:
            raise ValidationError(_("There is nothing to send."), code="nothing")
        correction = Correction(
            meeting=meeting,
            letter=letter,
            fingerprint=fingerprint,
            differences=[difference.as_json() for difference in _told(statements, letter)],
            sent_at=at,
            sent_by=by,
        )
        if letter:
            correction.letter_mails = dispatch(letter, at=at, by=by)
        correction.calendar_mails = owe_calendar_requests(_participants(statements.participants), at=at)
        key, owe = f"correction:{fingerprint}", OutgoingEmail.objects.owe
        to_contacts = mails_to_contacts(meeting, plan.contacts, key=key, sender=Sender.objects.current())
        correction.contact_mails = owe(to_contacts, at=at)
        if plan.waiting:
            correction.waiting_mails = owe(
                mails_of_correction(plan.waiting, key=f"correction-waiting:{fingerprint}"), at=at
            )
        correction.save()
        _log(correction, by)
    return correction, True


def example_mail(plan: CorrectionPlan, *, at: datetime) -> Mail | None:
    """The mail to the first of the participants who would be told."""
    if not plan.statements.participants:
        return None
    row = (
        CalendarInvitation.objects.filter(session=F("participant__session"))
        .select_related("session__meeting", "participant__registration__municipality")
        .prefetch_related("participant__theme_choices__theme")
        .get(participant=plan.statements.participants[0])
    )
    themes = [choice.theme for choice in row.participant.theme_choices.all()]
    differences = differences_of_calendar(row.facts, calendar_facts(row.session, themes))
    row.sequence += 1
    return CalendarMails(at=at).request(row, differences)


def _participants(ids: Sequence[int]) -> Iterator[Participant]:
    """Those of `ids`, some hundreds at a time."""
    for start in range(0, len(ids), _CHUNK):
        yield from Participant.objects.filter(pk__in=ids[start : start + _CHUNK]).order_by("pk")


def _told(statements: Statements, letter: Letter | None) -> Sequence[Difference]:
    """What is new to those who are told: not what somebody chose for themselves."""
    told = [*(statements.letter_differences if letter else ()), *statements.calendar_differences]
    return [difference for difference in in_order(told) if difference.kind is not Kind.THEME_CHOSEN]


def _not_reached(statements: Statements, recipients: DispatchPlan) -> list[Dispatch]:
    held = [holder.dispatch_id for wrong in statements.letters for holder in wrong.holders]
    dispatches = (
        Dispatch.objects.filter(pk__in=held)
        .select_related("invitation__municipality")
        .order_by("invitation__municipality__sort_key", "pk")
    )
    return [
        sent
        for sent in dispatches
        if not recipients.reaches(sent.invitation.municipality_id, sent.mailbox, sent.office_id)
    ]


def _fingerprint(
    statements: Statements, contacts: Sequence[Contact], waiting: Sequence[Waiting], draft: Draft | None
) -> str:
    shown = [
        [
            [wrong.letter.pk, _as_json(wrong.differences), [holder.dispatch_id for holder in wrong.holders]]
            for wrong in statements.letters
        ],
        [[wrong.session_id, _as_json(wrong.differences), wrong.told] for wrong in statements.calendars],
        [
            [contact.registration_id, list(contact.to_tell.values())]
            for contact in contacts
            if contact.to_tell
        ],
        [[one.participant_id, _as_json(one.differences)] for one in waiting],
        draft.fingerprint if draft else "",
    ]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def _as_json(differences: Sequence[Difference]) -> list[dict[str, str]]:
    return [difference.as_json() for difference in differences]


def _log(correction: Correction, by: User) -> None:
    what = "; ".join(str(difference) for difference in correction.changes)
    counts = [
        ngettext("%(count)d letter", "%(count)d letters", correction.letter_mails),
        ngettext("%(count)d calendar", "%(count)d calendars", correction.calendar_mails),
        ngettext("%(count)d contact person", "%(count)d contact persons", correction.contact_mails),
        ngettext("%(count)d person waiting", "%(count)d persons waiting", correction.waiting_mails),
    ]
    numbers = (
        correction.letter_mails,
        correction.calendar_mails,
        correction.contact_mails,
        correction.waiting_mails,
    )
    told = ", ".join(
        words % {"count": number} for words, number in zip(counts, numbers, strict=True) if number
    )
    message = _("Sent a correction to %(told)s. %(what)s") % {"told": told, "what": what}
    record(correction.meeting, message, by=by)
    if correction.letter:
        message = ngettext("Sent as %(count)d mail.", "Sent as %(count)d mails.", correction.letter_mails) % {
            "count": correction.letter_mails
        }
        record(correction.letter, message, by=by)
