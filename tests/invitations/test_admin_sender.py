from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django.asserts import assertContains, assertRedirects

from invitations.models import Sender, StoredFile
from tests.admin_pages import errors_of, send
from tests.factories import create_staff

pytestmark = pytest.mark.django_db

LIST = "/admin/invitations/sender/"
PAGE = "/admin/invitations/sender/1/change/"
LOGO = "/admin/invitations/sender/logo/"


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def picture(width: int = 40, height: int = 20, kind: str = "PNG") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(content, kind)
    return content.getvalue()


def logo(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("logo.svg", content, content_type="image/svg+xml")


def test_there_is_a_page_and_no_list(officer: Client) -> None:
    assertRedirects(officer.get(LIST), PAGE)


def test_the_sender_is_changed_but_neither_added_nor_removed(officer: Client) -> None:
    added = officer.post("/admin/invitations/sender/add/")
    removed = officer.post("/admin/invitations/sender/1/delete/", {"post": "yes"})

    changed = send(officer, PAGE, button="_save", address="Weidekampsgade 10\r\n2300 København S")

    assertRedirects(changed, PAGE)
    assert (added.status_code, removed.status_code) == (403, 403)
    assert Sender.objects.get().address_lines == ["Weidekampsgade 10", "2300 København S"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_known_by_its_bytes(officer: Client, kind: str) -> None:
    content = picture(kind=kind)

    send(officer, PAGE, upload=logo(content))

    shown = officer.get(LOGO)
    assert (shown.content, shown.headers["Content-Type"]) == (content, f"image/{kind.lower()}")
    assertContains(officer.get(PAGE), f'src="{LOGO}"')


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "Filen er ikke et PNG- eller JPEG-billede, eller den er beskadiget",
        ),
        (picture(kind="GIF"), "Filen er ikke et PNG- eller JPEG-billede, eller den er beskadiget"),
        (picture(400, 400)[:-200], "Filen er ikke et PNG- eller JPEG-billede, eller den er beskadiget"),
        (picture(2001, 10), "Billedet er 2001 × 10 pixel. Højst 2000 × 2000 er til nytte i et brev"),
        (picture() + b"." * 1_000_000, "Billedet er større end 1 MB. Gør det mindre"),
    ],
    ids=["SVG", "GIF", "cut off", "too wide", "too large"],
)
def test_what_is_no_logo_is_refused(officer: Client, content: bytes, sentence: str) -> None:
    response = send(officer, PAGE, upload=logo(content))

    assert errors_of(response) == {"upload": [sentence]}
    assert Sender.objects.get().logo is None


def test_a_picture_that_claims_to_be_huge_is_refused_unread(officer: Client) -> None:
    width_and_height = (100_000).to_bytes(4, "big") * 2
    bomb = picture()[:16] + width_and_height + picture()[24:]

    response = send(officer, PAGE, upload=logo(bomb))

    assert list(errors_of(response)) == ["upload"]


def test_without_a_logo_there_is_none_to_show(officer: Client) -> None:
    assert officer.get(LOGO).status_code == 404


def test_a_logo_need_not_be_chosen_again_because_of_another_field(officer: Client) -> None:
    refused = send(officer, PAGE, upload=logo(picture()), name="")

    kept = StoredFile.objects.get()
    assertContains(refused, "logo.png er modtaget.")
    assert (kept.data, Sender.objects.get().logo) == (picture(), None)
