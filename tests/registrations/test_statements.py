from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from django.utils import translation

from invitations.danish import COPENHAGEN
from invitations.models import Letter, LetterVersion, Meeting, Office, Session, Theme
from registrations.models import CalendarInvitation, Participant, ThemeChoice
from registrations.statements import what_is_wrong
from tests.factories import (
    MEETING_DAY,
    NOW,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_office,
    create_programme_item,
    create_registration,
    create_session,
    create_theme,
    get_municipality,
)
from tests.told import fresh, lines, send_letter, sign_up, wrong

pytestmark = pytest.mark.django_db

ROOM: dict[str, Any] = {"venue_name": "", "venue_street": "", "venue_postcode": "", "venue_city": ""}


@pytest.fixture
def meeting() -> Meeting:
    """A letter went to one office; Ida has chosen the theme Skole, Bo the theme Dagtilbud."""
    meeting = create_meeting(session=False)
    create_session(meeting=meeting, join_url="https://video.example/1")
    item = create_programme_item(meeting=meeting, title="Temadrøftelser", time=time(17, 30))
    create_programme_item(meeting=meeting, title="Tak for i dag", time=time(18, 30))
    dagtilbud = create_theme(item=item, title="Dagtilbud")
    skole = create_theme(item=item, title="Skole")
    send_letter(meeting)
    sign_up(meeting, email="bo@example.dk", themes=[dagtilbud])
    sign_up(meeting, email="ida@example.dk", themes=[skole])
    return meeting


def change_session(**values: Any) -> Callable[[Meeting], object]:
    return lambda meeting: meeting.sessions.update(**values)


def change_meeting(**values: Any) -> Callable[[Meeting], object]:
    return lambda meeting: Meeting.objects.filter(pk=meeting.pk).update(**values)


def change_item(title: str, /, **values: Any) -> Callable[[Meeting], object]:
    return lambda meeting: meeting.programme.filter(title=title).update(**values)


def change_theme(title: str, /, **values: Any) -> Callable[[Meeting], object]:
    return lambda meeting: Theme.objects.filter(item__meeting=meeting, title=title).update(**values)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            change_session(starts_time=time(18), ends_time=time(20)),
            ("Tidspunkt: kl. 17-19 er nu kl. 18-20", 1, 2),
            id="time",
        ),
        pytest.param(
            change_session(starts_date=date(2027, 4, 16)),
            (
                "Dato: torsdag den 15. april 2027 kl. 17-19 er nu fredag den 16. april 2027 kl. 17-19",
                1,
                2,
            ),
            id="date",
        ),
        pytest.param(
            change_session(venue_street="Torvet 7"),
            (
                "Sted: Rådhuset i Herning, Torvet 5, 7400 Herning er nu "
                "Rådhuset i Herning, Torvet 7, 7400 Herning",
                1,
                2,
            ),
            id="place",
        ),
        pytest.param(
            change_session(online=True, **ROOM),
            ("Sted: Rådhuset i Herning, Torvet 5, 7400 Herning er nu Virtuelt", 1, 2),
            id="online",
        ),
        pytest.param(
            # The letter does not print it.
            change_session(join_url="https://video.example/2"),
            ("Mødelink: https://video.example/1 er nu https://video.example/2", 0, 2),
            id="link",
        ),
        pytest.param(
            change_session(join_url=""),
            ("Mødelink: udgår (før: https://video.example/1)", 0, 2),
            id="no link",
        ),
        pytest.param(
            change_meeting(title="Møde om skolen"),
            ("Titel: Politisk møde i Region Midtjylland er nu Møde om skolen", 1, 2),
            id="title",
        ),
        pytest.param(
            change_meeting(registration_deadline_date=date(2027, 3, 26)),
            ("Tilmeldingsfrist: fredag den 19. marts 2027 er nu fredag den 26. marts 2027", 1, 0),
            id="deadline",
        ),
        pytest.param(
            change_theme("Skole", title="Skole og SFO"),
            ("Tema omdøbt: Skole er nu Skole og SFO", 1, 1),
            id="theme renamed",
        ),
        pytest.param(
            change_theme("Skole", room="Lokale 4"),
            ("Tema ændret: Skole er nu Skole, Lokale 4", 1, 0),
            id="theme changed",
        ),
        pytest.param(
            lambda meeting: create_theme(item=meeting.programme.all()[0], title="Unge"),
            ("Tema tilføjet: Unge", 1, 0),
            id="theme added",
        ),
        pytest.param(
            change_item("Tak for i dag", time=time(18, 40)),
            ("Programpunkt flyttet: kl. 18.30 Tak for i dag er nu kl. 18.40", 1, 0),
            id="item moved",
        ),
        pytest.param(
            change_item("Tak for i dag", speakers="Bo"),
            ("Programpunkt ændret: kl. 18.30 Tak for i dag er nu kl. 18.30 Tak for i dag v/ Bo", 1, 0),
            id="item changed",
        ),
        pytest.param(
            lambda meeting: create_programme_item(meeting=meeting, title="Kaffe", time=time(18)),
            ("Programpunkt tilføjet: kl. 18.00 Kaffe", 1, 0),
            id="item added",
        ),
        pytest.param(
            lambda meeting: meeting.programme.filter(title="Tak for i dag").delete(),
            ("Programpunkt fjernet: kl. 18.30 Tak for i dag", 1, 0),
            id="item removed",
        ),
        pytest.param(
            lambda meeting: create_session(meeting=meeting, starts_date=date(2027, 4, 20)),
            (
                "Møde tilføjet: tirsdag den 20. april 2027 kl. 17-19, "
                "Rådhuset i Herning, Torvet 5, 7400 Herning",
                1,
                0,
            ),
            id="session added",
        ),
    ],
)
def test_a_change_concerns_those_who_were_told_the_old(
    meeting: Meeting, change: Callable[[Meeting], object], expected: tuple[str, int, int]
) -> None:
    before = lines(meeting)

    change(meeting)

    assert (before, lines(meeting)) == ([], [expected])


