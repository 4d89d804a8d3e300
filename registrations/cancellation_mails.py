"""The mails that say that a meeting is cancelled, each as its reader knows the meeting."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from invitations.mail_text import DANISH, MailText, compose, title_in_sentence, when, where, writing_in
from invitations.meeting_facts import NO_STATEMENT
from invitations.models import Dispatch, LetterVersion, Mail, Meeting, OutgoingEmail, Sender, Session
from invitations.told import Told
from registrations.calendar_facts import CANCEL, REQUEST
from registrations.mail_facts import Fact, facts_of_sessions, reason_words, when_of_sessions
from registrations.models import CalendarInvitation, Participant, Registration
from registrations.receipts import cancellation_part

_OFFICE = "office:"


def office_prefix(meeting: Meeting) -> str:
    """What the keys of the mails begin with that tell offices of the cancellation of `meeting`."""
    return f"{_prefix(meeting)}{_OFFICE}"


def _prefix(meeting: Meeting) -> str:
    return f"cancellation:{meeting.pk}:"


@dataclass(frozen=True)
class Contact:
    """A contact person, and those whom they have signed up: who gets a mail, and whom they must tell."""

    registration: Registration
    written_to: list[Participant] = field(default_factory=list)
    without_email: list[Participant] = field(default_factory=list)

    @property
    def sessions(self) -> set[int]:
        """The ids of those that they have been signed up for."""
        return {participant.session_id for participant in [*self.written_to, *self.without_email]}

    @property
    def has_others(self) -> bool:
        """Whether it is about anybody but the contact person, who gets a mail as a participant then."""
        own = self.registration.contact_email.casefold()
        return bool(self.without_email) or any(one.email.casefold() != own for one in self.written_to)


class CancellationMails:
    """Writes the mails of one cancellation.

    The meeting may have changed without a correction: each mail names what its reader was told last, and says
    what it had become since. A calendar's owner was told by it, a contact person by the calendars of the
    delegation, everybody else by the letter that the office or the municipality has got last.

    Args:
        sessions: those of the meeting that have not been held yet.
        at: when it is cancelled, aware.
    """

    def __init__(self, meeting: Meeting, sessions: Sequence[Session], *, at: datetime) -> None:
        self.meeting, self.at = meeting, at
        self.sessions = {session.pk: session for session in sessions}
        self.sender = Sender.objects.current()
        told = CalendarInvitation.objects.filter(
            method=REQUEST,
            session__in=self.sessions,
            participant__withdrawn_at=None,
            participant__registration__meeting=meeting,
        )
        self.calendars = {
            row.participant_id: row
            for row in told.select_related("participant__registration").order_by("participant")
        }
        # Not by what was just read: ten thousand would be too many to name.
        told.update(sequence=F("sequence") + 1, method=CANCEL)
        self._of_contact = self._told_by_calendars()
        self._read_letters()
        self._texts: dict[object, MailText] = {}

    def _read_letters(self) -> None:
        """What each mailbox and each municipality was told by the last letter that it has got."""
        rows = (
            Dispatch.objects.filter(letter__meeting=self.meeting)
            .exclude(letter__kind__in=NO_STATEMENT)
            .order_by("dispatched_at", "pk")
            .values_list("letter_id", "invitation__municipality_id", "mailbox")
        )
        over = {session.pk for session in self.meeting.sessions.all()} - self.sessions.keys()
        versions = LetterVersion.objects.filter(letter__meeting=self.meeting).values_list("letter", "facts")
        by_letter = {letter_id: Told.by_letter(facts, but=over) for letter_id, facts in versions}
        self._of_mailbox: dict[tuple[int, str], Told] = {}
        self._of_municipality: dict[int, Told] = {}
        for letter_id, municipality_id, mailbox in rows:
            if told := by_letter.get(letter_id):
                self._of_mailbox[municipality_id, mailbox.casefold()] = told
                self._of_municipality[municipality_id] = told

    def to_participants(self, participants: Sequence[Participant]) -> Iterator[Mail]:
        """One for each, with what takes the meeting out of the calendar of those who have it there."""
        for participant in participants:
            row = self.calendars.get(participant.pk)
            session, told = self.sessions[participant.session_id], self._told_to(participant, row)
            words = reason_words(participant)
            audience = "waitlisted" if participant.waitlisted_at else "participant"
            # Once for each delegation, whose members are told the same: writing thousands would keep staff
            # waiting.
            same = (participant.registration_id, words["signed_up_themselves"], audience)
            language = participant.registration.language
            text = self._text(same, told, [session], language=language, audience=audience, **words)
            mail = self._mail(
                text, key=f"participant:{participant.pk}", to=participant.email, to_name=participant.name
            )
            if row is not None:
                known = Told.of_session(row.facts, self.sessions[row.session_id])
                row.participant, row.sequence = participant, row.sequence + 1
                row.session = _as_told(known, self.meeting)
                part = cancellation_part(row, self.sender, at=self.at)
                mail = replace(mail, calendar=part, calendar_method=CANCEL, conversation=row.uid)
            yield mail

    def to_contacts(self, contacts: Sequence[Contact]) -> Iterator[Mail]:
        """One for each contact person, with the names of those whom they must tell themselves."""
        for contact in contacts:
            registration = contact.registration
            sessions = [session for pk, session in self.sessions.items() if pk in contact.sessions]
            told = self._told_to_contact(registration, sessions)
            same = "contact", registration.pk
            text = self._text(
                same, told, sessions, language=registration.language, audience="contact", contact=contact
            )
            yield self._mail(
                text,
                key=f"contact:{registration.pk}",
                to=registration.contact_email,
                to_name=registration.contact_name,
            )

    def to_mailboxes(self, dispatches: Sequence[Dispatch]) -> Iterator[Mail]:
        """One for each mailbox that has got a letter."""
        for sent in dispatches:
            municipality = sent.invitation.municipality
            text = self._text(
                ("office", municipality.pk, sent.mailbox.casefold()),
                self._of_mailbox.get((municipality.pk, sent.mailbox.casefold())),
                list(self.sessions.values()),
                audience="office",
                municipality=municipality,
            )
            yield self._mail(
                text,
                key=f"{_OFFICE}{municipality.code}:{sent.mailbox.casefold()}",
                to=sent.mailbox,
                to_name=f"{sent.office_name}, {municipality}",
            )

    def _told_to(self, participant: Participant, row: CalendarInvitation | None) -> Told | None:
        session = self.sessions[participant.session_id]
        if row is not None and row.session_id == session.pk:
            return Told.of_session(row.facts, session)
        told = self._of_municipality.get(participant.registration.municipality_id or 0)
        return told.only(session) if told else None

    def _told_to_contact(self, registration: Registration, sessions: Sequence[Session]) -> Told:
        of_calendars = self._of_contact.get(registration.contact_email.casefold(), {})
        of_letter = self._of_municipality.get(registration.municipality_id or 0)
        known = [
            of_calendars.get(session.pk)
            or (of_letter.only(session) if of_letter else Told.now(self.meeting, [session]))
            for session in sessions
        ]
        named = {(session.when(), session.where()): session for told in known for session in told.sessions}
        return Told(known[0].title, list(named.values()))

    def _told_by_calendars(self) -> dict[str, dict[int, Told]]:
        """By contact's address and session, what the calendars of those whom they signed up were told."""
        found: dict[str, dict[int, Told]] = {}
        for row in self.calendars.values():
            address = row.participant.registration.contact_email.casefold()
            told = Told.of_session(row.facts, self.sessions[row.session_id])
            found.setdefault(address, {}).setdefault(row.session_id, told)
        return found

    def _text(
        self,
        same: object,
        told: Told | None,
        sessions: Sequence[Session],
        *,
        language: str = DANISH,
        **words: Any,
    ) -> MailText:
        """The words for whoever was `told` that of `sessions`, written once for all who are the `same`, and
        who read the same language.
        """
        now = Told.now(self.meeting, sessions)
        told = told or now
        shown = [(session.pk, session.when(), session.where()) for session in [*told.sessions, *sessions]]
        key = same, told.title, tuple(shown)
        if key not in self._texts:
            with writing_in(language):
                self._texts[key] = compose(
                    "registrations/mail/cancellation",
                    {
                        "meeting": self.meeting,
                        "title": title_in_sentence(told.title),
                        "sender": self.sender,
                        "when": when_of_sessions(told.sessions),
                        "facts": [*facts_of_sessions(told.sessions), *_changed_since(told, now)],
                        **words,
                    },
                )
        return self._texts[key]

    def _mail(self, text: MailText, *, key: str, to: str, to_name: str) -> Mail:
        return Mail(
            key=f"{_prefix(self.meeting)}{key}",
            kind=OutgoingEmail.Kind.CANCELLATION,
            about=self.meeting.slug,
            to=to,
            to_name=to_name,
            **text._asdict(),
        )


def _changed_since(told: Told, now: Told) -> Iterator[Fact]:
    """What the meeting had become since: on its page it may have been seen."""
    if told.is_like(now):
        return
    title = now.title if told.title != now.title else ""
    for session in now.sessions:
        value = ", ".join(filter(None, [title, when(session), where(session)]))
        yield Fact(_("Changed since to"), value)


def _as_told(told: Told, meeting: Meeting) -> Session:
    """The session as the calendar knows it, for the message that takes it back."""
    (session,) = told.sessions
    session.meeting = copy.copy(meeting)
    session.meeting.title = told.title
    return session
