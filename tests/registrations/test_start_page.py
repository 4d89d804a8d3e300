"""The start page: what comes next for each meeting, and what needs a hand today."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from invitations.models import Letter, Meeting, OutgoingEmail
from kl_meetings.roles import ADMINISTRATOR, READER
from registrations.start_page import ComingMeeting, Step, coming_meetings
from tests.admin_pages import count_queries
from tests.factories import (
    DEADLINE,
    MEETING_DAY,
    NOW,
    create_decline,
    create_dispatch,
    create_invitation,
    create_letter,
    create_meeting,
    create_office,
    create_registration,
    create_staff,
    get_municipality,
)
from tests.large_meeting import create_offices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def coming(*, at: datetime = NOW) -> ComingMeeting:
    [found] = coming_meetings(at=at)
    return found


def tasks(client: Client) -> list[tuple[str, bool]]:
    return [(task.text, task.urgent) for task in client.get("/admin/").context["start"]["tasks"]]


def sent_letter(meeting: Meeting) -> Letter:
    return create_letter(meeting=meeting, sent_at=NOW)


def test_a_draft_is_to_be_published() -> None:
    create_meeting(published_at=None)

    assert (coming().step, coming().day) == (Step.PUBLISH, MEETING_DAY)


def test_a_published_meeting_needs_its_letter() -> None:
    create_letter()

    assert coming().step == Step.SEND_LETTER


def test_a_letter_may_wait_for_its_time() -> None:
    create_letter(send_at=NOW + timedelta(days=1), send_by=create_staff())

    assert (coming().step, coming().step_at) == (Step.LETTER_WAITS, NOW + timedelta(days=1))


def test_registration_may_not_have_opened_yet() -> None:
    sent_letter(create_meeting(registration_opens_date=date(2027, 2, 8)))

    assert coming().step == Step.OPENS


def test_then_comes_the_deadline_and_after_it_the_meeting() -> None:
    sent_letter(create_meeting())
    after = datetime(2027, 3, 20, 8, tzinfo=NOW.tzinfo)

    assert (coming().step, coming().deadline) == (Step.DEADLINE, datetime(2027, 3, 20, tzinfo=NOW.tzinfo))
    assert coming(at=after).step == Step.MEETING


def test_a_cancelled_meeting_needs_nothing() -> None:
    create_meeting(cancelled_at=NOW)

    assert coming().step == Step.CANCELLED


def test_a_meeting_that_is_over_is_not_to_come() -> None:
    create_meeting()

    assert coming_meetings(at=datetime(2027, 4, 16, tzinfo=NOW.tzinfo)) == []


def test_a_meeting_without_a_form_needs_no_letter() -> None:
    create_meeting(registration="none")

    assert (coming().step, coming().deadline) == (Step.MEETING, None)


def test_it_counts_answers_and_participants() -> None:
    meeting = create_meeting()
    for name in ("Herning", "Viborg", "Struer"):
        create_invitation(meeting=meeting, municipality=get_municipality(name))
    create_registration(meeting=meeting, participants=2)
    create_registration(meeting=meeting, participants=1, guest_kind="speaker")
    create_decline(meeting=meeting, municipality=get_municipality("Viborg"))

    assert (coming().coverage.answered, coming().coverage.asked, coming().silent) == (2, 3, 1)
    assert coming().participants == 3


def test_the_page_shows_the_meetings_with_links(officer: Client) -> None:
    meeting = create_meeting(title="Politisk topmøde")
    sent_letter(meeting)
    create_invitation(meeting=meeting)

    response = officer.get("/admin/")

    assertContains(response, "Politisk topmøde")
    assertContains(response, "0 af 1")
    assertContains(response, "Frist fredag den 19. marts")
    assertContains(response, reverse("admin:invitations_meeting_ledger", args=[meeting.pk]))


def test_where_nothing_is_to_be_done_it_says_so(officer: Client) -> None:
    create_offices()

    response = officer.get("/admin/")

    assertContains(response, "Intet lige nu.")
    assertContains(response, "Ingen.")


def test_mails_that_failed_are_urgent_until_a_second_one_has_left(officer: Client) -> None:
    dispatch = create_dispatch()
    OutgoingEmail.objects.update(state="failed", owed_at=NOW)
    assert ("1 mail kunne ikke leveres", True) in tasks(officer)

    assert dispatch.email is not None
    again = dispatch.email.resend(at=NOW)
    OutgoingEmail.objects.filter(pk=again.pk).update(state="sent", sent_at=NOW)
    assert [text for text, _urgent in tasks(officer) if "leveres" in text] == []


def test_mails_that_nobody_takes_are_urgent(officer: Client) -> None:
    create_dispatch()

    assert ("1 mail har ventet i mere end 15 minutter: Svarer mailserveren?", True) in tasks(officer)


def test_a_letter_that_was_not_sent_at_its_time_is_urgent(officer: Client) -> None:
    create_letter(send_problem="Mødet er aflyst.")

    assert (
        "Invitation 25.1.2027: Politisk møde i Region Midtjylland blev ikke sendt til tiden",
        True,
    ) in tasks(officer)


def test_silence_is_named_in_the_week_before_the_deadline(officer: Client) -> None:
    meeting = create_meeting(registration_deadline_date=(NOW + timedelta(days=7)).date())
    sent_letter(meeting)
    create_invitation(meeting=meeting)
    said = "Politisk møde i Region Midtjylland: 1 af 1 kommuner har ikke svaret. Fristen er "
    assert [text for text, _urgent in tasks(officer) if text.startswith(said)] == []

    meeting.registration_deadline_date = (NOW + timedelta(days=6)).date()
    meeting.save()
    assert (f"{said}søndag den 7. februar", False) in tasks(officer)

    meeting.registration_deadline_date = (NOW + timedelta(days=1)).date()
    meeting.save()
    assert (f"{said}tirsdag den 2. februar", True) in tasks(officer)


def test_a_draft_whose_day_comes_near_is_named(officer: Client) -> None:
    meeting = create_meeting(published_at=None)

    meeting.sessions.update(starts_date=(NOW + timedelta(days=30)).date())

    assert (
        "Politisk møde i Region Midtjylland onsdag den 3. marts er ikke offentliggjort",
        False,
    ) in tasks(officer)


def test_registrations_to_match_and_paused_reminders_are_named(officer: Client) -> None:
    meeting = create_meeting(reminders_paused_at=NOW)
    create_registration(meeting=meeting, awaits_match=True)

    found = tasks(officer)

    assert ("1 tilmelding skal knyttes til en kommune", False) in found
    assert ("Politisk møde i Region Midtjylland: Påmindelserne er sat på pause", False) in found


def test_urgent_things_stand_first(officer: Client) -> None:
    create_registration(awaits_match=True)
    create_dispatch()

    urgent = [is_urgent for _text, is_urgent in tasks(officer)]

    assert urgent == sorted(urgent, reverse=True)
    assert len(set(urgent)) == 2


def test_a_reader_sees_it_without_the_button_and_an_administrator_the_lists(client: Client) -> None:
    create_meeting()
    for role in (READER, ADMINISTRATOR):
        user = User.objects.create_user(role, is_staff=True)
        user.groups.set(Group.objects.filter(name=role))
        client.force_login(user)
        response = client.get("/admin/")
        if role == READER:
            assertContains(response, "Kommende møder")
            assertNotContains(response, "Nyt møde")
        else:
            assertNotContains(response, "Kommende møder")
            assertContains(response, "Brugere")


def test_three_participants_ask_the_database_as_often_as_one(officer: Client) -> None:
    meeting = create_meeting(registration_deadline_date=DEADLINE)
    counts = []
    for name in ("Herning", "Viborg", "Struer"):
        create_registration(meeting=meeting, municipality=get_municipality(name))
        counts.append(count_queries(officer, "/admin/"))

    assert counts == [counts[0]] * 3


def test_those_whom_no_letter_reaches_stand_on_the_list_that_is_led_to(officer: Client) -> None:
    create_office(verified_on=date(2020, 1, 1))
    create_office(municipality=get_municipality("Viborg"), mailbox="")

    (task,) = [
        task for task in officer.get("/admin/").context["start"]["tasks"] if "kan ikke nås" in task.text
    ]
    rows = list(officer.get(task.url).context["page"].paginator.object_list)

    assert task.text == "97 modtagere kan ikke nås"
    assert {row.municipality.name for row in rows} >= {"Viborg", "Aarhus"}
    assert "Herning" not in {row.municipality.name for row in rows}
