from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import translation
from pytest_django import DjangoAssertNumQueries, Settings

from invitations import letters
from invitations.danish import COPENHAGEN
from invitations.models import (
    Dispatch,
    Invitation,
    Letter,
    LetterVersion,
    Meeting,
    OutgoingEmail,
    PolicyArea,
    Role,
)
from tests.factories import (
    NOW,
    create_area,
    create_enclosure,
    create_letter,
    create_meeting,
    create_office,
    create_session,
    create_staff,
    get_area,
    get_municipality,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.kl.dk"


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def send(letter: Letter, *, at: datetime = NOW, by: User | None = None) -> int:
    return letters.dispatch(letter, at=at, by=by or create_staff())


def refusal(letter: Letter) -> list[str]:
    """Why the letter cannot be sent; nothing must have been done then."""
    before = (OutgoingEmail.objects.count(), Dispatch.objects.count(), Invitation.objects.count())
    with translation.override("en"), pytest.raises(ValidationError) as refused:
        send(letter, by=create_staff(username=f"afvist-{User.objects.count()}"))
    assert (OutgoingEmail.objects.count(), Dispatch.objects.count(), Invitation.objects.count()) == before
    return list(refused.value.messages)


def planned(letter: Letter, *, at: datetime = NOW) -> list[tuple[str, str, bool]]:
    """Municipality, mailbox, and whether it is for orientation, of each recipient."""
    return [
        (recipient.municipality.name, recipient.mailbox, recipient.for_orientation)
        for recipient in letters.plan_dispatch(letter, at=at).recipients
    ]


def mail_to(mailbox: str) -> OutgoingEmail:
    return OutgoingEmail.objects.get(to=mailbox)


# Who gets it.


def test_it_goes_to_the_offices_of_the_meetings_roles() -> None:
    letter = create_letter(meeting=create_meeting(roles=[Role.MAYOR, Role.COMMITTEE]))
    create_office(role=Role.COMMITTEE, mailbox="udvalg@herning.example")
    create_office(role=Role.MAYOR, mailbox="borgmester@herning.example")
    create_office(role=Role.MUNICIPAL_DIRECTOR, mailbox="direktoer@herning.example")

    assert planned(letter) == [
        ("Herning", "udvalg@herning.example", False),
        ("Herning", "borgmester@herning.example", False),
    ]


def test_it_goes_to_the_municipalities_of_the_areas_in_danish_order() -> None:
    letter = create_letter(meeting=create_meeting(areas=[get_area("Region Nordjylland")]))
    for name in ("Aalborg", "Rebild", "Herning", "Læsø"):
        create_office(municipality=get_municipality(name), mailbox=f"{name}@kommune.example")

    assert [name for name, _mailbox, _orientation in planned(letter)] == ["Læsø", "Rebild", "Aalborg"]


def test_the_areas_are_those_of_the_day_of_the_meeting() -> None:
    # Herlev is in Region Hovedstaden until New Year, and Region Østdanmark begins on that day.
    meeting = create_meeting(areas=[get_area("Region Hovedstaden")], session=False)
    create_session(meeting=meeting, starts_date=date(2026, 12, 31))
    create_office(municipality=get_municipality("Herlev"), mailbox="udvalg@herlev.example")
    letter = create_letter(meeting=meeting)

    assert len(planned(letter)) == 1
    meeting.sessions.update(starts_date=date(2027, 1, 1))
    assert planned(Letter.objects.get(pk=letter.pk)) == []


def test_a_committee_answers_for_the_policy_area_and_its_aliases() -> None:
    other = PolicyArea.objects.create(name="ældreområdet")
    alias = PolicyArea.objects.named("børne- og ungeområdet")
    letter = create_letter()
    create_office(mailbox="boern@herning.example", policy_area=alias)
    create_office(mailbox="aeldre@herning.example", policy_area=other)

    assert planned(letter) == [("Herning", "boern@herning.example", False)]


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "is_valid"),
    [
        (None, None, True),
        (date(2027, 2, 1), date(2027, 2, 1), True),
        (date(2027, 2, 2), None, False),
        (None, date(2027, 1, 31), False),
    ],
)
def test_an_office_must_be_valid_on_the_day_of_sending(
    valid_from: date | None, valid_to: date | None, is_valid: bool
) -> None:
    create_office(valid_from=valid_from, valid_to=valid_to)

    assert bool(planned(create_letter())) == is_valid


