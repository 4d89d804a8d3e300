from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from invitations.meeting_file import MeetingFileError, export_meetings, import_meetings
from invitations.models import Letter, Meeting, PolicyArea
from tests.factories import NOW, PDF, create_answer, create_participant, create_registration, create_staff
from tests.meeting_files import (
    EVERYTHING,
    SMALL,
    bring_in,
    changed,
    letter_with,
    meeting_with,
    problems,
    write,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_an_unknown_area_is_told_with_all_there_are(tmp_path: Path) -> None:
    assert problems(tmp_path, changed(SMALL, ("Midtjylland", "Fyn"))) == [
        (
            4,
            "meetings[0].areas[0]",
            "The area “Region Fyn” is not known. There are: Hele landet, Region Hovedstaden,"
            " Region Østdanmark, Region Hovedstaden (Storkøbenhavn),"
            " Region Hovedstaden (øvrige kommuner end Storkøbenhavn), Region Sjælland,"
            " Region Syddanmark, Region Midtjylland, Region Nordjylland.",
        )
    ]


def test_what_cannot_be_read_in_a_list_does_not_hide_the_rest(tmp_path: Path) -> None:
    text = changed(
        SMALL, ("[Region Midtjylland]", "[[a], Region Midtjylland, Fyn]"), ("letters:", "letters:\n  - 4")
    )
    text = changed(text, ("meetings:", "meetings:\n  - Et møde"))

    assert [(line, field) for line, field, _sentence in problems(tmp_path, text)] == [
        (2, "meetings[0]"),
        (5, "meetings[1].areas[0]"),
        (5, "meetings[1].areas[2]"),
        (10, "letters[0]"),
    ]


def test_an_unknown_host_is_told_with_the_one_that_is_meant(tmp_path: Path) -> None:
    assert problems(tmp_path, meeting_with("hosts: [Skiwe, Xyz]")) == [
        (
            4,
            "meetings[0].hosts[0]",
            "The municipality “Skiwe” is not known. Write its name, for example Skive.",
        ),
        (
            4,
            "meetings[0].hosts[1]",
            "The municipality “Xyz” is not known. Write its name, for example Herning.",
        ),
    ]


def test_an_area_or_a_host_stands_once(tmp_path: Path) -> None:
    text = changed(
        meeting_with("hosts: [Skive, Skive Kommune]"), ("areas: [", "areas: [region midtjylland, ")
    )

    assert problems(tmp_path, text) == [
        (4, "meetings[0].hosts[1]", "“Skive Kommune” stands twice."),
        (5, "meetings[0].areas[1]", "“Region Midtjylland” stands twice."),
    ]


def test_a_letter_is_about_a_meeting_that_there_is(tmp_path: Path) -> None:
    assert problems(tmp_path, changed(SMALL, ("meeting: dialog", "meeting: samtale"))) == [
        (9, "letters[0].meeting", "There is no meeting “samtale”, neither here nor in the file.")
    ]


def test_a_letter_announces_meetings_that_there_are(tmp_path: Path) -> None:
    assert problems(tmp_path, letter_with("announces: [dialog, samtale, DIALOG]")) == [
        (12, "letters[0].announces[1]", "There is no meeting “samtale”, neither here nor in the file."),
        (12, "letters[0].announces[2]", "“DIALOG” stands twice."),
    ]


def test_a_meeting_stands_once_in_all_files_together(tmp_path: Path) -> None:
    cut = SMALL.index("letters:")
    other = changed(SMALL[:cut], ("slug: dialog", "slug: Dialog"))

    assert problems(tmp_path, SMALL, other) == [(2, "meetings[0].slug", "The meeting “Dialog” stands twice.")]


def test_a_letter_stands_once_in_all_files_together(tmp_path: Path) -> None:
    assert problems(tmp_path, SMALL, SMALL[SMALL.index("letters:") :]) == [
        (2, "letters[0]", "The meeting's letter of this kind and date stands twice.")
    ]


@pytest.mark.parametrize(
    "name",
    ["ingen.pdf", "../1.yaml", "/etc/passwd", ".", "mappe", "x" * 300, "link.pdf", "rundt.pdf"],
)
def test_a_pdf_must_lie_beside_the_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "mappe").mkdir()
    (tmp_path / "link.pdf").symlink_to("/etc/passwd")
    (tmp_path / "rundt.pdf").symlink_to("rundt.pdf")

    assert problems(tmp_path, letter_with(f"attachments: [{{title: a, file: {name}}}]")) == [
        (
            12,
            "letters[0].attachments[0].file",
            f"There is no file “{name}” beside the meeting file that can be read.",
        )
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"hello", "The file is not a PDF."),
        (b"", "The file is not a PDF."),
        (b"%PDF-1.7 cut off", "The file is not a PDF."),
        (
            PDF + b" " * 10_000_000,
            "The file is larger than 10 MB. Make it smaller, or send it in another way.",
        ),
    ],
)
def test_it_must_be_a_pdf_of_bounded_size(content: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "fakta.pdf").write_bytes(content)

    assert problems(tmp_path, letter_with("attachments: [{title: a, file: fakta.pdf}]")) == [
        (12, "letters[0].attachments[0].file", sentence)
    ]


