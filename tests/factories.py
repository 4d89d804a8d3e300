"""Rows for tests: keyword-only functions, each making something valid that the test need not describe.

The municipalities, areas, policy area and sender are those of the migrations. Dates are fixed, so that tests
can write down what a page says; tests of pages travel to `NOW` with the fixture `clock`.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from django.contrib.auth.models import Permission, User

from invitations.danish import COPENHAGEN, Moment
from invitations.meeting_facts import meeting_facts
from invitations.models import (
    Area,
    AreaMembership,
    Dispatch,
    Enclosure,
    Invitation,
    Letter,
    LetterVersion,
    Mail,
    Meeting,
    MeetingArea,
    MeetingHost,
    Municipality,
    Office,
    OutgoingEmail,
    PolicyArea,
    ProgrammeItem,
    Question,
    Role,
    Section,
    Session,
    Signatory,
    StoredFile,
    Theme,
)
from registrations.models import (
    Answer,
    Decline,
    Participant,
    Registration,
    SpecialNeeds,
    ThemeChoice,
)

# Noon of a Monday; the meeting is on a Thursday ten weeks later, its deadline a Friday four weeks before it.
NOW = datetime(2027, 2, 1, 12, 0, tzinfo=COPENHAGEN)
MEETING_DAY = date(2027, 4, 15)
DEADLINE = date(2027, 3, 19)
PUBLISHED = datetime(2027, 1, 4, 9, 0, tzinfo=COPENHAGEN)

# The smallest thing that starts and ends as a PDF does.
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

_numbers = itertools.count(1)


def get_municipality(name: str = "Herning") -> Municipality:
    """One of the 98, by its short name."""
    return Municipality.objects.get(name=name)


def get_area(name: str = "Region Midtjylland") -> Area:
    return Area.objects.get(name=name)


def create_area(*, name: str = "Kommuner ved vandet", municipalities: Iterable[Municipality] = ()) -> Area:
    area = Area.objects.create(name=name, kind=Area.Kind.GROUP)
    for municipality in municipalities:
        AreaMembership.objects.create(area=area, municipality=municipality)
    return area


def create_office(
    *,
    municipality: Municipality | None = None,
    role: str = Role.COMMITTEE,
    mailbox: str | None = None,
    policy_area: PolicyArea | None = None,
    **fields: Any,
) -> Office:
    """The committee's mailbox of a municipality, responsible for the policy area of `create_meeting`."""
    municipality = municipality or get_municipality()
    if policy_area is None and role == Role.COMMITTEE:
        policy_area = get_policy_area()
    return Office.objects.create(
        municipality=municipality,
        role=role,
        policy_area=policy_area,
        mailbox=f"udvalg-{municipality.code}@example.dk" if mailbox is None else mailbox,
        **fields,
    )


def get_policy_area(name: str = "børne- og undervisningsområdet") -> PolicyArea:
    found = PolicyArea.objects.named(name)
    return found or PolicyArea.objects.create(name=name)


def create_meeting(
    *,
    slug: str | None = None,
    title: str = "Politisk møde i Region Midtjylland",
    areas: Sequence[Area] | None = None,
    hosts: Sequence[Municipality] = (),
    session: bool = True,
    published_at: datetime | None = PUBLISHED,
    registration_deadline_date: date | None = DEADLINE,
    **fields: Any,
) -> Meeting:
    """A published meeting in Region Midtjylland with one session, unless `session=False`."""
    fields.setdefault("policy_area", get_policy_area())
    meeting = Meeting.objects.create(
        slug=slug or f"politisk-moede-{next(_numbers)}",
        title=title,
        published_at=published_at,
        registration_deadline_date=registration_deadline_date,
        **fields,
    )
    for position, area in enumerate([get_area()] if areas is None else areas):
        MeetingArea.objects.create(meeting=meeting, area=area, position=position)
    for position, host in enumerate(hosts):
        MeetingHost.objects.create(meeting=meeting, municipality=host, position=position)
    if session:
        create_session(meeting=meeting)
    return meeting


