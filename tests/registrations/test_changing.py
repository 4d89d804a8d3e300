from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from invitations.danish import COPENHAGEN
from invitations.models import Meeting, OutgoingEmail, Session
from registrations import changing, registering
from registrations.models import Author, CalendarInvitation, Participant, Registration
from registrations.refusals import (
    ListedTwice,
    NoParticipants,
    RegisteredBefore,
    RegistrationNotOpenError,
    RegistrationRefusedError,
    SessionFull,
    ThemeFull,
    TooManyOfMunicipality,
    TooManyParticipants,
)
from tests.delegations import END_OF_DEADLINE, make_attendee, make_delegation
from tests.factories import (
    NOW,
    create_decline,
    create_invitation,
    create_meeting,
    create_programme_item,
    create_session,
    create_theme,
    get_municipality,
)
from tests.wishes import as_it_is, everybody, ids_of, instead_of, somebody_new, wanted

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


def register(meeting: Meeting, *names: str, session: Session | None = None, **fields: Any) -> Registration:
    """Herning's registration of people called so, by its personal link; its mails are forgotten."""
    session = session or meeting.sessions.all()[0]
    people = [
        make_attendee(session=session, name=name, email=f"{name.lower()}@herning.example") for name in names
    ]
    delegation = make_delegation(meeting, participants=people, **fields)
    invitation = create_invitation(meeting=meeting, municipality=delegation.municipality)
    registration = registering.register(meeting, delegation, invitation=invitation, at=NOW)
    OutgoingEmail.objects.all().delete()
    return registration


def person(name: str) -> Participant:
    return Participant.objects.get(name=name)


def told() -> list[tuple[str, str, str]]:
    """Kind, calendar method and address of each mail that has been owed."""
    return list(OutgoingEmail.objects.order_by("pk").values_list("kind", "calendar_method", "to"))


SUMMARY = ("change", "", "anne@herning.example")


def test_who_is_added_gets_an_invitation_and_the_contact_one_summary() -> None:
    registration = register(create_meeting(), "Ane")
    bo = make_attendee(session=person("Ane").session, name="Bo", email="bo@herning.example")

    changing.change(registration, wanted(registration, *everybody(registration), somebody_new(bo)), at=LATER)

    assert list(registration.participants.values_list("name", "position")) == [("Ane", 0), ("Bo", 1)]
    assert sorted(told()) == sorted([("calendar", "REQUEST", "bo@herning.example"), SUMMARY])


def test_who_leaves_gets_a_cancellation_and_the_rest_nothing() -> None:
    registration = register(create_meeting(), "Ane", "Bo")

    changing.change(registration, wanted(registration, as_it_is(person("Ane"))), at=LATER)

    assert person("Bo").withdrawn_at == LATER
    assert person("Ane").withdrawn_at is None
    assert sorted(told()) == sorted([("withdrawal", "CANCEL", "bo@herning.example"), SUMMARY])


def test_who_swaps_session_gets_a_cancellation_of_the_one_and_an_invitation_to_the_other() -> None:
    meeting = create_meeting()
    other = create_session(meeting=meeting, starts_date=date(2027, 4, 16))
    registration = register(meeting, "Ane", "Bo")

    changing.change(
        registration,
        wanted(registration, as_it_is(person("Ane")), as_it_is(person("Bo"), session=other)),
        at=LATER,
    )

    assert person("Bo").session == other
    assert sorted(told()) == sorted(
        [
            ("withdrawal", "CANCEL", "bo@herning.example"),
            ("calendar", "REQUEST", "bo@herning.example"),
            SUMMARY,
        ]
    )
    assert list(
        CalendarInvitation.objects.filter(participant=person("Bo"))
        .order_by("pk")
        .values_list("session", "method", "sequence")
    ) == [(meeting.sessions.first().pk, "CANCEL", 1), (other.pk, "REQUEST", 0)]  # type: ignore[union-attr]


def test_who_swaps_back_is_told_by_the_same_entry_with_a_higher_sequence() -> None:
    meeting = create_meeting()
    first = meeting.sessions.all()[0]
    other = create_session(meeting=meeting, starts_date=date(2027, 4, 16))
    registration = register(meeting, "Ane")

    for session in (other, first, other):
        changing.change(
            registration, wanted(registration, as_it_is(person("Ane"), session=session)), at=LATER
        )

    assert list(CalendarInvitation.objects.order_by("pk").values_list("session", "method", "sequence")) == [
        (first.pk, "CANCEL", 3),
        (other.pk, "REQUEST", 2),
    ]
    assert [method for kind, method, _to in told() if kind != "change"] == [
        "CANCEL",
        "REQUEST",
    ] * 3


