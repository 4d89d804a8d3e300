"""Registering, withdrawing, declining: each in one transaction together with the mails that it owes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from invitations.models import Invitation, Meeting, Municipality, Theme
from registrations import matching, receipts, special_needs, waiting_list, waiting_mails
from registrations.availability import Availability, availability, is_to_come
from registrations.delegations import (
    Allotment,
    Attendee,
    Delegation,
    allot,
    find_problems,
    standing_participants,
)
from registrations.models import Answer, Decline, Participant, Registration, ThemeChoice, ThemeWish
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
            at=at,
        )
        if not registration.awaits_match:
            Decline.undo(meeting, delegation.municipality, at=at)
        receipts.owe_receipt(registration, at=at)
        receipts.owe_calendar_requests(registration.participants.active(), at=at)
        waiting_mails.owe_waiting(registration.participants.waitlisted(), at=at)
    return registration


def withdraw(participant: Participant, *, at: datetime) -> bool:
    """Take `participant` off the meeting, owe the mail that says so, and give the place to who waits for it.

    Args:
        at: when the button was pressed, aware.

    Returns:
        Whether this call did it: once more is harmless.

    Raises:
        TooLateError: the meeting is over or cancelled.
    """
    return bool(withdraw_together(participant.registration.meeting, [participant], at=at))


def withdraw_together(
    meeting: Meeting, participants: Iterable[Participant], *, at: datetime
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
        withdrawn = [participant for participant in participants if take_off(participant, at=at)]
        if withdrawn:
            waiting_list.move_up(meeting, at=at)
    return withdrawn


def take_off(participant: Participant, *, at: datetime) -> bool:
    """Withdraw `participant`, from the waiting list where they wait, and owe the mail that says so.

    To be called under the meeting's lock by who afterwards lets `waiting_list.move_up` give away the places,
    once all are free: a place that goes to somebody who is withdrawn next would tell them a lie.

    Args:
        at: when they were withdrawn, aware.

    Returns:
        Whether this call did it.
    """
    if not participant.withdraw(at=at):
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
    withdraw_participants: bool = False,
    at: datetime,
) -> Decline:
    """Note that the municipality does not come; its contact, where given, gets a receipt.

    Args:
        entered_by: who of the secretariat notes it on the municipality's behalf.
        staff_note: what only the secretariat sees.
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
        withdraw_together(meeting, standing, at=at)
        declined, created = Decline.objects.get_or_create(
            meeting=meeting,
            municipality=municipality,
            undone_at=None,
            defaults={
                "contact_name": contact_name,
                "contact_email": contact_email,
                "note": note,
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


def attendees_of(registration: Registration) -> tuple[Attendee, ...]:
    """The participants of `registration` as they were typed, those withdrawn since included."""
    participants = registration.participants.select_related("session").prefetch_related(
        "theme_choices__theme__item", "theme_wishes__theme__item"
    )
    return tuple(
        Attendee(
            name=participant.name,
            title=participant.title,
            email=participant.email,
            session=participant.session,
            themes=_first_wishes(participant),
            second_wishes=_in_order(wish.theme for wish in participant.theme_wishes.all() if wish.rank == 2),
        )
        for participant in participants
    )


def _first_wishes(participant: Participant) -> tuple[Theme, ...]:
    """What was typed as the theme of each round: it is a wish where they may have got another."""
    chosen = {choice.item_id: choice.theme for choice in participant.theme_choices.all()}
    wished = {wish.item_id: wish.theme for wish in participant.theme_wishes.all() if wish.rank == 1}
    return _in_order((chosen | wished).values())


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
        awaits_match=verdict.awaits_match,
        mail_municipality_id=verdict.mail_municipality,
        invitation=invitation,
        committee=delegation.committee,
        contact_name=delegation.contact_name,
        contact_email=delegation.contact_email,
        contact_phone=delegation.contact_phone,
        topics=delegation.topics,
        entered_by=entered_by,
        staff_note=staff_note,
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


def write_participants(
    registration: Registration,
    attendees: Sequence[Attendee],
    allotted: Sequence[Allotment] | None = None,
    *,
    waits_since: datetime | None = None,
    consented_at: datetime | None = None,
    first_position: int = 0,
) -> list[Participant]:
    """Write down who comes and who waits, each with their themes; whether there is room was asked before.

    Args:
        allotted: what each of `attendees` gets; without it, a place and the themes that they ask for.
        waits_since: since when those wait who do, aware.
        consented_at: when they consented to what they need being kept, aware; without it, when the
            registration was made.
        first_position: where they begin in the list of the registration.
    """
    if allotted is None:
        allotted = [Allotment(waits=False, themes=attendee.themes) for attendee in attendees]
    participants = Participant.objects.bulk_create(
        Participant(
            registration=registration,
            position=position,
            session=attendee.session,
            name=attendee.name,
            title=attendee.title,
            email=attendee.email,
            waitlisted_at=waits_since if got.waits else None,
        )
        for position, (attendee, got) in enumerate(
            zip(attendees, allotted, strict=True), start=first_position
        )
    )
    ThemeChoice.objects.bulk_create(
        ThemeChoice(participant=participant, item=theme.item, theme=theme)
        for participant, got in zip(participants, allotted, strict=True)
        for theme in got.themes
    )
    ThemeWish.objects.bulk_create(
        wish
        for participant, attendee in zip(participants, attendees, strict=True)
        for wish in _wishes(participant, attendee)
    )
    special_needs.write_all(
        registration.meeting,
        {
            participant: attendee.needs
            for participant, attendee in zip(participants, attendees, strict=True)
            if attendee.needs
        },
        at=consented_at or registration.registered_at,
    )
    return participants


def write_themes(participant: Participant, attendee: Attendee, themes: Iterable[Theme]) -> None:
    """Write down the `themes` that `participant` gets and the wishes of `attendee`, instead of the former."""
    participant.theme_choices.all().delete()
    participant.theme_wishes.all().delete()
    ThemeChoice.objects.bulk_create(
        ThemeChoice(participant=participant, item=theme.item, theme=theme) for theme in themes
    )
    ThemeWish.objects.bulk_create(_wishes(participant, attendee))


def _wishes(participant: Participant, attendee: Attendee) -> list[ThemeWish]:
    """Those to be kept: where nobody waits and there is no second wish, what they got says it all."""
    if not (participant.waitlisted_at or attendee.second_wishes):
        return []
    return [
        ThemeWish(participant=participant, item=theme.item, theme=theme, rank=rank)
        for rank, themes in enumerate((attendee.themes, attendee.second_wishes), start=1)
        for theme in themes
    ]


def _in_order(themes: Iterable[Theme]) -> tuple[Theme, ...]:
    return tuple(sorted(themes, key=lambda theme: (theme.item.position, theme.item_id)))
