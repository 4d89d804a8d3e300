from __future__ import annotations

from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from django.core.mail import BadHeaderError
from django.test import override_settings

from invitations.models import OutgoingEmail, StoredFile
from tests.factories import NOW, PDF
from tests.mails import arrived, as_sent, owe_mail, tree

pytestmark = pytest.mark.django_db

CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Møde i Ærø\r\nEND:VCALENDAR\r\n"


def test_a_mail_has_a_text_and_an_html_part() -> None:
    message = arrived(owe_mail(text="Hej Åse\n", html="<p>Hej Åse</p>"))

    assert tree(message) == ("multipart/alternative", ["text/plain", "text/html"])
    text, html = message.iter_parts()
    assert text.get_content().splitlines() == ["Hej Åse"]
    assert html.get_content().splitlines() == ["<p>Hej Åse</p>"]


def test_a_calendar_is_the_last_alternative_and_an_attachment_before_the_others() -> None:
    file = StoredFile.objects.store(PDF, content_type="application/pdf")
    mail = owe_mail(calendar=CALENDAR, calendar_method="REQUEST", attachments=[("bilag æ.pdf", file)])

    message = arrived(mail)

    assert tree(message) == (
        "multipart/mixed",
        [
            ("multipart/alternative", ["text/plain", "text/html", "text/calendar"]),
            "application/ics",
            "application/pdf",
        ],
    )
    ics, pdf = message.iter_attachments()
    assert (ics.get_filename(), ics.get_content()) == ("invite.ics", CALENDAR.encode())
    assert (pdf.get_filename(), pdf.get_content()) == ("bilag æ.pdf", PDF)


def test_the_calendar_part_names_method_and_charset_once() -> None:
    message = arrived(owe_mail(calendar=CALENDAR, calendar_method="REQUEST"))

    calendar = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    assert calendar["Content-Type"] == 'text/calendar; method="REQUEST"; charset="utf-8"'
    assert calendar.get_content().splitlines() == CALENDAR.splitlines()


def test_every_line_of_a_mail_is_short_and_of_seven_bits() -> None:
    mail = owe_mail(
        text="blåbærgrød " * 300,
        html="<p>" + "æøå" * 900 + "</p>",
        calendar=CALENDAR,
        calendar_method="REQUEST",
    )

    lines = as_sent(mail).split(b"\r\n")

    assert max(len(line) for line in lines) <= 78
    assert max(max(line, default=0) for line in lines) < 128


@override_settings(DEFAULT_FROM_EMAIL="KL <moeder@kl.example>")
def test_the_headers_say_who_writes_to_whom_and_who_reads_the_answers() -> None:
    mail = owe_mail(
        to="post@herning.example", to_name="Børn & Unge, Herning", subject="Kvittering: Møde på Ærø"
    )

    message = arrived(mail)

    assert {
        name: str(message[name]) for name in ("From", "Reply-To", "To", "Subject", "Message-ID", "Date")
    } == {
        "From": "KL <moeder@kl.example>",
        "Reply-To": "sekretariat@kl.example",
        "To": '"Børn & Unge, Herning" <post@herning.example>',
        "Subject": "Kvittering: Møde på Ærø",
        "Message-ID": mail.message_id,
        "Date": "Mon, 01 Feb 2027 12:00:00 +0100",
    }


def test_a_mail_has_the_same_headers_at_every_try() -> None:
    mail = owe_mail()

    first, second = arrived(mail), arrived(mail)

    # But for the boundary between its parts.
    del first["Content-Type"], second["Content-Type"]
    assert first.items() == second.items()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Anne\r\nBcc: alle@example.com", '"Anne Bcc: alle@example.com" <a@b.example>'),
        ('Anne "Chef" Sø, formand', '"Anne \\"Chef\\" Sø, formand" <a@b.example>'),
        ("\u202eenna\u200b", "enna <a@b.example>"),
        ("", "a@b.example"),
        ("<script@example.com>", '"<script@example.com>" <a@b.example>'),
    ],
)
def test_whatever_a_name_holds_stays_a_name(name: str, shown: str) -> None:
    message = arrived(owe_mail(to="a@b.example", to_name=name))

    assert str(message["To"]) == shown
    assert message["Bcc"] is None
    assert [address.addr_spec for address in message["To"].addresses] == ["a@b.example"]


def test_a_long_danish_name_is_folded_so_that_it_reads_as_before() -> None:
    name = "Udvalget for børn, unge, læring, kultur, fritid, ældre og økonomi i Faaborg-Midtfyn Kommune"

    header = message_from_bytes(as_sent(owe_mail(to="a@b.example", to_name=name)))["To"]

    # Not by the email package's own parser, which leaves the spaces of folding in a name (Python 3.11).
    assert str(make_header(decode_header(header))) == f"{name} <a@b.example>"


def test_a_subject_of_two_lines_is_refused() -> None:
    mail = owe_mail(subject="Kvittering\r\nBcc: alle@example.com")

    with pytest.raises(BadHeaderError):
        as_sent(mail)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (OutgoingEmail.Kind.LETTER, (None, None)),
        (OutgoingEmail.Kind.RECEIPT, ("auto-generated", "OOF, AutoReply")),
        (OutgoingEmail.Kind.DEADLINE_REMINDER, ("auto-generated", "OOF, AutoReply")),
    ],
)
def test_absence_notes_are_wanted_for_letters_only(
    kind: str, expected: tuple[str | None, str | None]
) -> None:
    message = arrived(owe_mail(kind=kind))

    assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == expected


def test_the_date_is_the_day_it_was_owed_in_danish_summer_time() -> None:
    mail = owe_mail(at=NOW.replace(month=7))

    assert str(arrived(mail)["Date"]) == "Thu, 01 Jul 2027 12:00:00 +0200"
