"""The demo: meeting files moved to the present, a register of offices, and some answers."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db.models import Max, Model

from invitations.danish import COPENHAGEN
from invitations.letters import plan_dispatch, preview
from invitations.models import Dispatch, Invitation, Letter, Meeting, Office, OutgoingEmail, Session
from registrations.demo import DemoRefusedError, load_demo
from registrations.demo.loading import FOLDER, WRITTEN_FOR, is_day_for_meetings, move, weeks_to
from registrations.ledger import silent_invitations
from registrations.matching import waiting_registrations
from registrations.models import Answer, Decline, Participant, Registration, SpecialNeeds
from tests.factories import NOW, create_office

FILES = sorted(FOLDER.glob("*.yaml"))
DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


@pytest.fixture
def demo(db: None) -> None:
    assert load_demo(at=NOW) is True


def snapshot(*models: type[Model]) -> str:
    return "\n".join(serializers.serialize("json", model._default_manager.order_by("pk")) for model in models)


def test_dates_move_by_whole_weeks_and_numbers_stay() -> None:
    text = "case_number: SAG-2027-02118\nstarts: 2027-10-26 17:00\nends: 2027-10-26 18:45\n"

    moved = move(text, weeks=-40)

    assert moved == "case_number: SAG-2027-02118\nstarts: 2027-01-19 17:00\nends: 2027-01-19 18:45\n"


@each_file
def test_no_date_stands_in_the_prose(file: Path) -> None:
    """It would not move."""
    prose = re.sub(DATE, "", file.read_text(encoding="utf-8")).replace("SAG-2027-", "")

    dates = re.findall(
        r"\b20\d\d\b|\b(?:januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december"
        r"|mandag|tirsdag|onsdag|torsdag|fredag|forår|sommer|efterår|vinter|jul|påske)\w*",
        prose,
        re.IGNORECASE,
    )

    assert dates == []


@each_file
def test_whenever_it_is_loaded_all_its_dates_suit_a_meeting_and_lie_where_they_should(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    days = {date.fromisoformat(day) for day in DATE.findall(text)}
    starts = {date.fromisoformat(day) for day in re.findall(rf"starts: ({DATE.pattern})", text)}
    mondays = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(15 * 52)]

    moved = {monday: timedelta(weeks=weeks_to(monday, text)) for monday in mondays}

    unsuitable = [day + by for by in moved.values() for day in days if not is_day_for_meetings(day + by)]
    is_ahead = {start + by > monday + timedelta(days=6) for monday, by in moved.items() for start in starts}
    weeks_early = {(monday - WRITTEN_FOR - by).days // 7 for monday, by in moved.items()}
    assert unsuitable == []
    assert is_ahead == {file.stem != "tidlig-hjaelp-opfoelgning"}
    assert weeks_early <= set(range(5))


def test_there_is_a_letter_of_each_kind() -> None:
    files = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in FILES]

    kinds = Counter(letter["kind"] for file in files for letter in file["letters"])

    assert kinds == {
        "invitation": 3,
        "follow_up": 1,
        "save_the_date": 1,
        "change": 1,
        "cancellation": 1,
    }


@pytest.mark.slow
def test_every_letter_prints(demo: None) -> None:
    printed = [
        preview(letter, at=NOW).pdf.data[:5] for letter in Letter.objects.select_related("meeting").all()
    ]

    assert printed == [b"%PDF-"] * 7


@pytest.mark.slow
def test_some_municipalities_have_registered_some_have_declined_and_most_are_silent(demo: None) -> None:
    meeting = Meeting.objects.get(slug="boern-og-unge-midtjylland")

    registered = Registration.objects.filter(meeting=meeting).order_by("municipality__sort_key")
    declined = Decline.objects.filter(meeting=meeting).order_by("municipality__sort_key")

    assert [one.municipality.name for one in registered if one.municipality] == [
        *("Herning", "Ringkøbing-Skjern", "Silkeborg", "Struer", "Viborg", "Aarhus")
    ]
    assert [one.municipality.name for one in declined] == ["Hedensted", "Samsø"]
    assert [one.municipality.name for one in silent_invitations(meeting)] == [
        *("Favrskov", "Holstebro", "Horsens", "Ikast-Brande", "Lemvig"),
        *("Norddjurs", "Randers", "Skanderborg", "Skive", "Syddjurs"),
    ]


@pytest.mark.slow
def test_guests_are_among_those_who_come_and_one_registration_awaits_its_municipality(demo: None) -> None:
    guests = Registration.objects.filter(municipality=None).order_by("pk")
    waiting = waiting_registrations()

    assert [one.comes_as for one in guests] == [
        "KL's politikere, Børne- og Undervisningsudvalget",
        "Oplægsholder, Fælleselevrådet i Viborg",
    ]
    assert [(one.comes_as, one.meeting.slug) for one in waiting] == [("Aalborg", "sprog-i-dagtilbud")]


@pytest.mark.slow
def test_it_shows_each_thing_that_a_delegation_can_do(demo: None) -> None:
    coming = Participant.objects.filter(withdrawn_at=None)
    waiting = coming.waitlisted().order_by("waitlisted_at", "pk")
    later = Invitation.objects.exclude(deadline_date=None).select_related("municipality", "meeting")

    assert Counter(one.registration.comes_as for one in waiting) == {
        "Sønderborg": 3,
        "Svendborg": 2,
    }
    assert [(one.registration.comes_as) for one in coming.filter(name="")] == ["Silkeborg"] * 2
    assert sorted(SpecialNeeds.objects.values_list("text", flat=True)) == [
        "Plads til kørestol ved bordet",
        *["Vegetarisk mad"] * 2,
    ]
    assert [
        (one.municipality.name, one.deadline_date - one.meeting.registration_deadline_date)
        for one in later
        if one.deadline_date and one.meeting.registration_deadline_date
    ] == [("Skanderborg", timedelta(weeks=1))]
    assert [one.registration.comes_as for one in Answer.objects.exclude(draft="")] == ["Aarhus"]


@pytest.mark.slow
def test_all_that_it_tells_has_happened_by_now(demo: None) -> None:
    told = (
        (Meeting, "published_at"),
        (Meeting, "cancelled_at"),
        (Letter, "sent_at"),
        (Invitation, "invited_at"),
        (Registration, "registered_at"),
        (Participant, "withdrawn_at"),
        (Decline, "declined_at"),
        (OutgoingEmail, "owed_at"),
    )

    latest: dict[tuple[type[Model], str], datetime] = {
        (model, field): model._default_manager.aggregate(at=Max(field))["at"] for model, field in told
    }

    assert {field for field, at in latest.items() if at > NOW} == set()


@pytest.mark.slow
def test_the_letters_left_on_the_day_on_which_they_were_sent(demo: None) -> None:
    dispatches = Dispatch.objects.select_related("email")

    assert {dispatch.email.state for dispatch in dispatches if dispatch.email} == {"sent"}
    assert all(dispatch.email.sent_at == dispatch.dispatched_at for dispatch in dispatches if dispatch.email)
    assert OutgoingEmail.objects.exclude(kind="letter").filter(state="owed").exists()


def test_no_mail_can_reach_anybody(demo: None) -> None:
    addresses = {
        *Office.objects.values_list("mailbox", flat=True),
        *Office.objects.values_list("copy_mailbox", flat=True),
        *OutgoingEmail.objects.values_list("to", flat=True),
    }

    real = [address for address in addresses if address and not address.endswith(".example")]

    assert real == []


@pytest.mark.slow
def test_each_municipality_has_five_offices_and_some_cannot_be_reached(demo: None) -> None:
    offices = Counter(Office.objects.values_list("municipality", flat=True))
    to_be_sent = Letter.objects.select_related("meeting").get(meeting__slug="folkeskolen-oestdanmark")

    plan = plan_dispatch(to_be_sent, at=NOW)

    assert list(offices.values()) == [5] * 98
    assert [municipality.name for municipality in plan.without_mailbox] == ["Vallensbæk"]
    assert plan.problems == []


@pytest.mark.slow
def test_loading_it_a_second_time_changes_nothing(demo: None) -> None:
    models = (Meeting, Session, Letter, Office, Invitation, Dispatch, Registration, Decline, OutgoingEmail)
    before = snapshot(*models)

    loaded = load_demo(at=NOW + timedelta(days=50))

    assert loaded is False
    assert snapshot(*models) == before


@pytest.mark.django_db
def test_it_leaves_a_register_alone_that_is_somebodys() -> None:
    create_office(mailbox="udvalg@herning.dk")

    with pytest.raises(DemoRefusedError):
        load_demo(at=NOW)

    assert Meeting.objects.count() == 0
    assert Office.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db
def test_the_command_loads_it_around_today(capsys: pytest.CaptureFixture[str]) -> None:
    today = datetime.now(COPENHAGEN).date()

    call_command("load_demo")
    first = capsys.readouterr().out
    call_command("load_demo")
    second = capsys.readouterr().out

    weeks_ahead = {
        (start - today).days // 7
        for start in Session.objects.filter(meeting__slug="sprog-i-dagtilbud").values_list(
            "starts_date", flat=True
        )
    }
    assert (first != "", second != "", first == second) == (True, True, False)
    assert weeks_ahead <= set(range(5, 11))


@pytest.mark.django_db
def test_the_command_says_why_it_refuses() -> None:
    create_office(mailbox="udvalg@herning.dk")

    with pytest.raises(CommandError) as refused:
        call_command("load_demo")

    assert isinstance(refused.value.__cause__, DemoRefusedError)
