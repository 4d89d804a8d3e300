"""Two or more who send, schedule, call off or make letters at the same moment: everybody gets one mail."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from invitations import letters, personal_letters
from invitations.late_recipients import send_to_late
from invitations.models import Dispatch, Letter, OutgoingEmail, PersonalLetter
from invitations.resending import resend_failed
from invitations.scheduled_letters import schedule, send_due
from invitations.trial_mails import send_trial
from tests.factories import NOW, create_letter, create_office, create_staff, get_municipality

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

THREADS = 4
LATER = NOW + timedelta(days=1)
TOWNS = ("Herning", "Skive", "Viborg", "Holstebro", "Lemvig", "Struer", "Randers", "Horsens")


def at_once(*acts: Callable[[], object]) -> Counter[str]:
    """Do `acts` at the same time, each on a connection of its own; count what they return or refuse."""
    together = threading.Barrier(len(acts))

    def act(do: Callable[[], object]) -> str:
        together.wait()
        try:
            return str(do())
        except ValidationError:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return Counter(threads.map(act, acts))


def create_offices(*towns: str) -> None:
    for town in towns:
        create_office(municipality=get_municipality(town), mailbox=f"udvalg@{town.lower()}.example")


def fresh(letter: Letter) -> Letter:
    return Letter.objects.select_related("meeting__policy_area").get(pk=letter.pk)


def test_late_recipients_get_it_once_whoever_sends() -> None:
    create_offices("Herning")
    letter, staff = create_letter(), create_staff()
    letters.dispatch(letter, at=NOW, by=staff)
    create_offices("Skive", "Viborg")

    outcome = at_once(*[partial(send_to_late, fresh(letter), at=LATER, by=staff)] * THREADS)

    assert outcome == {"2": 1, "refused": THREADS - 1}
    assert sorted(Dispatch.objects.values_list("mailbox", flat=True)) == [
        "udvalg@herning.example",
        "udvalg@skive.example",
        "udvalg@viborg.example",
    ]
    assert OutgoingEmail.objects.count() == 3


def test_a_scheduled_letter_is_sent_by_one_of_several_workers() -> None:
    create_offices("Herning", "Skive")
    letter, staff = create_letter(), create_staff()
    schedule(letter, send_at=LATER, at=NOW, by=staff)

    outcome = at_once(*[partial(send_due, at=LATER)] * THREADS)

    assert outcome == {"1": 1, "0": THREADS - 1}
    assert (OutgoingEmail.objects.count(), Dispatch.objects.count()) == (2, 2)
    assert Letter.objects.get().state == "sent"


def test_a_letter_is_either_called_off_or_sent() -> None:
    create_offices("Herning")
    letter, staff = create_letter(), create_staff()
    schedule(letter, send_at=LATER, at=NOW, by=staff)

    at_once(partial(send_due, at=LATER), fresh(letter).call_off)

    letter = Letter.objects.get()
    assert (letter.state, OutgoingEmail.objects.count()) in [("sent", 1), ("draft", 0)]


def test_a_letter_is_scheduled_once() -> None:
    create_offices("Herning")
    letter, staff = create_letter(), create_staff()

    outcome = at_once(*[partial(schedule, fresh(letter), send_at=LATER, at=NOW, by=staff)] * THREADS)

    assert outcome == {"None": 1, "refused": THREADS - 1}


def test_a_test_mail_that_is_clicked_twice_is_one() -> None:
    create_offices("Herning")
    letter, staff = create_letter(), create_staff()
    letters.preview(letter, at=NOW)

    outcome = at_once(
        *(
            partial(send_trial, fresh(letter), at=NOW + timedelta(milliseconds=number), by=staff)
            for number in range(THREADS)
        )
    )

    assert outcome == {"True": 1, "False": THREADS - 1}
    assert OutgoingEmail.objects.count() == 1


def test_what_failed_is_sent_again_once_whoever_presses() -> None:
    create_offices("Herning", "Skive")
    letter, staff = create_letter(), create_staff()
    letters.dispatch(letter, at=NOW, by=staff)
    OutgoingEmail.objects.update(state="failed")

    outcome = at_once(*[partial(resend_failed, fresh(letter), at=LATER, by=staff)] * THREADS)

    assert outcome == {"2": 1, "refused": THREADS - 1}
    assert OutgoingEmail.objects.filter(state="owed").count() == 2


def test_workers_share_the_letters_of_the_municipalities(monkeypatch: pytest.MonkeyPatch) -> None:
    # As if each thread were a process of its own, which it is not.
    monkeypatch.setattr(personal_letters, "_ONE_SWEEP", threading.Semaphore(THREADS))
    monkeypatch.setattr(personal_letters, "BATCH", 2)
    create_offices(*TOWNS)
    letter, staff = create_letter(is_personal=True), create_staff()
    letters.dispatch(letter, at=NOW, by=staff)

    outcome = at_once(*[partial(personal_letters.make_due, at=NOW)] * THREADS)

    made = sum(int(count) * times for count, times in outcome.items())
    assert made == len(TOWNS)
    assert PersonalLetter.objects.exclude(pdf=None).values("pdf").distinct().count() == len(TOWNS)
    assert sorted(OutgoingEmail.objects.values_list("to", flat=True)) == sorted(
        f"udvalg@{town.lower()}.example" for town in TOWNS
    )
    assert not Dispatch.objects.filter(email=None).exists()
