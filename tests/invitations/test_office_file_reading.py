"""A file of offices is read whatever program wrote it, or refused with a sentence."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from invitations.office_file import workbooks
from invitations.office_file.tables import MAX_BYTES, MAX_LINES
from tests.office_files import HEAD, MAYOR, SHEET, csv_file, edited, plan, problems, xlsx_file

pytestmark = pytest.mark.django_db

NOT_A_TABLE = "Filen er hverken en projektmappe (.xlsx) eller en CSV-fil."
TEXT_BELONGS_HERE = "Her skal der stå tekst. Formatér cellen som tekst, og skriv værdien."
DAMAGED = (
    "Filen er ikke en projektmappe (.xlsx), eller den er beskadiget. Åbn den i Excel, og gem den som .xlsx."
)
OLD = (
    "Filen er en projektmappe af en ældre slags eller låst med en adgangskode. "
    "Åbn den i Excel, og gem den som .xlsx uden adgangskode."
)
AEROE = ("Ærø", "udvalg", "børne- og ungeområdet", "udvalg@aeroe.example")


def mailboxes(content: bytes) -> list[tuple[str, str]]:
    """The town and mailbox of each office that the file adds."""
    return [(one.office.municipality.name, one.office.mailbox) for one in plan(content).additions]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_is_read_in_every_encoding_and_with_every_delimiter(encoding: str, delimiter: str) -> None:
    content = csv_file(AEROE, MAYOR, encoding=encoding, delimiter=delimiter)

    assert mailboxes(content) == [
        ("Ærø", "udvalg@aeroe.example"),
        ("Herning", "borgmester@herning.example"),
    ]


@pytest.mark.parametrize("town", ["Ærø", "Højbjerg", "Århus", "Vallensbæk"])
def test_a_file_of_an_old_mac_is_told_how_to_be_saved(town: str) -> None:
    content = csv_file((town, *MAYOR[1:]), encoding="mac_roman")

    assert problems(content) == [
        "Filen er gemt i et gammelt Mac-format, hvor æ, ø og å ikke kan læses. Vælg Gem som i Excel og"
        " “CSV UTF-8”, eller gem den som projektmappe (.xlsx)."
    ]


def test_excels_own_line_about_the_delimiter_is_skipped_and_counted() -> None:
    content = b"sep=,\r\n" + csv_file(MAYOR, ("Atlantis", *MAYOR[1:]), delimiter=",", encoding="utf-8")

    assert problems(content) == ["Linje 4, Kommune: Der er ingen kommune, der hedder “Atlantis”."]


def test_a_quoted_cell_may_hold_line_breaks_and_the_lines_are_counted_as_an_editor_does() -> None:
    head = [*HEAD, "Modtagerens navn"]
    content = csv_file(
        ("Ærø", "udvalg", "", "", "Udvalget for\nBørn; Unge"), ("Atlantis", "udvalg", "", "", ""), head=head
    )

    assert problems(content) == ["Linje 4, Kommune: Der er ingen kommune, der hedder “Atlantis”."]
    good = csv_file(("Ærø", "udvalg", "", "", "Udvalget for\nBørn; Unge"), head=head)
    assert [one.office.name for one in plan(good).additions] == ["Udvalget for Børn; Unge"]


def test_empty_lines_are_skipped_and_counted() -> None:
    content = b"\r\n;;;\r\n" + csv_file(MAYOR, ("", "", "", ""), ("Atlantis", *MAYOR[1:]), encoding="utf-8")

    assert problems(content) == ["Linje 6, Kommune: Der er ingen kommune, der hedder “Atlantis”."]


def test_the_first_sheet_of_a_workbook_is_read_and_named() -> None:
    one = plan(xlsx_file(AEROE))
    several = plan(xlsx_file(AEROE, sheets=["Udvalg", "Noter"]))

    assert [len(one.additions), one.sheet, len(several.additions), several.sheet] == [1, "", 1, "Udvalg"]


def test_numbers_and_dates_of_a_workbook_are_what_they_look_like() -> None:
    head = ["Kommunekode", "Rolle", "Postindehaver", "Gælder fra", "Gælder til", "Bekræftet"]
    row = [101, "borgmester", 33703370, date(2026, 1, 1), "31.12.2029", datetime(2027, 1, 4, 13, 30)]  # noqa: DTZ001

    (addition,) = plan(xlsx_file(row, head=head)).additions

    office = addition.office
    assert (office.municipality.name, office.holder_name) == ("København", "33703370")
    assert (office.valid_from, office.valid_to, office.verified_on) == (
        date(2026, 1, 1),
        date(2029, 12, 31),
        date(2027, 1, 4),
    )


def test_merged_and_empty_rows_of_a_workbook_disturb_nothing() -> None:
    def also(workbook: Any, sheet: Any) -> None:
        sheet.merge_range(2, 0, 2, 3, "")
        sheet.write_row(4, 0, ("Atlantis", *MAYOR[1:]))

    assert problems(xlsx_file(MAYOR, also=also)) == [
        "Linje 5, Kommune: Der er ingen kommune, der hedder “Atlantis”."
    ]


def test_a_formula_counts_with_its_value() -> None:
    def also(workbook: Any, sheet: Any) -> None:
        sheet.write_formula(1, 3, '="udvalg"&"@aeroe.example"', None, "udvalg@aeroe.example")

    assert mailboxes(xlsx_file(AEROE, also=also)) == [("Ærø", "udvalg@aeroe.example")]


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (
            '<c r="D2"><f>A1</f></c>',
            "I cellen står en formel uden værdi. Åbn filen i Excel, og gem den igen.",
        ),
        (
            '<c r="D2"><f>A1</f><v></v></c>',
            "I cellen står en formel uden værdi. Åbn filen i Excel, og gem den igen.",
        ),
        ('<c r="D2" t="e"><v>#N/A</v></c>', "I cellen står en fejl, for eksempel #I/T. Skriv værdien."),
        (
            '<c r="D2" t="b"><v>1</v></c>',
            "Her skal der stå tekst. Formatér cellen som tekst, og skriv værdien.",
        ),
    ],
)
def test_a_cell_whose_value_cannot_be_known_is_not_taken_for_empty(cell: str, sentence: str) -> None:
    content = edited(
        xlsx_file(("Ærø", "udvalg", "", 4711)),
        SHEET,
        lambda xml: xml.replace('<c r="D2"><v>4711</v></c>', cell),
    )

    assert problems(content) == [f"Linje 2, Funktionspostkasse: {sentence}"]


def test_a_formula_that_comes_to_nothing_is_empty() -> None:
    content = edited(
        xlsx_file(("Ærø", "udvalg", "", 4711)),
        SHEET,
        lambda xml: xml.replace('<c r="D2"><v>4711</v></c>', '<c r="D2" t="str"><f>IF(1,"")</f><v></v></c>'),
    )

    assert mailboxes(content) == [("Ærø", "")]


def test_a_date_without_its_format_is_a_number_and_no_date() -> None:
    content = xlsx_file(("Ærø", "udvalg", 46023), head=["Kommune", "Rolle", "Gælder fra"])

    assert problems(content) == ["Linje 2, Gælder fra: “46023” er ikke en dato. Skriv den som 1.1.2026."]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Filen er tom."),
        (b"\xef\xbb\xbf\r\n \r\n", "Filen er tom."),
        (b";;;\r\n;;;\r\n", "Filen er tom."),
        (b"%PDF-1.7\n%%EOF", NOT_A_TABLE),
        (b"\x89PNG\r\n\x1a\n\0\0", NOT_A_TABLE),
        (b"Kommune;Rolle\n\x81;\xff\n", NOT_A_TABLE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, OLD),
        (b"PK\x03\x04", DAMAGED),
        (b" " * (MAX_BYTES + 1), "Filen er større end 5 MB. Del den op i flere."),
        (csv_file(), "Filen har overskrifter, men ingen linjer under dem."),
        (
            b"Kommune;Rolle\n" + b"Herning;udvalg\n" * (MAX_LINES + 1),
            "Filen har mere end 20.000 linjer. Del den op i flere.",
        ),
        (
            b'Kommune;Rolle\nHerning;udvalg\nViborg;"udvalg\n',
            "Linje 3: Der står et citationstegn, hvor der ikke skal være et, "
            "eller også mangler det andet af de to.",
        ),
        (
            b'"Kommune;Rolle\n' + b"Herning;udvalg\n" * 10_000,
            "Linje 1: Der står et citationstegn, hvor der ikke skal være et, "
            "eller også mangler det andet af de to.",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_table_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    assert problems(content) == [sentence]


def repacked(workbook: bytes, *, leave_out: str = "") -> bytes:
    """The workbook packed anew, as tightly as can be."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name != leave_out:
                new.writestr(name, old.read(name))
    return file.getvalue()


