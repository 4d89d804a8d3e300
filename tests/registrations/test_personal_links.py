"""What each kind of personal link leads to: the right one, a wrong one, another's, one of what is over.

The names and addresses of two delegations are in the database; no page shows any but those of its own link.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client

from invitations.models import Invitation, Meeting
from invitations.models.dispatches import new_token
from registrations.models import Participant, Registration, SendCount
from tests.factories import (
    MEETING_DAY,
    NOW,
    create_invitation,
    create_meeting,
    create_needs,
    create_participant,
    create_question,
    create_registration,
    get_municipality,
)
from tests.pages import typed
from tests.whole_site import changed_tables, dump, routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

# The pages of each kind of link.
PAGES = {
    "svar": ("", "/tilmeld", "/afbud"),
    "kvittering": ("", "/ret", "/svar", "/afmeld"),
    "deltager": ("", "/ret", "/afmeld", "/behov"),
}


@dataclass(frozen=True)
class Links:
    invitation: Invitation
    registration: Registration
    participant: Participant

    def token(self, kind: str) -> str:
        return {
            "svar": self.invitation.token,
            "kvittering": self.registration.token,
            "deltager": self.participant.token,
        }[kind]


def create_links(meeting: Meeting, town: str) -> Links:
    """A delegation whose people are named after their town, with a colleague whom only the receipt shows."""
    municipality = get_municipality(town)
    registration = create_registration(
        meeting=meeting,
        municipality=municipality,
        participants=0,
        contact_name=f"Kontakt {town}",
        contact_email=f"kontakt@{town.lower()}.example",
    )
    person = create_participant(
        registration=registration, name=f"Person {town}", email=f"person@{town.lower()}.example"
    )
    create_participant(
        registration=registration, name=f"Kollega {town}", email=f"kollega@{town.lower()}.example"
    )
    create_needs(participant=person, text=f"Kost {town}")
    return Links(create_invitation(meeting=meeting, municipality=municipality), registration, person)


@pytest.fixture
def meeting() -> Meeting:
    meeting = create_meeting(asks_about_needs=True)
    create_question(meeting=meeting)
    return meeting


@pytest.fixture
def ours(meeting: Meeting) -> Links:
    create_links(meeting, "Viborg")
    return create_links(meeting, "Herning")


@pytest.fixture(autouse=True)
def in_silence() -> Iterator[None]:
    """That links are wrong is what is asked here, and need not be reported."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def addresses(tokens: dict[str, str]) -> list[str]:
    return [f"/{kind}/{tokens[kind]}{page}" for kind, pages in PAGES.items() for page in pages]


def own(links: Links) -> dict[str, str]:
    return {kind: links.token(kind) for kind in PAGES}


def people_named(text: str) -> set[str]:
    """Who is named on a page: those who were seeded, by name, address or need."""
    return set(
        re.findall(
            r"(?:Kontakt|Person|Kollega|Kost) (?:Herning|Viborg)|\w+@(?:herning|viborg)\.example", text
        )
    )


def test_the_table_has_every_page_behind_a_personal_link() -> None:
    known = {f"{kind}/<token:token>{page}" for kind, pages in PAGES.items() for page in pages}

    assert known == {route for route in routes() if "<token:token>" in route}


def test_each_link_shows_its_own_people_and_no_others(client: Client, ours: Links) -> None:
    shown = {}
    for kind, pages in PAGES.items():
        for page in pages:
            response = client.get(f"/{kind}/{ours.token(kind)}{page}", follow=True)
            shown[f"/{kind}/…{page}"] = people_named(response.content.decode())

    everybody = {"Kontakt Herning", "Person Herning", "Kollega Herning"}
    mailboxes = {"kontakt@herning.example", "person@herning.example", "kollega@herning.example"}
    myself = {"Person Herning", "person@herning.example"}
    assert {address for address in shown if address.startswith("/svar/") and shown[address]} == set()
    for address, people in shown.items():
        if address.startswith("/kvittering/"):
            # What somebody needs stands on their own page alone.
            assert people <= everybody | mailboxes, address
        if address.startswith("/deltager/"):
            assert people <= myself | {"Kost Herning", "Kontakt Herning"}, address
    assert shown["/kvittering/…"] >= everybody
    assert shown["/deltager/…"] >= {"Person Herning"}


@pytest.mark.parametrize(
    "wrong",
    ["made up", "of another kind", "upper case", "lower case", "cut off", "one letter more", "a number"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_link_leads_nowhere_and_says_nothing(
    client: Client, ours: Links, wrong: str, method: str
) -> None:
    right = own(ours)
    kinds = list(PAGES)
    tokens = {
        kind: {
            "made up": new_token(),
            "of another kind": right[kinds[kinds.index(kind) - 1]],
            "upper case": right[kind].upper(),
            "lower case": right[kind].lower(),
            "cut off": right[kind][:-1],
            "one letter more": f"{right[kind]}A",
            "a number": str(ours.participant.pk),
        }[wrong]
        for kind in PAGES
    }

    answers = {address: client.generic(method, address) for address in addresses(tokens)}

    # Some pages are only read.
    assert {answer.status_code for answer in answers.values()} - {405} == {404}
    pages = {re.sub(r"[A-Za-z0-9_-]{15,}", "…", answer.content.decode()) for answer in answers.values()}
    assert [people_named(page) for page in pages] == [set()] * len(pages)


def test_another_municipality_s_link_reaches_only_its_own(client: Client, ours: Links) -> None:
    theirs = Registration.objects.get(municipality__name="Viborg")
    colleague = theirs.participants.all()[1]

    page = f"/kvittering/{ours.registration.token}/afmeld"
    client.get(f"{page}?deltager={colleague.pk}")
    client.post(page, {"participants": [colleague.pk]})

    colleague.refresh_from_db()
    assert colleague.withdrawn_at is None


@pytest.mark.parametrize("state", ["withdrawn", "closed", "cancelled", "past"])
def test_a_link_of_what_is_over_shows_no_more_than_before_and_changes_nothing(
    client: Client, meeting: Meeting, ours: Links, state: str
) -> None:
    if state == "withdrawn":
        ours.participant.withdraw(at=NOW)
    elif state == "cancelled":
        meeting.cancel(at=NOW)
    elif state == "closed":
        Meeting.objects.update(registration_deadline_date=NOW.date() - timedelta(days=1))
    else:
        meeting.sessions.update(starts_date=MEETING_DAY - timedelta(days=200))

    answers = {address: client.get(address, follow=True) for address in addresses(own(ours))}
    before = dump()
    for page in addresses(own(ours)):
        # Consent can always be taken back.
        if page.endswith("/behov"):
            continue
        if not (state in ("withdrawn", "closed") and page.endswith(("/afmeld", "/afbud", "/tilmeld"))):
            client.post(page, typed(do="send"))

    assert set(changed_tables(before, dump())) <= {SendCount._meta.db_table}
    assert {answer.status_code for answer in answers.values()} == {200}
    for address, answer in answers.items():
        people = people_named(answer.content.decode())
        assert not [person for person in people if "Viborg" in person or "viborg" in person], address
        if address.startswith("/deltager/"):
            assert "Kollega Herning" not in people


def test_a_draft_has_no_pages_for_those_who_are_to_be_invited(client: Client) -> None:
    draft = create_invitation(meeting=create_meeting(published_at=None))

    answers = [client.get(f"/svar/{draft.token}{page}").status_code for page in PAGES["svar"]]

    assert answers == [404, 404, 404]


def test_a_link_holds_128_bits_that_nobody_can_guess() -> None:
    tokens = {new_token() for _ in range(1000)}

    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {22}
