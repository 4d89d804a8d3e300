"""Whatever happens to a meeting, and in whatever order, what must hold holds."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from invitations.models import Invitation, Meeting, OutgoingEmail, Session
from registrations import changing, registering, waiting_list
from registrations.cancellations import cancel_meeting
from registrations.changes import Entry, Wanted
from registrations.delegations import Attendee
from registrations.ledger import LedgerState, ledger
from registrations.models import Author, CalendarInvitation, Decline, Participant, Registration
from registrations.refusals import (
    RegistrationNotOpenError,
    RegistrationRefusedError,
    TooLateError,
)
from tests.delegations import make_delegation
from tests.factories import (
    NOW,
    create_invitation,
    create_meeting,
    create_programme_item,
    create_session,
    create_staff,
    create_theme,
    get_municipality,
)
from tests.wishes import as_it_is, everybody, ids_of, instead_of, somebody_new, wanted

TOWNS = ("Herning", "Viborg", "Aarhus")
REFUSED = (RegistrationRefusedError, RegistrationNotOpenError, TooLateError)

towns = st.sampled_from(TOWNS)
places = st.integers(2, 9) | st.none()
picks = st.integers(0, 7)


class DelegationsInAnyOrder(RuleBasedStateMachine):
    """One meeting with two sessions and a theme of limited places, and three municipalities.

    Rules act as users do; a refusal is an answer too, and must leave everything as it was. `clock` only
    goes forward.
    """

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.clock = NOW
        self.numbers = itertools.count(1)
        self.taken_before: Counter[int | None] = Counter()
        self.versions: dict[int, int] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize(capacity=places, first=places, second=places, most=places)
    def make(self, capacity: int | None, first: int | None, second: int | None, most: int | None) -> None:
        meeting = create_meeting(capacity=capacity, max_per_municipality=most, session=False)
        create_session(meeting=meeting, capacity=first)
        create_session(meeting=meeting, starts_date=date(2027, 4, 16), starts_time=time(9), capacity=second)
        item = create_programme_item(meeting=meeting)
        self.themes = [
            create_theme(item=item, title="Lille", capacity=2),
            create_theme(item=item, title="To"),
        ]
        self.meeting_id = meeting.pk
        for town in TOWNS:
            create_invitation(meeting=meeting, municipality=get_municipality(town))
        self.staff = create_staff(username=f"staff-{id(self)}")
        # So that there is somebody to change from the first step on.
        for number, town in enumerate(TOWNS):
            self.register(town=town, people=[number, number + 5], seats=number % 2, waits=True)

    # What is there now.

    @property
    def meeting(self) -> Meeting:
        return Meeting.objects.get(pk=self.meeting_id)

    @property
    def sessions(self) -> list[Session]:
        return list(self.meeting.sessions.all())

    def standing(self) -> list[Participant]:
        return list(
            Participant.objects.filter(withdrawn_at=None)
            .of_meeting(self.meeting)
            .select_related("registration__meeting", "registration__municipality", "session")
            .prefetch_related("theme_choices__theme", "theme_wishes__theme")
            .order_by("pk")
        )

    def somebody(self, pick: int) -> Participant | None:
        standing = self.standing()
        return standing[pick % len(standing)] if standing else None

    def attendee(self, pick: int, *, named: bool = True) -> Attendee:
        session = self.sessions[pick % 2]
        if not named:
            return Attendee(name="", email="", session=session)
        number = next(self.numbers)
        first, second = self.themes if pick % 4 < 2 else reversed(self.themes)
        return Attendee(
            name=f"Person {number}",
            email=f"person{number}@kommune.example",
            session=session,
            themes=(first,),
            second_wishes=(second,) if pick > 3 else (),
        )

    def act(self, verb: Any, *args: Any, **kwargs: Any) -> None:
        """Do what may be refused; a refusal changes nothing."""
        before = self.state()
        try:
            verb(*args, **kwargs, at=self.clock)
        except REFUSED:
            assert self.state() == before

    def state(self) -> list[Any]:
        people = Participant.objects.of_meeting(self.meeting).order_by("pk")
        return [
            list(people.values_list("pk", "name", "session", "withdrawn_at", "waitlisted_at")),
            OutgoingEmail.objects.count(),
            Decline.objects.filter(undone_at=None).count(),
        ]

    # What users do.

    @rule(
        town=towns,
        people=st.lists(picks, min_size=1, max_size=3),
        seats=st.integers(0, 2),
        waits=st.booleans(),
    )
    def register(self, town: str, people: list[int], seats: int, waits: bool) -> None:
        asked = [self.attendee(pick) for pick in people]
        asked += [self.attendee(people[0], named=False) for _ in range(seats)]
        delegation = make_delegation(
            self.meeting,
            participants=asked,
            municipality=get_municipality(town),
            waits=waits,
        )
        by_link = Invitation.objects.get(meeting=self.meeting_id, municipality__name=town)
        self.act(registering.register, self.meeting, delegation, invitation=by_link)
        # The same form once more is the same registration.
        self.act(registering.register, self.meeting, delegation, invitation=by_link)

    def change(
        self, registration: Registration, *entries: Entry, waits: bool = False, staff: bool = False
    ) -> None:
        form: Wanted = replace(wanted(registration, *entries), waits=waits)
        author = Author.STAFF if staff else Author.CONTACT
        self.act(changing.change, registration, form, author=author)

    @rule(pick=picks, added=picks, named=st.booleans(), waits=st.booleans())
    def add(self, pick: int, added: int, named: bool, waits: bool) -> None:
        if one := self.somebody(pick):
            entries = [*everybody(one.registration), somebody_new(self.attendee(added, named=named))]
            self.change(one.registration, *entries, waits=waits)

    def instead(self, one: Participant, entry: Entry) -> list[Entry]:
        return [entry if other.participant == one.pk else other for other in everybody(one.registration)]

    @rule(pick=picks, waits=st.booleans(), staff=st.booleans())
    def swap(self, pick: int, waits: bool, staff: bool) -> None:
        if one := self.somebody(pick):
            other = next(session for session in self.sessions if session != one.session)
            entry = as_it_is(one, session=other)
            self.change(one.registration, *self.instead(one, entry), waits=waits, staff=staff)

    @rule(pick=picks)
    def leave_one_out(self, pick: int) -> None:
        if one := self.somebody(pick):
            others = [entry for entry in everybody(one.registration) if entry.participant != one.pk]
            self.change(one.registration, *others)

    @rule(pick=picks)
    def change_theme(self, pick: int) -> None:
        one = self.somebody(pick)
        if one and one.name:
            entry = as_it_is(one, themes=(self.themes[pick % 2],), second_wishes=())
            self.change(one.registration, *self.instead(one, entry))

    @rule(pick=picks)
    def substitute(self, pick: int) -> None:
        one = self.somebody(pick)
        if one and one.name:
            number = next(self.numbers)
            entry = instead_of(one, name=f"Vikar {number}", email=f"vikar{number}@kommune.example")
            self.change(one.registration, *self.instead(one, entry))

    @rule(pick=picks)
    def name_a_place(self, pick: int) -> None:
        nameless = [one for one in self.standing() if not one.name]
        if nameless:
            one, number = nameless[pick % len(nameless)], next(self.numbers)
            entry = as_it_is(
                one,
                name=f"Person {number}",
                email=f"person{number}@kommune.example",
                themes=(self.themes[1],),
            )
            self.change(one.registration, *self.instead(one, entry))

    @rule(pick=picks)
    def correct_an_address(self, pick: int) -> None:
        one = self.somebody(pick)
        if one and one.name:
            entry = as_it_is(one, email=f"rettet{next(self.numbers)}@kommune.example")
            self.change(one.registration, *self.instead(one, entry))

    @rule(pick=picks)
    def withdraw_by_own_link(self, pick: int) -> None:
        if one := self.somebody(pick):
            self.act(changing.withdraw_one, one, author=Author.PARTICIPANT)

    @rule(pick=picks)
    def withdraw_a_delegation(self, pick: int) -> None:
        if one := self.somebody(pick):
            self.act(changing.withdraw_those, one.registration, ids_of(one.registration))

    @rule(town=towns)
    def decline(self, town: str) -> None:
        self.act(registering.decline_for, self.meeting, get_municipality(town), withdraw_participants=True)

    # What staff and time do.

    @rule(capacity=places)
    def change_places_of_the_meeting(self, capacity: int | None) -> None:
        Meeting.objects.filter(pk=self.meeting_id).update(capacity=capacity)
        self.sweep()

    @rule(capacity=places, pick=picks)
    def change_places_of_a_session(self, capacity: int | None, pick: int) -> None:
        Session.objects.filter(pk=self.sessions[pick % 2].pk).update(capacity=capacity)
        self.sweep()

    @rule(most=places)
    def change_places_of_municipalities(self, most: int | None) -> None:
        Meeting.objects.filter(pk=self.meeting_id).update(max_per_municipality=most)
        self.sweep()

    @rule(days=st.integers(1, 40))
    def move_the_deadline(self, days: int) -> None:
        deadline = date(2027, 2, 20) + timedelta(days=days)
        Meeting.objects.filter(pk=self.meeting_id).update(registration_deadline_date=deadline)

    @rule(hours=st.integers(1, 5 * 24))
    def let_time_pass(self, hours: int) -> None:
        self.clock += timedelta(hours=hours)
        self.sweep()

    @precondition(lambda self: self.clock > NOW + timedelta(days=20))
    @rule()
    def cancel(self) -> None:
        cancel_meeting(self.meeting, at=self.clock, by=self.staff)

    def sweep(self) -> None:
        """What beat does every minute. Nobody who has a place loses it by what happened before."""
        placed = set(Participant.objects.active().of_meeting(self.meeting).values_list("pk", flat=True))
        waiting_list.move_up_everywhere(at=self.clock)
        assert placed <= set(
            Participant.objects.active().of_meeting(self.meeting).values_list("pk", flat=True)
        )

    # What holds at all times.

    @invariant()
    def no_more_places_are_given_than_there_are(self) -> None:
        taken: Counter[int | None] = Counter(
            one.session_id for one in self.standing() if not one.waitlisted_at
        )
        taken[None] = taken.total()
        limits: dict[int | None, int | None] = {session.pk: session.capacity for session in self.sessions}
        limits[None] = self.meeting.capacity
        for where, limit in limits.items():
            assert limit is None or taken[where] <= max(limit, self.taken_before[where])
        self.taken_before = taken

    @invariant()
    def nobody_has_two_places(self) -> None:
        named = Counter(
            (one.name, one.email, one.session_id, one.registration.municipality_id)
            for one in self.standing()
            if one.name
        )
        assert all(count == 1 for count in named.values())

    @invariant()
    def nobody_waits_for_a_place_that_is_free(self) -> None:
        if not self.meeting.is_cancelled:
            assert [one for one in waiting_list.queue(self.meeting, at=self.clock) if not one.obstacle] == []

    @invariant()
    def those_who_wait_are_numbered_in_the_order_in_which_they_came(self) -> None:
        for session in self.sessions:
            row = [
                one
                for one in waiting_list.queue(self.meeting, at=self.clock)
                if one.participant.session == session
            ]
            assert [one.number for one in row] == list(range(1, len(row) + 1))
            since = [(one.participant.waitlisted_at, one.participant.pk) for one in row]
            assert since == sorted(since)

    @invariant()
    def themes_are_not_given_beyond_their_places(self) -> None:
        chosen = Counter(
            (one.session_id, choice.theme.title)
            for one in self.standing()
            for choice in one.theme_choices.all()
        )
        assert all(count <= 2 for (_session, title), count in chosen.items() if title == "Lille")
        assert not any(one.theme_choices.all() for one in self.standing() if one.waitlisted_at)

    @invariant()
    def each_calendar_is_as_the_last_message_left_it(self) -> None:
        messages: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
        for mail in OutgoingEmail.objects.exclude(calendar="").order_by("pk"):
            sequence = re.search(r"SEQUENCE:(\d+)", mail.calendar)
            uid = re.search(r"UID:(\S+)", mail.calendar.replace("\r\n ", ""))
            assert sequence
            assert uid
            messages[uid[1]].append((mail.calendar_method, int(sequence[1]), mail.to))
        rows = CalendarInvitation.objects.filter(participant__registration__meeting=self.meeting_id)
        for row in rows.select_related("participant"):
            told = messages.pop(row.uid)
            assert [sequence for _method, sequence, _to in told] == list(range(len(told)))
            assert (told[-1][0], told[-1][1]) == (row.method, row.sequence)
            stands_there = (
                row.participant.withdrawn_at is None
                and row.participant.waitlisted_at is None
                and row.participant.session_id == row.session_id
                and not self.meeting.is_cancelled
            )
            assert (row.method == "REQUEST") == (stands_there or self.was_held(row.session_id, told))
            if stands_there:
                assert told[-1][2] == row.participant.email
        assert messages == {}

    def was_held(self, session_id: int, told: list[tuple[str, int, str]]) -> bool:
        """A session that has been held when the meeting is cancelled stays in the calendars."""
        session = Session.objects.get(pk=session_id)
        return self.meeting.is_cancelled and session.over_at() <= self.clock and told[-1][0] == "REQUEST"

    @invariant()
    def everybody_with_a_place_and_an_address_has_been_invited(self) -> None:
        invited = set(
            CalendarInvitation.objects.filter(participant__registration__meeting=self.meeting_id).values_list(
                "participant", "session"
            )
        )
        expected = {
            (one.pk, one.session_id) for one in self.standing() if one.email and not one.waitlisted_at
        }
        assert expected <= invited

    @invariant()
    def the_ledger_says_what_is_registered(self) -> None:
        rows = {row.municipality.name: row for row in ledger(self.meeting).rows}
        for town in TOWNS:
            people = [
                one
                for one in self.standing()
                if one.registration.municipality == get_municipality(town)
                and not one.registration.awaits_match
            ]
            row = rows.get(town)
            counted = (row.registered, row.waitlisted) if row else (0, 0)
            waiting = sum(one.waitlisted_at is not None for one in people)
            assert counted == (len(people) - waiting, waiting)
            if row and row.state == LedgerState.DECLINED:
                assert people == []

    @invariant()
    def nobody_who_comes_has_declined(self) -> None:
        declined = set(
            Decline.objects.filter(meeting=self.meeting_id, undone_at=None).values_list(
                "municipality", flat=True
            )
        )
        coming = {
            one.registration.municipality_id for one in self.standing() if not one.registration.awaits_match
        }
        assert declined & coming == set()

    @invariant()
    def a_registration_only_grows_newer(self) -> None:
        versions = dict(Registration.objects.filter(meeting=self.meeting_id).values_list("pk", "version"))
        assert all(versions[pk] >= version for pk, version in self.versions.items())
        self.versions = versions


@pytest.mark.django_db
@pytest.mark.slow
def test_places_lists_calendars_and_ledger_hold_whatever_happens_in_whatever_order() -> None:
    run_state_machine_as_test(
        DelegationsInAnyOrder, settings=settings(max_examples=10, stateful_step_count=20)
    )


@pytest.mark.django_db
@pytest.mark.faults
def test_they_hold_for_thousands_of_steps() -> None:
    run_state_machine_as_test(
        DelegationsInAnyOrder, settings=settings(max_examples=150, stateful_step_count=40)
    )
