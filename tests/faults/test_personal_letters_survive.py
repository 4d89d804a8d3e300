"""The letters of all municipalities, and what can go wrong while they are made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from invitations import letters
from invitations.models import Dispatch, Letter, OutgoingEmail, PersonalLetter
from tests.factories import create_letter, create_meeting, create_staff, get_area
from tests.faults.workers import wait_for, workers
from tests.large_meeting import ROLES, create_offices
from tests.smtp import mail_server

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

MUNICIPALITIES = 98
KILLS = 4


def send() -> Letter:
    """A letter to five offices in each municipality, sent just now."""
    create_offices()
    today = timezone.localdate()
    meeting = create_meeting(
        areas=[get_area("Hele landet")],
        roles=ROLES,
        session=False,
        registration_deadline_date=today + timedelta(days=30),
    )
    meeting.sessions.create(starts_date=today + timedelta(days=60))
    letter = create_letter(meeting=meeting, is_personal=True)
    letters.dispatch(letter, at=timezone.now(), by=create_staff())
    return letter


def ready() -> int:
    return PersonalLetter.objects.exclude(pdf=None).count()


def pretend_that_leases_have_run_out() -> None:
    PersonalLetter.objects.exclude(claimed_until=None).update(claimed_until=timezone.now())
    OutgoingEmail.objects.filter(state=OutgoingEmail.State.SENDING).update(due_at=timezone.now())


def test_every_municipality_gets_one_letter_though_workers_are_killed() -> None:
    letter = send()

    with mail_server() as server, workers(2, email_url=server.url) as running:
        for number in range(KILLS):
            already = ready()
            wait_for(lambda already=already: ready() > already, seconds=120)  # type: ignore[misc]
            running[number % 2].kill()
            running[number % 2].start()
        pretend_that_leases_have_run_out()
        wait_for(lambda: ready() == MUNICIPALITIES, seconds=300)
        wait_for(lambda: not OutgoingEmail.objects.unfinished().exists(), seconds=300)

        assert len(set(server.recipients)) == 5 * MUNICIPALITIES
    assert PersonalLetter.objects.filter(problem="").values("pdf").distinct().count() == MUNICIPALITIES
    assert OutgoingEmail.objects.filter(state="sent").count() == 5 * MUNICIPALITIES
    assert not Dispatch.objects.filter(letter=letter, email=None).exists()
    for dispatch in Dispatch.objects.filter(letter=letter).select_related("email", "invitation"):
        assert dispatch.email is not None
        own = PersonalLetter.objects.get(letter=letter, invitation=dispatch.invitation)
        assert dispatch.email.attachments.get().file_id == own.pdf_id
