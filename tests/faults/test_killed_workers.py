"""Workers that are killed (SIGKILL) at each step of a delivery."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from invitations.mail import deliver_due
from invitations.models import OutgoingEmail
from invitations.models.outbox import LEASE
from tests.faults.bent import AFTER_ANSWER, STEPS
from tests.faults.workers import owe, stopped_delivery
from tests.mails import parse
from tests.smtp import mail_server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

State = OutgoingEmail.State


def test_a_mail_goes_out_wherever_its_worker_was_killed_and_twice_only_after_the_servers_answer(
    settings: Settings,
) -> None:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        to: dict[str, str] = {}
        states = []
        for step in STEPS:
            (to[step],) = owe(1)
            with stopped_delivery(step):
                pass
            mail = OutgoingEmail.objects.filter(to=to[step])
            states.append(mail.get().state)
            # Nobody else is to take it before all have been killed.
            mail.filter(state=State.OWED).update(due_at=timezone.now() + LEASE)
        arrived = list(server.recipients)
        deliver_due(at=timezone.now() + timedelta(minutes=1))
        too_early = server.recipients[len(arrived) :]

        deliver_due(at=timezone.now() + LEASE)

        assert states == [State.OWED, State.SENDING, State.SENDING, State.SENDING]
        assert (arrived, too_early) == ([to[AFTER_ANSWER]], [])
        assert sorted(server.recipients) == sorted([*to.values(), to[AFTER_ANSWER]])
        mails = [parse(taken) for taken in server.taken]
    assert len({mail["Message-ID"] for mail in mails}) == len(STEPS)
    assert set(OutgoingEmail.objects.values_list("state", flat=True)) == {State.SENT}