def create_session(
    *,
    meeting: Meeting,
    starts_date: date = MEETING_DAY,
    starts_time: time | None = time(17, 0),
    ends_time: time | None = time(19, 0),
    online: bool = False,
    **fields: Any,
) -> Session:
    """A session at Herning's town hall, or online."""
    if not online:
        fields.setdefault("venue_name", "Rådhuset i Herning")
        fields.setdefault("venue_street", "Torvet 5")
        fields.setdefault("venue_postcode", "7400")
        fields.setdefault("venue_city", "Herning")
    fields.setdefault("position", meeting.sessions.count())
    return Session.objects.create(
        meeting=meeting,
        starts_date=starts_date,
        starts_time=starts_time,
        ends_time=ends_time,
        online=online,
        **fields,
    )


def create_programme_item(*, meeting: Meeting, title: str = "Velkommen", **fields: Any) -> ProgrammeItem:
    fields.setdefault("position", meeting.programme.count())
    return ProgrammeItem.objects.create(meeting=meeting, title=title, **fields)


def create_theme(*, item: ProgrammeItem, title: str = "Motiverende skoledag", **fields: Any) -> Theme:
    fields.setdefault("position", item.themes.count())
    return Theme.objects.create(item=item, title=title, **fields)


def create_question(*, meeting: Meeting, text: str = "Hvad lykkes I med?", **fields: Any) -> Question:
    fields.setdefault("position", meeting.questions.count())
    return Question.objects.create(meeting=meeting, text=text, **fields)


def create_letter(
    *,
    meeting: Meeting | None = None,
    kind: str = Letter.Kind.INVITATION,
    letter_date: date = date(2027, 1, 25),
    recipients: str = "Udvalget med ansvar for børne- og undervisningsområdet",
    **fields: Any,
) -> Letter:
    """A letter with one section and one signatory, not sent."""
    letter = Letter.objects.create(
        meeting=meeting or create_meeting(), kind=kind, date=letter_date, recipients=recipients, **fields
    )
    Section.objects.create(letter=letter, text="Vi vil gerne invitere jer til et politisk møde.")
    Signatory.objects.create(
        letter=letter, name="Kirsten Holm", title="Formand for KL's Børne- og Undervisningsudvalg"
    )
    return letter


def create_letter_version(*, letter: Letter) -> LetterVersion:
    """The letter as it was sent, with the facts that it states now; no more is in its PDF than in any."""
    return LetterVersion.objects.create(
        letter=letter,
        source_sha256="",
        html="<body></body>",
        pdf=StoredFile.objects.store(PDF, content_type="application/pdf"),
        facts=meeting_facts(letter.meeting),
        rendered_at=PUBLISHED,
    )


def create_enclosure(
    *,
    letter: Letter,
    title: str = "Program for dagen",
    filename: str = "program.pdf",
    content: bytes | None = PDF,
) -> Enclosure:
    """A PDF that goes with the letter; `content=None` makes one of which only the title is known."""
    return Enclosure.objects.create(
        letter=letter,
        position=letter.enclosures.count(),
        title=title,
        file=None if content is None else StoredFile.objects.store(content, content_type="application/pdf"),
        filename="" if content is None else filename,
    )


def create_invitation(
    *,
    meeting: Meeting | None = None,
    municipality: Municipality | None = None,
    deadline: Moment | None = None,
) -> Invitation:
    """The invitation of Herning, with a deadline of its own where one is given."""
    meeting = meeting or create_meeting()
    municipality = municipality or get_municipality()
    invitation = Invitation.objects.invite(meeting, [municipality], at=PUBLISHED)[municipality.pk]
    if deadline:
        invitation.deadline_date, invitation.deadline_time = deadline.date, deadline.time
        invitation.save()
    return invitation


def create_registration(
    *,
    meeting: Meeting | None = None,
    municipality: Municipality | None = None,
    participants: int = 1,
    contact_name: str = "Anne Sekretær",
    contact_email: str = "anne@herning.example",
    registered_at: datetime = NOW,
    **fields: Any,
) -> Registration:
    """A delegation of Herning with `participants` people in the first session; with `guest_kind`, guests."""
    meeting = meeting or create_meeting()
    registration = Registration.objects.create(
        meeting=meeting,
        municipality=None if fields.get("guest_kind") else municipality or get_municipality(),
        contact_name=contact_name,
        contact_email=contact_email,
        submission_key=uuid.uuid4(),
        registered_at=registered_at,
        **fields,
    )
    for _ in range(participants):
        create_participant(registration=registration)
    return registration


