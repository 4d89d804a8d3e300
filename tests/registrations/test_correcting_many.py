from __future__ import annotations

from datetime import time

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains

from invitations.models import OutgoingEmail, Theme
from registrations.correction_letters import prepare_correction_letter
from registrations.corrections import plan_correction, send_correction
from tests.factories import NOW, create_staff
from tests.large_meeting import create_large_meeting
from tests.told import fresh, lines, wrong

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.slow]


def test_a_meeting_of_490_offices_is_shown_and_put_right_in_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    meeting, staff = create_large_meeting(participants=1100), create_staff()
    client.force_login(staff)
    meeting.sessions.filter(position=0).update(starts_time=time(18), ends_time=time(20))
    Theme.objects.filter(title="Skole 2").update(title="Skole og SFO")
    prepare_correction_letter(fresh(meeting), at=NOW, by=staff)
    address = reverse("admin:invitations_meeting_correction", args=[meeting.pk])
    client.get(address)
    told = OutgoingEmail.objects.count()

    with django_assert_num_queries(40):
        page = client.get(address)
    plan = plan_correction(fresh(meeting), at=NOW)
    correction, _is_new = send_correction(
        fresh(meeting), fingerprint=plan.fingerprint, with_letter=True, at=NOW, by=staff
    )

    concerned = len(plan.statements.participants)
    assertContains(page, f"{concerned} deltagere får en ny kalenderinvitation")
    assertContains(page, "Send brevet som PDF: 490 mails til modtagere i 98 kommuner")
    # Those of the first session, and of the second those who have chosen the theme.
    assert concerned == correction.calendar_mails == 550 + 183
    assert (correction.letter_mails, correction.contact_mails) == (490, 220)
    assert OutgoingEmail.objects.count() - told == correction.mails
    assert (lines(meeting), wrong(meeting).participants) == ([], [])
