from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from invitations.models import OutgoingEmail, StoredFile
from invitations.models.outbox import GIVE_UP_AFTER, LEASE, LONGEST_PAUSE, OUTAGE_PAUSE
from tests.factories import NOW, PDF
from tests.mails import make_mail, owe_mail

pytestmark = pytest.mark.django_db

State = OutgoingEmail.State
SECOND = timedelta(seconds=1)


def test_a_mail_of_the_same_key_is_owed_once() -> None:
    first = OutgoingEmail.objects.owe([make_mail(key="receipt:1", subject="Den første")], at=NOW)
    again = OutgoingEmail.objects.owe(
        [make_mail(key="receipt:1", subject="Den anden"), make_mail(key="receipt:2")], at=NOW
    )

    assert (first, again) == (1, 1)
    assert list(OutgoingEmail.objects.order_by("key").values_list("key", "subject")) == [
        ("receipt:1", "Den første"),
        ("receipt:2", "Kvittering"),
    ]


def test_the_same_key_twice_in_one_go_is_one_mail() -> None:
    owed = OutgoingEmail.objects.owe([make_mail(key="receipt:1"), make_mail(key="receipt:1")], at=NOW)

    assert owed == 1
    assert OutgoingEmail.objects.count() == 1


def test_a_mail_is_not_owed_by_a_transaction_that_is_rolled_back() -> None:
    with transaction.atomic():
        OutgoingEmail.objects.owe([make_mail()], at=NOW)
        transaction.set_rollback(True)

    assert OutgoingEmail.objects.count() == 0


def test_a_mail_that_breaks_a_rule_of_the_database_is_an_error_and_not_forgotten() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OutgoingEmail.objects.owe([make_mail(calendar="BEGIN:VCALENDAR")], at=NOW)


def test_attachments_are_kept_in_their_order() -> None:
    letter = StoredFile.objects.store(PDF, content_type="application/pdf")
    other = StoredFile.objects.store(PDF + b"\n", content_type="application/pdf")

    mail = owe_mail(attachments=[("brev.pdf", letter), ("bilag.pdf", other)])

    assert list(mail.attachments.values_list("filename", "file")) == [
        ("brev.pdf", letter.pk),
        ("bilag.pdf", other.pk),
    ]


@pytest.mark.parametrize("count", [2, 150])
def test_owing_many_takes_few_queries(
    count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    mails = [make_mail() for _ in range(count)]

    with django_assert_max_num_queries(9):
        owed = OutgoingEmail.objects.owe(mails, at=NOW)

    assert owed == count


def test_more_mails_than_are_written_at_a_time_are_all_owed() -> None:
    assert OutgoingEmail.objects.owe((make_mail() for _ in range(450)), at=NOW) == 450


def test_a_claimed_mail_cannot_be_claimed_again_before_its_lease_has_run_out() -> None:
    mail = owe_mail()

    assert mail.claim(at=NOW)
    assert not mail.claim(at=NOW + LEASE - SECOND)
    assert mail.claim(at=NOW + LEASE)


def test_a_worker_whose_lease_ran_out_cannot_finish_for_the_one_that_has_the_mail_now() -> None:
    late = owe_mail()
    late.claim(at=NOW)
    now_its = OutgoingEmail.objects.get(pk=late.pk)
    now_its.claim(at=NOW + LEASE)

    assert not late.mark_sent(at=NOW + LEASE)
    assert not late.mark_refused("550 unknown", at=NOW + LEASE, for_good=True)
    assert not late.put_back("no answer", at=NOW + LEASE)
    assert now_its.mark_sent(at=NOW + LEASE)


def test_a_lease_outlasts_the_longest_dialogue_with_a_mail_server() -> None:
    assert timedelta(seconds=12 * settings.EMAIL_TIMEOUT) < LEASE


def test_a_sent_mail_is_neither_due_nor_claimed_again() -> None:
    mail = owe_mail()
    mail.claim(at=NOW)

    mail.mark_sent(at=NOW + SECOND)

    mail.refresh_from_db()
    assert (mail.state, mail.sent_at, mail.attempts) == (State.SENT, NOW + SECOND, 1)
    assert not mail.claim(at=NOW + timedelta(days=30))


def test_the_wait_after_a_refusal_doubles_up_to_an_hour() -> None:
    mail = owe_mail()
    waits = []
    at = NOW

    for _ in range(12):
        mail.claim(at=at)
        mail.mark_refused("451 later", at=at, for_good=False)
        mail.refresh_from_db()
        waits.append((mail.due_at - at).total_seconds())
        at = mail.due_at

    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]
    assert timedelta(seconds=3600) == LONGEST_PAUSE


