from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invitations.admin.letters import LetterAdmin
from invitations.letters import preview
from invitations.models import Dispatch, Invitation, Letter, Meeting, OutgoingEmail, StoredFile
from tests.admin_pages import add_row, count_queries, errors_of, fields_of, send
from tests.factories import (
    NOW,
    PDF,
    create_enclosure,
    create_letter,
    create_meeting,
    create_office,
    create_staff,
    get_municipality,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LIST = "/admin/invitations/letter/"
ADD = "/admin/invitations/letter/add/"


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(letter: Letter, name: str = "change", *more: int) -> str:
    return reverse(f"admin:invitations_letter_{name}", args=[letter.pk, *more])


def pdf(name: str = "program.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def create_sent_letter(officer: Client, *towns: str) -> Letter:
    """A letter that the officer has sent to the committees of `towns` in Region Midtjylland."""
    for town in towns:
        create_office(municipality=get_municipality(town))
    letter = create_letter()
    send(officer, page(letter, "send"))
    return Letter.objects.get(pk=letter.pk)


def test_a_letter_is_made_from_its_meeting(officer: Client) -> None:
    meeting = create_meeting()
    url = f"{ADD}?meeting={meeting.pk}"
    fields: dict[str, Any] = fields_of(officer.get(url))
    fields |= {
        "recipients": "Borgmesteren\r\nUdvalget",
        "title": "Invitation til {title}",
        "copy_roles": ["mayor"],
        "sections-0-text": "Vi inviterer jer.",
        "signatories-0-name": "Kirsten Holm",
        "signatories-0-title": "Formand\r\nBørne- og Undervisningsudvalget",
    }
    add_row(fields, "sections", heading="Program", block="programme")
    add_row(fields, "enclosures", title="Kerneværdierne", upload=pdf("Kerneværdier (2).pdf"))
    add_row(fields, "announcements", meeting=create_meeting(title="Møde i juni").pk)

    officer.post(url, {**fields, "_save": "1"})

    letter = Letter.objects.get()
    enclosure = letter.enclosures.get()
    assert (letter.meeting, letter.kind, letter.date) == (meeting, "invitation", date(2027, 2, 1))
    assert (letter.recipient_lines, letter.copy_roles) == (["Borgmesteren", "Udvalget"], ["mayor"])
    assert [(section.heading, section.text, section.block) for section in letter.sections.all()] == [
        ("", "Vi inviterer jer.", ""),
        ("Program", "", "programme"),
    ]
    assert letter.signatories.get().title_lines == ["Formand", "Børne- og Undervisningsudvalget"]
    assert (enclosure.title, enclosure.filename) == ("Kerneværdierne", "kernevaerdier-2.pdf")
    assert enclosure.file is not None
    assert (enclosure.file.data, enclosure.file.content_type) == (PDF, "application/pdf")
    assert [str(announced) for announced in letter.announced_meetings()] == ["Møde i juni"]


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"meeting": ""}, {"meeting": ["Vælg møde"]}),
        ({"recipients": ""}, {"recipients": ["Indtast modtagere"]}),
        ({"date": "i morgen"}, {"date": ["Skriv datoen som 28.3.2027"]}),
        ({"date": "25.1.2027"}, {"date": ["Mødet har allerede et brev af denne slags og dato"]}),
        ({"replaces": "1.1.2027"}, {"replaces": ["Kun en ændring eller en aflysning kan erstatte et brev"]}),
        (
            {"input_deadline_time": "12"},
            {"input_deadline_date": ["Et klokkeslæt for fristen kræver en dato"]},
        ),
        ({"contact_email": "kagh"}, {"contact_email": ["Indtast en e-mailadresse som navn@kommune.dk"]}),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_its_field(
    officer: Client, typed: dict[str, Any], errors: dict[str, Any]
) -> None:
    url = f"{ADD}?meeting={create_letter().meeting.pk}"
    fields = fields_of(officer.get(url)) | {"recipients": "Udvalget", "sections-0-text": "Kære alle"} | typed

    response = officer.post(url, {**fields, "_save": "1"})

    assert errors_of(response) == errors


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html>%%EOF</html>", "Filen er ikke en PDF."),
        (b"%PDF-1.7 and no end", "Filen er ikke en PDF."),
        (
            PDF + b"." * 10_000_000,
            "Filen er større end 10 MB. Gør den mindre, eller send den på en anden måde.",
        ),
    ],
    ids=["a web page", "cut off", "too large"],
)
def test_an_enclosure_is_told_by_its_bytes(officer: Client, content: bytes, sentence: str) -> None:
    letter = create_letter()
    fields: dict[str, Any] = fields_of(officer.get(page(letter)))
    add_row(fields, "enclosures", title="Program", upload=pdf(content=content))

    response = officer.post(page(letter), {**fields, "_save": "1"})

    assert errors_of(response) == {"enclosures-0-upload": [sentence]}


