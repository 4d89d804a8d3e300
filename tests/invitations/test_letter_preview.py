from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from invitations import letters
from invitations.models import Letter, LetterVersion, Meeting, Sender, StoredFile
from invitations.pdf import ReadingOrderError, render_pdf
from tests.factories import (
    NOW,
    create_letter,
    create_meeting,
    create_office,
    create_programme_item,
    create_session,
    create_staff,
    create_theme,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def fresh(letter: Letter) -> Letter:
    return Letter.objects.select_related("meeting").get(pk=letter.pk)


def test_a_preview_is_the_letter_as_it_would_be_sent() -> None:
    letter = create_letter()

    version = letters.preview(letter, at=NOW)

    assert version.letter == letter
    assert version.pdf.data.startswith(b"%PDF-")
    assert version.pdf.content_type == "application/pdf"
    assert "Vi vil gerne invitere jer til et politisk møde." in version.html
    assert version.rendered_at == NOW


def test_the_same_content_is_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    letter = create_letter()
    first = letters.preview(letter, at=NOW)
    monkeypatch.setattr(letters, "render_pdf", None)

    again = letters.preview(fresh(letter), at=LATER)

    assert (again.pk, again.rendered_at, again.pdf) == (first.pk, NOW, first.pdf)


@pytest.mark.parametrize("change", ["letter", "meeting", "sender"])
def test_another_content_is_laid_out_anew(change: str) -> None:
    letter = create_letter(title="Om {title}")
    first = letters.preview(letter, at=NOW)
    if change == "letter":
        letter.sections.update(text="Noget andet.")
    elif change == "meeting":
        Meeting.objects.update(title="Noget andet")
    else:
        Sender.objects.update(address="Et andet sted")

    again = letters.preview(fresh(letter), at=LATER)

    assert again.pk == first.pk
    assert again.rendered_at == LATER
    assert again.pdf.sha256 != first.pdf.sha256
    assert LetterVersion.objects.count() == 1


def test_the_letter_states_facts_that_can_be_compared_later() -> None:
    meeting = create_meeting(title="Møde", session=False)
    session = create_session(meeting=meeting)
    item = create_programme_item(meeting=meeting, title="Velkommen", time=time(17, 0), speakers="Bo")
    theme = create_theme(item=item, title="Dagtilbud", room="Salen")
    letter = create_letter(meeting=meeting)

    stated = letters.preview(letter, at=NOW).facts

    assert stated == letters.facts(fresh(letter))
    assert stated == {
        "title": "Møde",
        "registration_deadline": "2027-03-19",
        "programme": [
            {
                "item": item.pk,
                "time": "17:00",
                "until": "",
                "title": "Velkommen",
                "speakers": "Bo",
                "room": "",
                "themes": [{"theme": theme.pk, "title": "Dagtilbud", "speakers": "", "room": "Salen"}],
            }
        ],
        "sessions": [
            {
                "session": session.pk,
                "starts": "2027-04-15 17:00",
                "ends": "2027-04-15 19:00",
                "where": "Rådhuset i Herning, Torvet 5, 7400 Herning",
                "join_url": "",
                "deadline": "2027-03-19",
            }
        ],
    }


def test_a_letter_that_cannot_be_printed_says_why_at_its_fields() -> None:
    letter = create_letter(title="{sted}")

    with pytest.raises(ValidationError) as refused:
        letters.preview(letter, at=NOW)

    assert list(refused.value.message_dict) == ["title"]
    assert not LetterVersion.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_letter_with_a_character_that_the_typeface_lacks_says_which() -> None:
    letter = create_letter(title="Velkommen \U0001f389")

    with pytest.raises(ValidationError) as refused:
        letters.preview(letter, at=NOW)

    assert refused.value.messages == ["The letter's typeface lacks these characters: \U0001f389 (U+1F389)"]


def test_a_letter_of_too_many_words_says_so() -> None:
    letter = create_letter()
    for _number in range(20):
        letter.sections.create(text="Et ord til. " * 833)

    with pytest.raises(ValidationError) as refused:
        letters.preview(letter, at=NOW)

    assert refused.value.messages == [
        "The letter is too long, or its lists are nested too deep, to be made into a PDF."
    ]


def test_a_pdf_that_would_not_read_aloud_is_refused_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(html: str, *, images: dict[str, bytes]) -> bytes:
        raise ReadingOrderError("a word is missing")

    monkeypatch.setattr(letters, "render_pdf", fail)

    with caplog.at_level(logging.ERROR), pytest.raises(ValidationError) as refused:
        letters.preview(create_letter(), at=NOW)

    assert refused.value.messages == [
        "The letter cannot be made into a PDF that reads aloud in the right order."
        " Write to those who run the system."
    ]
    assert "a word is missing" in caplog.text


def test_a_sent_letter_is_shown_as_it_was_sent() -> None:
    create_office()
    letter = create_letter()
    letters.dispatch(letter, at=NOW, by=create_staff())
    as_sent = letters.preview(letter, at=NOW)
    letter.sections.update(text="{sted}")

    shown = letters.preview(fresh(letter), at=LATER)

    assert (shown.pdf, shown.html, shown.rendered_at) == (as_sent.pdf, as_sent.html, NOW)


def test_a_letter_sent_while_it_is_laid_out_stays_as_it_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    letter = create_letter()
    as_sent = letters.preview(letter, at=NOW)
    letter.sections.update(text="Noget andet.")
    editing = fresh(letter)

    def send_meanwhile(html: str, *, images: dict[str, bytes]) -> bytes:
        letter.mark_sent(at=NOW, by=create_staff())
        return render_pdf(html, images=images)

    monkeypatch.setattr(letters, "render_pdf", send_meanwhile)

    shown = letters.preview(editing, at=LATER)

    assert (shown.pdf, shown.rendered_at) == (as_sent.pdf, NOW)


# What everybody may read.


def test_before_anything_is_sent_everybody_may_read_the_draft_of_a_published_meeting() -> None:
    letter = create_letter()

    version = letters.public_version(letter.meeting, at=NOW)

    assert version is not None
    assert version.letter == letter


def test_nobody_may_read_the_letter_of_a_draft() -> None:
    letter = create_letter(meeting=create_meeting(published_at=None))

    assert letters.public_version(letter.meeting, at=NOW) is None


@pytest.mark.parametrize("kind", ["follow_up", "save_the_date", "change", "cancellation"])
def test_no_other_draft_is_public(kind: str) -> None:
    letter = create_letter(kind=kind)

    assert letters.public_version(letter.meeting, at=NOW) is None


def test_the_latest_letter_sent_goes_before_earlier_ones_and_drafts() -> None:
    create_office()
    meeting, staff = create_meeting(), create_staff()
    letters.dispatch(create_letter(meeting=meeting, letter_date=date(2027, 1, 1)), at=NOW, by=staff)
    latest = create_letter(meeting=meeting, kind="change", letter_date=date(2027, 1, 2))
    letters.dispatch(latest, at=NOW, by=staff)
    create_letter(meeting=meeting, letter_date=date(2027, 1, 3))

    version = letters.public_version(meeting, at=NOW)

    assert version is not None
    assert version.letter == latest


def test_a_draft_that_cannot_be_printed_is_not_there_for_the_public() -> None:
    letter = create_letter(title="{sted}")

    assert letters.public_version(letter.meeting, at=NOW) is None


def test_a_meeting_without_a_letter_has_none() -> None:
    assert letters.public_version(create_meeting(), at=NOW) is None