def test_the_day_of_sending_is_that_of_copenhagen() -> None:
    create_office(valid_from=date(2027, 2, 2))
    letter = create_letter()

    assert len(planned(letter, at=datetime.fromisoformat("2027-02-01T23:30Z"))) == 1
    assert planned(letter, at=datetime(2027, 2, 1, 23, 30, tzinfo=COPENHAGEN)) == []


def test_copy_roles_get_it_for_orientation() -> None:
    letter = create_letter(copy_roles=[Role.MAYOR, Role.COMMITTEE])
    create_office(mailbox="udvalg@herning.example")
    create_office(role=Role.MAYOR, mailbox="borgmester@herning.example")

    assert planned(letter) == [
        ("Herning", "udvalg@herning.example", False),
        ("Herning", "borgmester@herning.example", True),
    ]


def test_a_copy_address_gets_a_mail_of_its_own() -> None:
    create_office(mailbox="udvalg@herning.example", copy_mailbox="sekretaer@herning.example")
    letter = create_letter()

    assert send(letter) == 2
    assert set(OutgoingEmail.objects.values_list("to", flat=True)) == {
        "udvalg@herning.example",
        "sekretaer@herning.example",
    }


def test_a_mailbox_gets_one_mail_for_each_municipality_it_serves() -> None:
    herning, ikast = get_municipality("Herning"), get_municipality("Ikast-Brande")
    meeting = create_meeting(roles=[Role.COMMITTEE, Role.MAYOR])
    create_office(municipality=herning, mailbox="faelles@vest.example")
    create_office(municipality=herning, role=Role.MAYOR, mailbox="Faelles@vest.example")
    create_office(municipality=ikast, mailbox="faelles@vest.example")
    letter = create_letter(meeting=meeting)

    assert letters.plan_dispatch(letter, at=NOW).mailboxes == 2
    assert send(letter) == 2
    assert Dispatch.objects.filter(letter=letter).count() == 3
    assert set(Dispatch.objects.values_list("email__to_name", flat=True)) == {
        "Udvalg, Herning Kommune",
        "Udvalg, Ikast-Brande Kommune",
    }


def test_a_mailbox_that_is_invited_and_informed_is_invited() -> None:
    meeting = create_meeting(roles=[Role.MAYOR])
    letter = create_letter(meeting=meeting, copy_roles=[Role.COMMITTEE])
    create_office(role=Role.COMMITTEE, mailbox="post@herning.example")
    create_office(role=Role.MAYOR, mailbox="post@herning.example")

    send(letter)

    assert mail_to("post@herning.example").to_name == "Borgmester, Herning Kommune"
    assert "/svar/" in mail_to("post@herning.example").text


def test_it_tells_which_municipalities_nobody_can_be_reached_in() -> None:
    area = create_area(municipalities=[get_municipality(name) for name in ("Herning", "Skive", "Lemvig")])
    letter = create_letter(meeting=create_meeting(areas=[area]), copy_roles=[Role.MAYOR])
    create_office(municipality=get_municipality("Herning"))
    create_office(municipality=get_municipality("Skive"), mailbox="")
    create_office(municipality=get_municipality("Lemvig"), role=Role.MAYOR)

    plan = letters.plan_dispatch(letter, at=NOW)

    assert [municipality.name for municipality in plan.without_mailbox] == ["Lemvig", "Skive"]
    assert (plan.mailboxes, plan.municipalities, plan.problems) == (2, 2, [])


# What it leaves behind.


