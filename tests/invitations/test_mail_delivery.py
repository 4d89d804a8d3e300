from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from invitations import mail as mail_module
from invitations.mail import BREAKDOWNS, MAX_LOST_CLAIMS, deliver_due
from invitations.models import OutgoingEmail
from invitations.models.outbox import LEASE
from invitations.tasks import deliver_owed
from tests.factories import NOW
from tests.mails import make_mail, owe_mail, parse
from tests.servers import free_port
from tests.smtp import MailServer, mail_server

pytestmark = pytest.mark.django_db

State = OutgoingEmail.State


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    """A mail server that the settings name; a step of a delivery may take it half a second."""
    with mail_server() as running:
        use(settings, port=running.port)
        yield running


def use(settings: Settings, *, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 0.5


def outcome(mail: OutgoingEmail) -> tuple[str, str]:
    mail.refresh_from_db()
    return mail.state, mail.last_error


def test_what_is_owed_is_delivered_once(server: MailServer) -> None:
    mail = owe_mail(to="post@herning.example")

    assert (deliver_due(at=NOW), deliver_due(at=NOW)) == (1, 0)
    assert server.recipients == ["post@herning.example"]
    assert parse(server.taken[0])["Message-ID"] == mail.message_id
    assert outcome(mail) == (State.SENT, "")


def test_what_is_not_due_yet_waits(server: MailServer) -> None:
    owe_mail(at=NOW)

    assert deliver_due(at=NOW - timedelta(seconds=1)) == 0
    assert server.recipients == []


def test_many_mails_go_over_one_connection(server: MailServer) -> None:
    for _ in range(5):
        owe_mail()
    before = server.connections

    deliver_due(at=NOW)

    assert (len(server.recipients), server.connections - before) == (5, 1)


def test_a_sweep_delivers_no_more_than_its_limit_and_the_oldest_first(server: MailServer) -> None:
    owe_mail(to="later@a.example", at=NOW)
    owe_mail(to="first@a.example", at=NOW - timedelta(hours=1))

    deliver_due(at=NOW, limit=1)

    assert server.recipients == ["first@a.example"]


@pytest.mark.parametrize(
    ("answer", "state", "error"),
    [
        ("550 5.1.1 No such user", State.FAILED, "550 5.1.1 No such user"),
        ("450 4.2.0 Greylisted", State.OWED, "450 4.2.0 Greylisted"),
        ("554 5.7.1 Looks like spam (data)", State.FAILED, "554 5.7.1 Looks like spam (data)"),
        ("451 4.3.0 Try again (data)", State.OWED, "451 4.3.0 Try again (data)"),
        ("421 4.3.2 Closing", State.OWED, "421 4.3.2 Closing"),
        ("drop", State.OWED, "SMTPServerDisconnected: Connection unexpectedly closed"),
        (
            "hang",
            State.OWED,
            "SMTPServerDisconnected: Connection unexpectedly closed: timed out",
        ),
    ],
)
def test_whatever_the_server_does_with_one_mail_the_others_arrive(
    server: MailServer, answer: str, state: str, error: str
) -> None:
    before, bad, after = owe_mail(), owe_mail(), owe_mail()
    server.answers[bad.to] = answer

    delivered = deliver_due(at=NOW)

    assert delivered == 2
    assert sorted(server.recipients) == sorted([before.to, after.to])
    assert outcome(bad) == (state, error)


def test_a_mail_refused_for_now_is_delivered_when_the_server_takes_it(server: MailServer) -> None:
    mail = owe_mail()
    server.answers[mail.to] = "450 4.2.0 Greylisted"
    deliver_due(at=NOW)
    server.answers.clear()

    assert deliver_due(at=NOW + timedelta(seconds=5)) == 0
    assert deliver_due(at=NOW + timedelta(minutes=1)) == 1
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (State.SENT, 2)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"subject": "Kvittering\nBcc: x@y.example"}, "BadHeaderError: Header values can't contain newlines"),
        ({"to": "ingen adresse"}, "InvalidHeaderDefect"),
        ({"to": "a@b@c.example"}, "HeaderParseError"),
    ],
)
def test_a_mail_that_cannot_be_written_fails_alone(
    server: MailServer, fields: dict[str, Any], error: str
) -> None:
    bad, good = owe_mail(**fields), owe_mail()

    deliver_due(at=NOW)

    assert server.recipients == [good.to]
    state, last_error = outcome(bad)
    assert (state, last_error[: len(error)]) == (State.FAILED, error)


def test_a_server_that_refuses_our_sender_fails_no_mail(server: MailServer) -> None:
    mails = [owe_mail() for _ in range(BREAKDOWNS + 2)]
    server.sender_answer = "550 5.7.1 Not allowed to send"

    deliver_due(at=NOW)

    assert [outcome(mail) for mail in mails] == [
        *[(State.OWED, "550 5.7.1 Not allowed to send")] * BREAKDOWNS,
        *[(State.OWED, "")] * 2,
    ]


def test_a_mail_that_is_too_big_for_the_server_fails(server: MailServer) -> None:
    mail = owe_mail()
    server.sender_answer = "552 5.3.4 Message too big"

    deliver_due(at=NOW)

    assert outcome(mail) == (State.FAILED, "552 5.3.4 Message too big")


