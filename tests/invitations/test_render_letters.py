from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from pytest_django import Settings

from invitations.models import Letter, Section
from tests.factories import PDF, create_letter, create_meeting
from tests.meeting_files import EVERYTHING, bring_in
from tests.pdf_reader import PdfReader

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def render(folder: Path, *slugs: str) -> list[str]:
    """The names of the files that the command has written."""
    call_command("render_letters", *slugs, output=folder)
    return sorted(path.name for path in folder.iterdir())


def refusal(folder: Path, *slugs: str) -> list[str]:
    with pytest.raises(CommandError) as refused:
        call_command("render_letters", *slugs, output=folder)
    return str(refused.value).splitlines()


def text_of(path: Path) -> str:
    """What a screen reader reads aloud, with ordinary spaces."""
    blocks = PdfReader(path.read_bytes()).blocks
    return " ".join(" ".join(text for _role, text in blocks).split())


def test_a_file_is_named_by_meeting_kind_and_date(tmp_path: Path) -> None:
    meeting = create_meeting(slug="Moede-27")
    for kind in Letter.Kind.values:
        create_letter(meeting=meeting, kind=kind, letter_date=date(2027, 2, 6))

    assert render(tmp_path / "ny" / "mappe") == [
        "Moede-27-cancellation-2027-02-06.pdf",
        "Moede-27-change-2027-02-06.pdf",
        "Moede-27-follow_up-2027-02-06.pdf",
        "Moede-27-invitation-2027-02-06.pdf",
        "Moede-27-save_the_date-2027-02-06.pdf",
    ]


def test_only_the_letters_of_the_meetings_asked_for_are_written(tmp_path: Path) -> None:
    for slug in ("a", "b", "c"):
        create_letter(meeting=create_meeting(slug=slug), letter_date=date(2027, 2, 6))

    assert render(tmp_path, "a", "C") == ["a-invitation-2027-02-06.pdf", "c-invitation-2027-02-06.pdf"]


def test_the_paths_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create_letter(meeting=create_meeting(slug="a"), letter_date=date(2027, 2, 6))

    render(tmp_path)

    assert capsys.readouterr().out == f"{tmp_path}/a-invitation-2027-02-06.pdf\n"


