"""The form in which staff enter KL's own people, speakers and guests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting, OutgoingEmail
from registrations.models import Participant, Registration
from tests.admin_pages import count_queries, fields_of
from tests.factories import (
    MEETING_DAY,
    NOW,
    create_meeting,
    create_programme_item,
    create_registration,
    create_session,
    create_staff,
    create_theme,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def form_page(meeting: Meeting) -> str:
    return page_url("guests", meeting)


def send(client: Client, meeting: Meeting, *, button: str = "add", **typed: str) -> Any:
    """Open the page, type, and press a button; a double underscore stands for a hyphen."""
    fields: dict[str, Any] = dict(fields_of(client.get(form_page(meeting))))
    fields |= {"kind": "speaker", "guest-0-name": "Ida Klog", button: "1"}
    fields |= {name.replace("__", "-"): value for name, value in typed.items()}
    return client.post(form_page(meeting), fields, follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def row_errors(response: Any) -> list[dict[str, list[str]]]:
    return [{name: list(found) for name, found in row.errors.items()} for row in response.context["rows"]]


def test_the_officer_who_enters_them_is_their_contact(officer: Client) -> None:
    User.objects.update(first_name="Mette", last_name="Lind")

    fields = fields_of(officer.get(form_page(create_meeting())))

    assert (fields["contact_name"], fields["contact_email"]) == (["Mette Lind"], ["sekretariatet@kl.example"])


def test_rows_that_are_filled_in_become_participants(officer: Client) -> None:
    meeting = create_meeting()
    second = create_session(meeting=meeting, starts_date=MEETING_DAY + timedelta(days=1))
    theme = create_theme(item=create_programme_item(meeting=meeting))
    typed = {
        "guest__0__email": "ida@au.example",
        "guest__0__title": "Professor",
        f"guest__0__theme__{theme.item_id}": str(theme.pk),
        "guest__3__name": "Bo Ærø",
        "guest__3__session": str(second.pk),
        "organisation": "Aarhus Universitet",
        "note": "Henter selv nøgle.",
    }

    response = send(officer, meeting, **typed)

    registration = Registration.objects.get()
    assertRedirects(response, page_url("participants", meeting))
    assert said(response) == [
        "2 deltagere er tilføjet. 1 kalenderinvitation er på vej. "
        "1 har ingen e-mailadresse og får ingen mail."
    ]
    assert (registration.guest_kind, registration.committee, registration.staff_note) == (
        "speaker",
        "Aarhus Universitet",
        "Henter selv nøgle.",
    )
    ida, bo = registration.participants.all()
    assert (ida.name, ida.title, ida.email) == ("Ida Klog", "Professor", "ida@au.example")
    assert (ida.session, ida.theme_choices.get().theme) == (meeting.sessions.all()[0], theme)
    assert (bo.name, bo.email, bo.session, bo.theme_choices.count()) == ("Bo Ærø", "", second, 0)


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(officer: Client) -> None:
    meeting = create_meeting()
    typed = {"guest__0__email": "ida", "guest__1__title": "Rektor", "contact_email": "mette", "kind": ""}

    response = send(officer, meeting, **typed)

    assert row_errors(response)[:2] == [
        {"email": ["Indtast en e-mailadresse som navn@kommune.dk"]},
        {"name": ["Indtast navnet"]},
    ]
    assert list(response.context["party"].errors) == ["kind", "contact_email"]
    kept = fields_of(response)
    assert (kept["guest-0-name"], kept["guest-0-email"], kept["guest-1-title"]) == (
        ["Ida Klog"],
        ["ida"],
        ["Rektor"],
    )
    assert Registration.objects.count() == 0


def test_nobody_typed_is_nobody_entered(officer: Client) -> None:
    response = send(officer, create_meeting(), guest__0__name=" ")

    assert response.context["problems"] == ["Tilføj mindst én deltager"]


def test_more_rows_keep_what_was_typed(officer: Client) -> None:
    meeting = create_meeting()

    response = send(officer, meeting, button="more", guest__0__email="ida")

    fields = fields_of(response)
    assert (fields["rows"], fields["guest-0-email"]) == (["10"], ["ida"])
    assert row_errors(response) == [{}] * 10
    assert Registration.objects.count() == 0


def test_there_are_never_more_rows_than_one_form_takes(officer: Client) -> None:
    meeting = create_meeting()

    shown = [
        len(send(officer, meeting, button="more", rows=rows).context["rows"]) for rows in ("999", "x", "-1")
    ]

    assert shown == [50, 10, 10]


def test_places_beyond_those_there_are_need_a_tick(officer: Client) -> None:
    meeting = create_meeting(capacity=1)
    create_registration(meeting=meeting)

    first = officer.get(form_page(meeting))
    refused = send(officer, meeting)
    tick = {"beyond_capacity": "1"}
    officer.post(form_page(meeting), {**fields_of(refused), "add": "1", **tick})

    assertNotContains(first, "beyond_capacity")
    assertContains(first, "Der er ikke flere ledige pladser.")
    assertContains(refused, "Tilmeld, selv om mødet (plads til 1)")
    assert Participant.objects.active().count() == 2


def test_pressed_twice_is_once(officer: Client) -> None:
    meeting = create_meeting()
    fields = {
        **fields_of(officer.get(form_page(meeting))),
        "kind": "guest",
        "guest-0-name": "Ida",
        "add": "1",
    }

    answers = [officer.post(form_page(meeting), fields) for _ in range(2)]
    changed = officer.post(form_page(meeting), {**fields, "guest-0-name": "Bo"}, follow=True)

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Participant.objects.count() == 1
    assert said(changed)[-1] == (
        f"Formularen var allerede sendt og har referencenummer {Registration.objects.get().reference}. "
        "Det, du har ændret siden, er ikke gemt."
    )


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("draft", "Offentliggør først mødet: Kalenderinvitationerne linker til dets side."),
        ("cancelled", "Mødet er aflyst."),
    ],
)
def test_where_nobody_can_be_entered_the_page_says_why(officer: Client, state: str, sentence: str) -> None:
    meeting = create_meeting(published_at=None if state == "draft" else NOW)
    if state == "cancelled":
        meeting.cancel(at=NOW)

    shown = officer.get(form_page(meeting))
    sent = officer.post(form_page(meeting), {"kind": "guest", "guest-0-name": "Ida", "add": "1"})

    assertContains(shown, sentence)
    assertNotContains(shown, 'name="add"')
    assert sent.context["problems"] == [sentence]
    assert (Registration.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


def test_who_may_only_look_cannot_enter_anybody(client: Client) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_meeting"))
    client.force_login(reader)
    meeting = create_meeting()

    assert client.get(form_page(meeting)).status_code == 403
    assert client.post(form_page(meeting), {"guest-0-name": "Ida"}).status_code == 403
    assertNotContains(client.get(page_url("participants", meeting)), form_page(meeting))


def test_withdrawing_a_guest_without_an_address_says_that_no_mail_is_sent(officer: Client) -> None:
    send(officer, create_meeting())
    participant = Participant.objects.get()

    response = officer.get(f"/admin/registrations/participant/{participant.pk}/withdraw/")

    assert response.context["sentences"][1] == ("Deltageren får ingen mail: Vi kender ingen e-mailadresse.")


def test_three_themes_ask_the_database_as_often_as_one(officer: Client) -> None:
    meeting = create_meeting()
    counts = []
    for _ in range(3):
        create_theme(item=create_programme_item(meeting=meeting))
        create_session(meeting=meeting)
        counts.append(count_queries(officer, form_page(meeting)))

    assert counts == [counts[0]] * 3