def test_another_theme_raises_the_sequence_of_the_calendar_entry() -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting)
    one, two = create_theme(item=item, title="Et"), create_theme(item=item, title="To")
    session = meeting.sessions.all()[0]
    people = [make_attendee(session=session, name="Ane", email="ane@herning.example", themes=[one])]
    registration = registering.register(meeting, make_delegation(meeting, participants=people), at=NOW)
    OutgoingEmail.objects.all().delete()

    changing.change(registration, wanted(registration, as_it_is(person("Ane"), themes=(two,))), at=LATER)

    assert [choice.theme for choice in person("Ane").theme_choices.all()] == [two]
    assert CalendarInvitation.objects.get().sequence == 1
    assert sorted(told()) == sorted([("calendar", "REQUEST", "ane@herning.example"), SUMMARY])


def test_a_substitute_takes_the_place_and_the_lineage_is_kept() -> None:
    meeting = create_meeting(capacity=2)
    registration = register(meeting, "Ane", "Bo")

    changing.change(
        registration,
        wanted(
            registration,
            as_it_is(person("Ane")),
            instead_of(person("Bo"), name="Ida", email="ida@herning.example"),
        ),
        at=LATER,
    )

    ida = person("Ida")
    assert (ida.substitute_for, ida.position, ida.session) == (person("Bo"), 1, person("Bo").session)
    assert person("Bo").withdrawn_at == LATER
    assert sorted(told()) == sorted(
        [
            ("withdrawal", "CANCEL", "bo@herning.example"),
            ("calendar", "REQUEST", "ida@herning.example"),
            SUMMARY,
        ]
    )


def test_a_corrected_name_tells_the_contact_only() -> None:
    registration = register(create_meeting(), "Ane")

    changing.change(registration, wanted(registration, as_it_is(person("Ane"), name="Anne")), at=LATER)

    assert person("Anne").withdrawn_at is None
    assert told() == [SUMMARY]


def test_a_corrected_address_takes_the_meeting_out_of_the_one_calendar_and_puts_it_into_the_other() -> None:
    registration = register(create_meeting(), "Ane")

    changing.change(
        registration, wanted(registration, as_it_is(person("Ane"), email="ane@aarhus.example")), at=LATER
    )

    assert sorted(told()) == sorted(
        [
            ("withdrawal", "CANCEL", "ane@herning.example"),
            ("calendar", "REQUEST", "ane@aarhus.example"),
            SUMMARY,
        ]
    )
    assert CalendarInvitation.objects.values_list("method", "sequence").get() == ("REQUEST", 2)


def test_a_new_contact_and_the_old_one_both_hear_of_it() -> None:
    registration = register(create_meeting(), "Ane")

    changing.change(
        registration,
        wanted(
            registration,
            *everybody(registration),
            contact_name="Ib Sekretær",
            contact_email="ib@herning.example",
        ),
        at=LATER,
    )

    assert [(mail.to, mail.to_name) for mail in OutgoingEmail.objects.order_by("pk")] == [
        ("anne@herning.example", "Anne Sekretær"),
        ("ib@herning.example", "Ib Sekretær"),
    ]


def test_many_changes_at_once_are_one_summary() -> None:
    registration = register(create_meeting(), "Ane", "Bo", "Kaj")
    session = person("Ane").session
    eva = make_attendee(session=session, name="Eva", email="eva@herning.example")

    changing.change(
        registration,
        wanted(
            registration,
            as_it_is(person("Ane"), title="Formand"),
            instead_of(person("Kaj"), name="Ida", email="ida@herning.example"),
            somebody_new(eva),
            committee="Børneudvalget",
        ),
        at=LATER,
    )

    summary = OutgoingEmail.objects.get(kind="change")
    assert (
        summary.subject
        == "Ændret tilmelding: politisk møde i Region Midtjylland den 15. april 2027 kl. 17-19"
    )
    assert [line for line in summary.text.splitlines() if line.startswith("- ")] == [
        "- Tilføjet: Eva",
        "- Afmeldt: Bo",
        "- Stedfortræder: Ida kommer i stedet for Kaj",
        "- Titel for Ane: Formand",
        "- Udvalg: Børneudvalget",
        "- Ane, Formand",
        "- Ida",
        "- Eva",
    ]