def test_each_municipality_is_invited_once_with_a_link_of_its_own() -> None:
    meeting = create_meeting(roles=[Role.COMMITTEE, Role.MAYOR])
    create_office(municipality=get_municipality("Herning"), mailbox="a@herning.example")
    create_office(municipality=get_municipality("Herning"), role=Role.MAYOR, mailbox="b@herning.example")
    create_office(municipality=get_municipality("Skive"), mailbox="a@skive.example")

    send(create_letter(meeting=meeting))

    herning, skive = Invitation.objects.order_by("municipality__name")
    assert (herning.municipality.name, skive.municipality.name) == ("Herning", "Skive")
    assert herning.invited_at == NOW
    assert len({herning.token, skive.token}) == 2
    for mailbox, invitation in (("a@herning", herning), ("b@herning", herning), ("a@skive", skive)):
        mail = mail_to(f"{mailbox}.example")
        assert f"https://tilmeld.kl.dk/svar/{invitation.token}\n" in mail.text
        assert f'href="https://tilmeld.kl.dk/svar/{invitation.token}"' in mail.html


def test_a_second_letter_carries_the_same_link() -> None:
    create_office(mailbox="udvalg@herning.example")
    meeting = create_meeting()
    send(create_letter(meeting=meeting), by=create_staff())
    token = Invitation.objects.get().token

    send(create_letter(meeting=meeting, kind="change"), by=create_staff(username="b"))

    assert Invitation.objects.get().token == token
    assert OutgoingEmail.objects.filter(text__contains=token).count() == 2


def test_the_letter_is_frozen_as_it_was_sent() -> None:
    create_office()
    letter = create_letter(title="Invitation til {title}", meeting=create_meeting(title="Møde"))
    secretary = create_staff()

    send(letter, by=secretary)

    version = letter.version
    as_sent = version.pdf.data
    assert (letter.sent_at, letter.sent_by) == (NOW, secretary)
    assert version.pdf.sha256 == hashlib.sha256(as_sent).hexdigest()
    assert version.rendered_at == NOW
    assert version.facts["title"] == "Møde"
    assert [session["starts"] for session in version.facts["sessions"]] == ["2027-04-15 17:00"]

    Meeting.objects.update(title="Noget andet")
    letter.sections.update(text="Ændret bagefter.")
    later = letters.preview(Letter.objects.get(pk=letter.pk), at=NOW)
    assert (later.pk, later.pdf.data, later.html) == (version.pk, as_sent, version.html)


def test_facts_that_the_letter_does_not_print_are_those_of_the_day_of_sending() -> None:
    create_office()
    letter = create_letter()
    letters.preview(letter, at=NOW)
    letter.meeting.sessions.update(venue_name="Et andet sted")

    send(letter)

    (session,) = LetterVersion.objects.get(letter=letter).facts["sessions"]
    assert session["where"] == "Et andet sted, Torvet 5, 7400 Herning"


def test_each_mail_carries_the_letter_and_its_enclosures() -> None:
    create_office(mailbox="udvalg@herning.example")
    letter = create_letter(meeting=create_meeting(slug="m"), letter_date=date(2027, 1, 25))
    create_enclosure(letter=letter, title="Fakta", filename="fakta.pdf")
    create_enclosure(letter=letter, title="Sendes særskilt", content=None)

    send(letter)

    mail = mail_to("udvalg@herning.example")
    attached = {attachment.filename: attachment.file for attachment in mail.attachments.all()}
    assert list(attached) == ["m-invitation-2027-01-25.pdf", "fakta.pdf"]
    assert attached["m-invitation-2027-01-25.pdf"] == letter.version.pdf
    assert "- Fakta\n" in mail.text
    assert "Sendes særskilt" not in mail.text


def test_a_dispatch_remembers_the_office_as_it_was_written_to(english: None) -> None:
    office = create_office(mailbox="udvalg@herning.example")
    letter = create_letter()
    send(letter)
    office.delete()

    dispatch = Dispatch.objects.get()

    assert (dispatch.office, dispatch.office_name) == (None, "Udvalg")
    assert dispatch.mailbox == "udvalg@herning.example"


# What the mails say.


