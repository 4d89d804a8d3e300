"""An officer brings offices in from a workbook: sees the error, mends it, sees the preview, carries out."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from invitations.models import Office
from tests.factories import create_office, create_staff, get_municipality
from tests.office_files import history, xlsx_file

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("clock"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

HEAD = ("Kommune", "Rolle", "Funktionspostkasse")


def choose(page: Page, file: Path) -> None:
    page.get_by_label("Fil:").set_input_files(file)
    page.get_by_role("button", name="Vis, hvad filen ændrer").click()


def test_a_workbook_with_an_error_is_mended_looked_at_and_imported(
    page: Page, client: Client, live_server: LiveServer, tmp_path: Path
) -> None:
    office = create_office(mailbox="gammel@herning.example")
    missing = create_office(name="Nedlagt udvalg", municipality=get_municipality("Viborg"))
    rows = [("Herning", "udvalg", "ny@herning.example"), ("Viborg", "borgmester", "borgmester@viborg")]
    wrong, right = tmp_path / "liste.xlsx", tmp_path / "liste-rettet.xlsx"
    wrong.write_bytes(xlsx_file(*rows, head=HEAD))
    right.write_bytes(xlsx_file(rows[0], ("Viborg", "borgmester", "borgmester@viborg.example"), head=HEAD))
    client.force_login(create_staff())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )

    page.goto(f"{live_server.url}/admin/invitations/office/")
    page.get_by_role("link", name="Importér", exact=True).click()
    choose(page, wrong)
    expect(page.get_by_role("row", name="3 Funktionspostkasse “borgmester@viborg”")).to_be_visible()
    choose(page, right)
    expect(page.get_by_text("1 modtager tilføjes.")).to_be_visible()
    expect(
        page.get_by_text("Funktionspostkasse: gammel@herning.example → ny@herning.example")
    ).to_be_visible()
    page.get_by_label("Afslut 1 modtager, der mangler i filen").check()
    page.get_by_role("button", name="Gennemfør").click()

    expect(page.get_by_text("Filen er importeret: 1 tilføjet, 1 ændret, 1 afsluttet")).to_be_visible()
    office.refresh_from_db()
    missing.refresh_from_db()
    assert (office.mailbox, str(missing.valid_to)) == ("ny@herning.example", "2027-01-31")
    assert Office.objects.get(role="mayor").mailbox == "borgmester@viborg.example"
    assert len(history(office)) == 1


def test_rows_are_chosen_one_by_one_and_all_at_once(
    page: Page, client: Client, live_server: LiveServer
) -> None:
    for town in ("Herning", "Viborg"):
        create_office(municipality=get_municipality(town))
    client.force_login(create_staff())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )

    page.goto(f"{live_server.url}/admin/invitations/office/unreachable/?reason=not_verified")
    everyone = page.get_by_label("Vælg alle på siden")
    page.get_by_label("Vælg Udvalg, Herning Kommune").check()
    half = everyone.evaluate("box => box.indeterminate")
    everyone.check()
    page.get_by_role("button", name="Bekræftet i dag").click()
    page.get_by_role("button", name="Notér det").click()

    expect(page.get_by_text("Det er noteret for 2 modtagere.")).to_be_visible()
    expect(page.get_by_text("Alle kan nås.")).to_be_visible()
    assert half is True