def test_one_that_is_unknown_is_told_at_its_field_with_what_can_be_used(tmp_path: Path) -> None:
    assert problems(tmp_path, changed(SMALL, ("{date}", "{sted}"))) == [
        (
            14,
            "letters[0].sections[0].text",
            "{sted} cannot be printed: there is no such placeholder. You can use {title}, {date},"
            " {date_with_weekday}, {dates}, {time}, {area}, {registration_url}.",
        )
    ]


def test_one_of_the_meeting_is_told_there(tmp_path: Path) -> None:
    text = changed(
        EVERYTHING,
        ('{title: "Fakta, som vi ved dem", file: fakta.pdf}', "Fakta"),
        ("Vælg et tema i {area}", "Vælg et tema i {city}"),
        ("- Hvem er med?", "- Hvem er {med}?"),
        ("Der er **kaffe**", "Der er {kaffe}"),
        ("Parkering ved rådhuset", "Parkering den {date}"),
    )

    assert [
        (line, field, sentence.partition(".")[0]) for line, field, sentence in problems(tmp_path, text)
    ] == [
        (
            38,
            "meetings[0].programme[1].details",
            "{city} cannot be printed: the meeting's sessions are in different towns",
        ),
        (
            45,
            "meetings[0].programme[1].themes[0].details",
            "{med} cannot be printed: there is no such placeholder",
        ),
        (
            49,
            "meetings[0].programme[1].notes",
            "{kaffe} cannot be printed: there is no such placeholder",
        ),
        (
            63,
            "meetings[0].practical_information",
            "{date} cannot be printed: the meeting has several dates; use {dates}",
        ),
    ]


def test_a_block_without_anything_to_print_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, changed(SMALL, ("text: Kom den {date}.", "block: venue"))) == [
        (14, "letters[0].sections[0].block", "The meeting has nothing to print in the block “place”.")
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fakta.pdf").write_bytes(PDF)
    bring_in(tmp_path, EVERYTHING)
    return tmp_path


def cut(start: str, end: str) -> str:
    """The file without what stands from `start` up to `end`."""
    return EVERYTHING[: EVERYTHING.index(start)] + EVERYTHING[EVERYTHING.index(end) :]


def test_a_session_that_somebody_has_chosen_stays(folder: Path) -> None:
    meeting = Meeting.objects.get(slug="Fritid-2027")
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, session=meeting.sessions.all()[1])

    assert problems(folder, cut("      - {starts: 2027-04-21", "    programme:")) == [
        (
            16,
            "meetings[0].sessions",
            "Number 2, “Øst: Onsdag den 21. april 2027 kl. 16.00-18.30”, cannot be left out:"
            " somebody has chosen or answered it.",
        )
    ]


def test_a_theme_that_somebody_has_chosen_stays(folder: Path) -> None:
    meeting = Meeting.objects.get(slug="Fritid-2027")
    theme = meeting.programme.all()[1].themes.all()[1]
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, themes=[theme])

    assert problems(folder, changed(EVERYTHING, ("          - {title: Idrætsanlæg}\n", ""))) == [
        (
            40,
            "meetings[0].programme[1].themes",
            "Number 2, “Idrætsanlæg”, cannot be left out: somebody has chosen or answered it.",
        )
    ]


def test_so_does_the_item_that_it_stands_under(folder: Path) -> None:
    meeting = Meeting.objects.get(slug="Fritid-2027")
    theme = meeting.programme.all()[2].themes.all()[0]
    registration = create_registration(meeting=meeting, participants=0)
    create_participant(registration=registration, themes=[theme])

    assert problems(folder, cut("      - time: 17:10", "    questions:")) == [
        (
            30,
            "meetings[0].programme",
            "Number 3, “Anden runde”, cannot be left out: somebody has chosen or answered it.",
        )
    ]


