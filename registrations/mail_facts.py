"""What several mails about a meeting say: the facts below their first sentences, and who signed up whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from invitations.mail_text import day_in_sentence, deadline_in_words, is_danish, link, when, where
from invitations.models import Session, Theme
from registrations.models import Participant, Registration
from registrations.reminder_times import Deadline


class Fact(NamedTuple):
    """A line such as `Sted: Rådhuset`.

    Attributes:
        is_link: the value is an address to click on.
        is_danish: the value is what staff have typed, in Danish whatever language the mail is in.
    """

    label: str | Promise
    value: str
    is_link: bool = False
    is_danish: bool = False


def facts_of_session(session: Session, *, with_join_url: bool) -> list[Fact]:
    """When and where; how to join an online meeting only for those who take part."""
    facts = [Fact(_("Date and time"), when(session))]
    if place := where(session):
        facts.append(Fact(_("Place"), place, is_danish=not session.online))
    if with_join_url and session.join_url:
        facts.append(Fact(_("Link to the online meeting"), session.join_url, is_link=True))
    return facts


def facts_of_sessions(sessions: Sequence[Session]) -> list[Fact]:
    """When and where, for those who have not chosen among the sessions."""
    if len(sessions) == 1:
        return facts_of_session(sessions[0], with_join_url=False)
    return [
        Fact(_("Date and time"), ", ".join(filter(None, [when(session), where(session)])))
        for session in sessions
    ]


def facts_of_themes(themes: Iterable[Theme]) -> list[Fact]:
    return [Fact(_("Theme"), theme.title, is_danish=True) for theme in themes]


def sessions_of(participants: Iterable[Participant]) -> list[Session]:
    """The sessions of `participants`, each once."""
    return list({participant.session_id: participant.session for participant in participants}.values())


def when_of_sessions(sessions: Sequence[Session]) -> str:
    """`28. marts 2019 kl. 17-19` where there is one session, else nothing."""
    return day_in_sentence(sessions[0]) if len(sessions) == 1 else ""


def until_words(deadline: Deadline) -> str:
    """`fredag den 8. marts kl. 12.00`; in English `Friday 8 March 2027, 12:00`."""
    return deadline.words if is_danish() else deadline_in_words(deadline.moment)


def reason_words(participant: Participant) -> dict[str, Any]:
    """Why the participant gets a mail: who signed them up, as GDPR article 14 asks."""
    registration = participant.registration
    return {
        "registration": registration,
        "signed_up_themselves": participant.email.casefold() == registration.contact_email.casefold(),
        "is_entered_by_us": is_entered_by_us(registration),
    }


def is_entered_by_us(registration: Registration) -> bool:
    """Whether the secretariat has signed them up as KL's own, speakers or guests."""
    return bool(registration.guest_kind and registration.entered_by_id)


def participant_words(participant: Participant) -> dict[str, Any]:
    """What a mail to somebody who takes part tells: why they get it, and how to withdraw."""
    withdraw_url = link("registrations:participant", participant.token)
    return {**reason_words(participant), "withdraw_url": withdraw_url}