def test_nothing_changed_tells_nobody() -> None:
    registration = register(create_meeting(), "Ane")

    changed = changing.change(registration, wanted(registration, *everybody(registration)), at=LATER)

    assert not changed
    assert told() == []
    assert Registration.objects.get().version == 1


def test_the_same_form_sent_twice_changes_once() -> None:
    registration = register(create_meeting(), "Ane", "Bo")
    eva = make_attendee(session=person("Ane").session, name="Eva", email="eva@herning.example")
    form = wanted(
        registration,
        instead_of(person("Bo"), name="Ida", email="ida@herning.example"),
        somebody_new(eva),
    )
    changing.change(registration, form, at=LATER)
    owed = told()

    again = changing.change(registration, form, at=LATER)

    assert not again
    assert told() == owed
    assert Participant.objects.count() == 4


def test_what_another_tab_changed_meanwhile_is_not_overwritten() -> None:
    registration = register(create_meeting(), "Ane", "Bo")
    stale = wanted(registration, as_it_is(person("Ane"), title="Formand"), as_it_is(person("Bo")))
    changing.change(registration, wanted(registration, as_it_is(person("Ane"))), at=LATER)

    with pytest.raises(changing.ChangedMeanwhileError):
        changing.change(registration, stale, at=LATER)

    assert person("Ane").title == ""
    assert person("Bo").withdrawn_at == LATER


def test_nobody_of_another_registration_can_be_changed() -> None:
    meeting = create_meeting()
    mine = register(meeting, "Ane")
    theirs = register(
        meeting, "Bo", municipality=get_municipality("Aarhus"), contact_email="eva@aarhus.example"
    )

    with pytest.raises(changing.ChangedMeanwhileError):
        changing.change(mine, wanted(mine, *everybody(mine), *everybody(theirs)), at=LATER)

    assert person("Bo").registration == theirs


def test_after_the_deadline_nothing_is_changed_but_by_the_secretariat() -> None:
    registration = register(create_meeting(), "Ane")
    form = wanted(registration, as_it_is(person("Ane"), title="Formand"))

    with pytest.raises(RegistrationNotOpenError):
        changing.change(registration, form, at=END_OF_DEADLINE)
    changing.change(registration, form, author=Author.STAFF, at=END_OF_DEADLINE)

    assert person("Ane").title == "Formand"


def test_the_second_before_the_deadline_is_in_time() -> None:
    registration = register(create_meeting(), "Ane")

    changing.change(
        registration,
        wanted(registration, as_it_is(person("Ane"), title="Formand")),
        at=END_OF_DEADLINE - timedelta(seconds=1),
    )

    assert person("Ane").title == "Formand"


def test_a_full_meeting_can_be_changed_by_those_who_have_a_place() -> None:
    registration = register(create_meeting(capacity=1), "Ane")

    changing.change(registration, wanted(registration, as_it_is(person("Ane"), title="Formand")), at=LATER)

    assert person("Ane").title == "Formand"


def test_whoever_takes_the_place_of_one_who_leaves_needs_no_other() -> None:
    meeting = create_meeting(capacity=1)
    registration = register(meeting, "Ane")
    bo = make_attendee(session=person("Ane").session, name="Bo", email="bo@herning.example")

    changing.change(registration, wanted(registration, somebody_new(bo)), at=LATER)

    assert [(one.name, one.is_withdrawn) for one in registration.participants.all()] == [
        ("Ane", True),
        ("Bo", False),
    ]


def refused(
    registration: Registration, *entries: object, at: datetime = LATER
) -> list[tuple[type, int | None]]:
    with pytest.raises(RegistrationRefusedError) as refusal:
        changing.change(registration, wanted(registration, *entries), at=at)  # type: ignore[arg-type]
    return [(type(problem), problem.position) for problem in refusal.value.problems]


def test_more_than_there_are_places_is_refused_and_all_stays_as_it_was() -> None:
    meeting = create_meeting(capacity=2)
    registration = register(meeting, "Ane")
    session = person("Ane").session
    more = [somebody_new(make_attendee(session=session)) for _ in range(2)]

    assert refused(registration, as_it_is(person("Ane"), title="Formand"), *more) == [
        (TooManyParticipants, None)
    ]
    assert person("Ane").title == ""
    assert Participant.objects.count() == 1