def test_a_file_need_not_be_chosen_again_because_of_another_field(officer: Client) -> None:
    letter = create_letter()
    fields: dict[str, Any] = fields_of(officer.get(page(letter)))
    row = add_row(fields, "enclosures", title="", upload=pdf())

    refused = officer.post(page(letter), {**fields, "_save": "1"})
    again = fields_of(refused) | {f"enclosures-{row}-title": "Program"}
    officer.post(page(letter), {**again, "_save": "1"})

    enclosure = letter.enclosures.get()
    assertContains(refused, "program.pdf er modtaget.")
    assert errors_of(refused) == {"enclosures-0-title": ["Indtast titel"]}
    assert (enclosure.filename, enclosure.file and enclosure.file.data) == ("program.pdf", PDF)


def test_a_file_that_was_not_uploaded_by_oneself_cannot_be_enclosed(officer: Client) -> None:
    letter = create_letter()
    secret = StoredFile.objects.store(b"secret", content_type="application/pdf")
    fields: dict[str, Any] = fields_of(officer.get(page(letter)))
    row = add_row(fields, "enclosures", title="Program")
    fields[f"enclosures-{row}-upload-kept"] = f'["{secret.pk}", "program.pdf"]'

    officer.post(page(letter), {**fields, "_save": "1"})

    assert letter.enclosures.get().file is None


def test_an_enclosure_is_replaced_by_another_file(officer: Client) -> None:
    letter = create_letter()
    create_enclosure(letter=letter)
    other = PDF.replace(b"1.7", b"1.4")

    send(officer, page(letter), enclosures__0__upload=pdf("nyt.pdf", other))

    enclosure = letter.enclosures.get()
    assert (enclosure.filename, enclosure.file and enclosure.file.data) == ("nyt.pdf", other)


def test_enclosures_are_bounded_together(officer: Client) -> None:
    letter = create_letter()
    fields: dict[str, Any] = fields_of(officer.get(page(letter)))
    for digit in b"12":
        large = PDF[:9] + bytes([digit]) * 8_000_000 + PDF[9:]
        add_row(fields, "enclosures", title="Bilag", upload=pdf(content=large))

    response = officer.post(page(letter), {**fields, "_save": "1"})

    assert errors_of(response) == {
        "enclosures": ["Bilagene er tilsammen større end 15 MB, og det afviser mange mailservere"]
    }


def test_an_enclosure_is_shown_to_staff(officer: Client) -> None:
    letter = create_letter()
    enclosure = create_enclosure(letter=letter)

    response = officer.get(page(letter, "enclosure", enclosure.pk))

    assert (response.content, response.headers["Content-Type"]) == (PDF, "application/pdf")
    assert response.headers["Content-Disposition"] == 'inline; filename="program.pdf"'


@pytest.mark.parametrize("without_file", [True, False])
def test_an_enclosure_without_file_or_of_another_letter_is_not_found(
    officer: Client, without_file: bool
) -> None:
    letter = create_letter()
    enclosure = (
        create_enclosure(letter=letter, content=None)
        if without_file
        else create_enclosure(letter=create_letter())
    )

    assert officer.get(page(letter, "enclosure", enclosure.pk)).status_code == 404


def test_the_pdf_is_shown_in_a_frame_of_the_admin(officer: Client) -> None:
    letter = create_letter()

    shown, response = officer.get(page(letter, "preview")), officer.get(page(letter, "pdf"))

    assertContains(shown, f'src="{page(letter, "pdf")}"')
    assert response.content == preview(letter, at=NOW).pdf.data
    assert response.headers["Content-Disposition"] == f'inline; filename="{letter.filename}"'
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_letter_is_shown_as_a_web_page(officer: Client) -> None:
    letter = create_letter()

    response = officer.get(page(letter, "page"))

    assertContains(response, "Vi vil gerne invitere jer til et politisk møde.")
    assertNotContains(response, "<style")


