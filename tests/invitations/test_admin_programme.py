"""The programme on the page of a meeting: items and their themes, typed and saved together."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from invitations.models import Meeting, Theme
from tests.admin_pages import add_row, count_queries, errors_of, fields_of, send
from tests.factories import (
    create_meeting,
    create_programme_item,
    create_session,
    create_staff,
    create_theme,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(meeting: Meeting) -> str:
    return reverse("admin:invitations_meeting_change", args=[meeting.pk])


def programme(meeting: Meeting) -> list[tuple[str, list[str]]]:
    """The titles of the items, each with those of its themes."""
    return [
        (item.title, [theme.title for theme in item.themes.all()])
        for item in meeting.programme.prefetch_related("themes")
    ]


def test_an_item_and_its_themes_are_typed_on_one_page(officer: Client) -> None:
    meeting = create_meeting()
    fields: dict[str, Any] = fields_of(officer.get(page(meeting)))
    fields |= {
        "programme-0-title": "Temadrøftelser",
        "programme-0-time": "17.00",
        "programme-0-details": "Vælg et tema:",
        "programme-0-notes": "Kaffe undervejs.",
    }
    fields["programme-0-themes-0-title"] = "Dagtilbud"
    fields["programme-0-themes-0-capacity"] = "20"
    add_row(fields, "programme-0-themes", title="Skole", speakers="Bo", room="Salen", details="Om skolen.")

    officer.post(page(meeting), {**fields, "_continue": "1"})

    item = meeting.programme.get()
    assert (item.title, item.time, item.details, item.notes) == (
        "Temadrøftelser",
        time(17),
        "Vælg et tema:",
        "Kaffe undervejs.",
    )
    assert list(item.themes.values_list("title", "speakers", "room", "capacity", "details", "position")) == [
        ("Dagtilbud", "", "", 20, "", 0),
        ("Skole", "Bo", "Salen", None, "Om skolen.", 1),
    ]


def test_a_new_meeting_gets_its_items_and_themes_at_once(officer: Client) -> None:
    url = reverse("admin:invitations_meeting_add")
    fields: dict[str, Any] = fields_of(officer.get(url))
    fields |= {
        "title": "Politisk møde",
        "sessions-0-starts_date": "15.4.2027",
        "programme-0-title": "Temaer",
        "programme-0-themes-0-title": "Skole",
    }

    officer.post(url, {**fields, "_save": "1"})

    assert programme(Meeting.objects.get()) == [("Temaer", ["Skole"])]


def test_a_theme_is_added_changed_and_removed_without_touching_its_item(officer: Client) -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting, title="Temaer")
    for title in ("a", "b"):
        create_theme(item=item, title=title)
    fields: dict[str, Any] = fields_of(officer.get(page(meeting)))
    fields |= {
        "programme-0-themes-0-DELETE": "on",
        "programme-0-themes-1-title": "B",
        "programme-0-themes-2-title": "c",
    }

    officer.post(page(meeting), {**fields, "_continue": "1"})

    assert programme(meeting) == [("Temaer", ["B", "c"])]
    assert list(item.themes.values_list("position", flat=True)) == [0, 1]
    assert LogEntry.objects.get().get_change_message() == (
        "Tilføjede tema “c”. Ændrede Titel for tema “B”. Slettede tema “a”."
    )


def test_a_number_moves_a_theme_among_those_of_its_item(officer: Client) -> None:
    meeting = create_meeting()
    for titles in ("abc", "de"):
        item = create_programme_item(meeting=meeting, title=titles)
        for title in titles:
            create_theme(item=item, title=title)

    send(officer, page(meeting), **{"programme-0-themes-2-position": "1", "programme-1-position": "1"})

    assert programme(meeting) == [("de", ["d", "e"]), ("abc", ["c", "a", "b"])]


def test_an_item_is_removed_with_its_themes(officer: Client) -> None:
    meeting = create_meeting()
    create_theme(item=create_programme_item(meeting=meeting))

    send(officer, page(meeting), programme__0__DELETE="on")

    assert (meeting.programme.count(), Theme.objects.count()) == (0, 0)


def test_a_new_row_that_is_ticked_as_removed_is_none_whatever_is_wrong_with_it(officer: Client) -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting, title="Temaer")
    fields: dict[str, Any] = fields_of(officer.get(page(meeting)))
    fields |= {"programme-0-themes-0-speakers": "Bo", "programme-0-themes-0-DELETE": "on"}
    add_row(fields, "programme", time="fem", DELETE="on")
    add_row(fields, "questions", text="x" * 501, DELETE="on")

    response = officer.post(page(meeting), {**fields, "_continue": "1"})

    assert (response.status_code, programme(meeting), item.themes.count()) == (302, [("Temaer", [])], 0)
    assert meeting.questions.count() == 0


def test_what_is_wrong_with_a_theme_is_said_at_its_field_and_nothing_typed_is_lost(officer: Client) -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting, title="Temaer")
    create_theme(item=item, title="Skole")

    response = send(
        officer,
        page(meeting),
        **{
            "programme-0-title": "Runde 1",
            "programme-0-themes-0-capacity": "mange",
            "programme-0-themes-0-title": "Skolen",
            "programme-0-themes-1-speakers": "Bo",
        },
    )

    shown = fields_of(response)
    assert errors_of(response) == {
        "programme-0-themes-0-capacity": ["Skriv et helt tal"],
        "programme-0-themes-1-title": ["Indtast titel"],
    }
    assertContains(response, "Ret venligst fejlene herunder")
    assert [shown[f"programme-0-{name}"] for name in ("title", "themes-0-title", "themes-1-speakers")] == [
        ["Runde 1"],
        ["Skolen"],
        ["Bo"],
    ]
    assert programme(meeting) == [("Temaer", ["Skole"])]


def test_everything_that_is_wrong_is_said_at_once(officer: Client) -> None:
    meeting = create_meeting()
    create_theme(item=create_programme_item(meeting=meeting))

    response = send(
        officer,
        page(meeting),
        **{
            "programme-0-time": "sent",
            "programme-0-themes-0-capacity": "mange",
            "programme-1-themes-0-title": "Et tema uden punkt",
        },
    )

    assert errors_of(response) == {
        "programme-0-time": ["Skriv klokkeslættet som 17.00"],
        "programme-0-themes-0-capacity": ["Skriv et helt tal"],
        "programme-1-title": ["Indtast titel"],
    }


def test_what_lies_below_an_item_is_unfolded_where_there_is_something(officer: Client) -> None:
    meeting = create_meeting()
    create_programme_item(meeting=meeting, title="Velkommen")
    create_programme_item(meeting=meeting, title="Oplæg", notes="Kaffe.")
    create_theme(item=create_programme_item(meeting=meeting, title="Temaer"), details="Om skolen.")

    forms = fields_shown(officer, meeting)

    assert [(form.instance.title, form.is_unfolded) for form in forms] == [
        ("Velkommen", False),
        ("Oplæg", True),
        ("Temaer", True),
        ("", False),
    ]
    assert [theme.is_unfolded for theme in forms[2].themes.forms] == [True, False]


def fields_shown(officer: Client, meeting: Meeting) -> list[Any]:
    """The forms of the items on the page."""
    rows = officer.get(page(meeting)).context["inline_admin_formsets"]
    return next(list(row.formset.forms) for row in rows if row.formset.prefix == "programme")


def test_a_page_that_sends_no_themes_leaves_them(officer: Client) -> None:
    meeting = create_meeting()
    create_theme(item=create_programme_item(meeting=meeting, title="Temaer"), title="Skole")
    fields = fields_of(officer.get(page(meeting)))
    fields = {name: values for name, values in fields.items() if "-themes-" not in name}

    officer.post(page(meeting), {**fields, "programme-0-title": "Runde 1", "_continue": "1"})

    assert programme(meeting) == [("Runde 1", ["Skole"])]


def test_themes_of_another_item_cannot_be_reached(officer: Client) -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting, title="Temaer")
    create_theme(item=item, title="Skole")
    stranger = create_theme(item=create_programme_item(meeting=create_meeting()), title="Et andet mødes")

    typed = {"programme-0-themes-0-id": str(stranger.pk), "programme-0-themes-0-title": "Kapret"}
    send(officer, page(meeting), **typed)

    stranger.refresh_from_db()
    assert (stranger.title, programme(meeting)) == ("Et andet mødes", [("Temaer", ["Skole"])])


def test_who_may_only_look_reads_the_programme_and_changes_nothing(client: Client) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    names = ["view_meeting", "view_programmeitem"]
    reader.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(reader)
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting, title="Temaer", time=time(17), speakers="Bo")
    create_theme(item=item, title="Skole", capacity=20)

    shown = client.get(page(meeting))
    refused = client.post(
        page(meeting),
        {"programme-TOTAL_FORMS": "1", "programme-INITIAL_FORMS": "1", "programme-0-title": "X"},
    )

    assertContains(shown, "17.00 Temaer v/ Bo")
    assertContains(shown, "Skole (20 pladser)")
    assertNotContains(shown, "programme-0-title")
    assert (refused.status_code, programme(meeting)) == (403, [("Temaer", ["Skole"])])


def test_five_items_with_themes_ask_the_database_as_often_as_one(officer: Client) -> None:
    meeting = create_meeting()
    counts = []
    for number in range(1, 6):
        item = create_programme_item(meeting=meeting)
        for _theme in range(number):
            create_theme(item=item)
        counts.append(count_queries(officer, page(meeting)))

    assert counts == [counts[0]] * 5


def test_a_session_added_at_once_lets_an_item_be_later(officer: Client) -> None:
    meeting = create_meeting()
    create_session(meeting=meeting, starts_time=time(18), ends_time=time(22))

    send(officer, page(meeting), **{"programme-0-title": "Fest", "programme-0-time": "21.00"})

    assert programme(meeting) == [("Fest", [])]
