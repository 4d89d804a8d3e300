"""How often a password may be tried, and what is kept about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from kl_meetings.logins import throttle
from kl_meetings.logins.models import FailedTries
from kl_meetings.logins.tasks import erase_old_logins
from kl_meetings.roles import ADMINISTRATOR, SECRETARIAT
from tests.factories import NOW
from tests.logging_in import PASSWORD, create_colleague, give_password

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OFFICE, ELSEWHERE = "193.0.2.1", "193.0.2.99"
WRONG = (
    "Indtast venligst det korrekte brugernavn og adgangskode for en personalekonto. Bemærk at begge felter "
    "kan være versalfølsomme."
)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Noon of 1 February 2027 until it is moved: what is left of a wait is told to the second."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def guess(client: Client, username: str = "mette", *, times: int = 1, address: str = OFFICE) -> list[str]:
    """Type a wrong password; return the sentence of the last answer."""
    for _ in range(times):
        answer = give_password(client, username, "gæt", REMOTE_ADDR=address)
    return sentences(answer)


def sentences(answer: Any) -> list[str]:
    return [str(error) for error in answer.context["form"].non_field_errors()]


def is_let_in(client: Client, username: str = "mette", *, address: str = OFFICE) -> bool:
    answer = give_password(client, username, REMOTE_ADDR=address)
    return bool(answer.wsgi_request.path == "/admin/")


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(
    client: Client, clock: time_machine.Traveller
) -> None:
    create_colleague()

    assert guess(client, times=5) == [WRONG]
    refused = give_password(client, REMOTE_ADDR=OFFICE)
    assert sentences(refused) == ["For mange forsøg. Prøv igen om 30 sekunder."]
    assert (refused.context["form"]["username"].value(), PASSWORD in refused.content.decode()) == (
        "mette",
        False,
    )
    clock.move_to(NOW + timedelta(seconds=31))
    assert is_let_in(client)


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [throttle.ONE_NETWORK_AND_NAME.wait(count) for count in (4, 5, 6, 7, 100)]

    assert waits == [None, *(timedelta(seconds=seconds) for seconds in (30, 60, 120, 900))]


def test_a_name_that_nobody_has_is_answered_as_one_that_somebody_has(client: Client) -> None:
    create_colleague()
    create_colleague("gone", is_active=False)

    answers = {name: [guess(Client(), name) for _ in range(6)] for name in ("mette", "gone", "nobody")}

    assert answers["mette"][-1] == ["For mange forsøg. Prøv igen om 30 sekunder."]
    assert answers["gone"] == answers["nobody"] == answers["mette"]


def test_who_guesses_elsewhere_keeps_nobody_out_of_the_office(client: Client) -> None:
    create_colleague()

    guess(client, times=8, address=ELSEWHERE)

    assert is_let_in(client)


def test_a_browser_that_was_let_in_before_waits_for_nobody_elses_guesses(client: Client) -> None:
    create_colleague()
    assert is_let_in(client)
    client.post("/admin/logout/")

    # From one address each, as a botnet does, and from the office itself.
    for number in range(30):
        guess(Client(), address=f"193.0.3.{number}")
    guess(Client(), times=6)

    assert sentences(give_password(Client(), REMOTE_ADDR=ELSEWHERE)) == [
        "For mange forsøg. Prøv igen om 30 sekunder."
    ]
    assert is_let_in(client)


def test_one_guess_at_each_of_many_names_is_slowed_down(client: Client) -> None:
    create_colleague()
    for number in range(100):
        throttle.count_try(request_from(ELSEWHERE), f"name{number}", at=timezone.now())

    (refused,) = sentences(give_password(client, REMOTE_ADDR=ELSEWHERE))
    assert refused.startswith("For mange forsøg. Prøv igen om ")
    assert is_let_in(client)


def request_from(address: str) -> Any:
    return RequestFactory().post("/admin/login/", REMOTE_ADDR=address)


def test_the_right_password_begins_the_count_anew(client: Client) -> None:
    create_colleague()

    for _ in range(3):
        guess(client, times=4)
        assert is_let_in(client)
        client.post("/admin/logout/")


def test_an_hour_later_all_is_forgotten(client: Client, clock: time_machine.Traveller) -> None:
    create_colleague()
    guess(client, times=5)

    clock.move_to(NOW + timedelta(minutes=61))

    assert guess(client, times=5) == [WRONG]


def test_behind_an_unknown_proxy_names_are_counted_all_the_same(client: Client) -> None:
    create_colleague()

    assert guess(client, times=31, address="127.0.0.1") == ["For mange forsøg. Prøv igen om 30 sekunder."]


def test_a_proxys_word_about_the_address_is_taken(client: Client, settings: Settings) -> None:
    settings.CLIENT_ADDRESS_HEADER = "HTTP_X_FORWARDED_FOR"
    create_colleague()

    for number in range(6):
        answer = give_password(client, "mette", "gæt", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}, {OFFICE}")

    assert sentences(answer) == ["For mange forsøg. Prøv igen om 30 sekunder."]


def test_no_name_and_no_address_is_kept_and_all_is_erased_after_two_days(
    client: Client, clock: time_machine.Traveller
) -> None:
    guess(client, "hemmeligt-kodeord")
    client.force_login(create_colleague())
    kept = str(list(FailedTries.objects.values()))

    assert ("hemmeligt" in kept, OFFICE in kept) == (False, False)
    clock.move_to(NOW + timedelta(hours=47))
    assert erase_old_logins() == 0
    clock.move_to(NOW + timedelta(hours=49))
    assert erase_old_logins() == 3
    assert (FailedTries.objects.count(), Session.objects.count()) == (0, 0)


def test_an_administrator_lets_a_colleague_try_again_at_once(client: Client) -> None:
    colleague = create_colleague("bo", SECRETARIAT)
    guess(Client(), "bo", times=5)
    client.force_login(create_colleague("mette", ADMINISTRATOR))
    page = reverse("admin:auth_user_tries", args=[colleague.pk])

    assert (
        "Skal vente efter for mange forsøg."
        in client.get(reverse("admin:auth_user_change", args=[colleague.pk])).content.decode()
    )
    assert client.get(page).status_code == 200
    assert not is_let_in(Client(), "bo")
    client.post(page)

    assert is_let_in(Client(), "bo")
    assert [entry.change_message for entry in LogEntry.objects.filter(object_id=colleague.pk)] == [
        "Lod vedkommende prøve at logge ind igen med det samme."
    ]


def test_nobody_else_lifts_it(client: Client) -> None:
    colleague = create_colleague("bo")
    client.force_login(create_colleague("mette", SECRETARIAT))

    assert client.post(reverse("admin:auth_user_tries", args=[colleague.pk])).status_code == 403


def test_tries_are_counted_before_they_are_made() -> None:
    tries = [throttle.count_try(request_from(OFFICE), "mette", at=timezone.now()) for _ in range(5)]

    with pytest.raises(throttle.MustWaitError):
        throttle.count_try(request_from(OFFICE), "mette", at=timezone.now())
    tries[0].forgive()
    throttle.count_try(request_from(OFFICE), "mette", at=timezone.now())
