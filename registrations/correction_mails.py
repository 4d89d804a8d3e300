"""What the contact persons of delegations are told when a meeting has changed: one mail each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from invitations.mail_text import compose, title_in_sentence
from invitations.models import Mail, Meeting, OutgoingEmail, Sender
from registrations.differences import Difference
from registrations.mail_facts import facts_of_sessions, when_of_sessions
from registrations.models import Participant
from registrations.statements import Statements


@dataclass
class Contact:
    """A contact person, and the names of those whose calendars are put right, by what is new for them."""

    registration_id: int
    name: str
    email: str
    sessions: set[int] = field(default_factory=set)
    names: dict[tuple[Difference, ...], list[str]] = field(default_factory=dict)


def contacts_to_tell(meeting: Meeting, statements: Statements) -> list[Contact]:
    """One for each contact's address; not who gets an update of their own calendar."""
    changes = {
        participant_id: wrong for wrong in statements.calendars for participant_id in wrong.participants
    }
    if not changes:
        return []
    participants = (
        Participant.objects.active()
        .of_meeting(meeting)
        .order_by("registration_id", "position", "pk")
        .values_list(
            "pk",
            "name",
            "email",
            "registration_id",
            "registration__contact_name",
            "registration__contact_email",
        )
    )
    told: set[str] = set()
    contacts: dict[str, Contact] = {}
    for pk, name, email, registration_id, contact_name, contact_email in participants:
        if pk not in changes:
            continue
        told.add(email.casefold())
        contact = contacts.setdefault(
            contact_email.casefold(), Contact(registration_id, contact_name, contact_email)
        )
        contact.sessions.add(changes[pk].session_id)
        contact.names.setdefault(changes[pk].differences, []).append(name)
    return [contact for address, contact in contacts.items() if address not in told]


def mails_to_contacts(
    meeting: Meeting, contacts: Iterable[Contact], *, key: str, sender: Sender
) -> Iterator[Mail]:
    """The mails, each under `key` and its registration."""
    sessions = {session.pk: session for session in meeting.sessions.all()}
    for contact in contacts:
        of_contact = [session for pk, session in sessions.items() if pk in contact.sessions]
        words = compose(
            "registrations/mail/correction",
            {
                "sender": sender,
                "meeting": meeting,
                "title": title_in_sentence(meeting.title),
                "when": when_of_sessions(of_contact),
                "facts": facts_of_sessions(of_contact),
                "groups": _groups(contact),
            },
        )
        yield Mail(
            key=f"{key}:contact:{contact.registration_id}",
            kind=OutgoingEmail.Kind.CORRECTION,
            about=meeting.slug,
            to=contact.email,
            to_name=contact.name,
            **words._asdict(),
        )


def _groups(contact: Contact) -> list[dict[str, Sequence[object]]]:
    return [{"differences": differences, "names": names} for differences, names in contact.names.items()]