def test_who_swaps_to_a_full_session_keeps_what_they_had() -> None:
    meeting = create_meeting()
    first = meeting.sessions.all()[0]
    full = create_session(meeting=meeting, starts_date=date(2027, 4, 16), capacity=1)
    register(
        meeting,
        "Kaj",
        session=full,
        contact_email="x@aarhus.example",
        municipality=get_municipality("Aarhus"),
    )
    registration = register(meeting, "Ane", "Bo")

    assert refused(registration, as_it_is(person("Ane")), as_it_is(person("Bo"), session=full)) == [
        (SessionFull, 1)
    ]
    assert person("Bo").session == first


def test_two_of_a_delegation_can_swap_places_between_full_sessions() -> None:
    meeting = create_meeting()
    first = meeting.sessions.all()[0]
    Session.objects.filter(pk=first.pk).update(capacity=1)
    other = create_session(meeting=meeting, starts_date=date(2027, 4, 16), capacity=1)
    registration = registering.register(
        meeting,
        make_delegation(
            meeting,
            participants=[
                make_attendee(session=first, name="Ane"),
                make_attendee(session=other, name="Bo"),
            ],
        ),
        at=NOW,
    )

    changing.change(
        registration,
        wanted(registration, as_it_is(person("Ane"), session=other), as_it_is(person("Bo"), session=first)),
        at=LATER,
    )

    assert (person("Ane").session, person("Bo").session) == (other, first)


def test_places_below_what_is_taken_refuse_nobody_who_keeps_their_own() -> None:
    meeting = create_meeting(capacity=3)
    registration = register(meeting, "Ane", "Bo", "Kaj")
    Meeting.objects.filter(pk=meeting.pk).update(capacity=1)

    changing.change(
        registration,
        wanted(registration, as_it_is(person("Ane"), title="Formand"), as_it_is(person("Bo"))),
        at=LATER,
    )

    assert person("Ane").title == "Formand"
    assert person("Kaj").withdrawn_at == LATER
    assert refused(
        registration,
        *everybody(registration),
        somebody_new(make_attendee(session=person("Ane").session)),
    ) == [(TooManyParticipants, None)]


def test_a_theme_that_was_made_smaller_is_kept_by_who_has_it_and_given_to_nobody_else() -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting)
    small, other = create_theme(item=item, title="Lille", capacity=1), create_theme(item=item, title="Anden")
    session = meeting.sessions.all()[0]
    people = [
        make_attendee(session=session, name="Ane", themes=[small]),
        make_attendee(session=session, name="Bo", themes=[other]),
    ]
    registration = registering.register(meeting, make_delegation(meeting, participants=people), at=NOW)

    assert refused(registration, as_it_is(person("Ane")), as_it_is(person("Bo"), themes=(small,))) == [
        (ThemeFull, 1)
    ]
    changing.change(
        registration,
        wanted(
            registration, as_it_is(person("Ane"), themes=(other,)), as_it_is(person("Bo"), themes=(small,))
        ),
        at=LATER,
    )

    assert [choice.theme for choice in person("Bo").theme_choices.all()] == [small]


def test_a_municipality_cannot_grow_beyond_its_places() -> None:
    meeting = create_meeting(max_per_municipality=2)
    registration = register(meeting, "Ane", "Bo")

    assert refused(
        registration,
        *everybody(registration),
        somebody_new(make_attendee(session=person("Ane").session)),
    ) == [(TooManyOfMunicipality, None)]


def test_nobody_stands_on_the_list_twice_by_a_change() -> None:
    meeting = create_meeting()
    registration = register(meeting, "Ane", "Bo")
    register(meeting, "Kaj", contact_email="eva@herning.example")
    session = person("Ane").session
    ane_again = make_attendee(session=session, name="Ane", email="ane@herning.example")
    kaj_again = make_attendee(session=session, name="Kaj", email="kaj@herning.example")

    assert refused(
        registration, *everybody(registration), somebody_new(ane_again), somebody_new(kaj_again)
    ) == [(ListedTwice, 2), (RegisteredBefore, 3)]


def test_a_list_without_anybody_is_refused() -> None:
    assert refused(register(create_meeting(), "Ane")) == [(NoParticipants, None)]


def test_all_are_withdrawn_by_one_button_with_one_summary() -> None:
    registration = register(create_meeting(), "Ane", "Bo")

    assert changing.withdraw_those(registration, ids_of(registration), at=LATER) == 2
    assert changing.withdraw_those(registration, ids_of(registration), at=LATER) == 0

    assert registration.participants.active().count() == 0
    assert sorted(told()) == sorted(
        [
            ("withdrawal", "CANCEL", "ane@herning.example"),
            ("withdrawal", "CANCEL", "bo@herning.example"),
            SUMMARY,
        ]
    )
    assert "Ingen er tilmeldt længere." in OutgoingEmail.objects.get(kind="change").text