def test_a_programme_that_moves_as_a_whole_is_one_difference(meeting: Meeting) -> None:
    change_item("Temadrøftelser", time=time(18, 30))(meeting)
    change_item("Tak for i dag", time=time(19, 30))(meeting)

    assert lines(meeting) == [("Hele programmet flyttet: kl. 17.30-18.30 er nu kl. 18.30-19.30", 1, 0)]


def test_a_change_back_to_what_was_told_is_no_difference(meeting: Meeting) -> None:
    change_session(starts_time=time(18))(meeting)
    change_session(starts_time=time(17))(meeting)

    assert not wrong(meeting)


def test_who_has_another_theme_now_is_told_and_the_offices_are_not(meeting: Meeting) -> None:
    bo = Participant.objects.get(email="bo@example.dk")
    ThemeChoice.objects.filter(participant=bo).update(theme=Theme.objects.get(title="Skole"))

    assert lines(meeting) == [("Valgt tema: Dagtilbud er nu Skole", 0, 1)]
    assert wrong(meeting).participants == [bo.pk]


def test_the_other_session_is_not_concerned() -> None:
    meeting = create_meeting()
    other = create_session(meeting=meeting, starts_date=date(2027, 4, 20))
    send_letter(meeting)
    sign_up(meeting, email="bo@example.dk")
    ida = sign_up(meeting, email="ida@example.dk", session=other)

    Session.objects.filter(pk=other.pk).update(starts_time=time(18), ends_time=time(20))

    assert lines(meeting) == [("Tidspunkt, 20. april 2027: kl. 17-19 er nu kl. 18-20", 1, 1)]
    assert wrong(meeting).participants == [ida.pk]


def test_who_is_withdrawn_or_waits_for_a_place_is_not_concerned(meeting: Meeting) -> None:
    Participant.objects.get(email="bo@example.dk").withdraw(at=NOW)
    Participant.objects.filter(email="ida@example.dk").update(waitlisted_at=NOW)

    change_session(starts_time=time(18), ends_time=time(20))(meeting)

    assert lines(meeting) == [("Tidspunkt: kl. 17-19 er nu kl. 18-20", 1, 0)]


