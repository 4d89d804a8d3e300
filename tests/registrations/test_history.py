"""The history: who changed what and when, with the values before and after, and nobody can change it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from invitations.admin.change_messages import Change, HistoryLine, lines_of
from invitations.models import Meeting
from tests.admin_pages import add_row, count_queries, fields_of, send
from tests.factories import (
    create_letter,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_staff,
    create_theme,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


def change(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[model.pk])


def events(meeting: Meeting) -> str:
    return reverse("admin:invitations_meeting_events", args=[meeting.pk])


def last() -> list[HistoryLine]:
    return lines_of(LogEntry.objects.latest("pk"))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_it_says_what_a_field_was_and_is_in_the_words_of_the_page(officer: Client) -> None:
    meeting = create_meeting(published_at=None, capacity=None)

    send(
        officer,
        change(meeting),
        title="Nyt møde",
        capacity="40",
        registration="none",
        roles=["mayor", "committee"],
    )

    assert last() == [
        HistoryLine(
            "Ændrede:",
            [
                Change("Titel", "Politisk møde i Region Midtjylland", "Nyt møde"),
                Change("Modtagere", "Udvalg", "Borgmester, Udvalg"),
                Change("Tilmelding", "formular på nettet", "ingen tilmelding"),
                Change("Pladser", "", "40"),
            ],
        )
    ]


def test_rows_are_told_one_by_one(officer: Client) -> None:
    meeting = create_meeting(published_at=None)
    item = create_programme_item(meeting=meeting, title="Velkommen")
    fields = fields_of(officer.get(change(meeting)))
    fields["programme-0-title"] = ["God dag"]
    fields["sessions-0-ends_time"] = ["20.00"]
    add_row(fields, "questions", text="Hvad nu?", position="", id="", meeting=str(meeting.pk))

    officer.post(change(meeting), {**fields, "_continue": "1"})

    session = meeting.sessions.get()
    assert last() == [
        HistoryLine(f"Ændrede mødegang »{session}«:", [Change("Til", "19.00", "20.00")]),
        HistoryLine("Ændrede programpunkt »God dag«:", [Change("Titel", "Velkommen", "God dag")]),
        HistoryLine("Tilføjede spørgsmål »Hvad nu?«."),
    ]
    assert item.pk == meeting.programme.get().pk


def test_line_breaks_as_a_browser_sends_them_are_no_change(officer: Client) -> None:
    meeting = create_meeting(published_at=None, practical_information="Parkér her.\n\nGå derhen.\n")
    item = create_programme_item(meeting=meeting, details="Ét.\nTo.")
    create_theme(item=item, details="Tre.\r\nFire.")
    fields = fields_of(officer.get(change(meeting)))
    for name in ("practical_information", "programme-0-details", "programme-0-themes-0-details"):
        fields[name] = [re.sub("\r?\n", "\r\n", fields[name][0])]
    fields["title"] = ["Nyt møde"]

    officer.post(change(meeting), {**fields, "_continue": "1"})

    (line,) = last()
    assert [part.label for part in line.changes] == ["Titel"]


def test_line_breaks_that_were_typed_are_kept_as_the_database_has_them(officer: Client) -> None:
    meeting = create_meeting(published_at=None)

    send(officer, change(meeting), practical_information="Parkér her.\r\n\r\nGå derhen.")

    meeting.refresh_from_db()
    assert meeting.practical_information == "Parkér her.\n\nGå derhen."


def test_rows_in_another_order_are_one_change(officer: Client) -> None:
    meeting = create_meeting(published_at=None)
    for number in range(20):
        create_programme_item(meeting=meeting, title=f"Punkt {number + 1}")
    fields = fields_of(officer.get(change(meeting)))
    # As dragging the last row to the top leaves them.
    for number in range(20):
        fields[f"programme-{number}-position"] = [str(number + 2 if number < 19 else 1)]
    fields["programme-3-title"] = ["Punkt fire"]

    officer.post(change(meeting), {**fields, "_continue": "1"})

    assert meeting.programme.all()[0].title == "Punkt 20"
    assert last() == [
        HistoryLine("Ændrede programpunkt »Punkt fire«:", [Change("Titel", "Punkt 4", "Punkt fire")]),
        HistoryLine("Ændrede:", [Change("Rækkefølge: program", "", "")]),
    ]


def test_rows_that_move_up_because_one_was_removed_are_no_change_of_order(officer: Client) -> None:
    meeting = create_meeting(published_at=None)
    for title in ("Ét", "To", "Tre"):
        create_programme_item(meeting=meeting, title=title)
    fields = fields_of(officer.get(change(meeting)))
    fields |= {"programme-0-DELETE": ["on"], "programme-1-position": ["1"], "programme-2-position": ["2"]}

    officer.post(change(meeting), {**fields, "_continue": "1"})

    assert last() == [HistoryLine("Fjernede programpunkt »Ét«.")]


def test_a_long_text_is_cut(officer: Client) -> None:
    meeting = create_meeting(published_at=None)

    send(officer, change(meeting), practical_information="ord " * 500)

    (line,) = last()
    assert [len(part.new) for part in line.changes] == [301]


def test_words_that_a_verb_writes_stand_as_they_are(officer: Client) -> None:
    user, meeting = create_staff(username="anne"), create_meeting()
    LogEntry.objects.log_actions(user.pk, [meeting], CHANGE, "Aflyste mødet.", single_object=True)

    assert last() == [HistoryLine("Aflyste mødet.")]


def test_the_history_of_a_meeting_holds_its_letters_and_answers_and_no_other_s(officer: Client) -> None:
    meeting, other = create_meeting(title="Mødet"), create_meeting(title="Et andet møde")
    letter = create_letter(meeting=meeting)
    participant = create_participant(registration=create_registration(meeting=meeting, participants=0))
    user = create_staff(username="anne")
    for number, subject in enumerate([meeting, letter, participant, participant.registration, other]):
        LogEntry.objects.log_actions(
            user.pk, [subject], CHANGE, f"Gjorde noget {number}.", single_object=True
        )

    html = officer.get(events(meeting)).content.decode()

    assert re.findall(r"Gjorde noget (\d)", html) == ["3", "2", "1", "0"]
    assert f'href="{change(letter)}"' in html
    assert "anne" in words(html)


def test_a_meeting_about_which_nobody_did_anything_says_so(officer: Client) -> None:
    assertContains(officer.get(events(create_meeting())), "Ingen har ændret noget endnu.")


def test_it_is_told_in_pages(officer: Client) -> None:
    user, meeting = create_staff(username="anne"), create_meeting()
    for number in range(101):
        LogEntry.objects.log_actions(user.pk, [meeting], CHANGE, f"Skridt {number}.", single_object=True)

    first, second = officer.get(events(meeting)), officer.get(f"{events(meeting)}?p=2")

    assertContains(first, "Skridt 100.")
    assertNotContains(first, "Skridt 0.")
    assertContains(second, "Skridt 0.")


def test_three_entries_ask_the_database_as_often_as_one(officer: Client) -> None:
    user, meeting = create_staff(username="anne"), create_meeting()
    counts = []
    for _number in range(3):
        LogEntry.objects.log_actions(user.pk, [meeting], CHANGE, "Noget.", single_object=True)
        counts.append(count_queries(officer, events(meeting)))

    assert counts == [counts[0]] * 3


def test_nobody_writes_changes_or_erases_history(officer: Client) -> None:
    user, meeting = create_staff(username="anne"), create_meeting()
    LogEntry.objects.log_actions(user.pk, [meeting], CHANGE, "Noget.", single_object=True)
    entry = LogEntry.objects.get()

    statuses = [
        officer.post(reverse("admin:admin_logentry_add")).status_code,
        officer.post(reverse("admin:admin_logentry_change", args=[entry.pk])).status_code,
        officer.post(reverse("admin:admin_logentry_delete", args=[entry.pk])).status_code,
    ]

    assert statuses == [403, 403, 403]
    assert LogEntry.objects.get() == entry


def test_the_list_finds_entries_by_person_and_words(officer: Client) -> None:
    meeting = create_meeting(title="Mødet")
    for name, text in (("anne", "Sendte brevet."), ("bo", "Aflyste mødet.")):
        user = create_staff(username=name)
        LogEntry.objects.log_actions(user.pk, [meeting], CHANGE, text, single_object=True)
    url = reverse("admin:admin_logentry_changelist")

    assertContains(officer.get(f"{url}?q=anne"), "Sendte brevet.")
    assertNotContains(officer.get(f"{url}?q=anne"), "Aflyste mødet.")
    assertContains(officer.get(f"{url}?q=Aflyste"), "Aflyste mødet.")


def test_the_list_finds_danish_letters_in_the_values(officer: Client) -> None:
    meeting = create_meeting(published_at=None, title="Mødet")
    send(officer, change(meeting), title="Mødet på Ærø")

    response = officer.get(f"{reverse('admin:admin_logentry_changelist')}?q=Ærø")

    assertContains(response, "<ins>Mødet på Ærø</ins>")


def test_the_list_is_narrowed_to_one_kind_of_thing(officer: Client) -> None:
    user, letter = create_staff(username="anne"), create_letter()
    for subject in (letter, letter.meeting):
        text = f"Gjorde noget ved {subject._meta.model_name}."
        LogEntry.objects.log_actions(user.pk, [subject], CHANGE, text, single_object=True)
    kind = ContentType.objects.get_for_model(letter)

    response = officer.get(f"{reverse('admin:admin_logentry_changelist')}?about={kind.pk}")

    assertContains(response, "Gjorde noget ved letter.")
    assertNotContains(response, "Gjorde noget ved meeting.")


@pytest.mark.parametrize("kind", ["nonsense", "9" * 30], ids=["words", "too large a number"])
def test_a_kind_of_thing_that_there_is_not_is_no_error(officer: Client, kind: str) -> None:
    assert officer.get(f"{reverse('admin:admin_logentry_changelist')}?about={kind}").status_code == 200


def test_the_page_of_one_object_tells_values_too(officer: Client) -> None:
    meeting = create_meeting(published_at=None)
    send(officer, change(meeting), title="Nyt møde")

    response = officer.get(reverse("admin:invitations_meeting_history", args=[meeting.pk]))

    assertContains(response, "<ins>Nyt møde</ins>")


def test_the_page_of_a_meeting_leads_to_one_history(officer: Client) -> None:
    meeting = create_meeting()

    html = officer.get(change(meeting)).content.decode()

    assert html.count(f'href="{events(meeting)}"') == 1
    assert "historylink" not in html
