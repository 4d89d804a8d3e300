"""Changing a registration: people added, withdrawn, moved, replaced, all at once or not at all.

Exactly the right mails follow: a calendar invitation for those who come or whose meeting is another, a
cancellation for those who leave or swap, nothing for the rest, and one summary for the contact.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from registrations import held_mails, receipts, special_needs, waiting_list, waiting_mails
from registrations.change_mails import owe_summary
from registrations.change_rules import (
    allotted,
    can_be_changed,
    find_problems_of_change,
    places_for_changing,
)
from registrations.changes import Added, Changes, Contact, Line, Wanted, changes
from registrations.delegations import Allotment, active_participants
from registrations.models import Author, Decline, Participant, Registration
from registrations.participant_rows import write_participants, write_themes
from registrations.refusals import RegistrationNotOpenError, RegistrationRefusedError, in_the_way
from registrations.registering import take_off, withdraw_together
from registrations.reminders import recall_of_named


class ChangedMeanwhileError(Exception):
    """Somebody else has changed the registration since the form was made."""


def current_participants(registration: Registration) -> list[Participant]:
    """Those who come or wait for a place, with sessions and themes, in the order of the list."""
    return list(
        registration.participants.filter(withdrawn_at=None)
        .select_related("session")
        .prefetch_related("theme_choices__theme__item", "theme_wishes__theme__item")
    )


def change(
    registration: Registration,
    wanted: Wanted,
    *,
    author: Author = Author.CONTACT,
    language: str = "",
    overrule: bool = False,
    at: datetime,
) -> Changes:
    """Make `registration` what is `wanted`, and owe the mails that follow.

    Sent twice, it is done once: what is as it is wanted already, changes nothing and tells nobody.

    Args:
        author: who changes it; no deadline binds the secretariat.
        language: in which those of it are written to from now on; without it, as they were.
        overrule: go beyond the number of places; for the secretariat alone.
        at: when the form was sent, aware.

    Returns:
        What was changed; empty where nothing was.

    Raises:
        ChangedMeanwhileError: somebody else has changed it since the form was made.
        RegistrationNotOpenError: the deadline has passed, or the meeting is cancelled.
        RegistrationRefusedError: something has to be put right; all stays as it was.
    """
    with transaction.atomic():
        registration.meeting.lock()
        # Before they are read: somebody of theirs may get a place by it.
        waiting_list.move_up(registration.meeting, at=at)
        to_others = held_mails.owed_at(at)
        registration = locked(registration)
        meeting = registration.meeting
        current = current_participants(registration)
        wanted = _as_done_before(registration, current, wanted)
        try:
            changed = changes(registration, current, wanted)
        except KeyError as unknown:
            raise ChangedMeanwhileError from unknown
        if not changed:
            return changed
        if registration.version != wanted.version:
            raise ChangedMeanwhileError
        places = places_for_changing(registration, changed, author=author, at=at)
        if not can_be_changed(registration, places):
            raise RegistrationNotOpenError(places)
        overrule = overrule and author is Author.STAFF
        # Who goes beyond the places need not wait for one.
        wanted = replace(wanted, waits=wanted.waits and not overrule)
        problems = find_problems_of_change(registration, current, wanted, changed, places)
        if refused := in_the_way(problems, overrule=overrule):
            raise RegistrationRefusedError(refused)
        changed = replace(changed, beyond=tuple(problems))
        registration.write_in(language or registration.language)
        contact_before = Contact.of(registration)
        got = allotted(changed, places, waits=wanted.waits)
        _apply(registration, wanted, changed, got, author=author, at=at)
        municipality = registration.answers_for
        if municipality and active_participants(meeting, municipality).exists():
            Decline.undo(meeting, municipality, at=at)
        owe_summary(registration, contact_before, changed, author=author, at=at)
        if author is not Author.STAFF:
            held_mails.hold_back(registration, but=to_others, at=at)
        waiting_list.move_up(meeting, at=at)
    return changed


def withdraw_those(
    registration: Registration,
    ids: Collection[int],
    *,
    author: Author = Author.CONTACT,
    language: str = "",
    at: datetime,
) -> int:
    """Withdraw those of `registration` that have these `ids`; the contact gets one summary.

    Args:
        language: in which those of it are written to from now on; without it, as they were.
        at: when the button was pressed, aware.

    Returns:
        How many were withdrawn by this call.

    Raises:
        TooLateError: the meeting is over or cancelled.
    """

    def whom() -> list[Participant]:
        return [participant for participant in current_participants(registration) if participant.pk in ids]

    return _withdraw(registration, whom, author=author, language=language, at=at)


def withdraw_one(participant: Participant, *, author: Author, at: datetime) -> bool:
    """Withdraw `participant`, and tell the contact.

    Args:
        at: when the button was pressed, aware.

    Returns:
        Whether this call did it: once more is harmless.

    Raises:
        TooLateError: the meeting is over or cancelled.
    """
    return bool(_withdraw(participant.registration, lambda: [participant], author=author, at=at))


def locked(registration: Registration) -> Registration:
    """`registration` as it is now; under the meeting's lock it stays so."""
    return Registration.objects.with_choices().get(pk=registration.pk)


