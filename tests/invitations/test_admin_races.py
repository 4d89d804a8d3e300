"""Two of the secretariat press at the same moment: both are answered, and neither undoes the other's act."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.test import Client

from invitations.admin.meeting_pages import page_url
from invitations.letters import preview
from invitations.models import Letter, Meeting
from tests.admin_pages import errors_of, fields_of
from tests.factories import NOW, create_letter, create_meeting, create_staff, get_area

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each of `acts` returns, all of them run at the same time on connections of their own."""

    def run(act: Callable[[], Any]) -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [future.result() for future in [threads.submit(run, act) for act in acts]]


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_two_meetings_of_one_address_become_one_and_a_sentence() -> None:
    url = "/admin/invitations/meeting/add/"
    clients = [logged_in(create_staff(username=name)) for name in ("anne", "bo", "carl", "dorte")]
    fields = fields_of(clients[0].get(url)) | {
        "title": "Politisk møde",
        "slug": "herning2027",
        "sessions-0-starts_date": "15.4.2027",
        "area_links-0-area": [str(get_area().pk)],
    }
    ready = threading.Barrier(len(clients))

    def save(client: Client) -> Any:
        ready.wait()
        return client.post(url, {**fields, "_save": "1"})

    answers = at_once(*(lambda client=client: save(client) for client in clients))

    refused = [answer for answer in answers if answer.status_code == 200]
    assert Meeting.objects.count() == 1
    assert [errors_of(answer) for answer in refused] == [{"slug": ["Et andet møde har denne adresse"]}] * 3


def test_a_letter_saved_while_it_is_being_sent_stays_as_it_was_sent() -> None:
    letter, user = create_letter(), create_staff()
    preview(letter, at=NOW)
    url = f"/admin/invitations/letter/{letter.pk}/change/"
    client = logged_in(user)
    fields = fields_of(client.get(url)) | {"title": "Ny titel"}
    marked, release = threading.Event(), threading.Event()

    def send() -> None:
        with transaction.atomic():
            Letter.objects.get(pk=letter.pk).mark_sent(at=NOW, by=user)
            marked.set()
            release.wait(timeout=30)

    def save() -> Any:
        marked.wait(timeout=30)
        # The saving is under way when the sending ends, or begins right after: it must see it either way.
        threading.Timer(0.5, release.set).start()
        return client.post(url, {**fields, "_save": "1"})

    _, answer = at_once(send, save)

    letter.refresh_from_db()
    assert (answer.status_code, answer.headers["Location"]) == (302, url)
    assert (letter.is_sent, letter.title) == (True, "")


@pytest.mark.parametrize("kind", ["invitation", "change"])
def test_two_letters_of_one_kind_and_date_become_one_and_a_sentence(kind: str) -> None:
    meeting = create_meeting()
    clients = [logged_in(create_staff(username=name)) for name in ("anne", "bo", "carl", "dorte")]
    ready = threading.Barrier(len(clients))

    def begin(client: Client) -> Any:
        ready.wait()
        return client.post(page_url("new_letter", meeting), {"kind": kind, "date": "1.2.2027"})

    answers = at_once(*(lambda client=client: begin(client) for client in clients))

    letter = Letter.objects.get()
    refused = [answer.context["form"].errors for answer in answers if answer.status_code == 200]
    assert letter.sections.count() == len({section.position for section in letter.sections.all()})
    assert [list(errors) for errors in refused] == [["date"]] * 3
