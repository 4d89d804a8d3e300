"""The words of the reminders: the very mails that are sent, and that the secretariat looks at beforehand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy

from invitations.mail_text import (
    MailText,
    compose,
    day_in_sentence,
    in_danish,
    link,
    title_in_sentence,
    writing_in,
)
from invitations.models import Dispatch, Letter, Mail, Meeting, OutgoingEmail, Sender, Session, Theme
from invitations.placeholders import PlaceholderError, Placeholders
from registrations.mail_facts import (
    Fact,
    facts_of_session,
    facts_of_sessions,
    facts_of_themes,
    participant_words,
    until_words,
)
from registrations.models import Participant
from registrations.municipality_placeholders import MunicipalityPlaceholders, name_municipality
from registrations.names_reminders import Unnamed
from registrations.reminder_times import Deadline


def fill_own_words(meeting: Meeting, text: str, *, to_offices: bool) -> str:
    """What the secretariat has written for a reminder, with the meeting's facts in the place of its words in
    braces.

    Args:
        to_offices: whether it goes to offices, where `name_municipality` can say of which municipality.

    Raises:
        PlaceholderError: one of them is unknown, or has no single value for this meeting.
    """
    placeholders = MunicipalityPlaceholders if to_offices else Placeholders
    return placeholders(Letter(meeting=meeting)).fill(text) if text else ""


def own_paragraphs(meeting: Meeting, text: str, *, to_offices: bool) -> list[str]:
    """The same, a paragraph each; none where a word in braces cannot be printed any more."""
    try:
        with in_danish():
            filled = fill_own_words(meeting, text, to_offices=to_offices)
    except PlaceholderError:
        # The meeting has changed since. Better no words of ours than none of the facts below them.
        return []
    return [paragraph for part in re.split(r"\n\s*\n", filled) if (paragraph := part.strip())]


class ReminderMails:
    """The reminders of one meeting; reads once what they have in common."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting
        self._sender = Sender.objects.current()
        self._sessions = list(meeting.sessions.all())
        self._to_offices = own_paragraphs(meeting, meeting.reminder_text, to_offices=True)
        self._to_participants = own_paragraphs(meeting, meeting.meeting_reminder_text, to_offices=False)

    def to_office(self, key: str, dispatch: Dispatch, deadline: Deadline, *, is_last_day: bool) -> Mail:
        """The reminder of the deadline to the mailbox that `dispatch` went to.

        Args:
            is_last_day: whether it is sent on the last day on which one can answer.
        """
        municipality = dispatch.invitation.municipality
        words = compose(
            "registrations/mail/deadline_reminder",
            {
                **self._common(),
                "municipality": municipality,
                "deadline": deadline.words,
                "is_last_day": is_last_day,
                "own_words": [name_municipality(words, municipality) for words in self._to_offices],
                "facts": facts_of_sessions(self._sessions),
                "answer_url": link("registrations:invitation", dispatch.invitation.token),
            },
        )
        return self._mail(
            key,
            OutgoingEmail.Kind.DEADLINE_REMINDER,
            words,
            to=dispatch.mailbox,
            to_name=f"{dispatch.office_name}, {municipality}",
            until=deadline.until,
        )

    def to_contact(self, key: str, unnamed: Unnamed, *, is_last_day: bool) -> Mail:
        """The reminder of names to the contact of a registration that lacks some.

        Args:
            is_last_day: whether it is sent on the last day on which they can be told.
        """
        registration = unnamed.registration
        theirs = {session.pk for session in unnamed.sessions}
        with writing_in(registration.language):
            words = compose(
                "registrations/mail/names_reminder",
                {
                    **self._common(),
                    "seats": unnamed.seats,
                    "deadline": until_words(unnamed.deadline),
                    "is_last_day": is_last_day,
                    "facts": [
                        Fact(gettext_lazy("Reference number"), registration.reference),
                        *facts_of_sessions([session for session in self._sessions if session.pk in theirs]),
                    ],
                    "registration": registration,
                    "receipt_url": link("registrations:receipt", registration.token),
                },
            )
        return self._mail(
            key,
            OutgoingEmail.Kind.NAMES_REMINDER,
            words,
            to=registration.contact_email,
            to_name=registration.contact_name,
            until=unnamed.deadline.until,
        )

    def to_participant(
        self, key: str, participant: Participant, session: Session, themes: Iterable[Theme]
    ) -> Mail:
        """The reminder of `session`, in which `participant` has picked `themes`."""
        with writing_in(participant.registration.language):
            words = compose(
                "registrations/mail/meeting_reminder",
                {
                    **participant_words(participant),
                    **self._common(),
                    "when": day_in_sentence(session),
                    "own_words": self._to_participants,
                    "facts": [
                        *facts_of_session(session, with_join_url=True),
                        *facts_of_themes(themes),
                    ],
                },
            )
        return self._mail(
            key,
            OutgoingEmail.Kind.MEETING_REMINDER,
            words,
            to=participant.email,
            to_name=participant.name,
            until=session.starts.start(),
        )

    def _common(self) -> dict[str, object]:
        return {
            "sender": self._sender,
            "meeting": self.meeting,
            "title": title_in_sentence(self.meeting.title),
        }

    def _mail(self, key: str, kind: str, words: MailText, *, to: str, to_name: str, until: datetime) -> Mail:
        return Mail(
            key=key,
            kind=kind,
            about=self.meeting.slug,
            to=to,
            to_name=to_name,
            of_use_until=until,
            **words._asdict(),
        )