@pytest.mark.parametrize(
    "damage",
    {
        "cut off": lambda good: good[:-200],
        "without workbook": lambda good: repacked(good, leave_out="xl/workbook.xml"),
        "without relations": lambda good: repacked(good, leave_out="xl/_rels/workbook.xml.rels"),
        "without sheet": lambda good: repacked(good, leave_out=SHEET),
        "half a sheet": lambda good: edited(good, SHEET, lambda xml: xml[: len(xml) // 2]),
        "no sheets": lambda good: edited(good, "xl/workbook.xml", lambda _xml: "<workbook/>"),
        "a strange cell": lambda good: edited(good, SHEET, lambda xml: xml.replace('r="A2"', 'r="2A"')),
        "a strange row": lambda good: edited(
            good, SHEET, lambda xml: xml.replace('<row r="2"', '<row r="to"')
        ),
    }.items(),
    ids=lambda item: item[0],
)
def test_a_damaged_workbook_is_refused_with_a_sentence(
    damage: tuple[str, Callable[[bytes], bytes]],
) -> None:
    assert problems(damage[1](xlsx_file(AEROE))) == [DAMAGED]


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("A1048576", "Filen har mere end 20.000 linjer. Del den op i flere."),
        ("XFD2", "Linje 2: Filen har mere end 100 kolonner."),
    ],
)
def test_a_lonely_cell_far_out_does_not_fill_the_memory(place: str, sentence: str) -> None:
    def also(workbook: Any, sheet: Any) -> None:
        sheet.write(place, "x")

    assert problems(xlsx_file(MAYOR, also=also)) == [sentence]


