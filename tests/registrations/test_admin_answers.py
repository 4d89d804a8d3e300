from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting, OutgoingEmail, Theme
from registrations.models import Participant, Registration
from tests.admin_pages import count_queries, errors_of, send
from tests.factories import (
    MEETING_DAY,
    NOW,
    create_answer,
    create_decline,
    create_invitation,
    create_meeting,
    create_participant,
    create_programme_item,
    create_question,
    create_registration,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PARTICIPANTS = "/admin/registrations/participant/"
REGISTRATIONS = "/admin/registrations/registration/"
DECLINES = "/admin/registrations/decline/"


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(row: Registration | Participant, name: str = "change") -> str:
    return reverse(f"admin:registrations_{row._meta.model_name}_{name}", args=[row.pk])


def cancel_page(meeting: Meeting) -> str:
    return reverse("admin:invitations_meeting_cancel", args=[meeting.pk])


def test_the_page_of_a_meeting_counts_its_answers(officer: Client) -> None:
    meeting = create_meeting()
    create_registration(meeting=meeting, participants=2)
    create_registration(meeting=meeting, participants=1)
    create_decline(meeting=meeting, municipality=get_municipality("Aarhus"))
    for town in ("Viborg", "Herning", "Aarhus"):
        create_invitation(meeting=meeting, municipality=get_municipality(town))

    response = officer.get(reverse("admin:invitations_meeting_change", args=[meeting.pk]))

    answers = response.context["answers"]
    assert [link.label for link in answers["headline"]] == [
        "2 af 3 kommuner har svaret",
        "Region Midtjylland 2 af 3",
    ]
    assert {chip.label: chip.count for chip in answers["chips"]} == {
        "Har svaret": 2,
        "Ikke inviteret endnu": 16,
        "Intet svar": 1,
        "Tilmeldt": 1,
        "Afbud": 1,
    }
    assert answers["participants"] == 3
    assertContains(response, f"/admin/invitations/meeting/{meeting.pk}/ledger/?state=silent")


def test_the_number_of_participants_is_that_of_the_page_that_it_leads_to(officer: Client) -> None:
    registration = create_registration(participants=2)
    create_participant(registration=registration, waitlisted_at=NOW)
    url = page_url("participants", registration.meeting)

    response = officer.get(reverse("admin:invitations_meeting_change", args=[registration.meeting.pk]))

    assertContains(response, f'<a href="{url}">2 deltagere</a>')
    assert officer.get(url).context["page"].paginator.count == 2


def test_the_list_of_meetings_tells_how_many_have_answered(officer: Client) -> None:
    meeting = create_meeting()
    for town in ("Viborg", "Herning", "Aarhus"):
        create_invitation(meeting=meeting, municipality=get_municipality(town))
    create_registration(meeting=meeting)
    create_decline(meeting=meeting, municipality=get_municipality("Aarhus"))
    create_meeting(title="Endnu ikke sendt")

    response = officer.get("/admin/invitations/meeting/")

    assertContains(response, f'<a href="/admin/invitations/meeting/{meeting.pk}/ledger/">2 af 3</a>')
    assertContains(response, '<td class="field-answered">–</td>')


def test_the_list_of_meetings_counts_those_who_come(officer: Client) -> None:
    meeting = create_meeting()
    registration = create_registration(meeting=meeting, participants=2)
    create_participant(registration=registration).withdraw(at=NOW)

    response = officer.get("/admin/invitations/meeting/")

    assert [row.participant_count for row in response.context["cl"].queryset] == [2]


def test_cancelling_says_first_who_is_told(officer: Client) -> None:
    meeting = create_meeting()
    create_registration(meeting=meeting, participants=2)

    response = officer.get(cancel_page(meeting))

    meeting.refresh_from_db()
    assert response.context["sentences"] == [
        "2 deltagere får en mail, der fjerner mødet fra kalenderen.",
        "1 kontaktperson får en mail.",
        "Mødets side viser, at det er aflyst, og ingen kan tilmelde sig.",
        "Påmindelser, der ikke er sendt, bliver ikke sendt.",
        "Det kan ikke fortrydes.",
    ]
    assert (meeting.is_cancelled, OutgoingEmail.objects.count()) == (False, 0)


def test_cancelling_a_meeting_that_nobody_has_heard_of_tells_nobody(officer: Client) -> None:
    response = officer.get(cancel_page(create_meeting()))

    assert response.context["sentences"][0] == (
        "Ingen får besked på mail: Ingen er tilmeldt, og der er ikke sendt noget brev."
    )


def test_the_button_cancels_tells_everybody_and_history_says_so(officer: Client) -> None:
    meeting = create_meeting()
    create_registration(meeting=meeting, participants=2)

    response = officer.post(cancel_page(meeting), follow=True)

    meeting.refresh_from_db()
    assertContains(response, "Mødet er aflyst. 3 mails er på vej.")
    assert (meeting.is_cancelled, OutgoingEmail.objects.count()) == (True, 3)
    assert [entry.object_id for entry in LogEntry.objects.all()] == [str(meeting.pk)]


@pytest.mark.parametrize(
    ("published", "problem"), [(True, "Mødet er aflyst."), (False, "Kun et offentliggjort møde kan aflyses.")]
)
def test_what_cannot_be_cancelled_is_said_and_there_is_no_button(
    officer: Client, published: bool, problem: str
) -> None:
    meeting = create_meeting(published_at=NOW if published else None)
    if published:
        meeting.cancel(at=NOW)

    response = officer.post(cancel_page(meeting))

    assert response.context["problems"] == [problem]
    assertNotContains(response, '<input type="submit"')
    assert OutgoingEmail.objects.count() == 0


def test_a_cancelled_meeting_offers_no_cancelling(officer: Client) -> None:
    meeting = create_meeting()
    url = reverse("admin:invitations_meeting_change", args=[meeting.pk])
    offered = officer.get(url)
    meeting.cancel(at=NOW)

    assertContains(offered, cancel_page(meeting))
    assertNotContains(officer.get(url), cancel_page(meeting))


def test_a_session_and_a_theme_that_somebody_has_chosen_are_kept(officer: Client) -> None:
    meeting = create_meeting()
    theme = create_theme(item=create_programme_item(meeting=meeting))
    create_participant(registration=create_registration(meeting=meeting, participants=0), themes=[theme])
    meeting_page = reverse("admin:invitations_meeting_change", args=[meeting.pk])

    without_session = send(officer, meeting_page, sessions__0__DELETE="on")
    without_item = send(officer, meeting_page, programme__0__DELETE="on")
    without_theme = send(officer, meeting_page, **{"programme-0-themes-0-DELETE": "on"})

    kept = "kan ikke fjernes: Nogen har allerede valgt eller besvaret det"
    assert [errors_of(response) for response in (without_session, without_item, without_theme)] == [
        {"sessions": [f"Torsdag den 15. april 2027 kl. 17-19 {kept}"]},
        {"programme": [f"Velkommen {kept}"]},
        {"programme-0-themes": [f"Motiverende skoledag {kept}"]},
    ]
    assert (meeting.sessions.count(), meeting.programme.count(), Theme.objects.count()) == (1, 1, 1)


def test_a_registration_is_shown_with_participants_themes_and_answers(officer: Client) -> None:
    meeting = create_meeting()
    theme = create_theme(item=create_programme_item(meeting=meeting), title="Dagtilbud")
    registration = create_registration(meeting=meeting, participants=0, topics="Busser")
    create_participant(registration=registration, name="Bo Formand", themes=[theme])
    create_answer(registration=registration, question=create_question(meeting=meeting), text="Samarbejdet.")

    response = officer.get(page(registration))

    for shown in (
        registration.reference,
        "Bo Formand",
        "Dagtilbud",
        "Samarbejdet.",
        "Busser",
        "den åbne formular",
    ):
        assertContains(response, shown)


def test_the_contact_person_can_be_corrected_and_nothing_else(officer: Client) -> None:
    registration = create_registration()
    other = create_meeting()

    send(
        officer, page(registration), contact_email="bo@herning.example", meeting=str(other.pk), button="_save"
    )

    registration.refresh_from_db()
    assert registration.contact_email == "bo@herning.example"
    assert registration.meeting != other


def test_a_wrong_address_of_the_contact_person_is_said(officer: Client) -> None:
    response = send(officer, page(create_registration()), contact_email="bo")

    assert errors_of(response) == {"contact_email": ["Indtast en e-mailadresse som navn@kommune.dk"]}


@pytest.mark.parametrize("model", ["registration", "participant", "decline"])
def test_answers_are_neither_made_nor_deleted_here(officer: Client, model: str) -> None:
    row = {
        "registration": create_registration(),
        "participant": create_participant(),
        "decline": create_decline(),
    }[model]

    added = officer.get(f"/admin/registrations/{model}/add/")
    deleted = officer.post(f"/admin/registrations/{model}/{row.pk}/delete/", {"post": "yes"})

    assert (added.status_code, deleted.status_code) == (403, 403)


def test_withdrawing_says_first_what_follows(officer: Client) -> None:
    registration = create_registration(participants=2)
    participant = create_participant(registration=registration, name="Bo Formand", email="bo@herning.example")

    response = officer.get(page(participant, "withdraw"))

    participant.refresh_from_db()
    assert response.context["sentences"] == [
        "Bo Formand optager ikke længere en plads: Torsdag den 15. april 2027 kl. 17-19.",
        "1 mail går til bo@herning.example og fjerner mødet fra kalenderen.",
        "Kontaktpersonen får besked på mail: anne@herning.example.",
        "2 andre deltagere i tilmeldingen kommer stadig.",
    ]
    assert not participant.is_withdrawn


def test_withdrawing_the_last_one_says_that_nobody_comes(officer: Client) -> None:
    participant = create_participant()

    response = officer.get(page(participant, "withdraw"))

    assert response.context["sentences"][3] == "Ingen andre i tilmeldingen kommer."


def test_the_button_withdraws_and_history_says_so(officer: Client) -> None:
    participant = create_participant(name="Bo Formand")

    response = officer.post(page(participant, "withdraw"))

    participant.refresh_from_db()
    assertRedirects(response, page(participant.registration))
    assert participant.is_withdrawn
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["Afmeldt."]


def test_every_page_says_in_the_same_words_whether_a_participant_comes(officer: Client) -> None:
    waits = create_participant(waitlisted_at=NOW)
    meeting, code = waits.registration.meeting, get_municipality().code
    pages = [
        PARTICIPANTS,
        page(waits.registration),
        page_url("municipality", meeting, code=code),
        page_url("participants", meeting) + "?state=waitlisted",
    ]

    for url in pages:
        assertContains(officer.get(url), '<span class="state state-owed">På venteliste</span>')


def test_after_withdrawing_one_is_back_where_one_came_from(officer: Client) -> None:
    participant = create_participant()
    meeting, code = participant.registration.meeting, get_municipality().code
    of_municipality = page_url("municipality", meeting, code=code) + "?state=registered&q=her"
    links = {
        origin: re.search(rf'"({page(participant, "withdraw")}[^"]*)"', officer.get(origin).content.decode())
        for origin in (of_municipality, page(participant), page(participant.registration))
    }

    for origin, link in links.items():
        assert link is not None
        Participant.objects.update(withdrawn_at=None)
        url = html.unescape(link[1])
        assertContains(officer.get(url), f'<a href="{html.escape(origin)}" class="closelink">')
        assert officer.post(url).headers["Location"] == origin


def test_after_withdrawing_nobody_is_led_to_another_site(officer: Client) -> None:
    participant = create_participant()

    response = officer.post(f"{page(participant, 'withdraw')}?back=https://evil.example/")

    assertRedirects(response, page(participant.registration))


def test_withdrawing_twice_is_said(officer: Client) -> None:
    participant = create_participant()
    officer.post(page(participant, "withdraw"))

    response = officer.post(page(participant, "withdraw"))

    assert response.context["problems"] == ["Deltageren er allerede afmeldt."]
    assert LogEntry.objects.count() == 1


def test_nobody_is_withdrawn_from_a_meeting_that_is_over(
    officer: Client, clock: time_machine.Traveller
) -> None:
    participant = create_participant()
    clock.move_to(NOW + timedelta(days=100))
    officer.force_login(User.objects.get())

    response = officer.post(page(participant, "withdraw"))

    participant.refresh_from_db()
    assert response.context["problems"] == [
        "Mødet er afholdt eller aflyst: Der er ikke længere noget at afmelde."
    ]
    assert not participant.is_withdrawn


def test_who_may_only_look_cannot_withdraw(client: Client) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_participant"))
    client.force_login(reader)
    participant = create_participant()

    shown, refused = client.get(page(participant)), client.post(page(participant, "withdraw"))

    assertNotContains(shown, page(participant, "withdraw"))
    assert refused.status_code == 403


def test_participants_are_filtered_by_meeting_and_session(officer: Client) -> None:
    meeting = create_meeting()
    second = create_session(meeting=meeting, starts_date=MEETING_DAY + timedelta(days=1))
    registration = create_registration(meeting=meeting, participants=1)
    create_participant(registration=registration, session=second, name="Anden dag")
    create_participant(name="Et andet møde")
    chosen = {"registration__meeting__id__exact": meeting.pk}

    of_meeting = officer.get(PARTICIPANTS, chosen)
    of_session = officer.get(PARTICIPANTS, chosen | {"session": second.pk})

    assert of_meeting.context["cl"].result_count == 2
    assertContains(of_meeting, "Fredag den 16. april 2027 kl. 17-19")
    assert [row.name for row in of_session.context["cl"].queryset] == ["Anden dag"]


@pytest.mark.parametrize(
    ("url", "chosen", "count"),
    [
        (PARTICIPANTS, {"withdrawn": "yes"}, 1),
        (PARTICIPANTS, {"withdrawn": "no"}, 2),
        (PARTICIPANTS, {"q": "århus"}, 2),
        (REGISTRATIONS, {"q": "Bo"}, 1),
        (REGISTRATIONS, {"q": "århus anne"}, 1),
        (DECLINES, {"stands": "yes"}, 1),
        (DECLINES, {"stands": "no"}, 1),
    ],
    ids=str,
)
def test_answers_are_filtered_and_found(
    officer: Client, url: str, chosen: dict[str, str], count: int
) -> None:
    aarhus = create_registration(municipality=get_municipality("Aarhus"), participants=0)
    create_participant(registration=aarhus, name="Bo")
    create_participant(registration=aarhus).withdraw(at=NOW)
    create_registration(municipality=get_municipality("Ærø"), contact_name="Ib")
    create_decline()
    create_decline(undone_at=NOW)

    assert officer.get(url, chosen).context["cl"].result_count == count


def test_a_decline_that_was_undone_does_not_say_by_whom(officer: Client) -> None:
    """By registering, or by staff: the page of the municipality tells that."""
    create_decline(undone_at=NOW)

    page = officer.get(DECLINES)

    assertContains(page, '<span class="state state-draft">Ophævet</span>')


@pytest.mark.parametrize("name", ["meetings", "registrations", "participants", "declines", "registration"])
def test_three_rows_ask_the_database_as_often_as_one(officer: Client, name: str) -> None:
    first = create_registration(participants=0)
    url = {
        "meetings": "/admin/invitations/meeting/",
        "registrations": REGISTRATIONS,
        "participants": PARTICIPANTS,
        "declines": DECLINES,
        "registration": page(first),
    }[name]
    counts = []
    for town in ("Herning", "Aarhus", "Viborg"):
        meeting = create_meeting()
        theme = create_theme(item=create_programme_item(meeting=first.meeting))
        create_participant(registration=first, themes=[theme])
        create_answer(registration=first, question=create_question(meeting=first.meeting))
        create_registration(meeting=meeting, municipality=get_municipality(town))
        create_decline(meeting=meeting, municipality=get_municipality(town))
        counts.append(count_queries(officer, url))

    assert counts == [counts[0]] * 3
