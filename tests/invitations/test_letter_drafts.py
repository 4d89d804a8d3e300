"""What a new letter says before anybody has typed a word."""

from __future__ import annotations

import html
import re
from datetime import date, time

import pytest
from django.db import IntegrityError, transaction

from invitations.letter_drafts import draft_letter
from invitations.letter_html import letter_document, letter_html
from invitations.models import Letter, Meeting, PolicyArea, Role, Sender
from tests.factories import (
    NOW,
    create_letter,
    create_meeting,
    create_programme_item,
    create_question,
    create_session,
    create_staff,
    create_theme,
    get_area,
    get_municipality,
)

pytestmark = pytest.mark.django_db

TODAY = date(2027, 2, 1)


def full_meeting() -> Meeting:
    meeting = create_meeting(
        title="Dialogmøde om fritid",
        roles=[Role.MAYOR, Role.COMMITTEE, Role.DEPARTMENT_DIRECTOR],
        practical_information="Der er parkering ved rådhuset.",
    )
    item = create_programme_item(meeting=meeting, title="Drøftelser", time=time(17, 30))
    create_theme(item=item)
    create_question(meeting=meeting)
    return meeting


def paragraphs(letter: Letter) -> list[str]:
    """What somebody reads, from the title to the closing."""
    page = letter_html(letter_document(Letter.objects.select_related("meeting").get(pk=letter.pk)))
    body = page.partition('<h1 class="title">')[2].partition('<div class="signatures')[0]
    body = re.sub(r"</?(?:a|abbr|span)\b[^>]*>", "", body)
    lines = re.split(r"</(?:p|h1|h2|li)>|<br>|<(?:ol|ul)\b[^>]*>", body)
    texts = [html.unescape(re.sub(r"<[^>]*>", " ", line)).replace("\u00a0", " ") for line in lines]
    return [" ".join(text.split()) for text in texts if text.strip()]


def test_an_invitation_says_all_that_the_meeting_knows() -> None:
    letter = draft_letter(full_meeting(), Letter.Kind.INVITATION, date=TODAY)

    address = f"http://127.0.0.1:8000/{letter.meeting.slug}"
    assert paragraphs(letter) == [
        "Invitation: Dialogmøde om fritid",
        "KL inviterer borgmestre samt udvalg og direktører med ansvar for børne- og undervisningsområdet i"
        " Region Midtjylland til:",
        "Dialogmøde om fritid",
        "den 15. april 2027 kl. 17-19",
        "Sted",
        "Rådhuset i Herning",
        "Torvet 5",
        "7400 Herning",
        "Program",
        "Hver deltager vælger et tema ved tilmeldingen.",
        "Kl. 17.30 Drøftelser",
        "Tema 1: Motiverende skoledag",
        "Til overvejelse inden mødet",
        "Vi beder jer overveje følgende inden mødet. I kan skrive jeres svar, når I tilmelder jer.",
        "Hvad lykkes I med?",
        "Praktisk information",
        "Der er parkering ved rådhuset.",
        "Tilmelding",
        f"I tilmelder jer her: {address}",
        "Sidste frist for tilmelding er fredag den 19. marts 2027.",
        "Når I har tilmeldt jer, får I en invitation i Outlook.",
        "Vi glæder os til at se jer.",
    ]


def test_a_meeting_of_which_little_is_known_gets_a_short_letter() -> None:
    meeting = create_meeting(title="Møde", session=False, areas=[], registration="none", roles=[])

    letter = draft_letter(meeting, Letter.Kind.INVITATION, date=TODAY)

    assert letter.recipients == "Kommunen"
    assert paragraphs(letter) == [
        "Invitation: Møde",
        "KL inviterer kommuner til:",
        "Møde",
        "Vi glæder os til at se jer.",
    ]


def test_several_online_sessions_are_picked_from_and_each_has_its_link() -> None:
    meeting = create_meeting(title="Møde", session=False, hosts=[get_municipality()])
    for day in (20, 21):
        create_session(
            meeting=meeting,
            starts_date=date(2027, 4, day),
            online=True,
            join_url=f"https://video.example/{day}",
            registration_deadline_date=date(2027, 4, day - 10),
        )

    letter = draft_letter(meeting, Letter.Kind.INVITATION, date=TODAY)

    assert paragraphs(letter) == [
        "Invitation: Møde",
        "Sammen med Herning Kommune inviterer KL udvalg med ansvar for børne- og undervisningsområdet i"
        " Region Midtjylland til:",
        "Møde",
        "den 20. og 21. april 2027 kl. 17-19",
        "Møderne holdes virtuelt.",
        "Vælg et af møderne",
        "Programmet er det samme hver gang. Vælg det møde, der passer jer bedst:",
        "Tirsdag den 20. april 2027 kl. 17-19",
        "Virtuelt",
        "Onsdag den 21. april 2027 kl. 17-19",
        "Virtuelt",
        "Tilmelding",
        f"I tilmelder jer her: http://127.0.0.1:8000/{meeting.slug}",
        "Hvert møde har sin egen tilmeldingsfrist, som I kan se på tilmeldingssiden.",
        "Når I har tilmeldt jer, får I en invitation i Outlook med link til mødet.",
        "Vi glæder os til at se jer.",
    ]


