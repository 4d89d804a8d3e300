"""The register of offices goes out and comes back in as it was, and harms nobody on its way."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from python_calamine import CalamineWorkbook

from invitations.models import Municipality, Office, PolicyArea, Role
from invitations.models.addressees import ROLES_WITH_POLICY_AREA
from invitations.office_file import export_csv, export_xlsx
from invitations.office_file.values import marked, text_of
from tests.factories import create_office, get_policy_area
from tests.office_files import plan

Export = Callable[[Iterable[Office]], bytes]
EXPORTS: list[Export] = [export_csv, export_xlsx]
HEADINGS = [
    *("Nr.", "Kommune", "Rolle", "Fagområde", "Modtagerens navn", "Funktionspostkasse", "Kopi til"),
    *("Postindehaver", "Indehaver til og med", "Gælder fra", "Gælder til og med", "Sidst bekræftet"),
]


def offices() -> Iterable[Office]:
    return Office.objects.select_related("municipality", "policy_area").in_danish_order()


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def sheet_of(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


@pytest.mark.django_db
def test_the_csv_file_is_one_that_danish_excel_opens() -> None:
    office = create_office(
        name='Udvalget for "Børn"; Unge', holder_name="Åse Øe", valid_to=date(2029, 12, 31)
    )

    content = export_csv(offices())

    assert content.startswith(b"\xef\xbb\xbf")
    assert cells(content) == [
        HEADINGS,
        [
            *(str(office.pk), "Herning", "udvalg", "børne- og undervisningsområdet"),
            *('Udvalget for "Børn"; Unge', "udvalg-0657@example.dk", "", "Åse Øe"),
            *("", "", "31.12.2029", ""),
        ],
    ]


@pytest.mark.django_db
def test_the_workbook_holds_text_as_text_and_dates_as_dates() -> None:
    office = create_office(name="=1+1", holder_name="33703370", valid_to=date(2029, 12, 31))

    assert sheet_of(export_xlsx(offices())) == [
        HEADINGS,
        [
            *(office.pk, "Herning", "udvalg", "børne- og undervisningsområdet", "=1+1"),
            *("udvalg-0657@example.dk", "", "33703370", "", "", date(2029, 12, 31), ""),
        ],
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("export", EXPORTS)
def test_an_empty_list_is_a_file_with_headings(export: Export) -> None:
    content = export([])

    assert (cells(content) if export is export_csv else sheet_of(content)) == [HEADINGS]


@pytest.mark.django_db
@pytest.mark.parametrize("export", EXPORTS)
def test_the_file_is_danish_on_an_english_page(export: Export) -> None:
    create_office()
    danish = export(offices())

    with translation.override("en"):
        english = plan(export(offices()))

    assert len(english.unchanged) == 1
    assert len(plan(danish).unchanged) == 1


@pytest.mark.parametrize(
    ("text", "in_csv"),
    [
        ("=1+1", "'=1+1"),
        ("+45 33703370", "'+45 33703370"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("'=1+1", "''=1+1"),
        ("'s-Gravenhage", "'s-Gravenhage"),
        ("Børn & Læring", "Børn & Læring"),
    ],
)
def test_a_text_that_begins_as_a_formula_is_marked_as_text(text: str, in_csv: str) -> None:
    assert (marked(text, formulas=True), text_of(in_csv)) == (in_csv, text)


# Any offices.

TEXTS = (
    st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), max_size=60)
    | st.text("='+-@;,\"\t _x0041abÆå", max_size=12).map(lambda text: text.replace("\t", ""))
).map(lambda text: unicodedata.normalize("NFC", text.strip())[:100].strip())
DAYS = st.none() | st.dates(date(1900, 3, 1), date(2199, 12, 31))
MAILBOXES = st.sampled_from(["", "a@b.example", "+x=1@kommune.example", "-y@ærø.example"])


@st.composite
def random_offices(draw: st.DrawFn) -> Office:
    role = draw(st.sampled_from(Role))
    first, last = sorted(draw(st.tuples(DAYS, DAYS)), key=lambda day: day or date.min)
    return Office(
        municipality=draw(st.sampled_from(list(Municipality.objects.order_by("pk")))),
        role=role,
        policy_area=draw(st.sampled_from([None, *PolicyArea.objects.order_by("pk")]))
        if role in ROLES_WITH_POLICY_AREA
        else None,
        name=draw(TEXTS),
        mailbox=draw(MAILBOXES),
        copy_mailbox=draw(MAILBOXES),
        holder_name=draw(TEXTS),
        holder_until=draw(DAYS),
        valid_from=first,
        valid_to=last,
        verified_on=draw(DAYS),
        returned_on=draw(DAYS),
    )


class RoundTrip(TestCase):
    def setUp(self) -> None:
        get_policy_area("området for »=alt«; og, mere")

    @pytest.mark.slow
    @given(st.data())
    @settings(max_examples=60)
    def test_any_offices_come_back_unchanged(self, data: st.DataObject) -> None:
        Office.objects.bulk_create(data.draw(st.lists(random_offices(), min_size=1, max_size=8)))

        for export in EXPORTS:
            found = plan(export(offices()))

            assert (found.additions, [change.words() for change in found.changes]) == ([], [])
            assert (len(found.unchanged), found.missing) == (Office.objects.count(), [])
