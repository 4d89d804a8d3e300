from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from invitations.models import (
    Announcement,
    Invitation,
    Letter,
    Meeting,
    MeetingArea,
    MeetingHost,
    Sender,
)
from invitations.models import Session as Session
from tests.factories import (
    NOW,
    create_area,
    create_invitation,
    create_letter,
    create_meeting,
    create_programme_item,
    create_session,
    create_theme,
    get_area,
    get_municipality,
    get_policy_area,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def sentences(action: Callable[[], object]) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        action()
    return list(refused.value.messages)


# Publish and cancel.


def test_a_draft_is_published_once() -> None:
    meeting = create_meeting(published_at=None)

    meeting.publish(at=NOW)
    meeting.publish(at=LATER)

    meeting.refresh_from_db()
    assert meeting.published_at == NOW


def test_publishing_keeps_what_somebody_else_has_changed_meanwhile() -> None:
    meeting = create_meeting(published_at=None)
    Meeting.objects.update(title="Et andet navn")

    meeting.publish(at=NOW)

    meeting.refresh_from_db()
    assert meeting.title == "Et andet navn"


def test_a_meeting_without_a_date_or_an_area_is_not_published() -> None:
    meeting = create_meeting(published_at=None, session=False, areas=[])

    assert sentences(lambda: meeting.publish(at=NOW)) == [
        "Mødet har ingen dato endnu",
        "Vælg mindst ét område",
    ]
    meeting.refresh_from_db()
    assert not meeting.is_published


@pytest.mark.parametrize(
    ("deadline", "clock", "is_refused"),
    [
        (date(2027, 4, 14), None, False),
        (date(2027, 4, 15), None, False),
        (date(2027, 4, 16), None, True),
        (date(2027, 4, 16), time(0, 0), True),
    ],
)
def test_the_deadline_lies_before_the_meeting(deadline: date, clock: time | None, is_refused: bool) -> None:
    meeting = create_meeting(
        published_at=None, registration_deadline_date=deadline, registration_deadline_time=clock
    )

    expected = ["Tilmeldingsfristen skal ligge før mødet"] if is_refused else []
    assert meeting.problems() == expected


def test_so_does_the_deadline_of_a_session() -> None:
    meeting = create_meeting(published_at=None, session=False)
    create_session(meeting=meeting, registration_deadline_date=date(2027, 4, 16))

    assert sentences(lambda: meeting.publish(at=NOW)) == ["Tilmeldingsfristen skal ligge før mødet"]


def test_a_published_meeting_is_cancelled_once() -> None:
    meeting = create_meeting()

    assert meeting.cancel(at=NOW)
    assert not meeting.cancel(at=LATER)
    assert not Meeting.objects.get().cancel(at=LATER)
    assert meeting.cancelled_at == NOW


def test_a_draft_is_not_cancelled() -> None:
    meeting = create_meeting(published_at=None)

    assert sentences(lambda: meeting.cancel(at=NOW)) == ["Kun et offentliggjort møde kan aflyses."]


def test_a_cancelled_meeting_is_not_published_again() -> None:
    meeting = create_meeting(cancelled_at=NOW)

    assert sentences(lambda: meeting.publish(at=LATER)) == ["Mødet er aflyst."]


# Whom it invites.


def test_it_invites_the_municipalities_of_its_areas_on_the_day_of_its_first_session() -> None:
    meeting = create_meeting(
        areas=[get_area("Region Østdanmark"), create_area(municipalities=[get_municipality("Skive")])],
        session=False,
    )
    create_session(meeting=meeting, starts_date=date(2027, 1, 10))
    assert meeting.municipalities().count() == 47

    create_session(meeting=meeting, starts_date=date(2026, 12, 31))

    assert [municipality.name for municipality in Meeting.objects.get().municipalities()] == ["Skive"]


def test_without_a_session_it_invites_nobody() -> None:
    assert list(create_meeting(session=False).municipalities()) == []


# What the public may know of a draft.


def test_a_draft_is_announced_by_the_letter_of_a_published_meeting() -> None:
    announced, quiet = create_meeting(published_at=None), create_meeting(published_at=None)
    letter = create_letter()
    Announcement.objects.create(letter=letter, meeting=announced)
    Announcement.objects.create(letter=create_letter(meeting=quiet), meeting=quiet)

    assert list(Meeting.objects.announced()) == [announced]


def test_a_draft_is_announced_by_a_save_the_date_that_went_out() -> None:
    meeting = create_meeting(published_at=None)
    letter = create_letter(meeting=meeting, kind="save_the_date")
    assert not Meeting.objects.announced().exists()

    letter.mark_sent(at=NOW, by=None)

    assert list(Meeting.objects.announced()) == [meeting]


# Rules, which the form explains and the database keeps.

Rule = tuple[Callable[[], models.Model], dict[str, Any], str]
RULES: list[Rule] = [
    (create_meeting, {"registration": "web"}, "Vælg, hvordan man tilmelder sig"),
    (create_meeting, {"capacity": 0}, "Der skal være mindst én plads"),
    (create_meeting, {"max_per_municipality": 0}, "Der skal være mindst én plads pr. kommune"),
    (
        create_meeting,
        {"registration_opens_time": time(8)},
        "Et klokkeslæt for åbningen kræver en dato",
    ),
    (
        lambda: create_meeting(registration_deadline_date=None),
        {"registration_deadline_time": time(8)},
        "Et klokkeslæt for fristen kræver en dato",
    ),
    (
        create_meeting,
        {"registration_opens_date": date(2027, 3, 20)},
        "Tilmeldingen skal åbne før fristen",
    ),
    (
        lambda: create_meeting(registration_deadline_time=time(12)),
        {"registration_opens_date": date(2027, 3, 19), "registration_opens_time": time(12)},
        "Tilmeldingen skal åbne før fristen",
    ),
    (
        lambda: create_meeting(published_at=None),
        {"cancelled_at": NOW},
        "Kun et offentliggjort møde kan aflyses.",
    ),
    (
        lambda: create_session(meeting=create_meeting()),
        {"ends_time": time(17)},
        "Sluttidspunktet skal ligge efter starttidspunktet",
    ),
    (
        lambda: create_session(meeting=create_meeting()),
        {"ends_date": date(2027, 4, 14)},
        "Sluttidspunktet skal ligge efter starttidspunktet",
    ),
    (
        lambda: create_session(meeting=create_meeting()),
        {"starts_time": None},
        "Et sluttidspunkt kræver et starttidspunkt",
    ),
    (
        lambda: create_session(meeting=create_meeting()),
        {"online": True},
        "Et virtuelt møde har intet sted",
    ),
    (lambda: create_session(meeting=create_meeting()), {"capacity": 0}, "Der skal være mindst én plads"),
    (
        lambda: create_session(meeting=create_meeting()),
        {"registration_deadline_time": time(8)},
        "Et klokkeslæt for fristen kræver en dato",
    ),
    (
        lambda: create_programme_item(meeting=create_meeting(), time=time(17)),
        {"until": time(17)},
        "Sluttidspunktet skal ligge efter starttidspunktet",
    ),
    (
        lambda: create_programme_item(meeting=create_meeting()),
        {"until": time(17)},
        "Sluttidspunktet skal ligge efter starttidspunktet",
    ),
    (
        lambda: create_theme(item=create_programme_item(meeting=create_meeting())),
        {"capacity": 0},
        "Der skal være mindst én plads",
    ),
    (create_letter, {"kind": "poem"}, "Vælg en slags brev"),
    (
        lambda: create_letter(kind="follow_up"),
        {"is_personal": True},
        "Kun en invitation eller en ændring kan have et link til hver kommune",
    ),
    (create_letter, {"send_at": NOW}, "Kun en kladde venter på at blive sendt, og nogen har bestemt det"),
    (create_letter, {"input_deadline_time": time(8)}, "Et klokkeslæt for fristen kræver en dato"),
    (
        create_letter,
        {"replaces": date(2027, 1, 1)},
        "Kun en ændring eller en aflysning kan erstatte et brev",
    ),
    (
        lambda: create_letter().sections.get(),
        {"text": ""},
        "Et afsnit skal have en overskrift, en tekst eller en blok",
    ),
    (lambda: create_letter().sections.get(), {"block": "poem"}, "Vælg en af blokkene"),
]


@pytest.mark.parametrize(("make", "changes", "sentence"), RULES)
def test_a_rule_has_a_sentence_and_holds_in_the_database(
    make: Callable[[], models.Model], changes: dict[str, Any], sentence: str
) -> None:
    row = make()
    for name, value in changes.items():
        setattr(row, name, value)

    assert sentences(row.validate_constraints) == [sentence]
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row)._default_manager.filter(pk=row.pk).update(**changes)


