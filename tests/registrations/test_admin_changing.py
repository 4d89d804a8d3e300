"""The pages on which the secretariat changes what a municipality has registered, whatever the deadline."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains
from time_machine import Traveller

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting, OutgoingEmail
from registrations.matching import match, standing
from registrations.models import Participant, Registration
from registrations.on_behalf import problems_of_answering
from registrations.receipts import owe_calendar_requests
from tests.delegations import END_OF_DEADLINE
from tests.factories import (
    NOW,
    create_guests,
    create_meeting,
    create_participant,
    create_programme_item,
    create_reader,
    create_registration,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.pages import inputs, page_text, summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(registration: Registration) -> str:
    return page_url("registration_change", registration.meeting, pk=registration.pk)


def of_municipality(meeting: Meeting) -> str:
    return page_url("municipality", meeting, code="0657")


def of_registration(registration: Registration) -> str:
    return reverse("admin:registrations_registration_change", args=[registration.pk])


def of_participant(participant: Participant, name: str = "change") -> str:
    return reverse(f"admin:registrations_participant_{name}", args=[participant.pk])


def delegation(meeting: Meeting | None = None, **fields: Any) -> Registration:
    """Herning's Ane and Bo, with the meeting in their calendars."""
    registration = create_registration(meeting=meeting or create_meeting(), participants=0, **fields)
    for name in ("Ane", "Bo"):
        create_participant(registration=registration, name=name, email=f"{name.lower()}@herning.example")
    owe_calendar_requests(list(registration.participants.all()), at=NOW)
    OutgoingEmail.objects.all().delete()
    return registration


def change(client: Client, registration: Registration, **typed: str) -> Any:
    """Type into the form (a double underscore stands for a hyphen) and look at what would follow."""
    fields = {name.replace("__", "-"): value for name, value in typed.items()}
    form = inputs(client.get(page(registration)))
    return client.post(page(registration), form | fields | {"do": "check"})


def press(client: Client, registration: Registration, shown: Any) -> Any:
    return client.post(page(registration), inputs(shown) | {"do": "send"})


SUBSTITUTE = {
    "participant__1__name": "Ida",
    "participant__1__email": "ida@herning.example",
    "participant__1__instead": "on",
}


def test_each_registration_has_the_link_on_the_municipalitys_page_and_on_its_own(officer: Client) -> None:
    registration = delegation()

    listed = officer.get(f"{of_municipality(registration.meeting)}?state=registered")

    assertContains(listed, f'href="{page(registration)}?state=registered"')
    assertContains(officer.get(of_registration(registration)), f'href="{page(registration)}"')


def test_who_may_only_look_gets_neither_link_nor_page(client: Client) -> None:
    client.force_login(create_reader("view_meeting", "view_registration", "view_participant"))
    registration = delegation()

    shown = [
        client.get(url) for url in (of_municipality(registration.meeting), of_registration(registration))
    ]
    refused = [client.get(page(registration)), client.post(page(registration), {"do": "send"})]

    assert [page(registration) in response.content.decode() for response in shown] == [False, False]
    assert [response.status_code for response in [*shown, *refused]] == [200, 200, 403, 403]


def test_who_may_change_registrations_need_not_change_meetings(client: Client) -> None:
    client.force_login(create_reader("view_meeting", "change_registration"))
    registration = delegation()

    assertContains(client.get(of_municipality(registration.meeting)), page(registration))
    press(client, registration, change(client, registration, topics="Trivsel"))

    registration.refresh_from_db()
    assert registration.topics == "Trivsel"


def test_the_form_shows_what_is_registered_and_speaks_of_the_contact(officer: Client) -> None:
    registration = delegation(committee="Børneudvalget")

    shown = officer.get(page(registration))

    sent = inputs(shown)
    assert (sent["version"], sent["committee"]) == (["1"], ["Børneudvalget"])
    assert (sent["participant-0-name"], sent["participant-1-email"]) == (["Ane"], ["bo@herning.example"])
    assertContains(shown, "Kontaktpersonens e-mailadresse")
    assertContains(shown, "(gælder ikke for dig)")
    assertNotContains(shown, 'name="staff_note"')


