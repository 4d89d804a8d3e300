"""The contact's mail about a change: one summary, whatever was changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from invitations.mail_text import compose, link, title_in_sentence, when, writing_in
from invitations.models import Mail, OutgoingEmail
from registrations.changes import Changes, Contact, words
from registrations.mail_facts import facts_of_session, sessions_of, when_of_sessions
from registrations.models import Author, Participant, Registration


def owe_summary(
    registration: Registration, before: Contact, changed: Changes, *, author: Author, at: datetime
) -> None:
    """Owe the contact the summary of a change that has been made; where there is a new contact, both.

    A contact who has withdrawn by their own link, as the participant that they are too, is told by that mail.
    To be called in the transaction of the change, once `registration` has its new version.

    Args:
        before: the contact until now.
        at: when it was changed, aware.
    """
    told = {address.casefold(): address for address in (before.contact_email, registration.contact_email)}
    if author is Author.PARTICIPANT:
        for participant in changed.withdrawn:
            told.pop(participant.email.casefold(), None)
    names = {
        before.contact_email.casefold(): before.contact_name,
        registration.contact_email.casefold(): registration.contact_name,
    }
    participants = list(
        registration.participants.filter(withdrawn_at=None)
        .select_related("session__meeting", "substitute_for")
        .prefetch_related("theme_choices__theme")
    )
    sessions = sessions_of(participants)
    only_session = sessions[0] if len(sessions) == 1 else None
    with writing_in(registration.language):
        text = compose(
            "registrations/mail/change",
            {
                "meeting": registration.meeting,
                "title": title_in_sentence(registration.meeting.title),
                "when": when_of_sessions(sessions),
                "author": str(author),
                "changes": words(Contact.of(registration), changed),
                "facts": facts_of_session(only_session, with_join_url=True) if only_session else (),
                "participants": [_line(one, with_session=only_session is None) for one in participants],
                "registration": registration,
                "receipt_url": link("registrations:receipt", registration.token),
            },
        )
    OutgoingEmail.objects.owe(
        [
            Mail(
                key=f"change:{registration.pk}:{registration.version}:{number}",
                kind=OutgoingEmail.Kind.CHANGE,
                about=registration.meeting.slug,
                to=address,
                to_name=names[folded],
                **text._asdict(),
            )
            for number, (folded, address) in enumerate(told.items(), start=1)
        ],
        at=at,
    )


def _line(participant: Participant, *, with_session: bool) -> dict[str, Any]:
    return {
        "name": str(participant),
        "title": participant.title,
        "is_waiting": participant.waitlisted_at is not None,
        "session": when(participant.session) if with_session else "",
        "themes": [choice.theme.title for choice in participant.theme_choices.all()],
    }
