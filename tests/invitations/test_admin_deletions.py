"""Before anything is deleted, a page says with numbers what goes along with it, or why it stays."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import Permission, User
from django.db import models
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invitations.admin.pages import DanishAdmin
from invitations.models import Area, Dispatch, Letter, Meeting, Municipality, Office, PolicyArea, Theme
from tests.factories import (
    create_area,
    create_dispatch,
    create_enclosure,
    create_letter,
    create_meeting,
    create_office,
    create_programme_item,
    create_question,
    create_session,
    create_staff,
    create_theme,
    get_area,
    get_municipality,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BUTTON = '<input type="submit" value="Slet" class="destructive">'


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(row: models.Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_delete", args=[row.pk])


def sentences(response: Any) -> list[str]:
    return response.context["sentences"]  # type: ignore[no-any-return]


def test_a_draft_says_what_goes_along_with_it(officer: Client) -> None:
    meeting = create_meeting(title="Politisk møde", published_at=None, hosts=[get_municipality()])
    create_session(meeting=meeting)
    for title in ("Velkommen", "Temaer"):
        item = create_programme_item(meeting=meeting, title=title)
    create_theme(item=item)
    create_question(meeting=meeting)

    response = officer.get(page(meeting))

    assert sentences(response) == [
        "Politisk møde slettes for altid.",
        "Det sletter også: 2 programpunkter, 1 tema, 1 spørgsmål og 2 mødegange.",
    ]
    assertContains(response, BUTTON, html=True)
    assert Meeting.objects.exists()


def test_the_button_deletes_and_history_says_so(officer: Client) -> None:
    meeting = create_meeting(title="Politisk møde", published_at=None)
    create_theme(item=create_programme_item(meeting=meeting))

    response = officer.post(page(meeting), {"post": "yes"})

    assertRedirects(response, "/admin/invitations/meeting/")
    assert (Meeting.objects.count(), Theme.objects.count()) == (0, 0)
    assert LogEntry.objects.get(action_flag=DELETION).object_repr == "Politisk møde"


def test_pressed_twice_it_is_gone_and_nothing_else_is(officer: Client) -> None:
    meeting = create_meeting(published_at=None)
    create_meeting(published_at=None)
    officer.post(page(meeting), {"post": "yes"})

    response = officer.post(page(meeting), {"post": "yes"})

    assertRedirects(response, "/admin/")
    assert Meeting.objects.count() == 1


def test_a_draft_that_others_were_copied_from_says_that_they_stay(officer: Client) -> None:
    meeting = create_meeting(title="Politisk møde", published_at=None, session=False)
    create_meeting(copied_from=meeting)

    assert sentences(officer.get(page(meeting))) == [
        "Politisk møde slettes for altid.",
        "Intet andet slettes.",
        "Bliver stående, men henviser ikke længere hertil: 1 møde.",
    ]


def test_a_letter_says_how_many_parts_go_along_and_its_files_stay_out_of_it(officer: Client) -> None:
    letter = create_letter()
    create_enclosure(letter=letter)

    assert sentences(officer.get(page(letter)))[1] == (
        "Det sletter også: 1 afsnit, 1 underskriver og 1 bilag."
    )


def test_an_office_says_that_what_was_sent_to_it_stays(officer: Client) -> None:
    office = create_office(name="Børneudvalget")
    for _number in range(2):
        Dispatch.objects.filter(pk=create_dispatch().pk).update(office=office)

    response = officer.get(page(office))
    officer.post(page(office), {"post": "yes"})

    assert sentences(response) == [
        "Børneudvalget, Herning Kommune slettes for altid.",
        "Intet andet slettes.",
        "Bliver stående, men henviser ikke længere hertil: 2 udsendelser.",
    ]
    assert (Office.objects.count(), Dispatch.objects.filter(office=None).count()) == (0, 2)


def test_a_group_of_municipalities_says_how_many_leave_it(officer: Client) -> None:
    area = create_area(municipalities=[get_municipality("Aarhus"), get_municipality("Herning")])

    assert sentences(officer.get(page(area)))[1] == "Det sletter også: 2 medlemskaber."


def test_an_area_in_use_names_the_meetings_and_has_no_button(officer: Client) -> None:
    area = create_area()
    meetings = [create_meeting(areas=[area], title=f"Møde {number}") for number in range(2)]

    response = officer.post(page(area), {"post": "yes"})

    assert response.context["problems"] == ["Det er i brug: 2 møder."]
    for meeting in meetings:
        assertContains(response, reverse("admin:invitations_meeting_change", args=[meeting.pk]))
    assertContains(response, "Derfor kan det ikke slettes")
    assertNotContains(response, BUTTON, html=True)
    assert Area.objects.filter(pk=area.pk).exists()


def test_of_many_things_that_forbid_it_twenty_are_shown(officer: Client) -> None:
    policy_area = PolicyArea.objects.create(name="havneområdet")
    for number in range(23):
        create_office(policy_area=policy_area, name=f"Havneudvalg {number}")

    response = officer.get(page(policy_area))

    assert response.context["problems"] == ["Det er i brug: 23 modtagere."]
    assert len(response.context["forbidding"]) == 20
    assertContains(response, "og 3 mere")


def test_a_municipality_is_in_use_in_many_ways(officer: Client) -> None:
    herning = get_municipality()
    create_office(municipality=herning)
    create_meeting(hosts=[herning])

    response = officer.post(page(herning), {"post": "yes"})

    [problem] = response.context["problems"]
    assert {"1 møde", "1 modtager"} <= set(
        problem.removeprefix("Det er i brug: ").removesuffix(".").replace(" og ", ", ").split(", ")
    )
    assert Municipality.objects.count() == 98


def test_what_somebody_may_not_delete_along_is_named(client: Client) -> None:
    user = User.objects.create_user("editor", is_staff=True)
    names = ["view_meeting", "delete_meeting"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    meeting = create_meeting(published_at=None)

    with patch.object(DanishAdmin, "get_deleted_objects", return_value=([], {}, {"tema", "mødegang"}, [])):
        response = client.get(page(meeting))

    assert response.context["problems"] == [
        "Du har ikke lov til at slette det, der følger med: mødegang og tema."
    ]
    assertNotContains(response, BUTTON, html=True)


def test_who_may_not_delete_finds_no_page(client: Client) -> None:
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_letter", "change_letter"]))
    client.force_login(user)
    letter = create_letter()

    assert [client.get(page(letter)).status_code, client.post(page(letter)).status_code] == [403, 403]
    assert Letter.objects.exists()


def test_what_came_into_use_while_it_was_deleted_stays_and_is_named(officer: Client) -> None:
    area = create_area()
    create_meeting(areas=[area])
    before: tuple[Any, ...] = ([], {}, set(), [])
    request = officer.get("/").wsgi_request
    after = site.get_model_admin(Area).get_deleted_objects([area], request)

    with patch.object(DanishAdmin, "get_deleted_objects", autospec=True) as checked:
        checked.side_effect = [before, after]
        response = officer.post(page(area), {"post": "yes"})

    assert response.context["problems"] == ["Det er i brug: 1 møde."]
    assert Area.objects.filter(pk=area.pk).exists()
    assert not LogEntry.objects.exists()


def test_a_region_that_municipalities_belong_to_can_be_looked_at_before(officer: Client) -> None:
    response = officer.get(page(get_area("Region Sjælland")))

    assert sentences(response)[1].startswith("Det sletter også: 17 medlemskaber")