@pytest.mark.parametrize("button", ["check", "edit", "add", "remove:1"])
def test_neither_looking_nor_checking_changes_anything(officer: Client, button: str) -> None:
    registration = delegation()
    form = inputs(officer.get(page(registration))) | {"topics": "Trivsel"}
    officer.post(page(registration), form)

    with CaptureQueriesContext(connection) as queries:
        officer.get(page(registration))
        officer.post(page(registration), form | {"do": button})

    verbs = {query["sql"].split()[0] for query in queries}
    assert verbs == {"SELECT"}
    assert (OutgoingEmail.objects.count(), LogEntry.objects.count()) == (0, 0)


def test_a_change_is_said_in_words_then_made_and_one_is_back_at_the_municipality(officer: Client) -> None:
    registration = delegation()

    shown = change(officer, registration, participant__0__title="Formand", **SUBSTITUTE)
    before = list(registration.participants.values_list("name", flat=True))
    response = officer.post(f"{page(registration)}?state=registered", inputs(shown) | {"do": "send"})

    assert shown.context["changes"] == ["Stedfortræder: Ida kommer i stedet for Bo", "Titel for Ane: Formand"]
    assert shown.context["sentences"] == [
        "Der sendes 1 mail med kalenderinvitation.",
        "Der sendes 1 mail, som fjerner mødet fra kalenderen.",
        "Kontaktpersonen får en oversigt på mail: anne@herning.example.",
    ]
    assert before == ["Ane", "Bo"]
    assert (response.status_code, response.headers["Location"]) == (
        303,
        f"{of_municipality(registration.meeting)}?state=registered",
    )
    assert list(registration.participants.filter(withdrawn_at=None).values_list("name", "title")) == [
        ("Ane", "Formand"),
        ("Ida", ""),
    ]
    assertContains(officer.get(response.headers["Location"]), f"{registration.reference} er ændret.")


def test_the_history_says_who_changed_what(officer: Client) -> None:
    registration = delegation()

    press(
        officer,
        registration,
        change(officer, registration, participant__0__title="Formand", contact_phone="12 34 56 78"),
    )

    [entry] = LogEntry.objects.all()
    assert (entry.user, entry.object_id, entry.get_change_message()) == (
        User.objects.get(),
        str(registration.pk),
        "Titel for Ane: Formand; Kontaktpersonens telefonnummer: 12 34 56 78",
    )
    text = page_text(officer.get(of_municipality(registration.meeting)))
    assert f"{entry.get_change_message()} Af sekretariatet." in text


def test_the_contact_is_told_that_kl_has_changed_it(officer: Client) -> None:
    registration = delegation()

    press(officer, registration, change(officer, registration, participant__0__title="Formand"))

    [mail] = OutgoingEmail.objects.all()
    assert (mail.kind, mail.to) == ("change", "anne@herning.example")
    assert "KL har ændret jeres tilmelding" in mail.text


def test_after_the_deadline_staff_change_it_all_the_same_and_the_page_says_so(
    officer: Client, clock: Traveller
) -> None:
    registration = delegation()
    clock.move_to(END_OF_DEADLINE)
    officer.force_login(User.objects.get())

    link = page(registration) in officer.get(of_municipality(registration.meeting)).content.decode()
    shown = change(officer, registration, **SUBSTITUTE)
    response = press(officer, registration, shown)

    assert link is True
    assert shown.context["sentences"][-1] == "Kommunen kan ikke selv ændre tilmeldingen lige nu."
    assert response.status_code == 303
    assert Participant.objects.get(name="Ida").substitute_for == Participant.objects.get(name="Bo")


