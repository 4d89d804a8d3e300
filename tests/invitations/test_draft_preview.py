"""A letter shown while it is written: as far as it prints, with what is wrong."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import NON_FIELD_ERRORS

from invitations.draft_preview import DraftPreview, draft_preview
from invitations.letter_content import LetterContent
from invitations.models import Enclosure, Letter, Meeting, Section, Signatory
from tests.factories import create_letter, create_meeting, create_programme_item

pytestmark = pytest.mark.django_db


def previewed(
    *texts: str, meeting: Meeting | None = None, has_date: bool = True, **fields: str
) -> DraftPreview:
    """The preview of a letter that nobody has stored, with a section for each of `texts`."""
    letter = Letter(meeting=meeting or create_meeting(), date=date(2027, 2, 1), **fields)
    content = LetterContent(letter=letter, sections=[Section(text=text) for text in texts])
    return draft_preview(content, has_date=has_date)


def test_a_letter_of_which_nothing_is_stored_is_shown_whole() -> None:
    announced = create_meeting(title="Møde i juni")
    letter = Letter(
        meeting=create_meeting(), date=date(2027, 2, 1), recipients="Borgmesteren", title="Om {title}"
    )
    content = LetterContent(
        letter=letter,
        sections=[
            Section(heading="Kære alle", text="Vi ses den {date}."),
            Section(block="attachments"),
            Section(block="announced_meetings"),
        ],
        signatories=[Signatory(name="Kirsten Holm", title="Formand")],
        enclosures=[Enclosure(title="Kerneværdierne")],
        announced=[announced],
    )

    preview = draft_preview(content)

    body = preview.body().replace("\u00a0", " ")
    assert preview.problems == {}
    for words in (
        "<p>Borgmesteren</p>",
        ">Om Politisk møde i Region Midtjylland</h1>",
        "<h2>Kære alle</h2>",
        "<p>Vi ses den 15. april 2027.</p>",
        "Bilag:",
        "<li>Kerneværdierne</li>",
        'Region Midtjylland: Torsdag den 15. april kl. <span class="nowrap">17-19</span>',
        "Kirsten Holm<br>Formand",
        "Dato: 1. februar 2027",
    ):
        assert words in body
    assert Letter.objects.count() == 0


def test_what_cannot_be_printed_is_marked_as_it_was_typed() -> None:
    preview = previewed("Mødet er i **{sted}** på [kortet](https://kort.example/{sted}).")

    assert preview.missing == {"{sted}"}
    assert preview.problems == {
        "sections[0].text": ["{sted} kan ikke bruges: pladsholderen findes ikke. Mente du {venue}?"]
    }
    assert (
        '<p>Mødet er i <strong><mark>{sted}</mark></strong> på <a target="_blank" rel="noopener"'
        ' href="https://kort.example/%7Bsted%7D">kortet</a>.</p>'
    ) in preview.body()


def test_the_rest_of_the_letter_is_shown_beside_what_is_wrong() -> None:
    preview = previewed("{", "Godt {date}", title="{nonsense}")

    assert list(preview.problems) == ["title", "sections[0].text"]
    assert "<mark>{nonsense}</mark>" in preview.body()
    assert "<p>Godt 15.\u00a0april 2027</p>" in preview.body()


def test_what_is_typed_as_markup_is_shown_as_text() -> None:
    preview = previewed("<script>alert(1)</script> {<img src=x>}", title="<b>{<i>}</b>")

    assert "<script" not in preview.body()
    assert "<img" not in preview.body()
    assert "<mark>{&lt;i&gt;}</mark>" in preview.body()


def test_a_letter_without_a_date_prints_none() -> None:
    assert "Dato: </p>" in previewed("Tekst", has_date=False).body()


def test_a_character_that_the_typeface_lacks_is_told_at_its_field() -> None:
    meeting = create_meeting(title="Fest \U0001f389")
    create_programme_item(meeting=meeting, title="\U0001f600")

    preview = previewed("Vi ses \U0001f44d", meeting=meeting, title="{title}")

    assert preview.problems == {
        "sections[0].text": ["Brevets skrift mangler disse tegn: \U0001f44d (U+1F44D)"],
        NON_FIELD_ERRORS: ["Brevets skrift mangler disse tegn: \U0001f389 (U+1F389)"],
    }


def test_the_placeholders_are_those_that_can_be_used() -> None:
    preview = previewed(meeting=create_meeting(registration="none"), contact_email="anne@kl.example")

    assert dict(preview.placeholders)["{contact_email}"] == "anne@kl.example"
    assert "{registration_url}" not in dict(preview.placeholders)


def test_a_stored_letter_is_shown_as_it_is_stored() -> None:
    letter = create_letter(title="Om {title}")

    preview = draft_preview(LetterContent.stored(letter))

    assert "Vi vil gerne invitere jer til et politisk møde." in preview.body()
    assert "Kirsten Holm" in preview.body()
