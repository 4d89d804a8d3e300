"""Mails that are owed, and what can go wrong while they are delivered: one round of it, or ten thousand."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle

import pytest
from django.db import connection
from django.utils import timezone

from invitations.models import OutgoingEmail
from invitations.models.outbox import LEASE
from tests import servers, servers_plugin
from tests.faults.bent import STEPS
from tests.faults.workers import THREADS, idle_workers, owe, wait_for, workers
from tests.mails import parse
from tests.smtp import MailServer, mail_server

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

State = OutgoingEmail.State
MAILS = 10_000
# So many mails each worker delivers before it stops at its step, to be killed.
BETWEEN = "200"


@pytest.mark.slow
@pytest.mark.postgres
def test_mails_go_on_after_redis_was_emptied_and_after_it_was_away() -> None:
    with servers.redis() as redis, mail_server() as server:
        with idle_workers(1, email_url=server.url, redis_url=redis.url) as (worker,):
            worker.start(BEAT="0.3")
            recipients = owe(3)
            wait_for(lambda: set(server.recipients) == recipients, seconds=120)
            redis.empty()
            recipients |= owe(3)
            wait_for(lambda: set(server.recipients) == recipients, seconds=120)
            redis.stop()
            recipients |= owe(3)
            redis.start()
            wait_for(lambda: set(server.recipients) == recipients, seconds=120)

        assert server.repeated() == []
    connection.close()


@pytest.mark.faults
def test_ten_thousand_mails_arrive_whatever_happens_to_workers_and_servers() -> None:
    recipients = owe(MAILS)
    fickle, unknown = (sorted(recipients)[start : start + 20] for start in (0, 20))
    everybody = recipients - set(unknown)

    with (
        servers.redis() as redis,
        mail_server() as server,
        idle_workers(2, email_url=server.url, redis_url=redis.url) as hosts,
    ):
        server.answers.update(dict.fromkeys(fickle[:5], "drop"))
        server.answers.update(dict.fromkeys(fickle[5:], "451 4.3.0 Try again (data)"))
        server.answers.update(dict.fromkeys(unknown, "550 5.1.1 No such user"))
        # The second clock is half a minute ahead.
        clocks = ("0", "30")
        steps = cycle(STEPS)
        for host, clock in zip(hosts, clocks, strict=True):
            host.start(CLOCK_OFFSET=clock, STOP_AT=next(steps), STOP_AFTER=BETWEEN)
        troubles: list[Callable[[], None]] = [
            redis.empty,
            restart_postgresql,
            lambda: away(redis, seconds=8),
            lambda: away(server, seconds=8),
            restart_postgresql,
            lambda: None,
        ]
        for trouble in troubles:
            for host, clock in zip(hosts, clocks, strict=True):
                wait_for(lambda host=host: host.has_stopped, seconds=600)  # type: ignore[misc]
                host.kill()
                host.start(CLOCK_OFFSET=clock, STOP_AT=next(steps), STOP_AFTER=BETWEEN)
            already = len(server.recipients)
            wait_for(lambda already=already: len(server.recipients) > already + 100, seconds=600)  # type: ignore[misc]
            trouble()
        for host, clock in zip(hosts, clocks, strict=True):
            host.kill()
            host.start(CLOCK_OFFSET=clock)
        wait_for(lambda: len(set(server.recipients)) == MAILS - 40 or give_back_lost_claims(), seconds=1200)
        for address in fickle:
            del server.answers[address]
        OutgoingEmail.objects.filter(to__in=fickle).update(due_at=timezone.now())
        wait_for(lambda: give_back_lost_claims() or not unfinished(), seconds=300)

        assert set(server.recipients) == everybody
        assert_only_lost_claims_were_repeated(server)
    kills = 2 * (len(troubles) + 1)
    lost = OutgoingEmail.objects.filter(lost_claims__gt=0).count()
    # Of each thread of a killed worker nobody knows whether the mail it was at has left.
    assert lost <= kills * THREADS
    assert Counter(OutgoingEmail.objects.values_list("state", flat=True)) == {
        State.SENT: MAILS - len(unknown),
        State.FAILED: len(unknown),
    }
    print(
        f"{MAILS} mails, {kills} kills, {lost} claims lost with them, {len(server.repeated())} mails repeated"
    )


@pytest.mark.faults
def test_a_mail_server_that_is_away_for_a_while_costs_no_mail() -> None:
    recipients = owe(200)

    with mail_server() as server, workers(2, email_url=server.url):
        wait_for(lambda: len(server.recipients) > 20, seconds=120)
        server.stop()
        time.sleep(15)
        recipients |= owe(50)
        server.start()
        wait_for(lambda: set(server.recipients) == recipients, seconds=300)

    assert not OutgoingEmail.objects.exclude(state=State.SENT).exists()


def restart_postgresql() -> None:
    """As it crashes and comes back after a while."""
    server = servers_plugin.postgresql
    assert server is not None
    connection.close()
    away(server, seconds=5)


def away(server: servers.PostgreSQL | servers.Redis | MailServer, *, seconds: float) -> None:
    server.stop()
    time.sleep(seconds)
    server.start()


def unfinished() -> bool:
    return OutgoingEmail.objects.unfinished().exists()


def give_back_lost_claims() -> bool:
    """Let the leases of those who were killed run out: nobody who lives needs a minute for a mail. False."""
    claimed_a_minute_ago = timezone.now() + LEASE - timedelta(minutes=1)
    OutgoingEmail.objects.filter(state=State.SENDING, due_at__lt=claimed_a_minute_ago).update(
        due_at=timezone.now()
    )
    return False


def assert_only_lost_claims_were_repeated(server: MailServer) -> None:
    repeated = set(server.repeated())
    lost = OutgoingEmail.objects.filter(lost_claims__gt=0)
    assert repeated <= set(lost.values_list("to", flat=True))
    ids = {(mail["To"], mail["Message-ID"]) for mail in map(parse, server.taken)}
    assert len(ids) == len(set(server.recipients))
