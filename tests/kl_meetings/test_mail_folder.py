from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives, get_connection
from pytest_django import Settings


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return tmp_path / "mail"


def message(subject: str) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(subject, "Kære Aabenraa", "KL <moeder@kl.dk>", ["buu@aabenraa.dk"])
    mail.attach_alternative("BEGIN:VCALENDAR", "text/calendar; method=REQUEST")
    return mail


def test_each_mail_becomes_a_file_with_every_part(folder: Path) -> None:
    with time_machine.travel("2027-02-01 12:30:00Z", tick=False):
        count = get_connection("kl_meetings.mail_folder.MailFolder").send_messages([message("Møde på Ærø")])

    (file,) = folder.iterdir()
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert count == 1
    assert file.name.startswith("20270201T123000.000000-")
    assert file.suffix == ".eml"
    assert (mail["Subject"], mail["From"], mail["To"]) == (
        "Møde på Ærø",
        "KL <moeder@kl.dk>",
        "buu@aabenraa.dk",
    )
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/calendar"]


def test_files_sort_as_the_mails_were_delivered(folder: Path) -> None:
    connection = get_connection("kl_meetings.mail_folder.MailFolder")

    with time_machine.travel("2027-02-01 12:30:00Z", tick=False) as clock:
        for subject in ("first", "second", "third"):
            connection.send_messages([message(subject)])
            clock.shift(0.001)

    subjects = [email.message_from_bytes(file.read_bytes())["Subject"] for file in sorted(folder.iterdir())]
    assert subjects == ["first", "second", "third"]
