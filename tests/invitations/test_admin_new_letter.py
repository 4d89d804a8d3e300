"""The page on which a letter about a meeting begins."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from invitations.admin.meeting_pages import page_url
from invitations.models import Letter, Meeting
from tests.factories import NOW, create_letter, create_meeting, create_session, create_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TAKEN = "Mødet har allerede et brev af den slags med den dato."


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(meeting: Meeting) -> str:
    return page_url("new_letter", meeting)


def begin(officer: Client, meeting: Meeting, kind: str = "invitation", day: str = "1.2.2027") -> Any:
    return officer.post(page(meeting), {"kind": kind, "date": day})


def test_the_page_of_a_meeting_leads_there(officer: Client) -> None:
    meeting = create_meeting()

    response = officer.get(page_url("change", meeting))

    assertContains(response, f'<a class="button" href="{page(meeting)}">Nyt brev</a>', html=True)


def test_looking_writes_nothing(officer: Client) -> None:
    response = officer.get(page(create_meeting()))

    assert (response.status_code, Letter.objects.count()) == (200, 0)
    assert response.context["form"].initial["date"] == date(2027, 2, 1)


@pytest.mark.parametrize("kind", Letter.Kind.values)
def test_a_draft_of_the_kind_is_written_and_opened(officer: Client, kind: str) -> None:
    meeting = create_meeting()

    response = begin(officer, meeting, kind, "3.2.2027")

    letter = Letter.objects.get()
    assertRedirects(response, reverse("admin:invitations_letter_change", args=[letter.pk]))
    assert (letter.meeting, letter.kind, letter.date) == (meeting, kind, date(2027, 2, 3))
    assert letter.sections.exists()
    entry = LogEntry.objects.get()
    assert (entry.action_flag, entry.object_id) == (ADDITION, str(letter.pk))


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"kind": "", "date": "1.2.2027"}, {"kind": ["Vælg slags"]}),
        ({"kind": "nonsense", "date": "1.2.2027"}, {"kind": ["Vælg slags"]}),
        ({"kind": "change", "date": ""}, {"date": ["Indtast dato"]}),
        ({"kind": "change", "date": "i morgen"}, {"date": ["Skriv datoen som 28.3.2027"]}),
        (
            {"kind": "change", "date": "1.2.0206"},
            {"date": ["Skriv året med fire cifre, fra 2000 til 2099"]},
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    officer: Client, typed: dict[str, str], errors: dict[str, list[str]]
) -> None:
    response = officer.post(page(create_meeting()), typed)

    assert response.context["form"].errors == errors
    assert Letter.objects.count() == 0


def test_a_second_letter_of_the_kind_and_date_is_refused_and_leads_to_the_first(officer: Client) -> None:
    meeting = create_meeting()
    begin(officer, meeting)

    response = begin(officer, meeting)

    first = Letter.objects.get()
    address = reverse("admin:invitations_letter_change", args=[first.pk])
    assertContains(response, f'{TAKEN} <a href="{address}">Åbn det, eller vælg en anden dato.</a>')


def test_a_meeting_changes_again_the_day_on_which_a_change_was_sent(officer: Client) -> None:
    meeting = create_meeting()
    begin(officer, meeting, "change")
    refused = begin(officer, meeting, "change")
    Letter.objects.update(sent_at=NOW)

    begin(officer, meeting, "change")

    assertContains(refused, TAKEN)
    assert list(Letter.objects.values_list("kind", "date")) == [("change", NOW.date())] * 2


def test_another_kind_on_the_same_date_is_another_letter(officer: Client) -> None:
    meeting = create_meeting()
    begin(officer, meeting)

    begin(officer, meeting, "save_the_date")

    assert Letter.objects.count() == 2


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("new", "invitation"),
        ("without a date", "invitation"),
        ("invited", "change"),
        ("held", "follow_up"),
        ("cancelled", "cancellation"),
    ],
)
def test_the_kind_that_is_likely_to_come_next_is_chosen(officer: Client, state: str, kind: str) -> None:
    meeting = create_meeting(session=state not in ("held", "without a date"))
    if state == "held":
        create_session(meeting=meeting, starts_date=date(2027, 1, 31))
    elif state == "invited":
        create_letter(meeting=meeting).mark_sent(at=NOW, by=None)
    elif state == "cancelled":
        meeting.cancel(at=NOW)

    response = officer.get(page(meeting))

    assert response.context["form"].initial["kind"] == kind


def test_one_can_begin_with_an_empty_letter(officer: Client) -> None:
    meeting = create_meeting()

    response = officer.get(page(meeting))

    assertContains(response, f'href="/admin/invitations/letter/add/?meeting={meeting.pk}"')


def test_a_stranger_is_asked_to_log_in(client: Client) -> None:
    url = page(create_meeting())

    assertRedirects(client.post(url), f"/admin/login/?next={url}")


@pytest.mark.parametrize("codenames", [["view_meeting", "add_letter"], ["view_meeting", "change_meeting"]])
def test_who_may_not_change_the_meeting_or_add_letters_may_not_begin_one(
    client: Client, codenames: list[str]
) -> None:
    user = User.objects.create_user("gaest", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    client.force_login(user)

    assert begin(client, create_meeting()).status_code == 403
    assert Letter.objects.count() == 0
