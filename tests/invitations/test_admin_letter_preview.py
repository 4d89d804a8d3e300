"""The letter beside its form, as staff type it. Nothing of it is stored."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invitations.models import Letter, LetterVersion, StoredFile
from tests.admin_pages import add_row, fields_of, send
from tests.factories import (
    NOW,
    PDF,
    create_enclosure,
    create_letter,
    create_meeting,
    create_programme_item,
    create_staff,
    create_theme,
)
from tests.pdf_reader import PdfReader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

ADD = "/admin/invitations/letter/add/"
UNKNOWN = "{sted} kan ikke bruges: pladsholderen findes ikke. Mente du {venue}?"


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def pdf_words(pdf: bytes) -> str:
    return " ".join(text for _role, text in PdfReader(pdf).blocks)


def page(letter: Letter, name: str = "change") -> str:
    return reverse(f"admin:invitations_letter_{name}", args=[letter.pk])


def form_of(officer: Client, letter: Letter) -> dict[str, Any]:
    return dict(fields_of(officer.get(page(letter))))


def shown(officer: Client, letter: Letter, fields: dict[str, Any]) -> dict[str, Any]:
    response = officer.post(page(letter, "live"), fields)
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def test_the_letter_is_shown_as_it_is_typed_and_nothing_is_stored(officer: Client) -> None:
    letter = create_letter()
    create_enclosure(letter=letter)
    fields = form_of(officer, letter) | {"title": "Velkommen til {city}", "sections-0-text": "Kære alle"}
    add_row(fields, "sections", heading="Program", block="programme")
    add_row(fields, "signatories", name="Bo Krogh", title="Direktør")
    add_row(fields, "announcements", meeting=create_meeting(title="Møde i juni").pk)
    add_row(
        fields,
        "enclosures",
        title="Nyt bilag",
        upload=SimpleUploadedFile("nyt.pdf", PDF.replace(b"1.7", b"1.4")),
    )

    with CaptureQueriesContext(connection) as queries:
        answer = shown(officer, letter, fields)

    # PostgreSQL reads long lists through a cursor.
    reading = ("SELECT", "DECLARE")
    assert [query["sql"] for query in queries if not query["sql"].startswith(reading)] == []
    assert "Velkommen til Herning</h1>" in answer["letter"]
    assert "<p>Kære alle</p>" in answer["letter"]
    assert "Bo Krogh<br>Direktør" in answer["letter"]
    assert answer["fields"] == {"id_sections-1-block": ["Mødet har intet at trykke i blokken “program”."]}
    letter.refresh_from_db()
    assert (letter.title, letter.sections.count(), StoredFile.objects.count()) == ("", 1, 1)


def test_what_is_wrong_is_told_at_its_field_and_gone_once_it_is_mended(officer: Client) -> None:
    letter = create_letter()
    fields = form_of(officer, letter)
    wrong = {
        "recipients": "Udvalget\r\n{sted}",
        "title": "{sted}",
        "closing": "{",
        "sections-0-heading": "{sted}",
    }

    before = shown(officer, letter, fields | wrong)
    after = shown(officer, letter, fields | {"title": "{venue}"})

    assert before["fields"] == {
        "id_title": [UNKNOWN],
        "id_recipients": [UNKNOWN],
        "id_sections-0-heading": [UNKNOWN],
        "id_closing": ["En enkelt { skal skrives {{."],
    }
    assert '<a href="#id_sections-0-heading">Afsnit 1, overskrift</a>' in before["standing"]
    assert (after["fields"], after["standing"].strip()) == ({}, "")


def test_what_is_wrong_with_the_meeting_leads_to_the_meeting(officer: Client) -> None:
    meeting = create_meeting(practical_information="Ved {sted}")
    create_programme_item(meeting=meeting, notes="{sted}")
    create_theme(item=create_programme_item(meeting=meeting), details="{sted}")
    letter = create_letter(meeting=meeting)
    fields = form_of(officer, letter)
    add_row(fields, "sections", block="programme")
    add_row(fields, "sections", block="practical_information")

    answer = shown(officer, letter, fields)

    address = reverse("admin:invitations_meeting_change", args=[meeting.pk])
    for anchor, place in (
        ("id_programme-0-notes", "Program, punkt 1, tekst under temaerne"),
        ("id_programme-1-themes-0-details", "Program, punkt 2, tema 1, tekst over temaerne"),
        ("id_practical_information", "Praktisk information"),
    ):
        assert f'<a href="{address}#{anchor}" target="_blank">{place}<' in answer["standing"]
    assert answer["fields"] == {}


def test_rows_are_shown_in_the_order_in_which_they_would_be_saved(officer: Client) -> None:
    letter = create_letter()
    for position, word in enumerate(("andet", "tredje", "fjerde"), start=1):
        letter.sections.create(text=f"Det {word} afsnit", position=position)
    fields = form_of(officer, letter) | {"sections-2-position": "1", "sections-1-DELETE": "on"}
    add_row(fields, "sections", text="Det nye afsnit", position="2")
    fields["sections-0-text"] = "{sted}"

    typed = shown(officer, letter, fields)
    officer.post(page(letter), {**fields, "_continue": "1"})
    saved = shown(officer, letter, form_of(officer, letter))

    order = [typed["letter"].index(word) for word in ("tredje", "{sted}", "nye", "fjerde")]
    assert order == sorted(order)
    assert "andet" not in typed["letter"]
    assert typed["letter"] == saved["letter"]
    assert (list(typed["fields"]), list(saved["fields"])) == (["id_sections-0-text"], ["id_sections-1-text"])


def test_a_half_typed_form_is_shown_as_far_as_it_goes(officer: Client) -> None:
    letter = create_letter(title="Gammel titel")
    fields = form_of(officer, letter) | {
        "date": "1.2",
        "kind": "nonsense",
        "title": "x" * 300,
        "recipients": "",
        "contact_email": "anne@",
        "sections-0-block": "nonsense",
        "sections-0-position": "mange",
        "signatories-0-name": "",
        "replaces": "i går",
        "announcements-TOTAL_FORMS": "2",
        "announcements-0-meeting": "9" * 30,
        "announcements-1-meeting": "",
    }

    answer = shown(officer, letter, fields)

    assert "x" * 300 in answer["letter"]
    assert "E-mail: <a" in answer["letter"]
    assert "Dato: </p>" in answer["letter"]
    assert "Udvalget med ansvar" not in answer["letter"]


@pytest.mark.parametrize("fields", [{}, {"sections-TOTAL_FORMS": "x"}, {"sections-TOTAL_FORMS": "1"}])
def test_a_form_that_is_none_is_no_error_of_the_server(officer: Client, fields: dict[str, str]) -> None:
    assert officer.post(page(create_letter(), "live"), fields).status_code == 200


def test_a_new_letter_is_shown_once_its_meeting_is_chosen(officer: Client) -> None:
    meeting = create_meeting()
    url = reverse("admin:invitations_letter_new_live")
    fields: dict[str, Any] = fields_of(officer.get(ADD)) | {"title": "Om {title}"}

    without = officer.post(url, fields).json()
    unknown = officer.post(url, fields | {"meeting": meeting.pk + 1}).json()
    answer = officer.post(url, fields | {"meeting": meeting.pk}).json()

    sentence = "Vælg først mødet: brevet henter sine oplysninger derfra."
    assert [sentence in other["letter"] for other in (without, unknown)] == [True, True]
    assert "Om Politisk møde i Region Midtjylland</h1>" in answer["letter"]
    assert "{title}" in answer["placeholders"]
    assert Letter.objects.count() == 0


def test_the_placeholders_print_what_the_form_says(officer: Client) -> None:
    letter = create_letter()

    answer = shown(officer, letter, form_of(officer, letter) | {"contact_phone": "3370 1234"})

    assert "<code data-placeholder>{contact_phone}</code></dt><dd>3370 1234</dd>" in answer["placeholders"]


def test_as_many_rows_again_ask_the_database_no_oftener(officer: Client) -> None:
    letter = create_letter()
    fields = form_of(officer, letter)
    counts = []
    for _number in range(3):
        add_row(fields, "sections", text="Tekst", block="announced_meetings")
        add_row(fields, "signatories", name="Bo")
        add_row(fields, "announcements", meeting=create_meeting().pk)
        shown(officer, letter, fields)
        with CaptureQueriesContext(connection) as queries:
            shown(officer, letter, fields)
        counts.append(len(queries))

    assert counts == [counts[0]] * 3


# Who may.


@pytest.mark.parametrize("name", ["live", "live_pdf"])
def test_reading_shows_nothing(officer: Client, name: str) -> None:
    assert officer.get(page(create_letter(), name)).status_code == 405


@pytest.mark.parametrize("name", ["live", "live_pdf"])
def test_a_stranger_is_asked_to_log_in(client: Client, name: str) -> None:
    url = page(create_letter(), name)

    assertRedirects(client.post(url), f"/admin/login/?next={url}")


@pytest.mark.parametrize("permission", [None, "view_letter", "add_letter"])
@pytest.mark.parametrize("name", ["live", "live_pdf"])
def test_who_may_not_change_letters_may_not_try(client: Client, name: str, permission: str | None) -> None:
    user = User.objects.create_user("gaest", is_staff=True)
    if permission:
        user.user_permissions.add(Permission.objects.get(codename=permission))
    client.force_login(user)

    assert client.post(page(create_letter(), name)).status_code == 403


def test_who_may_not_add_letters_may_not_try(client: Client) -> None:
    user = User.objects.create_user("gaest", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_letter"))
    client.force_login(user)

    assert client.post(reverse("admin:invitations_letter_new_live")).status_code == 403


def test_a_letter_that_is_gone_is_not_found(officer: Client) -> None:
    letter = create_letter()
    url = page(letter, "live")
    letter.delete()

    assert officer.post(url).status_code == 404


def test_a_letter_sent_meanwhile_says_so(officer: Client) -> None:
    letter = create_letter()
    fields = form_of(officer, letter)
    letter.mark_sent(at=NOW, by=None)

    live = officer.post(page(letter, "live"), fields)
    pdf = officer.post(page(letter, "live_pdf"), fields)

    assert (live.status_code, live.json()) == (409, {"message": "Brevet kan ikke længere ændres."})
    assertRedirects(pdf, page(letter), fetch_redirect_response=False)


# The PDF of what is typed.


def test_what_is_typed_is_shown_as_pdf_without_being_stored(officer: Client) -> None:
    letter = create_letter()

    response = officer.post(page(letter, "live_pdf"), form_of(officer, letter) | {"title": "Kun skrevet"})

    letter.refresh_from_db()
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == f'inline; filename="{letter.filename}"'
    assert "Kun skrevet" in pdf_words(response.content)
    assert (letter.title, LetterVersion.objects.count(), StoredFile.objects.count()) == ("", 0, 0)


def test_a_new_letter_is_shown_as_pdf_before_it_is_stored(officer: Client) -> None:
    url = reverse("admin:invitations_letter_new_live_pdf")
    fields: dict[str, Any] = fields_of(officer.get(f"{ADD}?meeting={create_meeting().pk}"))

    response = officer.post(url, fields | {"title": "Helt nyt"})

    assert "Helt nyt" in pdf_words(response.content)
    assert Letter.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"title": "{sted}"}, f"Titel: {UNKNOWN}"),
        ({"date": "i morgen"}, "Skriv datoen som 28.3.2027"),
        ({"title": "\U0001f389"}, "Titel: Brevets skrift mangler disse tegn: \U0001f389 (U+1F389)"),
        (
            {"sections-0-text": "x" * 3000},
            "Brevet er for langt, eller dets lister er indlejret for dybt, til at blive til en PDF.",
        ),
    ],
)
def test_what_keeps_it_from_being_a_pdf_is_said_instead(
    officer: Client, typed: dict[str, str], problem: str
) -> None:
    letter = create_letter()

    response = officer.post(page(letter, "live_pdf"), form_of(officer, letter) | typed)

    assert response.context["problems"] == [problem]
    assertContains(response, "Det, du har skrevet, står i det vindue, du kom fra.")


@pytest.mark.parametrize("meeting", ["", "0"])
def test_a_new_letter_without_a_meeting_is_no_pdf(officer: Client, meeting: str) -> None:
    url = reverse("admin:invitations_letter_new_live_pdf")

    response = officer.post(url, fields_of(officer.get(ADD)) | {"meeting": [meeting]})

    assert response.context["problems"] == ["Vælg først mødet: brevet henter sine oplysninger derfra."]


# Without JavaScript.


def test_a_draft_is_opened_with_its_problems_at_their_fields(officer: Client) -> None:
    letter = create_letter(title="{sted}")
    letter.sections.create(position=1, text="{sted}", block="programme")

    response = officer.get(page(letter))

    assertContains(response, f'<ul class="problems-here"><li>{UNKNOWN}</li></ul>', count=2)
    assertContains(response, "<mark>{sted}</mark>", count=2)
    content = response.content.decode()
    for name in ("title", "sections-1-text", "sections-1-block"):
        field = (
            content.partition(f'id="id_{name}"')[0].rpartition("<")[2]
            + content.partition(f'id="id_{name}"')[2].partition(">")[0]
        )
        assert 'aria-invalid="true"' in field
        assert f'aria-describedby="id_{name}_helptext"' in field


def test_a_draft_without_problems_says_none(officer: Client) -> None:
    response = officer.get(page(create_letter()))

    assertNotContains(response, "problems-here")
    assertNotContains(response, "aria-invalid")


def test_a_refused_form_shows_the_letter_and_its_problems_as_typed(officer: Client) -> None:
    letter = create_letter()

    response = send(officer, page(letter), title="Nyt {sted}", date="i morgen")

    letter.refresh_from_db()
    assertContains(response, "Nyt <mark>{sted}</mark>")
    assertContains(response, f"<li>{UNKNOWN}</li>")
    assertContains(response, "Skriv datoen som 28.3.2027")
    assert letter.title == ""


def test_a_draft_that_cannot_be_sent_yet_is_saved_with_a_warning(officer: Client) -> None:
    letter = create_letter()

    response = officer.post(
        page(letter),
        form_of(officer, letter) | {"title": "{sted}", "closing": "{", "_save": "1"},
        follow=True,
    )

    letter.refresh_from_db()
    assert letter.title == "{sted}"
    assertContains(response, "Brevet er gemt, men kan ikke sendes endnu: Der mangler noget 2 steder.")


def test_a_letter_that_can_be_sent_is_saved_without_a_warning(officer: Client) -> None:
    letter = create_letter()

    response = officer.post(page(letter), form_of(officer, letter) | {"_save": "1"}, follow=True)

    assertNotContains(response, "kan ikke sendes endnu")


@pytest.mark.parametrize("codenames", [["view_letter", "view_section", "view_signatory"], ["view_letter"]])
def test_who_may_only_look_sees_the_letter_and_nothing_to_press(client: Client, codenames: list[str]) -> None:
    user = User.objects.create_user("gaest", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    client.force_login(user)

    response = client.get(page(create_letter()))

    assertContains(response, "Vi vil gerne invitere jer til et politisk møde.")
    assertNotContains(response, "data-url")
    assertNotContains(response, "letter_preview.js")
