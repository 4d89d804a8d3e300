"""Each kind of mail as it is really sent, made by the verbs that send it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings

from invitations.letter_mails import Addressee, LetterMails
from invitations.models import Letter, Meeting, OutgoingEmail, Sender
from registrations import changing, registering
from registrations.addressees import addressees_of
from registrations.cancellations import cancel_meeting
from registrations.messages import Message, send_link, write
from registrations.models import Author, Participant
from registrations.reminders import owe_reminders
from tests.delegations import make_attendee, make_delegation
from tests.factories import (
    DEADLINE,
    NOW,
    PUBLISHED,
    create_dispatch,
    create_enclosure,
    create_invitation,
    create_letter,
    create_letter_version,
    create_meeting,
    create_office,
    create_participant,
    create_programme_item,
    create_question,
    create_registration,
    create_seat,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.told import correct
from tests.wishes import as_it_is, everybody, instead_of, wanted

LETTER = "invitations/mail/letter"
FOLDERS = ("invitations/mail", "registrations/mail")


def templates() -> set[str]:
    """The mails, by what their three templates have in common."""
    root = settings.BASE_DIR / "templates"
    subjects = [path for folder in FOLDERS for path in (root / folder).glob("*.subject.txt")]
    return {str(path.relative_to(root)).removesuffix(".subject.txt") for path in subjects}


class Sample(NamedTuple):
    """A mail, by the template that it was written with and what happened; what `language` it is to be in."""

    template: str
    name: str
    subject: str
    text: str
    html: str
    calendar: str = ""
    language: str = "da"


def create_samples(language: str = "da") -> list[Sample]:
    """At least one mail of each template, with all that it can say.

    Args:
        language: that of the forms that people answer with; offices are written to in Danish.
    """
    Sender.objects.update(phone="3370 3370")
    for story in (_one_session, _two_sessions, _change_of_meeting, _reminders):
        story(language)
    sent = [
        Sample(
            _template_of(mail),
            mail.key,
            mail.subject,
            mail.text,
            mail.html,
            mail.calendar,
            "da" if mail.to.startswith("udvalg-") else language,
        )
        for mail in OutgoingEmail.objects.exclude(kind=OutgoingEmail.Kind.LETTER).order_by("pk")
    ]
    return [*_letters(), *sent]


def _template_of(mail: OutgoingEmail) -> str:
    """The template that a mail was written with, which its key begins with but for a few."""
    key = re.sub(r"^kept-back:\d+:", "", mail.key)
    word = key.split(":")[0].replace("-", "_")
    name = {"calendar": "calendar_request", "link": "personal_link"}.get(word, word)
    return f"registrations/mail/{name}"


def _letters() -> Iterator[Sample]:
    """A mail of a letter of each kind, to who is invited and to who is informed."""
    for kind in Letter.Kind.values:
        meeting = create_meeting(slug=f"brev-{kind}")
        letter = create_letter(
            meeting=meeting, kind=kind, contact_email="mette@kl.example", contact_phone="3370 3371"
        )
        create_enclosure(letter=letter)
        mails = LetterMails(letter, create_letter_version(letter=letter))
        for informed in (False, True):
            mail = mails.mail(
                Addressee(
                    code="0657",
                    municipality_name="Herning Kommune",
                    office_name="Børne- og Ungeudvalget",
                    mailbox="udvalg@herning.example",
                    for_orientation=informed,
                ),
                answer_url="https://tilmeld.example/svar/AbC_d-123456789012345",
            )
            yield Sample(LETTER, f"{kind} {informed}", mail.subject, mail.text, mail.html)


def _one_session(language: str) -> None:
    """A delegation too large for the meeting, changes, a place that comes free, an afbud, a cancellation."""
    meeting = create_meeting(slug="en", capacity=2, session=False)
    session = create_session(
        meeting=meeting, online=True, join_url="https://teams.example/l/meetup-join/19%3a1"
    )
    theme = create_theme(item=create_programme_item(meeting=meeting), title="Motiverende skoledag")
    create_question(meeting=meeting)
    people = [
        make_attendee(session=session, name=name, email=email, title="Medlem", themes=[theme])
        for name, email in (("Ane Sø", "anne@herning.example"), ("Bo", "bo@x.dk"), ("Ida", "ida@x.dk"))
    ]
    delegation = make_delegation(meeting, participants=people, waits=True)
    registration = registering.register(meeting, delegation, language=language, at=NOW)
    alone = [make_attendee(session=session, name="Eva", email="eva@x.dk", themes=[theme])]
    of_one = make_delegation(meeting, participants=alone, waits=True)
    registering.register(meeting, of_one, language=language, at=NOW)
    changing.withdraw_one(Participant.objects.get(name="Bo"), author=Author.PARTICIPANT, at=NOW)
    for author in (Author.STAFF, Author.CONTACT):
        first, *others = everybody(registration)
        anew = replace(first, attendee=replace(first.attendee, title=f"Formand {author}"))
        changing.change(registration, wanted(registration, anew, *others), author=author, at=NOW)
    registering.withdraw(Participant.objects.get(name="Eva"), at=NOW)
    registering.decline(
        create_invitation(meeting=meeting, municipality=get_municipality("Aarhus")),
        contact_name="Ib",
        contact_email="ib@aarhus.example",
        language=language,
        at=NOW,
    )
    create_dispatch(invitation=create_invitation(meeting=meeting, municipality=get_municipality("Viborg")))
    cancel_meeting(Meeting.objects.get(pk=meeting.pk), at=NOW, by=create_staff(username="aflyser"))


def _two_sessions(language: str) -> None:
    """Some who come to each of two sessions, somebody who swaps, and a substitute."""
    meeting = create_meeting(slug="to")
    second = create_session(meeting=meeting, starts_date=date(2027, 4, 20))
    sessions = list(meeting.sessions.all())
    people = [
        make_attendee(session=one, name=name, email=f"{name}@x.dk")
        for one, name in zip(sessions, ("Kaj", "Liv"), strict=True)
    ]
    delegation = make_delegation(meeting, participants=people)
    registration = registering.register(meeting, delegation, language=language, at=NOW)
    kaj, liv = Participant.objects.get(name="Kaj"), Participant.objects.get(name="Liv")
    substitute = instead_of(liv, name="Mo", email="mo@x.dk")
    changing.change(registration, wanted(registration, as_it_is(kaj, session=second), substitute), at=NOW)


def _change_of_meeting(language: str) -> None:
    """A meeting that moves to another place, of which those who come or wait and their contact hear."""
    meeting = create_meeting(slug="flyttet")
    registering.register(meeting, make_delegation(meeting, people=2), language=language, at=NOW)
    waiting = create_registration(meeting=meeting, participants=0, language=language)
    create_participant(registration=waiting, waitlisted_at=NOW)
    session = meeting.sessions.get()
    session.venue_name, session.starts_date = "Musikhuset Aarhus", date(2027, 4, 16)
    session.save()
    correct(meeting)


def _reminders(language: str) -> None:
    """The reminders of a deadline and of a meeting, in words of our own too, and mails written by hand."""
    meeting = create_meeting(
        slug="husk", reminder_text="Vi håber, I kommer.", meeting_reminder_text="Husk at læse bilaget."
    )
    municipality = get_municipality("Silkeborg")
    create_office(municipality=municipality)
    invitation = create_invitation(meeting=meeting, municipality=municipality)
    create_dispatch(invitation=invitation, dispatched_at=PUBLISHED)
    registration = registering.register(meeting, make_delegation(meeting), language=language, at=NOW)
    create_seat(registration=registration)
    found = addressees_of(meeting, [municipality], on=NOW.date())[municipality.pk]
    chosen = {municipality: found}
    officer = create_staff(username="skriver")
    words = Message(subject="Husk {title}", text="Kære {municipality}\n\nVi ses den {date}.", with_link=True)
    write(meeting, chosen, words, key=uuid.uuid4(), by=officer, at=NOW)
    send_link(meeting, municipality, found, key=uuid.uuid4(), by=officer, at=NOW)
    noon = NOW.replace(year=DEADLINE.year, month=DEADLINE.month, day=DEADLINE.day, hour=9)
    for at in (noon - timedelta(days=14), noon, meeting.sessions.get().starts.start() - timedelta(hours=30)):
        owe_reminders(at=at)
