"""Letters that wait for their time, down to the nights in which the clocks change."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from invitations import letters
from invitations.danish import COPENHAGEN, Moment
from invitations.models import Dispatch, Letter, Meeting, OutgoingEmail
from invitations.scheduled_letters import check_time, schedule, send_due, warnings
from invitations.tasks import send_scheduled
from tests.factories import (
    NOW,
    create_letter,
    create_meeting,
    create_office,
    create_session,
    create_staff,
    get_municipality,
)

pytestmark = pytest.mark.django_db

# A Wednesday.
SEND_AT = datetime(2027, 2, 3, 9, 0, tzinfo=COPENHAGEN)
MINUTE = timedelta(minutes=1)


def scheduled(letter: Letter | None = None, *, by: User | None = None) -> Letter:
    """A letter, to the committee of Herning unless there is one, that waits until SEND_AT."""
    letter = letter or create_letter()
    if not letter.meeting.municipalities().filter(offices__isnull=False).exists():
        create_office()
    schedule(letter, send_at=SEND_AT, at=NOW, by=by or create_staff())
    return letter


def history() -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


def test_a_letter_waits_for_its_time_and_is_sent_then_in_the_name_of_who_scheduled_it() -> None:
    secretary = create_staff()
    letter = scheduled(by=secretary)

    too_early = send_due(at=SEND_AT - MINUTE)
    waiting = Letter.objects.get()
    sent = send_due(at=SEND_AT + MINUTE)

    letter.refresh_from_db()
    assert (too_early, sent) == (0, 1)
    assert (waiting.state, waiting.send_at, waiting.send_by) == ("scheduled", SEND_AT, secretary)
    assert (letter.state, letter.sent_at, letter.sent_by) == ("sent", SEND_AT + MINUTE, secretary)
    assert (letter.send_at, letter.send_by) == (None, None)
    assert OutgoingEmail.objects.get().to == "udvalg-0657@example.dk"
    assert history() == ["Sendt som planlagt som 1 mail."]


def test_it_is_sent_once() -> None:
    scheduled()

    assert [send_due(at=SEND_AT), send_due(at=SEND_AT + MINUTE)] == [1, 0]
    assert OutgoingEmail.objects.count() == 1


def test_the_recipients_are_those_of_the_time_of_sending() -> None:
    scheduled()
    create_office(municipality=get_municipality("Skive"), mailbox="udvalg@skive.example")

    send_due(at=SEND_AT)

    assert sorted(Dispatch.objects.values_list("mailbox", flat=True)) == [
        "udvalg-0657@example.dk",
        "udvalg@skive.example",
    ]


def test_the_task_asks_the_clock() -> None:
    letter = scheduled()
    Letter.objects.filter(pk=letter.pk).update(send_at=datetime(2020, 1, 1, tzinfo=COPENHAGEN))

    assert [send_scheduled(), send_scheduled()] == [1, 0]


def test_what_was_called_off_is_a_draft_again_and_not_sent() -> None:
    letter = scheduled()

    called_off = [letter.call_off(), letter.call_off()]

    assert called_off == [True, False]
    assert Letter.objects.get().state == "draft"
    assert send_due(at=SEND_AT) == 0


def test_a_letter_that_waits_is_not_sent_by_hand_nor_scheduled_again() -> None:
    letter = scheduled()
    staff = User.objects.get()
    sentence = "Brevet er planlagt til at blive sendt den 3. februar 2027 kl. 9.00. Fortryd det først."

    for act in (
        lambda: letters.dispatch(letter, at=NOW, by=staff),
        lambda: schedule(letter, send_at=SEND_AT, at=NOW, by=staff),
    ):
        with pytest.raises(ValidationError) as refused:
            act()
        assert refused.value.messages == [sentence]
    assert OutgoingEmail.objects.count() == 0


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda: Meeting.objects.update(cancelled_at=NOW), "Mødet er aflyst."),
        (
            lambda: Dispatch.objects.none() or get_municipality().offices.all().delete(),
            "Ingen af de modtagere, som mødet inviterer, har en postkasse.",
        ),
        (
            lambda: Letter.objects.get().sections.update(text="Tilmeld jer på {join_url}"),
            "Afsnit 1, tekst: {join_url} kan ikke bruges: mødet har intet mødelink.",
        ),
    ],
    ids=["cancelled", "nobody", "no value"],
)
def test_what_cannot_be_sent_at_its_time_becomes_a_draft_that_says_why(spoil: object, problem: str) -> None:
    scheduled()
    spoil()  # type: ignore[operator]

    sent = [send_due(at=SEND_AT), send_due(at=SEND_AT + MINUTE)]

    letter = Letter.objects.get()
    assert sent == [0, 0]
    assert (letter.state, letter.send_at, letter.send_by) == ("not_sent", None, None)
    assert letter.send_problem.startswith(problem.split(": mødet")[0])
    assert (OutgoingEmail.objects.count(), Dispatch.objects.count()) == (0, 0)
    assert len(history()) == 1
    assert history()[0].startswith("Kunne ikke sendes som planlagt: ")


def test_what_could_not_be_sent_is_forgotten_once_it_is_sent_or_scheduled_anew() -> None:
    letter = scheduled()
    letter.call_off(problem="Mødet er aflyst.")

    schedule(letter, send_at=SEND_AT, at=NOW, by=User.objects.get())

    assert (letter.state, letter.send_problem) == ("scheduled", "")


def test_one_that_breaks_holds_back_no_other_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = create_letter(), create_letter()
    staff = create_staff()
    scheduled(first, by=staff)
    scheduled(second, by=staff)
    dispatch = letters.dispatch_due

    def broken(letter: Letter, *, at: datetime) -> int:
        if letter == first:
            raise ZeroDivisionError
        return dispatch(letter, at=at)

    monkeypatch.setattr(letters, "dispatch_due", broken)
    sent = send_due(at=SEND_AT)
    monkeypatch.undo()

    assert (sent, send_due(at=SEND_AT + MINUTE)) == (1, 1)


def test_one_that_dies_halfway_is_sent_whole_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    scheduled()
    monkeypatch.setattr(LogEntry.objects, "log_actions", lambda *_args, **_kwargs: 1 / 0)
    assert send_due(at=SEND_AT) == 0
    monkeypatch.undo()
    left = (OutgoingEmail.objects.count(), Dispatch.objects.count(), Letter.objects.get().state)

    send_due(at=SEND_AT + MINUTE)

    assert left == (0, 0, "scheduled")
    assert (OutgoingEmail.objects.count(), Dispatch.objects.count()) == (1, 1)


def test_a_letter_that_could_not_be_sent_is_not_scheduled() -> None:
    letter = create_letter()

    with pytest.raises(ValidationError) as refused:
        schedule(letter, send_at=SEND_AT, at=NOW, by=create_staff())

    assert refused.value.messages == ["Ingen af de modtagere, som mødet inviterer, har en postkasse."]
    assert Letter.objects.get().state == "draft"


def test_the_database_lets_no_sent_letter_wait() -> None:
    letter = scheduled()

    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(sent_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(send_by=None)


# The time.


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        (Moment(date(2027, 2, 1), time(12, 0)), "Vælg et tidspunkt, der ikke er passeret"),
        (Moment(date(2026, 2, 2), time(12, 0)), "Vælg et tidspunkt, der ikke er passeret"),
        (Moment(date(2029, 2, 2), time(12, 0)), "Vælg et tidspunkt inden for det kommende år"),
        (
            Moment(date(2027, 3, 28), time(2, 30)),
            "Klokkeslættet findes ikke: Uret stilles frem den nat",
        ),
    ],
    ids=["now", "past", "far", "skipped"],
)
def test_a_time_that_is_none_is_refused(moment: Moment, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check_time(moment, at=NOW)

    assert refused.value.messages == [sentence]


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        (Moment(date(2027, 2, 3), time(7, 0)), []),
        (Moment(date(2027, 2, 3), time(17, 59)), []),
        (Moment(date(2027, 2, 3), time(18, 0)), ["Det er uden for kontortid, som er kl. 7-18."]),
        (Moment(date(2027, 2, 6), time(9, 0)), ["Det er weekend eller helligdag."]),
        (
            Moment(date(2027, 3, 25), time(9, 0)),
            ["Det er weekend eller helligdag.", "Tilmeldingsfristen er udløbet til den tid."],
        ),
        (Moment(date(2027, 4, 16), time(9, 0)), ["Mødet er begyndt til den tid."]),
        (
            Moment(date(2027, 10, 31), time(2, 30)),
            [
                "Det er weekend eller helligdag.",
                "Det er uden for kontortid, som er kl. 7-18.",
                "Uret stilles tilbage den nat, så klokkeslættet kommer to gange. Brevet sendes første gang.",
                "Mødet er begyndt til den tid.",
            ],
        ),
    ],
    ids=["opening", "closing", "evening", "Saturday", "Maundy Thursday", "too late", "twice"],
)
def test_what_speaks_against_a_time_is_said(moment: Moment, found: list[str]) -> None:
    assert warnings(create_letter(), moment) == found


def test_a_letter_after_the_meeting_is_not_too_late() -> None:
    letter = create_letter(kind="follow_up")

    assert warnings(letter, Moment(date(2027, 4, 16), time(9, 0))) == []


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    meeting = create_meeting(session=False, registration_deadline_date=None)
    create_session(meeting=meeting, starts_date=date(2027, 11, 20))
    letter = create_letter(meeting=meeting)
    create_office()
    send_at = Moment(date(2027, 10, 31), time(2, 30)).start()
    at = datetime(2027, 10, 1, 12, 0, tzinfo=COPENHAGEN)

    schedule(letter, send_at=send_at, at=at, by=create_staff())

    assert letter.send_at is not None
    assert letter.send_at.utcoffset() == timedelta(0)
    assert letter.send_at.hour == 0
