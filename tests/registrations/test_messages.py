"""Mails that the secretariat writes by hand: to whom, what stands in them, and never twice."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from invitations.models import Meeting, OutgoingEmail, Role
from invitations.placeholders import PlaceholderError
from registrations.addressees import Addressee, Group, addressees_of, main_addressee
from registrations.messages import Message, send_link, write
from tests.factories import (
    NOW,
    create_decline,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_office,
    create_participant,
    create_registration,
    create_staff,
    get_municipality,
)

pytestmark = pytest.mark.django_db

TODAY = date(2027, 2, 1)
MESSAGE = Message(subject="Husk {title}", text="Kære {municipality}\n\nVi ses den {date}.")


@pytest.fixture
def officer() -> User:
    return create_staff()


def found(meeting: Meeting, name: str = "Herning") -> list[Addressee]:
    municipality = get_municipality(name)
    return addressees_of(meeting, [municipality], on=TODAY)[municipality.pk]


def somebody(email: str = "anne@herning.example", group: Group = Group.CONTACT) -> Addressee:
    return Addressee(group=group, name="Anne Sekretær", email=email)


def test_contacts_offices_and_participants_can_be_written_to_each_address_once() -> None:
    meeting = create_meeting()
    registration = create_registration(meeting=meeting, participants=0)
    create_registration(
        meeting=meeting, participants=0, contact_name="Bo Leder", contact_email="bo@herning.example"
    )
    create_participant(registration=registration, name="Anne", email="ANNE@herning.example")
    create_participant(registration=registration, name="Ida", email="ida@herning.example")
    create_participant(registration=registration, email="ude@herning.example", withdrawn_at=NOW)
    create_dispatch(invitation=create_invitation(meeting=meeting), mailbox="udvalg@herning.example")

    assert [(addressee.group, addressee.email) for addressee in found(meeting)] == [
        ("contact", "bo@herning.example"),
        ("contact", "anne@herning.example"),
        ("office", "udvalg@herning.example"),
        ("participant", "ida@herning.example"),
    ]


def test_an_office_whose_mailbox_has_been_corrected_since_the_letter_is_there_too() -> None:
    meeting = create_meeting()
    create_dispatch(invitation=create_invitation(meeting=meeting), mailbox="gammel@herning.example")
    create_office(mailbox="ny@herning.example")
    create_office(mailbox="borgmester@herning.example", role=Role.MAYOR)
    create_office(mailbox="ophoert@herning.example", valid_to=date(2026, 12, 31))

    assert [addressee.email for addressee in found(meeting)] == [
        "gammel@herning.example",
        "ny@herning.example",
    ]


def test_the_first_choice_is_the_contact_else_the_committee() -> None:
    meeting = create_meeting(roles=[Role.COMMITTEE, Role.MUNICIPAL_DIRECTOR])
    create_office(mailbox="direktoer@herning.example", role=Role.MUNICIPAL_DIRECTOR)
    create_office(mailbox="udvalg@herning.example")
    before = main_addressee(found(meeting))
    create_decline(meeting=meeting, contact_name="Anne", contact_email="anne@herning.example")

    after = main_addressee(found(meeting))

    assert (before and before.email, after and after.email) == (
        "udvalg@herning.example",
        "anne@herning.example",
    )
    assert main_addressee([]) is None


def test_other_municipalities_and_meetings_are_other_peoples_business() -> None:
    meeting = create_meeting()
    create_registration(meeting=meeting, municipality=get_municipality("Viborg"))
    create_registration()
    create_registration(meeting=meeting, awaits_match=True)

    assert found(meeting) == []


def test_each_gets_a_mail_with_the_meetings_facts_and_the_name_of_the_municipality(officer: User) -> None:
    meeting = create_meeting()
    chosen = {
        get_municipality("Herning"): [somebody(), somebody("bo@herning.example")],
        get_municipality("Viborg"): [somebody("ib@viborg.example")],
    }

    owed = write(meeting, chosen, MESSAGE, key=uuid.uuid4(), by=officer, at=NOW)

    mails = OutgoingEmail.objects.order_by("pk")
    assert (owed, {mail.kind for mail in mails}, {mail.about for mail in mails}) == (
        3,
        {"message"},
        {meeting.slug},
    )
    last = mails.get(to="ib@viborg.example")
    assert last.subject == "Husk Politisk møde i Region Midtjylland"
    assert last.text.startswith("Kære Viborg Kommune\n\nVi ses den 15. april 2027.\n\nMed venlig hilsen\n")
    assert "fordi du er kontaktperson for Viborg Kommune" in last.text
    assert "svar/" not in last.text


def test_who_wrote_to_whom_is_history_of_the_meeting_and_of_each_mail(officer: User) -> None:
    meeting = create_meeting()
    chosen = {get_municipality(name): [somebody()] for name in ("Herning", "Viborg")}

    write(meeting, chosen, MESSAGE, key=uuid.uuid4(), by=officer, at=NOW)

    assert sorted(entry.get_change_message() for entry in LogEntry.objects.filter(user=officer)) == [
        "Skrev til 2 kommuner: 2 mails.",
        "Skrevet af sekretariatet.",
        "Skrevet af sekretariatet.",
    ]


def test_pressed_twice_it_is_one_message_and_with_other_words_another(officer: User) -> None:
    meeting, key = create_meeting(), uuid.uuid4()
    chosen = {get_municipality(): [somebody()]}
    other = Message(subject="Husk", text="Noget andet.")

    owed = [
        write(meeting, chosen, message, key=key, by=officer, at=NOW) for message in (MESSAGE, MESSAGE, other)
    ]

    assert owed == [1, 0, 1]
    assert LogEntry.objects.count() == 4


def test_the_link_is_each_municipalitys_own_and_invites_who_was_not(officer: User) -> None:
    meeting = create_meeting()
    invited = create_invitation(meeting=meeting)
    chosen = {
        get_municipality("Herning"): [somebody()],
        get_municipality("Viborg"): [somebody("ib@viborg.example")],
    }
    message = Message(subject="Svar", text="Svar her.", with_link=True)

    write(meeting, chosen, message, key=uuid.uuid4(), by=officer, at=NOW)

    viborg = meeting.invitations.get(municipality__name="Viborg")
    texts = dict(OutgoingEmail.objects.values_list("to", "text"))
    assert f"/svar/{invited.token}\n" in texts["anne@herning.example"]
    assert f"/svar/{viborg.token}\n" in texts["ib@viborg.example"]


def test_a_message_without_the_link_invites_nobody_and_may_be_about_any_meeting(officer: User) -> None:
    meeting = create_meeting(published_at=None)

    owed = write(meeting, {get_municipality(): [somebody()]}, MESSAGE, key=uuid.uuid4(), by=officer, at=NOW)

    assert (owed, meeting.invitations.count()) == (1, 0)


def test_a_placeholder_that_cannot_be_printed_stops_everything(officer: User) -> None:
    with pytest.raises(PlaceholderError):
        write(
            create_meeting(),
            {get_municipality(): [somebody()]},
            Message(subject="Hej", text="{datoen}"),
            key=uuid.uuid4(),
            by=officer,
            at=NOW,
        )

    assert OutgoingEmail.objects.count() == 0


def test_what_is_typed_is_no_markup_in_the_mail(officer: User) -> None:
    message = Message(subject="A & B", text="<b>Hej</b> https://www.kl.dk")

    write(create_meeting(), {get_municipality(): [somebody()]}, message, key=uuid.uuid4(), by=officer, at=NOW)

    mail = OutgoingEmail.objects.get()
    assert mail.subject == "A & B"
    assert "&lt;b&gt;Hej&lt;/b&gt;" in mail.html
    assert '<a href="https://www.kl.dk"' in mail.html


def test_the_personal_link_goes_out_again_with_deadline_and_history(officer: User) -> None:
    meeting, herning = create_meeting(), get_municipality()
    office = Addressee(group=Group.OFFICE, name="Børneudvalget", email="udvalg@herning.example")

    owed = send_link(meeting, herning, [office], key=uuid.uuid4(), by=officer, at=NOW)

    mail, invitation = OutgoingEmail.objects.get(), meeting.invitations.get()
    assert (owed, mail.kind, mail.subject) == (
        1,
        "link",
        "Jeres link: politisk møde i Region Midtjylland",
    )
    assert f"/svar/{invitation.token}\n" in mail.text
    assert "Tilmeldingsfrist: fredag den 19. marts 2027" in mail.text
    assert sorted(entry.get_change_message() for entry in LogEntry.objects.all()) == [
        "Sendte det personlige link til Herning Kommune: 1 mail.",
        "Sendte det personlige link.",
    ]


def test_the_link_pressed_twice_goes_once_and_asked_for_anew_goes_again(officer: User) -> None:
    meeting, herning, key = create_meeting(), get_municipality(), uuid.uuid4()

    owed = [
        send_link(meeting, herning, [somebody()], key=each, by=officer, at=NOW)
        for each in (key, key, uuid.uuid4())
    ]

    assert owed == [1, 0, 1]


@pytest.mark.parametrize("fields", [{"published_at": None}, {"registration": "none"}], ids=["draft", "form"])
def test_no_link_goes_out_where_nobody_can_answer(officer: User, fields: dict[str, Any]) -> None:
    meeting = create_meeting(**fields)

    with pytest.raises(ValidationError):
        send_link(meeting, get_municipality(), [somebody()], key=uuid.uuid4(), by=officer, at=NOW)

    assert (OutgoingEmail.objects.count(), meeting.invitations.count()) == (0, 0)


def test_no_link_goes_out_for_a_meeting_that_was_cancelled_meanwhile(officer: User) -> None:
    meeting = create_meeting()
    Meeting.objects.get(pk=meeting.pk).cancel(at=NOW)

    with pytest.raises(ValidationError, match="Mødet er aflyst"):
        send_link(meeting, get_municipality(), [somebody()], key=uuid.uuid4(), by=officer, at=NOW)
