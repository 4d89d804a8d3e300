"""The tab on which the secretariat sees who has answered: totals, filters, order, sheet."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
import python_calamine
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from invitations.models import Meeting, OutgoingEmail
from registrations.ledger import LedgerState
from registrations.ledger_list import show_name
from tests.admin_pages import count_queries
from tests.factories import (
    NOW,
    create_decline,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_staff,
    create_theme,
    get_area,
    get_municipality,
)
from tests.large_meeting import create_large_meeting
from tests.mails import owe_mail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


@pytest.fixture
def meeting() -> Meeting:
    """Of Region Midtjylland and Ærø: Herning registers 2, Viborg declines, Aarhus and Ærø are silent."""
    meeting = create_meeting(hosts=[get_municipality("Viborg")])
    for name in ("Herning", "Viborg", "Aarhus", "Ærø"):
        create_invitation(meeting=meeting, municipality=get_municipality(name))
    create_registration(meeting=meeting, participants=2)
    create_decline(meeting=meeting, municipality=get_municipality("Viborg"))
    return meeting


def page(meeting: Meeting, name: str = "ledger") -> str:
    return reverse(f"admin:invitations_meeting_{name}", args=[meeting.pk])


def names(response: Any) -> list[str]:
    return [line.row.municipality.name for line in response.context["lines"]]


def words(response: Any, name: str) -> str:
    lines = {line.row.municipality.name: line.words for line in response.context["lines"]}
    return str(lines[name])


def test_it_is_the_first_tab_after_the_meeting(officer: Client, meeting: Meeting) -> None:
    response = officer.get(page(meeting))

    assert [str(label) for _name, label, _url in response.context["tabs"]][:2] == ["møde", "kommuner"]
    assertContains(response, f'<a href="{page(meeting)}" aria-current="page">Kommuner</a>')


def test_it_says_how_many_have_answered_in_all_and_by_region(officer: Client, meeting: Meeting) -> None:
    response = officer.get(page(meeting))

    assert [(link.label, link.url) for link in response.context["headline"]] == [
        ("2 af 4 kommuner har svaret", "?state=answered"),
        ("Region Midtjylland 2 af 3", "?region=Region+Midtjylland"),
        ("Region Syddanmark 0 af 1", "?region=Region+Syddanmark"),
    ]
    assertContains(response, "2 deltagere fra kommunerne")


def test_before_anybody_is_invited_it_says_so(officer: Client) -> None:
    response = officer.get(page(create_meeting()))

    assertContains(response, "Ingen kommuner er inviteret endnu")
    assert len(names(response)) == 19


def test_a_meeting_without_date_and_answers_has_no_rows_and_says_why(officer: Client) -> None:
    response = officer.get(page(create_meeting(session=False)))

    assertContains(response, "Mødet har ingen kommuner endnu: Giv det en dato og et område.")


def test_a_filter_calls_a_state_as_the_pictures_do() -> None:
    names = [show_name(state.value) for state in LedgerState]

    assert names == [
        "Ikke inviteret endnu",
        "Intet svar",
        "Tilmeldt",
        "Delvist tilmeldt",
        "På venteliste",
        "Alle afmeldt",
        "Afbud",
    ]


def test_the_states_are_filters_with_their_numbers(officer: Client, meeting: Meeting) -> None:
    response = officer.get(page(meeting), {"state": "silent"})

    chips = response.context["chips"]
    assert {chip.label: chip.count for chip in chips} == {
        "Alle": 20,
        "Har svaret": 2,
        "Ikke inviteret endnu": 16,
        "Intet svar": 2,
        "Tilmeldt": 1,
        "Afbud": 1,
    }
    assert [chip.label for chip in chips if chip.is_chosen] == ["Intet svar"]
    assert names(response) == ["Ærø", "Aarhus"]


def test_numbers_are_those_of_the_region_and_the_search_that_are_chosen(
    officer: Client, meeting: Meeting
) -> None:
    response = officer.get(page(meeting), {"region": "Region Syddanmark"})

    assert {chip.label: chip.count for chip in response.context["chips"]} == {"Alle": 1, "Intet svar": 1}
    assert names(response) == ["Ærø"]


@pytest.mark.parametrize("text", ["århus", "AARHUS", "aarh", "Aarhus Kommune", "0751"])
def test_a_municipality_is_found_as_danes_spell_it(officer: Client, meeting: Meeting, text: str) -> None:
    assert names(officer.get(page(meeting), {"q": text})) == ["Aarhus"]


def test_one_that_is_not_invited_is_found_beside_the_list(officer: Client, meeting: Meeting) -> None:
    response = officer.get(page(meeting), {"q": "ribe"})
    beside = officer.get(page(meeting), {"q": "Fanø"})

    assertContains(response, "Ingen kommuner passer til det, du har valgt.")
    assert [municipality.name for municipality, _url in beside.context["others"]] == ["Fanø"]


def test_what_is_chosen_stays_in_every_link(officer: Client, meeting: Meeting) -> None:
    response = officer.get(page(meeting), {"state": "silent", "q": "a", "sort": "-municipality"})

    query = "?state=silent&amp;q=a&amp;sort=-municipality"
    municipality = reverse("admin:invitations_meeting_municipality", args=[meeting.pk, "0751"])
    assertContains(response, f'href="{municipality}{query}"')
    assertContains(response, f'href="{page(meeting, "ledger_xlsx")}{query}"')
    assertContains(response, 'href="?state=silent&amp;q=a&amp;sort=-answered"', count=0)
    assertContains(response, 'href="?state=silent&amp;q=a&amp;sort=answered"')
    assertContains(response, '<input type="hidden" name="state" value="silent">', count=2)


@pytest.mark.parametrize("chosen", [{"state": "nonsense"}, {"sort": "password"}, {"sort": "--state"}])
def test_what_no_link_of_ours_says_is_as_good_as_nothing(
    officer: Client, meeting: Meeting, chosen: dict[str, str]
) -> None:
    response = officer.get(page(meeting), chosen)

    assert (names(response)[0], len(names(response))) == ("Favrskov", 20)


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("-municipality", "Aarhus"),
        ("participants", "Herning"),
        ("-state", "Viborg"),
        ("answered", "Viborg"),
        ("-answered", "Herning"),
        ("contact", "Herning"),
        ("-region", "Ærø"),
        ("failed", "Aarhus"),
        ("-offices", "Aarhus"),
        ("reminder", "Ærø"),
    ],
)
def test_every_column_sorts_and_rows_without_a_value_stand_last(
    officer: Client, meeting: Meeting, sort: str, first: str
) -> None:
    meeting.declines.update(declined_at=NOW - timedelta(days=1))
    dispatch = create_dispatch(invitation=meeting.invitations.get(municipality__name="Aarhus"))
    OutgoingEmail.objects.filter(dispatches=dispatch).update(state="failed")
    owe_mail(key=f"deadline-reminder:{meeting.pk}:0492:ae@aeroe.example:x", kind="deadline_reminder")
    OutgoingEmail.objects.filter(kind="deadline_reminder").update(state="sent", sent_at=NOW)

    response = officer.get(page(meeting), {"sort": sort})

    direction = "descending" if sort.startswith("-") else "ascending"
    assert names(response)[0] == first
    assertContains(response, f'class="column-{sort.removeprefix("-")}" aria-sort="{direction}"')


def test_a_heading_pressed_again_turns_the_order_round(officer: Client, meeting: Meeting) -> None:
    columns = officer.get(page(meeting), {"sort": "answered"}).context["columns"]

    assert {column.name: column.url for column in columns if column.direction} == {
        "answered": "?sort=-answered"
    }


def test_rows_say_in_words_what_was_answered(officer: Client) -> None:
    meeting = create_meeting()
    theme = create_theme(item=create_programme_item(meeting=meeting))
    for name, missing, waiting in (("Herning", 0, 0), ("Aarhus", 2, 0), ("Struer", 1, 3), ("Lemvig", 0, 0)):
        registration = create_registration(
            meeting=meeting, municipality=get_municipality(name), participants=missing
        )
        create_participant(registration=registration, themes=[theme])
        for _ in range(waiting):
            create_participant(registration=registration, themes=[theme], waitlisted_at=NOW)
    registration.participants.update(withdrawn_at=NOW)
    waiting_only = create_registration(
        meeting=meeting, municipality=get_municipality("Skive"), participants=0
    )
    create_participant(registration=waiting_only, waitlisted_at=NOW)
    create_decline(meeting=meeting, municipality=get_municipality("Viborg"))
    create_invitation(meeting=meeting, municipality=get_municipality("Randers"))

    response = officer.get(page(meeting))

    towns = ("Herning", "Aarhus", "Struer", "Lemvig", "Skive", "Viborg", "Randers", "Odder")
    assert [words(response, name) for name in towns] == [
        "Tilmeldt 1",
        "Delvist: 2 uden tema",
        "Delvist: 1 uden tema, 3 på venteliste",
        "Alle afmeldt",
        "Venteliste 1",
        "Afbud",
        "Intet svar",
        "Ikke inviteret endnu",
    ]


def test_host_failed_mail_contact_and_what_waits_to_be_matched_are_marked(
    officer: Client, meeting: Meeting
) -> None:
    dispatch = create_dispatch(invitation=meeting.invitations.get(municipality__name="Herning"))
    OutgoingEmail.objects.filter(dispatches=dispatch).update(state="failed")
    create_registration(meeting=meeting, municipality=get_municipality("Aarhus"), awaits_match=True)

    response = officer.get(page(meeting))

    assertContains(response, 'Viborg</a> <span class="mark">vært</span>')
    assertContains(response, '<a href="mailto:anne@herning.example">Anne Sekretær</a>')
    assertContains(response, "1 skal knyttes")
    herning = reverse("admin:invitations_meeting_municipality", args=[meeting.pk, "0657"])
    assertContains(response, f'<a class="failed" href="{herning}#offices">')


def test_what_a_municipality_types_is_no_markup(officer: Client, meeting: Meeting) -> None:
    meeting.registrations.update(contact_name="<script>alert(1)</script>")

    assertNotContains(officer.get(page(meeting)), "<script>alert")


def test_the_sheet_holds_the_rows_that_are_shown_with_code_region_and_contact(
    officer: Client, meeting: Meeting
) -> None:
    meeting.registrations.update(contact_name="=1+1")

    response = officer.get(page(meeting, "ledger_xlsx"), {"state": "answered", "sort": "-municipality"})

    rows = python_calamine.load_workbook(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    columns = {name: [row[number] for row in rows[1:]] for number, name in enumerate(rows[0])}
    assert response["Content-Disposition"] == (
        f'attachment; filename="{meeting.slug}-kommuner-2027-02-01.xlsx"'
    )
    assert columns["Kommunekode"] == ["0791", "0657"]
    assert columns["Kommune"] == ["Viborg", "Herning"]
    assert columns["Region"] == ["Region Midtjylland"] * 2
    assert columns["Vært"] == ["ja", ""]
    assert columns["Svar"] == ["Afbud", "Tilmeldt 2"]
    assert columns["Deltagere"] == [0, 2]
    assert columns["Svaret"][1] == NOW.replace(tzinfo=None)
    assert columns["Kontaktperson"] == ["", "=1+1"]
    assert columns["Kontaktpersonens e-mailadresse"] == ["", "anne@herning.example"]


def test_the_sheet_of_nobody_has_its_headings(officer: Client, meeting: Meeting) -> None:
    response = officer.get(page(meeting, "ledger_xlsx"), {"q": "ingen"})

    rows = python_calamine.load_workbook(io.BytesIO(response.content)).get_sheet_by_index(0).to_python()
    assert (len(rows), rows[0][0]) == (1, "Kommunekode")


def test_paper_tells_what_was_chosen(officer: Client, meeting: Meeting) -> None:
    response = officer.get(page(meeting), {"state": "silent", "region": "Region Midtjylland", "q": "a"})

    assertContains(response, '<span class="on-paper">Intet svar, Region Midtjylland, navn med »a«.</span>')


def test_regions_are_those_of_the_day_of_the_meeting(officer: Client) -> None:
    meeting = create_meeting(areas=[get_area("Region Sjælland")], session=False)
    meeting.sessions.create(starts_date=date(2026, 12, 30))
    create_invitation(meeting=meeting, municipality=get_municipality("Roskilde"))

    response = officer.get(page(meeting))

    assert [link.label for link in response.context["headline"][1:]] == ["Region Sjælland 0 af 1"]


def test_who_may_only_look_sees_the_rows_and_selects_nothing(client: Client, meeting: Meeting) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_meeting"))
    client.force_login(reader)

    response = client.get(page(meeting))

    assert len(names(response)) == 20
    assertNotContains(response, 'type="checkbox"')
    assertNotContains(response, page(meeting, "ledger_write") + "?")
    assert client.get(page(meeting, "ledger_write"), {"m": "0657"}).status_code == 403


@pytest.mark.parametrize("name", ["ledger", "ledger_xlsx"])
def test_a_stranger_sees_nothing(client: Client, meeting: Meeting, name: str) -> None:
    client.force_login(User.objects.create_user("stranger", is_staff=True))

    assert client.get(page(meeting, name)).status_code == 403


def test_a_hundred_times_the_people_ask_the_database_as_often(officer: Client) -> None:
    counts = [
        count_queries(officer, page(create_large_meeting(participants=participants)))
        for participants in (5, 500)
    ]

    assert counts == [counts[0]] * 2
