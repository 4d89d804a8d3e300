"""The weekends in which the clocks change, watched as the worker watches them: again and again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from invitations.danish import COPENHAGEN
from invitations.models import OutgoingEmail
from registrations.availability import availability
from registrations.tasks import owe_reminders
from tests.factories import (
    create_dispatch,
    create_invitation,
    create_meeting,
    create_registration,
    create_session,
)

pytestmark = pytest.mark.django_db

LONG_BEFORE = datetime(2026, 1, 5, 12, 0, tzinfo=COPENHAGEN)
# Forward at 2.00 on 29 March, back at 3.00 on 25 October: both at 1.00 UTC on a Sunday.
CHANGES = [date(2026, 3, 29), date(2026, 10, 25)]


def moments(sunday: date) -> Iterator[datetime]:
    """Every five minutes of the night of the change, and of the mornings of Sunday and Monday."""
    midnight = datetime(sunday.year, sunday.month, sunday.day, tzinfo=UTC)
    for start, hours in ((timedelta(hours=-1), 5), (timedelta(hours=5), 4), (timedelta(hours=29), 4)):
        for minutes in range(0, hours * 60, 5):
            yield midnight + start + timedelta(minutes=minutes)


@pytest.mark.parametrize("sunday", CHANGES)
def test_reminders_of_the_monday_after_go_out_once_at_eight(sunday: date) -> None:
    monday = sunday + timedelta(days=1)
    asked = create_meeting(
        session=False, published_at=LONG_BEFORE, registration_deadline_date=monday + timedelta(days=3)
    )
    create_session(meeting=asked, starts_date=monday + timedelta(days=30))
    invitation = create_invitation(meeting=asked)
    invitation.invited_at = LONG_BEFORE
    invitation.save()
    create_dispatch(invitation=invitation, mailbox="silent@herning.example")
    near = create_meeting(session=False, published_at=LONG_BEFORE, registration_deadline_date=None)
    create_session(meeting=near, starts_date=monday + timedelta(days=1))
    create_registration(meeting=near, registered_at=LONG_BEFORE)
    reminders = OutgoingEmail.objects.filter(kind__endswith="_reminder")

    for moment in moments(sunday):
        with time_machine.travel(moment, tick=False):
            owe_reminders()

    eight = datetime(monday.year, monday.month, monday.day, 8, 0, tzinfo=COPENHAGEN)
    assert sorted(reminders.values_list("kind", "owed_at")) == [
        ("deadline_reminder", eight),
        ("meeting_reminder", eight),
    ]


@pytest.mark.parametrize(
    ("sunday", "midnight"),
    [
        (CHANGES[0], datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (CHANGES[1], datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
)
def test_a_deadline_on_the_day_of_the_change_ends_at_its_midnight(sunday: date, midnight: datetime) -> None:
    meeting = create_meeting(session=False, published_at=LONG_BEFORE, registration_deadline_date=sunday)
    create_session(meeting=meeting, starts_date=sunday + timedelta(days=30))

    open_at = [
        availability(meeting, at=midnight + timedelta(minutes=minutes)).is_open
        for minutes in (-24 * 60, -1, 0, 60)
    ]

    assert open_at == [True, True, False, False]
