"""What the plan says of an instant is what is owed then: of both kinds, whatever has happened before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from invitations.danish import COPENHAGEN, is_working_day
from invitations.models import Meeting, OutgoingEmail
from registrations.reminder_times import meeting_reminder
from registrations.reminders import owe_reminders, plan_reminders, reminders_of_deadline
from tests.factories import (
    create_decline,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_participant,
    create_registration,
    create_session,
    get_municipality,
)

pytestmark = pytest.mark.django_db

NAMES = ("Herning", "Holstebro", "Horsens", "Skive")
# The week of the end of summer time lies in the middle.
FIRST = datetime(2027, 10, 18, 0, 0, tzinfo=COPENHAGEN)
DAYS = 28
ANSWERS = ("", "registered", "declined", "unmatched")

instants = st.builds(
    lambda day, hour, minute: (FIRST + timedelta(days=day)).replace(hour=hour, minute=minute),
    st.integers(0, DAYS),
    st.integers(6, 19),
    st.sampled_from([0, 5, 55]),
)


@dataclass(frozen=True)
class Story:
    deadline: date
    own_deadline: date | None
    reminder_days: Sequence[int]
    asked: Sequence[datetime]
    answers: Sequence[str]
    sweeps: Sequence[datetime]
    capacity: int | None
    paused: bool
    moved_by: int
    is_sent: bool
    reminder: int
    later: timedelta


stories = st.builds(
    Story,
    deadline=st.dates(FIRST.date() + timedelta(days=5), FIRST.date() + timedelta(days=DAYS)),
    own_deadline=st.none() | st.dates(FIRST.date() + timedelta(days=5), FIRST.date() + timedelta(days=DAYS)),
    reminder_days=st.lists(st.integers(1, 16), max_size=4, unique=True),
    # Most of them early enough for one of the reminders.
    asked=st.lists(st.just(FIRST) | instants, min_size=len(NAMES), max_size=len(NAMES)),
    answers=st.lists(st.sampled_from(ANSWERS), min_size=len(NAMES), max_size=len(NAMES)),
    sweeps=st.lists(instants, max_size=4).map(sorted),
    capacity=st.sampled_from([None] * 7 + [1]),
    paused=st.sampled_from([False] * 7 + [True]),
    moved_by=st.sampled_from([0, 0, 1, 7]),
    is_sent=st.booleans(),
    reminder=st.integers(0, 20),
    later=st.builds(
        timedelta, days=st.sampled_from([0, 0, 0, 1, 2]), minutes=st.sampled_from([-1, 0, 5, 180, 600])
    ),
)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def tell(story: Story) -> Meeting:
    """The meeting after all that the story tells; answers come last."""
    meeting = create_meeting(
        session=False,
        registration_deadline_date=story.deadline,
        reminder_days=story.reminder_days,
        capacity=story.capacity,
    )
    starts = FIRST.date() + timedelta(days=DAYS + 1)
    create_session(meeting=meeting, starts_date=starts, registration_deadline_date=story.own_deadline)
    create_session(meeting=meeting, starts_date=starts - timedelta(days=2), starts_time=None, ends_time=None)
    for name, asked in zip(NAMES, story.asked, strict=True):
        invitation = create_invitation(meeting=meeting, municipality=get_municipality(name))
        create_dispatch(invitation=invitation, dispatched_at=asked)
    for sweep in story.sweeps:
        owe_reminders(at=sweep)
        if story.is_sent:
            waiting = OutgoingEmail.objects.filter(kind="deadline_reminder", state="owed")
            waiting.update(state="sent", sent_at=sweep)
    if story.moved_by:
        meeting.registration_deadline_date = story.deadline + timedelta(days=story.moved_by)
    meeting.reminders_paused_at = FIRST if story.paused else None
    meeting.save()
    for name, answer in zip(NAMES, story.answers, strict=True):
        municipality = get_municipality(name)
        if answer == "declined":
            create_decline(meeting=meeting, municipality=municipality)
        elif answer:
            registration = create_registration(
                meeting=meeting, municipality=municipality, awaits_match=answer == "unmatched"
            )
            create_participant(
                registration=registration, session=meeting.sessions.all()[1], email=f"{name}@example.dk"
            )
    return meeting


def instant(meeting: Meeting, story: Story) -> datetime:
    """Around the time at which one of the meeting's reminders falls due."""
    due = [reminder.due_at for reminder in reminders_of_deadline(meeting)]
    due += [meeting_reminder(session).due_at for session in meeting.sessions.all()]
    return due[story.reminder % len(due)] + story.later


