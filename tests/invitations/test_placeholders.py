from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from django.utils import translation
from pytest_django import Settings

from invitations.markdown import escape_markdown
from invitations.models import Letter, Meeting
from invitations.placeholders import PlaceholderError, Placeholders
from tests.factories import create_meeting, create_session, get_area, get_municipality

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def filled(text: str, meeting: Meeting | None = None, **letter: Any) -> str:
    return Placeholders(Letter(meeting=meeting or create_meeting(), **letter)).fill(text)


def refusal(text: str, meeting: Meeting) -> str:
    """Why the text cannot be filled, without what could be used instead."""
    with pytest.raises(PlaceholderError) as refused:
        filled(text, meeting)
    return str(refused.value).partition(". You can use")[0].partition(". Did you mean")[0]


def meeting_of(*sessions: dict[str, Any]) -> Meeting:
    meeting = create_meeting(session=False)
    for session in sessions:
        create_session(meeting=meeting, **session)
    return meeting


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("title", "Politisk møde i Region Midtjylland"),
        ("date", "15. april 2027"),
        ("date_with_weekday", "torsdag den 15. april 2027"),
        ("dates", "15. april 2027"),
        ("time", "kl. 17-19"),
        ("city", "Herning"),
        ("venue", "Rådhuset i Herning, Torvet 5, 7400 Herning"),
        ("area", "Region Midtjylland"),
        ("registration_deadline", "19. marts 2027"),
        ("registration_deadline_with_weekday", "fredag den 19. marts 2027"),
        ("contact_email", "moeder@kl.example"),
        ("contact_phone", "3370 1234"),
        ("input_deadline", "4. maj 2027 kl. 12.00"),
        ("input_deadline_with_weekday", "tirsdag den 4. maj 2027 kl. 12.00"),
        ("input_email", "input@kl.example"),
    ],
)
def test_each_placeholder_prints_the_fact_of_its_name(name: str, printed: str) -> None:
    facts = filled(
        f"{{{name}}}",
        contact_email="moeder@kl.example",
        contact_phone="3370 1234",
        input_deadline_date=date(2027, 5, 4),
        input_deadline_time=time(12, 0),
        input_email="input@kl.example",
    )

    assert facts == printed


