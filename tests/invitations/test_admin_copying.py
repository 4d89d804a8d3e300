"""The page that copies a meeting: suggestions, what is wrong said at its field, and a draft."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invitations.models import Meeting
from tests.admin_pages import count_queries, fields_of, send
from tests.factories import (
    create_letter,
    create_meeting,
    create_programme_item,
    create_session,
    create_staff,
    create_theme,
    get_area,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LIST = "/admin/invitations/meeting/"


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(meeting: Meeting, name: str = "copy") -> str:
    return reverse(f"admin:invitations_meeting_{name}", args=[meeting.pk])


def errors(response: Any) -> dict[str, list[str]]:
    return {name: list(sentences) for name, sentences in response.context["form"].errors.items()}


def copy_of(meeting: Meeting) -> Meeting:
    return Meeting.objects.get(copied_from=meeting)


def test_the_suggestions_make_a_copy_with_one_button(officer: Client) -> None:
    meeting = create_meeting(slug="Herning2027", title="Politisk møde 2027")
    create_theme(item=create_programme_item(meeting=meeting))
    letter = create_letter(meeting=meeting)

    response = send(officer, page(meeting), button="copy")

    copy = copy_of(meeting)
    assertRedirects(response, page(copy, "change"), fetch_redirect_response=False)
    assertContains(
        officer.get(page(copy, "change")),
        "Her er kopien: en kladde med 1 brev, som også er en kladde. Intet er sendt.",
    )
    assert (copy.title, copy.slug, copy.is_published) == ("Politisk møde 2028", "Herning2028", False)
    assert (copy.sessions.get().starts_date, copy.registration_deadline_date) == (
        date(2028, 4, 20),
        date(2028, 3, 24),
    )
    assert (copy.letters.get().kind, copy.letters.get().date) == (letter.kind, date(2027, 2, 1))


def test_what_is_typed_goes_before_what_is_suggested(officer: Client) -> None:
    meeting = create_meeting(registration_opens_date=date(2027, 1, 11), registration_deadline_time=time(12))
    session = create_session(meeting=meeting, label="Øst", registration_deadline_date=date(2027, 4, 1))
    typed = {
        "title": "Et andet",
        "slug": "et-andet",
        f"session-{session.pk}": "21.4.2028",
        f"session-{session.pk}-deadline": "7.4.2028",
        "registration_opens_date": "",
        "registration_deadline_date": "3.4.2028",
    }

    send(officer, page(meeting), button="copy", **typed)

    copy = copy_of(meeting)
    session = copy.sessions.get(label="Øst")
    assert (copy.title, copy.slug, copy.registration_opens_date) == ("Et andet", "et-andet", None)
    assert (copy.registration_deadline_date, copy.registration_deadline_time) == (date(2028, 4, 3), time(12))
    assert (session.starts_date, session.registration_deadline_date) == (date(2028, 4, 21), date(2028, 4, 7))


def test_the_latest_letter_of_each_likely_kind_is_chosen(officer: Client) -> None:
    meeting = create_meeting()
    kinds = ["save_the_date", "invitation", "invitation", "change", "follow_up", "cancellation"]
    for day, kind in enumerate(kinds, start=1):
        create_letter(meeting=meeting, kind=kind, letter_date=date(2027, 1, day))

    form = officer.get(page(meeting)).context["form"]

    assert [tick.label for tick, _dates in form.letter_fields() if tick.value()] == [
        "Reservér datoen 1.1.2027",
        "Invitation 3.1.2027",
    ]
    assert len(form.letter_fields()) == 6


def test_a_letter_whose_tick_is_taken_away_is_not_copied(officer: Client) -> None:
    meeting = create_meeting()
    letter = create_letter(meeting=meeting)
    fields = fields_of(officer.get(page(meeting)))
    del fields[f"letter-{letter.pk}"]

    officer.post(page(meeting), fields)

    assert copy_of(meeting).letters.count() == 0


def test_a_deadline_for_input_is_asked_where_a_letter_has_one(officer: Client) -> None:
    meeting = create_meeting()
    letter = create_letter(meeting=meeting, input_deadline_date=date(2027, 3, 1))

    send(officer, page(meeting), button="copy", **{f"letter-{letter.pk}-input": "9.3.2028"})

    assert copy_of(meeting).letters.get().input_deadline_date == date(2028, 3, 9)


def wrong(meeting: Meeting, **typed: str) -> dict[str, str]:
    """What is typed, with the ids of the meeting's first session and letters in the names of the fields."""
    session = meeting.sessions.all()[0].pk
    first, second = meeting.letters.order_by("pk").values_list("pk", flat=True)
    return {name.format(session=session, first=first, second=second): text for name, text in typed.items()}


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        ({"slug": "TAKEN"}, {"slug": ["Et andet møde har denne adresse"]}),
        ({"slug": "admin"}, {"slug": ["Adressen bruges af systemet selv. Vælg en anden"]}),
        ({"slug": ""}, {"slug": ["Indtast adresse"]}),
        ({"title": ""}, {"title": ["Indtast titel"]}),
        ({"session-{session}": ""}, {"session-{session}": ["Indtast dato"]}),
        ({"session-{session}": "20. april"}, {"session-{session}": ["Skriv datoen som 28.3.2027"]}),
        (
            {"session-{session}": "20.4.0208"},
            {"session-{session}": ["Skriv året med fire cifre, fra 2000 til 2099"]},
        ),
        (
            {"session-{session}-deadline": "21.4.2028"},
            {"session-{session}-deadline": ["Tilmeldingsfristen skal ligge før mødet"]},
        ),
        (
            {"registration_deadline_date": "21.4.2028"},
            {"registration_deadline_date": ["Tilmeldingsfristen skal ligge før mødet"]},
        ),
        (
            {"registration_opens_date": "24.3.2028", "registration_deadline_date": "24.3.2028"},
            {"registration_opens_date": ["Tilmeldingen skal åbne før fristen"]},
        ),
        ({"letter-{second}-date": ""}, {"letter-{second}-date": ["Indtast det kopierede brevs dato"]}),
        (
            {"letter-{first}": "on"},
            {"letter-{second}-date": ["Mødet har allerede et brev af denne slags og dato"]},
        ),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_copied(
    officer: Client, typed: dict[str, str], sentences: dict[str, list[str]]
) -> None:
    create_meeting(slug="taken")
    meeting = create_meeting(
        session=False,
        registration_opens_date=date(2027, 1, 11),
        registration_opens_time=time(12),
        registration_deadline_time=time(12),
    )
    create_session(meeting=meeting, registration_deadline_date=date(2027, 4, 1))
    create_letter(meeting=meeting)
    create_letter(meeting=meeting, letter_date=date(2027, 1, 26))

    response = send(officer, page(meeting), button="copy", **wrong(meeting, **typed))

    expected = {wrong(meeting, **{name: ""}).popitem()[0]: texts for name, texts in sentences.items()}
    assert errors(response) == expected
    assert not Meeting.objects.filter(copied_from=meeting).exists()


