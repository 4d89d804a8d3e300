"""What the secretariat writes to municipalities by hand: a message, or their personal link once more."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from invitations.history import record
from invitations.mail_text import (
    MailText,
    compose,
    deadline_in_words,
    in_danish,
    link,
    title_in_sentence,
    writing_in,
)
from invitations.models import Invitation, Letter, Mail, Meeting, Municipality, OutgoingEmail, Sender
from invitations.numbers_in_words import municipalities_in_words
from invitations.public_pages import public_letter
from registrations.addressees import Addressee
from registrations.availability import availability
from registrations.mail_facts import Fact, facts_of_sessions
from registrations.municipality_placeholders import MunicipalityPlaceholders, name_municipality
from registrations.on_behalf import problems_of_answering

Kind = OutgoingEmail.Kind

# Those whom to write to, by municipality.
Chosen = Mapping[Municipality, Sequence[Addressee]]


def message_prefix(meeting: Meeting) -> str:
    """What the keys of all messages about `meeting` begin with; the municipality's code comes next."""
    return f"message:{meeting.pk}:"


def link_prefix(meeting: Meeting) -> str:
    """The same for the mails that bring a personal link."""
    return f"link:{meeting.pk}:"


@dataclass(frozen=True, kw_only=True)
class Message:
    """Subject and text as typed, with placeholders; `with_link` puts the municipality's link below."""

    subject: str
    text: str
    with_link: bool = False


def message_placeholders(meeting: Meeting) -> MunicipalityPlaceholders:
    """What may stand in braces in a message about `meeting`."""
    return MunicipalityPlaceholders(public_letter(meeting) or Letter(meeting=meeting))


class MessageMails:
    """The mails of one message: its words as they were typed, ours around them in the reader's language.

    What they share is read once, so that 500 of them cost no query each.

    Raises PlaceholderError where the message holds a placeholder that cannot be printed.
    """

    def __init__(self, meeting: Meeting, message: Message) -> None:
        with in_danish():
            placeholders = message_placeholders(meeting)
            self.subject = placeholders.fill(message.subject)
            self.text = placeholders.fill(message.text)
        self.meeting = meeting
        self.sender = Sender.objects.current()

    def words(
        self, municipality: Municipality, addressee: Addressee, invitation: Invitation | None
    ) -> MailText:
        """The mail to `addressee`; with the link where there is an `invitation`."""
        with writing_in(addressee.language):
            return compose(
                "registrations/mail/message",
                {
                    "sender": self.sender,
                    "meeting": self.meeting,
                    "subject": name_municipality(self.subject, municipality),
                    "message": name_municipality(self.text, municipality),
                    "municipality": municipality,
                    "addressee": addressee,
                    "answer_url": link("registrations:invitation", invitation.token) if invitation else "",
                },
            )


def write(
    meeting: Meeting, chosen: Chosen, message: Message, *, key: uuid.UUID, by: User, at: datetime
) -> int:
    """Owe `message` to each of `chosen`, a mail each; the history of the meeting and of the mails says who.

    Args:
        key: comes with the form: sent twice, it is one message. With other words it is another.
        by: who pressed the button.
        at: when, aware.

    Returns:
        How many mails are owed by this call.

    Raises:
        PlaceholderError: the message holds a placeholder that cannot be printed.
        ValidationError: it is to carry the link, and nobody can answer.
    """
    words = uuid.uuid5(key, f"{message.subject}\n{message.text}\n{message.with_link}")
    with transaction.atomic():
        invitations = _lock_and_invite(meeting, chosen, at=at, is_to_answer=message.with_link)
        mails = MessageMails(meeting, message)
        owed = _owe(
            (
                _mail(
                    meeting,
                    f"{message_prefix(meeting)}{municipality.code}:{words}:{addressee.key}",
                    Kind.MESSAGE,
                    municipality,
                    addressee,
                    mails.words(municipality, addressee, invitations.get(municipality.pk)),
                )
                for municipality, addressees in chosen.items()
                for addressee in addressees
            ),
            _("Written by the secretariat."),
            by=by,
            at=at,
        )
        if owed:
            _note(meeting, _("Wrote to %(municipalities)s: %(mails)s."), chosen, owed, by=by)
    return owed


