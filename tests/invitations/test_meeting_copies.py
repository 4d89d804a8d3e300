"""Copying a meeting: what comes along, what does not, and which dates are likely."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, models

from invitations.literal_dates import LiteralDates, find_dates, literal_dates
from invitations.meeting_copies import (
    CopyDates,
    LetterDates,
    copy_meeting,
    likely_dates,
    likely_input_deadline,
    next_days,
    remarks,
)
from invitations.models import Announcement, Letter, LetterVersion, Meeting, Session, Theme
from registrations.models import Registration
from tests.factories import (
    MEETING_DAY,
    NOW,
    create_dispatch,
    create_enclosure,
    create_invitation,
    create_letter,
    create_meeting,
    create_programme_item,
    create_question,
    create_registration,
    create_session,
    create_staff,
    create_theme,
    get_area,
    get_municipality,
)

pytestmark = pytest.mark.django_db

TODAY = date(2027, 2, 1)


def create_full_meeting() -> Meeting:
    """A published meeting with everything that staff can type, answers and letters that went out."""
    meeting = create_meeting(
        slug="herning2027",
        areas=[get_area("Region Syddanmark"), get_area()],
        hosts=[get_municipality("Herning"), get_municipality("Aarhus")],
        session=False,
        roles=["mayor", "committee"],
        co_organisers="BUPL",
        registration_opens_date=date(2027, 1, 11),
        registration_opens_time=time(9),
        registration_deadline_time=time(12),
        capacity=100,
        max_per_municipality=5,
        asks_about_needs=True,
        practical_information="Parkér ved rådhuset.",
        reminder_days=[21, 7],
        reminder_text="Husk at svare.",
        meeting_reminder_text="Vel mødt.",
        reminders_paused_at=NOW,
    )
    create_session(
        meeting=meeting,
        label="Vest",
        ends_date=date(2027, 4, 16),
        capacity=40,
        registration_deadline_date=date(2027, 4, 1),
        registration_deadline_time=time(8),
    )
    create_session(
        meeting=meeting, starts_date=date(2027, 4, 22), online=True, join_url="https://kl.dk/teams"
    )
    create_programme_item(
        meeting=meeting, title="Velkommen", time=time(17), until=time(17, 10), speakers="Bo"
    )
    item = create_programme_item(
        meeting=meeting, title="Temaer", details="Vælg:", notes="Kaffe.", room="Salen"
    )
    create_theme(item=item, title="Skole", capacity=20, details="Om skolen.")
    create_theme(item=item, title="Dagtilbud", speakers="Kis", room="2")
    create_question(meeting=meeting, text="Hvad lykkes?")
    create_question(meeting=meeting, text="Hvad er svært?")
    letter = create_letter(
        meeting=meeting,
        title="Invitation til {title}",
        salutation="Kære alle",
        case_number="SAG-2026-01",
        document_number="DOK-77",
        copy_roles=["municipal_director"],
        contact_email="kis@kl.example",
        input_deadline_date=date(2027, 3, 1),
        input_deadline_time=time(12),
        input_email="input@kl.example",
        is_personal=True,
        sent_at=NOW,
    )
    create_enclosure(letter=letter)
    create_enclosure(letter=letter, title="Kun en titel", content=None)
    Announcement.objects.create(letter=letter, meeting=create_meeting(slug="juni"), position=0)
    Announcement.objects.create(letter=letter, meeting=meeting, position=1)
    create_letter(meeting=meeting, kind="follow_up", letter_date=date(2027, 5, 1))
    create_dispatch(invitation=create_invitation(meeting=meeting), letter=letter)
    create_registration(meeting=meeting)
    return meeting


def typed(row: models.Model, *leave_out: str) -> dict[str, Any]:
    """All columns of a row but its id, those that point to what it belongs to, and `leave_out`."""
    belongs = {"id", "meeting_id", "item_id", "letter_id", *leave_out}
    names = {column.attname for column in row._meta.concrete_fields} - belongs
    return {name: getattr(row, name) for name in names}


def all_typed(rows: models.QuerySet[Any], *leave_out: str) -> list[dict[str, Any]]:
    return [typed(row, *leave_out) for row in rows]


def copy_likely(meeting: Meeting, **changes: Any) -> Meeting:
    """A copy on the likely dates, with the latest invitation dated 1 February 2028."""
    days = next_days(meeting, today=TODAY)
    invitation = Letter.objects.filter(meeting=meeting, kind="invitation").order_by("date").last()
    letters = {invitation.pk: LetterDates(date=date(2028, 2, 1))} if invitation else {}
    arguments = {
        "title": "Politisk møde 2028",
        "slug": "herning2028",
        "dates": likely_dates(meeting, days),
        "letters": letters,
        "by": create_staff(),
        **changes,
    }
    return copy_meeting(meeting, **arguments)


def test_everything_typed_about_a_meeting_comes_along_and_nothing_else() -> None:
    meeting = create_full_meeting()

    copy = Meeting.objects.get(pk=copy_likely(meeting).pk)

    dates = ("title", "slug", "registration_opens_date", "registration_deadline_date")
    by_the_system = ("copied_from_id", "published_at", "cancelled_at", "reminders_paused_at")
    assert typed(copy, *dates, *by_the_system) == typed(meeting, *dates, *by_the_system)
    assert [getattr(copy, name) for name in by_the_system] == [meeting.pk, None, None, None]
    assert (copy.title, copy.slug) == ("Politisk møde 2028", "herning2028")
    assert (copy.registration_opens_date, copy.registration_deadline_date) == (
        date(2028, 1, 17),
        date(2028, 3, 24),
    )
    for name in ("area_links", "host_links", "questions"):
        assert all_typed(getattr(copy, name).all()) == all_typed(getattr(meeting, name).all())
    assert [(item.title, item.themes.count()) for item in copy.programme.all()] == [
        ("Velkommen", 0),
        ("Temaer", 2),
    ]
    assert all_typed(copy.programme.all()) == all_typed(meeting.programme.all())
    assert all_typed(Theme.objects.filter(item__meeting=copy)) == all_typed(
        Theme.objects.filter(item__meeting=meeting)
    )
    assert not copy.invitations.exists()
    assert not Registration.objects.filter(meeting=copy).exists()


def test_sessions_keep_their_times_places_and_lengths_on_their_new_days() -> None:
    meeting = create_full_meeting()

    copy = copy_likely(meeting)

    dates = ("starts_date", "ends_date", "last_date", "registration_deadline_date")
    assert all_typed(copy.sessions.all(), *dates) == all_typed(meeting.sessions.all(), *dates)
    assert [tuple(getattr(session, name) for name in dates) for session in copy.sessions.all()] == [
        (date(2028, 4, 20), date(2028, 4, 21), date(2028, 4, 21), date(2028, 4, 6)),
        (date(2028, 4, 27), None, date(2028, 4, 27), None),
    ]


def test_chosen_letters_become_drafts_with_their_parts() -> None:
    meeting = create_full_meeting()
    letter = meeting.letters.get(kind="invitation")
    letters = {letter.pk: LetterDates(date=date(2028, 2, 1), input_deadline=date(2028, 2, 28))}

    copy = copy_likely(meeting, letters=letters)

    drafted = copy.letters.get()
    dates = ("date", "input_deadline_date", "document_number", "sent_at")
    assert typed(drafted, *dates) == typed(letter, *dates)
    assert [getattr(drafted, name) for name in dates] == [date(2028, 2, 1), date(2028, 2, 28), "", None]
    for name in ("sections", "signatories", "enclosures"):
        assert all_typed(getattr(drafted, name).all()) == all_typed(getattr(letter, name).all())
    assert [enclosure.file_id is None for enclosure in drafted.enclosures.all()] == [False, True]
    assert [link.meeting.slug for link in drafted.announcements.all()] == ["juni", "herning2028"]
    assert not LetterVersion.objects.filter(letter=drafted).exists()
    assert not drafted.dispatches.exists()


def test_a_change_that_is_copied_replaces_no_letter_and_waits_for_no_time() -> None:
    meeting = create_meeting()
    anne = create_staff(username="anne")
    letter = create_letter(
        meeting=meeting, kind="change", replaces=date(2027, 1, 4), send_at=NOW, send_by=anne
    )

    copy = copy_likely(meeting, letters={letter.pk: LetterDates(date=date(2028, 2, 1))})

    drafted = copy.letters.get()
    assert (drafted.replaces, drafted.send_at, drafted.input_deadline_date) == (None, None, None)


def test_without_a_date_there_is_no_time_either() -> None:
    meeting = create_full_meeting()
    days = next_days(meeting, today=TODAY)

    copy = copy_likely(meeting, dates=CopyDates(days=days))

    assert (copy.registration_opens, copy.registration_deadline) == (None, None)
    assert [session.registration_deadline for session in copy.sessions.all()] == [None, None]


def test_the_history_of_both_says_so() -> None:
    meeting = create_meeting(slug="herning2027", title="Politisk møde")

    copy = copy_likely(meeting)

    entries = {
        entry.object_id: (entry.action_flag, entry.get_change_message()) for entry in LogEntry.objects.all()
    }
    assert entries == {
        str(copy.pk): (1, "Kopieret fra mødet “Politisk møde” (/herning2027)."),
        str(meeting.pk): (2, "Kopieret til mødet “Politisk møde 2028” (/herning2028)."),
    }


def test_where_the_address_is_taken_nothing_is_copied() -> None:
    meeting = create_full_meeting()
    before = (Meeting.objects.count(), Session.objects.count(), LogEntry.objects.count())

    with pytest.raises(IntegrityError):
        copy_likely(meeting, slug="HERNING2027")

    assert (Meeting.objects.count(), Session.objects.count(), LogEntry.objects.count()) == before


def test_an_empty_draft_is_copied_as_one() -> None:
    meeting = create_meeting(session=False, areas=[], published_at=None, registration_deadline_date=None)

    copy = copy_likely(meeting, letters={})

    assert (copy.sessions.count(), copy.programme.count(), copy.letters.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("had", "today", "gets"),
    [
        (date(2027, 4, 15), TODAY, date(2028, 4, 20)),
        (date(2026, 4, 16), date(2026, 12, 1), date(2027, 4, 15)),
        (date(2023, 4, 20), TODAY, date(2027, 4, 15)),
        (date(2026, 2, 2), date(2027, 2, 1), date(2028, 1, 31)),
        (date(2026, 5, 2), TODAY, date(2027, 5, 1)),
    ],
    ids=[
        "not on Maundy Thursday",
        "a year later",
        "years later, and after today",
        "not today",
        "a Saturday stays one",
    ],
)
def test_a_session_is_likely_to_be_on_the_same_weekday_a_year_later(
    had: date, today: date, gets: date
) -> None:
    meeting = create_meeting(session=False)
    session = create_session(meeting=meeting, starts_date=had)

    assert next_days(meeting, today=today) == {session.pk: gets}


def test_sessions_are_moved_together_where_one_would_fall_on_a_holiday() -> None:
    meeting = create_meeting(session=False)
    for day in (date(2027, 4, 15), date(2027, 4, 22)):
        create_session(meeting=meeting, starts_date=day)

    assert list(next_days(meeting, today=TODAY).values()) == [date(2028, 4, 20), date(2028, 4, 27)]


def test_sessions_stay_as_far_apart_though_one_of_them_has_been_a_year_ago() -> None:
    meeting = create_meeting(session=False)
    for day in (date(2026, 1, 30), date(2026, 2, 10)):
        create_session(meeting=meeting, starts_date=day)

    assert list(next_days(meeting, today=TODAY).values()) == [date(2028, 1, 28), date(2028, 2, 8)]


@pytest.mark.parametrize(
    ("day", "deadline"),
    [
        (date(2028, 4, 20), date(2028, 3, 24)),
        (date(2028, 5, 12), date(2028, 4, 12)),
        (date(2027, 4, 16), date(2027, 3, 19)),
    ],
    ids=["the same weekday", "over Easter", "a Saturday becomes a Friday"],
)
def test_a_deadline_is_as_far_before_the_meeting_on_a_working_day(day: date, deadline: date) -> None:
    meeting = create_meeting()
    session = meeting.sessions.get()

    assert likely_dates(meeting, {session.pk: day}).deadline == deadline


def test_a_deadline_for_input_moves_likewise() -> None:
    meeting = create_meeting()
    letter = create_letter(meeting=meeting, input_deadline_date=date(2027, 3, 1))
    days = {meeting.sessions.get().pk: date(2028, 4, 20)}

    assert likely_input_deadline(meeting, letter, days) == date(2028, 3, 6)


def test_a_region_that_is_no_more_is_said_with_the_one_that_takes_its_place() -> None:
    meeting = create_meeting(areas=[get_area("Region Hovedstaden"), get_area()], session=False)
    session = create_session(meeting=meeting, starts_date=date(2026, 4, 16))
    dates = CopyDates(days={session.pk: date(2027, 4, 15)})

    assert remarks(meeting, dates, today=TODAY) == [
        "Region Hovedstaden har ingen kommuner den 15. april 2027: Ingen ville blive inviteret. "
        "Kommunerne hører da til Region Østdanmark."
    ]


def test_days_on_which_nobody_works_and_deadlines_that_have_passed_are_said() -> None:
    meeting = create_meeting()
    session = meeting.sessions.get()
    dates = CopyDates(days={session.pk: date(2027, 3, 25)}, deadline=date(2027, 1, 29))

    assert remarks(meeting, dates, today=TODAY) == [
        "Torsdag den 25. marts 2027 er ikke en arbejdsdag.",
        "Tilmeldingsfristen den 29. januar 2027 er allerede overskredet.",
    ]
    assert remarks(meeting, likely_dates(meeting, {session.pk: MEETING_DAY}), today=TODAY) == []


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("Vi ses den 28. marts 2026 kl. 17.00.", ["28. marts 2026"]),
        ("Senest tirsdag den 3.  april\n2026", ["3. april 2026"]),
        ("den 5. Maj og 6/5-2026, 07.05.2026", ["5. Maj", "6/5-2026", "07.05.2026"]),
        ("aftalen for 2026, 2026-planen og 2026-2029", ["2026", "2029"]),
        ("{date}, 2000 Frederiksberg, 2100 København, ring 3370 2033 eller 2033 3370", []),
        ("Sag 2026-00123, 12026, kl. 20.26, 1. række", []),
        ("", []),
    ],
    ids=str,
)
def test_dates_that_stand_in_words_are_found(text: str, dates: list[str]) -> None:
    assert find_dates(text) == dates


def test_the_texts_of_a_copy_that_name_other_dates_than_its_own_are_listed() -> None:
    meeting = create_meeting(
        title="Møde 2026",
        practical_information="Fra 15. april 2027 og i 2027.",
        registration_deadline_date=None,
    )
    item = create_programme_item(meeting=meeting, title="Velkommen", notes="Som i 2025.")
    create_theme(item=item, title="Aftalen for 2026")
    create_question(meeting=meeting, text="Hvad lykkedes i 2026?")
    letter = create_letter(meeting=meeting, salutation="Godt nytår 2026")
    letter.sections.create(heading="Den 3. marts", text="Vi ses den {date}.", position=1)
    create_enclosure(letter=letter, title="Regnskab 2026")
    create_letter(meeting=meeting, kind="follow_up", title="Sendt i 2026", sent_at=NOW)

    assert literal_dates(meeting) == [
        LiteralDates("Titel", ("2026",)),
        LiteralDates("Programpunkt 1", ("2025",)),
        LiteralDates("Programpunkt 1, tema 1", ("2026",)),
        LiteralDates("Spørgsmål 1", ("2026",)),
        LiteralDates("Brev: Invitation 25.1.2027, indledende hilsen", ("2026",), letter),
        LiteralDates("Brev: Invitation 25.1.2027, afsnit 2", ("3. marts",), letter),
        LiteralDates("Brev: Invitation 25.1.2027, bilag 1", ("2026",), letter),
    ]