def test_a_time_that_the_new_day_skips_is_said_at_the_day(officer: Client) -> None:
    meeting = create_meeting(session=False)
    session = create_session(meeting=meeting, starts_time=time(2, 30), ends_time=None)

    response = send(officer, page(meeting), button="copy", **{f"session-{session.pk}": "26.3.2028"})

    assert errors(response)[f"session-{session.pk}"] == [
        "Klokkeslættet findes ikke: Uret stilles frem den nat"
    ]


def test_pressed_twice_it_is_one_copy(officer: Client) -> None:
    meeting = create_meeting()
    fields = fields_of(officer.get(page(meeting)))
    officer.post(page(meeting), fields)

    response = officer.post(page(meeting), fields)

    assert errors(response) == {"slug": ["Et andet møde har denne adresse"]}
    assert Meeting.objects.filter(copied_from=meeting).count() == 1


def test_an_address_that_somebody_took_meanwhile_is_said(officer: Client) -> None:
    meeting = create_meeting()

    def somebody_is_faster(*args: Any, slug: str, **kwargs: Any) -> None:
        create_meeting(slug=slug)
        raise IntegrityError

    with patch("invitations.admin.meeting_copying.copy_meeting", somebody_is_faster):
        response = send(officer, page(meeting), button="copy")

    assert errors(response) == {"slug": ["Et andet møde har denne adresse"]}


def test_looking_at_the_page_copies_nothing(officer: Client) -> None:
    meeting = create_meeting()

    officer.get(page(meeting))

    assert Meeting.objects.count() == 1


def test_a_suggested_address_is_free(officer: Client) -> None:
    meeting = create_meeting(slug="herning2027")
    create_meeting(slug="Herning2028")

    assert fields_of(officer.get(page(meeting)))["slug"] == ["herning2028-2"]


def test_a_suggested_address_says_the_year_where_the_old_one_does_not(officer: Client) -> None:
    meeting = create_meeting(slug="x" * 80)

    assert fields_of(officer.get(page(meeting)))["slug"] == ["x" * 70 + "-2028"]


def test_deadlines_are_suggested_for_other_days_without_javascript(officer: Client) -> None:
    meeting = create_meeting()
    session = meeting.sessions.get()
    typed = {f"session-{session.pk}": "19.4.2029", "title": "Mit møde"}

    response = send(officer, page(meeting), button="_suggest", **typed)

    shown = fields_of(response)
    assert shown["registration_deadline_date"] == ["23.03.2029"]
    assert (shown["title"], shown[f"session-{session.pk}"]) == (["Mit møde"], ["19.4.2029"])
    assert Meeting.objects.count() == 1


