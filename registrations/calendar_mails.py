"""The mails that put a session into participants' calendars, and that say what has changed about it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _

from invitations.calendar import calendar_request
from invitations.mail_text import (
    MailText,
    compose,
    day_in_sentence,
    link,
    title_in_sentence,
    writing_in,
)
from invitations.models import Mail, OutgoingEmail, Sender, Theme
from invitations.session_events import session_event
from registrations.calendar_facts import REQUEST
from registrations.differences import Difference
from registrations.mail_facts import facts_of_session, facts_of_themes, reason_words
from registrations.models import CalendarInvitation, Participant


class CalendarMails:
    """Writes one mail for each participant, in the language of their registration.

    Its words are composed once for all who are told the same, with stand-ins for what is the participant's
    own: a changed meeting can owe ten thousand of them while staff wait.
    """

    def __init__(self, *, at: datetime, moved_up: bool = False) -> None:
        """
        Args:
            at: now, aware.
            moved_up: whether those who are told have got a place from the waiting list.
        """
        self.at = at
        self.moved_up = moved_up
        self.sender = Sender.objects.current()
        # Of letters and digits, so that escaping leaves them as they are; nobody can type them.
        self._withdraw_url, self._contact, self._municipality = (
            f"{name}{secrets.token_hex(8)}" for name in ("withdraw", "contact", "municipality")
        )
        self._texts: dict[object, MailText] = {}

    def request(self, row: CalendarInvitation, differences: Sequence[Difference] = ()) -> Mail:
        """The mail for the participant of `row`, whose sequence is raised already.

        Args:
            differences: what the calendar was told before and is not so any more.
        """
        participant, session = row.participant, row.session
        themes = [choice.theme for choice in participant.theme_choices.all()]
        with writing_in(participant.registration.language):
            words = self._personal(participant, self._shared(row, themes, tuple(differences)))
            event = session_event(
                session,
                uid=row.uid,
                sequence=row.sequence,
                attendee_name=participant.name,
                attendee_email=participant.email,
                description=_description(participant, themes),
                url=link("registrations:meeting", session.meeting.slug),
                sender=self.sender,
            )
        return Mail(
            key=f"calendar:{row.pk}:{row.sequence}",
            kind=OutgoingEmail.Kind.CALENDAR,
            about=session.meeting.slug,
            to=participant.email,
            to_name=participant.name,
            calendar=calendar_request(event, stamp=self.at),
            calendar_method=REQUEST,
            conversation=row.uid,
            **words._asdict(),
        )

    def _shared(
        self, row: CalendarInvitation, themes: Sequence[Theme], differences: tuple[Difference, ...]
    ) -> MailText:
        session, registration = row.session, row.participant.registration
        reason = reason_words(row.participant)
        by_us, themselves = reason["is_entered_by_us"], reason["signed_up_themselves"]
        has_municipality = registration.municipality_id is not None
        titles = tuple(theme.title for theme in themes)
        language = registration.language
        told_the_same = (language, session.pk, differences, titles, has_municipality, by_us, themselves)
        if told_the_same not in self._texts:
            self._texts[told_the_same] = compose(
                "registrations/mail/calendar_request",
                {
                    "sender": self.sender,
                    "meeting": session.meeting,
                    "title": title_in_sentence(session.meeting.title),
                    "when": day_in_sentence(session),
                    "differences": differences,
                    "moved_up": self.moved_up,
                    "facts": [
                        *facts_of_session(session, with_join_url=True),
                        *facts_of_themes(themes),
                    ],
                    "registration": {
                        "contact_name": self._contact,
                        "municipality": self._municipality if has_municipality else "",
                    },
                    "signed_up_themselves": themselves,
                    "is_entered_by_us": by_us,
                    "withdraw_url": self._withdraw_url,
                },
            )
        return self._texts[told_the_same]

    def _personal(self, participant: Participant, words: MailText) -> MailText:
        registration = participant.registration
        own: dict[str, Any] = {
            self._withdraw_url: link("registrations:participant", participant.token),
            self._contact: registration.contact_name,
            self._municipality: registration.municipality or "",
        }
        text, html = words.text, words.html
        for stand_in, value in own.items():
            text, html = text.replace(stand_in, str(value)), html.replace(stand_in, escape(value))
        return words._replace(text=text, html=html)


def _description(participant: Participant, themes: Sequence[Theme]) -> str:
    """For the calendar: once an invitation is accepted, Outlook takes its mail out of the inbox."""
    withdraw_url = link("registrations:participant", participant.token)
    how_to_withdraw = [
        f"{_('Are you unable to come? Withdraw here:')} {withdraw_url}",
        _("To decline in Outlook is not to withdraw: remember to withdraw by the link."),
    ]
    chosen = [_("Theme: %(theme)s") % {"theme": theme.title} for theme in themes]
    return "\n\n".join("\n".join(lines) for lines in (chosen, how_to_withdraw) if lines)
