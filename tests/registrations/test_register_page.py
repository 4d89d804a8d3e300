from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from invitations.models import Meeting
from registrations.models import Registration
from tests.factories import (
    create_meeting,
    create_programme_item,
    create_theme,
)
from tests.pages import inputs, page_text, summary, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def address(meeting: Meeting) -> str:
    return f"/{meeting.slug}/tilmeld"


def test_the_form_is_empty_and_has_one_participant(client: Client) -> None:
    response = client.get(address(create_meeting()))

    assert response.status_code == 200
    fields = inputs(response)
    assert {name: fields[name] for name in ("row", "contact_name", "participant-0-name")} == {
        "row": ["0"],
        "contact_name": [""],
        "participant-0-name": [""],
    }
    assert "Trin 1 af 3" in page_text(response)


def test_each_form_has_a_key_of_its_own(client: Client) -> None:
    meeting = create_meeting()

    keys = [inputs(client.get(address(meeting)))["submission_key"] for _ in range(2)]

    assert keys[0] != keys[1]


def test_invited_municipalities_stand_first_and_all_in_danish_order(client: Client) -> None:
    page = client.get(address(create_meeting())).content.decode()

    groups = re.findall(r'(?s)<optgroup label="(.*?)">(.*?)</optgroup>', page)
    names = {label: re.findall(r"<option[^>]*>\s*(.*?)\s*</option>", options) for label, options in groups}
    assert list(names) == ["Inviterede kommuner", "Øvrige kommuner"]
    assert (names["Inviterede kommuner"][0], names["Inviterede kommuner"][-1]) == ("Favrskov", "Aarhus")
    assert (names["Øvrige kommuner"][0], names["Øvrige kommuner"][-1]) == ("Albertslund", "Aalborg")
    assert sum(map(len, names.values())) == 98


def test_adding_a_participant_keeps_what_was_typed_and_finds_no_fault(client: Client) -> None:
    meeting = create_meeting()
    data = typed(do="add", contact_email="ikke en adresse", municipality="0791", topics="Et\nto")

    response = client.post(address(meeting), data)

    fields = inputs(response)
    assert fields["row"] == ["0", "1"]
    assert fields["submission_key"] == [data["submission_key"]]
    assert (fields["contact_email"], fields["municipality"]) == (["ikke en adresse"], ["0791"])
    assert (fields["topics"], fields["participant-0-name"]) == (["Et\nto"], ["Person 1"])
    assert fields["participant-1-name"] == [""]
    assert summary(response) == []
    assert Registration.objects.count() == 0


def test_removing_a_participant_keeps_the_others(client: Client) -> None:
    response = client.post(address(create_meeting()), typed(people=3, do="remove:1"))

    fields = inputs(response)
    assert fields["row"] == ["0", "2"]
    assert [fields["participant-0-name"], fields["participant-2-name"]] == [["Person 1"], ["Person 3"]]
    assert "participant-1-name" not in fields
    assert summary(response) == []


def test_a_row_added_after_one_was_removed_is_a_new_one(client: Client) -> None:
    response = client.post(address(create_meeting()), typed(do="add", row=["0", "7"]))

    assert inputs(response)["row"] == ["0", "7", "8"]


def test_removing_the_only_participant_leaves_an_empty_one(client: Client) -> None:
    response = client.post(address(create_meeting()), typed(do="remove:0"))

    assert inputs(response)["participant-1-name"] == [""]


def test_a_fifty_first_participant_is_refused_and_nothing_lost(client: Client) -> None:
    response = client.post(address(create_meeting()), typed(people=50, do="add"))

    assert summary(response) == [
        ("I kan højst tilmelde 50 deltagere ad gangen. Fjern 1 deltager", "participants")
    ]
    assert len(inputs(response)["row"]) == 50
    assert inputs(response)["participant-49-name"] == ["Person 50"]


def test_going_back_to_edit_keeps_everything(client: Client) -> None:
    meeting = create_meeting()

    response = client.post(address(meeting), typed(people=2, topics="Et\nto", do="edit"))

    fields = inputs(response)
    assert (fields["row"], fields["topics"], fields["participant-1-name"]) == (
        ["0", "1"],
        ["Et\nto"],
        ["Person 2"],
    )
    assert "Trin 1 af 3" in page_text(response)


def test_a_wrong_personal_link_is_not_found(client: Client) -> None:
    assert client.get("/svar/findes-ikke/tilmeld").status_code == 404


def test_a_draft_has_no_form(client: Client) -> None:
    assert client.get(address(create_meeting(published_at=None))).status_code == 404


def test_other_methods_are_refused(client: Client) -> None:
    assert client.put(address(create_meeting())).status_code == 405


def test_nobody_keeps_a_copy_but_the_browser_whose_back_button_finds_it(client: Client) -> None:
    meeting = create_meeting()

    for response in (client.get(address(meeting)), client.post(address(meeting), typed())):
        assert response["Cache-Control"] == "no-cache, private"
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Referrer-Policy"] == "same-origin"


def test_the_english_form_speaks_english(client: Client) -> None:
    response = client.post(f"/en{address(create_meeting())}", typed(contact_name=""))

    assert summary(response) == [("Enter your name", "contact_name")]


@pytest.mark.parametrize("people", [1, 3])
def test_the_form_asks_the_database_the_same_whatever_is_typed(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, people: int
) -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting)
    theme = create_theme(item=item, capacity=10)
    data = typed(
        {f"participant-{row}-theme-{item.pk}": str(theme.pk) for row in range(people)}, people=people
    )

    with django_assert_num_queries(11):
        response = client.post(address(meeting), data)

    assert "Tjek jeres svar" in page_text(response)
