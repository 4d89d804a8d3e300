"""A meeting at real size, for pages that must be as quick with 10,000 participants as with ten."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import cycle, islice

from invitations.models import (
    Dispatch,
    Invitation,
    Letter,
    Mail,
    Meeting,
    Municipality,
    Office,
    OutgoingEmail,
    Role,
    Theme,
)
from registrations.calendar_facts import calendar_facts
from registrations.models import CalendarInvitation, Decline, Participant, Registration, ThemeChoice
from tests.factories import (
    NOW,
    PUBLISHED,
    create_letter,
    create_letter_version,
    create_meeting,
    create_programme_item,
    create_session,
    create_theme,
    get_area,
    get_policy_area,
)

# Five to a municipality; the last two get the letter as well.
OFFICES = (
    (Role.COMMITTEE, "udvalg"),
    (Role.COMMITTEE_CHAIR, "formand"),
    (Role.DEPARTMENT_DIRECTOR, "direktoer"),
    (Role.MAYOR, "borgmester"),
    (Role.MUNICIPAL_DIRECTOR, "kommunaldirektoer"),
)
ROLES = [role.value for role, _name in OFFICES]
# Of each ten municipalities seven have registered, one has declined, two are silent.
PATTERN = (*["registered"] * 7, "declined", "silent", "silent")


def create_offices() -> None:
    """Five offices in each of the 98 municipalities, each with its mailbox at the municipality's domain."""
    policy_area = get_policy_area()
    Office.objects.bulk_create(
        Office(
            municipality=municipality,
            role=role,
            policy_area=None if role in (Role.MAYOR, Role.MUNICIPAL_DIRECTOR) else policy_area,
            mailbox=f"{name}@kommune-{municipality.code}.example",
            verified_on=PUBLISHED.date(),
        )
        for municipality in Municipality.objects.order_by("pk")
        for role, name in OFFICES
    )


def create_large_meeting(*, participants: int = 10_000, delegation: int = 5) -> Meeting:
    """A published meeting of the whole country with two sessions and two rounds of themes, whose letter went
    to 490 offices, with registrations of `delegation` people each until there are `participants` of them.
    """
    meeting = create_meeting(title="Politisk topmøde", areas=[get_area("Hele landet")], roles=ROLES)
    create_session(meeting=meeting)
    for number in (1, 2):
        item = create_programme_item(meeting=meeting, title=f"Temadrøftelse {number}")
        for title in ("Dagtilbud", "Skole", "Unge"):
            create_theme(item=item, title=f"{title} {number}")
    if not Office.objects.exists():
        create_offices()
    letter = create_letter(meeting=meeting, sent_at=PUBLISHED)
    create_letter_version(letter=letter)
    municipalities = list(Municipality.objects.in_danish_order())
    invitations = Invitation.objects.invite(meeting, municipalities, at=PUBLISHED)
    _dispatch(letter, invitations)
    answers = dict(zip(municipalities, cycle(PATTERN), strict=False))
    registered = [municipality for municipality, answer in answers.items() if answer == "registered"]
    _register(meeting, registered, invitations, participants=participants, delegation=delegation)
    Decline.objects.bulk_create(
        Decline(meeting=meeting, municipality=municipality, declined_at=NOW)
        for municipality, answer in answers.items()
        if answer == "declined"
    )
    return meeting


def _dispatch(letter: Letter, invitations: dict[int, Invitation]) -> None:
    offices = list(Office.objects.order_by("pk"))
    OutgoingEmail.objects.owe(
        (
            Mail(
                key=f"letter:{letter.pk}:{office.pk}",
                kind=OutgoingEmail.Kind.LETTER,
                about=letter.meeting.slug,
                to=office.mailbox,
                subject="Invitation",
                text="Se vedhæftede brev.",
                html="",
            )
            for office in offices
        ),
        at=PUBLISHED,
    )
    OutgoingEmail.objects.filter(kind=OutgoingEmail.Kind.LETTER, about=letter.meeting.slug).update(
        state=OutgoingEmail.State.SENT, sent_at=PUBLISHED
    )
    mails = dict(OutgoingEmail.objects.filter(about=letter.meeting.slug).values_list("key", "pk"))
    Dispatch.objects.bulk_create(
        Dispatch(
            letter=letter,
            invitation=invitations[office.municipality_id],
            office=office,
            office_name=office.display_name,
            mailbox=office.mailbox,
            dispatched_at=PUBLISHED,
            email_id=mails[f"letter:{letter.pk}:{office.pk}"],
        )
        for office in offices
    )


def _register(
    meeting: Meeting,
    municipalities: list[Municipality],
    invitations: dict[int, Invitation],
    *,
    participants: int,
    delegation: int,
) -> None:
    sessions = list(meeting.sessions.all())
    rounds = [list(item.themes.all()) for item in meeting.programme.all()]
    registrations = Registration.objects.bulk_create(
        Registration(
            meeting=meeting,
            municipality=municipality,
            invitation=invitations[municipality.pk],
            contact_name=f"Sekretær {number}",
            contact_email=f"sekretaer{number}@kommune-{municipality.code}.example",
            submission_key=uuid.uuid4(),
            registered_at=NOW,
        )
        for number, municipality in enumerate(islice(cycle(municipalities), participants // delegation))
    )
    people = Participant.objects.bulk_create(
        Participant(
            registration=registration,
            position=position,
            session=sessions[number % len(sessions)],
            name=f"Deltager {number}-{position}",
            title="Medlem af udvalget",
            email=f"deltager{number}-{position}@example.dk",
        )
        for number, registration in enumerate(registrations)
        for position in range(delegation)
    )
    ThemeChoice.objects.bulk_create(_choices(people, rounds), batch_size=1000)
    CalendarInvitation.objects.bulk_create(
        (
            CalendarInvitation(
                participant=person,
                session_id=person.session_id,
                uid=f"{person.pk}@tilmeld.example",
                method="REQUEST",
                facts=calendar_facts(person.session, _themes(number, rounds)),
            )
            for number, person in enumerate(people)
        ),
        batch_size=1000,
    )


def _choices(people: list[Participant], rounds: list[list[Theme]]) -> Iterator[ThemeChoice]:
    for number, person in enumerate(people):
        for theme in _themes(number, rounds):
            yield ThemeChoice(participant=person, item_id=theme.item_id, theme=theme)


def _themes(number: int, rounds: list[list[Theme]]) -> list[Theme]:
    """What the participant of this number has chosen."""
    return [themes[number % len(themes)] for themes in rounds]