def test_who_has_moved_to_another_session_is_not_told_of_the_old_one(meeting: Meeting) -> None:
    other = create_session(meeting=meeting, starts_date=date(2027, 4, 20))
    LetterVersion.objects.all().delete()
    Participant.objects.filter(email="bo@example.dk").update(session=other)

    meeting.sessions.exclude(pk=other.pk).update(starts_time=time(18), ends_time=time(20))

    assert wrong(meeting).participants == [Participant.objects.get(email="ida@example.dk").pk]


def test_an_office_counts_with_the_last_letter_that_it_has_got(meeting: Meeting) -> None:
    send_letter(meeting, "Holstebro", "Horsens", kind=Letter.Kind.FOLLOW_UP, letter_date=date(2027, 1, 20))
    change_session(starts_time=time(18), ends_time=time(20))(meeting)
    later = send_letter(meeting, kind=Letter.Kind.CHANGE, letter_date=date(2027, 1, 28))
    create_dispatch(
        letter=Letter.objects.get(kind="invitation"),
        invitation=create_invitation(meeting=meeting, municipality=get_municipality("Viborg")),
    )
    change_session(starts_time=time(19), ends_time=time(21))(meeting)

    found = {entry.letter.pk: (len(entry.holders), entry.differences) for entry in wrong(meeting).letters}

    assert {pk: (count, [str(one) for one in differences]) for pk, (count, differences) in found.items()} == {
        Letter.objects.get(kind="invitation").pk: (1, ["Tidspunkt: kl. 17-19 er nu kl. 19-21"]),
        later.pk: (1, ["Tidspunkt: kl. 18-20 er nu kl. 19-21"]),
    }


def test_an_office_that_is_no_more_counts_until_its_municipality_has_got_a_later_letter() -> None:
    meeting, herning = create_meeting(), get_municipality()
    office = create_office(municipality=herning, mailbox="gammel@herning.example", valid_to=date(2027, 1, 31))
    letter = send_letter(meeting, "Holstebro")
    invitation = create_invitation(meeting=meeting, municipality=herning)
    sent = create_dispatch(letter=letter, invitation=invitation, mailbox=office.mailbox)
    sent.office = office
    sent.save()
    change_session(starts_time=time(18), ends_time=time(20))(meeting)
    before = wrong(meeting).offices

    change = send_letter(meeting, "Holstebro", kind=Letter.Kind.CHANGE)
    still = wrong(meeting).offices
    create_dispatch(letter=change, invitation=invitation, mailbox="ny@herning.example")

    assert (before, still, wrong(meeting).offices) == (2, 1, 0)


def test_an_office_with_a_new_mailbox_is_the_same_office() -> None:
    meeting = create_meeting()
    send_letter(meeting)
    office = Office.objects.get()
    meeting.letters.get().dispatches.update(office=office)
    change_session(starts_time=time(18), ends_time=time(20))(meeting)

    change = send_letter(meeting, kind=Letter.Kind.CHANGE)
    change.dispatches.update(mailbox="ny@herning.example", office=office)

    assert not wrong(meeting)


def test_a_date_to_reserve_promises_no_more_than_it_says() -> None:
    meeting = create_meeting(session=False, published_at=None, registration_deadline_date=None)
    create_session(meeting=meeting, starts_time=None, ends_time=None, **ROOM)
    send_letter(meeting, kind=Letter.Kind.SAVE_THE_DATE)
    change_meeting(published_at=NOW, registration_deadline_date=date(2027, 3, 19))(meeting)
    change_session(starts_time=time(17), ends_time=time(19), venue_name="Rådhuset")(meeting)
    create_programme_item(meeting=meeting)
    promised = lines(meeting)

    change_session(starts_date=date(2027, 4, 16))(meeting)

    assert promised == []
    assert lines(meeting) == [
        ("Dato: torsdag den 15. april 2027 er nu fredag den 16. april 2027 kl. 17-19", 1, 0)
    ]


def test_a_link_that_the_letter_prints_concerns_the_offices(meeting: Meeting) -> None:
    LetterVersion.objects.update(html='<a href="https://video.example/1">')

    change_session(join_url="https://video.example/2")(meeting)

    assert lines(meeting) == [("Mødelink: https://video.example/1 er nu https://video.example/2", 1, 2)]