def test_the_button_pressed_twice_is_one_change_one_mail_and_two_lines_of_history(officer: Client) -> None:
    registration = delegation()
    shown = change(officer, registration, participant__0__title="Formand", **SUBSTITUTE)

    answers = [press(officer, registration, shown) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    # Of the registration that was changed, and of the participant who was withdrawn in it.
    models = LogEntry.objects.values_list("content_type__model", flat=True)
    assert Counter(models) == {"registration": 1, "participant": 1}
    assert Counter(OutgoingEmail.objects.values_list("kind", flat=True)) == {
        "change": 1,
        "calendar": 1,
        "withdrawal": 1,
    }
    assert f"{registration.reference} var allerede, som du havde skrevet." in page_text(
        officer.get(of_municipality(registration.meeting))
    )


@pytest.mark.parametrize("button", ["check", "send"])
def test_what_was_typed_in_another_tab_stays_visible_where_it_was_changed_meanwhile(
    officer: Client, button: str
) -> None:
    registration = delegation()
    old = inputs(officer.get(page(registration))) | {"participant-0-title": "Formand"}
    press(officer, registration, change(officer, registration, topics="Trivsel"))

    response = officer.post(page(registration), old | {"do": button})

    assertContains(response, "Nogen har ændret tilmeldingen, efter du åbnede formularen.", status_code=409)
    assertContains(response, "<dd>Formand</dd>", status_code=409)
    assertContains(response, f'<a class="button" href="{page(registration)}">', status_code=409)
    assert Participant.objects.get(name="Ane").title == ""
    assert LogEntry.objects.count() == 1


def test_the_contact_changes_it_while_staff_type_and_nobody_overwrites_the_other(officer: Client) -> None:
    registration = delegation()
    shown = change(officer, registration, participant__1__title="Formand")
    public = f"/kvittering/{registration.token}/ret"
    officer.post(public, inputs(officer.get(public)) | {"contact_phone": "12345678", "do": "send"})

    response = press(officer, registration, shown)

    registration.refresh_from_db()
    assert (response.status_code, registration.contact_phone) == (409, "12345678")
    assert Participant.objects.get(name="Bo").title == ""


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(officer: Client) -> None:
    registration = delegation()

    response = change(
        officer, registration, contact_name="", participant__0__title="Formand", participant__1__email="bo@"
    )

    assert summary(response) == [
        ("Indtast kontaktpersonens navn", "contact_name"),
        ("Bo: Indtast en e-mailadresse som navn@kommune.dk", "participant-1-email"),
    ]
    assert inputs(response)["participant-0-title"] == ["Formand"]


def test_nothing_changed_is_said_and_there_is_no_button(officer: Client) -> None:
    response = change(officer, delegation())

    assertContains(response, "Du har ikke ændret noget.")
    assertNotContains(response, 'value="send"')


def test_a_meeting_cancelled_meanwhile_changes_nothing_and_shows_what_was_typed(officer: Client) -> None:
    registration = delegation()
    shown = change(officer, registration, participant__0__title="Formand")
    registration.meeting.cancel(at=NOW)

    response = press(officer, registration, shown)

    assertContains(response, "Mødet er aflyst.", status_code=409)
    assertContains(response, "<dd>Formand</dd>", status_code=409)
    assertContains(officer.get(page(registration)), "Mødet er aflyst.")
    assertNotContains(officer.get(of_municipality(registration.meeting)), page(registration))
    assertNotContains(officer.get(of_registration(registration)), page(registration))


def test_guests_are_not_changed_here(officer: Client) -> None:
    guests = create_guests()

    assertContains(officer.get(page(guests)), "Tilmeldingen hører ikke til en kommune")
    assertNotContains(officer.get(of_registration(guests)), page(guests))


def test_a_registration_that_became_the_guests_meanwhile_shows_what_was_typed(officer: Client) -> None:
    registration = delegation()
    shown = change(officer, registration, participant__0__title="Formand")
    Registration.objects.filter(pk=registration.pk).update(municipality=None, guest_kind="guest")

    response = press(officer, registration, shown)

    assertContains(response, "Tilmeldingen hører ikke til en kommune", status_code=409)
    assertContains(response, "<dd>Formand</dd>", status_code=409)


def test_a_registration_of_another_meeting_is_not_found(officer: Client) -> None:
    registration = delegation()

    url = page_url("registration_change", create_meeting(), pk=registration.pk)

    assert officer.get(url).status_code == 404


def test_it_goes_back_to_the_municipality_that_it_was_matched_to_meanwhile(officer: Client) -> None:
    registration = delegation(awaits_match=True)
    shown = change(officer, registration, participant__0__title="Formand")
    match(
        registration,
        get_municipality("Viborg"),
        seen=standing(registration),
        overrule=False,
        at=NOW,
        by=User.objects.get(),
    )

    response = press(officer, registration, shown)

    assert response.headers["Location"] == page_url("municipality", registration.meeting, code="0791")


def mails_by_kind() -> Counter[str]:
    return Counter(
        f"{mail.kind} {mail.calendar_method}".strip() for mail in OutgoingEmail.objects.exclude(kind="change")
    )


def test_as_many_mails_go_out_as_the_page_says(officer: Client) -> None:
    meeting = create_meeting()
    other = create_session(meeting=meeting, starts_date=date(2027, 4, 16))
    item = create_programme_item(meeting=meeting)
    one, two = create_theme(item=item, title="Et"), create_theme(item=item, title="To")
    registration = create_registration(meeting=meeting, participants=0)
    for name in ("Ane", "Bo", "Eva", "Kaj", "Lis", "Per"):
        create_participant(
            registration=registration, name=name, email=f"{name.lower()}@herning.example", themes=[one]
        )
    owe_calendar_requests(list(registration.participants.all()), at=NOW)
    OutgoingEmail.objects.all().delete()
    form = inputs(officer.get(page(registration)))
    typed = form | {
        "row": ["0", "1", "2", "3", "4", "6"],  # Per leaves.
        "participant-0-session": str(other.pk),
        "participant-1-email": "nybo@herning.example",
        f"participant-2-theme-{item.pk}": str(two.pk),
        "participant-3-title": "Formand",
        "participant-4-name": "Ida",
        "participant-4-email": "ida@herning.example",
        "participant-4-instead": "on",
        "participant-6-name": "Ulla",
        "participant-6-email": "ulla@herning.example",
        "participant-6-session": str(other.pk),
        f"participant-6-theme-{item.pk}": str(one.pk),
        "contact_email": "ny@herning.example",
        "do": "check",
    }

    shown = officer.post(page(registration), typed)
    press(officer, registration, shown)

    assert shown.context["sentences"] == [
        "Der sendes 5 mails med kalenderinvitation.",
        "Der sendes 4 mails, som fjerner mødet fra kalenderen.",
        "Både den hidtidige og den nye kontaktperson får en oversigt på mail: anne@herning.example og "
        "ny@herning.example.",
    ]
    assert mails_by_kind() == {"calendar REQUEST": 5, "withdrawal CANCEL": 4}
    assert sorted(OutgoingEmail.objects.filter(kind="change").values_list("to", flat=True)) == [
        "anne@herning.example",
        "ny@herning.example",
    ]


def test_the_page_says_who_comes_onto_the_waiting_list_and_who_leaves_it(officer: Client) -> None:
    meeting = create_meeting(capacity=1)
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, name="Ane", email="ane@herning.example")
    create_participant(registration=registration, name="Bo", email="bo@herning.example", waitlisted_at=NOW)
    typed = inputs(officer.get(page(registration))) | {
        "row": ["0", "2"],  # Bo leaves the list.
        "participant-2-name": "Kaj",
        "participant-2-email": "kaj@herning.example",
        "do": "check",
    }

    refused = officer.post(page(registration), typed)
    shown = officer.post(page(registration), typed | {"waits": "on"})
    press(officer, registration, shown)

    assert summary(refused) == [("Der er ikke flere ledige pladser.", "participants")]
    assert shown.context["waiting"] == ["Kaj"]
    assert shown.context["sentences"][:2] == [
        "1 deltager får besked på mail om at være på venteliste.",
        "1 deltager får besked på mail om ikke længere at være på venteliste.",
    ]
    assert sorted(OutgoingEmail.objects.filter(kind="waiting_list").values_list("to", flat=True)) == [
        "bo@herning.example",
        "kaj@herning.example",
    ]


