from __future__ import annotations

from typing import Any

import pytest

from registrations.differences import Difference, Kind
from registrations.programme_differences import differences_of_programme


def item(number: int, title: str, *, time: str = "", until: str = "", themes: Any = ()) -> dict[str, Any]:
    return {
        "item": number,
        "title": title,
        "time": time,
        "until": until,
        "speakers": "",
        "room": "",
        "themes": list(themes),
    }


def theme(number: int, title: str, **fields: str) -> dict[str, Any]:
    return {"theme": number, "title": title, "speakers": "", "room": "", **fields}


def said(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    return [str(difference) for difference in differences_of_programme(before, now)]


ABC = [item(1, "A", time="17:00"), item(2, "B", time="17:30"), item(3, "C", time="18:00")]
NUMBERED = [item(1, "A"), item(2, "B"), item(3, "C"), item(4, "D")]


def test_the_same_programme_has_no_differences() -> None:
    assert said(ABC, ABC) == []


def test_an_item_typed_in_the_middle_of_a_meeting_file_is_added_though_all_below_have_other_ids() -> None:
    now = [
        item(1, "A", time="17:00"),
        item(2, "Kaffe", time="17:20"),
        item(3, "B", time="17:30"),
        item(4, "C", time="18:00"),
    ]

    assert said(ABC, now) == ["Programpunkt tilføjet: kl. 17.20 Kaffe"]


def test_an_item_of_another_name_is_changed() -> None:
    now = [*ABC[:2], item(3, "Tak for i dag", time="18:00")]

    assert said(ABC, now) == ["Programpunkt ændret: kl. 18.00 C er nu kl. 18.00 Tak for i dag"]


def test_an_item_that_ends_later_is_moved() -> None:
    assert said([item(1, "A", time="17:00", until="17:10")], [item(1, "A", time="17:00", until="17:20")]) == [
        "Programpunkt flyttet: kl. 17.00-17.10 A er nu kl. 17.00-17.20"
    ]


def test_items_that_move_apart_are_told_one_by_one() -> None:
    now = [item(1, "A", time="17:00"), item(2, "B", time="17:45"), item(3, "C", time="18:30")]

    assert said(ABC, now) == [
        "Programpunkt flyttet: kl. 17.30 B er nu kl. 17.45",
        "Programpunkt flyttet: kl. 18.00 C er nu kl. 18.30",
    ]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("ABCD", []),
        ("DABC", ["Programpunkt flyttet: D som nr. 4 er nu nr. 1"]),
        ("BCDA", ["Programpunkt flyttet: A som nr. 1 er nu nr. 4"]),
        ("ABD", ["Programpunkt fjernet: C"]),
    ],
)
def test_of_a_numbered_programme_only_what_has_moved_is_told(order: str, expected: list[str]) -> None:
    by_title = {row["title"]: row for row in NUMBERED}

    assert said(NUMBERED, [by_title[title] for title in order]) == expected


def test_a_programme_that_gets_times_has_its_items_changed() -> None:
    assert said([item(1, "A")], [item(1, "A", time="17:00")]) == ["Programpunkt ændret: A er nu kl. 17.00 A"]


def test_a_renamed_theme_is_told_from_one_that_is_removed_and_one_that_is_added() -> None:
    before = [item(1, "A", themes=[theme(1, "Skole"), theme(2, "Unge")])]
    renamed = [item(1, "A", themes=[theme(1, "Skole og SFO"), theme(2, "Unge")])]
    replaced = [item(1, "A", themes=[theme(2, "Unge"), theme(3, "Dagtilbud")])]

    assert said(before, renamed) == ["Tema omdøbt: Skole er nu Skole og SFO"]
    assert said(before, replaced) == ["Tema tilføjet: Dagtilbud", "Tema fjernet: Skole"]


def test_a_theme_under_another_item_is_moved() -> None:
    before = [item(1, "A", themes=[theme(1, "Skole")]), item(2, "B", themes=[theme(2, "Unge")])]
    now = [item(1, "A"), item(2, "B", themes=[theme(2, "Unge"), theme(1, "Skole")])]

    assert said(before, now) == ["Tema flyttet: Skole under “A” er nu under “B”"]


def test_themes_come_and_go_with_their_item() -> None:
    before = [item(1, "A"), item(2, "B", themes=[theme(1, "Skole")])]
    now = [item(1, "A"), item(3, "D", themes=[theme(3, "Unge")])]

    assert said(before, now) == ["Programpunkt tilføjet: D", "Programpunkt fjernet: B"]


def test_the_same_theme_in_two_rounds_is_no_difference() -> None:
    both = [item(1, "A", themes=[theme(1, "Skole")]), item(2, "B", themes=[theme(2, "Skole")])]

    assert said(both, both) == []


def test_a_letter_that_said_less_of_its_programme_is_not_compared() -> None:
    assert said([{"title": "A", "time": "17:00:00", "themes": ["Skole"]}], ABC) == []


def test_a_difference_survives_being_stored() -> None:
    difference = Difference(kind=Kind.TIME, old="kl. 17-19", new="kl. 18-20", about="20. april 2027")

    assert Difference.parse(difference.as_json()) == difference


@pytest.mark.parametrize(
    ("kind", "old", "new", "expected"),
    [
        (Kind.TIME, "kl. 17-19", "kl. 18-20", "Nyt tidspunkt: kl. 18-20 (før: kl. 17-19)"),
        (Kind.TIME, "", "kl. 18-20", "Nyt tidspunkt: kl. 18-20"),
        (Kind.PLACE, "Rådhuset", "", "Sted: udgår (før: Rådhuset)"),
        (Kind.ITEM_REMOVED, "Kaffe", "", "Programpunkt fjernet: Kaffe"),
        (
            Kind.ITEM_MOVED,
            "kl. 17.00 Kaffe",
            "kl. 18.00",
            "Programpunkt flyttet: kl. 17.00 Kaffe er nu kl. 18.00",
        ),
    ],
)
def test_recipients_read_the_new_first(kind: Kind, old: str, new: str, expected: str) -> None:
    difference = Difference(kind=kind, old=old, new=new)

    assert f"{difference.new_label}: {difference.is_and_was}" == expected