def test_the_mail_says_what_it_is_and_what_to_do() -> None:
    create_office(mailbox="udvalg@herning.example", name="Børne- og Familieudvalget")
    letter = create_letter(
        meeting=create_meeting(title="Politisk møde i Herning"),
        title="Invitation til politisk møde i {city}",
        contact_email="kontakt@kl.example",
        contact_phone="3370 1234",
    )

    send(letter)

    mail = mail_to("udvalg@herning.example")
    token = Invitation.objects.get().token
    assert mail.subject == "Invitation til politisk møde i Herning den 15. april 2027"
    assert mail.to_name == "Børne- og Familieudvalget, Herning Kommune"
    assert mail.text == (
        "KL inviterer Herning Kommune til politisk møde i Herning den 15. april 2027 kl. 17-19."
        " Invitationen er vedhæftet.\n"
        "\n"
        "Tilmeld jer via linket herunder, eller giv os besked dér, hvis I ikke deltager.\n"
        "\n"
        "Dato og tid: Torsdag den 15. april 2027 kl. 17-19\n"
        "Sted: Rådhuset i Herning, Torvet 5, 7400 Herning\n"
        "Tilmeldingsfrist: fredag den 19. marts 2027\n"
        "\n"
        "Tilmeld jer, eller meld afbud:\n"
        f"https://tilmeld.kl.dk/svar/{token}\n"
        "Linket gælder kun jeres kommune.\n"
        "\n"
        "Har I spørgsmål? Kontakt os:\n"
        "kontakt@kl.example\n"
        "Tlf. 3370 1234\n"
        "\n"
        "Med venlig hilsen\n"
        "KL\n"
        "kl@kl.dk\n"
        "Tlf. 3370 3370\n"
        "\n"
        "--\n"
        "I får denne mail, fordi jeres adresse er registreret hos os som kontakt for Børne- og"
        " Familieudvalget i Herning Kommune.\n"
        "\n"
        "Læs, hvordan vi behandler dine oplysninger: https://tilmeld.kl.dk/privatliv\n"
    )


def test_the_mail_is_danish_whoever_sends_it(english: None) -> None:
    create_office(mailbox="udvalg@herning.example")

    send(create_letter())

    assert mail_to("udvalg@herning.example").text.startswith("KL inviterer Herning Kommune til ")
    assert mail_to("udvalg@herning.example").to_name == "Udvalg, Herning Kommune"


def test_what_is_typed_is_escaped_in_html_and_in_no_other_part() -> None:
    create_office(mailbox="udvalg@herning.example", name="Børn & <Unge>")
    letter = create_letter(meeting=create_meeting(title="Møde om <b>"), title="Kom & vær med")

    send(letter)

    mail = mail_to("udvalg@herning.example")
    assert mail.subject == "Kom & vær med den 15. april 2027"
    assert "Børn & <Unge>" in mail.text
    assert "Børn &amp; &lt;Unge&gt;" in mail.html
    assert "<b>." not in mail.html


@pytest.mark.parametrize(
    ("kind", "fields", "subject", "first", "asks"),
    [
        (
            "invitation",
            {},
            "Invitation til politisk møde den 15. april 2027",
            "KL inviterer Herning Kommune til politisk møde den 15. april 2027 kl. 17-19."
            " Invitationen er vedhæftet.",
            True,
        ),
        (
            "follow_up",
            {},
            "Brev efter politisk møde",
            "KL skriver til jer efter politisk møde. Brevet er vedhæftet.",
            False,
        ),
        (
            "save_the_date",
            {},
            "Reservér datoen: politisk møde den 15. april 2027 kl. 17-19",
            "Reservér datoen: KL inviterer Herning Kommune til politisk møde den 15. april 2027 kl. 17-19.",
            False,
        ),
        (
            "change",
            {"replaces": date(2027, 1, 2)},
            "Ændret: politisk møde",
            "Der er nyt om politisk møde. Det vedhæftede brev erstatter brevet af 2. januar 2027.",
            True,
        ),
        (
            "change",
            {},
            "Ændret: politisk møde",
            "Der er nyt om politisk møde. Det står i det vedhæftede brev.",
            True,
        ),
        (
            "cancellation",
            {},
            "Aflyst: politisk møde",
            "Desværre er politisk møde den 15. april 2027 kl. 17-19 aflyst. Brevet er vedhæftet.",
            False,
        ),
    ],
)
def test_each_kind_of_letter_has_its_words(
    kind: str, fields: dict[str, Any], subject: str, first: str, asks: bool
) -> None:
    create_office(mailbox="udvalg@herning.example")

    cancelled_at = NOW if kind == "cancellation" else None
    meeting = create_meeting(title="Politisk møde", cancelled_at=cancelled_at)

    send(create_letter(meeting=meeting, kind=kind, **fields))

    mail = mail_to("udvalg@herning.example")
    assert mail.subject == subject
    assert mail.text.splitlines()[0] == first
    assert ("/svar/" in mail.text) == asks


