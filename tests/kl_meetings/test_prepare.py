from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bin import prepare
from bin.prepare import Need

PANGO = Need("libpangoft2-1.0-0", "lays out the text", lambda: False)
PYTHON = Need("python3-venv", "keeps packages apart", lambda: True)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it but what a test puts into this folder."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    write_program(folder / "env", 'exec /usr/bin/env PATH="$PATH" "$@"')
    return folder


def write_program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def write_apt_get(folder: Path, *, exit_code: int = 0) -> Path:
    """An apt-get that notes how it was called, and the file in which it does."""
    log = folder / "log"
    script = f'echo "$DEBIAN_FRONTEND $*" >> {log}; echo "Reading package lists"; exit {exit_code}'
    write_program(folder / "apt-get", script)
    return log


def test_nothing_is_installed_where_nothing_is_missing(
    programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write_apt_get(programs)

    prepare.install_system_packages([PYTHON], "demo")

    assert not log.exists()
    assert capsys.readouterr().out == ""


def test_it_says_what_is_missing_and_installs_only_that(
    programs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = write_apt_get(programs)
    need = Need(PANGO.package, PANGO.purpose, log.exists)

    prepare.install_system_packages([PYTHON, need], "demo")

    assert log.read_text().splitlines() == [
        "noninteractive update --quiet=2",
        "noninteractive install --yes --no-install-recommends libpangoft2-1.0-0 --quiet=2",
    ]
    assert capfd.readouterr().out == (
        "To be installed through apt-get, which may take a minute:\n  libpangoft2-1.0-0 (lays out the text)\n"
    )


def test_a_system_without_apt_get_gets_one_clear_line(programs: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        prepare.install_system_packages([PYTHON, PANGO], "demo")

    assert stopped.value.code == (
        "make demo needs libpangoft2-1.0-0 (Debian's names). "
        "This system has no apt-get: please install them in its own way and start again."
    )


@pytest.mark.parametrize("exit_code", [0, 100])
def test_an_installation_that_did_not_help_says_what_to_run(programs: Path, exit_code: int) -> None:
    write_apt_get(programs, exit_code=exit_code)

    with pytest.raises(SystemExit) as stopped:
        prepare.install_system_packages([PANGO], "demo")

    assert stopped.value.code == (
        "make demo needs libpangoft2-1.0-0. Please run as root, then start again: "
        "apt-get install --yes --no-install-recommends libpangoft2-1.0-0"
    )


def test_a_failed_installation_shows_what_apt_get_said(
    programs: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    write_apt_get(programs, exit_code=100)

    with pytest.raises(SystemExit):
        prepare.install_system_packages([PANGO], "demo")

    assert b"Reading package lists" in capfdbinary.readouterr().out


def test_without_root_it_goes_through_sudo_and_asks_no_password(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = programs / "log"
    write_apt_get(programs)
    write_program(programs / "sudo", f'echo "$*" >> {log}')
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    prepare.install_system_packages([Need("redis-server", "the queue", log.exists)], "test")

    assert [line.split()[:4] for line in log.read_text().splitlines()] == [
        ["--non-interactive", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    ] * 2


def test_without_root_and_sudo_it_says_what_to_run(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_apt_get(programs)
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(SystemExit, match="Please run as root"):
        prepare.install_system_packages([PANGO], "demo")

    assert not (programs / "log").exists()


@pytest.mark.parametrize("purpose", ["demo", "test"])
def test_this_machine_has_all_that_it_needs(purpose: str) -> None:
    assert [need.package for need in prepare.NEEDS[purpose] if not need.is_there()] == []


def test_a_library_that_is_not_there_is_noticed() -> None:
    assert prepare.library("libno-such-thing.so.0")() is False
    assert prepare.library("libno-such-thing.so.0", "libharfbuzz-subset.so.0")() is True


def test_packages_are_installed_once_for_each_list(tmp_path: Path) -> None:
    environment, requirements = tmp_path / "venv", tmp_path / "requirements.txt"
    note = tmp_path / "pip"
    (environment / "bin").mkdir(parents=True)
    write_program(environment / "bin" / "python", f'echo "$*" >> {note}')

    for text in ("django==5.2.19\n", "django==5.2.19\n", "django==5.2.20\n"):
        requirements.write_text(text)
        prepare.install_python_packages(environment, requirements)

    installed = [line for line in note.read_text().splitlines() if " install " in line]
    assert (
        installed
        == [
            "-m pip --disable-pip-version-check --no-input --quiet install --require-hashes "
            f"--requirement {requirements}"
        ]
        * 2
    )
    assert (environment / "requirements.txt").read_text() == "django==5.2.20\n"


def test_an_installation_that_failed_is_not_taken_for_done(tmp_path: Path) -> None:
    environment, requirements = tmp_path / "venv", tmp_path / "requirements.txt"
    (environment / "bin").mkdir(parents=True)
    write_program(environment / "bin" / "python", 'case "$*" in *install*) exit 3;; esac')
    requirements.write_text("django==5.2.19\n")

    with pytest.raises(SystemExit) as stopped:
        prepare.install_python_packages(environment, requirements)

    assert stopped.value.code == 3
    assert os.listdir(environment) == ["bin"]