def test_a_save_the_date_asks_for_the_date_only() -> None:
    letter = draft_letter(full_meeting(), Letter.Kind.SAVE_THE_DATE, date=TODAY)

    assert paragraphs(letter) == [
        "Reservér datoen: Dialogmøde om fritid",
        "KL planlægger et møde for borgmestre samt udvalg og direktører med ansvar for børne- og"
        " undervisningsområdet i Region Midtjylland. Vi beder jer reservere datoen allerede nu.",
        "Dialogmøde om fritid",
        "Torsdag den 15. april 2027 kl. 17-19",
        "Rådhuset i Herning, Torvet 5, 7400 Herning",
        "I får en invitation med program og tilmelding, når vi nærmer os.",
    ]


def test_a_follow_up_says_thanks() -> None:
    letter = draft_letter(full_meeting(), Letter.Kind.FOLLOW_UP, date=TODAY)

    assert paragraphs(letter) == [
        "Opfølgning: Dialogmøde om fritid",
        "Tak til alle, der deltog i mødet den 15. april 2027, og tak for en god dialog.",
        "KL tager jeres erfaringer og synspunkter med i det videre arbejde.",
        "Har I spørgsmål eller bemærkninger, er I velkomne til at skrive til kl@kl.dk.",
    ]


def test_a_change_says_which_letter_it_takes_the_place_of() -> None:
    meeting = create_meeting(title="Møde")
    create_letter(meeting=meeting).mark_sent(at=NOW, by=create_staff())
    create_letter(meeting=meeting, kind="follow_up").mark_sent(at=NOW, by=None)

    letter = draft_letter(meeting, Letter.Kind.CHANGE, date=TODAY)

    assert letter.replaces == date(2027, 1, 25)
    assert paragraphs(letter)[:4] == [
        "Ændring: Møde",
        "Der er ændringer til mødet. Det er oplysningerne nedenfor, der gælder. De erstatter dem i vores brev"
        " af 25. januar 2027.",
        "Møde",
        "den 15. april 2027 kl. 17-19",
    ]
    assert paragraphs(letter)[-4:] == [
        "Er I allerede tilmeldt, gælder jeres tilmelding fortsat. Kan I ikke deltage alligevel, kan I afmelde"
        " jer via linket i kvitteringen.",
        f"Er I endnu ikke tilmeldt, kan I tilmelde jer her: http://127.0.0.1:8000/{meeting.slug}",
        "Sidste frist for tilmelding er fredag den 19. marts 2027.",
        "Når I har tilmeldt jer, får I en invitation i Outlook.",
    ]


def test_a_cancellation_says_what_happens_in_outlook() -> None:
    letter = draft_letter(create_meeting(title="Møde"), Letter.Kind.CANCELLATION, date=TODAY)

    assert letter.replaces is None
    assert paragraphs(letter) == [
        "Aflysning: Møde",
        "KL må desværre aflyse mødet, som skulle have været holdt den 15. april 2027.",
        "Deltagere, der er tilmeldt, får en aflysning i Outlook, så mødet forsvinder fra kalenderen.",
        "Vi beklager de ulemper, det giver jer.",
    ]


@pytest.mark.parametrize("kind", Letter.Kind.values)
def test_the_first_section_may_be_given(kind: str) -> None:
    letter = draft_letter(create_meeting(), kind, date=TODAY, lead="Mødet er flyttet til **Aarhus**.")

    first = letter.sections.all()[0]
    assert (first.heading, first.text, first.block) == ("", "Mødet er flyttet til **Aarhus**.", "")


@pytest.mark.parametrize("kind", Letter.Kind.values)
@pytest.mark.parametrize("registration", ["form", "none"])
@pytest.mark.parametrize(
    "days",
    [
        [],
        [{}],
        [{"starts_time": None, "ends_time": None}],
        [{"online": True}],
        [{"ends_date": date(2027, 4, 16)}],
        [{}, {"starts_date": date(2027, 5, 1), "online": True}],
        [{"venue_name": "", "venue_street": "", "venue_postcode": "", "venue_city": ""}],
    ],
    ids=["no date", "one", "no time", "online", "overnight", "two", "no place"],
)
def test_every_draft_can_be_printed(kind: str, registration: str, days: list[dict[str, object]]) -> None:
    meeting = create_meeting(session=False, registration=registration, registration_deadline_date=None)
    for day in days:
        create_session(meeting=meeting, **day)  # type: ignore[arg-type]

    letter = draft_letter(meeting, kind, date=TODAY)

    assert letter_document(letter).title


