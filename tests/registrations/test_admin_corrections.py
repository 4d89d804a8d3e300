from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invitations.models import Letter, Meeting, OutgoingEmail, Session
from registrations.models import CalendarInvitation, Correction
from tests.admin_pages import count_queries, send
from tests.factories import (
    NOW,
    create_meeting,
    create_programme_item,
    create_registration,
    create_staff,
    create_theme,
)
from tests.told import correct, fresh, send_letter, sign_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


@pytest.fixture
def meeting() -> Meeting:
    meeting = create_meeting(slug="moede")
    send_letter(meeting, "Herning", "Holstebro")
    sign_up(meeting, email="bo@example.dk")
    return meeting


def change_of_time(meeting: Meeting) -> None:
    meeting.sessions.update(starts_time=time(18), ends_time=time(20))


def url(meeting: Meeting, name: str = "correction") -> str:
    return reverse(f"admin:invitations_meeting_{name}", args=[meeting.pk])


def may(client: Client, *permissions: str) -> Client:
    user = User.objects.create_user("nogen", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def test_the_page_of_a_meeting_warns_of_what_is_wrong(officer: Client, meeting: Meeting) -> None:
    before = officer.get(url(meeting, "change"))
    change_of_time(meeting)

    response = officer.get(url(meeting, "change"))

    assertNotContains(before, "passer ikke længere")
    assertContains(response, "Det, der er sendt ud om mødet, passer ikke længere")
    assertContains(response, "<li>Tidspunkt: kl. 17-19 er nu kl. 18-20</li>", html=True)
    assertContains(response, "Modtagere i 2 kommuner har fået noget andet at vide.")
    assertContains(response, "1 deltager har noget andet i kalenderen.")
    assertContains(response, url(meeting))


def test_who_saves_a_change_is_told_what_follows(officer: Client, meeting: Meeting) -> None:
    saved = send(officer, url(meeting, "change"), button="_save", sessions__0__venue_street="Torvet 7")

    response = officer.get(saved.url)

    assert Session.objects.get().venue_street == "Torvet 7"
    assertContains(response, "Det, der er sendt ud om mødet, passer ikke længere.")
    assertContains(response, url(meeting))


def test_who_saves_no_change_is_told_nothing(officer: Client, meeting: Meeting) -> None:
    saved = send(officer, url(meeting, "change"), button="_save", practical_information="Parkering i gården")

    assertNotContains(officer.get(saved.url), "passer ikke længere")


def test_the_page_shows_exactly_what_is_wrong_and_where(officer: Client, meeting: Meeting) -> None:
    change_of_time(meeting)
    Meeting.objects.update(registration_deadline_date=date(2027, 3, 26))

    response = officer.get(url(meeting))

    assert [
        (
            line.difference.label,
            line.difference.old,
            line.difference.new,
            line.municipalities,
            line.participants,
        )
        for line in response.context["lines"]
    ] == [
        ("Tidspunkt", "kl. 17-19", "kl. 18-20", 2, 1),
        ("Tilmeldingsfrist", "fredag den 19. marts 2027", "fredag den 26. marts 2027", 2, 0),
    ]
    assertContains(response, "Nyt tidspunkt: kl. 18-20 (før: kl. 17-19)")
    assertContains(response, "1 deltager får en ny kalenderinvitation")


def test_looking_changes_nothing(officer: Client, meeting: Meeting) -> None:
    change_of_time(meeting)
    before = (OutgoingEmail.objects.count(), Letter.objects.count())

    officer.get(url(meeting))
    officer.get(url(meeting, "correction_letter"))

    assert (OutgoingEmail.objects.count(), Letter.objects.count()) == before
    assert CalendarInvitation.objects.get().sequence == 0


def test_a_letter_is_prepared_looked_at_and_sent_with_the_calendars(
    officer: Client, meeting: Meeting
) -> None:
    change_of_time(meeting)

    prepared = officer.post(url(meeting, "correction_letter"), follow=True)
    letter = Letter.objects.get(kind="change")
    assertRedirects(prepared, url(meeting))
    assertContains(prepared, reverse("admin:invitations_letter_change", args=[letter.pk]))
    assertContains(prepared, reverse("admin:invitations_letter_preview", args=[letter.pk]))
    assertContains(prepared, "Send brevet som PDF: 2 mails til modtagere i 2 kommuner")
    officer.get(reverse("admin:invitations_letter_pdf", args=[letter.pk]))
    sent = send(officer, url(meeting))

    response = officer.get(sent.url)
    assertContains(response, "Rettelsen er sendt: 4 mails er på vej.")
    assertContains(response, "Alt, hvad der er sendt ud, passer")
    assertContains(response, "2 mails med brevet")
    assertNotContains(officer.get(url(meeting, "change")), "passer ikke længere")


def test_without_the_tick_the_offices_get_no_letter(officer: Client, meeting: Meeting) -> None:
    change_of_time(meeting)
    officer.post(url(meeting, "correction_letter"))
    fingerprint = officer.get(url(meeting)).context["plan"].fingerprint

    officer.post(url(meeting), {"fingerprint": fingerprint})

    assert Letter.objects.get(kind="change").is_sent is False
    assert Correction.objects.get().letter is None


def test_pressed_twice_it_is_sent_once(officer: Client, meeting: Meeting) -> None:
    change_of_time(meeting)
    fingerprint = officer.get(url(meeting)).context["plan"].fingerprint
    officer.post(url(meeting), {"fingerprint": fingerprint})
    before = OutgoingEmail.objects.count()

    again = officer.post(url(meeting), {"fingerprint": fingerprint}, follow=True)

    assertContains(again, "Rettelsen var allerede sendt. Ingen får besked to gange.")
    assert OutgoingEmail.objects.count() == before


@pytest.mark.parametrize("fingerprint", ["", "nonsense"])
def test_what_the_page_did_not_show_is_not_sent(officer: Client, meeting: Meeting, fingerprint: str) -> None:
    change_of_time(meeting)
    before = OutgoingEmail.objects.count()

    response = officer.post(url(meeting), {"fingerprint": fingerprint}, follow=True)

    assertContains(response, "Der er ikke sendt noget: Noget er ændret, mens du havde siden åben.")
    assert OutgoingEmail.objects.count() == before


def test_a_letter_that_is_behind_the_meeting_says_so_and_is_put_right(
    officer: Client, meeting: Meeting
) -> None:
    change_of_time(meeting)
    officer.post(url(meeting, "correction_letter"))
    meeting.sessions.update(starts_time=time(19), ends_time=time(21))

    behind = officer.get(url(meeting))
    officer.post(url(meeting, "correction_letter"))

    assertContains(behind, "Brevet nævner ikke:")
    assertContains(behind, "Brevet nævner noget, der ikke passer:")
    assertNotContains(officer.get(url(meeting)), "Brevet nævner")


def test_a_letter_that_cannot_be_printed_is_not_offered(officer: Client, meeting: Meeting) -> None:
    change_of_time(meeting)
    officer.post(url(meeting, "correction_letter"))
    Letter.objects.filter(kind="change").update(title="{sted}")

    response = officer.get(url(meeting))

    assertContains(response, "Brevet kan ikke sendes endnu:")
    assertNotContains(response, 'id="id_letter"')


def test_a_letter_that_waits_for_its_time_is_left_alone(officer: Client, meeting: Meeting) -> None:
    change_of_time(meeting)
    officer.post(url(meeting, "correction_letter"))
    Letter.objects.filter(kind="change").update(send_at=NOW + timedelta(days=1), send_by=User.objects.get())

    response = officer.get(url(meeting))
    refused = officer.post(url(meeting, "correction_letter"), follow=True)

    assertContains(response, "Sendes 2. februar 2027 kl. 12.00")
    assertNotContains(response, 'id="id_letter"')
    assertContains(refused, "Et brev om ændringen venter allerede på at blive sendt.")


def test_nothing_to_tell_the_offices_means_no_letter(officer: Client) -> None:
    meeting = create_meeting()
    sign_up(meeting, email="bo@example.dk")
    change_of_time(meeting)

    response = officer.get(url(meeting))
    refused = officer.post(url(meeting, "correction_letter"), follow=True)

    assertNotContains(response, "Brev til modtagerne")
    assertContains(response, 'value="Send rettelse"')
    assertContains(refused, "Det, der står i brevene, passer.")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"published_at": None}, "Mødet er en kladde."),
        ({"cancelled_at": NOW}, "Mødet er aflyst."),
        ({}, "Mødet er afholdt."),
    ],
)
def test_where_nothing_can_be_corrected_the_page_says_why(
    officer: Client, meeting: Meeting, change: dict[str, object], sentence: str
) -> None:
    change_of_time(meeting)
    if change:
        Meeting.objects.update(**change)
    else:
        Session.objects.update(starts_date=date(2027, 1, 28))

    response = officer.get(url(meeting))

    assertContains(response, sentence)
    assertNotContains(response, "Send rettelse")


