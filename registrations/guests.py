"""KL's own politicians and staff, speakers and guests: staff enter them, and they are no municipality's.

They take places and themes as everybody does, under the same lock; the deadline does not bind staff, and they
may take places beyond those there are, where they say so.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import ADDITION
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations.history import record
from invitations.models import Meeting
from registrations import receipts, waiting_list
from registrations.availability import Availability, State, availability
from registrations.delegations import (
    Attendee,
    allot,
    listed_twice,
    sessions_refused,
    themes_refused,
    too_many_for_meeting,
)
from registrations.models import Participant, Registration
from registrations.participant_rows import attendees_of, write_participants
from registrations.refusals import (
    MOST_PARTICIPANTS,
    AlreadySentError,
    NoParticipants,
    Problem,
    RegistrationNotOpenError,
    RegistrationRefusedError,
    ThemeFull,
    TooManyAtOnce,
)


@dataclass(frozen=True, kw_only=True)
class GuestParty:
    """People of one kind as staff typed them.

    `organisation` is where they are from: a committee of KL, a university. `contact_name` is whom the
    secretariat asks about them. `submission_key` comes with the form: sent twice it is one registration.
    """

    kind: Registration.GuestKind
    contact_name: str
    contact_email: str
    submission_key: uuid.UUID
    participants: tuple[Attendee, ...]
    organisation: str = ""
    note: str = ""


def register_guests(
    meeting: Meeting, party: GuestParty, *, beyond_capacity: bool = False, at: datetime, by: User
) -> Registration:
    """Register `party`, owe a calendar invitation to those with an e-mail address; its history says who did.

    The contact gets no receipt: it is the secretariat that has entered them, and has them on its screen.

    Args:
        beyond_capacity: take places that there are not.
        at: when the form was sent, aware.
        by: who sent it.

    Returns:
        The registration; where the same form was sent before, what it became then.

    Raises:
        AlreadySentError: the form was sent before with other words in it.
        RegistrationNotOpenError: the meeting is a draft, cancelled or over.
        RegistrationRefusedError: something has to be put right.
    """
    with transaction.atomic():
        meeting.lock()
        waiting_list.move_up(meeting, at=at)
        meeting = Meeting.objects.prefetch_related("sessions", "programme__themes").get(pk=meeting.pk)
        if before := Registration.objects.filter(submission_key=party.submission_key).first():
            if not _is_the_same(before, meeting, party):
                raise AlreadySentError(before)
            return before
        places = availability(meeting, at=at, for_staff=True)
        if not takes_guests(places):
            raise RegistrationNotOpenError(places)
        problems = find_problems(meeting, party, places)
        exceeded = [problem for problem in problems if problem.can_be_overruled]
        if problems and not (beyond_capacity and len(exceeded) == len(problems)):
            raise RegistrationRefusedError(problems)
        registration = Registration.objects.create(
            meeting=meeting,
            guest_kind=party.kind,
            committee=party.organisation,
            contact_name=party.contact_name,
            contact_email=party.contact_email,
            staff_note=party.note,
            submission_key=party.submission_key,
            entered_by=by,
            registered_at=at,
        )
        allotted = allot(party.participants, places)
        participants = write_participants(registration, party.participants, allotted)
        receipts.owe_calendar_requests(participants, at=at)
        message = " ".join(_history(meeting, party, exceeded))
        record(registration, message, by=by, action=ADDITION)
    return registration


def takes_guests(places: Availability) -> bool:
    """Whether staff may enter people; neither the deadline nor the lack of a form matters."""
    return places.state not in (State.DRAFT, State.CANCELLED, State.OVER)


def find_problems(meeting: Meeting, party: GuestParty, places: Availability) -> list[Problem]:
    """What has to be put right, or to be meant, before `party` can be registered."""
    asked = party.participants
    if not asked:
        return [NoParticipants()]
    if len(asked) > MOST_PARTICIPANTS:
        return [TooManyAtOnce(asked=len(asked))]
    guests = Participant.objects.active().of_meeting(meeting).filter(registration__municipality=None)
    return [
        *too_many_for_meeting(asked, places),
        *sessions_refused(asked, places),
        *themes_refused(meeting, asked, places, must_choose=False),
        *listed_twice(asked, guests),
    ]


def _is_the_same(registration: Registration, meeting: Meeting, party: GuestParty) -> bool:
    """Whether `registration` was made from `party`, whatever has become of it since."""
    return registration.meeting_id == meeting.pk and attendees_of(registration) == party.participants


def _history(meeting: Meeting, party: GuestParty, exceeded: Sequence[Problem]) -> Iterator[str]:
    count = len(party.participants)
    yield ngettext(
        "Entered %(count)d participant: %(kind)s.", "Entered %(count)d participants: %(kind)s.", count
    ) % {"count": count, "kind": party.kind.label}
    if any(isinstance(problem, ThemeFull) for problem in exceeded):
        yield _("Took places in a theme that was full.")
    if any(not isinstance(problem, ThemeFull) for problem in exceeded):
        if meeting.capacity is None:
            yield _("Took places beyond those there are.")
        else:
            yield _("Took places beyond the %(capacity)d.") % {"capacity": meeting.capacity}
