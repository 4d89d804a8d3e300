"""The mails that carry a letter: the same words for everybody, but for whom they address and their link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _

from invitations.danish import format_date, format_deadline
from invitations.dispatch_plan import Recipient
from invitations.mail_text import compose, day_in_sentence, in_danish, link, title_in_sentence
from invitations.models import (
    Dispatch,
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
from invitations.told import Told, told_by_last_letter

# The kinds that ask for an answer, and may be one for each municipality; a date to reserve does not ask.
ASKING = (Letter.Kind.INVITATION, Letter.Kind.CHANGE)
INVITED, INFORMED = "invited", "informed"

# Where a mail says what differs from mail to mail. Characters for private use, which letters cannot print.
MUNICIPALITY, OFFICE, ANSWER_URL = "\ue000", "\ue001", "\ue002"


def mail_words(letter: Letter) -> dict[str, Any]:
    """What the mails of the letter say to those who are invited and to those who are informed.

    Written once and merged with each addressee, so that 500 mails cost little and those who get theirs later
    read the same.
    """
    with in_danish():
        shared = _shared_words(letter)
        return {
            audience: compose(
                "invitations/mail/letter",
                {
                    **shared,
                    "municipality": MUNICIPALITY,
                    "office_name": OFFICE,
                    "for_orientation": audience == INFORMED,
                    "answer_url": ANSWER_URL if audience == INVITED and _asks_for_answer(letter) else "",
                },
            )._asdict()
            for audience in (INVITED, INFORMED)
        }


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Whom a mail addresses: `code` and name of the municipality, and the office."""

    code: str
    municipality_name: str
    office_name: str
    mailbox: str
    for_orientation: bool

    @classmethod
    def of_recipient(cls, recipient: Recipient) -> Addressee:
        return cls(
            code=recipient.municipality.code,
            municipality_name=recipient.municipality.official_name,
            office_name=recipient.office_name,
            mailbox=recipient.mailbox,
            for_orientation=recipient.for_orientation,
        )

    @classmethod
    def of_dispatch(cls, dispatch: Dispatch) -> Addressee:
        """As it was written down when the letter was sent."""
        return cls(
            code=dispatch.invitation.municipality.code,
            municipality_name=dispatch.municipality_name,
            office_name=dispatch.office_name,
            mailbox=dispatch.mailbox,
            for_orientation=dispatch.for_orientation,
        )


class LetterMails:
    """The mails of one letter. What they share is read once, so that 500 of them cost no query each."""

    def __init__(self, letter: Letter, version: LetterVersion) -> None:
        self.letter = letter
        self.pdf = (letter.filename, version.pdf)
        self.words = version.mail_words or mail_words(letter)
        enclosures = letter.enclosures.exclude(file=None).select_related("file").defer("file__content")
        self.enclosed: list[tuple[str, StoredFile]] = [
            (enclosure.filename, enclosure.file) for enclosure in enclosures if enclosure.file
        ]

    def mail(
        self,
        addressee: Addressee,
        *,
        answer_url: str,
        pdf: tuple[str, StoredFile] | None = None,
        of_use_until: datetime | None = None,
    ) -> Mail:
        """The mail to `addressee`.

        Args:
            answer_url: where its municipality answers, where the letter asks for that.
            pdf: name and file of the municipality's own copy of the letter.
            of_use_until: until when (aware) it is worth sending; None: always.
        """
        words = self.words[INFORMED if addressee.for_orientation else INVITED]
        values = {
            MUNICIPALITY: addressee.municipality_name,
            OFFICE: addressee.office_name,
            ANSWER_URL: answer_url,
        }
        subject, text = _merge(words["subject"], values), _merge(words["text"], values)
        html = _merge(words["html"], {mark: escape(value) for mark, value in values.items()})
        return Mail(
            key=f"letter:{self.letter.pk}:{addressee.code}:{addressee.mailbox.casefold()}",
            kind=OutgoingEmail.Kind.LETTER,
            about=self.letter.meeting.slug,
            to=addressee.mailbox,
            to_name=f"{addressee.office_name}, {addressee.municipality_name}",
            subject=subject,
            text=text,
            html=html,
            attachments=[pdf or self.pdf, *self.enclosed],
            of_use_until=of_use_until,
        )


def answer_link(invitation: Invitation) -> str:
    """Where the municipality answers; the link carries it."""
    return link("registrations:invitation", invitation.token)


def _merge(text: str, values: Mapping[str, str]) -> str:
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


def _asks_for_answer(letter: Letter) -> bool:
    return letter.meeting.has_form and letter.kind in ASKING


def _shared_words(letter: Letter) -> dict[str, Any]:
    sessions: list[Session] = list(letter.meeting.sessions.all())
    # What is cancelled is what the recipients know of, whatever it has become since.
    is_cancelled = letter.kind == Letter.Kind.CANCELLATION
    named = told_by_last_letter(letter.meeting) if is_cancelled else Told.now(letter.meeting, sessions)
    enclosures = letter.enclosures.exclude(file=None)
    return {
        "sender": Sender.objects.current(),
        "letter": letter,
        "meeting": letter.meeting,
        "letter_title": Placeholders(letter).fill(letter.title).strip(),
        "day": format_date(sessions[0].starts_date) if len(sessions) == 1 else "",
        "title": title_in_sentence(named.title),
        "when": day_in_sentence(named.sessions[0]) if len(named.sessions) == 1 else "",
        "replaces": format_date(letter.replaces) if letter.replaces else "",
        "facts": [*_when_and_where(letter, sessions), *_deadlines(letter, sessions)],
        "enclosures": list(enclosures.values_list("title", flat=True)),
    }


def _when_and_where(letter: Letter, sessions: list[Session]) -> list[dict[str, Any]]:
    if letter.kind in (Letter.Kind.FOLLOW_UP, Letter.Kind.CANCELLATION):
        return []
    if len(sessions) != 1:
        return [
            {
                "label": _("Date and time"),
                "value": ", ".join(filter(None, [str(session), session.where()])),
            }
            for session in sessions
        ]
    (session,) = sessions
    where = session.where()
    return [
        {"label": _("Date and time"), "value": session.when()},
        *([{"label": _("Place"), "value": where}] if where else []),
    ]


def _deadlines(letter: Letter, sessions: list[Session]) -> list[dict[str, Any]]:
    facts = []
    deadlines = {session.deadline() for session in sessions}
    if _asks_for_answer(letter) and len(deadlines) == 1 and (deadline := deadlines.pop()):
        value = format_deadline(deadline, weekday=True)
        facts.append({"label": _("Registration deadline"), "value": value})
    if letter.input_deadline:
        value = format_deadline(letter.input_deadline, weekday=True)
        facts.append({"label": _("Deadline for input"), "value": value})
    if letter.input_email:
        facts.append({"label": _("Input to"), "value": letter.input_email})
    return facts
