"""Staff give one municipality a later deadline, and take it back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects
from time_machine import Traveller

from invitations.admin.meeting_pages import page_url
from invitations.danish import COPENHAGEN, Moment
from invitations.models import Invitation, Meeting, OutgoingEmail
from registrations.models import Registration
from registrations.reminders import owe_reminders
from tests.admin_pages import fields_of
from tests.factories import (
    DEADLINE,
    MEETING_DAY,
    NOW,
    create_decline,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_registration,
    create_session,
    create_staff,
)
from tests.pages import page_text, summary, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LATER = Moment(date(2027, 4, 2))
AFTERWARDS = datetime(2027, 3, 22, 9, 0, tzinfo=COPENHAGEN)


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(meeting: Meeting) -> str:
    return page_url("municipality_deadline", meeting, code="0657")


def municipality_page(meeting: Meeting) -> str:
    return page_url("municipality", meeting, code="0657")


def give(client: Client, meeting: Meeting, day: str, clock: str = "", *, shown: Any = None) -> Any:
    """Type a deadline into the page, as it stands or as it was `shown`, and press the button."""
    fields = fields_of(shown or client.get(page(meeting)))
    return client.post(page(meeting), fields | {"deadline_date": day, "deadline_time": clock})


def deadline_of(meeting: Meeting) -> Moment | None:
    invitation = meeting.invitations.first()
    return invitation.deadline if invitation else None


def history() -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


@pytest.mark.parametrize(
    ("day", "hour", "deadline", "words"),
    [
        ("2.4.2027", "", LATER, "fredag den 2. april 2027"),
        ("2027-04-02", "", LATER, "fredag den 2. april 2027"),
        ("2.4.2027", "12.00", Moment(LATER.date, time(12)), "fredag den 2. april 2027 kl. 12.00"),
    ],
)
def test_a_later_deadline_is_given_shown_and_written_into_the_history(
    officer: Client, day: str, hour: str, deadline: Moment, words: str
) -> None:
    meeting = create_meeting()
    create_invitation(meeting=meeting)

    response = give(officer, meeting, day, hour)

    assertRedirects(response, municipality_page(meeting))
    assert deadline_of(meeting) == deadline
    shown = page_text(officer.get(municipality_page(meeting))).replace("\u00a0", " ")
    assert f"Egen tilmeldingsfrist {words[0].upper()}{words[1:]}" in shown
    assert f"Gav den sin egen tilmeldingsfrist: {words}. Af sekretariatet." in shown
    ledger = page_text(officer.get(page_url("ledger", meeting))).replace("\u00a0", " ")
    assert f"egen frist {words}" in ledger


def test_the_page_says_what_follows(officer: Client) -> None:
    meeting = create_meeting()
    create_invitation(meeting=meeting)

    assert [
        sentence.replace("\u00a0", " ") for sentence in officer.get(page(meeting)).context["sentences"]
    ] == [
        "Fristen for alle: fredag den 19. marts 2027.",
        "Herning Kommune kan tilmelde sig og rette indtil sin egen frist via sit personlige link. "
        "Det kan man ikke via den åbne formular.",
        "Kommunens påmindelser tæller tilbage fra dens egen frist. Der bliver ikke sendt nogen mail nu.",
    ]


def test_one_that_is_not_invited_yet_is_invited_by_it_and_the_page_says_so(officer: Client) -> None:
    meeting = create_meeting()
    shown = officer.get(page(meeting))
    assertContains(shown, "Kommunen bliver inviteret samtidig og får et personligt link.")
    assertContains(shown, "Den står uden svar, indtil den svarer.")
    assert Invitation.objects.count() == 0

    give(officer, meeting, "2.4.2027", shown=shown)

    assert deadline_of(meeting) == LATER
    assertNotContains(officer.get(page(meeting)), "Kommunen bliver inviteret")


def test_of_one_that_has_answered_the_page_says_so(officer: Client) -> None:
    meeting = create_meeting()
    create_invitation(meeting=meeting)
    create_decline(meeting=meeting)

    assertContains(officer.get(page(meeting)), "Kommunen har allerede svaret og kan fortsat rette sit svar.")


def test_one_that_answered_without_an_invitation_does_not_stand_as_silent(officer: Client) -> None:
    meeting = create_registration().meeting

    shown = officer.get(page(meeting))

    assertContains(shown, "Kommunen bliver inviteret samtidig og får et personligt link.")
    assertNotContains(shown, "Den står uden svar")


@pytest.mark.parametrize(
    ("day", "hour", "messages"),
    [
        ("", "", [("Indtast frist", "deadline_date")]),
        ("", "12.00", [("Indtast frist", "deadline_date")]),
        ("i morgen", "", [("Skriv datoen som 28.3.2027", "deadline_date")]),
        ("2.4.0202", "", [("Skriv året med fire cifre, fra 2000 til 2099", "deadline_date")]),
        ("2.4.2027\x00", "", [("Skriv datoen som 28.3.2027", "deadline_date")]),
        ("😀" * 5_000, "", [("Skriv datoen som 28.3.2027", "deadline_date")]),
        ("2.4.2027", "25.00", [("Skriv klokkeslættet som 17.00", "deadline_time")]),
        ("31.1.2027", "", [("Fristen skal ligge i fremtiden", "deadline_date")]),
        ("1.2.2027", "11.59", [("Fristen skal ligge i fremtiden", "deadline_time")]),
        ("19.3.2027", "", [("Fristen skal ligge efter den, der gælder for alle", "deadline_date")]),
        ("19.3.2027", "23.59", [("Fristen skal ligge efter den, der gælder for alle", "deadline_time")]),
        ("15.4.2027", "", [("Fristen skal ligge før, mødet begynder", "deadline_date")]),
        ("15.4.2027", "17.01", [("Fristen skal ligge før, mødet begynder", "deadline_time")]),
        (
            "28.3.2027",
            "2.30",
            [("Klokkeslættet findes ikke: Uret stilles frem den nat", "deadline_time")],
        ),
    ],
)
def test_what_cannot_be_the_deadline_is_told_at_the_field_and_kept(
    officer: Client, day: str, hour: str, messages: list[tuple[str, str]]
) -> None:
    meeting = create_meeting()
    create_invitation(meeting=meeting)

    response = give(officer, meeting, day, hour)

    assert response.status_code == 200
    assert summary(response) == messages
    fields = fields_of(response)
    assert (fields["deadline_date"], fields["deadline_time"]) == ([day], [hour])
    assert (deadline_of(meeting), history()) == (None, [])


@pytest.mark.parametrize(("day", "hour"), [("20.3.2027", "0.01"), ("14.4.2027", ""), ("15.4.2027", "17.00")])
def test_from_the_end_of_the_general_deadline_to_the_start_every_moment_can_be_the_deadline(
    officer: Client, day: str, hour: str
) -> None:
    meeting = create_meeting()

    assert give(officer, meeting, day, hour).status_code == 302


def test_of_several_sessions_one_whose_deadline_is_later_is_enough(officer: Client) -> None:
    meeting = create_meeting()
    create_session(
        meeting=meeting, starts_date=MEETING_DAY + timedelta(days=14), registration_deadline_date=MEETING_DAY
    )

    assert give(officer, meeting, "2.4.2027").status_code == 302
    assert summary(give(officer, meeting, "15.4.2027")) == [
        ("Fristen skal ligge før, mødet begynder", "deadline_date")
    ]


def test_emptied_it_is_taken_back_and_the_history_keeps_both(officer: Client) -> None:
    meeting = create_meeting()
    give(officer, meeting, "2.4.2027", "12.00")

    response = give(officer, meeting, "", "")

    assertRedirects(response, municipality_page(meeting))
    assert deadline_of(meeting) is None
    assert [message.replace("\u00a0", " ") for message in history()] == [
        "Gav den sin egen tilmeldingsfrist: fredag den 2. april 2027 kl. 12.00.",
        "Tog dens egen tilmeldingsfrist tilbage, fredag den 2. april 2027 kl. 12.00.",
    ]
    assertNotContains(officer.get(municipality_page(meeting)), "Egen tilmeldingsfrist")


def test_a_time_alone_takes_nothing_back(officer: Client) -> None:
    meeting = create_meeting()
    give(officer, meeting, "2.4.2027", "12.00")

    response = give(officer, meeting, "", "12.00")

    assert summary(response) == [("Et klokkeslæt for fristen kræver en dato", "deadline_date")]
    assert deadline_of(meeting) == Moment(LATER.date, time(12))


def test_the_button_pressed_twice_gives_it_once(officer: Client) -> None:
    meeting = create_meeting()
    shown = officer.get(page(meeting))

    responses = [give(officer, meeting, "2.4.2027", shown=shown).status_code for _ in range(2)]

    assert (responses, len(history())) == ([302, 302], 1)


def test_of_two_tabs_the_second_is_told_what_the_first_has_done_and_loses_nothing(officer: Client) -> None:
    meeting = create_meeting()
    shown = officer.get(page(meeting))
    give(officer, meeting, "2.4.2027", shown=shown)

    response = give(officer, meeting, "9.4.2027", shown=shown)

    assert response.status_code == 409
    assert summary(response)[0][0].replace("\u00a0", " ") == (
        "Nogen har ændret fristen, siden du så siden. Nu: fredag den 2. april 2027."
    )
    assert fields_of(response)["deadline_date"] == ["9.4.2027"]
    assert deadline_of(meeting) == LATER
    officer.post(page(meeting), fields_of(response))
    assert deadline_of(meeting) == Moment(date(2027, 4, 9))


def test_a_meeting_without_a_deadline_has_none_that_could_be_later(officer: Client) -> None:
    meeting = create_meeting(registration_deadline_date=None)

    assertNotContains(officer.get(municipality_page(meeting)), "Giv senere frist")
    assertContains(officer.get(page(meeting)), "Mødet har ingen frist")


@pytest.mark.parametrize("change", [{"cancelled_at": NOW}, {"published_at": None}])
def test_where_nobody_can_answer_there_is_nothing_to_give(officer: Client, change: dict[str, Any]) -> None:
    meeting = create_meeting()
    shown = officer.get(page(meeting))
    Meeting.objects.update(**change)

    assertNotContains(officer.get(municipality_page(meeting)), "Giv senere frist")
    response = give(officer, meeting, "2.4.2027", shown=shown)

    assertContains(response, 'class="problems"')
    assert deadline_of(meeting) is None


def test_after_the_general_deadline_it_can_still_be_given(officer: Client, clock: Traveller) -> None:
    clock.move_to(AFTERWARDS)
    officer.force_login(User.objects.get())
    meeting = create_meeting()

    assertContains(officer.get(municipality_page(meeting)), "Giv senere frist")
    assert give(officer, meeting, "2.4.2027").status_code == 302


def test_it_says_where_the_general_deadline_has_been_moved_beyond_it(officer: Client) -> None:
    meeting = create_meeting()
    create_invitation(meeting=meeting, deadline=LATER)
    assertNotContains(officer.get(municipality_page(meeting)), "Fristen for alle er senere")

    Meeting.objects.update(registration_deadline_date=date(2027, 4, 9))

    assertContains(officer.get(municipality_page(meeting)), "Fristen for alle er senere, så den gælder.")


def test_a_reminder_that_waits_with_the_general_deadline_is_kept_back(officer: Client) -> None:
    meeting = create_meeting()
    create_dispatch(invitation=create_invitation(meeting=meeting))
    due = datetime(2027, 3, 5, 8, 0, tzinfo=COPENHAGEN)
    owe_reminders(at=due)

    give(officer, meeting, "2.4.2027")

    kept_back = OutgoingEmail.objects.get(kind="deadline_reminder")
    assert (kept_back.state, kept_back.of_use_until and kept_back.of_use_until < due) == ("owed", True)


def test_who_may_only_look_cannot_give_it(client: Client) -> None:
    user = User.objects.create_user("kigger", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_meeting"))
    client.force_login(user)
    meeting = create_meeting()

    assertNotContains(client.get(municipality_page(meeting)), "Giv senere frist")
    assert client.get(page(meeting)).status_code == 403
    assert client.post(page(meeting), {"deadline_date": "2.4.2027"}).status_code == 403


def test_the_pages_of_the_municipality_show_its_own_deadline_and_take_its_answer(
    client: Client, clock: Traveller
) -> None:
    meeting = create_meeting()
    invitation = create_invitation(meeting=meeting, deadline=LATER)
    clock.move_to(AFTERWARDS)

    own = page_text(client.get(f"/svar/{invitation.token}")).replace("\u00a0", " ")
    form = page_text(client.get(f"/svar/{invitation.token}/tilmeld")).replace("\u00a0", " ")
    response = client.post(f"/svar/{invitation.token}/tilmeld", typed(do="send"))

    assert "Tilmeldingsfrist Fredag den 2. april 2027" in own
    assert "Tilmeldingsfrist Fredag den 2. april 2027" in form
    assert response.status_code == 303
    assert Registration.objects.get().invitation == invitation


def test_the_open_form_is_closed_for_it_and_its_own_is_after_its_own_deadline(
    client: Client, clock: Traveller
) -> None:
    meeting = create_meeting()
    invitation = create_invitation(meeting=meeting, deadline=LATER)
    clock.move_to(AFTERWARDS)
    opened = client.post(f"/{meeting.slug}/tilmeld", typed(do="send"))
    clock.move_to(LATER.end())
    late = client.post(f"/svar/{invitation.token}/tilmeld", typed(do="send"))

    assert (opened.status_code, late.status_code) == (409, 409)
    assert "Fristen var fredag den 19. marts 2027." in page_text(opened).replace("\u00a0", " ")
    assert "Fristen var fredag den 2. april 2027." in page_text(late).replace("\u00a0", " ")
    assert "Vi deltager ikke" in page_text(client.get(f"/svar/{invitation.token}"))


def test_the_calendar_of_reminders_shows_the_own_deadline(officer: Client) -> None:
    meeting = create_meeting()
    create_registration(meeting=meeting)
    create_invitation(meeting=meeting, deadline=LATER)

    text = page_text(officer.get(page_url("reminders", meeting))).replace("\u00a0", " ")

    assert "Til kommuner med deres egen frist: fredag den 2. april 2027." in text
    assert "Tilmeldingsfrist for kommuner med en senere frist" in text
    assert LATER.date > DEADLINE
