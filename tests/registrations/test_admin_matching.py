"""The queue of registrations of which it is not clear whose they are, as staff work through it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from invitations.admin.meeting_pages import page_url
from invitations.models import Meeting, OutgoingEmail
from registrations.matching import standing
from registrations.models import Decline, Registration
from tests.admin_pages import count_queries, fields_of
from tests.factories import (
    NOW,
    create_decline,
    create_invitation,
    create_meeting,
    create_registration,
    create_staff,
    get_municipality,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

ALL = "/admin/registrations/registration/matching/"


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def create_waiting(*, mail_municipality: str = "", **fields: Any) -> Registration:
    """One that chose Herning, from an address of `mail_municipality` or of none."""
    fields.setdefault("contact_email", "anne@ukendt.dk")
    of_mail = get_municipality(mail_municipality) if mail_municipality else None
    return create_registration(awaits_match=True, mail_municipality=of_mail, **fields)


def queue(meeting: Meeting) -> str:
    return page_url("matching", meeting)


def match_page(registration: Registration, to: str = "") -> str:
    url = reverse("admin:registrations_registration_match", args=[registration.pk])
    return f"{url}?{to}" if to else url


def key(registration: Registration) -> str:
    return f"{registration.pk}={standing(registration)}"


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def names(*registrations: Registration) -> list[str]:
    """Whose they are now, and `?` after those that still wait."""
    found = [Registration.objects.get(pk=registration.pk) for registration in registrations]
    return [f"{one.comes_as}{'?' if one.awaits_match else ''}" for one in found]


def test_the_queue_says_of_each_why_it_waits(officer: Client) -> None:
    meeting = create_meeting()
    create_waiting(meeting=meeting, mail_municipality="Aarhus", contact_email="anne@aarhus.dk")
    create_waiting(meeting=meeting, contact_email="bo@gmail.com", participants=3)
    create_waiting(meeting=meeting)
    create_waiting(meeting=create_meeting())
    create_registration(meeting=meeting)

    rows = officer.get(queue(meeting)).context["rows"]

    assert [(row.why, row.registration.coming) for row in rows] == [
        ("Mailadressen hører til Aarhus Kommune.", 1),
        ("Alle kan have en adresse hos gmail.com.", 3),
        ("ukendt.dk er ikke blandt de domæner, vi kender fra Herning Kommune.", 1),
    ]


def test_an_empty_queue_says_so(officer: Client) -> None:
    assertContains(officer.get(queue(create_meeting())), "Der er ingen tilmeldinger, der mangler afklaring.")
    assertContains(officer.get(ALL), "Der er ingen tilmeldinger, der mangler afklaring.")


@pytest.mark.parametrize(
    ("chosen", "whose"),
    [
        ({"to": "municipality:0657"}, "Herning"),
        ({"to": "municipality:0751"}, "Aarhus"),
        ({"to": "named", "name": "Ikast-Brande"}, "Ikast-Brande"),
        ({"to": "named", "name": " århus kommune"}, "Aarhus"),
        ({"to": "guests", "kind": "kl_staff"}, "KL's medarbejdere"),
    ],
    ids=str,
)
def test_one_press_says_whose_it_is(officer: Client, chosen: dict[str, str], whose: str) -> None:
    registration = create_waiting(mail_municipality="Aarhus")
    url = queue(registration.meeting)

    response = officer.post(url, {"row": key(registration), **chosen})

    assertRedirects(response, url)
    assert names(registration) == [whose]


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"to": "named", "name": "Entenhausen"}, "Der er ingen kommune, der hedder Entenhausen."),
        ({"to": "named", "name": " "}, "Indtast kommunens navn."),
        ({"to": "guests", "kind": "king"}, "Vælg, hvem tilmeldingen er fra."),
        ({}, "Vælg, hvem tilmeldingen er fra."),
    ],
    ids=str,
)
def test_who_cannot_be_found_is_said_at_the_field(
    officer: Client, chosen: dict[str, str], sentence: str
) -> None:
    registration = create_waiting()

    responses = [
        officer.post(url, {"row": key(registration), **chosen}) for url in (queue(registration.meeting), ALL)
    ]

    error = f'<span class="field-error" id="name-{registration.pk}-error">{sentence}</span>'
    for response in responses:
        assertContains(response, error, count=1, html=True)
    assert names(registration) == ["Herning?"]


def test_what_was_typed_for_one_of_the_rows_is_kept(officer: Client) -> None:
    meeting = create_meeting()
    registration, _other = (create_waiting(meeting=meeting) for _ in range(2))
    chosen = {"to": "named", "name": "Enten<hausen", "kind": "speaker", "with_others": "1"}

    response = officer.post(queue(meeting), {"row": key(registration), **chosen})

    assertContains(response, 'value="Enten&lt;hausen"', count=1)
    assertContains(response, '<option value="speaker" selected>Oplægsholder</option>', count=1, html=True)
    assertContains(response, "<details open>", count=1)
    assertContains(response, 'name="with_others" value="1" checked', count=1)


def test_nonsense_changes_nothing(officer: Client) -> None:
    registration = create_waiting()

    pk = registration.pk
    for row in ("", "x", "x=y", "٣=waiting:1", f"{'9' * 30}=waiting:1", f"{pk}", f"{pk}=", f"00{pk}=x:y"):
        officer.post(queue(registration.meeting), {"row": row, "to": "municipality:0657"})

    assert names(registration) == ["Herning?"]


def test_others_of_the_same_domain_go_along_where_that_is_ticked(officer: Client) -> None:
    meeting = create_meeting()
    first, second, third = (create_waiting(meeting=meeting) for _ in range(3))
    apart = create_waiting(meeting=meeting, contact_email="anne@andre.dk")
    url = queue(meeting)
    row = officer.get(url).context["rows"][0]
    sent = {"row": row.key, "other": row.other_keys, "to": "municipality:0751"}

    officer.post(url, {**sent, "other": [], "with_others": "1"})
    alone = names(first, second, third)
    response = officer.post(url, {**sent, "with_others": "1"}, follow=True)

    assert alone == ["Aarhus", "Herning?", "Herning?"]
    assert names(second, third, apart) == ["Aarhus", "Aarhus", "Herning?"]
    assert said(response)[-1] == "3 tilmeldinger tæller nu som svar fra Aarhus Kommune."


def test_those_of_a_provider_for_everybody_have_nothing_in_common(officer: Client) -> None:
    meeting = create_meeting()
    for _ in range(2):
        create_waiting(meeting=meeting, contact_email="anne@gmail.com")

    rows = officer.get(queue(meeting)).context["rows"]

    assert [row.others for row in rows] == [[], []]


def test_of_two_who_work_through_the_queue_the_second_hears_what_the_first_said(officer: Client) -> None:
    registration = create_waiting()
    url, sent = queue(registration.meeting), {"row": key(registration)}
    officer.post(url, {**sent, "to": "municipality:0657"})

    response = officer.post(url, {**sent, "to": "municipality:0751"}, follow=True)

    assert said(response)[-1] == (
        f"En anden har allerede taget stilling til {registration.reference}: Herning."
    )
    assert names(registration) == ["Herning"]
    assert LogEntry.objects.count() == 1


def test_more_than_a_municipality_may_have_is_said_with_the_way_to_do_it_all_the_same(
    officer: Client,
) -> None:
    meeting = create_meeting(max_per_municipality=1)
    create_registration(meeting=meeting)
    registration = create_waiting(meeting=meeting)
    sent = {"row": key(registration), "to": "municipality:0657"}

    refused = officer.post(queue(meeting), sent, follow=True)
    url = match_page(registration, "to=municipality:0657")
    page = officer.get(url)
    unticked = officer.post(url, fields_of(page))
    officer.post(url, {**fields_of(page), "overrule": "1"})

    assert url in said(refused)[0]
    assert page.context["exceeded"] == (
        "Herning Kommune får 2 deltagere. Der må højst være 1 fra hver kommune."
    )
    assert said(unticked) == ["Sæt kryds, hvis den skal knyttes til kommunen alligevel."]
    assert names(registration) == ["Herning"]


def test_the_queue_of_all_meetings_names_each(officer: Client) -> None:
    first = create_waiting(meeting=create_meeting(title="Møde i Herning"))
    cancelled = create_waiting(meeting=create_meeting(title="Møde i Viborg"))
    cancelled.meeting.cancel(at=NOW)

    page = officer.get(ALL)
    officer.post(ALL, {"row": key(first), "to": "municipality:0657"})

    assertContains(page, "Møde i Herning")
    assertNotContains(page, "Møde i Viborg")
    assert names(first) == ["Herning"]


def test_the_list_of_registrations_leads_to_the_queue_of_all(officer: Client) -> None:
    url = "/admin/registrations/registration/"
    without = officer.get(url)
    create_waiting()

    assertNotContains(without, ALL)
    assertContains(officer.get(url), "1 tilmelding skal knyttes til en kommune.")


def test_who_may_only_look_sees_the_queue_and_changes_nothing(client: Client) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_meeting"))
    client.force_login(reader)
    registration = create_waiting()
    urls = [queue(registration.meeting), ALL]
    sent = {"row": key(registration), "to": "municipality:0657"}

    assertNotContains(client.get(urls[0]), "Det er Herning")
    assert [client.get(url).status_code for url in urls] == [200, 200]
    assert [client.post(url, sent).status_code for url in urls] == [403, 403]
    assert names(registration) == ["Herning?"]


def test_a_stranger_sees_no_queue(client: Client) -> None:
    client.force_login(User.objects.create_user("stranger", is_staff=True))
    registration = create_waiting()

    urls = [queue(registration.meeting), ALL, match_page(registration)]

    assert [client.get(url).status_code for url in urls] == [403, 403, 403]


def test_moving_a_registration_says_first_what_follows(officer: Client) -> None:
    meeting = create_meeting()
    create_invitation(meeting=meeting)
    create_decline(meeting=meeting, municipality=get_municipality("Aarhus"))
    registration = create_registration(meeting=meeting)

    chosen = officer.get(match_page(registration, "to=named&name=Aarhus"))
    unchosen = officer.get(match_page(registration))
    unknown, unnamed = (
        officer.get(match_page(registration, f"to=named&name={name}")) for name in ("Andeby", "")
    )

    assert chosen.context["sentences"] == [
        "Tilmeldingen tæller som svar fra Aarhus Kommune.",
        "Afbuddet fra Aarhus Kommune bortfalder.",
        "Herning Kommune har så ingen tilmelding.",
        "Ingen får en mail.",
    ]
    assert unchosen.context["problems"] == ["Nu: Herning"]
    assert [unknown.context["problems"], unnamed.context["problems"]] == [["Nu: Herning"]] * 2
    assertContains(unknown, "Der er ingen kommune, der hedder Andeby.")
    assertContains(unknown, 'name="name" value="Andeby"')
    assertContains(unnamed, "Indtast kommunens navn.")
    assert names(registration) == ["Herning"]


def test_the_button_moves_it_undoes_the_decline_and_mails_nobody(officer: Client) -> None:
    meeting = create_meeting()
    create_decline(meeting=meeting, municipality=get_municipality("Aarhus"))
    registration = create_registration(meeting=meeting)
    url = match_page(registration, "to=municipality:0751")

    response = officer.post(url, fields_of(officer.get(url)))

    assertRedirects(response, reverse("admin:registrations_registration_change", args=[registration.pk]))
    assert names(registration) == ["Aarhus"]
    assert Decline.objects.get().stands is False
    assert OutgoingEmail.objects.count() == 0


def test_the_receipt_of_the_contact_keeps_working(officer: Client, client: Client) -> None:
    registration = create_waiting()
    receipt = reverse("registrations:receipt", args=[registration.token])

    waiting = client.get(receipt)
    officer.post(queue(registration.meeting), {"row": key(registration), "to": "guests", "kind": "guest"})

    assertContains(waiting, "Herning Kommune")
    assertContains(client.get(receipt), registration.reference)


def test_a_registration_s_page_says_that_it_waits(officer: Client) -> None:
    waiting, settled = create_waiting(), create_registration()
    url = "admin:registrations_registration_change"

    assertContains(
        officer.get(reverse(url, args=[waiting.pk])), "Det er ikke afklaret, hvem tilmeldingen er fra"
    )
    assertNotContains(officer.get(reverse(url, args=[settled.pk])), "Det er ikke afklaret")


@pytest.mark.parametrize("whose", ["municipality", "waiting", "guest", "nonsense"])
def test_registrations_are_filtered_by_whose_they_are(officer: Client, whose: str) -> None:
    create_waiting()
    for _ in range(2):
        create_registration()
    Registration.objects.filter(pk=create_registration().pk).update(municipality=None, guest_kind="guest")

    found = officer.get("/admin/registrations/registration/", {"whose": whose}).context["cl"].result_count

    assert found == {"municipality": 2, "waiting": 1, "guest": 1}.get(whose, 4)


def test_three_rows_ask_the_database_as_often_as_one(officer: Client) -> None:
    meeting = create_meeting()
    counts = []
    for _ in range(3):
        create_waiting(meeting=meeting, mail_municipality="Aarhus")
        counts.append((count_queries(officer, queue(meeting)), count_queries(officer, ALL)))

    assert counts == [counts[0]] * 3
