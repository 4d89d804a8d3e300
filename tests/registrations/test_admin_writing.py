"""The pages on which the secretariat writes to municipalities: what follows is said before it happens."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from invitations.models import Meeting, OutgoingEmail
from tests.admin_pages import count_queries, fields_of
from tests.factories import (
    NOW,
    create_decline,
    create_invitation,
    create_meeting,
    create_office,
    create_participant,
    create_registration,
    create_staff,
    get_municipality,
)
from tests.pages import summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TYPED = {"subject": "Husk mødet", "text": "Kære {municipality}, vi ses den {date}."}


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


@pytest.fixture
def meeting() -> Meeting:
    """Herning has a contact and its committee's mailbox, Viborg the latter, Aarhus nobody."""
    meeting = create_meeting()
    for name in ("Herning", "Viborg"):
        create_office(municipality=get_municipality(name))
    create_registration(meeting=meeting, participants=0)
    return meeting


def one(meeting: Meeting, name: str = "write", code: str = "0657") -> str:
    return reverse(f"admin:invitations_meeting_municipality_{name}", args=[meeting.pk, code])


def several(meeting: Meeting, *codes: str, query: str = "") -> str:
    chosen = "&".join(f"m={code}" for code in codes)
    return f"{reverse('admin:invitations_meeting_ledger_write', args=[meeting.pk])}?{chosen}{query}"


def fill_in(client: Client, url: str, *, do: str = "check", **typed: Any) -> Any:
    return client.post(url, {**fields_of(client.get(url)), **TYPED, **typed, "do": do})


def send(client: Client, url: str, shown: Any) -> Any:
    return client.post(url, {**fields_of(shown), "do": "send"})


def test_the_contact_is_chosen_beforehand_and_others_can_be(officer: Client, meeting: Meeting) -> None:
    response = officer.get(one(meeting))

    assert [
        (choice[0], choice[0] in response.context["to_form"]["to"].value())
        for choice in response.context["to_form"].fields["to"].choices
    ] == [("anne@herning.example", True), ("udvalg-0657@example.dk", False)]


def test_the_mail_is_shown_before_it_goes(officer: Client, meeting: Meeting) -> None:
    response = fill_in(officer, one(meeting))

    assert response.context["sentences"] == [
        "1 mail går til Herning Kommune.",
        "Svar kommer til kl@kl.dk.",
    ]
    assertContains(response, "Kære Herning Kommune, vi ses den 15. april 2027.")
    assert OutgoingEmail.objects.count() == 0


def test_it_goes_to_those_chosen_and_one_comes_back_to_the_municipality(
    officer: Client, meeting: Meeting
) -> None:
    url = f"{one(meeting)}?state=answered"
    shown = fill_in(officer, url, to=["anne@herning.example", "udvalg-0657@example.dk"])

    response = send(officer, url, shown)

    page = reverse("admin:invitations_meeting_municipality", args=[meeting.pk, "0657"])
    assertRedirects(response, f"{page}?state=answered", fetch_redirect_response=False)
    assertContains(officer.get(page), "2 mails er på vej.")
    assert OutgoingEmail.objects.filter(kind="message").count() == 2


def test_sent_twice_nobody_gets_it_twice_and_that_is_said(officer: Client, meeting: Meeting) -> None:
    shown = fill_in(officer, one(meeting))
    send(officer, one(meeting), shown)

    response = officer.post(one(meeting), {**fields_of(shown), "do": "send"}, follow=True)

    assertContains(response, "Mailen var allerede sendt. Ingen får den to gange.")
    assert OutgoingEmail.objects.count() == 1


def test_a_placeholder_that_is_none_is_said_at_its_field_and_nothing_is_lost(
    officer: Client, meeting: Meeting
) -> None:
    response = fill_in(officer, one(meeting), text="Den {datoen}.", subject="")

    (subject, _), (text, target) = summary(response)
    assert (subject, target) == ("Skriv et emne", "text")
    assert text.startswith("{datoen} kan ikke bruges:")
    assertContains(response, "Den {datoen}.</textarea>")


def test_somebody_has_to_be_chosen(officer: Client, meeting: Meeting) -> None:
    response = officer.post(one(meeting), {**TYPED, "do": "check"})
    tampered = officer.post(one(meeting), {**TYPED, "to": "chef@viborg.example", "do": "send"})

    for refused in (response, tampered):
        assert summary(refused) == [("Vælg mindst én modtager", "to")]
    assert OutgoingEmail.objects.count() == 0


def test_one_can_go_back_and_edit(officer: Client, meeting: Meeting) -> None:
    shown = fill_in(officer, one(meeting), with_link="on")

    response = officer.post(one(meeting), {**fields_of(shown), "do": "edit"})

    assert summary(response) == []
    assertContains(response, 'value="Husk mødet"')
    assertContains(response, 'name="with_link" id="with_link" checked')


def test_several_are_written_to_at_once_and_who_has_no_mailbox_is_named(
    officer: Client, meeting: Meeting
) -> None:
    url = several(meeting, "0657", "0791", "0751", query="&state=silent")

    shown = fill_in(officer, url)
    response = send(officer, url, shown)

    assert shown.context["sentences"][0] == "2 mails går til 2 kommuner."
    assertContains(shown, "1 kommune har ingen, der kan skrives til, og får ingen mail: Aarhus.")
    assertRedirects(
        response, f"{reverse('admin:invitations_meeting_ledger', args=[meeting.pk])}?state=silent"
    )
    assert set(OutgoingEmail.objects.values_list("to", flat=True)) == {
        "anne@herning.example",
        "udvalg-0791@example.dk",
    }


