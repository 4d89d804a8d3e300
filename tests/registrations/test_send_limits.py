"""Nobody fills others' mailboxes through our forms, and nobody who has much to send is stopped."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from invitations.models import OutgoingEmail
from registrations import send_limits
from registrations.models import Decline, Participant, Registration, SendCount
from registrations.send_limits import TooManyTriesError, client_network, count_form
from registrations.tasks import forget_send_counts
from tests.factories import NOW, create_invitation, create_meeting, create_participant, create_staff
from tests.pages import page_text, typed

pytestmark = pytest.mark.django_db

TOWN_HALL = "85.235.1.10"


def request_from(address: str, **headers: str) -> HttpRequest:
    return RequestFactory().post("/", REMOTE_ADDR=address, headers=headers)


def refused(address: str = "127.0.0.1", mailboxes: list[str] | None = None, *, at: datetime = NOW) -> bool:
    try:
        count_form(request_from(address), mailboxes or [], at=at)
    except TooManyTriesError:
        return True
    return False


def test_three_hundred_people_behind_one_address_sign_up_at_once() -> None:
    answers = {refused(TOWN_HALL, [f"person{number}@herning.example"]) for number in range(300)}

    assert answers == {False}


def count_so_far(count: int) -> None:
    SendCount.objects.update(count=count)


def test_a_thousand_forms_an_hour_are_enough_from_one_address() -> None:
    refused(TOWN_HALL)
    count_so_far(999)

    assert [refused(TOWN_HALL), refused(TOWN_HALL)] == [False, True]
    assert refused("85.235.1.11") is False


def test_two_hundred_forms_an_hour_are_enough_by_one_link(
    client: Client, clock: time_machine.Traveller
) -> None:
    people = [create_participant(), create_participant()]

    def withdraw(participant: Participant) -> int:
        return client.post(f"/deltager/{participant.token}/afmeld").status_code

    withdraw(people[0])
    count_so_far(199)

    assert [withdraw(person) for person in (people[0], people[0], people[1])] == [303, 429, 303]


def test_an_hour_later_it_may_be_tried_again() -> None:
    refused(TOWN_HALL)
    count_so_far(1000)

    assert [refused(TOWN_HALL), refused(TOWN_HALL, at=NOW + timedelta(hours=1))] == [True, False]


def test_what_is_kept_are_numbers_under_words_that_mean_nothing_and_for_an_hour() -> None:
    refused(TOWN_HALL, ["anne@herning.example"])
    refused(TOWN_HALL, at=NOW + timedelta(days=1))

    kept = list(SendCount.objects.values_list("digest", flat=True))
    assert len({*kept}) == 3
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in kept)
    assert {row.until - NOW for row in SendCount.objects.all()} == {
        timedelta(hours=1),
        timedelta(hours=25),
    }
    with time_machine.travel(NOW + timedelta(hours=1)):
        assert (forget_send_counts(), SendCount.objects.count()) == (2, 1)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_all_processes_count_together() -> None:
    def send(_number: int) -> bool:
        try:
            return refused(TOWN_HALL, ["udvalg@herning.example"] * 50)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(8)))

    assert sorted(answers) == [False] * 3 + [True] * 5
    assert sorted(SendCount.objects.values_list("count", flat=True)) == [8, 400]


def test_one_mailbox_may_stand_for_two_delegations_of_fifty_and_not_for_four() -> None:
    delegation = ["udvalg@herning.example"] * 51

    assert [refused(mailboxes=delegation) for _ in range(3)] == [False, False, True]
    assert refused(mailboxes=["UDVALG@herning.example"]) is True
    assert refused(mailboxes=["en-anden@herning.example"]) is False


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("85.235.1.10", "85.235.1.10/32"),
        ("2a01:4f8:c0c:1:2:3:4:5", "2a01:4f8:c0c:1::/64"),
        ("::ffff:85.235.1.10", "85.235.1.10/32"),
        # Of a proxy that does not say for whom it asks, or of nobody.
        ("127.0.0.1", ""),
        ("10.1.2.3", ""),
        ("fe80::1", ""),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_who_asks_is_known_only_where_nobody_stands_between(address: str, network: str) -> None:
    assert client_network(request_from(address)) == network


@pytest.mark.parametrize(
    ("header", "network"),
    [
        ("85.235.1.10", "85.235.1.10/32"),
        # The first is what the client said itself.
        ("1.2.3.4, 85.235.1.10", "85.235.1.10/32"),
        ("10.1.2.3", "10.1.2.3/32"),
        ("85.235.1.10, nonsense", ""),
        ("", ""),
    ],
)
def test_a_proxy_says_who_asks_where_the_environment_trusts_it(
    settings: Settings, header: str, network: str
) -> None:
    settings.CLIENT_ADDRESS_HEADER = "HTTP_X_FORWARDED_FOR"

    assert client_network(request_from("127.0.0.1", x_forwarded_for=header)) == network


def test_a_header_that_nobody_trusts_changes_nothing() -> None:
    assert client_network(request_from(TOWN_HALL, x_forwarded_for="1.2.3.4")) == f"{TOWN_HALL}/32"


@pytest.fixture
def nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is sent now is too much."""
    monkeypatch.setattr(send_limits, "MOST_MAILS", 0)
    monkeypatch.setattr(send_limits, "MOST_FORMS", 0)


