"""Offices in from a file: chosen, looked at, carried out, each on its page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from invitations.admin.office_files import SHOWN
from invitations.models import Office, StoredFile
from tests.admin_pages import count_queries, fields_of
from tests.factories import NOW, create_office, create_reader, create_staff, get_municipality
from tests.large_meeting import create_offices
from tests.office_files import MAYOR, csv_file, history, xlsx_file
from tests.pages import page_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

IMPORT = "/admin/invitations/office/import/"
LIST = "/admin/invitations/office/"
MAILED = ("Kommune", "Rolle", "Funktionspostkasse")


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def upload(client: Client, content: bytes, *, name: str = "modtagere.xlsx") -> Any:
    """Choose a file; what comes back is its preview, or the form with a sentence."""
    return client.post(IMPORT, {"upload": SimpleUploadedFile(name, content)}, follow=True)


def carry_out(client: Client, preview: Any, **ticked: str) -> Any:
    return client.post(preview.redirect_chain[-1][0], {**fields_of(preview), **ticked}, follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_the_page_says_what_a_file_looks_like(officer: Client) -> None:
    text = page_text(officer.get(IMPORT))

    assert "De hedder: Nr., Kommune, Rolle, Fagområde, Modtagerens navn, Funktionspostkasse," in text


def test_a_preview_shows_what_is_added_changed_missing_and_left_and_writes_nothing(
    officer: Client,
) -> None:
    changed = create_office(name="Skoleudvalget", mailbox="a@b.example")
    create_office(name="Kulturudvalget")
    create_office(municipality=get_municipality("Viborg"), mailbox="v@b.example", name="Viborgudvalget")
    content = xlsx_file(
        ("Herning", "udvalg", "ny@b.example", "Skoleudvalget"),
        ("Herning", "borgmester", "borgmester@b.example", ""),
        ("Viborg", "udvalg", "v@b.example", "Viborgudvalget"),
        head=[*MAILED, "Modtager"],
        sheets=["Ark1", "Noter"],
    )

    text = page_text(upload(officer, content))

    changed.refresh_from_db()
    assert (changed.mailbox, Office.objects.count(), LogEntry.objects.count()) == ("a@b.example", 3, 0)
    assert [part for part in PREVIEWED if part not in text] == []


PREVIEWED = [
    "modtagere.xlsx",
    "1 modtager tilføjes.",
    "1 modtager ændres.",
    "1 modtager bliver, som den er.",
    "Filen har flere ark. Kun det første, “Ark1”, læses.",
    "Afslut 1 modtager, der mangler i filen, med 31. januar 2027 som sidste dag",
    "2 Herning Skoleudvalget Funktionspostkasse: a@b.example → ny@b.example",
    "3 Herning Borgmester Borgmester – borgmester@b.example – – – –",
    "1 mangler i filen Kommune Modtager Postkasse Herning Kulturudvalget udvalg-0657@example.dk",
    "1 bliver, som den er Kommune Modtager Postkasse Viborg Viborgudvalget v@b.example",
]


def test_a_preview_shows_all_of_an_addition_and_the_ended_apart(officer: Client) -> None:
    create_office(name="Skoleudvalget", mailbox="a@b.example")
    content = xlsx_file(
        ("Herning", "udvalg", "", "", "", date(2027, 1, 31), "Skoleudvalget"),
        ("Viborg", "udvalgsformand", "f@b.example", "s@b.example", date(2026, 1, 1), date(2029, 12, 31), ""),
        head=("Kommune", "Rolle", "Funktionspostkasse", "Kopi til", "Gælder fra", "Gælder til", "Modtager"),
    )

    text = page_text(upload(officer, content))

    for part in (
        "1 modtager tilføjes.",
        "1 modtager afsluttes.",
        "1 afsluttes Linje Kommune Modtager Ændring 2 Herning Skoleudvalget",
        "3 Viborg Udvalgsformand Udvalgsformand – f@b.example s@b.example – 1.1.2026 31.12.2029",
    ):
        assert part in text, text
    assert "ændres" not in text


def test_what_was_previewed_is_carried_out(officer: Client) -> None:
    office = create_office(mailbox="a@b.example")
    preview = upload(officer, csv_file(("Herning", "udvalg", "ny@b.example"), head=MAILED), name="liste.csv")

    response = carry_out(officer, preview)

    office.refresh_from_db()
    assert office.mailbox == "ny@b.example"
    assert history(office) == [
        "Importeret fra liste.csv, linje 2: funktionspostkasse: a@b.example → ny@b.example."
    ]
    assert response.redirect_chain[-1][0] == LIST
    assert said(response) == ["Filen er importeret: 0 tilføjet, 1 ændret, 0 afsluttet, 0 uændret."]


@pytest.mark.parametrize(
    ("ticked", "valid_to"), [({}, None), ({"end_missing": "on"}, date(2027, 1, 31))], ids=str
)
def test_what_the_file_lacks_is_ended_where_that_is_ticked(
    officer: Client, ticked: dict[str, str], valid_to: date | None
) -> None:
    create_office(name="Skoleudvalget")
    missing = create_office(name="Kulturudvalget")
    content = csv_file(("Herning", "udvalg", "Skoleudvalget"), head=["Kommune", "Rolle", "Modtager"])

    carry_out(officer, upload(officer, content), **ticked)

    missing.refresh_from_db()
    assert missing.valid_to == valid_to


def test_pressed_twice_it_is_done_once(officer: Client) -> None:
    preview = upload(officer, csv_file(MAYOR))

    first, second = carry_out(officer, preview), carry_out(officer, preview)

    assert said(first) == ["Filen er importeret: 1 tilføjet, 0 ændret, 0 afsluttet, 0 uændret."]
    assert "0 ændringer: Der står det samme i registret som i filen." in page_text(second)
    assert Office.objects.count() == 1


def test_a_file_that_changes_nothing_has_no_button(officer: Client) -> None:
    carry_out(officer, upload(officer, csv_file(MAYOR)))

    preview = upload(officer, csv_file(MAYOR))

    assert "0 ændringer: Der står det samme i registret som i filen." in page_text(preview)
    assert "fingerprint" not in fields_of(preview)


def test_with_nothing_ticked_and_nothing_to_change_that_is_said(officer: Client) -> None:
    create_office(name="Skoleudvalget")
    create_office(name="Kulturudvalget")
    content = csv_file(("Herning", "udvalg", "Skoleudvalget"), head=["Kommune", "Rolle", "Modtager"])

    response = carry_out(officer, upload(officer, content))

    assert said(response) == ["Alt i filen stod allerede i registret. Der er ikke ændret noget."]
    assert LogEntry.objects.count() == 0


def test_a_register_that_changed_meanwhile_is_shown_again_and_not_written(officer: Client) -> None:
    office = create_office(mailbox="a@b.example")
    preview = upload(officer, csv_file(("Herning", "udvalg", "ny@b.example"), head=MAILED))
    Office.objects.filter(pk=office.pk).update(mailbox="anden@b.example")

    response = carry_out(officer, preview)

    office.refresh_from_db()
    assert office.mailbox == "anden@b.example"
    assert said(response) == [
        "Registret er ændret, siden du så forhåndsvisningen. Der er ikke importeret noget."
        " Se den igennem igen."
    ]
    assert "Funktionspostkasse: anden@b.example → ny@b.example" in page_text(response)


def test_at_midnight_the_preview_is_another_one(officer: Client, clock: time_machine.Traveller) -> None:
    create_office(mailbox="a@b.example")
    preview = upload(officer, csv_file(("Herning", "udvalg", "ny@b.example"), head=MAILED))
    clock.move_to(NOW + timedelta(hours=12))

    response = carry_out(officer, preview)

    assert said(response)[0].startswith("Registret er ændret")


def test_errors_stand_by_line_and_the_file_can_be_chosen_again(officer: Client) -> None:
    content = csv_file(MAYOR, ("Hernning", "udvalg", "", "x"))

    response = upload(officer, content)

    text = page_text(response)
    assert "2 fejl Der er ikke importeret noget. Ret filen, og vælg den igen nedenfor." in text
    assert "3 Kommune Der er ingen kommune, der hedder “Hernning”. Mener I “Herning”?" in text
    assert "3 Funktionspostkasse “x” er ikke en e-mailadresse. Skriv den som navn@kommune.dk." in text
    assert b'type="file"' in response.content
    assert Office.objects.count() == 0


def test_what_stands_in_a_file_is_shown_as_text(officer: Client) -> None:
    content = csv_file(
        ("Herning", "udvalg", "<script>alert(1)</script>"), head=["Kommune", "Rolle", "Modtager"]
    )

    response = upload(officer, content, name="<b>.csv")

    assert b"&lt;script&gt;alert(1)" in response.content
    assert b"<b>.csv" not in response.content


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7 %%EOF", "Filen er hverken en projektmappe (.xlsx) eller en CSV-fil."),
        (b"", "Filen er tom."),
        (b"x" * 5_000_001, "Filen er større end 5 MB. Del den op i flere."),
    ],
    ids=["PDF", "empty", "large"],
)
def test_a_file_that_is_none_is_refused_at_its_field(officer: Client, content: bytes, sentence: str) -> None:
    response = upload(officer, content, name="modtagere.xlsx")

    assert (response.status_code, response.context["form"].errors) == (400, {"upload": [sentence]})
    assert StoredFile.objects.count() == 0


def test_no_file_at_all_is_said_at_the_field(officer: Client) -> None:
    response = officer.post(IMPORT)

    assert response.context["form"].errors == {"upload": ["Vælg en fil"]}


@pytest.mark.parametrize("token", ["", "nonsense", "WzEsIngiXQ:1:x"])
def test_a_token_of_ones_own_leads_back_to_the_choice(officer: Client, token: str) -> None:
    response = officer.get(f"{IMPORT}preview/", {"file": token}, follow=True)

    assert response.redirect_chain[-1][0] == IMPORT
    assert said(response) == ["Filen er her ikke længere. Vælg den igen."]


def test_looking_changes_nothing(officer: Client) -> None:
    preview = upload(officer, csv_file(MAYOR))

    officer.get(preview.redirect_chain[-1][0], {"fingerprint": "x"})

    assert Office.objects.count() == 0


def test_who_may_only_look_at_offices_imports_none(client: Client, officer: Client) -> None:
    preview = upload(officer, csv_file(MAYOR)).redirect_chain[-1][0]
    client.force_login(create_reader("view_office", "change_office"))

    answers = [client.get(IMPORT), client.get(preview), client.post(preview)]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert b"import/" not in client.get(LIST).content


def test_a_stranger_is_asked_to_log_in(client: Client) -> None:
    assert client.get(IMPORT).headers["Location"].startswith("/admin/login/")


def test_the_latest_imports_are_listed(officer: Client) -> None:
    carry_out(officer, upload(officer, csv_file(MAYOR), name="liste.csv"))

    text = page_text(officer.get(IMPORT))

    assert (
        "1.2.2027 kl. 12.00 sekretariatet liste.csv Importeret: 1 tilføjet, 0 ændret, 0 afsluttet, 0 uændret."
        in text
    )


def test_a_preview_of_many_shows_the_first_and_asks_the_database_as_often_as_one_of_few(
    officer: Client,
) -> None:
    create_offices()
    heads = ["Kommune", "Rolle", "Modtager"]
    few = upload(officer, csv_file(("Herning", "udvalg", "Udvalg"), head=heads))
    many = upload(
        officer, csv_file(*(("Herning", "udvalg", f"Udvalg {number}") for number in range(400)), head=heads)
    )

    counts = [count_queries(officer, page.redirect_chain[-1][0]) for page in (few, many)]

    assert counts[0] == counts[1]
    assert page_text(many).count("Herning Udvalg ") == SHOWN
    assert "De første 300 vises." in page_text(many)
