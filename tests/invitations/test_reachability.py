"""Who cannot be reached, and why."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from invitations.models import Mail, Municipality, Office, OutgoingEmail, PolicyArea, Role
from invitations.reachability import (
    Unreachable,
    count_unreachable,
    oldest_verification,
    unreachable,
)
from tests.factories import (
    MEETING_DAY,
    NOW,
    PUBLISHED,
    create_area,
    create_meeting,
    create_office,
    create_session,
    get_municipality,
    get_policy_area,
)
from tests.large_meeting import create_offices

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
MAILBOX = "udvalg-0657@example.dk"


def reasons(rows: list[Unreachable], town: str = "Herning") -> list[tuple[str, list[str]]]:
    """What is said of a municipality: the role, or nothing where it is about all of it, and the reasons."""
    return [
        (row.office.role if row.office else "", [reason.value for reason in row.reasons])
        for row in rows
        if row.municipality.name == town
    ]


def in_herning() -> list[tuple[str, list[str]]]:
    return reasons(unreachable(today=TODAY))


def mail(*, to: str = MAILBOX, state: str, at: datetime) -> None:
    key = f"mail-{OutgoingEmail.objects.count()}"
    OutgoingEmail.objects.owe(
        [Mail(key=key, kind="letter", about="", to=to, subject="", text="", html="")], at=at
    )
    sent_at = at if state == "sent" else None
    OutgoingEmail.objects.filter(key=key).update(state=state, sent_at=sent_at)


@pytest.mark.parametrize(
    ("today", "oldest"),
    [
        (date(2027, 2, 1), date(2026, 2, 1)),
        (date(2028, 2, 29), date(2027, 2, 28)),
        (date(2027, 1, 31), date(2026, 1, 31)),
    ],
)
def test_a_verification_holds_for_twelve_months(today: date, oldest: date) -> None:
    assert oldest_verification(today) == oldest


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"mailbox": ""}, [("", ["no_office"]), ("committee", ["no_mailbox"])]),
        ({"returned_on": YESTERDAY}, [("", ["no_office"]), ("committee", ["returned"])]),
        ({"valid_to": YESTERDAY}, [("", ["no_office"]), ("committee", ["expired"])]),
        ({"valid_to": TODAY}, []),
        ({"valid_from": TODAY + timedelta(days=1)}, [("", ["no_office"])]),
        ({"verified_on": date(2026, 2, 1)}, []),
        ({"verified_on": date(2026, 1, 31)}, [("committee", ["not_verified"])]),
        ({"verified_on": None}, [("committee", ["not_verified"])]),
        (
            {"returned_on": YESTERDAY, "verified_on": None},
            [("", ["no_office"]), ("committee", ["returned", "not_verified"])],
        ),
    ],
    ids=str,
)
def test_why_an_office_cannot_be_reached(
    fields: dict[str, object], found: list[tuple[str, list[str]]]
) -> None:
    create_office(**{"verified_on": TODAY, **fields})  # type: ignore[arg-type]

    assert in_herning() == found


def test_a_municipality_without_any_office_cannot_be_reached() -> None:
    assert in_herning() == [("", ["no_office"])]
    assert len(unreachable(today=TODAY)) == 98


def test_an_office_that_has_expired_is_missed_until_another_succeeds_it() -> None:
    create_office(valid_to=date(2021, 12, 31), verified_on=TODAY, name="Den ældste")
    create_office(valid_to=date(2025, 12, 31), verified_on=TODAY, name="Den forrige")
    rows = [row.office for row in unreachable(today=TODAY) if row.office]
    without = [office.name for office in rows]

    create_office(verified_on=TODAY, valid_from=date(2026, 1, 1))

    assert (without, in_herning()) == (["Den forrige"], [])


@pytest.mark.parametrize(
    ("mails", "failed"),
    [
        ([("failed", NOW)], True),
        ([("sent", PUBLISHED), ("failed", NOW)], True),
        ([("failed", PUBLISHED), ("sent", NOW)], False),
        ([("owed", NOW)], False),
    ],
    ids=str,
)
def test_the_last_mail_to_the_mailbox_counts(mails: list[tuple[str, datetime]], failed: bool) -> None:
    create_office(verified_on=TODAY, mailbox="Udvalg-0657@example.dk")
    for state, at in mails:
        mail(state=state, at=at)

    assert in_herning() == ([("committee", ["failed"])] if failed else [])


def test_a_failure_counts_no_more_once_staff_say_that_the_mailbox_works() -> None:
    office = create_office(verified_on=TODAY)
    mail(state="failed", at=PUBLISHED)
    before = in_herning()
    Office.objects.filter(pk=office.pk).update(confirmed_at=NOW)
    between = in_herning()
    mail(state="failed", at=NOW + timedelta(hours=1))

    assert (before, between, in_herning()) == ([("committee", ["failed"])], [], [("committee", ["failed"])])


def test_a_failure_at_another_mailbox_is_none_of_this_one() -> None:
    create_office(verified_on=TODAY)
    mail(to="anden@example.dk", state="failed", at=NOW)

    assert in_herning() == []


def test_an_addressee_counts_once_whatever_is_wrong_and_not_where_it_is_only_not_verified() -> None:
    Office.objects.bulk_create(
        Office(
            municipality=municipality,
            role=Role.MAYOR,
            mailbox=f"{municipality.code}@example.dk",
            verified_on=TODAY,
        )
        for municipality in Municipality.objects.all()
    )
    nobody_is_missed = count_unreachable(today=TODAY)
    Office.objects.filter(municipality__name="Herning").update(returned_on=YESTERDAY, verified_on=None)
    Office.objects.filter(municipality__name="Viborg").update(verified_on=None)
    mail(to="0657@example.dk", state="failed", at=NOW)
    Office.objects.filter(municipality__name="Ikast-Brande").delete()

    assert (nobody_is_missed, count_unreachable(today=TODAY)) == (0, 2)


# Of a meeting.


def test_a_meeting_asks_of_the_offices_that_it_invites_on_its_own_day() -> None:
    area = create_area(municipalities=[get_municipality("Herning"), get_municipality("Viborg")])
    meeting = create_meeting(areas=[area], roles=["committee", "mayor"])
    other = PolicyArea.objects.create(name="klimaområdet")
    create_office(verified_on=TODAY, valid_to=MEETING_DAY - timedelta(days=1))
    create_office(policy_area=other, mailbox="")
    create_office(role=Role.MAYOR, verified_on=TODAY)
    create_office(role=Role.MUNICIPAL_DIRECTOR, mailbox="")
    create_office(municipality=get_municipality("Køge"), mailbox="")

    found = unreachable(today=TODAY, meeting=meeting)

    assert reasons(found) == [("committee", ["expired"])]
    assert reasons(found, "Viborg") == [("", ["no_office"])]
    assert {row.municipality.name for row in found} == {"Herning", "Viborg"}


def test_an_office_that_is_valid_by_then_is_reached() -> None:
    meeting = create_meeting(areas=[create_area(municipalities=[get_municipality()])], roles=["committee"])
    create_office(verified_on=TODAY, valid_from=MEETING_DAY)

    assert unreachable(today=TODAY, meeting=meeting) == []


def test_a_meeting_without_a_date_invites_nobody() -> None:
    meeting = create_meeting(session=False)
    create_office(mailbox="")

    assert unreachable(today=TODAY, meeting=meeting) == []


@pytest.mark.parametrize("offices", [1, 490])
def test_it_asks_the_database_as_often_for_490_offices_as_for_one(offices: int) -> None:
    if offices == 1:
        create_office(policy_area=get_policy_area())
    else:
        create_offices()
    meeting = create_meeting(session=False)
    create_session(meeting=meeting)
    mail(state="failed", at=NOW)

    with CaptureQueriesContext(connection) as queries:
        unreachable(today=TODAY, meeting=meeting)

    assert len(queries) == 6