def test_all_rules_of_meetings_and_letters_are_tested() -> None:
    checked = {type(make())._meta.model for make, _changes, _sentence in RULES}
    tested = {sentence for _make, _changes, sentence in RULES}

    rules = {
        str(constraint.violation_error_message)
        for model in checked
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    }

    assert rules == tested


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: Meeting(
                slug=create_meeting(slug="Dialog").slug.upper(), title="a", policy_area=get_policy_area()
            ),
            "Et andet møde har denne adresse",
        ),
        (
            lambda: MeetingArea(meeting=create_meeting(), area=get_area()),
            "Området er allerede valgt",
        ),
        (
            lambda: MeetingHost(
                meeting=create_meeting(hosts=[get_municipality()]), municipality=get_municipality()
            ),
            "Kommunen er allerede valgt",
        ),
        (
            lambda: Letter(
                meeting=(letter := create_letter()).meeting,
                kind=letter.kind,
                date=letter.date,
                recipients="a",
            ),
            "Mødet har allerede et brev af denne slags og dato",
        ),
        (
            lambda: Invitation(
                meeting=(invitation := create_invitation()).meeting,
                municipality=invitation.municipality,
                token="andet",
                invited_at=NOW,
            ),
            "Kommunen er allerede inviteret",
        ),
    ],
)
def test_what_may_stand_once_has_a_sentence_and_stands_once(
    make: Callable[[], models.Model], sentence: str
) -> None:
    row = make()

    assert sentences(row.full_clean) == [sentence]
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_letter_announces_a_meeting_once() -> None:
    letter = create_letter()
    Announcement.objects.create(letter=letter, meeting=letter.meeting)
    again = Announcement(letter=letter, meeting=letter.meeting)

    assert sentences(again.full_clean) == ["Mødet er allerede varslet"]
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


def test_there_is_one_sender() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Sender.objects.create(pk=2, name="En anden", address="Et sted", mailbox="en@anden.example")


@pytest.mark.parametrize("slug", ["møde", "a b", "a/b", "-a", "a-", "a--b", "a.b", "a" * 81])
def test_a_slug_is_part_of_an_address(slug: str) -> None:
    meeting = Meeting(slug=slug, title="a", policy_area=get_policy_area())

    with pytest.raises(ValidationError) as refused:
        meeting.full_clean()
    assert list(refused.value.message_dict) == ["slug"]


@pytest.mark.parametrize("slug", ["admin", "SVAR", "static", "en"])
def test_a_slug_is_none_of_our_own_addresses(slug: str) -> None:
    meeting = Meeting(slug=slug, title="a", policy_area=get_policy_area())

    assert sentences(meeting.full_clean) == ["Adressen bruges af systemet selv. Vælg en anden"]


@pytest.mark.parametrize("slug", ["a", "2027", "Politisk-Moede_27", "a" * 80])
def test_a_slug_may_have_upper_case_and_digits(slug: str) -> None:
    Meeting(slug=slug, title="a", policy_area=get_policy_area()).full_clean()
