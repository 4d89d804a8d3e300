"""The mail that one sends to oneself before it goes to everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from pytest_django import Settings

from invitations import letters
from invitations.letter_mails import Addressee, LetterMails
from invitations.models import Dispatch, Invitation, Letter, OutgoingEmail, Role
from invitations.trial_mails import DOUBLE_CLICK, send_trial
from tests.factories import (
    NOW,
    create_enclosure,
    create_letter,
    create_meeting,
    create_office,
    create_staff,
    get_municipality,
)
from tests.pdf_reader import PdfReader

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _public_url(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.kl.dk"


@pytest.fixture
def officer() -> User:
    return create_staff(username="mette")


def create_draft(**fields: object) -> Letter:
    letter = create_letter(meeting=create_meeting(slug="moede"), title="Invitation den {date}", **fields)  # type: ignore[arg-type]
    for town in ("Herning", "Skive"):
        create_office(municipality=get_municipality(town), mailbox=f"udvalg@{town.lower()}.example")
    create_office(role=Role.MAYOR, mailbox="borgmester@herning.example")
    return letter


def test_it_is_the_very_mail_but_for_its_subject_and_its_link(officer: User) -> None:
    letter = create_draft(copy_roles=[Role.MAYOR])
    create_enclosure(letter=letter, title="Fakta", filename="fakta.pdf")

    assert send_trial(letter, at=NOW, by=officer)

    trial = OutgoingEmail.objects.get()
    version = letters.preview(letter, at=NOW)
    first = letters.plan_dispatch(letter, at=NOW).recipients[0]
    real = LetterMails(letter, version).mail(
        Addressee.of_recipient(first), answer_url="https://tilmeld.kl.dk/moede"
    )
    assert first.mailbox == "udvalg@herning.example"
    assert (trial.kind, trial.to, trial.to_name) == (
        "test",
        "mette@kl.example",
        "mette (som Herning Kommune)",
    )
    assert trial.subject == "[Test] Invitation den 15. april 2027"
    assert (trial.text, trial.html) == (real.text, real.html)
    assert "https://tilmeld.kl.dk/moede\n" in trial.text
    assert "/svar/" not in trial.text + trial.html
    assert list(trial.attachments.values_list("filename", "file")) == [
        ("moede-invitation-2027-01-25.pdf", version.pdf.pk),
        ("fakta.pdf", letter.enclosures.get().file_id),
    ]


def test_it_counts_as_nothing(officer: User) -> None:
    letter = create_draft()

    send_trial(letter, at=NOW, by=officer)

    assert Letter.objects.get().state == "draft"
    assert (Dispatch.objects.count(), Invitation.objects.count()) == (0, 0)
    assert letters.dispatch(letter, at=NOW, by=officer) == 2


def test_it_is_that_of_the_municipality_that_was_chosen(officer: User) -> None:
    send_trial(create_draft(), code=get_municipality("Skive").code, at=NOW, by=officer)

    assert OutgoingEmail.objects.get().text.startswith("KL inviterer Skive Kommune til ")


def test_a_personal_letter_is_that_of_the_municipality_with_a_link_to_the_public_page(officer: User) -> None:
    letter = create_draft(is_personal=True)
    letter.sections.create(position=1, heading="Tilmelding", text="{registration_url}")

    send_trial(letter, code=get_municipality("Skive").code, at=NOW, by=officer)

    reader = PdfReader(OutgoingEmail.objects.get().attachments.get().file.data)
    links = [link for node in reader.document.nodes() for link in node.links]
    assert ("P", "Skive Kommune") in reader.blocks
    assert len(reader.document.find("Figure")) == 1
    assert {link for link in links if "tilmeld" in link} == {"https://tilmeld.kl.dk/moede"}


def test_pressed_again_it_is_sent_again_but_a_double_click_is_one(officer: User) -> None:
    letter = create_draft()
    times = [NOW, NOW + timedelta(seconds=2), NOW + DOUBLE_CLICK + timedelta(seconds=1)]

    sent = [send_trial(letter, at=at, by=officer) for at in times]

    assert sent == [True, False, True]
    assert OutgoingEmail.objects.count() == 2


def test_another_municipality_or_somebody_else_is_no_double_click(officer: User) -> None:
    letter = create_draft()

    sent = [
        send_trial(letter, at=NOW, by=officer),
        send_trial(letter, code=get_municipality("Skive").code, at=NOW + timedelta(seconds=1), by=officer),
        send_trial(letter, at=NOW, by=create_staff(username="bo")),
    ]

    assert sent == [True, True, True]


def test_a_draft_meeting_may_be_tried(officer: User) -> None:
    create_office()
    letter = create_letter(meeting=create_meeting(published_at=None))

    assert send_trial(letter, at=NOW, by=officer)


@pytest.mark.parametrize("spoil", ["address", "recipients", "code", "text"])
def test_what_keeps_it_from_being_sent_is_said(officer: User, spoil: str) -> None:
    letter = create_letter() if spoil == "recipients" else create_draft()
    code = "9999" if spoil == "code" else ""
    if spoil == "address":
        officer.email = ""
    if spoil == "text":
        letter.sections.update(text="{sted}")

    with pytest.raises(ValidationError) as refused:
        send_trial(letter, code=code, at=NOW, by=officer)

    nobody = ["Der er ingen modtagere, hvis mail kan vises."]
    expected = {
        "address": ["Din bruger har ingen e-mailadresse, så mailen kan ikke sendes til dig."],
        "recipients": nobody,
        "code": nobody,
    }
    if spoil in expected:
        assert refused.value.messages == expected[spoil]
    assert OutgoingEmail.objects.count() == 0
