from __future__ import annotations

import pytest
from django.conf import settings as product
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from pytest_django import Settings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "leads_to"), [("/admin", "/admin/"), ("/en/admin", "/en/admin/"), ("/en", "/en/")]
)
def test_an_address_typed_without_its_slash_is_found(client: Client, typed: str, leads_to: str) -> None:
    response = client.get(typed)

    assert (response.status_code, response.headers["Location"]) == (302, leads_to)


def test_the_icon_is_found_where_browsers_look_for_it(client: Client) -> None:
    response = client.get("/favicon.ico")

    assert (response.status_code, response.headers["Location"]) == (302, "/static/favicon.svg")


def test_the_admin_works_with_slashes(admin_client: Client) -> None:
    addresses = [
        reverse("admin:index"),
        reverse("admin:app_list", args=["auth"]),
        reverse("admin:auth_user_add"),
    ]

    assert addresses == ["/admin/", "/admin/auth/", "/admin/auth/user/add/"]
    assert [admin_client.get(address).status_code for address in addresses] == [200, 200, 200]


def test_danish_has_no_prefix_and_english_has_one(client: Client) -> None:
    with translation.override("da"):
        danish = reverse("admin:login")
    with translation.override("en"):
        english = reverse("admin:login")

    assert (danish, english) == ("/admin/login/", "/en/admin/login/")
    assert client.get(danish).headers["Content-Language"] == "da"
    assert client.get(english).headers["Content-Language"] == "en"


def test_the_browser_s_language_changes_nothing(client: Client) -> None:
    response = client.get("/admin/login/", headers={"Accept-Language": "en,de;q=0.5"})

    assert response.headers["Content-Language"] == "da"


def test_there_are_only_two_cookies_and_scripts_can_read_neither(
    client: Client, admin_client: Client
) -> None:
    shown = client.get("/admin/login/").cookies
    logged_in = admin_client.cookies

    assert set(shown) == {"csrftoken"}
    assert set(logged_in) == {"sessionid"}
    assert product.SESSION_COOKIE_HTTPONLY is product.CSRF_COOKIE_HTTPONLY is True
    assert product.SESSION_COOKIE_SAMESITE == product.CSRF_COOKIE_SAMESITE == "Lax"


def test_another_host_is_refused(client: Client) -> None:
    response = client.get("/admin/login/", headers={"Host": "evil.example"})

    assert response.status_code == 400


def test_nothing_below_the_data_folder_has_an_address(settings: Settings) -> None:
    assert settings.MEDIA_URL == "/"
    with pytest.raises(Resolver404):
        resolve("/files/enclosures/programme.pdf")