def addresses(meeting: Meeting, *, at: datetime) -> Counter[str]:
    plan = plan_reminders(meeting, at=at)
    offices = [mailbox.address for _, mailboxes in plan.to_offices for mailbox in mailboxes]
    people = [participant.email for _, people in plan.to_participants for participant in people]
    return Counter([*offices, *people])


def test_what_the_plan_says_of_an_instant_is_what_is_owed_then() -> None:
    kinds: Counter[str] = Counter()

    @given(stories)
    @settings(max_examples=60)
    def holds(story: Story) -> None:
        with undone():
            meeting = tell(story)
            at = instant(meeting, story)
            before = set(OutgoingEmail.objects.values_list("pk", flat=True))

            announced = addresses(meeting, at=at)
            owed = owe_reminders(at=at)

            new = OutgoingEmail.objects.exclude(pk__in=before)
            assert Counter(new.values_list("to", flat=True)) == announced
            assert owed == announced.total()
            assert addresses(meeting, at=at) == Counter()
            kinds.update(new.values_list("kind", flat=True))

    holds()

    # The stories tell of both, and often enough.
    assert min(kinds["deadline_reminder"], kinds["meeting_reminder"]) >= 5


@pytest.mark.slow
def test_no_mailbox_is_reminded_twice_within_two_working_days() -> None:
    """Whatever the days are, however often the program stands still, and when the deadline is moved."""
    reminded: list[int] = []

    @given(
        reminder_days=st.lists(st.integers(1, 16), min_size=2, max_size=6, unique=True),
        standstills=st.sets(st.integers(0, DAYS), max_size=8),
        moved_on=st.integers(0, DAYS),
        moved_by=st.integers(-4, 4),
        is_sent=st.booleans(),
    )
    @settings(max_examples=25)
    def holds(
        reminder_days: list[int], standstills: set[int], moved_on: int, moved_by: int, is_sent: bool
    ) -> None:
        with undone():
            deadline = FIRST.date() + timedelta(days=20)
            meeting = create_meeting(registration_deadline_date=deadline, reminder_days=reminder_days)
            meeting.sessions.update(starts_date=FIRST.date() + timedelta(days=DAYS + 10))
            create_dispatch(invitation=create_invitation(meeting=meeting))
            for number in range(DAYS):
                day = FIRST + timedelta(days=number)
                if number == moved_on:
                    meeting.registration_deadline_date = deadline + timedelta(days=moved_by)
                    meeting.save()
                for hour in () if number in standstills else (8, 17):
                    owe_reminders(at=day.replace(hour=hour))
                    if is_sent:
                        waiting = OutgoingEmail.objects.filter(kind="deadline_reminder", state="owed")
                        waiting.update(state="sent", sent_at=day.replace(hour=hour))

            mails = OutgoingEmail.objects.filter(kind="deadline_reminder", key__startswith="deadline-")
            days = [at.astimezone(COPENHAGEN).date() for at in mails.values_list("owed_at", flat=True)]
            pairs = list(pairwise(sorted(days)))
            assert [pair for pair in pairs if working_days_between(*pair) < 2] == []
            reminded.append(len(days))

    holds()

    assert max(reminded) >= 3


def working_days_between(first: date, last: date) -> int:
    """How many working days begin after the day `first`, until `last`."""
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(is_working_day(day) for day in days)
