"""Programs that fill in the open form: no answer is refused, but staff look at what seems to be theirs."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from invitations.models import Meeting, OutgoingEmail
from registrations.models import Registration
from tests.factories import create_invitation, create_meeting, create_office
from tests.html_pages import parse
from tests.pages import inputs, opened, page_text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

KEY = str(uuid.uuid4())


@pytest.fixture
def meeting() -> Meeting:
    create_office(mailbox="udvalg@herning.example")
    return create_meeting()


def register(client: Client, path: str, **fields: Any) -> tuple[bool, set[str], str]:
    """Whether what was sent waits for staff, the states of its mails, and the page that came back."""
    response = client.post(path, typed(submission_key=KEY, do="send", **fields), follow=True)
    states = set(OutgoingEmail.objects.values_list("state", flat=True))
    return Registration.objects.get().awaits_match, states, page_text(response)


def test_a_person_is_believed(client: Client, meeting: Meeting) -> None:
    assert register(client, f"/{meeting.slug}/tilmeld")[:2] == (False, {"owed"})


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"homepage": "https://spam.example"}, id="the field that nobody sees"),
        pytest.param({"seconds_ago": 1}, id="too fast"),
        pytest.param({"opened": opened(str(uuid.uuid4()))}, id="the time of another form"),
        pytest.param({"opened": "nonsense"}, id="not ours"),
        pytest.param({"opened": ""}, id="none"),
    ],
)
def test_what_seems_to_be_a_program_s_is_registered_and_waits_for_staff_with_its_mails(
    client: Client, meeting: Meeting, fields: dict[str, Any]
) -> None:
    if seconds_ago := fields.get("seconds_ago"):
        fields = {"opened": opened(KEY, seconds_ago=seconds_ago)}

    waits, states, text = register(client, f"/{meeting.slug}/tilmeld", **fields)

    assert (waits, states) == (True, {"failed"})
    assert text.startswith("Trin 3 af 3 Kvittering")


def test_who_has_the_municipality_s_link_is_not_judged(client: Client, meeting: Meeting) -> None:
    path = f"/svar/{create_invitation(meeting=meeting).token}/tilmeld"

    assert register(client, path, homepage="x", opened="")[:2] == (False, {"owed"})
    assert "homepage" not in inputs(client.get(path))


def test_the_time_of_the_first_page_travels_with_the_form(client: Client, meeting: Meeting) -> None:
    path = f"/{meeting.slug}/tilmeld"
    first = inputs(client.get(path))

    checked = inputs(
        client.post(path, {**typed(), **{name: first[name] for name in ("submission_key", "opened")}})
    )

    assert checked["opened"] == first["opened"]


def test_the_field_is_named_and_nobody_meets_it(client: Client, meeting: Meeting) -> None:
    page = parse(client.get(f"/{meeting.slug}/tilmeld"))

    field = page.find(".//input[@name='homepage']")
    box = page.find(".//div[@class='visually-hidden'][@aria-hidden='true']")
    assert field is not None
    assert box is not None
    assert field in list(box)
    assert (field.get("tabindex"), field.get("autocomplete")) == ("-1", "off")
    assert box.findtext("label") == "Lad dette felt stå tomt"


@pytest.mark.parametrize("field", ["contact_name", "committee", "participant-0-name", "participant-0-title"])
@pytest.mark.parametrize("text", ["Vind på https://x.example", "se www.x.example", "gratis.com", "x.dk/vind"])
def test_no_web_address_gets_into_a_mail_by_way_of_a_name(
    client: Client, meeting: Meeting, field: str, text: str
) -> None:
    response = client.post(f"/{meeting.slug}/tilmeld", typed({field: text}, do="send"))

    assert "Skriv det uden webadresser" in page_text(response)
    assert Registration.objects.count() == 0


@pytest.mark.parametrize(
    "text", ["Cand.scient.pol.", "Ph.d., dr.med.", "Hans Chr. Holm", "Udvalget for Børn/Unge", "A.P. Møller"]
)
def test_titles_with_dots_are_no_web_addresses(client: Client, meeting: Meeting, text: str) -> None:
    client.post(f"/{meeting.slug}/tilmeld", typed({"participant-0-title": text}, do="send"))

    assert Registration.objects.count() == 1