def test_so_does_a_question_that_somebody_has_answered(folder: Path) -> None:
    meeting = Meeting.objects.get(slug="Fritid-2027")
    registration = create_registration(meeting=meeting)
    create_answer(registration=registration, question=meeting.questions.all()[1])

    assert problems(folder, cut("      - Hvilke rammer", "    practical_information:")) == [
        (
            60,
            "meetings[0].questions",
            "Number 2, “Hvilke rammer mangler I?”, cannot be left out: somebody has chosen or answered it.",
        )
    ]


def test_a_letter_that_has_been_sent_stays_as_it_is(folder: Path) -> None:
    Letter.objects.get(kind="invitation").mark_sent(at=NOW, by=create_staff())
    before = export_meetings(Meeting.objects.all())
    text = changed(
        EVERYTHING,
        ("Kære udvalgsmedlemmer", "Kære alle"),
        ("- Sendes særskilt", "- Sendes senere"),
        ("case_number: SAG-2027-00042", "case_number: ~"),
    )

    sentence = "The letter has been sent and can no longer be changed."
    assert problems(folder, text) == [
        (75, "letters[0].case_number", sentence),
        (83, "letters[0].salutation", sentence),
        (104, "letters[0].attachments", sentence),
    ]
    assert export_meetings(Meeting.objects.all()) == before


def test_nothing_of_any_file_is_brought_in_where_one_is_wrong(tmp_path: Path) -> None:
    wrong = changed(SMALL.replace("dialog", "samtale"), ("Midtjylland", "Fyn"))

    problems(tmp_path, meeting_with("policy_area: fritid"), wrong)

    assert (Meeting.objects.count(), Letter.objects.count(), PolicyArea.objects.count()) == (0, 0, 1)


def test_nothing_of_an_edited_file_is_brought_in_where_it_is_wrong(tmp_path: Path) -> None:
    bring_in(tmp_path, SMALL)

    problems(tmp_path, changed(SMALL, ("Dialogmøde", "Samtale"), ("{date}", "{sted}")))

    assert Meeting.objects.get().title == "Dialogmøde"


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    first = changed(
        SMALL.replace("dialog", "admin"),
        ("Midtjylland", "Fyn"),
        ("2027-04-20 18:00", "2027-04-20 15:00"),
        ("kind: invitation", "kind: invitation\n    titel: a\n    contact: {email: b}"),
    )
    second = changed(meeting_with("capacity: mange"), ("{date}", "{sted}"))
    third = changed(SMALL.replace("dialog", "tredje"), ("{date}", "{sted} {by}"))

    told = [(line, field) for line, field, _sentence in problems(tmp_path, first, second, third)]

    assert told == [
        (2, "meetings[0].slug"),
        (4, "meetings[0].areas[0]"),
        (7, "meetings[0].sessions[0].ends"),
        (11, "letters[0].titel"),
        (12, "letters[0].contact.email"),
        (4, "meetings[0].capacity"),
        (14, "letters[0].sections[0].text"),
        (14, "letters[0].sections[0].text"),
    ]


def test_a_meeting_that_is_wrong_makes_no_problem_of_the_letters_about_it(tmp_path: Path) -> None:
    text = changed(SMALL, ("slug: dialog", "slog: dialog"), ("{date}", "{sted}"))

    assert [(line, field) for line, field, _sentence in problems(tmp_path, text)] == [
        (2, "meetings[0]"),
        (2, "meetings[0].slog"),
    ]


def test_the_command_prints_a_line_for_each_and_fails(tmp_path: Path) -> None:
    path = write(tmp_path, changed(SMALL, ("Midtjylland", "Fyn"), ("{date}", "{sted}")))

    with pytest.raises(CommandError) as refused:
        call_command("import_meetings", path)

    lines = str(refused.value).splitlines()
    assert lines[0].startswith(f"{path}, line 4, meetings[0].areas[0]: The area “Region Fyn” is not known.")
    assert lines[-1] == "1 error. Nothing has been imported."


def test_a_secretary_reads_it_in_danish(tmp_path: Path) -> None:
    path = write(tmp_path, changed(SMALL, ("kind: invitation", "kind: invitation: 2")))
    told = (
        f"{path}, linje 10: Et kolon med et mellemrum efter begynder en ny værdi. Sæt tekst med kolon i"
        " anførselstegn, eller tjek indrykningen."
    )

    with translation.override("da"), pytest.raises(MeetingFileError) as refused:
        import_meetings([path])

    assert str(refused.value) == told
