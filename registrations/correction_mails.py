"""What the contact persons of delegations are told when a meeting has changed: one mail each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from invitations.mail_text import compose, title_in_sentence, writing_in
from invitations.models import Mail, Meeting, OutgoingEmail, Sender
from registrations.differences import Difference
from registrations.mail_facts import facts_of_sessions, when_of_sessions
from registrations.models import Registration
from registrations.statements import Statements
from registrations.told_by_contacts import members_of, told_what_is_wrong


@dataclass
class Contact:
    """A contact person, and the names of those whom they have signed up, by what is new for them.

    Attributes:
        names: those whose calendars are put right.
        to_tell: those without a mail address, whom the contact must tell; empty where the name follows.
    """

    registration_id: int
    name: str
    email: str
    language: str
    sessions: set[int] = field(default_factory=set)
    names: dict[tuple[Difference, ...], list[str]] = field(default_factory=dict)
    to_tell: dict[tuple[Difference, ...], list[str]] = field(default_factory=dict)

    @property
    def people_to_tell(self) -> int:
        return sum(len(names) for names in self.to_tell.values())


def contacts_to_tell(meeting: Meeting, statements: Statements) -> list[Contact]:
    """One for each contact's address; not who gets an update of their own calendar and has nobody to tell."""
    if not statements:
        return []
    calendars = {
        participant_id: wrong.differences
        for wrong in statements.calendars
        for participant_id in wrong.participants
    }
    members = members_of(meeting)
    unreachable = told_what_is_wrong(meeting, statements, members)
    concerned = {
        member.registration_id for member in members if member.participant_id in {**calendars, **unreachable}
    }
    rows = Registration.objects.filter(meeting=meeting).values_list(
        "pk", "contact_name", "contact_email", "language"
    )
    registrations = {row[0]: row for row in rows if row[0] in concerned}
    told: set[str] = set()
    contacts: dict[str, Contact] = {}
    for member in members:
        pk = member.participant_id
        if pk not in calendars and pk not in unreachable:
            continue
        told.add(member.email.casefold())
        registration = registrations[member.registration_id]
        contact = contacts.setdefault(registration[2].casefold(), Contact(*registration))
        contact.sessions.add(member.session_id)
        if pk in calendars:
            contact.names.setdefault(calendars[pk], []).append(member.name)
        else:
            contact.to_tell.setdefault(unreachable[pk], []).append(member.name)
    return [contact for address, contact in contacts.items() if contact.to_tell or address not in told]


def mails_to_contacts(
    meeting: Meeting, contacts: Iterable[Contact], *, key: str, sender: Sender
) -> Iterator[Mail]:
    """The mails, each under `key` and its registration."""
    sessions = {session.pk: session for session in meeting.sessions.all()}
    for contact in contacts:
        of_contact = [session for pk, session in sessions.items() if pk in contact.sessions]
        with writing_in(contact.language):
            words = compose(
                "registrations/mail/correction",
                {
                    "sender": sender,
                    "meeting": meeting,
                    "title": title_in_sentence(meeting.title),
                    "when": when_of_sessions(of_contact),
                    "facts": facts_of_sessions(of_contact),
                    "groups": _groups(contact.names),
                    "to_tell": _groups(contact.to_tell),
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


def _groups(names: Mapping[tuple[Difference, ...], Sequence[str]]) -> list[dict[str, Sequence[object]]]:
    return [
        {"differences": differences, "names": [name or _("Name to follow") for name in of_these]}
        for differences, of_these in names.items()
    ]
