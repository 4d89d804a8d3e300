from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invitations.models import Mail, OutgoingEmail, StoredFile
from tests.admin_pages import count_queries
from tests.factories import (
    NOW,
    PDF,
    create_invitation,
    create_letter,
    create_office,
    create_staff,
    get_municipality,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LIST = "/admin/invitations/outgoingemail/"


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(mail: OutgoingEmail, name: str = "change", *more: int) -> str:
    return reverse(f"admin:invitations_outgoingemail_{name}", args=[mail.pk, *more])


def create_mail(number: int = 1, *, state: str = "sent") -> OutgoingEmail:
    mail = Mail(
        key=f"test:{number}",
        kind=OutgoingEmail.Kind.CALENDAR,
        about="herning2027",
        to=f"anne{number}@herning.example",
        to_name="Anne Sekretær",
        subject="Du er tilmeldt politisk møde",
        text="Du er tilmeldt.\n<b>Ikke HTML</b>",
        html='<p style="color: red">Du er <b>tilmeldt</b>.</p><script>alert(1)</script>',
        calendar="BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR",
        calendar_method="REQUEST",
        attachments=[("program.pdf", StoredFile.objects.store(PDF, content_type="application/pdf"))],
    )
    OutgoingEmail.objects.owe([mail], at=NOW)
    sent_at = NOW if state == "sent" else None
    OutgoingEmail.objects.filter(key=mail.key).update(state=state, sent_at=sent_at, last_error="550 Ukendt")
    return OutgoingEmail.objects.get(key=mail.key)


def test_a_mail_is_shown_with_its_parts_and_attachments(officer: Client) -> None:
    mail = create_mail()
    attachment = mail.attachments.get()

    response = officer.get(page(mail))

    for shown in (
        "Anne Sekretær &lt;anne1@herning.example&gt;",
        "&lt;b&gt;Ikke HTML&lt;/b&gt;",
        "text/calendar; method=REQUEST",
        "BEGIN:VCALENDAR",
        "550 Ukendt",
        page(mail, "html"),
        page(mail, "attachment", attachment.pk),
    ):
        assertContains(response, shown)
    assertNotContains(response, "<script>alert")


def test_the_html_of_a_mail_can_do_nothing_but_be_looked_at(officer: Client) -> None:
    mail = create_mail()

    response = officer.get(page(mail, "html"))

    assert response.content.decode() == mail.html
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert response.headers["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )


def test_an_attachment_is_downloaded_as_it_was_sent(officer: Client) -> None:
    mail = create_mail()

    response = officer.get(page(mail, "attachment", mail.attachments.get().pk))

    assert (response.content, response.headers["Content-Type"]) == (PDF, "application/pdf")
    assert response.headers["Content-Disposition"] == 'attachment; filename="program.pdf"'


def test_an_attachment_of_another_mail_is_not_found(officer: Client) -> None:
    mail, other = create_mail(1), create_mail(2)

    assert officer.get(page(mail, "attachment", other.attachments.get().pk)).status_code == 404


def test_nobody_writes_changes_or_deletes_mails(officer: Client) -> None:
    mail = create_mail()

    refused = [
        officer.post("/admin/invitations/outgoingemail/add/"),
        officer.post(page(mail), {"subject": "Andet"}),
        officer.post(page(mail, "delete"), {"post": "yes"}),
    ]

    assert [response.status_code for response in refused] == [403, 403, 403]


@pytest.mark.parametrize(
    ("state", "sentences"),
    [
        ("failed", []),
        ("sent", ["Den er sendt før, 1. februar 2027 kl. 12.00: Modtageren får den to gange."]),
        ("dropped", ["Den blev ikke sendt, fordi den ikke længere var nødvendig. Er den det nu?"]),
    ],
)
def test_sending_again_says_first_what_follows(officer: Client, state: str, sentences: list[str]) -> None:
    mail = create_mail(state=state)

    response = officer.get(page(mail, "resend"))

    first = "1 mail går til anne1@herning.example med samme tekst og samme vedhæftede filer."
    assert response.context["sentences"] == [first, *sentences]
    assert OutgoingEmail.objects.count() == 1


def test_the_button_sends_again_and_history_says_so(officer: Client) -> None:
    mail = create_mail(state="failed")

    response = officer.post(page(mail, "resend"))

    again = OutgoingEmail.objects.get(state="owed")
    assertRedirects(response, page(again))
    assert (again.resend_of, again.to, again.attachments.count()) == (mail, mail.to, 1)
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["Sendt igen."]
    assertContains(officer.get(page(again)), page(mail))


@pytest.mark.parametrize("of", ["the mail", "its copy"])
def test_a_mail_that_waits_is_not_sent_again(officer: Client, of: str) -> None:
    mail = create_mail(state="failed")
    again = mail.resend(at=NOW)

    response = officer.post(page(mail if of == "the mail" else again, "resend"))

    assert response.context["problems"] == [
        "Mailen venter stadig på at blive sendt. Det er ikke nødvendigt at sende den igen."
    ]
    assert OutgoingEmail.objects.count() == 2


def test_who_may_only_look_cannot_send_again(client: Client) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_outgoingemail"))
    client.force_login(reader)
    mail = create_mail(state="failed")

    shown, refused = client.get(page(mail)), client.post(page(mail, "resend"))

    assertNotContains(shown, page(mail, "resend"))
    assert (refused.status_code, OutgoingEmail.objects.count()) == (403, 1)


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        ({"state": "failed"}, 1),
        ({"kind": "calendar"}, 2),
        ({"q": "anne2@"}, 1),
        ({"q": "herning2027"}, 2),
        ({"q": "viborg"}, 0),
    ],
    ids=str,
)
def test_mails_are_filtered_and_found(officer: Client, chosen: dict[str, str], count: int) -> None:
    create_mail(1, state="failed")
    create_mail(2)

    assert officer.get(LIST, chosen).context["cl"].result_count == count


@pytest.mark.parametrize("model", ["outgoingemail", "dispatch", "invitation"])
def test_three_rows_ask_the_database_as_often_as_one(officer: Client, model: str) -> None:
    counts = []
    for number, town in enumerate(("Herning", "Aarhus", "Viborg")):
        create_office(municipality=get_municipality(town))
        letter, mail = create_letter(), create_mail(number)
        invitation = create_invitation(meeting=letter.meeting, municipality=get_municipality(town))
        letter.dispatches.create(
            invitation=invitation, mailbox=mail.to, office_name="Udvalg", email=mail, dispatched_at=NOW
        )
        counts.append(count_queries(officer, f"/admin/invitations/{model}/"))

    assert counts == [counts[0]] * 3


def test_dispatches_and_invitations_lead_to_what_went_out(officer: Client) -> None:
    mail, letter = create_mail(), create_letter()
    invitation = create_invitation(meeting=letter.meeting)
    dispatch = letter.dispatches.create(
        dispatched_at=NOW, invitation=invitation, mailbox=mail.to, office_name="Udvalg", email=mail
    )

    shown = officer.get(reverse("admin:invitations_dispatch_change", args=[dispatch.pk]))
    invited = officer.get(reverse("admin:invitations_invitation_change", args=[invitation.pk]))

    assertContains(shown, page(mail))
    assertContains(invited, "Herning Kommune")
