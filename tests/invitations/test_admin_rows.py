"""Rows on a page of the admin: as many as anybody types, however many a request says there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from invitations.admin.ordering import MOST_ROWS
from invitations.models import Theme
from tests.admin_pages import errors_of, fields_of
from tests.factories import (
    create_meeting,
    create_programme_item,
    create_registration,
    create_staff,
    create_theme,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def changed(officer: Client, **counts: str) -> Any:
    """The page of a meeting with one item, sent with so many rows of each kind."""
    meeting = create_meeting()
    create_programme_item(meeting=meeting)
    url = reverse("admin:invitations_meeting_change", args=[meeting.pk])
    totals = {f"{prefix.replace('__', '-')}-TOTAL_FORMS": count for prefix, count in counts.items()}
    fields: dict[str, Any] = fields_of(officer.get(url))
    return officer.post(url, {name: value for name, value in {**fields, **totals}.items() if value != "gone"})


def test_a_million_rows_are_refused_and_not_made(officer: Client) -> None:
    response = changed(officer, questions="1000000")

    assert errors_of(response)["questions"] == [f"Der kan højst være {MOST_ROWS} rækker."]
    [questions] = [
        rows for rows in response.context["inline_admin_formsets"] if rows.formset.prefix == "questions"
    ]
    assert len(questions.formset.forms) == MOST_ROWS


def test_a_million_themes_in_an_item_are_refused_too(officer: Client) -> None:
    assert errors_of(changed(officer, programme__0__themes="1000000"))["programme-0-themes"] == [
        "Der kan højst være 20 rækker."
    ]


@pytest.mark.parametrize("count", ["", "x", "9" * 25, "gone"])
def test_rows_that_cannot_be_counted_are_said_to_be_unreadable(officer: Client, count: str) -> None:
    response = changed(officer, questions=count)

    assert response.status_code == 200
    assert list(errors_of(response)["questions"])[-1] in (
        "Rækkerne kunne ikke læses. Åbn siden igen.",
        f"Der kan højst være {MOST_ROWS} rækker.",
    )


@pytest.mark.parametrize("pk", ["-1", "x", "9" * 25])
def test_a_theme_that_is_removed_by_an_id_of_none_stays(officer: Client, pk: str) -> None:
    meeting = create_meeting()
    theme = create_theme(item=create_programme_item(meeting=meeting))
    url = reverse("admin:invitations_meeting_change", args=[meeting.pk])
    sent = {"programme-0-themes-0-id": pk, "programme-0-themes-0-DELETE": "on"}

    response = officer.post(url, {**fields_of(officer.get(url)), **sent})

    assert (response.status_code, list(Theme.objects.all())) == (302, [theme])


def test_a_participant_sent_with_an_id_of_none_does_no_harm(officer: Client) -> None:
    url = reverse("admin:registrations_registration_change", args=[create_registration().pk])
    sent = {"participants-0-id": "x"}

    response = officer.post(url, {**fields_of(officer.get(url)), **sent})

    assert response.status_code in (200, 302)