def test_a_title_alone_is_no_news_to_the_participant(officer: Client) -> None:
    shown = change(officer, delegation(), participant__0__title="Formand")

    assert shown.context["sentences"][0] == "Ingen deltagere får mail om det."


def test_who_waits_gets_the_place_that_staff_make_free(officer: Client) -> None:
    meeting = create_meeting(capacity=2)
    registration = delegation(meeting)
    waiting = create_registration(meeting=meeting, municipality=get_municipality("Viborg"), participants=0)
    create_participant(registration=waiting, name="Vibe", email="vibe@viborg.example", waitlisted_at=NOW)
    typed = inputs(officer.get(page(registration))) | {"row": ["0"], "do": "check"}

    shown = officer.post(page(registration), typed)
    press(officer, registration, shown)

    assert (
        "Pladser, der bliver ledige, går til dem på ventelisten, og de får besked på mail."
        in (shown.context["sentences"])
    )
    assert Participant.objects.get(name="Vibe").waitlisted_at is None


def test_a_substitute_and_who_is_replaced_say_so_of_each_other(officer: Client) -> None:
    registration = delegation()
    press(officer, registration, change(officer, registration, **SUBSTITUTE))
    bo, ida = Participant.objects.get(name="Bo"), Participant.objects.get(name="Ida")

    listed = page_text(officer.get(of_municipality(registration.meeting)))

    assert "Ida i stedet for Bo" in listed
    assert "Bo erstattet af Ida" in listed
    assertContains(officer.get(of_participant(ida)), f'i stedet for <a href="{of_participant(bo)}">Bo</a>')
    assertContains(officer.get(of_participant(bo)), f'erstattet af <a href="{of_participant(ida)}">Ida</a>')