def test_the_registration_url_is_the_address_of_the_meeting(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.kl.dk"

    assert filled("{registration_url}", create_meeting(slug="Moede27")) == "https://tilmeld.kl.dk/Moede27"


def test_the_registration_url_is_danish_for_a_reader_of_english(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.kl.dk"

    with translation.override("en"):
        assert filled("{registration_url}", create_meeting(slug="m")) == "https://tilmeld.kl.dk/m"


@pytest.mark.parametrize(
    ("days", "printed"),
    [
        ([(4, 20), (4, 21)], "20. og 21. april 2027"),
        ([(4, 30), (5, 2)], "30. april og 2. maj 2027"),
        ([(4, 22), (4, 20), (4, 21)], "20., 21. og 22. april 2027"),
        ([(4, 20), (4, 20)], "20. april 2027"),
    ],
)
def test_dates_are_joined_each_once_in_order(days: list[tuple[int, int]], printed: str) -> None:
    meeting = meeting_of(*({"starts_date": date(2027, *day)} for day in days))

    assert filled("{dates}", meeting) == printed


@pytest.mark.parametrize(
    ("start", "end", "printed"),
    [
        (time(17), time(19), "kl. 17-19"),
        (time(17), time(18, 45), "kl. 17.00-18.45"),
        (time(9, 30), time(12), "kl. 9.30-12.00"),
        (time(17), None, "kl. 17.00"),
    ],
)
def test_the_time_is_short_where_both_ends_are_whole_hours(
    start: time, end: time | None, printed: str
) -> None:
    assert filled("{time}", meeting_of({"starts_time": start, "ends_time": end})) == printed


def test_the_city_is_the_place_where_that_differs_from_the_postal_town() -> None:
    meeting = meeting_of({"venue_city": "Aarhus C", "venue_postcode": "8000", "venue_place": "Aarhus"})

    assert filled("{city}: {venue}", meeting) == "Aarhus: Rådhuset i Herning, Torvet 5, 8000 Aarhus C"


def test_the_venue_names_the_room() -> None:
    assert (
        filled("{venue}", meeting_of({"venue_room": "Byrådssalen"}))
        == "Rådhuset i Herning, Byrådssalen, Torvet 5, 7400 Herning"
    )


def test_an_online_meeting_is_virtual_and_has_a_join_link() -> None:
    meeting = meeting_of({"online": True, "join_url": "https://video.example/1"})

    assert filled("{venue}: {join_url}", meeting) == "Virtuelt: https://video.example/1"


def test_two_areas_are_joined_in_the_order_of_the_meeting() -> None:
    meeting = create_meeting(areas=[get_area("Region Sjælland"), get_area("Region Midtjylland")])

    assert filled("{area}", meeting) == "Region Sjælland og Region Midtjylland"


def test_the_whole_country_is_written_small() -> None:
    assert filled("i {area}", create_meeting(areas=[get_area("Hele landet")])) == "i hele landet"


def test_hosts_come_before_the_bodies_that_organise_with_them() -> None:
    meeting = create_meeting(
        hosts=[get_municipality("København"), get_municipality("Herning")],
        co_organisers="Danske Regioner\nBørne- og Kulturchefforeningen",
    )

    assert filled("{hosts}", meeting) == (
        "Københavns Kommune, Herning Kommune, Danske Regioner og Børne- og Kulturchefforeningen"
    )


def test_a_session_of_two_days_has_two_dates_and_no_single_time() -> None:
    meeting = meeting_of(
        {"starts_date": date(2027, 4, 30), "ends_date": date(2027, 5, 1), "ends_time": time(12)}
    )

    assert filled("{dates}", meeting) == "30. april og 1. maj 2027"
    assert refusal("{date}", meeting) == (
        "{date} cannot be printed: the meeting has several dates; use {dates}"
    )
    assert refusal("{time}", meeting) == ("{time} cannot be printed: the meeting lasts several days")


def test_the_sessions_own_deadline_goes_before_that_of_the_meeting() -> None:
    meeting = meeting_of({"registration_deadline_date": date(2027, 4, 1)})

    assert filled("{registration_deadline}", meeting) == "1. april 2027"


def test_double_braces_print_a_brace() -> None:
    assert filled("{{title}} og {{{date}}}") == "{title} og {15. april 2027}"


def test_spaces_inside_the_braces_do_not_count() -> None:
    assert filled("{ date }") == "15. april 2027"


def test_values_are_escaped_and_the_text_around_them_is_not() -> None:
    letter = Letter(meeting=create_meeting(title="5 * 3 [*]"))

    assert Placeholders(letter).fill("**{title}**", escape=escape_markdown) == r"**5 \* 3 \[\*\]**"


def test_a_value_that_looks_like_a_placeholder_is_printed_as_it_is() -> None:
    assert filled("{title}", create_meeting(title="{date}")) == "{date}"


TWO_DAYS = ({"starts_date": date(2027, 4, 20)}, {"starts_date": date(2027, 4, 21)})


@pytest.mark.parametrize(
    ("text", "sessions", "reason"),
    [
        ("{date}", TWO_DAYS, "the meeting has several dates; use {dates}"),
        ("{date_with_weekday}", TWO_DAYS, "the meeting has several dates; use {dates}"),
        ("{date}", (), "the meeting has no date"),
        ("{dates}", (), "the meeting has no date"),
        ("{time}", (), "the meeting has no date"),
        ("{time}", ({"starts_time": None, "ends_time": None},), "the meeting has no clock time"),
        ("{time}", ({}, {"ends_time": time(20)}), "the meeting's sessions are at different times"),
        ("{city}", ({"online": True},), "the meeting has no town"),
        ("{city}", ({}, {"venue_city": "Kolding"}), "the meeting's sessions are in different towns"),
        ("{city}", ({}, {"online": True}), "the meeting's sessions are in different towns"),
        ("{venue}", ({}, {"online": True}), "the meeting's sessions are at different places"),
        (
            "{venue}",
            ({"venue_name": "", "venue_street": "", "venue_postcode": "", "venue_city": ""},),
            "the meeting has no place",
        ),
        ("{hosts}", ({},), "the meeting has no host"),
        ("{join_url}", ({"online": True},), "the meeting has no join link"),
        (
            "{join_url}",
            ({"online": True, "join_url": "https://video.example/1"}, {"online": True}),
            "the meeting's sessions have different join links",
        ),
        (
            "{registration_deadline}",
            ({}, {"registration_deadline_date": date(2027, 4, 1)}),
            "the meeting's sessions have different registration deadlines",
        ),
        ("{input_deadline}", ({},), "the letter has no deadline for input"),
        ("{input_email}", ({},), "the letter has no address for input"),
        ("{contact_email}", ({},), "the letter has no contact e-mail"),
        ("{contact_phone}", ({},), "the letter has no contact phone"),
        ("{sted}", ({},), "there is no such placeholder"),
        ("{}", ({},), "there is no such placeholder"),
        ("{Date}", ({},), "there is no such placeholder"),
    ],
)
def test_a_placeholder_without_a_single_value_says_why(
    text: str, sessions: tuple[dict[str, Any], ...], reason: str
) -> None:
    assert refusal(text, meeting_of(*sessions)) == f"{text} cannot be printed: {reason}"


def test_without_a_deadline_there_is_none_to_print() -> None:
    assert refusal("{registration_deadline}", create_meeting(registration_deadline_date=None)) == (
        "{registration_deadline} cannot be printed: the meeting has no registration deadline"
    )


@pytest.mark.parametrize("name", ["registration_url", "registration_deadline"])
def test_without_registration_there_is_nothing_to_register_by(name: str) -> None:
    meeting = create_meeting(registration=Meeting.RegistrationMode.NONE)

    assert refusal(f"{{{name}}}", meeting) == f"{{{name}}} cannot be printed: the meeting has no registration"


def test_without_an_area_there_is_none_to_print() -> None:
    assert refusal("{area}", create_meeting(areas=[])) == (
        "{area} cannot be printed: the meeting has no area"
    )


@pytest.mark.parametrize("brace", ["{", "}"])
def test_a_single_brace_is_refused(brace: str) -> None:
    assert refusal(f"a {brace} b", create_meeting()) == f"A single {brace} must be written {brace}{brace}."


def test_a_refusal_lists_what_can_be_used() -> None:
    with pytest.raises(PlaceholderError) as refused:
        filled("{ukendt}", meeting_of({"online": True}))

    assert refused.value.sentences == [
        "{ukendt} cannot be printed: there is no such placeholder. You can use {title}, {date},"
        " {date_with_weekday}, {dates}, {time}, {venue}, {area}, {registration_url}, {registration_deadline},"
        " {registration_deadline_with_weekday}."
    ]


def test_every_placeholder_of_a_text_is_named_once() -> None:
    with pytest.raises(PlaceholderError) as refused:
        filled("{sted} {by} {sted} }")

    assert [sentence.partition(" ")[0] for sentence in refused.value.sentences] == ["{sted}", "{by}", "A"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dat", "date"),
        ("Date", "date"),
        ("registration deadline", "registration_deadline"),
        ("registation_url", "registration_url"),
        ("dato", "date"),
        ("Sted", "venue"),
        ("tilmeldingsfristen", "registration_deadline"),
        ("frokost", ""),
        ("", ""),
    ],
)
def test_what_was_probably_meant_is_asked(typed: str, meant: str) -> None:
    with pytest.raises(PlaceholderError) as refused:
        filled(f"{{{typed}}}")

    asked = re.search(r"Did you mean \{(\w+)\}\?", str(refused.value))
    assert (asked[1] if asked else "") == meant


def test_only_what_can_be_used_is_suggested() -> None:
    with pytest.raises(PlaceholderError) as refused:
        filled("{dato}", meeting_of(*TWO_DAYS))

    assert "Did you mean {dates}?" in str(refused.value)


def test_a_placeholder_that_exists_but_has_no_value_is_not_mistaken_for_another() -> None:
    with pytest.raises(PlaceholderError) as refused:
        filled("{date}", meeting_of(*TWO_DAYS))

    assert "Did you mean" not in str(refused.value)


def test_what_cannot_be_printed_is_left_as_it_was_typed_among_the_rest() -> None:
    with pytest.raises(PlaceholderError) as refused:
        filled("I {by}, { sted } den {date} } {{")

    assert refused.value.filled == "I {by}, { sted } den 15. april 2027 } {"
    assert refused.value.missing == ["{by}", "{ sted }"]
