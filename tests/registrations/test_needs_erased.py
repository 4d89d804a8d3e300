"""When what participants need is erased: days after their session, and at once where they do not come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from time_machine import Traveller

from invitations.danish import COPENHAGEN
from invitations.models import Meeting
from registrations import changing, registering, special_needs, tasks
from registrations.cancellations import cancel_meeting
from registrations.models import Participant, SpecialNeeds
from registrations.refusals import TooLateError
from tests.delegations import make_attendee, make_delegation
from tests.factories import (
    NOW,
    create_meeting,
    create_needs,
    create_participant,
    create_registration,
    create_session,
    create_staff,
)
from tests.wishes import as_it_is, instead_of, wanted

pytestmark = pytest.mark.django_db


def somebody(*, meeting: Meeting | None = None, **fields: object) -> Participant:
    """Somebody who needs something, at a meeting of one session unless it is given."""
    meeting = meeting or create_meeting(asks_about_needs=True)
    registration = create_registration(meeting=meeting, participants=0)
    participant = create_participant(registration=registration, **fields)  # type: ignore[arg-type]
    create_needs(participant=participant)
    return participant


@pytest.mark.parametrize(
    ("session", "instant"),
    [
        pytest.param({}, "2027-04-22T19:00:00+02:00", id="seven days after it has ended"),
        pytest.param({"ends_time": None}, "2027-04-23T00:00:00+02:00", id="after the midnight of a day"),
        pytest.param(
            {"ends_date": date(2027, 4, 16), "ends_time": time(12)},
            "2027-04-23T12:00:00+02:00",
            id="after the last of several days",
        ),
        pytest.param(
            {"starts_date": date(2027, 3, 25)},
            "2027-04-01T19:00:00+02:00",
            id="an hour less where summer time begins in between",
        ),
        pytest.param(
            {"starts_date": date(2027, 10, 28)},
            "2027-11-04T19:00:00+01:00",
            id="an hour more where summer time ends in between",
        ),
        pytest.param(
            {"starts_date": date(2027, 10, 24), "starts_time": time(2, 15), "ends_time": time(2, 30)},
            "2027-10-31T02:30:00+02:00",
            id="the first of the two hours in the night when summer time ends",
        ),
    ],
)
def test_it_is_erased_seven_days_after_the_session_by_the_clock_in_copenhagen(
    session: dict[str, object], instant: str
) -> None:
    meeting = create_meeting(session=False, registration_deadline_date=None)
    create_session(meeting=meeting, **session)  # type: ignore[arg-type]
    somebody(meeting=meeting)
    due = datetime.fromisoformat(instant)

    before = special_needs.erase_what_is_due(at=due - timedelta(seconds=1))
    at_the_instant = special_needs.erase_what_is_due(at=due)

    assert (before, at_the_instant, SpecialNeeds.objects.count()) == (0, 1, 0)


def test_an_hour_is_an_hour_less_when_summer_time_begins() -> None:
    session = create_session(meeting=create_meeting(session=False), starts_date=date(2027, 3, 25))

    kept = special_needs.erased_from(session).timestamp() - session.over_at().timestamp()

    assert timedelta(seconds=kept) == timedelta(days=7, hours=-1)


def test_each_session_has_its_own_day_and_a_session_that_is_moved_takes_it_along() -> None:
    meeting = create_meeting()
    later = create_session(meeting=meeting, starts_date=date(2027, 4, 20))
    somebody(meeting=meeting)
    second = somebody(meeting=meeting, session=later)

    first = special_needs.erase_what_is_due(at=datetime(2027, 4, 22, 19, tzinfo=COPENHAGEN))
    later.starts_date = date(2027, 5, 20)
    later.save()
    moved = special_needs.erase_what_is_due(at=datetime(2027, 4, 27, 19, tzinfo=COPENHAGEN))

    assert (first, moved) == (1, 0)
    assert SpecialNeeds.objects.get().participant == second


def test_the_job_erases_what_is_due_now(clock: Traveller) -> None:
    somebody()

    clock.move_to("2027-04-22T18:59:00+02:00")
    early = tasks.erase_special_needs()
    clock.move_to("2027-04-22T19:00:00+02:00")

    assert (early, tasks.erase_special_needs(), tasks.erase_special_needs()) == (0, 1, 0)


def test_a_job_that_was_missed_for_months_is_made_up_for() -> None:
    somebody()

    assert special_needs.erase_what_is_due(at=datetime(2028, 1, 1, tzinfo=COPENHAGEN)) == 1


def test_who_is_withdrawn_leaves_nothing_behind_and_the_others_keep_theirs() -> None:
    participant = somebody()
    other = somebody(meeting=participant.registration.meeting)

    registering.withdraw(participant, at=NOW)

    assert [needs.participant for needs in SpecialNeeds.objects.all()] == [other]


def test_a_cancelled_meeting_leaves_nothing_behind_and_another_keeps_its_own() -> None:
    participant, other = somebody(), somebody()

    cancel_meeting(participant.registration.meeting, at=NOW, by=create_staff())

    assert [needs.participant for needs in SpecialNeeds.objects.all()] == [other]


def test_who_declines_with_everybody_leaves_nothing_behind() -> None:
    participant = somebody()

    registering.decline_for(
        participant.registration.meeting,
        participant.registration.municipality,  # type: ignore[arg-type]
        withdraw_participants=True,
        at=NOW,
    )

    assert SpecialNeeds.objects.count() == 0


def test_who_comes_instead_of_somebody_does_not_inherit_it() -> None:
    participant = somebody()
    registration = participant.registration
    substitute = instead_of(participant, name="Ida", email="ida@herning.example")

    changing.change(registration, wanted(registration, substitute), at=NOW)

    assert registration.participants.filter(withdrawn_at=None).get().substitute_for == participant
    assert SpecialNeeds.objects.count() == 0


@pytest.mark.parametrize(
    ("corrected", "kept"),
    [({"name": "Bo Ny"}, 1), ({"email": "ny@herning.example"}, 1), ({"name": "Ida", "email": "ida@x.dk"}, 0)],
)
def test_another_name_and_another_address_are_another_person(corrected: dict[str, str], kept: int) -> None:
    participant = somebody()
    registration = participant.registration
    anew = as_it_is(participant, **corrected)

    changing.change(registration, wanted(registration, anew), at=NOW)

    assert SpecialNeeds.objects.count() == kept


def test_who_swaps_session_takes_it_along() -> None:
    participant = somebody()
    registration = participant.registration
    second = create_session(meeting=registration.meeting, starts_date=date(2027, 4, 20))
    moved = as_it_is(participant, session=second)

    changing.change(registration, wanted(registration, moved), at=NOW)

    assert SpecialNeeds.objects.get().participant.session == second


def test_nothing_is_kept_where_the_meeting_has_stopped_asking_while_the_form_was_open() -> None:
    meeting = create_meeting(asks_about_needs=True)
    attendee = replace(make_attendee(session=meeting.sessions.get()), needs="Vegetar")
    delegation = make_delegation(meeting, participants=[attendee])
    Meeting.objects.update(asks_about_needs=False)

    registering.register(meeting, delegation, at=NOW)

    assert (Participant.objects.count(), SpecialNeeds.objects.count()) == (1, 0)


def test_what_is_written_at_the_moment_of_a_withdrawal_is_refused() -> None:
    participant = somebody()
    stale = Participant.objects.get(pk=participant.pk)
    registering.withdraw(participant, at=NOW)

    with pytest.raises(TooLateError):
        special_needs.write(stale, "Vegetar", at=NOW)

    assert SpecialNeeds.objects.count() == 0