@pytest.mark.parametrize(
    ("to", "mails"),
    [
        ("main", ["anne@herning.example", "udvalg-0791@example.dk"]),
        ("offices", ["udvalg-0657@example.dk", "udvalg-0791@example.dk"]),
        ("participants", ["ida@herning.example"]),
    ],
)
def test_one_chooses_whom_of_them(officer: Client, meeting: Meeting, to: str, mails: list[str]) -> None:
    create_participant(registration=meeting.registrations.get(), email="ida@herning.example")
    url = several(meeting, "0657", "0791")

    send(officer, url, fill_in(officer, url, to=to))

    assert sorted(OutgoingEmail.objects.values_list("to", flat=True)) == mails


def test_where_there_is_nobody_it_is_said(officer: Client, meeting: Meeting) -> None:
    alone = officer.get(one(meeting, code="0751"))
    together = fill_in(officer, several(meeting, "0657", "0791"), to="participants")

    assertContains(alone, "Der er ingen at skrive til")
    assert summary(together) == [("Der er ingen at skrive til. Vælg andre.", "to")]


def test_recipients_who_have_changed_are_shown_once_more(officer: Client, meeting: Meeting) -> None:
    url = several(meeting, "0657", "0791")
    shown = fill_in(officer, url)
    create_decline(
        meeting=meeting, municipality=get_municipality("Viborg"), contact_email="ib@viborg.example"
    )

    response = send(officer, url, shown)

    assertContains(response, "Modtagerne er ændret, siden du så dem.")
    assertContains(response, "ib@viborg.example")
    assert OutgoingEmail.objects.count() == 0


def test_nothing_selected_leads_back_with_a_word(officer: Client, meeting: Meeting) -> None:
    response = officer.get(several(meeting), follow=True)

    assertContains(response, "Vælg de kommuner, du vil skrive til.")


def test_where_nobody_can_answer_the_link_is_not_offered(officer: Client, meeting: Meeting) -> None:
    meeting.cancel(at=NOW)

    assert "with_link" not in officer.get(one(meeting)).context["message_form"].fields


def test_a_meeting_cancelled_meanwhile_sends_no_link(officer: Client, meeting: Meeting) -> None:
    shown = fill_in(officer, one(meeting), with_link="on")
    meeting.cancel(at=NOW)

    response = send(officer, one(meeting), shown)

    assertContains(response, "Se listen igennem igen.")
    assert OutgoingEmail.objects.count() == 0


def test_the_personal_link_goes_to_those_chosen(officer: Client, meeting: Meeting) -> None:
    url = one(meeting, "link")
    shown = officer.get(url)

    officer.post(url, fields_of(shown))
    again = officer.post(url, fields_of(shown), follow=True)

    assert shown.context["sentences"][1:] == [
        "Kommunen bliver inviteret med mailen og står uden svar, indtil den svarer."
    ]
    assert [mail.to for mail in OutgoingEmail.objects.filter(kind="link")] == ["anne@herning.example"]
    assert meeting.invitations.get().municipality == get_municipality()
    assertContains(again, "Mailen var allerede sendt.")


def test_the_personal_link_of_one_that_is_invited_invites_nobody(officer: Client, meeting: Meeting) -> None:
    create_invitation(meeting=meeting)

    assert len(officer.get(one(meeting, "link")).context["sentences"]) == 1


@pytest.mark.parametrize("code", ["0751", "0657"])
def test_the_link_cannot_go_out_where_nobody_is_or_nobody_can_answer(
    officer: Client, meeting: Meeting, code: str
) -> None:
    if code == "0657":
        meeting.cancel(at=NOW)

    response = officer.post(one(meeting, "link", code), {"to": "anne@herning.example"})

    assert response.context["problems"] == (
        ["Mødet er aflyst."]
        if code == "0657"
        else ["Der er ingen at skrive til: Ingen af kommunens modtagere har en postkasse."]
    )
    assert OutgoingEmail.objects.count() == 0


@pytest.mark.parametrize("name", ["write", "link"])
def test_who_may_only_look_writes_nothing(client: Client, meeting: Meeting, name: str) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_meeting"))
    client.force_login(reader)

    response = client.post(one(meeting, name), {**TYPED, "to": "anne@herning.example", "do": "send"})

    assert (response.status_code, OutgoingEmail.objects.count()) == (403, 0)


def test_no_such_municipality_is_no_page(officer: Client, meeting: Meeting) -> None:
    assert officer.get(one(meeting, code="9999")).status_code == 404
    assert officer.get(several(meeting, "9999"), follow=True).status_code == 200


def test_three_municipalities_ask_the_database_as_often_as_two(officer: Client, meeting: Meeting) -> None:
    counts = [
        count_queries(officer, several(meeting, *codes))
        for codes in (("0657", "0791"), ("0657", "0791", "0751"))
    ]

    assert counts == [counts[0]] * 2
