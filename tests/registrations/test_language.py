"""Whom we write to in which language: that of the form by which their registration was sent or changed."""

from __future__ import annotations

import uuid
from datetime import date, time

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from invitations.admin.meeting_pages import page_url
from invitations.letter_html import letter_document, letter_html
from invitations.mail_text import writing_in
from invitations.models import Letter, OutgoingEmail
from registrations.addressees import addressees_of
from registrations.messages import Message, write
from registrations.models import Decline, Participant, Registration
from registrations.receipts import owe_calendar_requests
from registrations.reminder_samples import sample_mail
from tests.factories import (
    NOW,
    create_invitation,
    create_letter,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.pages import inputs, page_text, typed
from tests.told import correct, send_letter, sign_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

RECEIPT = {
    "": "Kvittering: Tilmelding til politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19",
    "/en": "Receipt: Registration for Politisk møde i Region Midtjylland on 15 April 2027, 17:00–19:00",
}


def subjects(kind: str, **chosen: str) -> list[str]:
    mails = OutgoingEmail.objects.filter(kind=kind, **chosen).order_by("pk")
    return list(mails.values_list("subject", flat=True))


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_registration_speaks_the_language_of_its_form(client: Client, prefix: str) -> None:
    meeting = create_meeting()

    client.post(f"{prefix}/{meeting.slug}/tilmeld", typed(do="send"))

    assert Registration.objects.get().language == (prefix[1:] or "da")
    assert subjects("receipt") == [RECEIPT[prefix]]


def test_the_same_form_sent_again_in_the_other_language_is_the_same_registration(client: Client) -> None:
    meeting = create_meeting()
    form = typed(do="send")

    for prefix in ("/en", ""):
        assert client.post(f"{prefix}/{meeting.slug}/tilmeld", form).status_code == 303

    assert Registration.objects.get().language == "en"
    assert subjects("receipt") == [RECEIPT["/en"]]


def test_a_decline_by_the_english_form_gets_an_english_receipt(client: Client) -> None:
    invitation = create_invitation()

    client.post(
        f"/en/svar/{invitation.token}/afbud",
        {"contact_name": "Ib", "contact_email": "ib@herning.example", "do": "decline"},
    )

    assert Decline.objects.get().language == "en"
    assert subjects("decline") == ["We have received your decline: Politisk møde i Region Midtjylland"]


def test_the_contact_changes_the_language_of_all_by_changing_in_the_other(client: Client) -> None:
    registration = create_registration()
    form = f"/kvittering/{registration.token}/ret"

    english = inputs(client.get(f"/en{form}")) | {"participant-0-email": "ny@herning.example"}
    assert client.post(f"/en{form}", english | {"do": "send"}).status_code == 303

    registration.refresh_from_db()
    assert registration.language == "en"
    assert subjects("change") == [
        "Changed registration: Politisk møde i Region Midtjylland on 15 April 2027, 17:00–19:00"
    ]
    assert subjects("calendar", to="ny@herning.example") == [
        "You are registered for Politisk møde i Region Midtjylland on 15 April 2027, 17:00–19:00"
    ]
    [participant] = registration.participants.all()
    client.post(f"/kvittering/{registration.token}/afmeld", {"participants": str(participant.pk)})
    registration.refresh_from_db()
    assert registration.language == "da"
    assert subjects("change")[1:] == ["Ændret tilmelding: politisk møde i Region Midtjylland"]


def test_neither_a_participant_nor_staff_changes_it(client: Client) -> None:
    registration = create_registration()
    [bo] = registration.participants.all()
    of_participant = f"/en/deltager/{bo.token}/ret"
    of_staff = f"/en{page_url('registration_change', registration.meeting, pk=registration.pk)}"
    client.force_login(create_staff())

    shown = client.get(of_participant)
    client.post(of_participant, inputs(shown) | {"participant-0-title": "Formand", "do": "send"})
    typed_anew = inputs(client.get(of_staff)) | {"participant-0-title": "Medlem", "do": "check"}
    client.post(of_staff, inputs(client.post(of_staff, typed_anew)) | {"do": "send"})

    registration.refresh_from_db()
    assert (registration.version, registration.language) == (3, "da")
    assert {subject.split(":")[0] for subject in subjects("change")} == {"Ændret tilmelding"}


def test_what_staff_enter_is_danish_whatever_they_read(client: Client) -> None:
    meeting = create_meeting()
    client.force_login(create_staff())
    form = f"/en{page_url('municipality_register', meeting, code='0657')}"

    client.post(form, typed(do="send"))

    assert Registration.objects.get().language == "da"
    assert subjects("receipt") == [RECEIPT[""]]


def test_each_of_those_told_at_once_is_told_in_their_own() -> None:
    meeting = create_meeting()
    for language in ("da", "en", "da"):
        create_registration(meeting=meeting, language=language)

    owe_calendar_requests(Participant.objects.order_by("pk"), at=NOW)

    danish = "Du er tilmeldt politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19"
    english = "You are registered for Politisk møde i Region Midtjylland on 15 April 2027, 17:00–19:00"
    assert subjects("calendar") == [danish, english, danish]
    parts = list(OutgoingEmail.objects.order_by("pk").values_list("calendar", flat=True))
    assert ["Withdraw here" in part for part in parts] == [False, True, False]


def test_a_day_in_a_correction_is_english_for_who_reads_that_and_on_the_english_page(client: Client) -> None:
    meeting = create_meeting()
    create_session(meeting=meeting, starts_date=date(2027, 4, 20))
    registration = create_registration(meeting=meeting, participants=0, language="en")
    sign_up(meeting, email="bo@herning.example", registration=registration)
    create_participant(registration=registration, name="Ane", email="")
    session = meeting.sessions.all()[0]
    session.starts_time, session.ends_time = time(18), time(20)
    session.save()

    correct(meeting)

    line = "New time, 15 April 2027: 18:00–20:00 (before: 17:00–19:00)"
    assert line in OutgoingEmail.objects.get(kind="correction").text.splitlines()
    own = "New time: 18:00–20:00 (before: 17:00–19:00)"
    assert own in OutgoingEmail.objects.filter(kind="calendar").latest("pk").text.splitlines()
    assert line in page_text(client.get(f"/en/{meeting.slug}"))
    danish = "Nyt tidspunkt, 15. april 2027: kl. 18-20 (før: kl. 17-19)"
    assert danish in page_text(client.get(f"/{meeting.slug}"))


def test_what_the_secretariat_writes_stays_danish_in_an_english_frame() -> None:
    meeting, herning = create_meeting(), get_municipality()
    create_registration(meeting=meeting, language="en", participants=0)
    chosen = {herning: addressees_of(meeting, [herning], on=NOW.date())[herning.pk]}
    message = Message(subject="Husk", text="Kære alle\n\nVi ses.")

    write(meeting, chosen, message, key=uuid.uuid4(), by=create_staff(), at=NOW)

    mail = OutgoingEmail.objects.get()
    assert mail.subject == "Husk"
    assert "Vi ses." in mail.text
    assert "You get this mail because you are the contact person of Herning Kommune." in mail.text
    assert '<div lang="da"><p>Kære alle</p>' in mail.html


def test_the_title_is_marked_as_danish_in_an_english_mail_and_nowhere_else(client: Client) -> None:
    meeting = create_meeting(title="Møde & <mad>")
    create_registration(meeting=meeting, language="en")
    create_registration(meeting=meeting)

    owe_calendar_requests(Participant.objects.order_by("pk"), at=NOW)

    english, danish = OutgoingEmail.objects.order_by("pk").values_list("html", flat=True)
    assert 'for <span lang="da">Møde &amp; &lt;mad&gt;</span> on 15 April' in english
    assert "lang=" not in danish.replace('<html lang="da">', "")


def test_an_office_is_reminded_in_danish_by_who_reads_english_and_after_an_english_mail_that_failed() -> None:
    meeting = create_meeting()
    with pytest.raises(ZeroDivisionError), writing_in("en"):
        raise ZeroDivisionError

    with translation.override("en"):
        mail = sample_mail(meeting, "now", at=NOW)

    assert mail is not None
    assert mail.subject == "Påmindelse: Tilmeldingsfristen er fredag den 19. marts"
    assert "Dato og tid: Torsdag den 15. april 2027 kl. 17-19" in mail.text


def test_staff_see_the_language_and_cannot_type_it(client: Client) -> None:
    registration = create_registration(language="en")
    client.force_login(create_staff())

    response = client.get(reverse("admin:registrations_registration_change", args=[registration.pk]))

    assert 'name="language"' not in response.content.decode()
    assert "Sprog i mails: English" in page_text(response)


def test_links_to_the_letter_say_on_the_english_page_that_it_is_danish(client: Client) -> None:
    meeting = create_meeting()
    send_letter(meeting)

    english, danish = (page_text(client.get(f"{prefix}/{meeting.slug}")) for prefix in ("/en", ""))

    assert "The invitation as PDF (in Danish)" in english
    assert "Read the invitation (in Danish)" in english
    assert "(på dansk)" not in danish


def test_a_letter_is_the_same_whatever_language_its_author_reads() -> None:
    meeting = create_meeting()
    create_session(meeting=meeting, starts_date=date(2027, 4, 20), online=True)
    create_theme(item=create_programme_item(meeting=meeting))
    letter = create_letter(meeting=meeting)

    danish = letter_html(letter_document(letter))
    with translation.override("en"):
        english = letter_html(letter_document(Letter.objects.get(pk=letter.pk)))

    assert english == danish


def test_the_calendar_file_of_the_english_page_leads_back_to_it(client: Client) -> None:
    meeting = create_meeting(session=False)
    create_session(meeting=meeting, online=True)

    address = reverse("invitations:calendar", args=[meeting.slug])

    english, danish = (client.get(f"{prefix}{address}").content.decode() for prefix in ("/en", ""))

    assert (f"/en/{meeting.slug}\r\n" in english, "LOCATION:Online\r\n" in english) == (True, True)
    assert (f":8000/{meeting.slug}\r\n" in danish, "LOCATION:Virtuelt\r\n" in danish) == (True, True)
