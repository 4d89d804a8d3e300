"""What has happened to the demo's meetings by now: published, sent, answered by some, one cancelled."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib.auth.models import User

from invitations import letters
from invitations.danish import COPENHAGEN, danish_slug
from invitations.models import Invitation, Letter, Meeting, Municipality, Office, Role, Theme
from registrations.cancellations import cancel_meeting
from registrations.delegations import Attendee, Delegation
from registrations.demo.names import person
from registrations.demo.offices import mail_domain
from registrations.guests import GuestParty, register_guests
from registrations.models import Registration
from registrations.registering import decline, register, withdraw

_COMMITTEE = ("Udvalgsformand", "Næstformand", "Udvalgsmedlem", "Direktør", "Skolechef", "Udvalgsmedlem")
_LEADERS = ("Borgmester", "Kommunaldirektør")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A municipality's answer: `participants` come, none is afbud; `withdrawn` of them dropped out later.

    Attributes:
        days: how many days before the Monday of the file's week it came.
        answers: to the meeting's questions, in their order.
        words: topics to discuss, or the note to an afbud.
        domain: what their mail addresses end in, where that is not the municipality's own.
    """

    municipality: str
    days: int
    participants: int = 0
    withdrawn: int = 0
    answers: tuple[str, ...] = ()
    words: str = ""
    domain: str = ""


@dataclass(frozen=True, kw_only=True)
class Guests:
    """Whom the secretariat has entered, names and titles, two days before the Monday of the file's week."""

    kind: Registration.GuestKind
    people: Sequence[tuple[str, str]]
    organisation: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """What has happened to a meeting; `published`, `cancelled`: days before the Monday of the file's week.

    A letter that `is_sent` went out on its date.
    """

    file: str
    slug: str
    published: int | None = None
    is_sent: bool = False
    replies: Sequence[Reply] = ()
    guests: Sequence[Guests] = ()
    cancelled: int | None = None


STORIES = (
    Story(
        file="boern-og-unge-midtjylland.yaml",
        slug="boern-og-unge-midtjylland",
        published=14,
        is_sent=True,
        replies=(
            Reply(
                municipality="Herning",
                days=12,
                participants=5,
                answers=(
                    "To voksne i alle 1. klasser. Fraværet er faldet, og lærerne bliver længere.",
                    "Kravet om, at et tilbud skal visiteres, før vi må hjælpe.",
                ),
                words="Inklusion i SFO og klub",
            ),
            Reply(municipality="Hedensted", days=11, words="Mødet falder sammen med vores budgetseminar."),
            Reply(municipality="Viborg", days=10, participants=4),
            Reply(
                municipality="Aarhus",
                days=7,
                participants=6,
                withdrawn=1,
                answers=("Fælles ledelse af dagtilbud og skole i tre bydele.",),
            ),
            Reply(municipality="Struer", days=6, participants=1),
            Reply(municipality="Samsø", days=5, words="Vi kan ikke nå den sidste færge hjem."),
            Reply(
                municipality="Ringkøbing-Skjern",
                days=4,
                participants=2,
                words="Små skoler og lange afstande: Hvordan får eleverne adgang til værksteder?",
            ),
            Reply(municipality="Silkeborg", days=3, participants=3),
        ),
        guests=(
            Guests(
                kind=Registration.GuestKind.KL_POLITICIAN,
                organisation="Børne- og Undervisningsudvalget",
                people=(("Henriette Skovgaard Bruun", "Formand"), ("Torkild Ravnholt", "Næstformand")),
            ),
            Guests(
                kind=Registration.GuestKind.SPEAKER,
                organisation="Fælleselevrådet i Viborg",
                people=(("Alma Kjærgaard", "Elevrådsformand"),),
            ),
        ),
    ),
    Story(
        file="sprog-i-dagtilbud-online.yaml",
        slug="sprog-i-dagtilbud",
        published=5,
        replies=(
            Reply(
                municipality="Esbjerg",
                days=4,
                participants=2,
                answers=("En sprogpædagog følger børnene fra vuggestue til børnehave.",),
            ),
            Reply(municipality="Frederikshavn", days=4, participants=3),
            Reply(municipality="Køge", days=3, participants=1),
            # Of which it is not clear that it is Aalborg's.
            Reply(municipality="Aalborg", days=2, participants=2, domain="boernehuset-fjordblik.example"),
        ),
    ),
    Story(file="folkeskolen-oestdanmark.yaml", slug="folkeskolen-oestdanmark", published=3),
    Story(file="tidlig-hjaelp-opfoelgning.yaml", slug="tidlig-hjaelp", published=40),
    Story(file="ungeindsats-reserver-datoen.yaml", slug="ungeindsats-nordjylland", is_sent=True),
    Story(
        file="specialomraadet-syddanmark-aendring.yaml",
        slug="specialomraadet-syddanmark",
        published=20,
        is_sent=True,
        replies=(
            Reply(municipality="Odense", days=5, participants=2),
            Reply(
                municipality="Kolding",
                days=5,
                participants=4,
                words="Priser på tilbud, som flere kommuner deler",
            ),
            Reply(municipality="Tønder", days=4),
            Reply(municipality="Middelfart", days=3, participants=1),
        ),
    ),
    Story(
        file="klimatilpasning-aflysning.yaml",
        slug="klimatilpasning-jylland",
        published=13,
        replies=(
            Reply(municipality="Randers", days=11, participants=2),
            Reply(municipality="Thisted", days=6, participants=1),
        ),
        cancelled=3,
    ),
)


