"""The letter as PDF and page, its enclosures, and the calendar file."""

from __future__ import annotations

from datetime import date

import icalendar
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from invitations import letters
from invitations.letter_page import LetterPage
from invitations.models import Announcement, Letter, LetterVersion, StoredFile
from tests.factories import (
    NOW,
    PDF,
    PUBLISHED,
    create_enclosure,
    create_letter,
    create_letter_version,
    create_meeting,
    create_session,
)
from tests.pages import page_text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_the_pdf_is_the_published_letters(client: Client) -> None:
    letter = create_letter()

    response = client.get(f"/{letter.meeting.slug}/invitation.pdf")

    version = letters.public_version(letter.meeting, at=NOW)
    assert version is not None
    assert response.content == version.pdf.data
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'inline; filename="{letter.filename}"'
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_letter_that_has_been_sent_asks_the_database_once(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    letter = create_letter(sent_at=PUBLISHED)
    create_letter_version(letter=letter)

    with django_assert_num_queries(1):
        response = client.get(f"/{letter.meeting.slug}/invitation.pdf")

    assert response.content == PDF


def test_of_several_letters_the_latest_sent_is_read_and_a_follow_up_only_without_another(
    client: Client,
) -> None:
    meeting = create_meeting()
    sent = {
        kind: create_letter(meeting=meeting, kind=kind, sent_at=PUBLISHED)
        for kind in ("save_the_date", "invitation", "follow_up")
    }
    create_letter(meeting=meeting, kind="change")

    assert Letter.objects.public_one(meeting) == sent["invitation"]
    Letter.objects.filter(kind__in=["invitation", "save_the_date"]).delete()
    assert Letter.objects.public_one(meeting) == sent["follow_up"]


def test_who_has_the_pdf_already_does_not_get_it_again(client: Client) -> None:
    address = f"/{create_letter().meeting.slug}/invitation.pdf"
    etag = client.get(address)["ETag"]

    response = client.get(address, headers={"if-none-match": etag})

    assert (response.status_code, response.content) == (304, b"")


def test_without_a_letter_there_is_no_pdf_and_no_page(client: Client) -> None:
    meeting = create_meeting()

    assert client.get(f"/{meeting.slug}/invitation.pdf").status_code == 404
    assert client.get(f"/{meeting.slug}/invitation").status_code == 404


def test_a_letter_that_cannot_be_printed_yet_is_not_found(client: Client) -> None:
    letter = create_letter(title="Invitation til {findes_ikke}")

    assert client.get(f"/{letter.meeting.slug}/invitation.pdf").status_code == 404
    assert client.get(f"/{letter.meeting.slug}/invitation").status_code == 404


def test_a_drafts_letter_is_nobodys_business(client: Client) -> None:
    letter = create_letter(meeting=create_meeting(published_at=None))

    for path in ("invitation.pdf", "invitation"):
        assert client.get(f"/{letter.meeting.slug}/{path}").status_code == 404


def test_the_page_has_the_letters_words(client: Client) -> None:
    letter = create_letter(title="Invitation til {title}", contact_email="bou@kl.example")

    response = client.get(f"/{letter.meeting.slug}/invitation")

    text = page_text(response)
    assert "Dato: 25. januar 2027 E-mail: bou@kl.example" in text
    assert (
        "Til Udvalget med ansvar for børne- og undervisningsområdet Invitation til Politisk møde i Region "
        "Midtjylland Vi vil gerne invitere jer til et politisk møde. Med venlig hilsen Kirsten Holm"
    ) in text
    assert response.content.decode().count("<h1") == 1


def test_a_letter_without_a_title_has_a_heading_for_those_who_listen(client: Client) -> None:
    letter = create_letter()

    page = client.get(f"/{letter.meeting.slug}/invitation").content.decode()

    assert '<h1 class="visually-hidden">Invitation: Politisk møde i Region Midtjylland</h1>' in page


def test_the_page_of_a_sent_letter_stays_as_it_was_sent(client: Client) -> None:
    letter = create_letter(title="Invitation til {title}")
    letters.preview(letter, at=NOW)
    letter.mark_sent(at=NOW, by=None)
    letter.meeting.title = "Noget andet"
    letter.meeting.save()

    text = page_text(client.get(f"/{letter.meeting.slug}/invitation"))

    assert "Invitation til Politisk møde i Region Midtjylland" in text
    assert "Noget andet" not in text


def test_html_that_is_no_letters_is_an_error_and_not_a_page_with_holes() -> None:
    with pytest.raises(ValueError, match="is not the HTML of a letter"):
        LetterPage.of(LetterVersion(html="<p>Kære alle</p>"))


def test_an_enclosure_of_the_public_letter_can_be_fetched(client: Client) -> None:
    letter = create_letter()
    enclosure = create_enclosure(letter=letter, filename="kernevaerdier.pdf")

    response = client.get(f"/{letter.meeting.slug}/bilag/{enclosure.pk}/kernevaerdier.pdf")

    assert (response.status_code, response.content) == (200, PDF)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="kernevaerdier.pdf"'
    assert response["ETag"] == f'"{StoredFile.objects.get().sha256}"'
    assert response["X-Content-Type-Options"] == "nosniff"


def test_other_enclosures_cannot(client: Client) -> None:
    meeting = create_meeting()
    letter = create_letter(meeting=meeting)
    mine = create_enclosure(letter=letter)
    only_a_title = create_enclosure(letter=letter, content=None)
    of_a_draft = create_enclosure(letter=create_letter(meeting=meeting, kind=Letter.Kind.FOLLOW_UP))
    of_another = create_enclosure(letter=create_letter())
    paths = [
        f"{of_a_draft.pk}/program.pdf",
        f"{of_another.pk}/program.pdf",
        f"{mine.pk}/andet.pdf",
        f"{mine.pk}/%00.pdf",
        f"{only_a_title.pk}/program.pdf",
        "999999999/program.pdf",
        f"{9**30}/program.pdf",
    ]

    assert [client.get(f"/{meeting.slug}/bilag/{path}").status_code for path in paths] == [404] * len(paths)


def test_the_calendar_file_has_each_session_and_nobodys_name(client: Client) -> None:
    meeting = create_meeting(slug="Herning2027")
    second = create_session(
        meeting=meeting, starts_date=date(2027, 4, 16), online=True, join_url="https://x.dk/hemmeligt"
    )

    response = client.get("/Herning2027/calendar.ics")

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="Herning2027.ics"'
    calendar = icalendar.Calendar.from_ical(response.content)
    assert calendar["METHOD"] == "PUBLISH"
    assert [str(event["URL"]) for event in calendar.events] == ["http://127.0.0.1:8000/Herning2027"] * 2
    assert str(calendar.events[1]["UID"]) == f"session-{second.pk}@127.0.0.1"
    assert [event.get("ATTENDEE") for event in calendar.events] == [None, None]
    assert b"hemmeligt" not in response.content


def test_an_announced_meeting_has_a_calendar_file(client: Client) -> None:
    meeting = create_meeting(published_at=None)
    Announcement.objects.create(letter=create_letter(), meeting=meeting)

    assert client.get(f"/{meeting.slug}/calendar.ics").status_code == 200


def test_drafts_and_cancelled_meetings_have_none(client: Client) -> None:
    cancelled = create_meeting()
    cancelled.cancel(at=NOW)

    for meeting in (cancelled, create_meeting(published_at=None)):
        assert client.get(f"/{meeting.slug}/calendar.ics").status_code == 404
