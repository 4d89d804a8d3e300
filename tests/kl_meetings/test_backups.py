from __future__ import annotations

import io
import json
import stat
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction

from invitations.models import Meeting
from registrations.models import Participant, Registration
from tests.factories import create_meeting, create_registration

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def backup(path: Path) -> str:
    said = io.StringIO()
    call_command("backup", str(path), stdout=said)
    return said.getvalue()


def restore(path: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("restore", str(path), *options, stdout=said)
    return said.getvalue()


def contents() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    return {
        model._meta.label: sorted(model._default_manager.values_list(), key=repr)
        for model in apps.get_models(include_auto_created=True)
    }


@contextmanager
def registering(meeting: Meeting) -> Iterator[Callable[[], int]]:
    """Somebody registers three at a time, all the while; yields how often so far."""
    done, count = threading.Event(), 0

    def register() -> None:
        nonlocal count
        try:
            while not done.is_set():
                with transaction.atomic():
                    create_registration(meeting=meeting, participants=3)
                count += 1
        finally:
            connection.close()

    thread = threading.Thread(target=register)
    thread.start()
    try:
        yield lambda: count
    finally:
        done.set()
        thread.join()


def wait_for_more(count: Callable[[], int]) -> None:
    before, patience = count(), threading.Event()
    while count() < before + 3:
        patience.wait(0.01)


def test_what_was_there_is_there_again_and_nothing_else(tmp_path: Path) -> None:
    create_registration(participants=2, contact_name="Søren Ærø 🧀")
    before = contents()
    backup(tmp_path / "backup.tar")
    Participant.objects.all().delete()
    create_meeting(title="Begun after the backup")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_newer_code (id integer)")

    said = restore(tmp_path / "backup.tar", "--replace")

    assert said.startswith(f"Restored {tmp_path / 'backup.tar'}, made at ")
    assert "missing" not in said
    assert contents() == before
    assert "of_newer_code" not in connection.introspection.table_names()
    # Numbers go on where they were.
    create_registration()


def test_a_backup_holds_whole_registrations_while_others_come_in(tmp_path: Path) -> None:
    meeting = create_meeting()
    with registering(meeting) as count:
        wait_for_more(count)
        least = count()
        backup(tmp_path / "backup.tar")
        most = count() + 1
        wait_for_more(count)

    restore(tmp_path / "backup.tar", "--replace")

    registrations = Registration.objects.annotate(people=models.Count("participants"))
    assert least <= registrations.count() <= most
    assert set(registrations.values_list("people", flat=True)) == {3}


def test_nobody_else_may_read_it_and_it_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "backup.tar"
    backup(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["backup.tar"]
    with pytest.raises(CommandError, match=r"backup.tar exists. A backup overwrites nothing."):
        backup(path)
    with pytest.raises(CommandError, match="could not be written: No such file or directory"):
        backup(tmp_path / "none" / "backup.tar")


def rewrite(
    path: Path, change: Callable[[dict[str, object]], None], *, database: bytes | None = None
) -> None:
    """Pack the backup again with another manifest, or another database."""
    with tarfile.open(path) as archive:
        members = {member.name: archive.extractfile(member) for member in archive}
        packed = {name: file.read() for name, file in members.items() if file}
    manifest = json.loads(packed["manifest.json"])
    change(manifest)
    packed["manifest.json"] = json.dumps(manifest).encode()
    packed["database"] = packed["database"] if database is None else database
    with tarfile.open(path, "w") as archive:
        for name, content in packed.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_what_is_no_good_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "backup.tar"
    create_registration()
    backup(path)
    whole = path.read_bytes()
    before = contents()

    def refusal(*options: str) -> str:
        with pytest.raises(CommandError) as caught:
            restore(path, *options)
        assert contents() == before
        return str(caught.value).replace(str(path), "FILE")

    assert refusal() == (
        "The database is not empty. With --replace, the backup takes the place of all in it."
    )
    for part in (b"", b"no tar", whole[: len(whole) // 2]):
        path.write_bytes(part)
        assert refusal("--replace") == "FILE is no backup, or only a part of one."
    path.write_bytes(whole)
    rewrite(path, lambda manifest: manifest.update(sha256="0" * 64))
    assert refusal("--replace") == "FILE is damaged: its checksum is wrong."
    rewrite(path, lambda manifest: manifest.update(format=2))
    assert refusal("--replace") == "FILE has the format 2; this code reads 1."
    path.write_bytes(whole)
    rewrite(path, lambda manifest: manifest.update(migrations=["kl_meetings.9999_to_come"]))
    assert refusal("--replace") == ("FILE is of newer code: this one does not know kl_meetings.9999_to_come.")
    path.write_bytes(whole)
    rewrite(path, lambda manifest: manifest.update(database="oracle"))
    assert refusal("--replace") == (f"FILE is of oracle, and the database here is {connection.vendor}.")
    path.unlink()
    assert refusal("--replace") == "FILE could not be read: No such file or directory."


@pytest.mark.postgres
def test_a_restore_that_breaks_off_half_way_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "backup.tar"
    create_registration()
    backup(path)
    create_meeting(title="Begun after the backup")
    before = contents()
    run = "kl_meetings.backups._run"
    original = __import__("kl_meetings.backups", fromlist=["_run"])._run

    def append_nonsense(program: str, *options: str, connects: bool = True) -> None:
        if program == "psql":
            statements = Path(options[-1].partition("=")[2])
            statements.write_text(statements.read_text() + "\nINSERT INTO nowhere VALUES (1);\n")
        original(program, *options, connects=connects)

    monkeypatch.setattr(run, append_nonsense)

    with pytest.raises(CommandError, match=r'psql failed: (.|\n)*relation "nowhere" does not exist'):
        restore(path, "--replace")

    assert contents() == before


def test_the_database_holds_all_so_a_backup_of_it_does(tmp_path: Path) -> None:
    kept_outside = [
        field
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FileField)
    ]

    assert kept_outside == []
