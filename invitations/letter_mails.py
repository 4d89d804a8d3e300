"""The mails that carry a letter: the same words for everybody, but for whom they address and their link."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from invitations.danish import format_date, format_deadline
from invitations.dispatch_plan import Recipient
from invitations.mail_text import compose, day_in_sentence, link, title_in_sentence
from invitations.models import (
    Invitation,
    Letter,
    LetterVersion,
    Mail,
    OutgoingEmail,
    Sender,
    Session,
    StoredFile,
)
from invitations.placeholders import Placeholders


class LetterMails:
    """The mails of one letter. What they share is read once, so that 500 of them cost no query each."""

    def __init__(self, letter: Letter, version: LetterVersion) -> None:
        self.letter = letter
        self.sessions: list[Session] = list(letter.meeting.sessions.all())
        enclosures = letter.enclosures.exclude(file=None).select_related("file").defer("file__content")
        enclosed: list[tuple[str, str, StoredFile]] = [
            (enclosure.title, enclosure.filename, enclosure.file)
            for enclosure in enclosures
            if enclosure.file
        ]
        self.attachments = [
            (letter.filename, version.pdf),
            *((name, file) for _title, name, file in enclosed),
        ]
        self.asks_for_answer = letter.meeting.has_form and letter.kind in (
            Letter.Kind.INVITATION,
            Letter.Kind.CHANGE,
        )
        self.words: dict[str, Any] = {
            "sender": Sender.objects.current(),
            "letter": letter,
            "meeting": letter.meeting,
            "letter_title": Placeholders(letter).fill(letter.title).strip(),
            "day": format_date(self.sessions[0].starts_date) if len(self.sessions) == 1 else "",
            "title": title_in_sentence(letter.meeting.title),
            "when": day_in_sentence(self.sessions[0]) if len(self.sessions) == 1 else "",
            "replaces": format_date(letter.replaces) if letter.replaces else "",
            "facts": [*self._when_and_where(), *self._deadlines()],
            "enclosures": [title for title, _name, _file in enclosed],
        }

    def mail(self, recipient: Recipient, invitation: Invitation) -> Mail:
        letter, municipality = self.letter, recipient.municipality
        is_asked = self.asks_for_answer and not recipient.for_orientation
        subject, text, html = compose(
            "invitations/mail/letter",
            {
                **self.words,
                "municipality": municipality.official_name,
                "office_name": recipient.office_name,
                "for_orientation": recipient.for_orientation,
                "answer_url": link("registrations:invitation", invitation.token) if is_asked else "",
            },
        )
        return Mail(
            key=f"letter:{letter.pk}:{municipality.code}:{recipient.mailbox.casefold()}",
            kind=OutgoingEmail.Kind.LETTER,
            about=letter.meeting.slug,
            to=recipient.mailbox,
            to_name=f"{recipient.office_name}, {municipality.official_name}",
            subject=subject,
            text=text,
            html=html,
            attachments=self.attachments,
        )

    def _when_and_where(self) -> list[dict[str, Any]]:
        if self.letter.kind in (Letter.Kind.FOLLOW_UP, Letter.Kind.CANCELLATION):
            return []
        if len(self.sessions) != 1:
            return [
                {
                    "label": _("Date and time"),
                    "value": ", ".join(filter(None, [str(session), session.where()])),
                }
                for session in self.sessions
            ]
        (session,) = self.sessions
        where = session.where()
        return [
            {"label": _("Date and time"), "value": session.when()},
            *([{"label": _("Place"), "value": where}] if where else []),
        ]

    def _deadlines(self) -> list[dict[str, Any]]:
        facts = []
        deadlines = {session.deadline() for session in self.sessions}
        if self.asks_for_answer and len(deadlines) == 1 and (deadline := deadlines.pop()):
            value = format_deadline(deadline, weekday=True)
            facts.append({"label": _("Registration deadline"), "value": value})
        if self.letter.input_deadline:
            value = format_deadline(self.letter.input_deadline, weekday=True)
            facts.append({"label": _("Deadline for input"), "value": value})
        if self.letter.input_email:
            facts.append({"label": _("Input to"), "value": self.letter.input_email})
        return facts
