"""The tab of reminders, and the pages of what is done about them by hand."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects
from time_machine import Traveller

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, OutgoingEmail
from registrations.reminders import owe_reminders
from tests.admin_pages import count_queries, fields_of
from tests.factories import (
    NOW,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_participant,
    create_registration,
    create_staff,
    get_municipality,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

# A Friday; reminders fall due on Friday two weeks before, and on the Tuesday before it.
DEADLINE = date(2027, 3, 5)
FOURTEEN_DAYS = datetime(2027, 2, 19, 8, 0, tzinfo=COPENHAGEN)
DAY = timedelta(days=1)


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(create_staff())
    return client


@pytest.fixture
def reader(client: Client) -> Client:
    """Somebody who may look at meetings, and change nothing."""
    user = User.objects.create_user("kigger", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_meeting"))
    client.force_login(user)
    return client


@pytest.fixture
def meeting() -> Meeting:
    meeting = create_meeting(
        slug="moede", registration_deadline_date=DEADLINE, hosts=[get_municipality("Viborg")]
    )
    for name in ("Herning", "Holstebro", "Viborg"):
        invite(meeting, name)
    return meeting


def invite(meeting: Meeting, name: str, *, at: datetime | None = None) -> None:
    invitation = create_invitation(meeting=meeting, municipality=get_municipality(name))
    create_dispatch(invitation=invitation, mailbox=f"{name}@example.dk".lower(), dispatched_at=at)


def url(meeting: Meeting, name: str = "reminders", **parameters: object) -> str:
    return reverse(f"admin:invitations_meeting_{name}", kwargs={"object_id": meeting.pk, **parameters})


def text_of(response: Any) -> str:
    """The words of the page on one line."""
    words = re.sub(r"<[^>]+>", " ", response.content.decode().partition('id="content-main"')[2])
    return " ".join(words.replace("\xa0", " ").split())


def history() -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


def codes(*names: str) -> list[str]:
    return [get_municipality(name).code for name in names]


def choose(client: Client, meeting: Meeting, *names: str) -> dict[str, Any]:
    """Tick municipalities and go on; return what the page that says what follows would send."""
    page = url(meeting, "reminders_send")
    fields = fields_of(client.get(page)) | {"municipality": codes(*names)}
    response = client.post(page, fields)
    assert response.status_code == 200
    return fields_of(response)


def reminded() -> list[str]:
    return sorted(OutgoingEmail.objects.filter(kind="deadline_reminder").values_list("to", flat=True))


# The page.


def test_the_tab_shows_what_goes_out_when_to_whom_or_why_not(officer: Client, meeting: Meeting) -> None:
    create_registration(meeting=meeting, municipality=get_municipality("Holstebro"), participants=2)
    invite(meeting, "Skive", at=FOURTEEN_DAYS - DAY)

    response = officer.get(url(meeting))

    assertContains(response, 'aria-current="page">Påmindelser</a>')
    text = text_of(response)
    for sentence in (
        "Næste: Påmindelse om fristen, 14 dage før (fredag den 19. februar 2027 kl. 8.00 "
        "til 1 postkasse i 1 kommune)",
        "Februar 2027 Mandag den 1. februar 2027 kl. 12.00 I dag Fredag den 19. februar 2027 kl. 8.00 "
        "Påmindelse om fristen, 14 dage før Kommer Til 1 postkasse i 1 kommune, der ikke har svaret "
        "Herning herning@example.dk Ikke til 3 kommuner Værtskommune (1) Viborg Tilmeldt (1) Holstebro "
        "Fik brevet mindre end 3 dage før (1) Skive (skive@example.dk) Se mailen",
        "Marts 2027 Tirsdag den 2. marts 2027 kl. 8.00 Påmindelse om fristen, 3 dage før (den sidste) Kommer "
        "Til 2 postkasser i 2 kommuner, der ikke har svaret",
        "Fredag den 5. marts 2027 Tilmeldingsfrist",
        "Onsdag den 14. april 2027 kl. 8.00 Påmindelse om mødet torsdag den 15. april 2027 kl. 17-19 Kommer",
        "Til 2 deltagere Holstebro 2",
        "Torsdag den 15. april 2027 kl. 17.00 Mødet Rådhuset i Herning, Torvet 5, 7400 Herning",
    ):
        assert sentence in text


def test_a_day_brought_forward_says_from_which_and_why(officer: Client) -> None:
    # Three days before is Saturday; the day before the meeting is Whit Monday.
    meeting = create_meeting(registration_deadline_date=date(2027, 4, 6), reminder_days=[3])
    meeting.sessions.update(starts_date=date(2027, 5, 18))

    text = text_of(officer.get(url(meeting)))

    assert "Rykket frem fra lørdag den 3. april 2027, som ikke er en arbejdsdag." in text
    assert "Rykket frem fra mandag den 17. maj 2027, som er anden pinsedag." in text


@pytest.mark.parametrize("fields", [{"published_at": None, "session": False}, {"registration": "none"}])
def test_the_page_is_there_for_any_meeting(officer: Client, fields: dict[str, Any]) -> None:
    meeting = create_meeting(**fields)

    assert "Der er ingen påmindelser på vej i øjeblikket." in text_of(officer.get(url(meeting)))


def test_a_reader_sees_the_calendar_and_nothing_to_press(reader: Client, meeting: Meeting) -> None:
    Meeting.objects.update(reminder_text="Kom nu")

    response = reader.get(url(meeting))

    assertContains(response, "Kom nu")
    assertNotContains(response, "<textarea")
    assertNotContains(response, "Sæt påmindelserne på pause")
    assert reader.get(url(meeting, "reminders_mail", reminder="deadline-14")).status_code == 200


def test_a_reader_can_change_nothing(reader: Client, meeting: Meeting) -> None:
    pages = [url(meeting, f"reminders_{name}") for name in ("pause", "resume", "send")]

    refused = [reader.post(page).status_code for page in [url(meeting), *pages]]
    refused += [reader.get(page).status_code for page in pages]

    meeting.refresh_from_db()
    assert refused == [403] * 7
    assert (meeting.reminders_paused_at, meeting.reminder_days, reminded()) == (None, [14, 3], [])


def test_a_stranger_is_asked_to_log_in_and_others_of_the_staff_see_nothing(
    client: Client, meeting: Meeting
) -> None:
    asked = client.get(url(meeting))
    client.force_login(User.objects.create_user("anden", is_staff=True))

    assertRedirects(asked, f"/admin/login/?next={url(meeting)}", fetch_redirect_response=False)
    assert client.get(url(meeting)).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_the_database_as_often_for_many_as_for_one(officer: Client, count: int) -> None:
    meeting = create_meeting(registration_deadline_date=DEADLINE)
    for name in ("Holstebro", "Horsens", "Skive")[:count]:
        invite(meeting, name)
        create_registration(meeting=meeting, municipality=get_municipality(f"{name}"), participants=count)

    assert count_queries(officer, url(meeting)) == 30


# The days and the words.


def save(client: Client, meeting: Meeting, **typed: Any) -> Any:
    return client.post(url(meeting), fields_of(client.get(url(meeting))) | typed, follow=True)


def test_days_and_words_are_saved_with_their_history(officer: Client, meeting: Meeting) -> None:
    response = save(
        officer, meeting, reminder_days="7, 2", reminder_text="Kære alle\r\n\r\nVi ses den {date}."
    )

    meeting.refresh_from_db()
    assertContains(response, "Påmindelserne er gemt.")
    assert meeting.reminder_days == [7, 2]
    assert meeting.reminder_text == "Kære alle\n\nVi ses den {date}."
    assert len(history()) == 1
    assert "Fredag den 26. februar 2027 kl. 8.00" in text_of(response)


def test_a_word_in_braces_that_is_unknown_is_refused_at_its_field_and_nothing_typed_is_lost(
    officer: Client, meeting: Meeting
) -> None:
    response = save(
        officer, meeting, reminder_days="7", reminder_text="Den {date}", meeting_reminder_text="{dato}"
    )

    meeting.refresh_from_db()
    errors = response.context["form"].errors
    assert list(errors) == ["meeting_reminder_text"]
    assert errors["meeting_reminder_text"][0].startswith("{dato} kan ikke bruges: pladsholderen findes ikke.")
    assert fields_of(response)["reminder_days"] == ["7"]
    assert fields_of(response)["meeting_reminder_text"] == ["{dato}"]
    assertContains(response, '<li><a href="#id_meeting_reminder_text">{dato} kan ikke', count=1)
    assertContains(response, "<title>Fejl: Påmindelser")
    assert (meeting.reminder_days, meeting.reminder_text, history()) == ([14, 3], "", [])


def test_the_municipality_can_be_named_to_its_offices_and_not_to_participants(
    officer: Client, meeting: Meeting
) -> None:
    refused = save(officer, meeting, meeting_reminder_text="Kære {municipality}")
    save(officer, meeting, reminder_text="Kære {municipality}")

    meeting.refresh_from_db()
    assert list(refused.context["form"].errors) == ["meeting_reminder_text"]
    assert (meeting.reminder_text, meeting.meeting_reminder_text) == ("Kære {municipality}", "")


@pytest.mark.parametrize("days", ["0", "91", "to", "1.5", "-3", ", ".join(map(str, range(1, 13)))])
def test_days_that_are_none_are_refused(officer: Client, meeting: Meeting, days: str) -> None:
    response = save(officer, meeting, reminder_days=days)

    assert response.context["form"].errors == {
        "reminder_days": ["Skriv hele antal dage mellem 1 og 90, for eksempel 14, 3"]
    }


def test_words_may_not_be_too_long(officer: Client, meeting: Meeting) -> None:
    response = save(officer, meeting, reminder_text="x" * 2001)

    assert list(response.context["form"].errors) == ["reminder_text"]


def test_what_a_colleague_has_changed_meanwhile_stays_where_one_did_not_touch_it(
    officer: Client, meeting: Meeting
) -> None:
    shown = fields_of(officer.get(url(meeting)))
    save(officer, meeting, reminder_days="7")

    officer.post(url(meeting), shown | {"reminder_text": "Kom nu"})

    meeting.refresh_from_db()
    assert (meeting.reminder_days, meeting.reminder_text) == ([7], "Kom nu")


def test_words_that_the_meeting_has_outgrown_are_pointed_out(officer: Client, meeting: Meeting) -> None:
    Meeting.objects.update(reminder_text="Den {date}")
    meeting.sessions.create(starts_date=date(2027, 4, 22))

    text = text_of(officer.get(url(meeting)))

    assert "Jeres egne ord kan ikke længere sendes" in text
    assert "{date} kan ikke bruges: mødet har flere datoer; brug {dates}." in text


# The mail.


def test_the_mail_is_shown_as_it_would_be_sent(officer: Client, meeting: Meeting) -> None:
    response = officer.get(url(meeting, "reminders_mail", reminder="deadline-14"))

    text = text_of(response)
    assert "Herning Kommune &lt;herning@example.dk&gt;" in text
    assert "Emne Påmindelse: Tilmeldingsfristen er fredag den 5. marts" in text
    assert "Herning Kommune har endnu ikke svaret på invitationen" in text


def test_the_mails_html_can_do_nothing_in_its_frame(officer: Client, meeting: Meeting) -> None:
    response = officer.get(url(meeting, "reminders_mail_html", reminder="deadline-14"))

    assertContains(response, "Herning Kommune har endnu ikke svaret")
    assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("name", ["reminders_mail", "reminders_mail_html"])
def test_there_is_no_page_of_a_mail_that_does_not_exist(officer: Client, meeting: Meeting, name: str) -> None:
    assert officer.get(url(meeting, name, reminder="deadline-9")).status_code == 404


# Pause and resume.


def test_pausing_says_first_what_is_not_sent_then(officer: Client, meeting: Meeting) -> None:
    create_registration(meeting=meeting, municipality=get_municipality("Aarhus"), participants=2)

    response = officer.get(url(meeting, "reminders_pause"))

    meeting.refresh_from_db()
    assert meeting.reminders_paused_at is None
    assert [sentence.replace("\xa0", " ") for sentence in response.context["sentences"]] == [
        "Bliver ikke sendt, så længe pausen varer: Påmindelse om fristen, 14 dage før "
        "(fredag den 19. februar 2027 kl. 8.00 til 2 postkasser i 2 kommuner).",
        "Bliver ikke sendt, så længe pausen varer: Påmindelse om fristen, 3 dage før (den sidste) "
        "(tirsdag den 2. marts 2027 kl. 8.00 til 2 postkasser i 2 kommuner).",
        "Bliver ikke sendt, så længe pausen varer: Påmindelse om mødet torsdag den 15. april 2027 kl. 17-19 "
        "(onsdag den 14. april 2027 kl. 8.00 til 2 deltagere).",
        "Breve, kvitteringer og kalenderinvitationer sendes som altid.",
        "Pausen varer, indtil nogen genoptager påmindelserne på mødets side.",
    ]


def test_the_button_pauses_and_the_page_says_so(officer: Client, meeting: Meeting) -> None:
    response = officer.post(url(meeting, "reminders_pause"), follow=True)

    meeting.refresh_from_db()
    assert meeting.reminders_paused_at == NOW.replace(microsecond=meeting.reminders_paused_at.microsecond)  # type: ignore[union-attr]
    assertRedirects(response, url(meeting))
    assert "Der er ikke sendt påmindelser siden 1. februar 2027 kl. 12.00" in text_of(response)
    assert "14 dage før Sendes ikke Påmindelserne er sat på pause." in text_of(response)
    assertContains(response, "Genoptag påmindelserne")


def test_resuming_says_first_what_is_made_up_for(officer: Client, meeting: Meeting, clock: Traveller) -> None:
    officer.post(url(meeting, "reminders_pause"))
    clock.move_to(FOURTEEN_DAYS + timedelta(hours=2))
    officer.force_login(User.objects.get())

    sentences = officer.get(url(meeting, "reminders_resume")).context["sentences"]

    assert sentences[0] == (
        "Bliver sendt: Påmindelse om fristen, 14 dage før (inden for fem minutter "
        "til 2 postkasser i 2 kommuner)."
    )
    assert (
        sentences[-1] == "Andre påmindelser, som skulle have været sendt under pausen, sendes ikke bagefter."
    )


def test_a_draft_without_a_date_can_be_paused_beforehand(officer: Client) -> None:
    meeting = create_meeting(published_at=None, session=False)

    officer.post(url(meeting, "reminders_pause"))

    meeting.refresh_from_db()
    assert meeting.reminders_paused_at is not None


def test_pausing_and_resuming_twice_is_said_and_done_once(officer: Client, meeting: Meeting) -> None:
    said = [
        str(next(iter(officer.post(url(meeting, f"reminders_{verb}"), follow=True).context["messages"])))
        for verb in ("pause", "pause", "resume", "resume")
    ]

    assert said == [
        "Påmindelserne er sat på pause. Ingen påmindelser bliver sendt.",
        "Påmindelserne var allerede sat på pause.",
        "Påmindelserne er genoptaget.",
        "Påmindelserne var allerede genoptaget.",
    ]
    assert history() == ["Satte påmindelserne på pause.", "Genoptog påmindelserne."]


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_a_cancelled_meeting_has_nothing_to_pause(officer: Client, meeting: Meeting, verb: str) -> None:
    meeting.cancel(at=NOW)

    response = officer.post(url(meeting, f"reminders_{verb}"))

    assert response.context["problems"][0] == "Mødet er aflyst."
    assertNotContains(officer.get(url(meeting)), url(meeting, f"reminders_{verb}"))
    assert history() == []


# Send one now.


def test_the_silent_are_chosen_but_for_hosts_and_those_written_to_recently(
    officer: Client, meeting: Meeting
) -> None:
    invite(meeting, "Skive", at=NOW - DAY)
    create_registration(meeting=meeting, municipality=get_municipality("Holstebro"))

    response = officer.get(url(meeting, "reminders_send"))

    assert fields_of(response)["municipality"] == codes("Herning")
    text = text_of(response)
    assert "Udeladt, medmindre I vælger dem 1 kommune fik brevet i går. 1 kommune er vært for mødet." in text
    assert "Skive skive@example.dk Fik brevet i går" in text
    assert "Viborg viborg@example.dk Vært for mødet" in text
    assertNotContains(response, "holstebro@example.dk")


def test_others_can_be_chosen_by_the_address_of_the_page(officer: Client, meeting: Meeting) -> None:
    query = {"municipality": [*codes("Holstebro", "Viborg"), "nonsense"]}

    response = officer.get(url(meeting, "reminders_send"), query)

    assert fields_of(response)["municipality"] == codes("Holstebro", "Viborg")


def test_what_follows_is_said_before_anything_is_sent(officer: Client, meeting: Meeting) -> None:
    page = url(meeting, "reminders_send")
    fields = fields_of(officer.get(page))

    response = officer.post(page, fields)

    assert (
        response.context["sentences"][0] == "Påmindelsen sendes med det samme til 2 postkasser i 2 kommuner."
    )
    assertContains(response, 'value="Send 2 påmindelser"')
    assertContains(response, "Herning Kommune har endnu ikke svaret")
    assert reminded() == []


def test_the_button_sends_once_however_often_it_is_pressed(officer: Client, meeting: Meeting) -> None:
    page = url(meeting, "reminders_send")
    fields = choose(officer, meeting, "Herning", "Viborg")

    first = officer.post(page, fields, follow=True)
    second = officer.post(page, fields, follow=True)

    assertContains(first, "Påmindelsen er på vej til 2 postkasser i 2 kommuner.")
    assertContains(second, "Påmindelsen var allerede sendt som 2 mails. Ingen får den to gange.")
    assert reminded() == ["herning@example.dk", "viborg@example.dk"]
    assert history() == ["Sendte 2 påmindelser om fristen manuelt."]
    assert "Påmindelse om fristen, sendt manuelt På vej 2 mails venter på at blive sendt." in text_of(first)


def test_who_was_reminded_yesterday_is_left_out_until_chosen(
    officer: Client, meeting: Meeting, clock: Traveller
) -> None:
    officer.post(url(meeting, "reminders_send"), choose(officer, meeting, "Herning"))
    clock.move_to(NOW + DAY)
    officer.force_login(User.objects.get())  # a session ends with the day

    response = officer.get(url(meeting, "reminders_send"))

    assert fields_of(response)["municipality"] == codes("Holstebro")
    assert "1 kommune fik en påmindelse i går." in text_of(response)
    fields = choose(officer, meeting, "Herning")
    officer.post(url(meeting, "reminders_send"), fields)
    assert reminded() == ["herning@example.dk", "herning@example.dk"]


def test_where_somebody_has_answered_meanwhile_one_looks_once_more(officer: Client, meeting: Meeting) -> None:
    fields = choose(officer, meeting, "Herning", "Holstebro")
    create_participant(registration=create_registration(meeting=meeting))

    response = officer.post(url(meeting, "reminders_send"), fields, follow=True)

    assertContains(response, "Modtagerne er ændret, siden du så dem.")
    assert fields_of(response)["municipality"] == codes("Holstebro")
    assert reminded() == []


def test_choosing_nobody_is_pointed_out(officer: Client, meeting: Meeting) -> None:
    page = url(meeting, "reminders_send")
    fields = fields_of(officer.get(page)) | {"municipality": []}

    response = officer.post(page, fields)

    assertContains(response, "Vælg mindst én kommune")
    assert fields_of(response)["token"] == fields["token"]


@pytest.mark.parametrize(
    "garbled",
    [{"token": "x"}, {"token": ""}, {"municipality": ["9999", "æ"]}, {"recipients": "x"}],
    ids=["token", "no token", "municipalities", "recipients"],
)
def test_a_garbled_form_sends_nothing_and_breaks_nothing(
    officer: Client, meeting: Meeting, garbled: dict[str, Any]
) -> None:
    fields = choose(officer, meeting, "Herning") | garbled

    response = officer.post(url(meeting, "reminders_send"), fields, follow=True)

    assert (response.status_code, reminded()) == (200, [])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"cancelled_at": NOW}, "Mødet er aflyst."),
        ({"registration_deadline_date": date(2027, 1, 31)}, "Tilmeldingen er lukket."),
        ({"registration_opens_date": date(2027, 2, 20)}, "Tilmeldingen er ikke åbnet endnu."),
        ({"reminders_paused_at": NOW}, "Påmindelserne er sat på pause."),
    ],
)
def test_where_nobody_can_answer_the_page_says_so_and_the_button_is_refused(
    officer: Client, meeting: Meeting, change: dict[str, object], sentence: str
) -> None:
    fields = choose(officer, meeting, "Herning")
    Meeting.objects.filter(pk=meeting.pk).update(**change)

    shown = officer.get(url(meeting, "reminders_send"))
    pressed = officer.post(url(meeting, "reminders_send"), fields, follow=True)

    assert shown.context["hold"] == sentence
    assertNotContains(shown, 'name="municipality"')
    assert [str(message) for message in pressed.context["messages"]] == [sentence]
    assert reminded() == []


def test_where_all_have_answered_there_is_nobody_to_choose(officer: Client) -> None:
    meeting = create_meeting()

    assert "Der er ingen at minde om fristen" in text_of(officer.get(url(meeting, "reminders_send")))


def test_afterwards_it_shows_what_was_sent_and_leads_to_the_mails(
    officer: Client, meeting: Meeting, clock: Traveller
) -> None:
    owe_reminders(at=FOURTEEN_DAYS)
    OutgoingEmail.objects.filter(kind="deadline_reminder").update(
        state="sent", sent_at=FOURTEEN_DAYS + timedelta(seconds=3)
    )
    clock.move_to(FOURTEEN_DAYS + DAY)
    officer.force_login(User.objects.get())

    response = officer.get(url(meeting))

    assert "14 dage før Sendt 2 mails blev sendt fredag den 19. februar 2027 kl. 8.00." in text_of(response)
    mails = officer.get(response.context["mails_url"])
    assert len(mails.context["cl"].queryset) == 2
