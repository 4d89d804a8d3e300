"""The pages from which letters are sent: who gets it, test mail, at a time, later, again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects
from time_machine import Traveller

from invitations import letters, personal_letters
from invitations.danish import COPENHAGEN
from invitations.models import (
    Dispatch,
    Letter,
    Meeting,
    Office,
    OutgoingEmail,
    PersonalLetter,
    Role,
    Sender,
)
from tests.admin_pages import count_queries, errors_of, fields_of, send
from tests.factories import (
    NOW,
    create_enclosure,
    create_letter,
    create_meeting,
    create_office,
    create_staff,
    get_area,
    get_municipality,
)
from tests.large_meeting import ROLES, create_offices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

VERBS = ("send", "schedule", "call_off", "test", "late", "resend")


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(letter: Letter, name: str = "change", *more: int) -> str:
    return reverse(f"admin:invitations_letter_{name}", args=[letter.pk, *more])


def sendable(**fields: Any) -> Letter:
    """A letter to the committees of Herning and Aarhus."""
    for town in ("Aarhus", "Herning"):
        create_office(municipality=get_municipality(town), mailbox=f"udvalg@{town.lower()}.example")
    return create_letter(**fields)


def sent(**fields: Any) -> Letter:
    letter = sendable(**fields)
    letters.dispatch(letter, at=NOW, by=User.objects.get())
    return letter


def schedule(officer: Client, letter: Letter, day: str, time: str, **more: str) -> Any:
    fields = fields_of(officer.get(page(letter, "send")))
    typed = {"recipients": fields["recipients"][0], "send-date": day, "send-time": time}
    return officer.post(page(letter, "schedule"), {**typed, **more}, follow=True)


def history() -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


# Who gets it.


def test_the_page_says_in_one_line_who_gets_it(officer: Client) -> None:
    meeting = create_meeting(roles=[Role.COMMITTEE, Role.MAYOR, Role.MUNICIPAL_DIRECTOR])
    letter = create_letter(meeting=meeting, copy_roles=[Role.COMMITTEE_CHAIR])
    for municipality in meeting.municipalities():
        for role in (Role.COMMITTEE, Role.MAYOR, Role.MUNICIPAL_DIRECTOR, Role.COMMITTEE_CHAIR):
            is_known = municipality.name not in ("Herning", "Skive", "Viborg") or role != Role.MAYOR
            create_office(
                municipality=municipality,
                role=role,
                mailbox=f"{role}@{municipality.code}.example" if is_known else "",
            )

    response = officer.get(page(letter, "send"))

    assert response.context["headline"] == "73 modtagere i 19 kommuner, 3 uden postkasse"
    rows = {row.municipality.name: row for row in response.context["rows"]}
    assert len(rows) == 19
    assert (rows["Herning"].invited, rows["Herning"].informed) == (2, 1)
    assert [office.office_name for office in rows["Herning"].missing] == ["Borgmester"]
    assertContains(response, "Uden postkasse: Borgmester (3).")
    assertContains(response, "/admin/invitations/office/?mailbox=no")


def test_a_mailbox_from_which_mail_came_back_is_pointed_out_and_written_to(officer: Client) -> None:
    letter = sendable()
    Office.objects.filter(municipality__name="Herning").update(returned_on=NOW.date())

    response = officer.get(page(letter, "send"))

    assertContains(response, "Mail til 1 modtager er kommet retur")
    assertContains(response, "mail kom retur den 1.2.2027")
    assert response.context["plan"].mailboxes == 2


def test_a_letter_that_changed_since_the_page_was_shown_is_looked_at_once_more(officer: Client) -> None:
    letter = sendable()
    fields = fields_of(officer.get(page(letter, "send")))
    letter.sections.update(text="Noget andet.")

    response = officer.post(page(letter, "send"), fields, follow=True)

    assertContains(response, "Modtagerne eller brevet er ændret, siden du så dem.")
    assert OutgoingEmail.objects.count() == 0


@pytest.mark.parametrize("name", ["send", "change", "late", "resend"])
def test_a_letter_to_490_asks_the_database_as_often_as_one_to_two(officer: Client, name: str) -> None:
    is_sent = name != "send"
    few = sent() if is_sent else sendable()
    counts = [count_queries(officer, page(few, name))]
    Office.objects.all().delete()
    create_offices()
    meeting = create_meeting(areas=[get_area("Hele landet")], roles=ROLES)
    many = create_letter(meeting=meeting)
    if is_sent:
        letters.dispatch(many, at=NOW, by=User.objects.get())
    counts.append(count_queries(officer, page(many, name)))

    assert counts == [counts[0]] * 2
    assert Dispatch.objects.filter(letter=many).count() == (490 if is_sent else 0)


# A test mail.


def test_a_test_mail_goes_to_who_pressed(officer: Client) -> None:
    letter = sendable()

    response = officer.post(
        page(letter, "test"), {"municipality": get_municipality("Aarhus").code}, follow=True
    )

    mail = OutgoingEmail.objects.get()
    assert (mail.to, mail.kind) == ("sekretariatet@kl.example", "test")
    assert mail.text.startswith("KL inviterer Aarhus Kommune")
    assertContains(response, "En testmail er på vej til sekretariatet@kl.example.")
    assertRedirects(response, page(letter, "send"))
    assert history() == ["Sendte en testmail til sekretariatet@kl.example."]
    assert Letter.objects.get().state == "draft"


def test_a_double_click_is_one_test_mail_and_one_line_of_history(officer: Client) -> None:
    letter = sendable()

    for _ in range(2):
        officer.post(page(letter, "test"))

    assert (OutgoingEmail.objects.count(), len(history())) == (1, 1)


def test_who_has_no_address_is_told_so(officer: Client) -> None:
    letter = sendable()
    User.objects.update(email="")

    shown, pressed = officer.get(page(letter, "send")), officer.post(page(letter, "test"), follow=True)

    for response in (shown, pressed):
        assertContains(response, "Din bruger har ingen e-mailadresse, så mailen kan ikke sendes til dig.")
    assertNotContains(shown, "Send testmail")
    assert OutgoingEmail.objects.count() == 0


def test_looking_at_the_address_of_the_test_mail_sends_none(officer: Client) -> None:
    letter = sendable()

    assertRedirects(officer.get(page(letter, "test")), page(letter, "send"))
    assert OutgoingEmail.objects.count() == 0


# At a time.


def test_a_letter_is_scheduled_and_cannot_be_changed_until_that_is_called_off(officer: Client) -> None:
    letter = sendable()
    create_enclosure(letter=letter)
    fields: dict[str, Any] = fields_of(officer.get(page(letter)))

    response = schedule(officer, letter, "3.2.2027", "9.00")
    late = officer.post(page(letter), {**fields, "title": "Ny titel", "_save": "1"}, follow=True)

    letter.refresh_from_db()
    assert letter.send_at == datetime(2027, 2, 3, 9, 0, tzinfo=COPENHAGEN)
    assert (letter.title, str(letter.send_by)) == ("", "sekretariatet")
    assertContains(response, "Brevet bliver sendt den 3. februar 2027 kl. 9.00.")
    assertContains(response, "Sendes den 3. februar 2027 kl. 9.00, planlagt af sekretariatet.")
    assertNotContains(response, "<textarea")
    assertNotContains(response, 'type="file"')
    assertContains(late, "Brevet er planlagt til udsendelse. Fortryd det, før du retter i brevet.")
    assert officer.post(page(letter, "delete"), {"post": "yes"}).status_code == 403

    officer.post(page(letter, "call_off"))
    changed = send(officer, page(letter), title="Ny titel")

    letter.refresh_from_db()
    assert (changed.status_code, letter.state, letter.title) == (302, "draft", "Ny titel")
    assert history()[:2] == [
        "Planlagt til at blive sendt den 3. februar 2027 kl. 9.00.",
        "Fortrød den planlagte udsendelse.",
    ]


def test_the_pages_of_a_scheduled_letter_say_so(officer: Client) -> None:
    letter = sendable()
    schedule(officer, letter, "3.2.2027", "9.00")

    shown, listed = officer.get(page(letter, "send")), officer.get("/admin/invitations/letter/")
    meeting = officer.get(f"/admin/invitations/meeting/{letter.meeting_id}/change/")

    assertContains(shown, "Fortryd planlagt udsendelse")
    assertContains(shown, "Modtagerne findes på det tidspunkt.")
    assertNotContains(shown, "Send 2 mails nu")
    for response in (shown, listed, meeting):
        assertContains(response, '<span class="state state-scheduled">Planlagt</span>')
    assertContains(listed, "3.2.2027 kl. 9.00")


@pytest.mark.parametrize(
    ("day", "time", "errors"),
    [
        ("", "", {"date": ["Indtast dato"], "time": ["Indtast klokkeslæt"]}),
        (
            "i morgen",
            "tidligt",
            {"date": ["Skriv datoen som 28.3.2027"], "time": ["Skriv klokkeslættet som 17.00"]},
        ),
        ("1.2.2027", "11.59", {"time": ["Vælg et tidspunkt, der ikke er passeret"]}),
        ("1.2.2029", "9.00", {"date": ["Vælg et tidspunkt inden for det kommende år"]}),
        ("28.3.2027", "2.30", {"time": ["Klokkeslættet findes ikke: Uret stilles frem den nat"]}),
    ],
)
def test_a_time_that_is_none_is_refused_at_its_field_and_kept(
    officer: Client, day: str, time: str, errors: dict[str, list[str]]
) -> None:
    letter = sendable()

    response = schedule(officer, letter, day, time)

    form = response.context["scheduling_form"]
    assert form.errors == errors
    assert (form["date"].value(), form["time"].value()) == (day, time)
    assert Letter.objects.get().state == "draft"


def test_a_time_that_is_unusual_has_to_be_confirmed(officer: Client) -> None:
    letter = sendable()

    asked = schedule(officer, letter, "6.2.2027", "22.15")
    confirmed = asked.context["scheduling_form"]["confirmed"].value()
    other = schedule(officer, letter, "7.2.2027", "22.15", **{"send-confirmed": confirmed})
    still_a_draft = Letter.objects.get().state
    schedule(officer, letter, "6.2.2027", "22.15", **{"send-confirmed": confirmed})

    assertContains(asked, "Det er weekend eller helligdag.")
    assertContains(asked, "Planlæg alligevel")
    assert other.context["scheduling_form"].warnings == asked.context["scheduling_form"].warnings
    assert still_a_draft == "draft"
    assert Letter.objects.get().send_at == datetime(2027, 2, 6, 22, 15, tzinfo=COPENHAGEN)


def test_calling_off_says_first_what_follows_and_twice_is_once(officer: Client) -> None:
    letter = sendable()
    schedule(officer, letter, "3.2.2027", "9.00")

    shown = officer.get(page(letter, "call_off"))
    still = Letter.objects.get().state
    officer.post(page(letter, "call_off"))
    again = officer.post(page(letter, "call_off"), follow=True)

    assert shown.context["sentences"] == [
        "Brevet bliver ikke sendt den 3. februar 2027 kl. 9.00.",
        "Det bliver en kladde igen, som kan rettes, sendes eller planlægges på ny.",
        "Der sendes ingen mails.",
    ]
    assert (still, Letter.objects.get().state) == ("scheduled", "draft")
    assertContains(again, "Brevet er en kladde. Det bliver ikke sendt af sig selv.")
    assert len(history()) == 2


def test_a_letter_that_could_not_be_sent_says_why(officer: Client) -> None:
    letter = sendable(send_problem="Mødet er aflyst.")

    shown, listed = officer.get(page(letter)), officer.get("/admin/invitations/letter/")

    assertContains(shown, "Det kunne ikke sendes som planlagt")
    assertContains(shown, "<li>Mødet er aflyst.</li>")
    assertContains(listed, '<span class="state state-not_sent">Kunne ikke sendes</span>')


def test_a_letter_whose_time_has_passed_is_pointed_out(officer: Client, clock: Traveller) -> None:
    letter = sendable()
    schedule(officer, letter, "1.2.2027", "12.10")

    in_time = officer.get(page(letter))
    clock.move_to(NOW + timedelta(minutes=20))
    too_late = officer.get(page(letter))

    assertNotContains(in_time, "Tidspunktet er passeret")
    assertContains(too_late, "Tidspunktet er passeret, og systemet prøver igen og igen.")


# Personal letters.


def test_a_letter_for_each_municipality_is_asked_for_in_the_form(officer: Client) -> None:
    letter = create_letter()

    send(officer, page(letter), is_personal="on")
    is_personal = Letter.objects.get().is_personal
    wrong_kind = send(officer, page(letter), kind="follow_up")
    Meeting.objects.update(registration="none")
    no_form = send(officer, page(letter))

    assert is_personal
    assert errors_of(wrong_kind) == {
        "is_personal": ["Kun en invitation eller en ændring kan have et link til hver kommune"]
    }
    assert list(errors_of(no_form)) == ["is_personal"]


def test_the_preview_of_a_personal_letter_is_that_of_one_municipality(officer: Client) -> None:
    letter = sendable(is_personal=True)

    shown, pdf = officer.get(page(letter, "preview")), officer.get(page(letter, "pdf"))

    assertContains(shown, "Sådan ser en kommunes brev ud.")
    assert pdf.content != letters.preview(letter, at=NOW).pdf.data
    assert pdf.headers["Content-Type"] == "application/pdf"


def test_the_letters_being_made_are_counted_and_then_opened_one_by_one(officer: Client) -> None:
    letter = sent(is_personal=True)

    before, asked = officer.get(page(letter)), officer.get(page(letter, "progress"))
    personal_letters.make_due(at=NOW)
    own = PersonalLetter.objects.get(municipality_name="Herning Kommune")
    after, opened = officer.get(page(letter)), officer.get(page(letter, "personal", own.pk))

    assertContains(before, '<span class="ready">0</span> af 2 er klar')
    assertContains(before, "Under forberedelse (2)")
    assert asked.json() == {"ready": 0, "total": 2, "problems": 0}
    assertNotContains(after, "af 2 er klar")
    assertContains(after, page(letter, "personal", own.pk))
    assert own.pdf is not None
    assert opened.content == own.pdf.data
    assert opened.headers["Content-Disposition"] == f'inline; filename="{own.filename}"'


def test_a_letter_that_is_not_made_yet_or_of_another_letter_is_not_found(officer: Client) -> None:
    letter = sent(is_personal=True)
    other = create_letter()
    own = PersonalLetter.objects.first()
    assert own is not None

    not_made = officer.get(page(letter, "personal", own.pk))
    personal_letters.make_due(at=NOW)

    assert [not_made.status_code, officer.get(page(other, "personal", own.pk)).status_code] == [404, 404]


# Later, and again.


def test_new_recipients_are_counted_shown_and_written_to(officer: Client) -> None:
    letter = sent()
    create_office(municipality=get_municipality("Skive"), mailbox="udvalg@skive.example")

    counted = officer.get(page(letter))
    shown = officer.get(page(letter, "late"))
    response = officer.post(page(letter, "late"), fields_of(shown), follow=True)
    again = officer.post(page(letter, "late"), fields_of(shown), follow=True)

    assertContains(counted, "1 ny modtager har ikke fået brevet.")
    assert shown.context["headline"] == "1 modtager i 1 kommune"
    assert shown.context["sentences"] == [
        "1 mail går til modtagere i 1 kommune.",
        "De får præcis det brev, der blev sendt, med samme dato.",
        "De, der har fået brevet, får det ikke igen.",
    ]
    assertContains(response, "1 mail er på vej.")
    assertNotContains(response, "har ikke fået brevet")
    assertContains(again, "Alle, der skal have brevet, har fået det.")
    assert (OutgoingEmail.objects.count(), history()) == (3, ["Sendt til nye modtagere som 1 mail."])


def test_a_meeting_that_changed_since_is_pointed_out(officer: Client) -> None:
    letter = sent()
    create_office(municipality=get_municipality("Skive"))
    letter.meeting.sessions.update(venue_city="Ikast")

    response = officer.get(page(letter, "late"))

    assert response.context["sentences"][-1] == (
        "Bemærk: Mødet er ændret siden. Brevet oplyser det, der gjaldt, da det blev sendt."
    )


def test_new_recipients_that_were_not_shown_get_nothing(officer: Client) -> None:
    letter = sent()
    create_office(municipality=get_municipality("Skive"))
    fields = fields_of(officer.get(page(letter, "late")))
    create_office(municipality=get_municipality("Viborg"))

    response = officer.post(page(letter, "late"), fields, follow=True)

    assertContains(response, "Modtagerne er ændret, siden du så dem.")
    assert OutgoingEmail.objects.count() == 2


def fail(mailbox: str) -> None:
    OutgoingEmail.objects.filter(to=mailbox).update(state="failed", last_error="550 5.1.1 No such user")


def test_what_happened_to_each_mail_is_shown_and_filtered(officer: Client) -> None:
    letter = sent()
    fail("udvalg@herning.example")
    OutgoingEmail.objects.filter(to="udvalg@aarhus.example").update(state="sent", sent_at=NOW)

    everything, failed = officer.get(page(letter)), officer.get(page(letter), {"state": "failed"})

    for text in ("Alle (2)", "Sendt (1)", "Kunne ikke leveres (1)", "550 5.1.1 No such user"):
        assertContains(everything, text)
    assertContains(failed, "udvalg@herning.example")
    assertNotContains(failed, "udvalg@aarhus.example")
    assertContains(officer.get(page(letter), {"state": "<b>"}), "Ingen.")


def test_what_could_not_be_delivered_is_sent_again_after_a_page_with_numbers(officer: Client) -> None:
    letter = sent()
    fail("udvalg@herning.example")
    fail("udvalg@aarhus.example")
    Office.objects.filter(municipality__name="Aarhus").update(mailbox="nyt@aarhus.example")

    shown = officer.get(page(letter, "resend"))
    response = officer.post(page(letter, "resend"), follow=True)
    again = officer.post(page(letter, "resend"), follow=True)

    assert shown.context["sentences"] == [
        "1 mail sendes igen til samme postkasse.",
        "1 mail sendes til en postkasse, der er rettet siden.",
        "Alle andre får ingenting.",
    ]
    assertContains(response, "2 mails er på vej.")
    assertContains(again, "Der er ingen mails, der ikke kunne leveres.")
    assert sorted(OutgoingEmail.objects.filter(state="owed").values_list("to", flat=True)) == [
        "nyt@aarhus.example",
        "udvalg@herning.example",
    ]
    assert history() == ["Sendte 2 mails igen."]


def test_one_office_is_written_to_at_its_new_mailbox(officer: Client) -> None:
    letter = sent()
    Office.objects.filter(municipality__name="Aarhus").update(mailbox="nyt@aarhus.example")
    dispatch = Dispatch.objects.get(mailbox="udvalg@aarhus.example")
    url = page(letter, "corrected", dispatch.pk)

    linked, shown = officer.get(page(letter)), officer.get(url)
    officer.post(url)
    again = officer.post(url)

    assertContains(linked, url)
    assert shown.context["sentences"] == [
        "Udvalg fik brevet sendt til udvalg@aarhus.example.",
        "1 mail går til nyt@aarhus.example med samme tekst og samme vedhæftede filer.",
    ]
    assert again.context["problems"] == ["Den postkasse, modtageren har nu, har fået brevet."]
    assert OutgoingEmail.objects.filter(to="nyt@aarhus.example").count() == 1
    assert history() == ["Sendt til ny postkasse: Udvalg."]


# For ever.


def record(officer: Client, letter: Letter) -> str:
    """What the page shows of what was sent, without what became of the mails."""
    html = officer.get(page(letter)).content.decode()
    return html[html.index('<section class="record"') : html.index("</section>", html.index("record"))]


def test_nothing_that_changes_later_changes_what_was_sent(officer: Client) -> None:
    letter = sendable(title="Invitation til {title}", copy_roles=[Role.MAYOR])
    create_office(role=Role.MAYOR, mailbox="borgmester@herning.example", name="Borgmesterkontoret")
    create_enclosure(letter=letter)
    send(officer, page(letter, "send"))
    before, pdf = record(officer, letter), officer.get(page(letter, "pdf")).content

    Meeting.objects.update(title="Et andet møde", policy_area=letter.meeting.policy_area)
    letter.meeting.sessions.update(venue_city="Ikast")
    User.objects.update(first_name="Ny", last_name="Leder", username="ny")
    Sender.objects.update(name="En anden", mailbox="anden@kl.example")
    get_municipality().__class__.objects.filter(name="Herning").update(official_name="Ny Kommune")
    Office.objects.filter(role=Role.MAYOR).delete()
    Office.objects.update(name="Et andet udvalg")

    after = record(officer, letter)
    assert after == before
    assert officer.get(page(letter, "pdf")).content == pdf
    for text in (
        "1. februar 2027 kl. 12.00 af sekretariatet: 3 mails",
        "Herning Kommune",
        "Borgmesterkontoret",
        "borgmester@herning.example",
        letters.preview(letter, at=NOW).pdf.sha256,
        f"{len(pdf)} bytes",
    ):
        assert text in after


def test_each_wave_keeps_its_time_and_who_pressed(officer: Client, clock: Traveller) -> None:
    letter = sent()
    create_office(municipality=get_municipality("Skive"))
    clock.move_to(NOW + timedelta(days=1))
    officer.force_login(create_staff(username="bo"))
    send(officer, page(letter, "late"))

    shown = record(officer, letter)

    assert "1. februar 2027 kl. 12.00 af sekretariatet: 2 mails" in shown
    assert "2. februar 2027 kl. 12.00 af bo: 1 mail" in shown


# Strangers.


def stranger(*permissions: str) -> Client:
    user = User.objects.create_user("gaest", password="x", is_staff=True, email="gaest@kl.example")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", VERBS)
def test_who_may_only_see_letters_sends_none(officer: Client, name: str) -> None:
    letter = sent() if name in ("late", "resend") else sendable()
    create_office(municipality=get_municipality("Skive"))
    before = OutgoingEmail.objects.count()

    response = stranger("view_letter").post(page(letter, name))

    assert response.status_code == 403
    assert (OutgoingEmail.objects.count(), Letter.objects.get().send_at) == (before, None)


def test_who_may_only_see_letters_sees_the_record_and_the_letters_of_the_municipalities(
    officer: Client,
) -> None:
    letter = sent(is_personal=True)
    personal_letters.make_due(at=NOW)
    fail("udvalg@herning.example")
    own = PersonalLetter.objects.first()
    assert own is not None
    client = stranger("view_letter")

    shown, opened = client.get(page(letter)), client.get(page(letter, "personal", own.pk))

    assert [shown.status_code, opened.status_code] == [200, 200]
    assertContains(shown, "udvalg@herning.example")
    assertNotContains(shown, page(letter, "resend"))


@pytest.mark.parametrize("name", ["progress", *VERBS])
def test_who_may_not_see_letters_sees_none(officer: Client, name: str) -> None:
    letter = sent()

    assert stranger().get(page(letter, name)).status_code == 403
    assert Client().get(page(letter, name)).status_code == 302


def test_why_there_are_fewer_mails_than_recipients_is_said(officer: Client) -> None:
    letter = sendable(copy_roles=[Role.MAYOR])
    create_office(role=Role.MAYOR, mailbox="udvalg@herning.example")

    response = officer.get(page(letter, "send"))

    assertContains(response, "3 modtagere i 2 kommuner")
    assertContains(response, "Send 2 mails nu")
    assertContains(
        response, "1 modtager har samme postkasse som en anden i kommunen; de får én mail tilsammen."
    )


def test_where_each_recipient_gets_a_mail_nothing_is_explained(officer: Client) -> None:
    assertNotContains(officer.get(page(sendable(), "send")), "samme postkasse")


def test_a_cancellation_is_not_sent_while_the_meeting_is_on_and_leads_to_cancelling(officer: Client) -> None:
    letter = sendable(kind=Letter.Kind.CANCELLATION)
    sentence = "Mødet er ikke aflyst. Aflys mødet: Brevet bliver sendt samtidig."

    response = officer.get(page(letter, "send"))
    refused = officer.post(page(letter, "send"), {"recipients": response.context["fingerprint"]})
    Meeting.objects.update(cancelled_at=NOW)
    afterwards = officer.get(page(letter, "send"))

    assertContains(response, sentence)
    assertContains(response, reverse("admin:invitations_meeting_cancel", args=[letter.meeting_id]))
    assertContains(refused, sentence)
    assertNotContains(afterwards, sentence)
    assert not Letter.objects.get().is_sent


def test_a_letter_that_was_never_sent_has_no_later_recipients(officer: Client) -> None:
    response = officer.get(page(sendable(), "late"))

    assertContains(response, "Brevet er ikke sendt endnu.")
