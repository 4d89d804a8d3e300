"""Registering, withdrawing, declining: each in one transaction together with the mails that it owes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from invitations.mail_text import DANISH
from invitations.models import Invitation, Meeting, Municipality
from registrations import held_mails, matching, receipts, waiting_list, waiting_mails
from registrations.availability import Availability, availability, is_to_come
from registrations.delegations import Delegation, allot, find_problems, standing_participants
from registrations.models import Answer, Author, Decline, Participant, Registration
from registrations.participant_rows import attendees_of, write_participants
from registrations.refusals import (
    AlreadySentError,
    RegistrationNotOpenError,
    RegistrationRefusedError,
    StillRegisteredError,
    TooLateError,
)

# Who fills in the same form in two tabs sends both within so long.
ANOTHER_TAB = timedelta(hours=1)


def register(
    meeting: Meeting,
    delegation: Delegation,
    *,
    invitation: Invitation | None = None,
    entered_by: User | None = None,
    staff_note: str = "",
    overrule: bool = False,
    language: str = DANISH,
    is_suspicious: bool = False,
    at: datetime,
) -> Registration:
    """Register `delegation`, undo the municipality's decline, owe the receipt and the calendar invitations.

    Places and deadlines are those that hold once everybody else who registers for the meeting has finished,
    and once those who wait have got what is free: nobody gets past them. Where the delegation `waits`, those
    of it for whom there is no place are put on the waiting list, behind all who wait for their session.
    Where it is not clear that it is the municipality's (see `matching`), its decline stands until it is.

    Args:
        invitation: the municipality's, where it came by its personal link.
        entered_by: who of the secretariat registers on the municipality's behalf: no deadline binds them.
        staff_note: what only the secretariat sees.
        overrule: go beyond the number of places; for the secretariat alone.
        language: that of the form, in which those of it are written to.
        is_suspicious: it seems to come from a program (see `bots`): staff have to look at it first.
        at: when the form was sent, aware.

    Returns:
        The registration; where the same form was sent before, or just now from another tab, what it became
        then.

    Raises:
        AlreadySentError: the form was sent before with other words in it.
        RegistrationNotOpenError: nothing is registered for this meeting just now; where it is full, nothing
            but a delegation that waits.
        RegistrationRefusedError: something has to be put right.
    """
    with transaction.atomic():
        meeting.lock()
        waiting_list.move_up(meeting, at=at)
        to_others = held_mails.owed_at(at)
        meeting = Meeting.objects.prefetch_related("sessions", "programme__themes").get(pk=meeting.pk)
        if before := Registration.objects.filter(submission_key=delegation.submission_key).first():
            if not _is_the_same(before, meeting, delegation):
                raise AlreadySentError(before)
            return before
        if entered_by is None and (before := _sent_from_another_tab(meeting, delegation, at=at)):
            return before
        if invitation:
            # Its own deadline may have been changed or taken back while the form was filled in.
            invitation = Invitation.objects.get(pk=invitation.pk)
        places = availability(meeting, at=at, invitation=invitation, for_staff=entered_by is not None)
        overrule = overrule and entered_by is not None
        # Who goes beyond the places need not wait for one.
        delegation = replace(delegation, waits=delegation.waits and not overrule)
        if not (places.takes_waiting if delegation.waits else places.is_open):
            raise RegistrationNotOpenError(places)
        if problems := find_problems(meeting, delegation, places, overrule=overrule):
            raise RegistrationRefusedError(problems)
        registration = _write(
            meeting,
            delegation,
            places,
            invitation=invitation,
            entered_by=entered_by,
            staff_note=staff_note,
            language=language,
            is_suspicious=is_suspicious,
            at=at,
        )
        if not registration.awaits_match:
            Decline.undo(meeting, delegation.municipality, at=at)
        receipts.owe_receipt(registration, at=at)
        receipts.owe_calendar_requests(registration.participants.active(), at=at)
        waiting_mails.owe_waiting(registration.participants.waitlisted(), at=at)
        held_mails.hold_back(registration, but=to_others, is_suspicious=is_suspicious, at=at)
    return registration


def withdraw(participant: Participant, *, author: Author = Author.CONTACT, at: datetime) -> bool:
    """Take `participant` off the meeting, owe the mail that says so, and give the place to who waits for it.

    Args:
        author: who does it.
        at: when the button was pressed, aware.

    Returns:
        Whether this call did it: once more is harmless.

    Raises:
        TooLateError: the meeting is over or cancelled.
    """
    return bool(withdraw_together(participant.registration.meeting, [participant], author=author, at=at))


def withdraw_together(
    meeting: Meeting, participants: Iterable[Participant], *, author: Author, at: datetime
) -> list[Participant]:
    """Withdraw `participants` of `meeting` as `withdraw` does each, and only then give their places away:
    none to somebody who leaves as well.

    Returns:
        Those whom this call withdrew.

    Raises:
        TooLateError: the meeting is over or cancelled.
    """
    with transaction.atomic():
        _lock_to_answer(meeting, at=at)
        withdrawn = [
            participant for participant in participants if take_off(participant, author=author, at=at)
        ]
        if withdrawn:
            waiting_list.move_up(meeting, at=at)
    return withdrawn


def take_off(participant: Participant, *, author: Author, at: datetime) -> bool:
    """Withdraw `participant`, from the waiting list where they wait, and owe the mail that says so.

    To be called under the meeting's lock by who afterwards lets `waiting_list.move_up` give away the places,
    once all are free: a place that goes to somebody who is withdrawn next would tell them a lie.

    Args:
        author: who withdraws them.
        at: when they were withdrawn, aware.

    Returns:
        Whether this call did it.
    """
    if not participant.withdraw(author=author, at=at):
        return False
    participant.refresh_from_db(fields=["waitlisted_at"])
    if participant.waitlisted_at:
        waiting_mails.owe_off_the_list(participant, at=at)
    else:
        receipts.owe_calendar_cancel(participant, at=at)
    return True


def decline(
    invitation: Invitation,
    *,
    contact_name: str = "",
    contact_email: str = "",
    note: str = "",
    language: str = DANISH,
    withdraw_participants: bool = False,
    at: datetime,
) -> Decline:
    """Note what the municipality has said by its personal link; see `decline_for`."""
    return decline_for(
        invitation.meeting,
        invitation.municipality,
        contact_name=contact_name,
        contact_email=contact_email,
        note=note,
        language=language,
        withdraw_participants=withdraw_participants,
        at=at,
    )


def decline_for(
    meeting: Meeting,
    municipality: Municipality,
    *,
    contact_name: str = "",
    contact_email: str = "",
    note: str = "",
    entered_by: User | None = None,
    staff_note: str = "",
    language: str = DANISH,
    withdraw_participants: bool = False,
    at: datetime,
) -> Decline:
    """Note that the municipality does not come; its contact, where given, gets a receipt.

    Args:
        entered_by: who of the secretariat notes it on the municipality's behalf.
        staff_note: what only the secretariat sees.
        language: that of the form, in which the contact is written to.
        withdraw_participants: take those who are registered, or wait for a place, off the meeting first.
        at: when the button was pressed, aware.

    Returns:
        The decline; where the municipality has declined before, that one.

    Raises:
        StillRegisteredError: people of the municipality are registered or wait, and are not to be withdrawn.
        TooLateError: the meeting is over or cancelled.
    """
    with transaction.atomic():
        _lock_to_answer(meeting, at=at)
        standing = list(standing_participants(meeting, municipality).select_related("registration__meeting"))
        if standing and not withdraw_participants:
            raise StillRegisteredError(len(standing))
        author = Author.STAFF if entered_by else Author.CONTACT
        withdraw_together(meeting, standing, author=author, at=at)
        declined, created = Decline.objects.get_or_create(
            meeting=meeting,
            municipality=municipality,
            undone_at=None,
            defaults={
                "contact_name": contact_name,
                "contact_email": contact_email,
                "note": note,
                "language": language,
                "entered_by": entered_by,
                "staff_note": staff_note,
                "declined_at": at,
            },
        )
        if created:
            receipts.owe_decline_receipt(declined, at=at)
    return declined


def _sent_from_another_tab(meeting: Meeting, delegation: Delegation, *, at: datetime) -> Registration | None:
    """The registration that the same person has made of the same words a short while ago, and that stands as
    it was made.
    """
    lately = meeting.registrations.filter(
        contact_email__iexact=delegation.contact_email, registered_at__gt=at - ANOTHER_TAB, version=1
    ).exclude(participants__withdrawn_at__isnull=False)
    return next((before for before in lately if _is_the_same(before, meeting, delegation)), None)


def _is_the_same(registration: Registration, meeting: Meeting, delegation: Delegation) -> bool:
    """Whether `registration` was made from `delegation`; those withdrawn since still count."""
    answers = registration.answers.sent().in_order()
    # What has been sent since on the page of the questions is no longer what this form said.
    is_as_sent = registration.version == 1
    written = replace(
        delegation,
        committee=registration.committee,
        contact_name=registration.contact_name,
        contact_email=registration.contact_email,
        contact_phone=registration.contact_phone,
        topics=registration.topics,
        participants=attendees_of(registration),
        answers=tuple((answer.question, answer.text) for answer in answers)
        if is_as_sent
        else delegation.answers,
    )
    # What was chosen is not known any more where staff have said since whose it is.
    is_theirs = registration.municipality_id == delegation.municipality.pk or registration.matched_at
    return registration.meeting_id == meeting.pk and bool(is_theirs) and written == delegation


def _lock_to_answer(meeting: Meeting, *, at: datetime) -> None:
    meeting.lock()
    meeting.refresh_from_db(fields=["cancelled_at"])
    if not is_to_come(meeting, at=at):
        raise TooLateError


def _write(
    meeting: Meeting,
    delegation: Delegation,
    places: Availability,
    *,
    invitation: Invitation | None,
    entered_by: User | None,
    staff_note: str,
    language: str,
    is_suspicious: bool,
    at: datetime,
) -> Registration:
    # Who has the link has it from the municipality, and staff know whom they write for.
    verdict = (
        matching.Verdict()
        if invitation or entered_by
        else matching.judge(delegation.municipality, delegation.contact_email)
    )
    registration = Registration.objects.create(
        meeting=meeting,
        municipality=delegation.municipality,
        awaits_match=verdict.awaits_match or is_suspicious,
        mail_municipality_id=verdict.mail_municipality,
        invitation=invitation,
        committee=delegation.committee,
        contact_name=delegation.contact_name,
        contact_email=delegation.contact_email,
        contact_phone=delegation.contact_phone,
        topics=delegation.topics,
        entered_by=entered_by,
        staff_note=staff_note,
        language=language,
        submission_key=delegation.submission_key,
        registered_at=at,
    )
    allotted = allot(delegation.participants, places, waits=delegation.waits)
    write_participants(registration, delegation.participants, allotted, waits_since=at)
    Answer.objects.bulk_create(
        Answer(registration=registration, question=question, text=text)
        for question, text in delegation.answers
    )
    return registration