def test_a_meeting_of_which_nobody_has_been_told_has_nothing_wrong(officer: Client) -> None:
    response = officer.get(url(create_meeting()))

    assertContains(response, "Alt, hvad der er sendt ud, passer")


def test_a_stranger_sees_nothing_and_who_may_only_look_sends_nothing(
    client: Client, meeting: Meeting
) -> None:
    change_of_time(meeting)
    looker = may(client, "view_meeting")

    page = looker.get(url(meeting))
    posts = [looker.post(url(meeting)), looker.post(url(meeting, "correction_letter"))]
    User.objects.get(username="nogen").user_permissions.clear()
    stranger = looker.get(url(meeting))

    assertContains(page, "kl. 18-20")
    assertNotContains(page, "Send rettelse")
    assertNotContains(page, "Forbered rettelsesbrev")
    assert [response.status_code for response in posts] == [403, 403]
    assert stranger.status_code == 403
    assert (Correction.objects.count(), Letter.objects.count()) == (0, 1)


def test_the_public_page_says_what_has_been_corrected(client: Client, meeting: Meeting) -> None:
    Session.objects.update(join_url="https://video.example/hemmelig")
    sign_up(meeting, email="ida@example.dk")
    change_of_time(meeting)
    Session.objects.update(join_url="https://video.example/ny")
    before = client.get("/moede")
    correct(meeting)

    response = client.get("/moede")

    assertNotContains(before, "Ændret den")
    assertContains(response, "Ændret den 1.\u00a0februar 2027")
    assertContains(response, "Nyt tidspunkt: <span>kl. 18-20 (før: kl. 17-19)</span>", html=True)
    assertContains(response, "De tilmeldte har fået det på mail.")
    assertNotContains(response, "video.example")


def test_the_page_asks_the_database_the_same_however_many_are_concerned(officer: Client) -> None:
    counts = []
    for towns in (["Herning"], ["Herning", "Holstebro", "Horsens"]):
        meeting = create_meeting()
        theme = create_theme(item=create_programme_item(meeting=meeting))
        send_letter(meeting, *towns)
        registration = create_registration(meeting=meeting, participants=0)
        for town in towns:
            sign_up(meeting, email=f"{town}@example.dk", themes=[theme], registration=registration)
        change_of_time(meeting)
        correct(fresh(meeting))
        meeting.sessions.update(starts_time=time(19), ends_time=time(21))
        counts.append(count_queries(officer, url(meeting)))

    assert counts == [counts[0]] * 2