def send_link(
    meeting: Meeting,
    municipality: Municipality,
    addressees: Sequence[Addressee],
    *,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> int:
    """Owe `addressees` a mail with the personal link of `municipality`, which is invited where it was not.

    Args:
        key: comes with the form: sent twice, it is one mail each.
        by: who pressed the button.
        at: when, aware.

    Returns:
        How many mails are owed by this call.

    Raises:
        ValidationError: nobody can answer.
    """
    chosen = {municipality: addressees}
    with transaction.atomic():
        invitation = _lock_and_invite(meeting, chosen, at=at, is_to_answer=True)[municipality.pk]
        owed = _owe(
            [
                _mail(
                    meeting,
                    f"{link_prefix(meeting)}{municipality.code}:{key}:{addressee.key}",
                    Kind.LINK,
                    municipality,
                    addressee,
                    link_words(invitation, addressee, at=at),
                )
                for addressee in addressees
            ],
            _("Sent the personal link."),
            by=by,
            at=at,
        )
        if owed:
            _note(meeting, _("Sent the personal link to %(municipalities)s: %(mails)s."), chosen, owed, by=by)
    return owed


def link_words(invitation: Invitation, addressee: Addressee, *, at: datetime) -> MailText:
    """The mail that brings the personal link of a municipality to one of its people."""
    meeting = invitation.meeting
    deadline = availability(meeting, at=at, invitation=invitation).last_deadline()
    with writing_in(addressee.language):
        facts = facts_of_sessions(list(meeting.sessions.all()))
        if deadline and at < deadline.end():
            facts.append(Fact(_("Registration deadline"), deadline_in_words(deadline)))
        return compose(
            "registrations/mail/personal_link",
            {
                "meeting": meeting,
                "title": title_in_sentence(meeting.title),
                "municipality": invitation.municipality,
                "addressee": addressee,
                "facts": facts,
                "answer_url": link("registrations:invitation", invitation.token),
            },
        )


def _lock_and_invite(
    meeting: Meeting, chosen: Chosen, *, at: datetime, is_to_answer: bool
) -> dict[int, Invitation]:
    """The invitations of those who are asked to answer; made where there are none."""
    # Of two at once the second one finds the mails of the first, and no link goes out to a cancelled meeting.
    meeting.lock()
    if not is_to_answer:
        return {}
    meeting.refresh_from_db(fields=["published_at", "cancelled_at", "registration"])
    if problems := problems_of_answering(meeting, at=at):
        raise ValidationError(problems)
    invitations = Invitation.objects.invite(meeting, chosen, at=at)
    for municipality in chosen:
        invitations[municipality.pk].meeting = meeting
        invitations[municipality.pk].municipality = municipality
    return invitations


def _mail(
    meeting: Meeting,
    key: str,
    kind: str,
    municipality: Municipality,
    addressee: Addressee,
    words: MailText,
) -> Mail:
    name = addressee.name or addressee.email
    return Mail(
        key=key,
        kind=kind,
        about=meeting.slug,
        to=addressee.email,
        to_name=f"{name}, {municipality}",
        **words._asdict(),
    )


def _owe(mails: Iterable[Mail], note: str, *, by: User, at: datetime) -> int:
    """Owe those that are not owed yet, and write into their history who did it; return how many there are."""
    wanted = {mail.key: mail for mail in mails}
    known = set(OutgoingEmail.objects.filter(key__in=wanted).values_list("key", flat=True))
    new = [mail for key, mail in wanted.items() if key not in known]
    owed = OutgoingEmail.objects.owe(new, at=at)
    rows = OutgoingEmail.objects.filter(key__in=[mail.key for mail in new]).defer("text", "html", "calendar")
    LogEntry.objects.log_actions(by.pk, rows, ADDITION, note)
    return owed


def _note(meeting: Meeting, sentence: str, chosen: Chosen, mails: int, *, by: User) -> None:
    names = [str(municipality) for municipality, addressees in chosen.items() if addressees]
    message = sentence % {
        "municipalities": names[0] if len(names) == 1 else municipalities_in_words(len(names)),
        "mails": ngettext("%(count)d mail", "%(count)d mails", mails) % {"count": mails},
    }
    record(meeting, message, by=by)
