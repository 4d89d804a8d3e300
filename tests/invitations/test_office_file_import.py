"""Importing a file of offices: all of it or nothing, once, with a history."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection

from invitations.models import Municipality, Office
from invitations.office_file import OfficeFileError, PlanChangedError, import_offices
from tests.factories import create_office, create_staff, get_municipality
from tests.office_files import MAYOR, TODAY, csv_file, history, plan, xlsx_file

pytestmark = pytest.mark.django_db

MAILED = ("Kommune", "Rolle", "Funktionspostkasse")


def carry_out(content: bytes, *, by: User, end_missing: bool = False, today: date = TODAY) -> str:
    """Import what was just previewed; return the summary."""
    summary = import_offices(
        content,
        filename="modtagere.xlsx",
        fingerprint=plan(content).fingerprint(),
        end_missing=end_missing,
        today=today,
        by=by,
    )
    return str(summary)


def test_offices_are_added_changed_and_ended() -> None:
    by = create_staff()
    changed = create_office(mailbox="a@b.example")
    ended = create_office(name="Det andet udvalg", mailbox="c@d.example")
    content = csv_file(
        (changed.pk, "Herning", "udvalg", "ny@b.example"),
        ("", "Herning", "borgmester", "borgmester@b.example"),
        head=["Nr.", *MAILED],
    )

    summary = carry_out(content, by=by, end_missing=True)

    changed.refresh_from_db()
    ended.refresh_from_db()
    added = Office.objects.get(role="mayor")
    assert summary == "1 tilføjet, 1 ændret, 1 afsluttet, 0 uændret"
    assert (changed.mailbox, ended.valid_to, added.mailbox) == (
        "ny@b.example",
        date(2027, 1, 31),
        "borgmester@b.example",
    )
    assert [history(office) for office in (added, changed, ended)] == [
        ["Importeret fra modtagere.xlsx, linje 3."],
        ["Importeret fra modtagere.xlsx, linje 2: funktionspostkasse: a@b.example → ny@b.example."],
        ["Mangler i modtagere.xlsx og er derfor afsluttet: gælder til og med: tom → 31.1.2027."],
    ]


def test_the_import_as_a_whole_has_an_entry_of_its_own() -> None:
    by = create_staff()

    carry_out(xlsx_file(MAYOR), by=by)

    entry = LogEntry.objects.get(object_id=None)
    assert (entry.user, entry.object_repr, entry.change_message) == (
        by,
        "modtagere.xlsx",
        "Importeret: 1 tilføjet, 0 ændret, 0 afsluttet, 0 uændret.",
    )


def test_nothing_is_ended_unless_it_is_asked_for() -> None:
    kept = create_office(name="Det andet udvalg")
    create_office(name="Det ene udvalg")
    content = csv_file(("Herning", "udvalg", "Det ene udvalg"), head=["Kommune", "Rolle", "Modtager"])

    carry_out(content, by=create_staff())

    kept.refresh_from_db()
    assert kept.valid_to is None


@pytest.mark.parametrize("end_missing", [False, True])
def test_importing_twice_changes_nothing_the_second_time(end_missing: bool) -> None:
    by = create_staff()
    create_office(name="Det andet udvalg", returned_on=TODAY, mailbox="a@b.example")
    create_office(
        municipality=get_municipality("Viborg"), holder_name="Anna", holder_until=date(2025, 12, 31)
    )
    create_office(name="Mangler i filen")
    content = csv_file(
        ("Herning", "udvalg", "Det andet udvalg", "ny@b.example", ""),
        ("Herning", "borgmester", "", "", "Bo"),
        ("Viborg", "udvalg", "", "", "Bo"),
        head=["Kommune", "Rolle", "Modtager", "Postkasse", "Indehaver"],
    )

    first = carry_out(content, by=by, end_missing=end_missing)
    entries = LogEntry.objects.count()
    second = carry_out(content, by=by, end_missing=end_missing)

    assert first == f"1 tilføjet, 2 ændret, {int(end_missing)} afsluttet, 0 uændret"
    assert second == "0 tilføjet, 0 ændret, 0 afsluttet, 3 uændret"
    assert LogEntry.objects.count() == entries


def test_a_register_that_has_changed_since_the_preview_is_left_alone() -> None:
    by = create_staff()
    office = create_office(mailbox="a@b.example")
    content = csv_file(("Herning", "udvalg", "ny@b.example"), MAYOR[:2] + MAYOR[3:], head=MAILED)
    fingerprint = plan(content).fingerprint()
    Office.objects.filter(pk=office.pk).update(mailbox="anden@b.example")

    with pytest.raises(PlanChangedError):
        import_offices(content, filename="x", fingerprint=fingerprint, end_missing=False, today=TODAY, by=by)

    office.refresh_from_db()
    assert (office.mailbox, Office.objects.count(), LogEntry.objects.count()) == ("anden@b.example", 1, 0)


def test_a_preview_of_yesterday_is_shown_again() -> None:
    content = csv_file(MAYOR[:2] + MAYOR[3:], head=MAILED)

    with pytest.raises(PlanChangedError):
        carry_out(content, by=create_staff(), today=TODAY + timedelta(days=1))


def test_with_one_error_nothing_is_written() -> None:
    content = csv_file(MAYOR[:2] + MAYOR[3:], ("Atlantis", "udvalg", ""), head=MAILED)

    with pytest.raises(OfficeFileError):
        import_offices(
            content, filename="x", fingerprint="", end_missing=False, today=TODAY, by=create_staff()
        )

    assert (Office.objects.count(), LogEntry.objects.count()) == (0, 0)


def test_an_office_that_breaks_a_rule_of_the_database_takes_all_the_others_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = csv_file(MAYOR[:2] + MAYOR[3:], head=MAILED)

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the machine stops")

    monkeypatch.setattr("invitations.office_file.importing._write_summary", broken)
    with pytest.raises(RuntimeError):
        carry_out(content, by=create_staff())

    assert (Office.objects.count(), LogEntry.objects.count()) == (0, 0)


@pytest.mark.slow
def test_ten_thousand_lines_are_bearable() -> None:
    by = create_staff()
    towns = list(Municipality.objects.values_list("name", flat=True))

    rows: list[Sequence[object]] = [
        (towns[number % 98], "udvalg", f"Udvalg {number}", f"u{number}@b.example") for number in range(10_000)
    ]
    head = ["Kommune", "Rolle", "Modtager", "Postkasse"]

    summary = carry_out(csv_file(*rows, head=head, encoding="cp1252"), by=by)

    assert summary == "10000 tilføjet, 0 ændret, 0 afsluttet, 0 uændret"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_imports_of_the_same_file_at_once_one_adds_and_the_other_sees_it() -> None:
    by = create_staff()
    content = csv_file(MAYOR[:2] + MAYOR[3:], head=MAILED)
    fingerprint = plan(content).fingerprint()
    together = threading.Barrier(4)

    def act(_number: int) -> str:
        together.wait()
        try:
            import_offices(
                content, filename="x", fingerprint=fingerprint, end_missing=False, today=TODAY, by=by
            )
        except PlanChangedError:
            return "changed"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(4) as threads:
        outcome = sorted(threads.map(act, range(4)))

    assert outcome == ["changed", "changed", "changed", "done"]
    assert Office.objects.count() == 1
