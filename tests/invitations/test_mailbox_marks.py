"""What staff note about mailboxes, on one office and on many, once however often they press."""

from __future__ import annotations

from datetime import timedelta

import pytest

from invitations.mailbox_marks import mark_returned, mark_verified, mark_working
from invitations.models import Mail, OutgoingEmail
from invitations.reachability import unreachable
from tests.factories import NOW, PUBLISHED, create_office, create_staff, get_municipality
from tests.office_files import history

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


def test_mail_came_back_from_some() -> None:
    by = create_staff()
    office, again = create_office(), create_office(municipality=get_municipality("Viborg"))
    silent = create_office(municipality=get_municipality("Skive"), mailbox="")
    pks = [office.pk, again.pk, silent.pk]

    counts = [mark_returned(pks, at=NOW + timedelta(days=days), by=by) for days in (0, 1)]

    office.refresh_from_db()
    silent.refresh_from_db()
    assert counts == [2, 0]
    assert (office.returned_on, silent.returned_on) == (TODAY, None)
    assert history(office) == ["mail kom retur den: tom → 1.2.2027"]
    assert history(silent) == []


def test_it_is_noted_by_the_day_in_copenhagen() -> None:
    office = create_office()

    mark_returned([office.pk], at=NOW.replace(hour=0, minute=30), by=create_staff())

    office.refresh_from_db()
    assert office.returned_on == TODAY


def test_a_mailbox_works_again() -> None:
    by = create_staff()
    returned = create_office(returned_on=TODAY)
    failed = create_office(municipality=get_municipality("Viborg"), verified_on=TODAY)
    fine = create_office(municipality=get_municipality("Skive"))
    OutgoingEmail.objects.owe(
        [Mail(key="1", kind="letter", about="", to=failed.mailbox, subject="", text="", html="")],
        at=PUBLISHED,
    )
    OutgoingEmail.objects.update(state=OutgoingEmail.State.FAILED)
    pks = [returned.pk, failed.pk, fine.pk]

    counts = [mark_working(pks, at=NOW, by=by) for _ in range(2)]

    returned.refresh_from_db()
    assert counts == [2, 0]
    assert returned.returned_on is None
    assert [row for row in unreachable(today=TODAY) if row.office == failed] == []
    assert [history(office) for office in (returned, failed, fine)] == [
        ["Postkassen virker igen."],
        ["Postkassen virker igen."],
        [],
    ]


def test_an_office_is_verified_today() -> None:
    by = create_staff()
    office = create_office(verified_on=TODAY - timedelta(days=500), returned_on=TODAY)

    counts = [mark_verified([office.pk], at=NOW, by=by) for _ in range(2)]

    office.refresh_from_db()
    assert counts == [1, 0]
    assert (office.verified_on, office.returned_on) == (TODAY, TODAY)
    assert history(office) == ["sidst bekræftet: 19.9.2025 → 1.2.2027"]