def test_while_there_is_no_server_a_sweep_tries_one_mail_and_gives_none_up(settings: Settings) -> None:
    use(settings, port=free_port())
    first, second = owe_mail(), owe_mail()

    assert deliver_due(at=NOW) == 0

    first.refresh_from_db()
    refused = "ConnectionRefusedError: [Errno 111] Connection refused"
    assert (first.state, first.attempts, first.last_error) == (State.OWED, 0, refused)
    assert outcome(second) == (State.OWED, "")


def test_what_waited_for_the_server_is_delivered_when_it_is_back(settings: Settings) -> None:
    use(settings, port=free_port())
    mails = [owe_mail() for _ in range(3)]
    for minute in range(60):
        deliver_due(at=NOW + timedelta(minutes=minute))

    with mail_server() as server:
        use(settings, port=server.port)
        deliver_due(at=NOW + timedelta(hours=1))

        assert sorted(server.recipients) == sorted(mail.to for mail in mails)
    assert {outcome(mail) for mail in mails} == {(State.SENT, "")}


def test_a_sweep_stops_when_line_after_line_breaks(server: MailServer) -> None:
    mails = [owe_mail() for _ in range(BREAKDOWNS + 2)]
    server.answers.update({mail.to: "drop" for mail in mails})

    deliver_due(at=NOW)

    assert [outcome(mail)[1] for mail in mails[-2:]] == ["", ""]


def test_a_mail_that_broke_the_line_stands_aside_for_the_others(server: MailServer) -> None:
    bad = [owe_mail() for _ in range(BREAKDOWNS)]
    good = owe_mail()
    server.answers.update({mail.to: "drop" for mail in bad})
    deliver_due(at=NOW)

    deliver_due(at=NOW + timedelta(seconds=5))

    assert server.recipients == [good.to]


def test_a_mail_of_a_worker_that_died_is_delivered_once_its_lease_has_run_out(server: MailServer) -> None:
    mail = owe_mail()
    mail.claim(at=NOW)

    assert deliver_due(at=NOW + LEASE - timedelta(seconds=1)) == 0
    assert deliver_due(at=NOW + LEASE) == 1
    assert server.recipients == [mail.to]


def test_a_mail_that_kills_its_workers_is_given_up(server: MailServer) -> None:
    mail = owe_mail()
    at = NOW
    for _ in range(MAX_LOST_CLAIMS):
        mail.claim(at=at)
        at += LEASE

    deliver_due(at=at)

    assert server.recipients == []
    mail.refresh_from_db()
    assert (mail.state, mail.lost_claims) == (State.FAILED, MAX_LOST_CLAIMS)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_that_a_mail_has_left_is_noted_once_the_database_is_back(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = owe_mail()
    monkeypatch.setattr(mail_module, "NOTING_PAUSE", timedelta(milliseconds=1))
    away = [OperationalError("server closed the connection unexpectedly")] * 3
    mark_sent = OutgoingEmail.mark_sent

    def mark_when_it_is_back(mail: OutgoingEmail, **fields: Any) -> bool:
        if away:
            raise away.pop()
        return mark_sent(mail, **fields)

    monkeypatch.setattr(OutgoingEmail, "mark_sent", mark_when_it_is_back)

    assert deliver_due(at=NOW) == 1
    assert (outcome(mail), server.recipients) == ((State.SENT, ""), [mail.to])


@pytest.mark.parametrize(
    ("late", "state"), [(timedelta(0), State.DROPPED), (timedelta(seconds=-1), State.SENT)]
)
def test_a_mail_is_not_sent_once_it_is_of_no_use(server: MailServer, late: timedelta, state: str) -> None:
    mail = owe_mail(of_use_until=NOW + timedelta(hours=1))

    deliver_due(at=NOW + timedelta(hours=1) + late)

    assert outcome(mail)[0] == state


@pytest.mark.usefixtures("clock")
def test_the_task_delivers_to_the_folder_of_the_settings(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "kl_meetings.mail_folder.MailFolder"
    settings.EMAIL_FILE_PATH = tmp_path
    mail = owe_mail(to="post@herning.example")

    assert deliver_owed() == 1
    assert [parse(file.read_bytes())["To"] for file in tmp_path.iterdir()] == ["post@herning.example"]
    assert outcome(mail)[0] == State.SENT


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_sixteen_workers_one_gets_the_mail() -> None:
    mail = owe_mail()
    ready = threading.Barrier(16)
    won: list[bool] = []

    def work() -> None:
        mine = OutgoingEmail.objects.get(pk=mail.pk)
        ready.wait()
        won.append(mine.claim(at=NOW))
        connection.close()

    in_threads(work, 16)

    assert sorted(won) == [False] * 15 + [True]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_sixteen_who_owe_the_same_mail_owe_it_once() -> None:
    ready = threading.Barrier(16)
    owed: list[int] = []

    def work() -> None:
        mails = [make_mail(key="receipt:1"), make_mail(key="receipt:2")]
        ready.wait()
        owed.append(OutgoingEmail.objects.owe(mails, at=NOW))
        connection.close()

    in_threads(work, 16)

    assert (sum(owed), OutgoingEmail.objects.count()) == (2, 2)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_sweeps_at_once_deliver_each_mail_once(server: MailServer) -> None:
    mails = [owe_mail() for _ in range(30)]
    ready = threading.Barrier(2)
    delivered: list[int] = []

    def work() -> None:
        ready.wait()
        delivered.append(deliver_due(at=NOW))
        connection.close()

    in_threads(work, 2)

    assert sum(delivered) == 30
    assert sorted(server.recipients) == sorted(mail.to for mail in mails)


def in_threads(work: Any, count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