def test_the_first_letter_is_addressed_to_the_offices_that_the_meeting_invites() -> None:
    Sender.objects.update(mailbox="moeder@kl.example", phone="3370 3370")
    meeting = create_meeting(roles=Role.values[::-1], areas=[get_area("Hele landet")])

    letter = draft_letter(meeting, Letter.Kind.INVITATION, date=TODAY)

    area = "med ansvar for børne- og undervisningsområdet"
    assert letter.recipient_lines == [
        "Borgmesteren",
        "Kommunalbestyrelsens medlemmer",
        f"Udvalget {area}",
        f"Formanden for udvalget {area}",
        "Kommunaldirektøren",
        f"Direktøren {area}",
        f"Fagchefen {area}",
        "Kommunen",
    ]
    assert (letter.contact_email, letter.contact_phone) == ("moeder@kl.example", "3370 3370")
    assert paragraphs(letter)[1] == (
        "KL inviterer borgmestre, kommunalbestyrelsesmedlemmer, kommunaldirektører og kommuner samt udvalg,"
        f" udvalgsformænd, direktører og fagchefer {area} i hele landet til:"
    )


def test_a_brace_in_the_name_of_a_policy_area_is_no_placeholder() -> None:
    policy_area = PolicyArea.objects.create(name="{fritid}")

    letter = draft_letter(create_meeting(policy_area=policy_area), Letter.Kind.INVITATION, date=TODAY)

    assert letter_document(letter).recipients == ("Udvalget med ansvar for {fritid}",)


def test_a_further_letter_is_from_and_to_the_same_as_the_last_one() -> None:
    meeting = create_meeting()
    create_letter(
        meeting=meeting,
        recipients="Borgmesteren",
        copy_roles=["mayor"],
        contact_email="anne@kl.example",
        contact_phone="3370 1234",
        case_number="SAG-2027-00001",
        document_number="7",
        closing="De bedste hilsner",
    )

    letter = draft_letter(meeting, Letter.Kind.CHANGE, date=TODAY)

    assert (letter.recipients, letter.copy_roles) == ("Borgmesteren", ["mayor"])
    assert (letter.contact_email, letter.contact_phone) == ("anne@kl.example", "3370 1234")
    # A document has a number of its own.
    assert (letter.case_number, letter.document_number) == ("SAG-2027-00001", "")
    assert letter.closing == "De bedste hilsner"
    assert [str(signatory) for signatory in letter.signatories.all()] == ["Kirsten Holm"]


def test_the_first_letter_is_signed_as_the_last_one_sent_about_the_policy_area() -> None:
    create_letter().mark_sent(at=NOW, by=None)
    create_letter().signatories.update(name="Of a letter that was not sent")
    other = create_letter(meeting=create_meeting(policy_area=PolicyArea.objects.create(name="fritid")))
    other.mark_sent(at=NOW, by=None)
    other.signatories.update(name="Of another policy area")

    letter = draft_letter(create_meeting(), Letter.Kind.INVITATION, date=TODAY)

    assert [(row.name, row.title) for row in letter.signatories.all()] == [
        ("Kirsten Holm", "Formand for KL's Børne- og Undervisningsudvalg")
    ]


def test_a_letter_of_the_same_kind_and_date_stays_the_only_one() -> None:
    letter = draft_letter(create_meeting(), Letter.Kind.INVITATION, date=TODAY)

    with pytest.raises(IntegrityError), transaction.atomic():
        draft_letter(letter.meeting, Letter.Kind.INVITATION, date=TODAY)

    assert Letter.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "registration", "expected"),
    [
        (Letter.Kind.CHANGE, Meeting.RegistrationMode.FORM, True),
        (Letter.Kind.INVITATION, Meeting.RegistrationMode.FORM, True),
        (Letter.Kind.CHANGE, Meeting.RegistrationMode.NONE, False),
        (Letter.Kind.CANCELLATION, Meeting.RegistrationMode.FORM, False),
        (Letter.Kind.FOLLOW_UP, Meeting.RegistrationMode.FORM, False),
    ],
)
def test_after_a_letter_for_each_municipality_comes_one_for_each(
    kind: str, registration: str, expected: bool
) -> None:
    meeting = create_meeting()
    create_letter(meeting=meeting, is_personal=True)
    create_letter(meeting=meeting, kind=Letter.Kind.SAVE_THE_DATE, letter_date=date(2027, 1, 26))
    Meeting.objects.update(registration=registration)

    letter = draft_letter(Meeting.objects.get(), kind, date=date(2027, 2, 1))

    assert letter.is_personal is expected
