"""The ledger: what each municipality has answered, and how many of those asked have."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from invitations.models import Meeting, OutgoingEmail
from registrations.ledger import Coverage, LedgerRow, LedgerState, coverages, ledger
from registrations.models import Participant
from tests.factories import (
    NOW,
    create_decline,
    create_dispatch,
    create_invitation,
    create_meeting,
    create_participant,
    create_programme_item,
    create_registration,
    create_theme,
    get_area,
    get_municipality,
)
from tests.large_meeting import create_large_meeting

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting() -> Meeting:
    return create_meeting()


def row_of(meeting: Meeting, name: str = "Herning") -> LedgerRow:
    return next(row for row in ledger(meeting).rows if row.municipality.name == name)


def state_of(meeting: Meeting, name: str = "Herning") -> LedgerState:
    return row_of(meeting, name).state


def test_before_any_letter_all_municipalities_of_the_areas_stand_there_not_invited(meeting: Meeting) -> None:
    of_meeting = ledger(meeting)

    assert len(of_meeting.rows) == 19
    assert of_meeting.counts == {LedgerState.NOT_INVITED: 19}
    assert (of_meeting.total.answered, of_meeting.total.asked) == (0, 0)


def test_an_invited_municipality_is_silent_until_it_answers(meeting: Meeting) -> None:
    create_invitation(meeting=meeting)

    assert state_of(meeting) == LedgerState.SILENT
    assert state_of(meeting, "Viborg") == LedgerState.NOT_INVITED


def test_a_registration_is_counted_with_its_people_since_when_and_by_whom(meeting: Meeting) -> None:
    create_invitation(meeting=meeting)
    create_registration(meeting=meeting, participants=2)
    create_registration(
        meeting=meeting,
        participants=3,
        registered_at=NOW + timedelta(hours=1),
        contact_name="Bo Leder",
        contact_email="bo@herning.example",
    )

    row = row_of(meeting)

    assert (row.state, row.registrations, row.registered) == (LedgerState.REGISTERED, 2, 5)
    assert (row.answered_at, row.contact_name, row.contact_email) == (NOW, "Bo Leder", "bo@herning.example")


def test_an_answer_of_a_municipality_that_was_not_invited_stands_in_the_ledger(meeting: Meeting) -> None:
    create_registration(meeting=meeting, municipality=get_municipality("Ærø"))

    assert state_of(meeting, "Ærø") == LedgerState.REGISTERED
    assert (ledger(meeting).total.answered, ledger(meeting).total.asked) == (1, 1)


def test_a_decline_is_an_answer_and_an_undone_one_is_none(meeting: Meeting) -> None:
    for name, undone_at in (("Herning", None), ("Viborg", NOW)):
        create_invitation(meeting=meeting, municipality=get_municipality(name))
        create_decline(meeting=meeting, municipality=get_municipality(name), undone_at=undone_at)

    assert (state_of(meeting), row_of(meeting).has_answered) == (LedgerState.DECLINED, True)
    assert state_of(meeting, "Viborg") == LedgerState.SILENT


def test_whose_people_have_all_been_withdrawn_has_answered(meeting: Meeting) -> None:
    registration = create_registration(meeting=meeting)
    Participant.objects.update(withdrawn_at=NOW)

    assert (state_of(meeting), row_of(meeting).has_answered) == (LedgerState.WITHDRAWN, True)
    assert registration.participants.count() == 1


def test_who_waits_for_a_place_is_on_the_waiting_list_and_beside_others_makes_it_partly(
    meeting: Meeting,
) -> None:
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, waitlisted_at=NOW)
    assert (state_of(meeting), row_of(meeting).waitlisted) == (LedgerState.WAITLISTED, 1)

    create_participant(registration=registration)
    assert (state_of(meeting), row_of(meeting).registered) == (LedgerState.PARTLY, 1)


def test_a_participant_without_a_theme_in_a_round_makes_it_partly(meeting: Meeting) -> None:
    themes = [create_theme(item=create_programme_item(meeting=meeting, title=title)) for title in ("1", "2")]
    create_programme_item(meeting=meeting, title="Pause")
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, themes=themes)
    assert state_of(meeting) == LedgerState.REGISTERED

    create_participant(registration=registration, themes=themes[:1])
    assert (state_of(meeting), row_of(meeting).themes_missing) == (LedgerState.PARTLY, 1)


def test_a_registration_that_waits_to_be_matched_answers_for_nobody_and_is_seen_at_both(
    meeting: Meeting,
) -> None:
    create_invitation(meeting=meeting)
    create_registration(meeting=meeting, awaits_match=True, mail_municipality=get_municipality("Viborg"))

    assert [
        (row_of(meeting, name).has_answered, row_of(meeting, name).unmatched)
        for name in ("Herning", "Viborg")
    ] == [
        (False, 1),
        (False, 1),
    ]


def test_guests_of_kl_stand_in_no_row(meeting: Meeting) -> None:
    create_registration(meeting=meeting, guest_kind="speaker")

    assert {row.registered for row in ledger(meeting).rows} == {0}


def test_it_tells_to_how_many_mailboxes_was_written_and_how_many_mails_failed(meeting: Meeting) -> None:
    invitation = create_invitation(meeting=meeting)
    mails = []
    for mailbox in ("a@herning.example", "b@herning.example", "b@herning.example"):
        mails.append(create_dispatch(invitation=invitation, mailbox=mailbox).email)
    failed, again, _other = mails
    assert failed is not None
    OutgoingEmail.objects.filter(pk=failed.pk).update(state=OutgoingEmail.State.FAILED)
    assert (row_of(meeting).offices, row_of(meeting).failed) == (2, 1)

    assert again is not None
    OutgoingEmail.objects.filter(pk=again.pk).update(
        state=OutgoingEmail.State.SENT, sent_at=NOW, resend_of=failed
    )
    assert (row_of(meeting).offices, row_of(meeting).failed) == (2, 0)


def test_municipalities_are_counted_by_the_region_of_the_day_of_the_meeting() -> None:
    meeting = create_meeting(areas=[get_area("Region Østdanmark"), get_area("Region Midtjylland")])
    for name in ("Herning", "Viborg", "Roskilde"):
        create_invitation(meeting=meeting, municipality=get_municipality(name))
    create_registration(meeting=meeting)

    assert [(part.name, part.answered, part.asked) for part in ledger(meeting).regions] == [
        ("Region Midtjylland", 1, 2),
        ("Region Østdanmark", 0, 1),
    ]


def test_rows_stand_in_danish_order(meeting: Meeting) -> None:
    create_registration(meeting=meeting, municipality=get_municipality("Ærø"))

    names = [row.municipality.name for row in ledger(meeting).rows]

    assert (names[0], names[-3:]) == ("Favrskov", ["Viborg", "Ærø", "Aarhus"])


def test_the_host_is_a_row_and_known_as_host() -> None:
    meeting = create_meeting(hosts=[get_municipality("Viborg")])

    assert [row_of(meeting, name).is_host for name in ("Viborg", "Herning")] == [True, False]


def test_a_meeting_without_a_day_has_rows_for_those_who_answered_only() -> None:
    meeting = create_meeting(session=False)
    create_invitation(meeting=meeting)

    assert [row.municipality.name for row in ledger(meeting).rows] == ["Herning"]


def test_the_totals_of_several_meetings_are_those_of_their_ledgers(meeting: Meeting) -> None:
    for name in ("Herning", "Viborg"):
        create_invitation(meeting=meeting, municipality=get_municipality(name))
    create_registration(meeting=meeting)
    create_registration(meeting=meeting, municipality=get_municipality("Struer"), awaits_match=True)
    create_registration(meeting=meeting, guest_kind="speaker")
    create_decline(meeting=meeting, municipality=get_municipality("Ærø"))
    create_decline(meeting=meeting, municipality=get_municipality("Viborg"), undone_at=NOW)
    nobody = create_meeting()

    assert coverages([meeting, nobody]) == {
        meeting.pk: ledger(meeting).total,
        nobody.pk: Coverage(name="", answered=0, asked=0),
    }
    assert ledger(meeting).total == Coverage(name="", answered=2, asked=3)


def test_a_hundred_times_the_people_ask_the_database_as_often() -> None:
    counts = []
    for participants in (5, 500):
        meeting = create_large_meeting(participants=participants)
        with CaptureQueriesContext(connection) as queries:
            ledger(meeting)
        counts.append(len(queries))

    assert counts == [counts[0]] * 2
