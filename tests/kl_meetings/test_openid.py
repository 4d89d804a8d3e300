"""Logging in by way of an OpenID provider, against one that can do everything wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from pytest_django import Settings

from kl_meetings.logins import openid
from kl_meetings.logins.models import OpenIdLink
from kl_meetings.roles import ADMINISTRATOR, READER, SECRETARIAT
from tests.factories import create_staff
from tests.logging_in import create_colleague, require_second_step, use_phone
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, openid_provider
from tests.pages import page_text

pytestmark = pytest.mark.django_db

LEAVE, BACK = "/admin/login/provider/", "/admin/login/provider/back/"
VERIFIED: dict[str, Any] = {"email": "Mette@KL.example", "email_verified": True}
NOT_TRUSTED = "Det, Microsoft sendte, kunne ikke godkendes. Prøv igen."
UNREACHABLE = "Microsoft kan ikke nås lige nu. Prøv igen, eller log ind med din adgangskode."
UNKNOWN = "Microsoft kender dig, men du er ikke bruger her. Bed en administrator om at oprette dig."
ELSEWHERE = "Det login blev begyndt et andet sted eller for længe siden. Begynd forfra."


@pytest.fixture
def provider(settings: Settings) -> Iterator[OpenIdProvider]:
    with openid_provider() as provider:
        settings.OIDC_ISSUER = provider.issuer
        settings.OIDC_CLIENT_ID = CLIENT_ID
        settings.OIDC_CLIENT_SECRET = CLIENT_SECRET
        yield provider


def log_in(client: Client, provider: OpenIdProvider, *, to: str = "/admin/", **claims: Any) -> Any:
    provider.claims = claims
    left = client.get(LEAVE, {"next": to})
    return client.get(BACK, provider.log_in(left.headers["Location"]))


def told(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def is_in(client: Client) -> bool:
    return bool(client.get("/admin/").status_code == 200)


def test_without_a_provider_there_is_neither_button_nor_page(client: Client) -> None:
    assert "Microsoft" not in client.get("/admin/login/").content.decode()
    assert [client.get(page).status_code for page in (LEAVE, BACK)] == [404, 404]


def test_the_button_leads_to_the_provider_with_all_that_a_safe_login_needs(
    client: Client, provider: OpenIdProvider
) -> None:
    assert "Log ind med Microsoft" in page_text(client.get("/admin/login/"))

    url = client.get(LEAVE).headers["Location"]

    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{provider.issuer}/authorize?")
    assert {name: query[name] for name in query if name not in ("state", "nonce", "code_challenge")} == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"http://127.0.0.1:8000{BACK}",
        "scope": "openid profile email",
        "code_challenge_method": "S256",
    }
    assert [len(query[name]) for name in ("state", "nonce", "code_challenge")] == [43, 43, 43]


def test_the_first_time_the_verified_address_says_who_it_is_and_then_the_subject(
    client: Client, provider: OpenIdProvider
) -> None:
    mette = create_colleague()

    answer = log_in(client, provider, to="/admin/account/", **VERIFIED)

    assert (answer.headers["Location"], is_in(client)) == ("/admin/account/", True)
    assert OpenIdLink.objects.get().user == mette
    mette.email = "other@kl.example"
    mette.save()
    again = Client()
    log_in(again, provider, email="stranger@kl.example")
    assert again.session["_auth_user_id"] == str(mette.pk)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": "mette@kl.example"},
        {"email": "mette@kl.example", "email_verified": False, "xms_edov": "0"},
        {"preferred_username": "mette@kl.example"},
        {"email": "stranger@kl.example", "email_verified": True},
        {"email": "", "email_verified": True},
        {"email": "gone@kl.example", "email_verified": True, "roles": ["Sekretariat"]},
        {"email": "twice@kl.example", "email_verified": True, "roles": ["Sekretariat"]},
        {"email": "new@kl.example", "email_verified": True, "roles": ["Boss", ["Sekretariat"], None]},
        {"email": "new@kl.example", "roles": ["Sekretariat"]},
    ],
    ids=str,
)
def test_nobody_else_is_let_in(client: Client, provider: OpenIdProvider, claims: dict[str, Any]) -> None:
    create_colleague()
    create_colleague("gone", is_active=False)
    for name in ("one", "two"):
        User.objects.filter(pk=create_colleague(name).pk).update(email="twice@kl.example")

    answer = log_in(client, provider, **claims)

    assert (told(answer), answer.headers["Location"], is_in(client)) == ([UNKNOWN], "/admin/login/", False)
    assert (User.objects.count(), OpenIdLink.objects.count()) == (4, 0)


def test_an_address_leads_to_nobody_whom_the_provider_has_named_before(
    client: Client, provider: OpenIdProvider
) -> None:
    create_colleague()
    log_in(Client(), provider, **VERIFIED)

    assert told(log_in(client, provider, sub="subject-2", **VERIFIED)) == [UNKNOWN]


def test_entras_own_word_for_a_verified_address_will_do(client: Client, provider: OpenIdProvider) -> None:
    create_colleague()

    log_in(client, provider, email="mette@kl.example", xms_edov="1")

    assert is_in(client)


def test_an_app_role_makes_a_user_and_later_logins_change_the_roles(
    client: Client, provider: OpenIdProvider
) -> None:
    claims: dict[str, Any] = {
        "email": "ny@kl.example",
        "email_verified": True,
        "given_name": "Nynne",
        "family_name": "Ny",
    }

    log_in(client, provider, roles=["Sekretariat", "Administrator"], **claims)
    user = User.objects.get()
    first = sorted(group.name for group in user.groups.all())
    log_in(Client(), provider, roles=["Laeser"], **claims)

    assert (user.username, user.get_full_name(), user.is_superuser) == ("ny@kl.example", "Nynne Ny", False)
    assert (first, user.has_usable_password()) == ([ADMINISTRATOR, SECRETARIAT], False)
    assert [group.name for group in user.groups.all()] == [READER]
    log_in(Client(), provider, **claims)
    assert [group.name for group in user.groups.all()] == [READER]


@pytest.mark.usefixtures("clock")
def test_the_second_step_is_the_providers_business(client: Client, provider: OpenIdProvider) -> None:
    user = create_staff(username="mette")
    User.objects.filter(pk=user.pk).update(email="mette@kl.example")
    use_phone(user)
    require_second_step(ADMINISTRATOR)

    log_in(client, provider, **VERIFIED)

    assert is_in(client)


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": [CLIENT_ID, "another client"]},
        {"iss": "https://login.example/another-tenant"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": 9_000_000_000},
        {"nbf": 9_000_000_000},
        {"sub": ""},
        {"sub": "s" * 256},
        {"sub": 7},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_now_is_not_believed(
    client: Client, provider: OpenIdProvider, wrong: dict[str, Any]
) -> None:
    create_colleague()

    answer = log_in(client, provider, **VERIFIED, **wrong)

    assert (told(answer), is_in(client)) == ([NOT_TRUSTED], False)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "forged"])
def test_a_token_that_the_provider_has_not_signed_is_not_believed(
    client: Client, provider: OpenIdProvider, algorithm: str
) -> None:
    create_colleague()
    if algorithm == "forged":
        provider.forger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        provider.algorithm = algorithm

    answer = log_in(client, provider, **VERIFIED)

    assert (told(answer), is_in(client)) == ([NOT_TRUSTED], False)


def test_a_new_key_of_the_provider_is_fetched(client: Client, provider: OpenIdProvider) -> None:
    create_colleague()
    log_in(Client(), provider, **VERIFIED)
    provider.change_keys()

    log_in(client, provider, **VERIFIED)

    assert is_in(client)
    assert provider.requests.count("/.well-known/openid-configuration") == 1


def test_a_state_is_good_once_and_in_its_own_browser(client: Client, provider: OpenIdProvider) -> None:
    create_colleague()
    provider.claims = VERIFIED
    back = provider.log_in(client.get(LEAVE).headers["Location"])
    other = Client()
    other.get(LEAVE)

    assert told(Client().get(BACK, back)) == [ELSEWHERE]
    assert told(other.get(BACK, back)) == [ELSEWHERE]
    assert told(client.get(BACK, {**back, "state": "æ"})) == [ELSEWHERE]
    # A wrong one uses it up as well.
    assert told(client.get(BACK, back)) == [ELSEWHERE, ELSEWHERE]
    assert not is_in(client)


def test_a_code_that_was_caught_is_of_no_use_to_who_did_not_begin(
    client: Client, provider: OpenIdProvider
) -> None:
    create_colleague()
    provider.claims = VERIFIED
    caught = provider.log_in(Client().get(LEAVE).headers["Location"])["code"]
    state = parse_qs(urlsplit(client.get(LEAVE).headers["Location"]).query)["state"][0]

    assert told(client.get(BACK, {"code": caught, "state": state})) == [NOT_TRUSTED]


def test_who_gives_up_at_the_provider_is_told(client: Client, provider: OpenIdProvider) -> None:
    state = parse_qs(urlsplit(client.get(LEAVE).headers["Location"]).query)["state"][0]

    answer = client.get(BACK, {"error": "access_denied", "state": state}, follow=True)

    assert "Microsoft loggede dig ikke ind. Prøv igen." in answer.content.decode()


def test_a_provider_that_is_down_is_a_sentence_both_ways(client: Client, provider: OpenIdProvider) -> None:
    create_colleague()
    provider.is_broken = True
    assert told(client.get(LEAVE)) == [UNREACHABLE]
    provider.is_broken = False
    back = provider.log_in(client.get(LEAVE).headers["Location"])

    provider.is_broken = True

    assert UNREACHABLE in client.get(BACK, back, follow=True).content.decode()


def test_where_nobody_listens_it_is_the_same_sentence(client: Client, settings: Settings) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"

    assert told(client.get(LEAVE)) == [UNREACHABLE]


def test_a_provider_that_speaks_of_another_issuer_is_none(
    client: Client, provider: OpenIdProvider, settings: Settings
) -> None:
    settings.OIDC_ISSUER = f"{provider.issuer}/"

    assert told(client.get(LEAVE)) == [UNREACHABLE]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_way_on_leads_to_no_other_site(client: Client, provider: OpenIdProvider, target: str) -> None:
    create_colleague()

    assert log_in(client, provider, to=target, **VERIFIED).headers["Location"] == "/admin/"


def test_the_addresses_of_a_provider_are_as_safe_as_its_own() -> None:
    safe = openid._is_of("https://login.example", "https://keys.example/")
    unsafe = [openid._is_of("https://login.example", url) for url in ("http://a/", "file:///etc/passwd", 7)]

    assert (safe, unsafe) == (True, [False, False, False])