def test_two_sessions_that_change_places_are_right_in_the_letter_and_wrong_in_calendars() -> None:
    meeting = create_meeting()
    first = meeting.sessions.get()
    second = create_session(meeting=meeting, starts_date=date(2027, 4, 20))
    send_letter(meeting)
    sign_up(meeting, email="bo@example.dk", session=first)

    Session.objects.filter(pk=first.pk).update(starts_date=date(2027, 4, 20))
    Session.objects.filter(pk=second.pk).update(starts_date=MEETING_DAY)

    assert (wrong(meeting).offices, len(wrong(meeting).participants)) == (0, 1)


def test_a_deadline_of_its_own_is_named_by_its_session() -> None:
    meeting = create_meeting()
    create_session(meeting=meeting, starts_date=date(2027, 4, 20))
    send_letter(meeting)

    meeting.sessions.filter(starts_date=date(2027, 4, 20)).update(registration_deadline_date=date(2027, 4, 1))

    assert lines(meeting) == [
        (
            "Tilmeldingsfrist, 20. april 2027: fredag den 19. marts 2027 er nu torsdag den 1. april 2027",
            1,
            0,
        )
    ]


@pytest.mark.parametrize("state", ["draft", "cancelled", "over"])
def test_of_a_meeting_that_is_not_to_come_nothing_is_wrong(meeting: Meeting, state: str) -> None:
    change_session(starts_time=time(18), ends_time=time(20))(meeting)
    if state == "draft":
        change_meeting(published_at=None)(meeting)
    elif state == "cancelled":
        change_meeting(cancelled_at=NOW)(meeting)
    at = datetime(2027, 4, 15, 20, 0, tzinfo=COPENHAGEN) if state == "over" else NOW

    assert not what_is_wrong(fresh(meeting), at=at)


def test_a_session_that_has_been_held_concerns_nobody() -> None:
    meeting = create_meeting(session=False)
    held = create_session(meeting=meeting, starts_date=date(2027, 1, 28))
    create_session(meeting=meeting)
    send_letter(meeting)
    sign_up(meeting, email="bo@example.dk", session=held)

    Session.objects.filter(pk=held.pk).update(starts_time=time(18), ends_time=time(20))

    assert not wrong(meeting)


def test_what_was_never_stated_cannot_be_wrong(meeting: Meeting) -> None:
    CalendarInvitation.objects.update(facts={})
    LetterVersion.objects.update(facts={})

    change_session(starts_time=time(18), ends_time=time(20))(meeting)

    assert not wrong(meeting)


def test_a_guest_without_a_mail_address_has_no_calendar_to_put_right(meeting: Meeting) -> None:
    Participant.objects.update(email="")

    change_session(starts_time=time(18), ends_time=time(20))(meeting)

    assert wrong(meeting).participants == []


def test_the_words_are_danish_whoever_reads(meeting: Meeting) -> None:
    change_session(starts_time=time(18), ends_time=time(20))(meeting)

    with translation.override("en"):
        (line,) = wrong(meeting).lines()

    assert (line.difference.old, line.difference.new) == ("kl. 17-19", "kl. 18-20")


@pytest.mark.parametrize("count", [1, 3])
def test_it_asks_the_database_the_same_however_many_were_told(
    count: int, django_assert_num_queries: Any
) -> None:
    meeting = create_meeting()
    theme = create_theme(item=create_programme_item(meeting=meeting))
    send_letter(meeting, *("Herning", "Holstebro", "Horsens")[:count])
    registration = create_registration(meeting=meeting, participants=0)
    for number in range(count):
        sign_up(meeting, email=f"{number}@example.dk", themes=[theme], registration=registration)
    change_session(starts_time=time(18), ends_time=time(20))(meeting)
    found = fresh(meeting)

    with django_assert_num_queries(11):
        statements = what_is_wrong(found, at=NOW)

    assert (statements.municipalities, len(statements.participants)) == (count, count)


def test_a_participant_of_another_meeting_is_not_concerned(meeting: Meeting) -> None:
    other = create_meeting()
    send_letter(other, "Horsens")
    sign_up(other, email="ida@example.dk")

    change_session(starts_time=time(18), ends_time=time(20))(meeting)

    assert not wrong(other)