def test_a_cell_far_out_that_is_only_formatted_disturbs_nothing() -> None:
    def also(workbook: Any, sheet: Any) -> None:
        sheet.write_blank("XFD1048576", None, workbook.add_format({"bold": True}))

    assert mailboxes(xlsx_file(MAYOR, also=also)) == [("Herning", "borgmester@herning.example")]


def test_a_workbook_that_unpacks_to_more_than_there_is_room_for_is_refused() -> None:
    content = edited(xlsx_file(MAYOR), SHEET, lambda xml: xml + " " * 50_000_001)

    assert problems(repacked(content)) == ["Filen har mere end 20.000 linjer. Del den op i flere."]


def test_a_sheet_of_nothing_but_elements_is_refused_before_it_fills_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbooks, "MAX_ELEMENTS", 1000)
    filled = edited(
        xlsx_file(MAYOR), SHEET, lambda xml: xml.replace("<sheetData>", "<a/>" * 1000 + "<sheetData>")
    )

    assert problems(xlsx_file(MAYOR)) == []
    assert problems(filled) == ["Filen har mere end 20.000 linjer. Del den op i flere."]


@pytest.mark.parametrize("path", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_what_names_the_sheets_is_read_only_up_to_its_bound(path: str) -> None:
    filled = edited(xlsx_file(MAYOR), path, lambda xml: xml + " " * 1_000_000)

    assert problems(repacked(filled)) == [DAMAGED]


@pytest.mark.parametrize("path", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_entities_that_grow_into_a_billion_are_not_unfolded(path: str) -> None:
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 50}">' for before, name in zip("abcdef", "bcdefg", strict=True)
    )

    def bomb(xml: str) -> str:
        head, rest = xml.split("?>", 1)
        return f"{head}?><!DOCTYPE x [{entities}]>{rest.replace('</', '&g;</', 1)}"

    assert len(problems(edited(xlsx_file(MAYOR), path, bomb))) == 1


def test_a_part_that_is_larger_than_the_archive_says_is_not_unpacked() -> None:
    """Twenty million letters in what is said to be a thousand bytes."""
    strings = "xl/sharedStrings.xml"
    large = edited(xlsx_file(MAYOR), strings, lambda xml: xml.replace("<t>", "<t>" + "x" * 20_000_000, 1))
    archive = bytearray(repacked(large))
    for signature, size_at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        name_at = (archive.find if size_at == 22 else archive.rfind)(strings.encode())
        header = archive.rfind(signature, 0, name_at)
        struct.pack_into("<I", archive, header + size_at, 1000)

    assert problems(bytes(archive)) == [DAMAGED]