@pytest.mark.parametrize("kind", ["follow_up", "change", "cancellation", "save_the_date"])
def test_the_title_of_the_letter_is_the_subject(kind: str) -> None:
    create_office(mailbox="udvalg@herning.example")

    cancelled_at = NOW if kind == "cancellation" else None
    meeting = create_meeting(title="mødet", cancelled_at=cancelled_at)

    send(create_letter(kind=kind, title="Nyt om {title}", meeting=meeting))

    assert mail_to("udvalg@herning.example").subject == "Nyt om mødet"


def test_a_title_that_tells_the_date_gets_no_second_one() -> None:
    create_office(mailbox="udvalg@herning.example")

    send(create_letter(title="Invitation til møde den {date}"))

    assert mail_to("udvalg@herning.example").subject == "Invitation til møde den 15. april 2027"


def test_who_is_informed_need_not_answer() -> None:
    create_office(mailbox="udvalg@herning.example")
    create_office(role=Role.MAYOR, mailbox="borgmester@herning.example")

    send(create_letter(copy_roles=[Role.MAYOR], title="Invitation den {date}"))

    mail = mail_to("borgmester@herning.example")
    assert mail.subject == "Til orientering: Invitation den 15. april 2027"
    assert "I får brevet til orientering og behøver ikke svare." in mail.text
    assert "/svar/" not in mail.text + mail.html


def test_a_meeting_without_registration_asks_for_no_answer() -> None:
    create_office(mailbox="udvalg@herning.example")

    send(create_letter(meeting=create_meeting(registration="none")))

    assert "/svar/" not in mail_to("udvalg@herning.example").text


def test_several_sessions_are_all_told() -> None:
    create_office(mailbox="udvalg@herning.example")
    meeting = create_meeting()
    create_session(meeting=meeting, starts_date=date(2027, 4, 16), label="Øst", online=True)

    send(create_letter(meeting=meeting))

    assert (
        "Dato og tid: Torsdag den 15. april 2027 kl. 17-19, Rådhuset i Herning, Torvet 5, 7400 Herning\n"
        "Dato og tid: Øst: Fredag den 16. april 2027 kl. 17-19, Virtuelt\n"
        "Tilmeldingsfrist: fredag den 19. marts 2027\n"
    ) in mail_to("udvalg@herning.example").text


def test_a_call_for_input_is_told() -> None:
    create_office(mailbox="udvalg@herning.example")

    send(
        create_letter(kind="follow_up", input_deadline_date=date(2027, 5, 4), input_email="input@kl.example")
    )

    assert (
        "Frist for input: tirsdag den 4. maj 2027\nInput til: input@kl.example\n"
        in mail_to("udvalg@herning.example").text
    )


# What is refused.


def test_a_letter_is_sent_once() -> None:
    create_office()
    letter = create_letter()
    send(letter)

    assert refusal(letter) == ["The letter has been sent already."]
    assert refusal(Letter.objects.get(pk=letter.pk)) == ["The letter has been sent already."]


def test_a_letter_about_a_draft_is_refused() -> None:
    create_office()

    assert refusal(create_letter(meeting=create_meeting(published_at=None))) == [
        "Publish the meeting first: the letter's link must lead somewhere."
    ]


def test_a_save_the_date_may_be_about_a_draft() -> None:
    create_office()

    assert send(create_letter(meeting=create_meeting(published_at=None), kind="save_the_date")) == 1


