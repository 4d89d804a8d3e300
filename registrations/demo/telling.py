"""Makes happen what the demo's stories tell."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.contrib.auth.models import User

from invitations import letters
from invitations.danish import COPENHAGEN, Moment, danish_slug
from invitations.models import Invitation, Letter, Meeting, Municipality, Office, Role, Theme
from registrations import homework
from registrations.cancellations import cancel_meeting
from registrations.delegations import Attendee, Delegation
from registrations.demo.names import person
from registrations.demo.offices import mail_domain
from registrations.demo.stories import Guests, Reply, Story
from registrations.guests import GuestParty, register_guests
from registrations.homework import Written
from registrations.own_deadlines import give_deadline
from registrations.registering import decline, register, withdraw

_COMMITTEE = ("Udvalgsformand", "Næstformand", "Udvalgsmedlem", "Direktør", "Skolechef", "Udvalgsmedlem")
_LEADERS = ("Borgmester", "Kommunaldirektør")


def tell(story: Story, *, monday: date, secretary: User) -> None:
    """Let happen what `story` tells, with the verbs that the pages use.

    Args:
        monday: that of the week in which the story's file plays now.
        secretary: who sends and cancels.
    """
    meeting = Meeting.objects.get(slug=story.slug)
    if story.published is not None:
        meeting.publish(at=_morning(monday - timedelta(days=story.published)))
    if story.is_sent:
        letter = Letter.objects.select_related("meeting").get(meeting=meeting)
        letters.dispatch(letter, at=_morning(letter.date), by=secretary)
    for number, reply in enumerate(story.replies):
        at = _morning(monday - timedelta(days=reply.days)) + timedelta(minutes=25 * (number + 1))
        if reply.participants:
            _register(meeting, reply, at=at)
        else:
            _decline(meeting, reply, at=at)
    for guests in story.guests:
        _enter(meeting, guests, at=_morning(monday - timedelta(days=2)), by=secretary)
    for municipality in story.later:
        _give_a_week_more(meeting, municipality, at=_morning(monday - timedelta(days=1)), by=secretary)
    if story.cancelled is not None:
        cancel_meeting(meeting, at=_morning(monday - timedelta(days=story.cancelled)), by=secretary)


def _register(meeting: Meeting, reply: Reply, *, at: datetime) -> None:
    municipality = Municipality.objects.get(name=reply.municipality)
    # People of different municipalities are different people.
    first = int(municipality.code)
    domain = reply.domain or mail_domain(municipality)
    leads = Role.COMMITTEE not in meeting.roles and Role.COMMITTEE_CHAIR not in meeting.roles
    titles = _LEADERS if leads else _COMMITTEE
    committee = "" if leads else Office.objects.get(municipality=municipality, role=Role.COMMITTEE).name
    sessions = list(meeting.sessions.all())
    rounds = [themes for item in meeting.programme.all() if (themes := list(item.themes.all()))]
    registration = register(
        meeting,
        Delegation(
            municipality=municipality,
            committee=committee,
            contact_name=person(first),
            contact_email=f"sekretariat@{domain}",
            submission_key=uuid.uuid5(uuid.NAMESPACE_URL, f"{meeting.slug}/{municipality.code}"),
            topics=reply.words,
            answers=tuple(zip(meeting.questions.all(), reply.answers, strict=False)),
            waits=reply.waits,
            participants=(
                *(
                    Attendee(
                        name=(name := person(first + number + 1)),
                        title=titles[number],
                        email=f"{danish_slug(name)}@{domain}",
                        session=sessions[number % len(sessions)],
                        themes=_themes(rounds, number),
                        needs="".join(reply.needs[number : number + 1]),
                    )
                    for number in range(reply.participants)
                ),
                *[Attendee(name="", email="", session=sessions[0])] * reply.nameless,
            ),
        ),
        invitation=Invitation.objects.filter(meeting=meeting, municipality=municipality).first(),
        at=at,
    )
    for participant in registration.participants.all()[: reply.withdrawn]:
        withdraw(participant, at=at + timedelta(days=1))
    if reply.draft:
        question = homework.states(registration)[len(reply.answers)]
        written = Written(reply.draft, seen=question.fingerprint)
        homework.save_draft(registration, {question.question.pk: written}, at=at + timedelta(hours=1))


def _enter(meeting: Meeting, guests: Guests, *, at: datetime, by: User) -> None:
    session = meeting.sessions.all()[0]
    register_guests(
        meeting,
        GuestParty(
            kind=guests.kind,
            organisation=guests.organisation,
            contact_name=by.get_full_name(),
            contact_email="sekretariatet@kl.example",
            submission_key=uuid.uuid5(uuid.NAMESPACE_URL, f"{meeting.slug}/{guests.organisation}"),
            participants=tuple(
                # Speakers' addresses are often not known.
                Attendee(name=name, title=title, email="", session=session)
                for name, title in guests.people
            ),
        ),
        at=at,
        by=by,
    )


def _give_a_week_more(meeting: Meeting, municipality: str, *, at: datetime, by: User) -> None:
    assert meeting.registration_deadline is not None
    deadline = Moment(meeting.registration_deadline.date + timedelta(weeks=1))
    give_deadline(meeting, Municipality.objects.get(name=municipality), deadline, seen=None, at=at, by=by)


def _themes(rounds: Sequence[Sequence[Theme]], number: int) -> tuple[Theme, ...]:
    return tuple(themes[(number + turn) % len(themes)] for turn, themes in enumerate(rounds))


def _decline(meeting: Meeting, reply: Reply, *, at: datetime) -> None:
    invitation = Invitation.objects.select_related("meeting", "municipality").get(
        meeting=meeting, municipality__name=reply.municipality
    )
    municipality = invitation.municipality
    decline(
        invitation,
        contact_name=person(int(municipality.code)),
        contact_email=f"sekretariat@{mail_domain(municipality)}",
        note=reply.words,
        at=at,
    )


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9, 30), tzinfo=COPENHAGEN)
