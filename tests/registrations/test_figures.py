"""What the pictures of a meeting say: answers by day against the deadline, and how full the themes are."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from invitations.danish import COPENHAGEN
from invitations.models import Invitation, Meeting
from registrations.figures import AnswerCurve, answer_curve, theme_fills
from registrations.ledger import ledger
from tests.factories import (
    DEADLINE,
    NOW,
    PUBLISHED,
    create_decline,
    create_invitation,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_session,
    create_theme,
    get_municipality,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=365)


@pytest.fixture
def meeting() -> Meeting:
    """To which Herning and Viborg were invited on 4 January; its deadline is 19 March."""
    meeting = create_meeting()
    for name in ("Herning", "Viborg"):
        create_invitation(meeting=meeting, municipality=get_municipality(name))
    return meeting


def curve_of(meeting: Meeting, *, at: datetime = NOW) -> AnswerCurve:
    curve = answer_curve(meeting, at=at)
    assert curve is not None
    return curve


def test_it_begins_on_the_day_of_the_invitation_and_ends_today(meeting: Meeting) -> None:
    curve = curve_of(meeting)

    assert (curve.deadline, curve.asked) == (DEADLINE, 2)
    assert (curve.days[0], curve.days[-1]) == ((74, 0), (46, 0))
    assert PUBLISHED.date() == DEADLINE - timedelta(days=74)


def test_a_municipality_counts_from_its_first_answer_on(meeting: Meeting) -> None:
    create_registration(meeting=meeting, registered_at=NOW - timedelta(days=2))
    create_registration(meeting=meeting, registered_at=NOW - timedelta(days=4))
    create_decline(meeting=meeting, municipality=get_municipality("Viborg"), declined_at=NOW)

    curve = curve_of(meeting)

    assert [curve.at(days) for days in (51, 50, 48, 47, 46)] == [0, 1, 1, 1, 2]
    assert curve.share(curve.days[-1][1]) == 1.0


def test_a_decline_that_staff_undid_is_no_answer(meeting: Meeting) -> None:
    create_decline(meeting=meeting, declined_at=NOW - timedelta(days=1), undone_at=NOW)

    assert curve_of(meeting).days[-1] == (46, 0)
    assert ledger(meeting).total.answered == 0


def test_a_decline_that_registering_undid_was_the_first_answer(meeting: Meeting) -> None:
    create_decline(meeting=meeting, declined_at=NOW - timedelta(days=2), undone_at=NOW)
    create_registration(meeting=meeting, registered_at=NOW)

    curve = curve_of(meeting)

    assert [curve.at(days) for days in (49, 48, 46)] == [0, 1, 1]


def test_days_are_those_of_copenhagen(meeting: Meeting) -> None:
    midnight = datetime.combine(NOW.date(), time(0), tzinfo=COPENHAGEN)
    create_registration(meeting=meeting, registered_at=midnight - timedelta(minutes=1))
    create_registration(meeting=meeting, registered_at=midnight, municipality=get_municipality("Viborg"))

    curve = curve_of(meeting)

    assert [curve.at(days) for days in (48, 47, 46)] == [0, 1, 2]


def test_a_deadline_at_a_time_of_day_is_on_that_day(meeting: Meeting) -> None:
    meeting.registration_deadline_time = time(12)
    meeting.save()

    assert curve_of(meeting).deadline == DEADLINE


def test_it_ends_a_week_after_the_deadline(meeting: Meeting) -> None:
    assert curve_of(meeting, at=LATER).days[-1] == (-7, 0)


def test_who_waits_to_be_matched_and_who_is_a_guest_has_not_answered(meeting: Meeting) -> None:
    create_registration(meeting=meeting, awaits_match=True)
    create_registration(meeting=meeting, guest_kind="guest")

    assert curve_of(meeting).days[-1] == (46, 0)


def test_there_is_no_curve_where_nobody_was_asked_or_the_meeting_has_no_day(meeting: Meeting) -> None:
    undated = create_meeting(session=False)
    create_invitation(meeting=undated)

    assert answer_curve(create_meeting(), at=NOW) is None
    assert answer_curve(undated, at=NOW) is None


def test_an_answer_before_any_invitation_begins_the_curve() -> None:
    meeting = create_meeting()
    create_registration(meeting=meeting, registered_at=NOW - timedelta(days=1))
    assert not Invitation.objects.exists()

    assert curve_of(meeting).days == [(47, 1), (46, 1)]


def test_a_theme_is_filled_by_those_who_take_a_place_in_each_session(meeting: Meeting) -> None:
    second = create_session(meeting=meeting)
    item = create_programme_item(meeting=meeting)
    theme, other = (
        create_theme(item=item, title="Dagtilbud", capacity=10),
        create_theme(item=item, title="Skole"),
    )
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, themes=[theme])
    create_participant(registration=registration, themes=[theme], session=second)
    create_participant(registration=registration, themes=[theme], withdrawn_at=NOW)
    create_participant(registration=registration, themes=[other], waitlisted_at=NOW)

    fills = theme_fills(meeting)

    assert [(fill.session, fill.number, fill.theme, fill.picked, fill.capacity) for fill in fills] == [
        (meeting.sessions.all()[0], 1, theme, 1, 10),
        (meeting.sessions.all()[0], 2, other, 0, None),
        (second, 1, theme, 1, 10),
        (second, 2, other, 0, None),
    ]