def test_a_participant_who_withdraws_is_told_and_so_is_the_contact() -> None:
    registration = register(create_meeting(), "Ane", "Bo")

    assert changing.withdraw_one(person("Bo"), author=Author.PARTICIPANT, at=LATER) is True
    assert changing.withdraw_one(person("Bo"), author=Author.PARTICIPANT, at=LATER) is False

    assert sorted(told()) == sorted([("withdrawal", "CANCEL", "bo@herning.example"), SUMMARY])
    assert Registration.objects.get(pk=registration.pk).version == 2


def test_a_contact_who_withdraws_as_participant_gets_one_mail() -> None:
    register(create_meeting(), "Ane", contact_email="ane@herning.example")

    changing.withdraw_one(person("Ane"), author=Author.PARTICIPANT, at=LATER)

    assert told() == [("withdrawal", "CANCEL", "ane@herning.example")]


def test_somebody_added_after_an_afbud_undoes_it() -> None:
    meeting = create_meeting()
    registration = register(meeting, "Ane")
    changing.withdraw_those(registration, ids_of(registration), at=LATER)
    decline = create_decline(meeting=meeting)

    changing.change(
        registration,
        wanted(registration, somebody_new(make_attendee(session=meeting.sessions.all()[0]))),
        at=LATER,
    )

    decline.refresh_from_db()
    assert decline.undone_at == LATER


def test_a_place_without_a_name_is_named_and_invited() -> None:
    registration = register(create_meeting(), "Ane")
    nameless = Participant.objects.create(
        registration=registration, session=person("Ane").session, position=1
    )

    changing.change(
        registration,
        wanted(
            registration,
            as_it_is(person("Ane")),
            as_it_is(nameless, name="Bo", email="bo@herning.example"),
        ),
        at=LATER,
    )

    nameless.refresh_from_db()
    assert (nameless.name, nameless.withdrawn_at) == ("Bo", None)
    assert sorted(told()) == sorted([("calendar", "REQUEST", "bo@herning.example"), SUMMARY])


def test_what_is_changed_stays_changed_through_both_changes_of_the_clock() -> None:
    meeting = create_meeting()
    registration = register(meeting, "Ane")
    # Summer time begins on 28 March 2027; the deadline is moved to that night.
    Meeting.objects.filter(pk=meeting.pk).update(registration_deadline_date=date(2027, 3, 28))
    form = wanted(registration, as_it_is(person("Ane"), title="Formand"))

    with pytest.raises(RegistrationNotOpenError):
        changing.change(registration, form, at=datetime(2027, 3, 29, 0, 0, tzinfo=COPENHAGEN))
    changing.change(registration, form, at=datetime(2027, 3, 28, 23, 59, 59, tzinfo=COPENHAGEN))

    assert person("Ane").title == "Formand"


def test_with_a_wait_accepted_those_without_a_place_wait_for_one() -> None:
    meeting = create_meeting(capacity=2)
    registration = register(meeting, "Ane")
    session = person("Ane").session
    more = [
        somebody_new(make_attendee(session=session, name=name, email=f"{name}@herning.example"))
        for name in ("Bo", "Kaj")
    ]

    changing.change(
        registration, replace(wanted(registration, *everybody(registration), *more), waits=True), at=LATER
    )

    assert [(one.name, one.waitlisted_at) for one in registration.participants.all()] == [
        ("Ane", None),
        ("Bo", None),
        ("Kaj", LATER),
    ]
    assert sorted(told()) == sorted(
        [
            ("calendar", "REQUEST", "Bo@herning.example"),
            ("waiting_list", "", "Kaj@herning.example"),
            SUMMARY,
        ]
    )


def waiting(meeting: Meeting, *names: str) -> Registration:
    """Herning's registration of people who wait for a place at a meeting that Aarhus has filled."""
    register(meeting, "Xi", municipality=get_municipality("Aarhus"), contact_email="eva@aarhus.example")
    return register(meeting, *names, waits=True)


def test_a_place_that_is_given_up_goes_to_the_first_who_waits() -> None:
    meeting = create_meeting(capacity=1)
    theirs = waiting(meeting, "Ane", "Bo")
    mine = Registration.objects.get(municipality__name="Aarhus")

    changing.withdraw_those(mine, ids_of(mine), at=LATER)

    assert [(one.name, one.moved_up_at) for one in theirs.participants.all()] == [
        ("Ane", LATER),
        ("Bo", None),
    ]
    assert sorted(told()) == sorted(
        [
            ("withdrawal", "CANCEL", "xi@herning.example"),
            ("change", "", "eva@aarhus.example"),
            ("calendar", "REQUEST", "ane@herning.example"),
            ("waiting_list", "", "anne@herning.example"),
        ]
    )