def test_a_mail_is_given_up_after_four_days_of_refusals() -> None:
    mail = owe_mail()
    mail.claim(at=NOW + GIVE_UP_AFTER - SECOND)
    mail.mark_refused("451 later", at=NOW + GIVE_UP_AFTER - SECOND, for_good=False)
    mail.refresh_from_db()
    before = mail.state
    mail.claim(at=mail.due_at)

    mail.mark_refused("451 later", at=mail.due_at, for_good=False)

    mail.refresh_from_db()
    assert (before, mail.state, mail.last_error) == (State.OWED, State.FAILED, "451 later")


def test_a_mail_that_could_not_be_tried_waits_shortly_and_is_never_given_up() -> None:
    mail = owe_mail()
    long_after = NOW + GIVE_UP_AFTER + GIVE_UP_AFTER
    mail.claim(at=long_after)

    mail.put_back("ConnectionRefusedError", at=long_after)

    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.due_at) == (State.OWED, 0, long_after + OUTAGE_PAUSE)


def test_mails_of_one_conversation_leave_in_their_order() -> None:
    request = owe_mail(conversation="uid-1")
    cancel = owe_mail(conversation="uid-1")
    other = owe_mail(conversation="uid-2")
    request.claim(at=NOW)
    request.mark_refused("451 later", at=NOW, for_good=False)

    assert list(OutgoingEmail.objects.due(at=NOW)) == [other]
    assert not cancel.claim(at=NOW)
    at = NOW + timedelta(seconds=10)
    request.claim(at=at)
    assert not cancel.claim(at=at)
    request.mark_sent(at=at)
    assert cancel.claim(at=at)


def test_a_conversation_goes_on_after_a_mail_that_was_given_up() -> None:
    request = owe_mail(conversation="uid-1")
    cancel = owe_mail(conversation="uid-1")
    request.claim(at=NOW)

    request.mark_refused("550 unknown", at=NOW, for_good=True)

    assert list(OutgoingEmail.objects.due(at=NOW)) == [cancel]


def test_what_has_left_cannot_be_recalled() -> None:
    sent, waiting = owe_mail(), owe_mail()
    sent.claim(at=NOW)
    sent.mark_sent(at=NOW)

    recalled = OutgoingEmail.objects.recall(at=NOW)

    assert recalled == 1
    waiting.refresh_from_db()
    assert waiting.of_use_until == NOW


def test_resending_owes_a_copy_with_a_message_id_of_its_own() -> None:
    file = StoredFile.objects.store(PDF, content_type="application/pdf")
    mail = owe_mail(key="letter:7", attachments=[("brev.pdf", file)])
    mail.claim(at=NOW)
    mail.mark_sent(at=NOW)

    copy = mail.resend(at=NOW + SECOND)

    assert (copy.key, copy.state, copy.resend_of, copy.owed_at) == (
        "letter:7:resend:1",
        State.OWED,
        mail,
        NOW + SECOND,
    )
    assert (copy.to, copy.subject, copy.text, copy.html) == (mail.to, mail.subject, mail.text, mail.html)
    assert [(item.filename, item.file) for item in copy.attachments.all()] == [("brev.pdf", file)]
    assert copy.message_id != mail.message_id


def test_resending_twice_before_the_copy_has_left_is_one_copy() -> None:
    mail = owe_mail()
    mail.claim(at=NOW)
    mail.mark_refused("550 unknown", at=NOW, for_good=True)

    assert mail.resend(at=NOW) == mail.resend(at=NOW)
    assert OutgoingEmail.objects.count() == 2


def test_a_mail_that_is_still_waiting_is_not_doubled_by_resending_it() -> None:
    mail = owe_mail()

    assert mail.resend(at=NOW) == mail
    assert OutgoingEmail.objects.count() == 1


def test_a_copy_is_resent_as_a_copy_of_the_first() -> None:
    mail = owe_mail(key="letter:7")
    mail.claim(at=NOW)
    mail.mark_sent(at=NOW)
    copy = mail.resend(at=NOW)
    copy.claim(at=NOW)
    copy.mark_sent(at=NOW)

    second = copy.resend(at=NOW)

    assert (second.key, second.resend_of) == ("letter:7:resend:2", mail)


def test_staff_see_subject_and_address() -> None:
    assert (
        str(owe_mail(subject="Kvittering", to="post@herning.example")) == "Kvittering → post@herning.example"
    )