def _withdraw(
    registration: Registration,
    whom: Callable[[], Iterable[Participant]],
    *,
    author: Author,
    language: str = "",
    at: datetime,
) -> int:
    with transaction.atomic():
        registration.meeting.lock()
        registration.write_in(language or registration.language)
        withdrawn = tuple(withdraw_together(registration.meeting, whom(), author=author, at=at))
        if withdrawn:
            registration = locked(registration)
            registration.count_change()
            contact = Contact.of(registration)
            owe_summary(registration, contact, Changes(withdrawn=withdrawn), author=author, at=at)
            if author is not Author.STAFF:
                held_mails.hold_back(registration, at=at)
    return len(withdrawn)


def _apply(
    registration: Registration,
    wanted: Wanted,
    changed: Changes,
    got: Mapping[int, Allotment],
    *,
    author: Author,
    at: datetime,
) -> None:
    for name, value in asdict(wanted.contact).items():
        setattr(registration, name, value)
    registration.save(update_fields=list(asdict(wanted.contact)))
    registration.count_change()
    for participant in changed.withdrawn:
        take_off(participant, author=author, at=at)
    told = [
        *(_replace(line, got.get(line.position), author=author, at=at) for line in changed.substituted),
        *_correct_and_move(changed, got, at=at),
        *_add(registration, changed.added, got, at=at),
    ]
    receipts.owe_calendar_requests([one for one in told if one.waitlisted_at is None], at=at)
    waiting_mails.owe_waiting([one for one in told if one.waitlisted_at == at], at=at)
    recall_of_named(registration, at=at)


def _replace(line: Line, got: Allotment | None, *, author: Author, at: datetime) -> Participant:
    """Take off who cannot come, and give the place, or the turn in the queue, to the substitute."""
    leaving, attendee = line.participant, line.attendee
    waits_since = leaving.waitlisted_at
    take_off(leaving, author=author, at=at)
    if got is None:
        got = Allotment(waits=bool(waits_since), themes=() if waits_since else attendee.themes)
    [substitute] = write_participants(
        leaving.registration,
        [attendee],
        [got],
        waits_since=waits_since or at,
        first_position=leaving.position,
        consented_at=at,
    )
    substitute.substitute_for = leaving
    substitute.save(update_fields=["substitute_for"])
    if substitute.waitlisted_at and substitute.waitlisted_at != at:
        waiting_mails.owe_waiting([substitute], at=at)
    return substitute


def _correct_and_move(
    changed: Changes, got: Mapping[int, Allotment], *, at: datetime
) -> Iterator[Participant]:
    """Write down what is new about those who stay, after taking back what is not so any more.

    Yields those whose calendars have to be told: a name or a title alone is no news to them.
    """
    for line in changed.staying:
        participant, attendee, given = line.participant, line.attendee, got.get(line.position)
        is_moved, is_rethemed = line in changed.moved, line in changed.rethemed
        waits_since = participant.waitlisted_at
        if is_moved and given:
            waits_since = at if given.waits else None
        if participant.waitlisted_at is None and is_moved:
            receipts.owe_calendar_cancel(participant, moved_to=attendee.session, at=at)
        elif participant.waitlisted_at is None and line.has_new_address:
            receipts.owe_calendar_cancel(participant, at=at)
        if participant.name != attendee.name and participant.email != attendee.email:
            # Another person, whether or not somebody said so.
            special_needs.withdraw_consent(participant)
        # Not written into `participant`, which the summary compares with what is wanted.
        Participant.objects.filter(pk=participant.pk).update(
            name=attendee.name,
            title=attendee.title,
            email=attendee.email,
            session=attendee.session,
            waitlisted_at=waits_since,
        )
        now = Participant.objects.get(pk=participant.pk)
        if is_moved or is_rethemed:
            themes = given.themes if given else () if waits_since else attendee.themes
            write_themes(now, attendee, themes)
        if is_moved or is_rethemed or line.has_new_address:
            yield now


def _add(
    registration: Registration, added: Sequence[Added], got: Mapping[int, Allotment], *, at: datetime
) -> list[Participant]:
    last = registration.participants.aggregate(last=Max("position"))["last"]
    return write_participants(
        registration,
        [one.attendee for one in added],
        [got[one.position] for one in added],
        waits_since=at,
        first_position=0 if last is None else last + 1,
        consented_at=at,
    )


def _as_done_before(registration: Registration, current: Sequence[Participant], wanted: Wanted) -> Wanted:
    """`wanted` with the substitutes and newcomers as who they are by now, where the same form came before."""
    if registration.version == wanted.version:
        return wanted
    known = {entry.participant for entry in wanted.entries if entry.participant and not entry.is_substitute}
    others = [participant for participant in current if participant.pk not in known]
    entries = []
    for entry in wanted.entries:
        if entry.participant is None or entry.is_substitute:
            found = next(
                (
                    participant
                    for participant in others
                    # Who was replaced is no longer known to the form: the substitute comes as somebody new.
                    if entry.participant in (None, participant.substitute_for_id)
                    and participant.identity == entry.attendee.identity
                ),
                None,
            )
            if found:
                others.remove(found)
                entry = replace(entry, participant=found.pk, is_substitute=False)
        entries.append(entry)
    return replace(wanted, entries=tuple(entries))
