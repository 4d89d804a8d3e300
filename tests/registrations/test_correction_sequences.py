"""Whatever happens to a meeting, in whatever order: calendars say what is so, and nobody hears it twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from itertools import pairwise

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invitations.models import Meeting, OutgoingEmail, Theme
from registrations.calendar_facts import calendar_facts
from registrations.models import CalendarInvitation, Participant, ThemeChoice
from registrations.registering import withdraw
from tests.factories import (
    NOW,
    create_meeting,
    create_programme_item,
    create_registration,
    create_session,
    create_theme,
)
from tests.told import correct, fresh, sign_up, wrong

Step = Callable[[Meeting], object]


def move(session: int, hour: int) -> Step:
    def step(meeting: Meeting) -> None:
        meeting.sessions.filter(position=session).update(starts_time=time(hour), ends_time=time(hour + 2))

    return step


def rename(theme: int, title: str) -> Step:
    return lambda meeting: Theme.objects.filter(item__meeting=meeting, position=theme).update(title=title)


def leave(number: int) -> Step:
    def step(meeting: Meeting) -> None:
        withdraw(participants(meeting)[number], at=NOW)

    return step


def choose(number: int, theme: int) -> Step:
    def step(meeting: Meeting) -> None:
        ThemeChoice.objects.filter(participant=participants(meeting)[number]).update(
            theme=Theme.objects.get(item__meeting=meeting, position=theme)
        )

    return step


def send_if_wrong(meeting: Meeting) -> None:
    if wrong(meeting):
        correct(meeting)


def participants(meeting: Meeting) -> list[Participant]:
    return list(Participant.objects.of_meeting(meeting).order_by("pk"))


people = st.integers(0, 2)
steps = st.one_of(
    st.builds(move, st.integers(0, 1), st.sampled_from([17, 18])),
    st.builds(rename, st.integers(0, 1), st.sampled_from(["Skole", "Unge"])),
    st.builds(choose, people, st.integers(0, 1)),
    st.builds(leave, people),
    st.sampled_from(["Møde A", "Møde B"]).map(
        lambda title: lambda meeting: Meeting.objects.filter(pk=meeting.pk).update(title=title)
    ),
    st.sampled_from([date(2027, 3, 19), date(2027, 3, 20)]).map(
        lambda day: (
            lambda meeting: Meeting.objects.filter(pk=meeting.pk).update(registration_deadline_date=day)
        )
    ),
    st.just(send_if_wrong),
)


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=25)
@given(st.lists(steps, max_size=12))
def test_after_any_changes_and_corrections_the_last_message_to_each_calendar_is_true(
    story: list[Step],
) -> None:
    meeting = create_meeting()
    create_session(meeting=meeting, starts_date=date(2027, 4, 20))
    item = create_programme_item(meeting=meeting)
    themes = [create_theme(item=item, title=title) for title in ("Dagtilbud", "Skole")]
    registration = create_registration(meeting=meeting, participants=0)
    sessions = list(meeting.sessions.all())
    for number in range(3):
        sign_up(
            meeting,
            email=f"{number}@example.dk",
            session=sessions[number % 2],
            themes=[themes[number // 2]],
            registration=registration,
        )

    for step in story:
        step(fresh(meeting))
    send_if_wrong(meeting)

    assert not wrong(meeting)
    for participant in participants(meeting):
        row = CalendarInvitation.objects.get(participant=participant)
        messages = [
            icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")[0]
            for mail in OutgoingEmail.objects.filter(conversation=row.uid).order_by("pk")
        ]
        assert [message["SEQUENCE"] for message in messages] == list(range(row.sequence + 1))
        texts = [
            (str(message["SUMMARY"]), message.decoded("DTSTART"), str(message.get("DESCRIPTION", "")))
            for message in messages
        ]
        assert [before == after for before, after in pairwise(texts)] == [False] * (len(texts) - 1)
        if not participant.is_withdrawn:
            chosen = [choice.theme for choice in participant.theme_choices.select_related("theme")]
            assert row.facts == calendar_facts(participant.session, chosen)
            assert texts[-1][0] == participant.session.meeting.title
            assert texts[-1][1] == participant.session.starts.start()
            assert texts[-1][2].splitlines()[0] == f"Tema: {chosen[0].title}"