def test_withdrawing_one_participant_tells_the_contact(officer: Client) -> None:
    registration = delegation()
    bo = Participant.objects.get(name="Bo")

    for _ in range(2):
        officer.post(of_participant(bo, "withdraw"))

    [summary_mail] = OutgoingEmail.objects.filter(kind="change")
    registration.refresh_from_db()
    assert summary_mail.to == "anne@herning.example"
    assert "KL har ændret jeres tilmelding" in summary_mail.text
    assert "Afmeldt: Bo" in summary_mail.text
    assert (LogEntry.objects.count(), registration.version) == (1, 2)


def test_whether_one_can_answer_is_found_out_without_counting_places() -> None:
    meeting = create_meeting()

    with CaptureQueriesContext(connection) as queries:
        problems = problems_of_answering(meeting, at=NOW)

    tables = [query["sql"].split('FROM "')[1].split('"')[0] for query in queries]
    assert (problems, tables) == ([], ["invitations_session"])


# Beyond the places.


def test_beyond_the_places_there_is_the_same_box_to_tick_and_the_history_says_so(officer: Client) -> None:
    registration = delegation(create_meeting(capacity=2))
    ida = {"participant__2__name": "Ida", "participant__2__email": "ida@herning.example"}
    added = {"row": ["0", "1", "2"], **{name.replace("__", "-"): value for name, value in ida.items()}}
    form = inputs(officer.get(page(registration))) | added | {"do": "check"}

    refused = officer.post(page(registration), form)
    shown = officer.post(page(registration), form | {"overrule": "on"})
    press(officer, registration, shown)

    assert summary(refused) == [("Der er ikke flere ledige pladser.", "participants")]
    assertContains(refused, "Tilmeld alligevel, selv om der ikke er plads")
    assert shown.context["sentences"][-1] == (
        "Der bliver flere, end der er plads til, og det noteres i historikken: mødets pladser."
    )
    assert Participant.objects.active().count() == 3
    assert LogEntry.objects.latest("pk").change_message == (
        "Tilføjet: Ida. Flere, end der er plads til: mødets pladser."
    )


def test_who_is_moved_beyond_the_places_waits_for_none_though_both_boxes_are_ticked(officer: Client) -> None:
    meeting = create_meeting()
    full = create_session(meeting=meeting, starts_date=date(2027, 4, 16), capacity=1)
    create_participant(registration=create_registration(meeting=meeting, participants=0), session=full)
    registration = delegation(meeting)
    move = {"participant__1__session": str(full.pk)}

    refused = change(officer, registration, **move)
    press(officer, registration, change(officer, registration, **move, overrule="on", waits="on"))

    assert [field for _sentence, field in summary(refused)] == ["participant-1-session_0"]
    bo = registration.participants.get(name="Bo")
    assert (bo.session, bo.waitlisted_at) == (full, None)
    assert "Flere, end der er plads til: mødegangens pladser." in LogEntry.objects.latest("pk").change_message


def test_a_municipality_goes_beyond_no_places_whatever_its_browser_sends(client: Client) -> None:
    registration = delegation(create_meeting(capacity=2))
    address = f"/kvittering/{registration.token}/ret"
    ida = {"participant-2-name": "Ida", "participant-2-email": "ida@herning.example"}
    form = inputs(client.get(address)) | ida | {"row": ["0", "1", "2"], "overrule": "on"}

    refused = [client.post(address, form | {"do": do}) for do in ("check", "send")]

    assert [summary(response)[0][1] for response in refused] == ["participants"] * 2
    assert Participant.objects.count() == 2