def tell(story: Story, *, monday: date, secretary: User) -> None:
    """Let happen what `story` tells, with the verbs that the pages use.

    Args:
        monday: that of the week in which the story's file plays now.
        secretary: who sends and cancels.
    """
    meeting = Meeting.objects.get(slug=story.slug)
    if story.published is not None:
        meeting.publish(at=_morning(monday - timedelta(days=story.published)))
    if story.is_sent:
        letter = Letter.objects.select_related("meeting").get(meeting=meeting)
        letters.dispatch(letter, at=_morning(letter.date), by=secretary)
    for number, reply in enumerate(story.replies):
        at = _morning(monday - timedelta(days=reply.days)) + timedelta(minutes=25 * (number + 1))
        if reply.participants:
            _register(meeting, reply, at=at)
        else:
            _decline(meeting, reply, at=at)
    for guests in story.guests:
        _enter(meeting, guests, at=_morning(monday - timedelta(days=2)), by=secretary)
    if story.cancelled is not None:
        cancel_meeting(meeting, at=_morning(monday - timedelta(days=story.cancelled)), by=secretary)


def _register(meeting: Meeting, reply: Reply, *, at: datetime) -> Registration:
    municipality = Municipality.objects.get(name=reply.municipality)
    # People of different municipalities are different people.
    first = int(municipality.code)
    domain = reply.domain or mail_domain(municipality)
    leads = Role.COMMITTEE not in meeting.roles and Role.COMMITTEE_CHAIR not in meeting.roles
    titles = _LEADERS if leads else _COMMITTEE
    committee = "" if leads else Office.objects.get(municipality=municipality, role=Role.COMMITTEE).name
    sessions = list(meeting.sessions.all())
    rounds = [themes for item in meeting.programme.all() if (themes := list(item.themes.all()))]
    registration = register(
        meeting,
        Delegation(
            municipality=municipality,
            committee=committee,
            contact_name=person(first),
            contact_email=f"sekretariat@{domain}",
            submission_key=uuid.uuid5(uuid.NAMESPACE_URL, f"{meeting.slug}/{municipality.code}"),
            topics=reply.words,
            answers=tuple(zip(meeting.questions.all(), reply.answers, strict=False)),
            participants=tuple(
                Attendee(
                    name=(name := person(first + number + 1)),
                    title=titles[number],
                    email=f"{danish_slug(name)}@{domain}",
                    session=sessions[number % len(sessions)],
                    themes=_themes(rounds, number),
                )
                for number in range(reply.participants)
            ),
        ),
        invitation=Invitation.objects.filter(meeting=meeting, municipality=municipality).first(),
        at=at,
    )
    for participant in registration.participants.all()[: reply.withdrawn]:
        withdraw(participant, at=at + timedelta(days=1))
    return registration


def _enter(meeting: Meeting, guests: Guests, *, at: datetime, by: User) -> None:
    session = meeting.sessions.all()[0]
    register_guests(
        meeting,
        GuestParty(
            kind=guests.kind,
            organisation=guests.organisation,
            contact_name=by.get_full_name(),
            contact_email="sekretariatet@kl.example",
            submission_key=uuid.uuid5(uuid.NAMESPACE_URL, f"{meeting.slug}/{guests.organisation}"),
            participants=tuple(
                # Speakers' addresses are often not known.
                Attendee(name=name, title=title, email="", session=session)
                for name, title in guests.people
            ),
        ),
        at=at,
        by=by,
    )


def _themes(rounds: Sequence[Sequence[Theme]], number: int) -> tuple[Theme, ...]:
    return tuple(themes[(number + turn) % len(themes)] for turn, themes in enumerate(rounds))


def _decline(meeting: Meeting, reply: Reply, *, at: datetime) -> None:
    invitation = Invitation.objects.select_related("meeting", "municipality").get(
        meeting=meeting, municipality__name=reply.municipality
    )
    municipality = invitation.municipality
    decline(
        invitation,
        contact_name=person(int(municipality.code)),
        contact_email=f"sekretariat@{mail_domain(municipality)}",
        note=reply.words,
        at=at,
    )


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9, 30), tzinfo=COPENHAGEN)
