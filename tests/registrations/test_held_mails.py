"""Nobody can make us mail a stranger more than a few times, and no honest answer is lost by that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from invitations.models import Meeting, OutgoingEmail
from registrations import changing
from registrations.held_mails import MOST_TO_STRANGERS, hold_back
from registrations.models import Author, Registration
from tests.factories import NOW, create_invitation, create_meeting, create_office, create_staff
from tests.pages import page_text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

VICTIM = "victim@example.com"
State = OutgoingEmail.State


@pytest.fixture
def meeting() -> Meeting:
    create_office(mailbox="udvalg@herning.example")
    return create_meeting()


def register(client: Client, path: str, *, people: int = 1, email: str = VICTIM) -> Registration:
    """Register `people` who all have the one address."""
    others = {f"participant-{row}-email": email for row in range(people)}
    client.post(path, typed(others, people=people, do="send"))
    return Registration.objects.latest("pk")


def states(to: str = VICTIM) -> list[str]:
    return list(OutgoingEmail.objects.filter(to=to).order_by("pk").values_list("state", flat=True))


def test_a_stranger_gets_ten_mails_a_day_whoever_registers_them(client: Client, meeting: Meeting) -> None:
    for people, at in ((8, meeting), (3, create_meeting())):
        register(client, f"/{at.slug}/tilmeld", people=people)

    assert states() == [*[State.OWED] * MOST_TO_STRANGERS, State.FAILED]
    assert [one.participants.count() for one in Registration.objects.order_by("pk")] == [8, 3]
    assert states("anne@herning.example") == [State.OWED] * 2


def test_what_is_changed_by_the_link_of_such_a_registration_counts_too(
    client: Client, meeting: Meeting
) -> None:
    registration = register(client, f"/{meeting.slug}/tilmeld", people=10)
    leaving = registration.participants.all()[0]

    changing.withdraw_one(leaving, author=Author.PARTICIPANT, at=NOW + timedelta(minutes=5))

    assert states()[-1] == State.FAILED
    assert registration.participants.filter(withdrawn_at=None).count() == 9


def test_who_has_the_municipality_s_link_writes_to_all_of_one_mailbox(
    client: Client, meeting: Meeting
) -> None:
    invitation = create_invitation(meeting=meeting)

    register(client, f"/svar/{invitation.token}/tilmeld", people=12)

    assert states() == [State.OWED] * 12


def test_staff_who_have_said_whose_it_is_vouch_for_it_and_see_what_was_held_back(
    client: Client, meeting: Meeting
) -> None:
    registration = register(client, f"/{meeting.slug}/tilmeld", people=11)
    held = OutgoingEmail.objects.get(state=State.FAILED)
    officer = create_staff()
    client.force_login(officer)

    start = page_text(client.get("/admin/"))
    client.post(f"/admin/invitations/outgoingemail/{held.pk}/resend/")
    registration.matched_at, registration.matched_by = NOW, officer

    assert "1 mail kunne ikke leveres" in start
    assert held.last_error == (
        "Tilbageholdt: Den åbne formular har givet 10 mails til denne adresse i dag. "
        "Vil modtageren have den? Så send mailen."
    )
    assert held.resends.get().state == State.OWED
    assert hold_back(registration, at=NOW) == 0


def test_the_next_day_it_is_a_few_again(client: Client, meeting: Meeting) -> None:
    registration = register(client, f"/{meeting.slug}/tilmeld", people=10)

    changing.withdraw_one(
        registration.participants.all()[0], author=Author.PARTICIPANT, at=NOW + timedelta(days=1)
    )

    assert states()[-1] == State.OWED
