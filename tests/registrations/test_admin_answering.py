"""The pages on which the secretariat registers a municipality that has called, declines, or takes it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invitations.models import Meeting, OutgoingEmail
from registrations.models import Decline, Participant, Registration
from tests.admin_pages import fields_of
from tests.delegations import END_OF_DEADLINE
from tests.factories import (
    NOW,
    create_decline,
    create_meeting,
    create_programme_item,
    create_registration,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.pages import summary, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(meeting: Meeting, name: str, code: str = "0657") -> str:
    return reverse(f"admin:invitations_meeting_municipality_{name}", args=[meeting.pk, code])


def municipality_page(meeting: Meeting) -> str:
    return reverse("admin:invitations_meeting_municipality", args=[meeting.pk, "0657"])


def send(client: Client, url: str, shown: Any) -> Any:
    """Press the button on the page that says what follows."""
    return client.post(url, {**fields_of(shown), "do": "send"})


def test_the_form_speaks_of_the_contact_and_of_no_deadline_that_binds(officer: Client) -> None:
    response = officer.get(page(create_meeting(), "register"))

    assertContains(response, "Kontaktpersonens e-mailadresse")
    assertNotContains(response, "Din e-mailadresse")
    assertContains(response, "(gælder ikke for dig)")
    assertNotContains(response, 'name="municipality"')


def test_it_says_what_follows_and_then_registers(officer: Client) -> None:
    meeting = create_meeting()
    url = f"{page(meeting, 'register')}?state=silent"

    shown = officer.post(url, typed(people=2, staff_note="Ringede mandag"))
    before = Registration.objects.count()
    response = send(officer, url, shown)

    registration = Registration.objects.get()
    assert shown.context["sentences"] == [
        "2 deltagere fra Herning Kommune får en plads og hver sin kalenderinvitation.",
        "Kvitteringen går til anne@herning.example.",
    ]
    assertContains(shown, "Ringede mandag")
    assertRedirects(
        response, f"{municipality_page(meeting)}?state=silent", status_code=303, fetch_redirect_response=False
    )
    assert (before, registration.municipality, registration.staff_note) == (
        0,
        get_municipality(),
        "Ringede mandag",
    )
    assert registration.entered_by == User.objects.get()
    assertContains(
        officer.get(municipality_page(meeting)), f"Herning Kommune er tilmeldt: {registration.reference}."
    )


def test_after_the_deadline_and_over_a_decline_it_says_so(
    officer: Client, clock: time_machine.Traveller
) -> None:
    decline = create_decline()
    clock.move_to(END_OF_DEADLINE + timedelta(days=1))
    officer.force_login(User.objects.get())
    url = page(decline.meeting, "register")

    shown = officer.post(url, typed())
    send(officer, url, shown)

    decline.refresh_from_db()
    assert shown.context["sentences"][2:] == [
        "Kommunens afbud bortfalder.",
        "Tilmeldingen er ikke åben for kommunerne selv lige nu.",
    ]
    assert (Registration.objects.count(), decline.stands) == (1, False)


def test_beyond_the_places_there_is_a_box_to_tick_and_nothing_without_it(officer: Client) -> None:
    meeting = create_meeting(capacity=1)
    url = page(meeting, "register")
    form = typed(people=2)

    refused = officer.post(url, form)
    shown = officer.post(url, {**form, "overrule": "on"})
    send(officer, url, shown)

    assert summary(refused) == [
        ("Der er 1 plads tilbage, men I har skrevet 2 deltagere. Fjern 1 deltager", "participants")
    ]
    assertContains(refused, "Tilmeld alligevel, selv om der ikke er plads")
    assert shown.context["sentences"][-1] == (
        "Der bliver flere, end der er plads til, og det noteres i historikken: mødets pladser."
    )
    assert Participant.objects.active().count() == 2
    assertContains(officer.get(municipality_page(meeting)), "Flere, end der er plads til: mødets pladser.")


def test_the_box_stays_ticked_through_adding_a_row_and_editing(officer: Client) -> None:
    meeting = create_meeting(capacity=1)
    url = page(meeting, "register")
    form = typed(people=2, overrule="on")

    added = officer.post(url, {**form, "do": "add"})
    edited = officer.post(url, {**fields_of(officer.post(url, form)), "do": "edit"})
    not_ticked = officer.get(url)

    assert [len(fields_of(response)["overrule"]) for response in (added, edited)] == [1, 1]
    assertNotContains(not_ticked, 'name="overrule"')


def test_a_full_session_and_a_full_theme_can_be_chosen_by_staff(officer: Client) -> None:
    meeting = create_meeting()
    create_session(meeting=meeting, capacity=1)
    item = create_programme_item(meeting=meeting)
    create_theme(item=item, capacity=1)

    response = officer.get(page(meeting, "register"))

    assertNotContains(response, "disabled")


def test_faults_are_said_at_their_fields_and_nothing_is_lost(officer: Client) -> None:
    response = officer.post(
        page(create_meeting(), "register"),
        typed(contact_name="", contact_email="bo", staff_note="0101801234"),
    )

    assert summary(response) == [
        ("Indtast kontaktpersonens navn", "contact_name"),
        ("Indtast en e-mailadresse som navn@kommune.dk", "contact_email"),
        ("Skriv ikke CPR-numre her", "staff_note"),
    ]
    assertContains(response, 'value="person1@herning.example"')


def test_the_same_form_twice_is_one_registration(officer: Client) -> None:
    meeting = create_meeting()
    url = page(meeting, "register")
    shown = officer.post(url, typed())

    for _ in range(2):
        send(officer, url, shown)

    assert (Registration.objects.count(), LogEntry.objects.count()) == (1, 1)


def test_the_same_form_with_other_words_is_shown_again_under_a_new_key(officer: Client) -> None:
    url = page(create_meeting(), "register")
    form = typed(do="send")
    officer.post(url, form)

    response = officer.post(url, {**form, "participant-0-name": "En anden"})
    officer.post(url, {**fields_of(response), "do": "send"})

    assert response.status_code == 409
    assertContains(response, "Formularen er sendt før", status_code=409)
    assert Registration.objects.count() == 2


@pytest.mark.parametrize("fields", [{"published_at": None}, {"registration": "none"}], ids=["draft", "form"])
@pytest.mark.parametrize("name", ["register", "decline"])
def test_where_nobody_can_answer_the_page_says_why(
    officer: Client, fields: dict[str, Any], name: str
) -> None:
    meeting = create_meeting(**fields)

    response = officer.get(page(meeting, name))

    (problem,) = response.context["problems"]
    assert problem in ("Mødet er ikke offentliggjort endnu.", "Mødet har ingen tilmelding.")
    assertNotContains(response, 'type="submit" class="button de')


def test_a_meeting_cancelled_meanwhile_takes_nobody_and_shows_what_was_typed(officer: Client) -> None:
    meeting = create_meeting()
    url = page(meeting, "register")
    shown = officer.post(url, typed())
    meeting.cancel(at=NOW)

    response = send(officer, url, shown)

    assertContains(response, "Mødet er aflyst.", status_code=409)
    assertContains(response, "person1@herning.example", status_code=409)
    assert Registration.objects.count() == 0


def test_declining_says_what_follows_and_notes_it(officer: Client) -> None:
    meeting = create_meeting()
    url = page(meeting, "decline")

    shown = officer.get(url)
    response = officer.post(
        url,
        {
            "contact_name": "Anne",
            "contact_email": "anne@herning.example",
            "note": "Byråd",
            "staff_note": "Ringede",
        },
    )

    decline = Decline.objects.get()
    assert shown.context["sentences"] == [
        "Herning Kommune står med afbud og får ikke flere påmindelser.",
        "Kontaktpersonen får en kvittering på mail, hvis du skriver en e-mailadresse.",
    ]
    assertRedirects(response, municipality_page(meeting))
    assert (decline.contact_name, decline.note, decline.staff_note) == ("Anne", "Byråd", "Ringede")
    assert [mail.kind for mail in OutgoingEmail.objects.all()] == ["decline"]


def test_declining_withdraws_those_who_are_registered_by_its_own_button_only(officer: Client) -> None:
    meeting = create_meeting()
    create_registration(meeting=meeting, participants=2)
    url = page(meeting, "decline")

    shown = officer.get(url)
    stale = officer.post(url, {"do": "decline", "note": "Byråd"})
    officer.post(url, {"do": "withdraw"})

    assert shown.context["sentences"][0] == (
        "2 deltagere afmeldes og får hver en mail, der fjerner mødet fra kalenderen."
    )
    assert stale.status_code == 409
    assertContains(stale, "Byråd", status_code=409)
    assert (Participant.objects.active().count(), Decline.objects.count()) == (0, 1)


def test_declining_twice_is_said(officer: Client) -> None:
    meeting = create_meeting()
    officer.post(page(meeting, "decline"))

    response = officer.post(page(meeting, "decline"), follow=True)

    assertContains(response, "Herning Kommune havde allerede meldt afbud.")
    assert officer.get(page(meeting, "decline")).context["problems"] == [
        "Herning Kommune har allerede meldt afbud."
    ]
    assert (Decline.objects.count(), LogEntry.objects.count()) == (1, 1)


def test_a_wrong_address_of_the_contact_is_said(officer: Client) -> None:
    response = officer.post(page(create_meeting(), "decline"), {"contact_email": "anne", "note": "Byråd"})

    assert summary(response) == [("Indtast en e-mailadresse som navn@kommune.dk", "contact_email")]
    assertContains(response, "Byråd")


def test_a_decline_is_undone_after_a_page_that_says_what_follows(officer: Client) -> None:
    decline = create_decline()
    url = page(decline.meeting, "undo_decline")

    shown = officer.get(url)
    officer.post(url)
    again = officer.post(url, follow=True)

    decline.refresh_from_db()
    assert shown.context["sentences"][1:] == [
        "Ingen får besked på mail. Deltagere, der blev afmeldt, er stadig afmeldt.",
        "Afbuddet bliver stående i historikken.",
    ]
    assert (decline.stands, OutgoingEmail.objects.count(), LogEntry.objects.count()) == (False, 0, 1)
    assertContains(again, "Herning Kommune har ikke noget afbud, der kan fortrydes.")


@pytest.mark.parametrize("name", ["register", "decline", "undo_decline"])
def test_who_may_only_look_answers_for_nobody(client: Client, name: str) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_meeting"))
    client.force_login(reader)
    meeting = create_decline().meeting

    statuses = [client.get(page(meeting, name)).status_code, client.post(page(meeting, name)).status_code]

    assert statuses == [403, 403]
    assert (Registration.objects.count(), Decline.objects.filter(undone_at=None).count()) == (0, 1)


@pytest.mark.parametrize("name", ["register", "decline", "undo_decline"])
def test_no_such_municipality_is_no_page(officer: Client, name: str) -> None:
    assert officer.get(page(create_meeting(), name, "9999")).status_code == 404
