from __future__ import annotations

from dataclasses import replace

import pytest

from invitations.models import Meeting, OutgoingEmail, Theme
from registrations import registering
from registrations.delegations import Attendee
from registrations.models import ThemeChoice, ThemeWish
from registrations.refusals import ThemeFull, ThemeMissing
from tests.delegations import make_attendee, make_delegation, problems_of
from tests.factories import NOW, create_meeting, create_programme_item, create_registration, create_theme
from tests.waiting import move_up, person, sign_up_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting() -> Meeting:
    """With a round of three themes, of which the first two take one participant each."""
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting)
    for title, capacity in (("Skole", 1), ("Dagtilbud", 1), ("Fritid", None)):
        create_theme(item=item, title=title, capacity=capacity)
    return meeting


def theme(title: str) -> Theme:
    return Theme.objects.select_related("item").get(title=title)


def who_wishes(meeting: Meeting, name: str, first: str = "", second: str = "") -> Attendee:
    themes = [theme(first)] if first else []
    attendee = make_attendee(
        session=meeting.sessions.get(), name=name, email=f"{name.lower()}@herning.example", themes=themes
    )
    return replace(attendee, second_wishes=(theme(second),) if second else ())


def sign_up(meeting: Meeting, *people: Attendee) -> None:
    sign_up_waiting(meeting, participants=people)


def got(name: str) -> list[str]:
    choices = ThemeChoice.objects.filter(participant__name=name)
    return list(choices.values_list("theme__title", flat=True))


def wishes(name: str) -> list[tuple[int, str]]:
    return list(ThemeWish.objects.filter(participant__name=name).values_list("rank", "theme__title"))


def test_the_first_wish_is_met_where_there_is_room(meeting: Meeting) -> None:
    sign_up(meeting, who_wishes(meeting, "Ane", "Skole", "Fritid"))

    assert (got("Ane"), wishes("Ane")) == (["Skole"], [(1, "Skole"), (2, "Fritid")])


def test_the_second_wish_is_met_where_the_first_has_no_room(meeting: Meeting) -> None:
    sign_up(meeting, who_wishes(meeting, "Ane", "Skole"))

    sign_up(meeting, who_wishes(meeting, "Bo", "Skole", "Dagtilbud"))

    assert (got("Bo"), wishes("Bo")) == (["Dagtilbud"], [(1, "Skole"), (2, "Dagtilbud")])


def test_within_a_delegation_those_first_on_the_list_get_their_first_wish(meeting: Meeting) -> None:
    sign_up(
        meeting,
        *(who_wishes(meeting, name, "Skole", "Dagtilbud") for name in ("Ane", "Bo")),
    )

    assert (got("Ane"), got("Bo")) == (["Skole"], ["Dagtilbud"])


def test_with_room_for_neither_wish_another_theme_has_to_be_chosen(meeting: Meeting) -> None:
    sign_up(meeting, who_wishes(meeting, "Ane", "Skole"), who_wishes(meeting, "Bo", "Dagtilbud"))
    delegation = make_delegation(meeting, participants=[who_wishes(meeting, "Cilla", "Dagtilbud", "Skole")])

    assert problems_of(meeting, delegation) == (
        ThemeFull(position=0, item=theme("Skole").item, name="Cilla", theme_number=2),
    )


def test_without_a_second_wish_nothing_but_the_choice_is_written_down(meeting: Meeting) -> None:
    sign_up(meeting, who_wishes(meeting, "Ane", "Skole"))

    assert (got("Ane"), wishes("Ane")) == (["Skole"], [])


def test_the_receipt_says_whose_second_wish_was_met(meeting: Meeting) -> None:
    sign_up(
        meeting,
        *(who_wishes(meeting, name, "Skole", "Dagtilbud") for name in ("Ane", "Bo")),
    )

    lines = OutgoingEmail.objects.get(kind="receipt").text.splitlines()

    assert [line for line in lines if line.startswith("Tema:")] == [
        "Tema: Skole",
        "Tema: Dagtilbud (andet ønske)",
    ]


def test_who_waits_has_wishes_and_takes_no_place_in_a_theme(meeting: Meeting) -> None:
    Meeting.objects.update(capacity=1)
    sign_up(meeting, who_wishes(meeting, "Ane", "Fritid"), who_wishes(meeting, "Bo", "Skole", "Dagtilbud"))

    assert (got("Bo"), wishes("Bo")) == ([], [(1, "Skole"), (2, "Dagtilbud")])


def test_who_waits_may_wish_for_a_theme_that_is_full(meeting: Meeting) -> None:
    Meeting.objects.update(capacity=1)
    sign_up(meeting, who_wishes(meeting, "Ane", "Skole"), who_wishes(meeting, "Bo", "Skole"))

    assert wishes("Bo") == [(1, "Skole")]


def test_who_waits_names_a_wish_as_long_as_a_theme_has_room(meeting: Meeting) -> None:
    Meeting.objects.update(capacity=1)
    people = [who_wishes(meeting, "Ane", "Skole"), who_wishes(meeting, "Bo")]
    delegation = make_delegation(meeting, participants=people, waits=True)

    assert problems_of(meeting, delegation) == (
        ThemeMissing(position=1, item=theme("Skole").item, name="Bo"),
    )


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], ["Skole"]),
        (["Skole"], ["Dagtilbud"]),
        (["Skole", "Dagtilbud"], []),
    ],
)
def test_who_gets_a_place_gets_the_first_wish_that_has_room(
    meeting: Meeting, taken: list[str], expected: list[str]
) -> None:
    Meeting.objects.update(capacity=1)
    sign_up(meeting, who_wishes(meeting, "Ane", "Fritid"), who_wishes(meeting, "Bo", "Skole", "Dagtilbud"))
    Meeting.objects.update(capacity=None)
    guests = create_registration(meeting=meeting, participants=len(taken))
    for participant, title in zip(guests.participants.all(), taken, strict=True):
        chosen = theme(title)
        ThemeChoice.objects.create(participant=participant, item=chosen.item, theme=chosen)

    assert move_up(meeting) == ["Bo"]
    assert got("Bo") == expected


def test_two_who_get_places_at_once_share_the_themes_in_order(meeting: Meeting) -> None:
    Meeting.objects.update(capacity=1)
    sign_up(
        meeting,
        who_wishes(meeting, "Ane", "Fritid"),
        *(who_wishes(meeting, name, "Skole", "Dagtilbud") for name in ("Bo", "Cilla", "Dan")),
    )
    Meeting.objects.update(capacity=None)

    move_up(meeting)

    assert [got(name) for name in ("Bo", "Cilla", "Dan")] == [["Skole"], ["Dagtilbud"], []]


def test_a_withdrawn_participants_theme_is_free_again(meeting: Meeting) -> None:
    sign_up(meeting, who_wishes(meeting, "Ane", "Skole"))
    registering.withdraw(person("Ane"), at=NOW)

    sign_up(meeting, who_wishes(meeting, "Bo", "Skole", "Dagtilbud"))

    assert got("Bo") == ["Skole"]


def test_the_same_form_is_recognised_whatever_themes_were_got(meeting: Meeting) -> None:
    Meeting.objects.update(capacity=2)
    people = [who_wishes(meeting, name, "Skole", "Dagtilbud") for name in ("Ane", "Bo", "Cilla")]
    delegation = make_delegation(meeting, participants=people, waits=True)
    first = registering.register(meeting, delegation, at=NOW)
    Meeting.objects.update(capacity=3)
    move_up(meeting)

    assert registering.register(meeting, delegation, at=NOW) == first
