from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invitations.danish import COPENHAGEN
from invitations.models import Letter, Meeting, Office, OutgoingEmail
from registrations.cancellation_letters import prepare_cancellation_letter
from registrations.cancellations import cancel_meeting, plan_cancellation
from tests.admin_pages import send
from tests.factories import (
    NOW,
    create_decline,
    create_dispatch,
    create_invitation,
    create_letter,
    create_meeting,
    create_office,
    create_participant,
    create_registration,
    create_session,
    create_staff,
    get_municipality,
)
from tests.told import fresh, send_letter, sign_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def staff() -> User:
    return create_staff()


@pytest.fixture
def officer(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


@pytest.fixture
def meeting() -> Meeting:
    """Herning comes, Holstebro has declined, Horsens is silent; Aarhus has an office and got no letter."""
    meeting = create_meeting(slug="moede")
    send_letter(meeting, "Herning", "Holstebro", "Horsens")
    create_office(municipality=get_municipality("Aarhus"))
    sign_up(meeting, email="bo@example.dk")
    create_decline(meeting=meeting, municipality=get_municipality("Holstebro"))
    return meeting


def url(meeting: Meeting, name: str = "cancel") -> str:
    return reverse(f"admin:invitations_meeting_{name}", args=[meeting.pk])


def prepare(meeting: Meeting, staff: User) -> Letter:
    return prepare_cancellation_letter(fresh(meeting), at=NOW, by=staff)


def told_since(number: int) -> list[tuple[str, str]]:
    return sorted(OutgoingEmail.objects.order_by("pk").values_list("kind", "to")[number:])


def test_the_letter_goes_to_all_who_have_got_one_and_to_nobody_else(meeting: Meeting, staff: User) -> None:
    letter = prepare(meeting, staff)
    before = OutgoingEmail.objects.count()

    plan = cancel_meeting(fresh(meeting), letter=letter, at=NOW, by=staff)

    assert told_since(before) == [
        ("cancellation", "anne@herning.example"),
        ("cancellation", "bo@example.dk"),
        ("letter", "udvalg-0615@example.dk"),
        ("letter", "udvalg-0657@example.dk"),
        ("letter", "udvalg-0661@example.dk"),
    ]
    letter.refresh_from_db()
    assert plan is not None
    assert (letter.is_sent, fresh(meeting).is_cancelled, plan.letter_mails, plan.mails) == (True, True, 3, 5)
    mail = OutgoingEmail.objects.get(
        to="udvalg-0657@example.dk", kind="letter", subject__contains="Aflysning"
    )
    assert [attachment.filename for attachment in mail.attachments.all()] == [
        "moede-aflysning-2027-02-01.pdf"
    ]


def test_without_the_letter_it_is_as_it_was(meeting: Meeting, staff: User) -> None:
    prepare(meeting, staff)
    before = OutgoingEmail.objects.count()

    cancel_meeting(fresh(meeting), at=NOW, by=staff)

    assert told_since(before) == [
        ("cancellation", "anne@herning.example"),
        ("cancellation", "bo@example.dk"),
        ("cancellation", "udvalg-0615@example.dk"),
    ]
    assert Letter.objects.get(kind="cancellation").is_sent is False


def test_a_mailbox_that_the_letter_does_not_reach_gets_the_plain_mail(meeting: Meeting, staff: User) -> None:
    Office.objects.filter(municipality__name="Herning").delete()
    letter = prepare(meeting, staff)
    before = OutgoingEmail.objects.count()

    cancel_meeting(fresh(meeting), letter=letter, at=NOW, by=staff)

    assert ("cancellation", "udvalg-0657@example.dk") in told_since(before)
    assert ("letter", "udvalg-0657@example.dk") not in told_since(before)


def test_who_has_got_the_letter_about_the_cancellation_before_gets_no_other_mail(
    meeting: Meeting, staff: User
) -> None:
    letter = create_letter(
        meeting=meeting, kind=Letter.Kind.CANCELLATION, letter_date=date(2027, 1, 30), sent_at=NOW
    )
    invitation = create_invitation(meeting=meeting, municipality=get_municipality("Horsens"))
    create_dispatch(letter=letter, invitation=invitation)

    plan = plan_cancellation(fresh(meeting), at=NOW)

    assert [sent.mailbox for sent in plan.dispatches] == []
    with pytest.raises(ValidationError, match="Der er ingen, der skal have besked med et brev"):
        prepare(meeting, staff)


def test_those_who_wait_for_a_place_hear_of_it(meeting: Meeting, staff: User) -> None:
    registration = create_registration(
        meeting=meeting,
        municipality=get_municipality("Aarhus"),
        participants=0,
        contact_email="ole@example.dk",
    )
    create_participant(registration=registration, email="ida@example.dk", waitlisted_at=NOW)

    plan = cancel_meeting(fresh(meeting), at=NOW, by=staff)

    mail = OutgoingEmail.objects.get(to="ida@example.dk")
    assert (mail.kind, mail.calendar) == ("cancellation", "")
    assert mail.text.splitlines()[1] == "Du stod på ventelisten og skal ikke gøre noget."
    assert "Du stod på ventelisten og skal ikke gøre noget." in mail.html
    assert "har tilmeldt dig et møde" in mail.text
    assert OutgoingEmail.objects.filter(to="ole@example.dk").count() == 1
    assert plan is not None
    assert (len(plan.participants), len(plan.waitlisted)) == (1, 1)


def test_a_guest_without_a_mail_address_is_told_through_the_contact(meeting: Meeting, staff: User) -> None:
    registration = create_registration(
        meeting=meeting,
        municipality=get_municipality("Aarhus"),
        participants=1,
        contact_email="ole@example.dk",
    )
    registration.participants.update(email="")
    before = OutgoingEmail.objects.count()

    cancel_meeting(fresh(meeting), at=NOW, by=staff)

    assert ("cancellation", "ole@example.dk") in told_since(before)
    assert [to for _kind, to in told_since(before) if not to] == []


def test_letters_that_wait_for_their_time_are_called_off(meeting: Meeting, staff: User) -> None:
    waiting = create_letter(
        meeting=meeting,
        kind=Letter.Kind.CHANGE,
        letter_date=date(2027, 2, 3),
        send_at=NOW + timedelta(days=2),
        send_by=staff,
    )

    cancel_meeting(fresh(meeting), at=NOW, by=staff)

    waiting.refresh_from_db()
    assert (waiting.send_at, waiting.send_by, waiting.is_sent) == (None, None, False)


def test_a_letter_that_cannot_be_sent_leaves_the_meeting_as_it_is(meeting: Meeting, staff: User) -> None:
    letter = prepare(meeting, staff)
    Letter.objects.filter(pk=letter.pk).update(title="{sted}")
    before = OutgoingEmail.objects.count()

    with pytest.raises(ValidationError):
        cancel_meeting(fresh(meeting), letter=letter, at=NOW, by=staff)

    assert (fresh(meeting).is_cancelled, OutgoingEmail.objects.count()) == (False, before)


def test_a_letter_that_is_gone_leaves_the_meeting_as_it_is(meeting: Meeting, staff: User) -> None:
    letter = prepare(meeting, staff)
    Letter.objects.filter(pk=letter.pk).delete()

    with pytest.raises(ValidationError, match="Brevet findes ikke længere"):
        cancel_meeting(fresh(meeting), letter=letter, at=NOW, by=staff)

    assert not fresh(meeting).is_cancelled


def test_cancelling_again_sends_no_letter(meeting: Meeting, staff: User) -> None:
    letter = prepare(meeting, staff)
    cancel_meeting(fresh(meeting), letter=letter, at=NOW, by=staff)
    before = OutgoingEmail.objects.count()

    assert cancel_meeting(fresh(meeting), letter=letter, at=NOW, by=staff) is None
    assert OutgoingEmail.objects.count() == before


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_several_who_cancel_by_letter_at_once_one_sends_it(meeting: Meeting, staff: User) -> None:
    letter = prepare(meeting, staff)
    before = OutgoingEmail.objects.count()
    ready = threading.Barrier(4)
    plans: list[Any] = []

    def work() -> None:
        mine = fresh(meeting)
        ready.wait()
        plans.append(cancel_meeting(mine, letter=letter, at=NOW, by=staff))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(plan is None for plan in plans) == [False, True, True, True]
    assert OutgoingEmail.objects.count() - before == 5


def test_preparing_twice_is_one_letter_and_history_says_who(meeting: Meeting, staff: User) -> None:
    first, again = prepare(meeting, staff), prepare(meeting, staff)

    assert (first, first.kind, first.date) == (again, "cancellation", NOW.date())
    assert [(entry.user, entry.object_id) for entry in LogEntry.objects.all()] == [(staff, str(first.pk))]


def test_where_no_letter_has_been_sent_there_is_none_to_prepare(officer: Client) -> None:
    meeting = create_meeting()

    page = officer.get(url(meeting))
    refused = officer.post(url(meeting, "cancel_letter"), follow=True)

    assertNotContains(page, "aflysningsbrev")
    assertContains(refused, "Der er ingen, der skal have besked med et brev.")
    assert Letter.objects.count() == 0


def test_an_officer_prepares_the_letter_and_cancels_with_it(officer: Client, meeting: Meeting) -> None:
    page = officer.get(url(meeting))
    prepared = officer.post(url(meeting, "cancel_letter"), follow=True)

    assertContains(page, "Forbered aflysningsbrev")
    assertContains(page, "1 postkasse i kommuner, der ikke har svaret, får en mail.")
    assertRedirects(prepared, url(meeting))
    assertContains(prepared, "3 mails med brevet som PDF går til dem, der har fået et brev om mødet.")
    assertContains(prepared, "Uden brevet: 1 postkasse i kommuner, der ikke har svaret, får en mail.")
    sent = send(officer, url(meeting))

    assertContains(officer.get(sent.url), "Mødet er aflyst. 5 mails er på vej.")
    assert Letter.objects.get(kind="cancellation").is_sent
    entry = LogEntry.objects.filter(object_id=str(meeting.pk), content_type__model="meeting").get()
    assert entry.get_change_message() == "Aflyste mødet (5 mails)."


def test_a_letter_that_has_changed_since_the_page_was_seen_is_shown_anew(
    officer: Client, meeting: Meeting
) -> None:
    officer.post(url(meeting, "cancel_letter"))
    fingerprint = officer.get(url(meeting)).context["draft"].fingerprint
    Letter.objects.filter(kind="cancellation").update(title="Aflyst")
    before = OutgoingEmail.objects.count()

    response = officer.post(url(meeting), {"letter": fingerprint}, follow=True)

    assertContains(response, "Mødet er ikke aflyst: Brevet eller dets modtagere er ændret")
    assert (fresh(meeting).is_cancelled, OutgoingEmail.objects.count()) == (False, before)


def test_the_page_says_what_keeps_the_letter_back_and_what_is_called_off(
    officer: Client, meeting: Meeting, staff: User
) -> None:
    letter = prepare(meeting, staff)
    Letter.objects.filter(pk=letter.pk).update(send_at=NOW + timedelta(days=1), send_by=staff)

    response = officer.get(url(meeting))

    planned = "Brevet er planlagt til at blive sendt den 2. februar 2027 kl. 12.00. Fortryd det først."
    assertContains(response, planned)
    assertContains(response, "1 brev, der venter på at blive sendt, bliver kaldt tilbage.")
    assertNotContains(response, 'id="id_letter"')


@pytest.mark.parametrize("published", [True, False])
def test_no_letter_is_prepared_for_what_cannot_be_cancelled(
    officer: Client, meeting: Meeting, published: bool
) -> None:
    Meeting.objects.update(**({"cancelled_at": NOW} if published else {"published_at": None}))

    officer.post(url(meeting, "cancel_letter"))

    assert not Letter.objects.filter(kind="cancellation").exists()


def test_a_meeting_that_is_over_needs_no_letter(officer: Client, meeting: Meeting, staff: User) -> None:
    letter = prepare(meeting, staff)
    before = OutgoingEmail.objects.count()

    cancel_meeting(
        fresh(meeting), letter=letter, at=datetime(2027, 4, 16, 12, 0, tzinfo=COPENHAGEN), by=staff
    )

    assert OutgoingEmail.objects.count() == before
    letter.refresh_from_db()
    assert not letter.is_sent


def test_who_may_not_change_the_meeting_prepares_nothing(client: Client, meeting: Meeting) -> None:
    looker = User.objects.create_user("nogen", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_meeting"))
    client.force_login(looker)

    assert [client.post(url(meeting, name)).status_code for name in ("cancel", "cancel_letter")] == [403, 403]


def test_looking_changes_nothing(officer: Client, meeting: Meeting) -> None:
    officer.get(url(meeting))
    response = officer.get(url(meeting, "cancel_letter"))

    assertRedirects(response, url(meeting))
    assert Letter.objects.count() == 1


def test_the_public_page_leads_to_the_letter(client: Client, meeting: Meeting, staff: User) -> None:
    letter = prepare(meeting, staff)
    cancel_meeting(fresh(meeting), letter=letter, at=NOW, by=staff)

    response = client.get("/moede")

    assertContains(response, "Mødet er aflyst.")
    assertContains(response, "Læs aflysningsbrevet")
    assertNotContains(response, "Læs invitationen")


def test_only_those_of_sessions_to_come_are_told(meeting: Meeting, staff: User) -> None:
    held = create_session(meeting=meeting, starts_date=date(2027, 1, 28))
    create_participant(
        registration=create_registration(meeting=meeting, participants=0),
        session=held,
        email="ida@example.dk",
        waitlisted_at=NOW,
    )

    plan = plan_cancellation(fresh(meeting), at=NOW)

    assert (len(plan.participants), len(plan.waitlisted)) == (1, 0)
