"""The second step of a login: set up, asked for, required, lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from kl_meetings.logins import second_factor
from kl_meetings.logins.models import RecoveryCode
from kl_meetings.roles import ADMINISTRATOR, READER, SECRETARIAT
from tests.admin_pages import send
from tests.factories import NOW, create_staff
from tests.logging_in import (
    PASSWORD,
    code_of,
    create_colleague,
    give_password,
    require_second_step,
    use_phone,
)
from tests.pages import page_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

CODE, SET_UP = "/admin/login/code/", "/admin/login/set-up/"
WRONG = ["Koden er forkert eller brugt. Vent på den næste i appen."]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Noon of 1 February 2027 until it is moved: what is left of a wait is told to the second."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def where(answer: Any) -> str:
    return str(answer.wsgi_request.path)


def give_code(client: Client, code: str, **more: str) -> Any:
    return client.post(CODE, {"code": code, **more}, follow=True)


def codes_on(answer: Any) -> list[str]:
    return re.findall(r"<li><code>([A-Z2-7-]{19})</code>", answer.content.decode())


def test_it_is_set_up_by_a_code_and_shows_ten_recovery_codes_once(client: Client) -> None:
    user = create_colleague()
    client.force_login(user)

    page = client.get(SET_UP)
    again = client.get(SET_UP)
    answer = client.post(SET_UP, {"code": code_of(page.context["secret"]), "next": "/admin/account/"})

    assert page.context["secret"] == again.context["secret"]
    assert len(set(codes_on(answer))) == 10
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert "Der er 10 gendannelseskoder tilbage." in page_text(client.get("/admin/account/"))
    assert codes_on(client.get(SET_UP, follow=True)) == []
    assert [entry.change_message for entry in LogEntry.objects.all()] == ["Slog totrinslogin til."]
    assert not any(code in str(list(RecoveryCode.objects.values())) for code in codes_on(answer))


def test_a_wrong_code_sets_nothing_up_and_keeps_the_key(client: Client) -> None:
    user = create_colleague()
    client.force_login(user)
    secret = client.get(SET_UP).context["secret"]

    answer = client.post(SET_UP, {"code": "000000"})

    assert (answer.context["form"].errors["code"], answer.context["secret"]) == (WRONG, secret)
    assert second_factor.device_of(user) is None


def test_after_the_password_the_code_is_asked_for_and_leads_on_to_the_page_wanted(client: Client) -> None:
    device = use_phone(create_colleague())

    asked = give_password(client, to="/admin/account/")
    let_in = give_code(client, code_of(device.bin_key), next=asked.context["next"])

    assert (where(asked), where(let_in)) == (CODE, "/admin/account/")


def test_between_the_steps_no_page_knows_who_it_is(client: Client) -> None:
    use_phone(create_staff(username="mette"))
    client.post("/admin/login/", {"username": "mette", "password": "password"})

    closed = [
        "",
        "account/",
        "account/turn-off/",
        "password_change/",
        "invitations/meeting/",
        "auth/user/",
    ]

    answers = {page: client.get(f"/admin/{page}", follow=True) for page in closed}
    assert {page: where(answer) for page, answer in answers.items()} == dict.fromkeys(closed, CODE)
    assert where(client.get(SET_UP, follow=True)) == CODE
    assert client.get("/").wsgi_request.user.is_anonymous


def test_a_code_lets_in_once(client: Client) -> None:
    device = use_phone(create_colleague())
    code = code_of(device.bin_key)

    give_password(client)
    assert where(give_code(client, code)) == "/admin/"
    other = Client()
    give_password(other)

    answer = give_code(other, code)
    assert (where(answer), answer.context["form"].errors["code"]) == (CODE, WRONG)


def test_a_recovery_code_lets_in_once_however_it_is_typed(client: Client) -> None:
    user = create_colleague()
    use_phone(user)
    code, *_others = second_factor.new_recovery_codes(user)

    give_password(client)
    assert where(give_code(client, f" {code.lower().replace('-', ' ')} ")) == "/admin/"
    other = Client()
    give_password(other)

    assert where(give_code(other, code)) == CODE
    assert second_factor.recovery_codes_left(user) == 9


def test_codes_are_throttled_and_the_page_says_for_how_long(
    client: Client, clock: time_machine.Traveller
) -> None:
    device = use_phone(create_colleague())
    give_password(client)
    for number in range(6):
        clock.move_to(NOW + timedelta(minutes=number))
        give_code(client, "ABCD-EFGH")

    answer = give_code(client, code_of(device.bin_key))

    assert answer.context["form"].errors["code"] == ["For mange forsøg. Prøv igen om 32 sekunder."]
    clock.move_to(NOW + timedelta(minutes=6))
    assert where(give_code(client, code_of(device.bin_key))) == "/admin/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_way_on_leads_to_no_other_site(client: Client, target: str) -> None:
    device = use_phone(create_colleague())
    give_password(client, to=target)

    assert (
        client.post(CODE, {"code": code_of(device.bin_key), "next": target}).headers["Location"] == "/admin/"
    )


def test_another_person_may_begin_anew(client: Client) -> None:
    use_phone(create_colleague())
    give_password(client)

    assert where(client.post("/admin/login/cancel/", follow=True)) == "/admin/login/"


def test_each_step_gives_the_session_a_new_key(client: Client) -> None:
    device = use_phone(create_colleague())
    give_password(client)
    first = client.cookies[settings.SESSION_COOKIE_NAME].value
    give_code(client, code_of(device.bin_key))

    assert client.cookies[settings.SESSION_COOKIE_NAME].value != first


def test_who_sets_it_up_closes_their_other_sessions_until_a_code_is_given(client: Client) -> None:
    user = create_colleague()
    client.force_login(user)
    assert client.get("/admin/").status_code == 200

    use_phone(user)

    assert where(client.get("/admin/", follow=True)) == CODE


@pytest.mark.parametrize("role", [SECRETARIAT, READER])
def test_a_role_that_requires_it_lets_nobody_in_before_it_is_set_up(client: Client, role: str) -> None:
    require_second_step(SECRETARIAT)
    user = create_colleague("mette", role)
    answer = give_password(client, to="/admin/account/")

    if role == READER:
        assert where(answer) == "/admin/account/"
        return
    assert where(answer) == SET_UP
    assert where(client.get("/admin/invitations/meeting/", follow=True)) == SET_UP
    codes = client.post(SET_UP, {"code": code_of(answer.context["secret"]), "next": answer.context["next"]})
    assert len(codes_on(codes)) == 10
    assert where(client.get("/admin/account/")) == "/admin/account/"
    assert second_factor.device_of(user)


def test_requiring_it_reaches_sessions_that_are_open_and_superusers_as_administrators(client: Client) -> None:
    client.force_login(create_staff())
    assert client.get("/admin/").status_code == 200

    require_second_step(ADMINISTRATOR)

    assert where(client.get("/admin/", follow=True)) == SET_UP


def test_an_administrator_says_of_whom_it_is_required(client: Client) -> None:
    client.force_login(create_colleague("mette", ADMINISTRATOR))
    page = client.get(reverse("admin:logins_loginsettings_changelist"), follow=True)
    reader = page.context["adminform"].form.fields["two_step_roles"].queryset.get(name=READER)

    send(client, where(page), two_step_roles=[str(reader.pk)])

    colleague = create_colleague("bo", READER)
    client.force_login(colleague)
    assert where(client.get("/admin/", follow=True)) == SET_UP


def test_turning_it_off_takes_password_and_code(client: Client, clock: time_machine.Traveller) -> None:
    user = create_colleague()
    device = use_phone(user)
    give_password(client)
    give_code(client, code_of(device.bin_key))
    page, (code, *_others) = reverse("admin:account_turn_off"), second_factor.new_recovery_codes(user)

    wrong = client.post(page, {"password": "gæt", "code": code})
    assert (wrong.context["form"].errors, second_factor.recovery_codes_left(user)) == (
        {"password": ["Adgangskoden er forkert."]},
        10,
    )
    assert list(client.post(page, {"password": PASSWORD, "code": "000000"}).context["form"].errors) == [
        "code"
    ]
    clock.shift(timedelta(seconds=5))
    client.post(page, {"password": PASSWORD, "code": code})

    assert (second_factor.device_of(user), second_factor.recovery_codes_left(user)) == (None, 0)
    assert where(give_password(Client())) == "/admin/"


def test_new_recovery_codes_end_the_old(client: Client) -> None:
    user = create_colleague()
    device = use_phone(user)
    give_password(client)
    give_code(client, code_of(device.bin_key))
    old, *_others = second_factor.new_recovery_codes(user)

    answer = client.post(reverse("admin:account_new_codes"), {"password": PASSWORD, "code": old})

    new = codes_on(answer)
    assert (len(new), old in new, second_factor.recovery_codes_left(user)) == (10, False, 10)


def test_an_administrator_takes_a_lost_phone_away(client: Client) -> None:
    colleague = create_colleague("bo", SECRETARIAT)
    use_phone(colleague)
    client.force_login(create_colleague("mette", ADMINISTRATOR))
    page = reverse("admin:auth_user_second_step", args=[colleague.pk])

    assert client.get(page).status_code == 200
    assert second_factor.device_of(colleague)
    client.post(page)

    assert where(give_password(Client(), "bo")) == "/admin/"
    assert [entry.change_message for entry in LogEntry.objects.filter(object_id=colleague.pk)] == [
        "Fjernede totrinslogin."
    ]


@pytest.mark.parametrize("roles", [[SECRETARIAT], [ADMINISTRATOR]])
def test_nobody_takes_it_from_who_may_do_more(client: Client, roles: list[str]) -> None:
    superuser = create_staff()
    use_phone(superuser)
    client.force_login(create_colleague("mette", *roles))

    assert client.post(reverse("admin:auth_user_second_step", args=[superuser.pk])).status_code == 403


def test_secrets_have_no_page_in_the_admin(client: Client) -> None:
    user: User = create_staff()
    client.force_login(user)

    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404


def test_a_session_lasts_a_working_day_and_not_beyond_the_browser(client: Client) -> None:
    create_colleague()
    give_password(client)

    assert client.session.get_expiry_age() == 12 * 60 * 60
    assert client.cookies[settings.SESSION_COOKIE_NAME]["expires"] == ""


def test_a_new_password_logs_out_everywhere_else(client: Client) -> None:
    create_colleague()
    elsewhere = Client()
    give_password(elsewhere)
    give_password(client)
    new = {"new_password1": "en helt anden kode", "new_password2": "en helt anden kode"}

    client.post(reverse("admin:password_change"), {"old_password": PASSWORD, **new})

    assert (where(client.get("/admin/", follow=True)), where(elsewhere.get("/admin/", follow=True))) == (
        "/admin/",
        "/admin/login/",
    )