def test_a_substitute_of_one_who_waits_takes_their_turn() -> None:
    meeting = create_meeting(capacity=1)
    registration = waiting(meeting, "Ane", "Bo")
    turn = person("Ane").waitlisted_at

    changing.change(
        registration,
        wanted(
            registration,
            instead_of(person("Ane"), name="Ida", email="ida@herning.example"),
            as_it_is(person("Bo")),
        ),
        at=LATER,
    )

    assert (person("Ida").waitlisted_at, person("Ida").substitute_for) == (turn, person("Ane"))
    assert sorted(told()) == sorted(
        [
            ("waiting_list", "", "ane@herning.example"),
            ("waiting_list", "", "ida@herning.example"),
            SUMMARY,
        ]
    )


def test_who_waits_and_swaps_to_a_session_with_room_gets_a_place() -> None:
    meeting = create_meeting()
    first = meeting.sessions.all()[0]
    Session.objects.filter(pk=first.pk).update(capacity=1)
    other = create_session(meeting=meeting, starts_date=date(2027, 4, 16))
    registration = waiting(meeting, "Ane")

    changing.change(registration, wanted(registration, as_it_is(person("Ane"), session=other)), at=LATER)

    assert (person("Ane").session, person("Ane").waitlisted_at) == (other, None)
    assert sorted(told()) == sorted([("calendar", "REQUEST", "ane@herning.example"), SUMMARY])


def test_the_wishes_of_one_who_waits_can_be_changed() -> None:
    meeting = create_meeting(capacity=1)
    item = create_programme_item(meeting=meeting)
    one, two = create_theme(item=item, title="Et", capacity=5), create_theme(item=item, title="To")
    session = meeting.sessions.all()[0]
    registering.register(
        meeting,
        make_delegation(meeting, participants=[make_attendee(session=session, name="Xi", themes=[one])]),
        at=NOW,
    )
    registration = registering.register(
        meeting,
        make_delegation(
            meeting,
            participants=[make_attendee(session=session, name="Ane", themes=[one])],
            contact_email="eva@herning.example",
            waits=True,
        ),
        at=NOW,
    )

    changing.change(
        registration,
        wanted(registration, as_it_is(person("Ane"), themes=(two,), second_wishes=(one,))),
        at=LATER,
    )

    wishes = person("Ane").theme_wishes.values_list("theme__title", "rank")
    assert list(wishes) == [("To", 1), ("Et", 2)]
    assert person("Ane").theme_choices.count() == 0


def test_a_second_wish_is_given_where_the_first_is_full() -> None:
    meeting = create_meeting()
    item = create_programme_item(meeting=meeting)
    small, other = create_theme(item=item, title="Lille", capacity=1), create_theme(item=item, title="Anden")
    third = create_theme(item=item, title="Tredje")
    session = meeting.sessions.all()[0]
    people = [
        make_attendee(session=session, name="Ane", themes=[small]),
        make_attendee(session=session, name="Bo", themes=[other]),
    ]
    registration = registering.register(meeting, make_delegation(meeting, participants=people), at=NOW)

    changing.change(
        registration,
        wanted(
            registration,
            as_it_is(person("Ane")),
            as_it_is(person("Bo"), themes=(small,), second_wishes=(third,)),
        ),
        at=LATER,
    )

    assert [choice.theme for choice in person("Bo").theme_choices.all()] == [third]


def test_nobody_gives_a_place_up_for_a_wait() -> None:
    meeting = create_meeting()
    first = meeting.sessions.all()[0]
    full = create_session(meeting=meeting, starts_date=date(2027, 4, 16), capacity=1)
    aarhus = get_municipality("Aarhus")
    register(meeting, "Xi", session=full, municipality=aarhus, contact_email="eva@aarhus.example")
    registration = register(meeting, "Ane")
    form = replace(wanted(registration, as_it_is(person("Ane"), session=full)), waits=True)

    with pytest.raises(RegistrationRefusedError) as refusal:
        changing.change(registration, form, at=LATER)

    assert refusal.value.problems == (SessionFull(position=0, session=full, asked=1, left=0),)
    assert person("Ane").session == first