def test_saving_can_lead_straight_to_the_pdf(officer: Client) -> None:
    letter = create_letter()

    response = send(officer, page(letter), button="_preview")

    assertRedirects(response, page(letter, "preview"))


@pytest.mark.parametrize("name", ["preview", "pdf", "page"])
def test_what_keeps_a_letter_from_being_printed_is_said_with_its_place(officer: Client, name: str) -> None:
    letter = create_letter(title="{nonsense}")
    letter.sections.create(position=1, text="På {nowhere}")

    response = officer.get(page(letter, name))

    places = [problem.partition(": ")[0] for problem in response.context["problems"]]
    assert (response.status_code, places) == (200, ["Titel", "Afsnit 2, tekst"])


def test_sending_says_first_how_many_and_to_whom(officer: Client) -> None:
    letter = create_letter(copy_roles=["mayor"])
    create_enclosure(letter=letter)
    for town in ("Aarhus", "Herning"):
        create_office(municipality=get_municipality(town))
    create_office(
        municipality=get_municipality("Herning"), role="mayor", mailbox="borgmester@herning.example"
    )

    response = officer.get(page(letter, "send"))

    letter.refresh_from_db()
    assert response.context["sentences"] == [
        "3 mails går til modtagere i 2 kommuner.",
        "Hver mail har brevet som PDF og 1 bilag med.",
        "Et brev sendes én gang. Det kan ikke ændres eller kaldes tilbage bagefter.",
    ]
    assert [
        (
            str(row.municipality),
            [(recipient.mailbox, recipient.for_orientation) for recipient in row.recipients],
        )
        for row in response.context["rows"]
        if row.recipients
    ] == [
        ("Herning Kommune", [("udvalg-0657@example.dk", False), ("borgmester@herning.example", True)]),
        ("Aarhus Kommune", [("udvalg-0751@example.dk", False)]),
    ]
    # Of the 19 municipalities 17 have no committee, and 18 no mayor.
    assert response.context["headline"] == "3 modtagere i 2 kommuner, 35 uden postkasse"
    assertContains(response, "17 kommuner kan ikke nås")
    assertContains(response, 'value="Send 3 mails nu"')
    assert (letter.is_sent, OutgoingEmail.objects.count()) == (False, 0)


def test_the_button_sends_the_letter_once(officer: Client) -> None:
    letter = create_sent_letter(officer, "Aarhus", "Herning")

    again = officer.post(page(letter, "send"), follow=True)

    assert letter.sent_by is not None
    assert (letter.sent_at is not None, letter.sent_by.get_username()) == (True, "sekretariatet")
    assert sorted(OutgoingEmail.objects.values_list("to", flat=True)) == [
        "udvalg-0657@example.dk",
        "udvalg-0751@example.dk",
    ]
    assert sorted(str(invitation.municipality) for invitation in Invitation.objects.all()) == [
        "Aarhus Kommune",
        "Herning Kommune",
    ]
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["Sendt som 2 mails."]
    assertContains(again, "Brevet er allerede sendt.")


def test_nothing_is_sent_when_the_recipients_are_not_those_that_were_shown(officer: Client) -> None:
    letter = create_letter()
    create_office()
    fields = fields_of(officer.get(page(letter, "send")))
    create_office(municipality=get_municipality("Aarhus"))

    response = officer.post(page(letter, "send"), fields, follow=True)

    assertContains(response, "Modtagerne eller brevet er ændret, siden du så dem. Se dem igennem igen.")
    assertContains(response, "udvalg-0751@example.dk")
    assert OutgoingEmail.objects.count() == 0


def test_what_keeps_a_letter_from_being_sent_is_said_and_there_is_no_button(officer: Client) -> None:
    letter = create_letter(meeting=create_meeting(published_at=None), title="{nonsense}")

    response = officer.post(page(letter, "send"))

    assert len(response.context["problems"]) == 3
    assertNotContains(response, "Send nu")
    assert OutgoingEmail.objects.count() == 0


def test_a_sent_letter_is_shown_as_it_was_sent(officer: Client) -> None:
    letter = create_sent_letter(officer, "Herning")
    sent = preview(letter, at=NOW).pdf.data
    Meeting.objects.update(title="Et andet møde")

    shown, downloaded = officer.get(page(letter)), officer.get(f"{page(letter, 'pdf')}?download")

    assertContains(shown, hashlib.sha256(sent).hexdigest())
    assertContains(shown, "1. februar 2027 kl. 12.00 af sekretariatet.")
    assertContains(shown, "udvalg-0657@example.dk")
    assertNotContains(shown, "<textarea")
    assert downloaded.content == sent
    assert downloaded.headers["Content-Disposition"] == f'attachment; filename="{letter.filename}"'