def test_suggestions_for_other_days_are_asked_while_one_types(officer: Client) -> None:
    meeting = create_meeting(slug="herning2027", title="Møde 2027")
    session = meeting.sessions.get()
    letter = create_letter(meeting=meeting, input_deadline_date=date(2027, 3, 1))

    answer = officer.get(page(meeting, "copy_suggestions"), {f"session-{session.pk}": "1.4.2029"}).json()

    assert answer == {
        "fields": {
            "title": "Møde 2029",
            "slug": "herning2029",
            "registration_opens_date": "",
            "registration_deadline_date": "05.03.2029",
            f"letter-{letter.pk}-date": "01.02.2027",
            f"letter-{letter.pk}-input": "15.02.2029",
        },
        "remarks": ["Søndag den 1. april 2029 er ikke en arbejdsdag."],
    }


def test_suggestions_for_what_is_no_day_are_the_first_ones(officer: Client) -> None:
    meeting = create_meeting()
    session = meeting.sessions.get()

    answer = officer.get(page(meeting, "copy_suggestions"), {f"session-{session.pk}": "snart"}).json()

    assert answer["fields"]["registration_deadline_date"] == "24.03.2028"


def test_a_region_that_is_no_more_is_said_on_the_page(officer: Client) -> None:
    meeting = create_meeting(areas=[get_area("Region Sjælland")], session=False)
    create_session(meeting=meeting, starts_date=date(2026, 4, 16))

    response = officer.get(page(meeting))

    assertContains(response, "Region Sjælland har ingen kommuner den 15. april 2027")


def test_the_page_of_a_copy_lists_the_dates_that_stand_in_words_until_they_are_put_right(
    officer: Client,
) -> None:
    meeting = create_meeting(practical_information="Som i 2026.")
    letter = create_letter(meeting=meeting)
    letter.sections.create(text="Senest den 3. marts 2027.", position=1)
    send(officer, page(meeting), button="copy")
    copy = copy_of(meeting)
    drafted = copy.letters.get()

    first = officer.get(page(copy, "change"))
    send(officer, page(copy, "change"), practical_information="Som sidst.")
    drafted.sections.filter(position=1).update(text="Senest den {registration_deadline}.")
    then = officer.get(page(copy, "change"))

    assertContains(first, "Praktisk information: 2026")
    assertContains(first, "Brev: Invitation 1.2.2027, afsnit 2</a>: 3. marts 2027")
    assertContains(then, "Kopieret fra")
    assertNotContains(then, "Her står datoer")


def test_the_list_and_the_page_lead_to_copying(officer: Client) -> None:
    meeting = create_meeting(title="Politisk møde")

    assertContains(officer.get(page(meeting, "change")), f'href="{page(meeting)}"')
    assertContains(officer.get(LIST), f'href="{page(meeting)}" aria-label="Kopiér mødet: Politisk møde"')


def test_who_may_not_add_meetings_finds_no_link_and_cannot_copy(client: Client) -> None:
    user = User.objects.create_user("editor", is_staff=True)
    names = ["view_meeting", "change_meeting"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    meeting = create_meeting()

    pages = [client.get(page(meeting, "change")), client.get(LIST)]

    for shown in pages:
        assertNotContains(shown, page(meeting))
    assert client.post(page(meeting), {}).status_code == 403


def test_who_may_not_write_letters_copies_none(client: Client) -> None:
    user = User.objects.create_user("editor", is_staff=True)
    names = ["view_meeting", "change_meeting", "add_meeting"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    meeting = create_meeting()
    letter = create_letter(meeting=meeting)

    send(client, page(meeting), button="copy", **{f"letter-{letter.pk}": "on"})

    assert copy_of(meeting).letters.count() == 0


def test_a_stranger_is_asked_to_log_in(client: Client) -> None:
    meeting = create_meeting()

    answers = [client.post(page(meeting)), client.get(page(meeting, "copy_suggestions"))]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Meeting.objects.count() == 1


def test_three_of_everything_ask_the_database_as_often_as_one(officer: Client) -> None:
    meeting = create_meeting()
    counts = []
    for number in range(1, 4):
        create_session(meeting=meeting, registration_deadline_date=date(2027, 4, 1))
        create_letter(
            meeting=meeting, letter_date=date(2027, 1, number), input_deadline_date=date(2027, 3, 1)
        )
        create_theme(item=create_programme_item(meeting=meeting, title="Som i 2026"))
        counts.append(count_queries(officer, page(meeting)))

    assert counts == [counts[0]] * 3
