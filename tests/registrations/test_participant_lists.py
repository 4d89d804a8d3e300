"""The tab with the participants: chosen, ordered, counted, and as a sheet for Excel."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import python_calamine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django.asserts import assertContains

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting
from registrations.admin.participant_lists import ROWS_A_PAGE
from registrations.models import Registration
from registrations.participant_lists import Selection, entries, totals
from tests.admin_pages import count_queries
from tests.factories import (
    MEETING_DAY,
    NOW,
    create_guests,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.large_meeting import create_large_meeting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


@pytest.fixture
def meeting() -> Meeting:
    """Of two days; Åse, Ærlig and Bo of three municipalities, Zoe who speaks, and two who do not come."""
    meeting = create_meeting(slug="moede", title="Politisk møde")
    second = create_session(meeting=meeting, starts_date=MEETING_DAY + timedelta(days=1))
    item = create_programme_item(meeting=meeting, title="Temaer")
    theme = create_theme(item=item, title="Dagtilbud")
    create_theme(item=item, title="Skole")
    aarhus = register(meeting, "Aarhus", committee="Børneudvalget", contact_name="Anne Sekretær")
    create_participant(registration=aarhus, name="Åse", email="aase@aarhus.example", themes=[theme])
    create_participant(registration=aarhus, name="Gone").withdraw(at=NOW)
    create_participant(registration=aarhus, name="Waiting", waitlisted_at=NOW)
    herning = register(meeting, "Herning", awaits_match=True)
    create_participant(registration=herning, name="Ærlig", title="Formand", session=second)
    create_participant(registration=register(meeting, "Ærø"), name="Bo", email="=1+1@aeroe.example")
    speaker = create_guests(meeting=meeting, participants=0, committee="Aarhus Universitet")
    create_participant(registration=speaker, name="Zoe", email="")
    create_registration(participants=1)
    return meeting


def register(meeting: Meeting, name: str, **fields: Any) -> Registration:
    return create_registration(meeting=meeting, municipality=get_municipality(name), participants=0, **fields)


def listed(client: Client, meeting: Meeting, **chosen: Any) -> list[str]:
    response = client.get(page_url("participants", meeting), chosen)
    return [entry.name for entry, _session, _themes in response.context["rows"]]


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({}, ["Bo", "Zoe", "Ærlig", "Åse"]),
        ({"sort": "municipality"}, ["Ærlig", "Bo", "Åse", "Zoe"]),
        ({"sort": "session"}, ["Bo", "Zoe", "Åse", "Ærlig"]),
        ({"municipality": "0751"}, ["Åse"]),
        ({"municipality": "0657"}, ["Ærlig"]),
        ({"kind": "municipality"}, ["Bo", "Ærlig", "Åse"]),
        ({"kind": "guest"}, ["Zoe"]),
        ({"kind": "speaker"}, ["Zoe"]),
        ({"kind": "kl_staff"}, []),
        ({"state": "withdrawn"}, ["Gone"]),
        ({"state": "waitlisted"}, ["Waiting"]),
        ({"state": "all"}, ["Bo", "Gone", "Waiting", "Zoe", "Ærlig", "Åse"]),
        ({"q": "aase"}, ["Åse"]),
        ({"q": "ÅRHUS"}, ["Zoe", "Åse"]),
        ({"q": "aarhus børneudvalg"}, ["Åse"]),
        ({"q": "formand"}, ["Ærlig"]),
        ({"q": "oplægsholder"}, ["Zoe"]),
        ({"q": "ingen sådan"}, []),
        ({"q": "%"}, ["Bo", "Zoe", "Ærlig", "Åse"]),
    ],
    ids=str,
)
def test_the_list_is_filtered_searched_and_ordered_as_danes_do(
    officer: Client, meeting: Meeting, chosen: dict[str, str], names: list[str]
) -> None:
    assert listed(officer, meeting, **chosen) == names


def test_the_list_is_filtered_by_session_and_theme(officer: Client, meeting: Meeting) -> None:
    first, second = meeting.sessions.all()
    dagtilbud, skole = meeting.programme.get().themes.all()

    assert listed(officer, meeting, session=second.pk) == ["Ærlig"]
    assert listed(officer, meeting, session=first.pk, theme=dagtilbud.pk) == ["Åse"]
    assert listed(officer, meeting, theme=skole.pk) == []


@pytest.mark.parametrize("name", ["session", "theme", "municipality", "kind", "state", "sort", "page"])
def test_nonsense_in_the_address_is_no_filter(officer: Client, meeting: Meeting, name: str) -> None:
    for value in ("x", "-1", "9" * 30, "٣"):
        assert listed(officer, meeting, **{name: value}) == ["Bo", "Zoe", "Ærlig", "Åse"]


def test_totals_count_no_guest_and_no_uncertain_one_as_a_municipality(meeting: Meeting) -> None:
    first, second = meeting.sessions.all()
    theme = meeting.programme.get().themes.all()[0]

    counted = totals(meeting)

    assert (counted.registered, counted.municipalities, counted.guests) == (4, 2, 1)
    assert (counted.withdrawn, counted.waitlisted) == (1, 1)
    assert counted.sessions == {first.pk: 3, second.pk: 1}
    assert counted.themes == {(first.pk, theme.pk): 1}


def test_the_page_says_what_guests_come_as_and_who_is_uncertain(officer: Client, meeting: Meeting) -> None:
    response = officer.get(page_url("participants", meeting))

    for shown in ("Oplægsholder, Aarhus Universitet", "Ikke afklaret", "Dagtilbud"):
        assertContains(response, shown)


def test_an_empty_meeting_says_so(officer: Client) -> None:
    meeting = create_meeting()

    assertContains(officer.get(page_url("participants", meeting)), "Ingen har tilmeldt sig endnu.")
    assertContains(officer.get(page_url("participants", meeting), {"q": "bo"}), "Ingen passer til filtrene.")


def test_a_long_list_has_pages_that_keep_the_filters(officer: Client) -> None:
    meeting = create_meeting()
    create_registration(meeting=meeting, participants=ROWS_A_PAGE + 1)
    url = page_url("participants", meeting)

    first, last = (officer.get(url, {"sort": "name", "page": page}) for page in (1, 2))

    assert [len(page.context["rows"]) for page in (first, last)] == [ROWS_A_PAGE, 1]
    assertContains(first, "?sort=name&amp;page=2")


def read_sheet(response: Any) -> list[list[Any]]:
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(response.content))
    assert book.sheet_names == ["Deltagere"]
    return book.get_sheet_by_name("Deltagere").to_python()


def test_the_sheet_holds_what_the_list_does(officer: Client, meeting: Meeting) -> None:
    url = page_url("participants_xlsx", meeting)

    response = officer.post(f"{url}?kind=municipality&sort=municipality")

    heading, *rows = read_sheet(response)
    assert response.headers["Content-Disposition"] == 'attachment; filename="moede-deltagere.xlsx"'
    assert heading == [
        *("Navn", "Titel", "Kommune eller kommer som", "Udvalg eller organisation", "E-mailadresse"),
        *("Mødegang", "Temaer", "Status", "Tilmeldt", "Kontaktperson", "Kontaktpersonens e-mailadresse"),
        "Referencenummer",
    ]
    assert [row[:5] for row in rows] == [
        ["Ærlig", "Formand", "Herning (ikke afklaret)", "", rows[0][4]],
        ["Bo", "", "Ærø", "", "=1+1@aeroe.example"],
        ["Åse", "", "Aarhus", "Børneudvalget", "aase@aarhus.example"],
    ]
    assert rows[2][5:] == [
        "Torsdag den 15. april 2027 kl. 17-19",
        "Dagtilbud",
        "Tilmeldt",
        NOW.replace(tzinfo=None),
        "Anne Sekretær",
        "anne@herning.example",
        entries(meeting, Selection(municipality="0751"))[0].reference,
    ]


def test_text_that_looks_like_a_formula_stays_text(officer: Client) -> None:
    meeting = create_meeting()
    registration = create_registration(meeting=meeting, participants=0, contact_name="@SUM(1)")
    create_participant(registration=registration, name='=HYPERLINK("http://x.example")', title="+1-1")

    rows = read_sheet(officer.post(page_url("participants_xlsx", meeting)))

    assert rows[1][:2] == ['=HYPERLINK("http://x.example")', "+1-1"]
    assert "@SUM(1)" in rows[1]


def test_an_empty_sheet_has_a_heading(officer: Client) -> None:
    assert len(read_sheet(officer.post(page_url("participants_xlsx", create_meeting())))) == 1


def test_history_says_who_took_the_addresses_along(officer: Client, meeting: Meeting) -> None:
    url = page_url("participants_xlsx", meeting)

    shown = officer.get(url)
    officer.post(f"{url}?kind=guest")

    entry = LogEntry.objects.get()
    assert shown.status_code == 405
    assert (entry.object_id, entry.get_change_message()) == (
        str(meeting.pk),
        "Hentede 1 deltager med e-mailadresse som regneark.",
    )


def test_who_may_look_may_export_and_a_stranger_neither(client: Client, meeting: Meeting) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_meeting"))
    urls = [page_url(name, meeting) for name in ("participants", "participants_xlsx")]

    client.force_login(User.objects.create_user("stranger", is_staff=True))
    refused = [client.get(urls[0]).status_code, client.post(urls[1]).status_code]
    client.force_login(reader)
    allowed = [client.get(urls[0]).status_code, client.post(urls[1]).status_code]

    assert (refused, allowed) == ([403, 403], [200, 200])


def test_three_rows_ask_the_database_as_often_as_one(officer: Client) -> None:
    meeting = create_meeting()
    counts = []
    for name in ("Herning", "Aarhus", "Viborg"):
        theme = create_theme(item=create_programme_item(meeting=meeting))
        create_session(meeting=meeting)
        create_participant(registration=register(meeting, name), themes=[theme])
        counts.append(count_queries(officer, page_url("participants", meeting)))

    assert counts == [counts[0]] * 3


@pytest.mark.slow
def test_hundreds_ask_the_database_as_often_as_one(officer: Client) -> None:
    large, small = create_large_meeting(participants=600), create_meeting()
    theme = create_theme(item=create_programme_item(meeting=small))
    create_session(meeting=small)
    create_participant(registration=create_registration(meeting=small, participants=0), themes=[theme])

    counts = [count_queries(officer, page_url("participants", meeting)) for meeting in (small, large)]

    assert counts[0] == counts[1]