def test_a_form_opened_before_the_letter_was_sent_changes_nothing_afterwards(officer: Client) -> None:
    letter = create_letter()
    create_office()
    fields: dict[str, Any] = fields_of(officer.get(page(letter)))
    send(officer, page(letter, "send"))

    response = officer.post(page(letter), {**fields, "title": "Ny titel", "_save": "1"}, follow=True)

    letter.refresh_from_db()
    assertContains(response, "Brevet er sendt og kan ikke længere ændres.")
    assert letter.title == ""


def test_a_sent_letter_is_not_saved_by_any_way(officer: Client) -> None:
    letter = create_sent_letter(officer, "Herning")
    admin = LetterAdmin(Letter, None)  # type: ignore[arg-type]

    with pytest.raises(ValidationError, match="Brevet er sendt"):
        admin.save_model(None, letter, None, True)  # type: ignore[arg-type]


def test_a_sent_letter_is_not_deleted(officer: Client) -> None:
    letter = create_sent_letter(officer, "Herning")

    response = officer.post(page(letter, "delete"), {"post": "yes"})

    assert (response.status_code, Letter.objects.exists()) == (403, True)


def test_a_draft_can_be_deleted(officer: Client) -> None:
    letter = create_letter()
    preview(letter, at=NOW)

    officer.post(page(letter, "delete"), {"post": "yes"})

    assert not Letter.objects.exists()


def test_a_draft_shows_what_its_placeholders_print(officer: Client) -> None:
    response = officer.get(page(create_letter()))

    assert dict(response.context["placeholders"])["{date}"] == "15. april 2027"


@pytest.mark.parametrize("name", ["list", "draft", "send"])
def test_three_rows_ask_the_database_as_often_as_one(officer: Client, name: str) -> None:
    letter = create_letter(meeting=create_meeting())
    url = {"list": LIST, "draft": page(letter), "send": page(letter, "send")}[name]
    counts = []
    for town in ("Herning", "Aarhus", "Viborg"):
        create_office(municipality=get_municipality(town))
        letter.sections.create(text=town, position=letter.sections.count())
        letter.signatories.create(name=town)
        create_enclosure(letter=letter)
        letter.announcements.create(meeting=create_meeting())
        create_letter()
        counts.append(count_queries(officer, url))

    assert counts == [counts[0]] * 3


def test_a_letter_sent_to_three_asks_the_database_as_often_as_one_sent_to_one(officer: Client) -> None:
    one = create_sent_letter(officer, "Herning")
    three = create_sent_letter(officer, "Aarhus", "Viborg")

    assert Dispatch.objects.filter(letter=three).count() == 3
    assert count_queries(officer, page(one)) == count_queries(officer, page(three))


@pytest.mark.parametrize(
    ("state", "count"), [("draft", 1), ("scheduled", 1), ("not_sent", 1), ("sent", 2), ("", 5)]
)
def test_the_list_is_filtered_by_state(officer: Client, state: str, count: int) -> None:
    create_sent_letter(officer, "Herning")
    create_sent_letter(officer)
    create_letter()
    create_letter(send_problem="Mødet er aflyst.")
    create_letter(send_at=NOW, send_by=User.objects.get())

    response = officer.get(LIST, {"state": state} if state else {})

    assert response.context["cl"].result_count == count


def test_of_two_tabs_the_second_overwrites_nothing_unseen(officer: Client) -> None:
    letter = create_letter()
    address = reverse("admin:invitations_letter_change", args=[letter.pk])
    first, second = (fields_of(officer.get(address)) for _ in range(2))
    officer.post(address, {**first, "title": "Fra fane 1", "_continue": "1"})

    refused = officer.post(address, {**second, "closing": "Fra fane 2", "_continue": "1"})
    letter.refresh_from_db()
    kept = letter.title
    officer.post(address, {**fields_of(refused), "_continue": "1"})
    letter.refresh_from_db()

    assertContains(refused, "Brevet er ændret, siden du åbnede det her.")
    assertContains(refused, "Fra fane 2")
    assert (kept, letter.title, letter.closing) == ("Fra fane 1", "", "Fra fane 2")