def test_links_begin_with_the_public_url(tmp_path: Path, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.kl.dk"
    letter = create_letter(meeting=create_meeting(slug="a"))
    Section.objects.create(letter=letter, position=1, text="Tilmeld jer: {registration_url}")

    (name,) = render(tmp_path)

    assert "https://tilmeld.kl.dk/a" in text_of(tmp_path / name)


def test_an_unknown_meeting_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    create_letter(meeting=create_meeting(slug="a"))

    assert refusal(tmp_path / "ud", "a", "ingen") == ["There is no meeting “ingen”."]
    assert not (tmp_path / "ud").exists()


def test_a_letter_that_cannot_be_printed_does_not_keep_the_others_from_it(tmp_path: Path) -> None:
    for slug, text in (("a", "{sted} og {by}"), ("b", "Velkommen."), ("c", "Velkommen \U0001f389")):
        letter = create_letter(meeting=create_meeting(slug=slug), letter_date=date(2027, 2, 6))
        letter.sections.update(text=text)

    told = refusal(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["b-invitation-2027-02-06.pdf"]
    assert [line.partition(" cannot")[0].partition(": \U0001f389")[0] for line in told] == [
        "a-invitation-2027-02-06.pdf: sections[0].text: {sted}",
        "a-invitation-2027-02-06.pdf: sections[0].text: {by}",
        "c-invitation-2027-02-06.pdf: The letter's typeface lacks these characters",
    ]


def test_where_it_cannot_write_it_says_so(tmp_path: Path) -> None:
    create_letter()
    (tmp_path / "fil").write_text("optaget")

    assert refusal(tmp_path / "fil") == [f"Cannot write {tmp_path}/fil: File exists."]


def test_a_letter_of_everything_there_is_carries_all_of_it(tmp_path: Path, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tilmeld.kl.dk"
    (tmp_path / "fakta.pdf").write_bytes(PDF)
    bring_in(tmp_path, EVERYTHING)

    render(tmp_path / "ud")

    text = text_of(tmp_path / "ud" / "Fritid-2027-invitation-2027-01-12.pdf")
    at = 0
    for words in (
        *(
            "Dato: 12. januar 2027",
            "Sags ID: SAG-2027-00042",
            "Dok. ID: 3141592",
            "E-mail: fritid@kl.example",
        ),
        *("Direkte: 3370 1234", "Weidekampsgade 10", "2300 København S"),
        "Til Udvalget med ansvar for fritid i Region Midtjylland og Region Hovedstaden (Storkøbenhavn)",
        "Borgmesteren",
        "Invitation til dialogmøde den 20. og 21. april 2027 Kære udvalgsmedlemmer",
        "KL inviterer sammen med Skive Kommune, Aarhus Kommune, Københavns Kommune, Dansk Idræt og",
        "Foreningen Fritid & Fællesskab til Dialogmøde om fritid: hvad kan vi sammen?.",
        "Tilmeld jer på https://tilmeld.kl.dk/Fritid-2027",
        "Program begge dage kl. 16.00-18.30",
        "Kl. 16.00 Velkommen v/ borgmester Ida Lund, Store sal",
        "Kl. 16.15-17.00 Første runde",
        "Vælg et tema i Region Midtjylland og Region Hovedstaden (Storkøbenhavn):",
        "Tema 1: Foreninger v/ Eva Dam, formand, Lokale 1",
        *("Hvem er med?", "Hvem mangler?", "Tema 2: Idrætsanlæg", "Der er kaffe undervejs."),
        "Kl. 17.10 Anden runde Vælg et tema til.",
        *("Tema 1: Biblioteker", "Tema 2: Musikskoler", "Kl. 18.00-18.30 Opsamling og tak for i dag"),
        "Møderne",
        "Vest: Tirsdag den 20. april 2027 kl. 16.00-18.30",
        "Kulturhuset, Store sal, Havnegade 3, 0800 Skive C",
        "Øst: Onsdag den 21. april 2027 kl. 16.00-18.30 Virtuelt",
        *("Overvej inden mødet", "Hvad lykkes hos jer?", "Hvilke rammer mangler I?"),
        *("Praktisk Parkering ved rådhuset.", "Bilag:", "Sendes særskilt", "Fakta, som vi ved dem"),
        "Reservér datoen I kan allerede nu sætte kryds:",
        "Hele landet: Tirsdag den 5. oktober",
        "Vi ses, og med venlig hilsen Bo Krogh Formand KL's Kulturudvalg Mia Friis Kontorchef Jens Holm",
    ):
        found = text.find(words, at)
        assert found >= 0, f"{words!r} does not stand after {text[max(0, at - 60) : at]!r}"
        at = found + len(words)


def test_a_change_prints_its_own_facts(tmp_path: Path) -> None:
    (tmp_path / "fakta.pdf").write_bytes(PDF)
    bring_in(tmp_path, EVERYTHING)

    render(tmp_path / "ud")

    text = text_of(tmp_path / "ud" / "Fritid-2027-change-2027-02-02.pdf")
    assert "Skriv til nyt@kl.example senest mandag den 8. marts 2027." in text


def test_a_sent_letter_is_written_as_it_was_sent(tmp_path: Path) -> None:
    letter = create_letter(meeting=create_meeting(slug="a", title="Møde"), title="Om {title}")
    (name,) = render(tmp_path)
    sent: dict[str, Any] = {"sent_at": "2027-02-01T12:00Z"}
    Letter.objects.filter(pk=letter.pk).update(**sent)
    as_sent = (tmp_path / name).read_bytes()
    letter.sections.update(text="Noget andet.")

    render(tmp_path)

    assert (tmp_path / name).read_bytes() == as_sent