def test_a_letter_about_a_cancelled_meeting_is_refused_unless_it_says_so() -> None:
    create_office()
    meeting = create_meeting(cancelled_at=NOW)

    assert refusal(create_letter(meeting=meeting)) == ["The meeting is cancelled."]
    assert send(create_letter(meeting=meeting, kind="cancellation")) == 1


@pytest.mark.parametrize("mailbox", ["", None])
def test_a_letter_to_nobody_is_refused(mailbox: str | None) -> None:
    if mailbox is not None:
        create_office(mailbox=mailbox)

    assert refusal(create_letter()) == ["None of the offices that the meeting invites has a mailbox."]


def test_a_letter_that_only_informs_is_refused() -> None:
    create_office(role=Role.MAYOR)

    assert refusal(create_letter(copy_roles=[Role.MAYOR])) == [
        "None of the offices that the meeting invites has a mailbox."
    ]


def test_a_letter_about_a_meeting_of_no_municipality_is_refused() -> None:
    create_office()

    assert refusal(create_letter(meeting=create_meeting(areas=[create_area()]))) == [
        "No municipality belongs to the meeting's areas on the day of the meeting."
    ]


@pytest.mark.parametrize("text", ["{sted}", "Velkommen \U0001f389"])
def test_a_letter_that_cannot_be_printed_is_refused(text: str) -> None:
    create_office()
    letter = create_letter()
    letter.sections.update(text=text)

    assert len(refusal(letter)) == 1
    letter.refresh_from_db()
    assert not letter.is_sent


def test_what_fails_halfway_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    create_office()
    letter = create_letter()
    monkeypatch.setattr(Dispatch.objects, "bulk_create", lambda rows: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        send(letter)

    letter.refresh_from_db()
    assert not letter.is_sent
    assert (OutgoingEmail.objects.count(), Invitation.objects.count()) == (0, 0)


# At once, and many.


@pytest.mark.parametrize("offices", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_recipients(
    offices: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    names = ["Herning", "Skive", "Lemvig"]
    for name in names[:offices]:
        create_office(municipality=get_municipality(name))
    letter = create_letter()
    for number in range(3):
        create_enclosure(letter=letter, filename=f"{number}.pdf")
    letters.preview(letter, at=NOW)
    letter, staff = Letter.objects.select_related("meeting").get(pk=letter.pk), create_staff()

    with django_assert_num_queries(51):
        assert send(letter, by=staff) == offices


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_who_send_at_once_one_does() -> None:
    create_office()
    letter, staff = create_letter(), create_staff()
    together = threading.Barrier(4)

    def press(_number: int) -> str:
        mine = Letter.objects.select_related("meeting").get(pk=letter.pk)
        together.wait()
        try:
            with translation.override("en"):
                return f"{letters.dispatch(mine, at=NOW, by=staff)} mail"
        except ValidationError as refused:
            return refused.messages[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        outcomes = sorted(threads.map(press, range(4)))

    assert outcomes == ["1 mail"] + ["The letter has been sent already."] * 3
    assert (OutgoingEmail.objects.count(), Dispatch.objects.count()) == (1, 1)
    assert LetterVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (Letter.Kind.INVITATION, "invitation"),
        (Letter.Kind.FOLLOW_UP, "opfoelgning"),
        (Letter.Kind.SAVE_THE_DATE, "reserver-datoen"),
        (Letter.Kind.CHANGE, "aendring"),
        (Letter.Kind.CANCELLATION, "aflysning"),
    ],
)
def test_the_file_of_a_letter_is_called_by_its_kind_in_danish(kind: str, word: str) -> None:
    letter = create_letter(meeting=create_meeting(slug="m"), kind=kind, letter_date=date(2027, 1, 25))

    assert letter.filename == f"m-{word}-2027-01-25.pdf"


def test_a_cancellation_waits_for_the_meeting_to_be_cancelled() -> None:
    create_office(mailbox="udvalg@herning.example")
    letter = create_letter(kind=Letter.Kind.CANCELLATION)

    assert refusal(letter) == ["The meeting is not cancelled. Cancel it: the letter is sent along with that."]
