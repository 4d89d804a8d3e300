"""Ten thousand mails, and what can go wrong while they are delivered."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.utils import timezone

from invitations.models import OutgoingEmail
from tests import servers
from tests.faults.workers import THREADS, wait_for, workers
from tests.mails import make_mail, parse
from tests.smtp import mail_server

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

MAILS = 10_000
KILLS = 6


def owe(count: int) -> set[str]:
    mails = [make_mail() for _ in range(count)]
    assert OutgoingEmail.objects.owe(mails, at=timezone.now()) == count
    return {mail.to for mail in mails}


def pretend_that_leases_have_run_out() -> None:
    OutgoingEmail.objects.filter(state=OutgoingEmail.State.SENDING).update(due_at=timezone.now())


def test_ten_thousand_mails_arrive_though_workers_are_killed_and_the_server_misbehaves() -> None:
    recipients = owe(MAILS)
    fickle, unknown = (sorted(recipients)[start : start + 20] for start in (0, 20))

    with mail_server() as server, workers(2, email_url=server.url) as running:
        server.answers.update(dict.fromkeys(fickle[:5], "drop"))
        server.answers.update(dict.fromkeys(fickle[5:], "451 4.3.0 Try again (data)"))
        server.answers.update(dict.fromkeys(unknown, "550 5.1.1 No such user"))
        for number in range(KILLS):
            already = len(server.recipients)
            wait_for(lambda already=already: len(server.recipients) > already + 300, seconds=120)  # type: ignore[misc]
            running[number % 2].kill()
            running[number % 2].start()
        pretend_that_leases_have_run_out()
        wait_for(lambda: len(set(server.recipients)) == MAILS - 40, seconds=600)
        for address in fickle:
            del server.answers[address]
        OutgoingEmail.objects.filter(to__in=fickle).update(due_at=timezone.now())
        everybody = recipients - set(unknown)
        wait_for(
            lambda: not OutgoingEmail.objects.unfinished().exists(),
            seconds=120,
        )

        assert set(server.recipients) == everybody
        # Of each thread of a killed worker nobody knows whether the mail it was at has left.
        assert len(server.recipients) - len(everybody) <= KILLS * THREADS
        repeated = set(server.repeated())
        ids = {message["Message-ID"] for message in map(parse, server.taken) if message["To"] in repeated}
        assert len(ids) == len(repeated)
    states = OutgoingEmail.objects.values_list("state", flat=True)
    assert {state: list(states).count(state) for state in set(states)} == {
        OutgoingEmail.State.SENT: MAILS - len(unknown),
        OutgoingEmail.State.FAILED: len(unknown),
    }


def test_a_mail_server_that_is_away_for_a_while_costs_no_mail() -> None:
    recipients = owe(200)

    with mail_server() as server, workers(2, email_url=server.url):
        wait_for(lambda: len(server.recipients) > 20, seconds=60)
        server.stop()
        time.sleep(15)
        recipients |= owe(50)
        server.start()
        wait_for(lambda: set(server.recipients) == recipients, seconds=120)

    assert not OutgoingEmail.objects.exclude(state=OutgoingEmail.State.SENT).exists()


def test_mails_are_owed_and_delivered_though_redis_was_away() -> None:
    recipients = owe(50)

    with servers.redis() as redis, mail_server() as server:
        with workers(1, email_url=server.url, redis_url=redis.url):
            wait_for(lambda: set(server.recipients) == recipients, seconds=60)
            redis.stop()
            recipients |= owe(50)
            time.sleep(12)
            redis.start()
            wait_for(lambda: set(server.recipients) == recipients, seconds=120)

        assert server.repeated() == []
    connection.close()