@pytest.mark.usefixtures("clock", "nothing_more")
def test_a_registration_too_many_is_told_what_to_do_and_loses_nothing(client: Client) -> None:
    meeting = create_meeting()

    response = client.post(f"/{meeting.slug}/tilmeld", typed(do="send", topics="Vigtigt"))

    text = page_text(response)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "3600")
    assert text.startswith("For mange forsøg Der er sendt så meget på kort tid, at vi har sat en pause")
    assert "Kan det ikke vente? Kontakt KL på kl@kl.dk eller 3370 3370 , så tilmelder vi jer." in text
    assert "Emner, I gerne vil drøfte Vigtigt" in text
    assert (Registration.objects.count(), OutgoingEmail.objects.count()) == (0, 0)


@pytest.mark.usefixtures("clock", "nothing_more")
def test_the_page_is_there_in_english(client: Client) -> None:
    response = client.post(f"/en/{create_meeting().slug}/tilmeld", typed(do="send"))

    assert page_text(response).startswith("Too many tries So much has been sent in a short time")


@pytest.mark.usefixtures("clock", "nothing_more")
def test_what_owes_no_mail_is_never_too_much(client: Client) -> None:
    meeting = create_meeting()

    statuses = [
        client.get(f"/{meeting.slug}/tilmeld").status_code,
        *(
            client.post(f"/{meeting.slug}/tilmeld", typed(do=do), REMOTE_ADDR=TOWN_HALL).status_code
            for do in ("check", "add", "edit")
        ),
    ]

    assert statuses == [200, 200, 200, 200]


@pytest.mark.usefixtures("clock", "nothing_more")
def test_declining_and_withdrawing_are_counted_too(client: Client) -> None:
    invitation = create_invitation()
    participant = create_participant()

    answers = [
        client.post(f"/svar/{invitation.token}/afbud", {"contact_email": "a@b.example"}),
        client.post(f"/deltager/{participant.token}/afmeld", REMOTE_ADDR=TOWN_HALL),
    ]

    assert [answer.status_code for answer in answers] == [429, 429]
    assert (Decline.objects.count(), Participant.objects.active().count()) == (0, 1)


@pytest.mark.usefixtures("clock", "nothing_more")
def test_the_secretariat_registers_as_many_as_it_likes(client: Client) -> None:
    client.force_login(create_staff())
    meeting = create_meeting()

    client.post(
        f"/admin/invitations/meeting/{meeting.pk}/ledger/0657/register/", typed(do="send", staff_note="")
    )

    assert Registration.objects.count() == 1