def create_guests(
    *,
    meeting: Meeting | None = None,
    kind: str = Registration.GuestKind.SPEAKER,
    participants: int = 1,
    contact_name: str = "Mette Lind",
    contact_email: str = "mette@kl.example",
    **fields: Any,
) -> Registration:
    """Speakers with `participants` people in the meeting's first session, as staff enter them."""
    registration = Registration.objects.create(
        meeting=meeting or create_meeting(),
        guest_kind=kind,
        contact_name=contact_name,
        contact_email=contact_email,
        submission_key=uuid.uuid4(),
        registered_at=NOW,
        **fields,
    )
    for _ in range(participants):
        create_participant(registration=registration)
    return registration


def create_participant(
    *,
    registration: Registration | None = None,
    session: Session | None = None,
    name: str | None = None,
    email: str | None = None,
    themes: Sequence[Theme] = (),
    **fields: Any,
) -> Participant:
    registration = registration or create_registration(participants=0)
    number = next(_numbers)
    fields.setdefault("position", registration.participants.count())
    participant = Participant.objects.create(
        registration=registration,
        session=session or registration.meeting.sessions.all()[0],
        name=f"Deltager {number}" if name is None else name,
        email=f"deltager{number}@herning.example" if email is None else email,
        **fields,
    )
    for theme in themes:
        ThemeChoice.objects.create(participant=participant, item=theme.item, theme=theme)
    return participant


def create_seat(*, registration: Registration | None = None, **fields: Any) -> Participant:
    """A place whose name follows."""
    return create_participant(registration=registration, name="", email="", **fields)


def create_answer(*, registration: Registration, question: Question, text: str = "Samarbejdet.") -> Answer:
    return Answer.objects.create(registration=registration, question=question, text=text)


def create_decline(
    *,
    meeting: Meeting | None = None,
    municipality: Municipality | None = None,
    declined_at: datetime = NOW,
    **fields: Any,
) -> Decline:
    return Decline.objects.create(
        meeting=meeting or create_meeting(),
        municipality=municipality or get_municipality(),
        declined_at=declined_at,
        **fields,
    )


def create_staff(*, username: str = "sekretariatet") -> User:
    """Somebody of the secretariat who may do everything in the admin; the password is `password`."""
    return User.objects.create_superuser(
        username=username, email=f"{username}@kl.example", password="password"
    )


def create_reader(*codenames: str) -> User:
    """Somebody who may log in to the admin, with these permissions and no other."""
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return reader


def create_dispatch(
    *,
    invitation: Invitation | None = None,
    letter: Letter | None = None,
    mailbox: str | None = None,
    office_name: str = "Børne- og Ungeudvalget",
    for_orientation: bool = False,
    dispatched_at: datetime | None = None,
) -> Dispatch:
    """A letter that went to the committee's mailbox of the invited municipality when it was invited."""
    invitation = invitation or create_invitation()
    dispatched_at = dispatched_at or invitation.invited_at
    mailbox = mailbox or f"udvalg-{invitation.municipality.code}@example.dk"
    key = f"letter:{next(_numbers)}"
    OutgoingEmail.objects.owe(
        [
            Mail(
                key=key,
                kind=OutgoingEmail.Kind.LETTER,
                about=invitation.meeting.slug,
                to=mailbox,
                subject="Invitation",
                text="Se vedhæftede brev.",
                html="",
            )
        ],
        at=dispatched_at,
    )
    return Dispatch.objects.create(
        letter=letter or invitation.meeting.letters.first() or create_letter(meeting=invitation.meeting),
        invitation=invitation,
        office_name=office_name,
        mailbox=mailbox,
        for_orientation=for_orientation,
        dispatched_at=dispatched_at,
        email=OutgoingEmail.objects.get(key=key),
    )


def create_needs(
    *, participant: Participant, text: str = "Vegetar", consented_at: datetime = NOW
) -> SpecialNeeds:
    return SpecialNeeds.objects.create(participant=participant, text=text, consented_at=consented_at)
