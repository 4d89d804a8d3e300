"""The mails of the waiting list: you are on it, you are off it, and who of yours has got a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db.models import prefetch_related_objects

from invitations.mail_text import (
    MailText,
    compose,
    day_in_sentence,
    link,
    title_in_sentence,
    when,
    writing_in,
)
from invitations.models import Mail, OutgoingEmail
from registrations.mail_facts import (
    facts_of_session,
    facts_of_sessions,
    participant_words,
    reason_words,
    sessions_of,
    when_of_sessions,
)
from registrations.models import Participant, Registration
from registrations.told_on_the_list import Waiting

Kind = OutgoingEmail.Kind

_CHUNK = 500


def owe_waiting(participants: Iterable[Participant], *, at: datetime) -> None:
    """Owe each of `participants`, who wait from now on, the mail that says so. Without an address there is
    none. To be called in the transaction that puts them on the list.

    Args:
        at: since when they wait, aware.
    """
    concerned = [participant for participant in participants if participant.email]
    prefetch_related_objects(concerned, "session__meeting", "registration__municipality")
    OutgoingEmail.objects.owe([_waiting(participant, at) for participant in concerned], at=at)


def owe_off_the_list(participant: Participant, *, at: datetime) -> None:
    """Owe `participant`, who waited and is withdrawn, the mail that says so; nothing is in their calendar.

    Args:
        at: when they were withdrawn, aware.
    """
    if not participant.email:
        return
    with writing_in(participant.registration.language):
        words = compose(
            "registrations/mail/off_the_list",
            {
                **_words_about(participant),
                **reason_words(participant),
                "meeting_url": link("registrations:meeting", participant.session.meeting.slug),
            },
        )
    key = f"off-the-list:{participant.pk}:{participant.session_id}:{at.isoformat()}"
    OutgoingEmail.objects.owe([_mail(participant, key, words)], at=at)


def mails_of_correction(waiting: Iterable[Waiting], *, key: str) -> Iterator[Mail]:
    """The mails that say what has changed, and that they still wait; each under `key` and its participant."""
    differences = {one.participant_id: one.differences for one in waiting}
    ids = list(differences)
    for start in range(0, len(ids), _CHUNK):
        concerned = Participant.objects.filter(pk__in=ids[start : start + _CHUNK]).order_by("pk")
        for participant in concerned.select_related("session__meeting", "registration__municipality"):
            with writing_in(participant.registration.language):
                words = compose(
                    "registrations/mail/correction_waiting",
                    {
                        **_words_about(participant),
                        **participant_words(participant),
                        "differences": differences[participant.pk],
                    },
                )
            yield _mail(participant, f"{key}:{participant.pk}", words)


def owe_moved_up(participants: Sequence[Participant], *, at: datetime) -> None:
    """Owe the contact of each delegation one mail that says which of `participants` have got a place, and who
    still waits. Who signed up nobody but themselves is told by the calendar invitation.

    Args:
        participants: those who have got a place, of one meeting.
        at: when they did, aware.
    """
    of_registration: dict[Registration, list[Participant]] = {}
    for participant in participants:
        of_registration.setdefault(participant.registration, []).append(participant)
    waiting: dict[int, list[Participant]] = {}
    still = Participant.objects.waitlisted().filter(registration__in=of_registration)
    for participant in still.select_related("session__meeting"):
        waiting.setdefault(participant.registration_id, []).append(participant)
    mails = []
    for registration, moved in of_registration.items():
        still_waiting = waiting.get(registration.pk, [])
        told = [one.email.casefold() for one in moved]
        if told == [registration.contact_email.casefold()] and not still_waiting:
            continue
        mails.append(_moved_up(registration, moved, still_waiting, at))
    OutgoingEmail.objects.owe(mails, at=at)


def _waiting(participant: Participant, at: datetime) -> Mail:
    key = f"waiting:{participant.pk}:{participant.session_id}:{at.isoformat()}"
    with writing_in(participant.registration.language):
        words = compose(
            "registrations/mail/waiting", {**_words_about(participant), **participant_words(participant)}
        )
    return _mail(participant, key, words)


def _moved_up(
    registration: Registration, moved: Sequence[Participant], waiting: Sequence[Participant], at: datetime
) -> Mail:
    meeting = moved[0].session.meeting
    sessions = sessions_of([*moved, *waiting])
    several = len(sessions) > 1
    with writing_in(registration.language):
        words = compose(
            "registrations/mail/moved_up",
            {
                "meeting": meeting,
                "title": title_in_sentence(meeting.title),
                "when": when_of_sessions(sessions),
                "facts": facts_of_sessions(sessions),
                "moved": [_line(one, with_session=several) for one in moved],
                "waiting": [_line(one, with_session=several) for one in waiting],
                "registration": registration,
                "receipt_url": link("registrations:receipt", registration.token),
            },
        )
    return Mail(
        key=f"moved-up:{registration.pk}:{at.isoformat()}",
        kind=Kind.WAITING_LIST,
        about=meeting.slug,
        to=registration.contact_email,
        to_name=registration.contact_name,
        **words._asdict(),
    )


def _line(participant: Participant, *, with_session: bool) -> str:
    return f"{participant}, {when(participant.session)}" if with_session else str(participant)


def _words_about(participant: Participant) -> dict[str, object]:
    session = participant.session
    return {
        "meeting": session.meeting,
        "title": title_in_sentence(session.meeting.title),
        "when": day_in_sentence(session),
        "facts": facts_of_session(session, with_join_url=False),
    }


def _mail(participant: Participant, key: str, words: MailText) -> Mail:
    return Mail(
        key=key,
        kind=Kind.WAITING_LIST,
        about=participant.session.meeting.slug,
        to=participant.email,
        to_name=participant.name,
        **words._asdict(),
    )
