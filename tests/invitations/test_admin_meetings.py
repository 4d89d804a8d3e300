from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invitations.models import Area, Meeting, Municipality
from tests.admin_pages import add_row, count_queries, errors_of, fields_of, send
from tests.factories import (
    NOW,
    create_letter,
    create_meeting,
    create_programme_item,
    create_question,
    create_session,
    create_staff,
    create_theme,
    get_area,
    get_municipality,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

ADD = "/admin/invitations/meeting/add/"
LIST = "/admin/invitations/meeting/"


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def page(meeting: Meeting, name: str = "change") -> str:
    return reverse(f"admin:invitations_meeting_{name}", args=[meeting.pk])


def new_meeting(officer: Client, **typed: Any) -> dict[str, Any]:
    """The form for a new meeting with what it needs at least."""
    fields: dict[str, Any] = fields_of(officer.get(ADD))
    fields |= {
        "title": "Politisk møde i Aarhus",
        "sessions-0-starts_date": "15.4.2027",
        "sessions-0-starts_time": "17.00",
        "sessions-0-ends_time": "19",
        "area_links-0-area": get_area().pk,
        **{name.replace("__", "-"): value for name, value in typed.items()},
    }
    return fields


def test_a_meeting_is_made_on_one_page(officer: Client) -> None:
    fields = new_meeting(
        officer,
        slug="Aarhus2027",
        roles=["mayor", "committee"],
        registration_deadline_date="19.3.2027",
        registration_deadline_time="12.00",
        reminder_days="21, 7",
        sessions__0__venue_name="Rådhuset",
        sessions__0__venue_city="Aarhus C",
        co_organisers="Skolelederforeningen\r\nBUPL",
    )
    add_row(fields, "host_links", municipality=get_municipality("Aarhus").pk)
    add_row(fields, "programme", time="17.00", title="Velkommen", speakers="borgmesteren")
    add_row(fields, "programme", time="kl. 17.10", until="18.55", title="Temadrøftelser")
    add_row(fields, "questions", text="Hvad lykkes I med?")

    officer.post(ADD, {**fields, "_save": "1"})

    meeting = Meeting.objects.get()
    session = meeting.sessions.get()
    assert (meeting.slug, meeting.roles, meeting.reminder_days) == (
        "Aarhus2027",
        ["mayor", "committee"],
        [21, 7],
    )
    assert meeting.policy_area.name == "børne- og undervisningsområdet"
    assert (meeting.registration_deadline_date, meeting.registration_deadline_time) == (
        date(2027, 3, 19),
        time(12),
    )
    assert meeting.co_organiser_names == ["Skolelederforeningen", "BUPL"]
    assert (session.starts_time, session.ends_time, session.where()) == (
        time(17),
        time(19),
        "Rådhuset, Aarhus C",
    )
    assert [area.name for area in meeting.ordered_areas()] == ["Region Midtjylland"]
    assert [host.name for host in meeting.ordered_hosts()] == ["Aarhus"]
    assert [(item.time, item.until, item.title) for item in meeting.programme.all()] == [
        (time(17), None, "Velkommen"),
        (time(17, 10), time(18, 55), "Temadrøftelser"),
    ]
    assert [question.text for question in meeting.questions.all()] == ["Hvad lykkes I med?"]
    assert not meeting.is_published


def test_food_and_special_needs_are_asked_about_only_where_somebody_ticks_that(officer: Client) -> None:
    fields = new_meeting(officer, slug="uden")
    officer.post(ADD, {**fields, "_save": "1"})
    officer.post(ADD, {**fields, "slug": "med", "asks_about_needs": "on", "_save": "1"})

    assert {meeting.slug: meeting.asks_about_needs for meeting in Meeting.objects.all()} == {
        "uden": False,
        "med": True,
    }


def test_a_new_meeting_invites_the_committee_and_reminds_14_and_3_days_before(officer: Client) -> None:
    fields = fields_of(officer.get(ADD))

    assert (fields["roles"], fields["reminder_days"]) == (["committee"], ["14, 3"])


def test_an_address_left_empty_is_made_from_the_title(officer: Client) -> None:
    officer.post(ADD, {**new_meeting(officer, title="Politisk møde på Ærø"), "_save": "1"})

    assert Meeting.objects.get().slug == "politisk-moede-paa-aeroe"


def test_an_address_made_from_a_title_is_numbered_where_it_is_taken(officer: Client) -> None:
    create_meeting(slug="Politisk-moede-i-aarhus")

    officer.post(ADD, {**new_meeting(officer), "_save": "1"})

    assert Meeting.objects.latest("pk").slug == "politisk-moede-i-aarhus-2"


def test_a_title_without_letters_needs_an_address(officer: Client) -> None:
    response = officer.post(ADD, {**new_meeting(officer, title="???"), "_save": "1"})

    assert errors_of(response) == {"slug": ["Skriv en adresse: Den kan ikke laves af denne titel"]}


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"slug": "admin"}, {"slug": ["Adressen bruges af systemet selv. Vælg en anden"]}),
        ({"slug": "møde"}, {"slug": ["Brug kun bogstaverne a-z, tal og bindestreger"]}),
        ({"slug": "TAKEN"}, {"slug": ["Et andet møde har denne adresse"]}),
        ({"title": ""}, {"title": ["Indtast titel"]}),
        ({"policy_area": ""}, {"policy_area": ["Vælg fagområde"]}),
        ({"roles": []}, {"roles": ["Vælg modtagere"]}),
        (
            {"registration_deadline_date": "16.4.2027"},
            {"registration_deadline_date": ["Tilmeldingsfristen skal ligge før mødet"]},
        ),
        (
            {"registration_deadline_time": "12.00"},
            {"registration_deadline_date": ["Et klokkeslæt for fristen kræver en dato"]},
        ),
        (
            {"registration_deadline_date": "8. marts"},
            {"registration_deadline_date": ["Skriv datoen som 28.3.2027"]},
        ),
        (
            {"registration_opens_date": "19.3.2027", "registration_deadline_date": "12.3.2027"},
            {"registration_opens_date": ["Tilmeldingen skal åbne før fristen"]},
        ),
        ({"capacity": "mange"}, {"capacity": ["Skriv et helt tal"]}),
        (
            {"reminder_days": "14 dage"},
            {"reminder_days": ["Skriv hele antal dage mellem 1 og 90, for eksempel 14, 3"]},
        ),
        (
            {"reminder_days": "91"},
            {"reminder_days": ["Skriv hele antal dage mellem 1 og 90, for eksempel 14, 3"]},
        ),
        ({"sessions-0-starts_date": ""}, {"sessions-0-starts_date": ["Indtast dato"]}),
        ({"sessions-0-starts_time": "17.60"}, {"sessions-0-starts_time": ["Skriv klokkeslættet som 17.00"]}),
        (
            {"sessions-0-ends_time": "16.30"},
            {"sessions-0-ends_time": ["Sluttidspunktet skal ligge efter starttidspunktet"]},
        ),
        (
            {"sessions-0-starts_time": ""},
            {"sessions-0-starts_time": ["Et sluttidspunkt kræver et starttidspunkt"]},
        ),
        (
            {"sessions-0-join_url": "teams"},
            {"sessions-0-join_url": ["Indtast en webadresse som https://www.kl.dk"]},
        ),
        (
            {"sessions-0-registration_deadline_date": "16.4.2027"},
            {"sessions-0-registration_deadline_date": ["Tilmeldingsfristen skal ligge før mødet"]},
        ),
        ({"area_links-0-area": "999999"}, {"area_links-0-area": ["Vælg område"]}),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_its_field(
    officer: Client, typed: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    create_meeting(slug="taken")
    fields = new_meeting(officer) | typed

    response = officer.post(ADD, {**fields, "_save": "1"})

    assert errors_of(response) == errors


def test_an_area_chosen_twice_is_said(officer: Client) -> None:
    fields = new_meeting(officer)
    add_row(fields, "area_links", area=get_area().pk)

    response = officer.post(ADD, {**fields, "_save": "1"})

    assert errors_of(response) == {
        "area_links": ["Det samme er valgt to gange"],
        "area_links-1": ["Det er allerede valgt"],
    }


def test_a_meeting_that_goes_online_loses_its_place_and_the_page_says_which(officer: Client) -> None:
    meeting = create_meeting()

    saved = send(officer, page(meeting), button="_save", sessions__0__online="on")

    session = meeting.sessions.get()
    assert (session.online, session.venue_lines()) == (True, ["Virtuelt"])
    assertContains(
        officer.get(saved.url),
        "Mødet er virtuelt, så stedet er fjernet: Rådhuset i Herning, Torvet 5, 7400 Herning.",
    )


def test_a_mistake_elsewhere_keeps_the_place_as_it_was_typed(officer: Client) -> None:
    meeting = create_meeting()

    response = send(officer, page(meeting), sessions__0__online="on", title="")

    assertContains(response, "Rådhuset i Herning")
    assertNotContains(response, "stedet er fjernet")
    assert meeting.sessions.get().where() == "Rådhuset i Herning, Torvet 5, 7400 Herning"


def test_items_outside_the_hours_of_the_meeting_are_saved_and_said(officer: Client) -> None:
    fields = new_meeting(officer)
    add_row(fields, "programme", time="16.30", title="Ankomst")
    add_row(fields, "programme", time="18.30", until="19.30", title="Debat")
    add_row(fields, "programme", time="19.00", title="Tak for i dag")
    add_row(fields, "programme", time="19.10", title="Kaffe")
    sentences = [
        "Punktet kl. 16.30 ligger før mødets starttidspunkt kl. 17.00",
        "Punktet kl. 18.30-19.30 slutter efter mødets sluttidspunkt kl. 19.00",
        "Punktet kl. 19.10 ligger efter mødets sluttidspunkt kl. 19.00",
    ]

    response = officer.post(ADD, {**fields, "_save": "1"}, follow=True)

    meeting = Meeting.objects.get()
    page = officer.get(reverse("admin:invitations_meeting_change", args=[meeting.pk]))
    assert [str(m) for m in response.context["messages"] if "Punktet" in str(m)] == sentences
    assert page.context["outside_the_hours"] == sentences
    assertContains(page, f"<li>{sentences[2]}</li>", html=True)


def test_hours_that_are_not_known_bound_no_programme(officer: Client) -> None:
    meeting = create_meeting(session=False)
    create_session(meeting=meeting, ends_time=None)
    create_session(meeting=meeting, starts_time=time(10), ends_time=time(12), starts_date=date(2027, 4, 16))
    for hour in (9, 10, 23):
        create_programme_item(meeting=meeting, time=time(hour))

    page = officer.get(reverse("admin:invitations_meeting_change", args=[meeting.pk]))

    assert page.context["outside_the_hours"] == [
        "Punktet kl. 9.00 ligger før mødets starttidspunkt kl. 10.00"
    ]


def test_an_item_that_ends_before_it_starts_is_refused(officer: Client) -> None:
    fields = new_meeting(officer)
    add_row(fields, "programme", time="18.00", until="17.00", title="Kaffe")

    response = officer.post(ADD, {**fields, "_save": "1"})

    assert errors_of(response) == {"programme-1-until": ["Sluttidspunktet skal ligge efter starttidspunktet"]}


def test_nothing_typed_is_lost_when_something_is_wrong(officer: Client) -> None:
    fields = new_meeting(officer, sessions__0__starts_time="fem", title="", capacity="80")
    add_row(fields, "programme", time="17.00", title="Velkommen")

    response = officer.post(ADD, {**fields, "_save": "1"})

    shown = fields_of(response)
    assert (shown["sessions-0-starts_time"], shown["capacity"]) == (["fem"], ["80"])
    assert (shown["programme-1-time"], shown["programme-1-title"]) == (["17.00"], ["Velkommen"])


def test_a_published_meeting_keeps_its_address(officer: Client) -> None:
    meeting = create_meeting(slug="herning2027")

    response = send(officer, page(meeting), slug="aarhus2027")

    assert errors_of(response) == {
        "slug": [
            "Adressen “herning2027” er allerede ude og kan stå i breve og mails. Den kan ikke længere ændres"
        ]
    }


def test_a_draft_whose_save_the_date_went_out_keeps_its_address(officer: Client) -> None:
    meeting = create_meeting(slug="herning2027", published_at=None)
    create_letter(meeting=meeting, kind="save_the_date", sent_at=NOW)

    response = send(officer, page(meeting), slug="aarhus2027")

    assert list(errors_of(response)) == ["slug"]


def test_everything_else_of_a_published_meeting_can_be_changed(officer: Client) -> None:
    meeting = create_meeting(slug="herning2027")

    response = send(officer, page(meeting), title="Et andet møde", button="_save")

    meeting.refresh_from_db()
    assertRedirects(response, LIST)
    assert (meeting.slug, meeting.title) == ("herning2027", "Et andet møde")


@pytest.mark.parametrize(
    ("numbers", "order"),
    [
        (["1", "2", "3"], "abc"),
        (["1", "2", "1"], "cab"),
        (["3", "2", "3"], "bca"),
        (["", "2", "3"], "bca"),
        (["2", "1", "3"], "bac"),
        (["1", "2", "99"], "abc"),
    ],
    ids=str,
)
def test_a_number_moves_its_row(officer: Client, numbers: list[str], order: str) -> None:
    meeting = create_meeting()
    for title in "abc":
        create_programme_item(meeting=meeting, title=title)
    typed = {f"programme-{row}-position": number for row, number in enumerate(numbers)}

    send(officer, page(meeting), **typed)

    items = list(meeting.programme.all())
    assert ("".join(item.title for item in items), [item.position for item in items]) == (order, [0, 1, 2])


def test_a_new_row_goes_where_its_number_says_and_else_to_the_end(officer: Client) -> None:
    meeting = create_meeting()
    for title in "ab":
        create_programme_item(meeting=meeting, title=title)
    fields: dict[str, Any] = fields_of(officer.get(page(meeting)))
    add_row(fields, "programme", title="last")
    add_row(fields, "programme", title="second", position="2")

    officer.post(page(meeting), {**fields, "_save": "1"})

    assert [item.title for item in meeting.programme.all()] == ["a", "second", "b", "last"]


def test_removing_a_row_numbers_the_others_through(officer: Client) -> None:
    meeting = create_meeting()
    for title in "abc":
        create_programme_item(meeting=meeting, title=title)

    send(officer, page(meeting), **{"programme-1-DELETE": "on"})

    assert [(item.title, item.position) for item in meeting.programme.all()] == [("a", 0), ("c", 1)]


def test_publishing_says_first_what_follows(officer: Client) -> None:
    meeting = create_meeting(slug="herning2027", published_at=None)

    response = officer.get(page(meeting, "publish"))

    meeting.refresh_from_db()
    assert [str(sentence) for sentence in response.context["sentences"]] == [
        "Alle kan læse om mødet på <strong>http://127.0.0.1:8000/herning2027</strong>. "
        "Adressen kan ikke ændres bagefter.",
        "19 kommuner i Region Midtjylland kan tilmelde sig.",
        "Tilmeldingsfristen er fredag den 19. marts 2027.",
        "Der sendes ingen mails. Brevet sendes fra sin egen side.",
    ]
    assert not meeting.is_published


def test_the_button_publishes_and_history_says_so(officer: Client) -> None:
    meeting = create_meeting(published_at=None)

    response = officer.post(page(meeting, "publish"))

    meeting.refresh_from_db()
    assertRedirects(response, page(meeting))
    assert meeting.is_published
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["Offentliggjort."]


def test_what_is_missing_for_publishing_is_said_and_there_is_no_button(officer: Client) -> None:
    meeting = create_meeting(published_at=None, session=False, areas=[])

    response = officer.post(page(meeting, "publish"))

    meeting.refresh_from_db()
    assert response.context["problems"] == ["Mødet har ingen dato endnu", "Vælg mindst ét område"]
    assertNotContains(response, '<input type="submit"')
    assert not meeting.is_published


def test_publishing_twice_is_said_and_not_written_down_twice(officer: Client) -> None:
    meeting = create_meeting(published_at=None)
    officer.post(page(meeting, "publish"))

    response = officer.post(page(meeting, "publish"))

    assertContains(response, "Mødet er allerede offentliggjort.")
    assert LogEntry.objects.count() == 1


def test_who_may_only_look_finds_no_verb_and_cannot_publish(client: Client) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_meeting"))
    client.force_login(reader)
    meeting = create_meeting(published_at=None)

    shown, refused = client.get(page(meeting)), client.post(page(meeting, "publish"))

    assert (shown.status_code, shown.context["verbs"], refused.status_code) == (200, [], 403)


def test_a_page_of_no_meeting_is_not_found(officer: Client) -> None:
    assert officer.get("/admin/invitations/meeting/999/publish/").status_code == 404


def test_a_draft_can_be_deleted(officer: Client) -> None:
    meeting = create_meeting(published_at=None)
    create_theme(item=create_programme_item(meeting=meeting))

    officer.post(page(meeting, "delete"), {"post": "yes"})

    assert not Meeting.objects.exists()


def test_a_draft_with_a_letter_is_kept_and_the_page_names_the_letter(officer: Client) -> None:
    meeting = create_meeting(published_at=None)
    letter = create_letter(meeting=meeting)

    response = officer.post(page(meeting, "delete"), {"post": "yes"})

    assertContains(response, reverse("admin:invitations_letter_change", args=[letter.pk]))
    assert Meeting.objects.exists()


def test_a_published_meeting_is_not_deleted_but_cancelled(officer: Client) -> None:
    meeting = create_meeting()

    response = officer.post(page(meeting, "delete"), {"post": "yes"})

    assert (response.status_code, Meeting.objects.exists()) == (403, True)


@pytest.mark.parametrize(
    ("state", "titles"),
    [
        ("draft", ["Kladden"]),
        ("published", ["Det kommende"]),
        ("held", ["Det afholdte"]),
        ("cancelled", ["Det aflyste"]),
        ("anything", ["Kladden", "Det kommende", "Det aflyste", "Det afholdte"]),
    ],
)
def test_the_list_is_filtered_by_state(officer: Client, state: str, titles: list[str]) -> None:
    create_meeting(title="Kladden", published_at=None)
    create_meeting(title="Det kommende")
    cancelled = create_meeting(title="Det aflyste")
    held = create_meeting(title="Det afholdte", registration_deadline_date=None)
    Meeting.objects.filter(pk=cancelled.pk).update(cancelled_at=cancelled.published_at)
    held.sessions.update(starts_date=date(2027, 1, 31))

    response = officer.get(LIST, {"state": state})

    assert sorted(meeting.title for meeting in response.context["cl"].queryset) == sorted(titles)


def test_a_meeting_without_a_date_stands_first(officer: Client) -> None:
    create_meeting(title="Om lidt")
    create_meeting(title="Uden dato", session=False, published_at=None)

    response = officer.get(LIST)

    assert [meeting.title for meeting in response.context["cl"].queryset] == ["Uden dato", "Om lidt"]


def test_the_latest_deadline_of_the_sessions_is_what_publishing_says(officer: Client) -> None:
    meeting = create_meeting(published_at=None, registration_deadline_date=None)
    meeting.sessions.update(registration_deadline_date=date(2027, 4, 1))

    response = officer.get(page(meeting, "publish"))

    assert response.context["sentences"][2] == "Tilmeldingsfristen er torsdag den 1. april 2027."


@pytest.mark.parametrize(
    ("deadline", "sentence"),
    [
        (None, "Der er ingen tilmeldingsfrist: Man kan tilmelde sig, indtil mødet begynder."),
        (date(2027, 1, 31), "Ingen kan længere tilmelde sig: Fristen er overskredet."),
    ],
    ids=str,
)
def test_publishing_says_until_when_one_can_register(
    officer: Client, deadline: date | None, sentence: str
) -> None:
    meeting = create_meeting(published_at=None, registration_deadline_date=deadline)

    response = officer.get(page(meeting, "publish"))

    assert response.context["sentences"][2] == sentence


def test_a_meeting_is_over_after_its_last_session(officer: Client) -> None:
    meeting = create_meeting()
    meeting.sessions.update(starts_date=date(2027, 1, 31))
    create_session(meeting=meeting, starts_date=date(2027, 2, 1))

    response = officer.get(LIST, {"state": "published"})

    assertContains(response, "31. januar og 1. februar 2027")


@pytest.mark.parametrize("words", ["århus", "ÅRHUS", "Aarhus", "møde aarhus", "midtjylland"])
def test_search_spells_as_danes_do(officer: Client, words: str) -> None:
    create_meeting(title="Politisk møde", hosts=[get_municipality("Aarhus")])
    create_meeting(title="Et andet", areas=[get_area("Region Sjælland")])

    response = officer.get(LIST, {"q": words})

    assert [meeting.title for meeting in response.context["cl"].queryset] == ["Politisk møde"]


@pytest.mark.parametrize("name", ["list", "page"])
def test_three_rows_ask_the_database_as_often_as_one(officer: Client, name: str) -> None:
    meeting = create_meeting(areas=[], hosts=[])
    url = {"list": LIST, "page": page(meeting)}[name]
    counts = []
    for area, host in [
        ("Region Midtjylland", "Aarhus"),
        ("Region Sjælland", "Køge"),
        ("Hele landet", "Herning"),
    ]:
        add_one_of_everything(meeting, area=get_area(area), host=get_municipality(host))
        counts.append(count_queries(officer, url))

    assert counts == [counts[0]] * 3


def add_one_of_everything(meeting: Meeting, *, area: Area, host: Municipality) -> None:
    create_session(meeting=meeting)
    meeting.area_links.create(area=area)
    meeting.host_links.create(municipality=host)
    create_theme(item=create_programme_item(meeting=meeting))
    create_question(meeting=meeting)
    create_letter(meeting=meeting, letter_date=date(2027, 1, 1 + meeting.letters.count()))
    create_meeting(areas=[area], hosts=[host])
