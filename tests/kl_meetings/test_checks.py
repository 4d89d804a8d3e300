from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from kl_meetings import checks
from tests.kl_meetings.processes import KEY, manage, run


def test_every_wrong_variable_is_an_error_of_its_own(settings: Settings) -> None:
    settings.ENVIRONMENT_PROBLEMS = ("One is wrong.", "Another is wrong.")

    errors = checks.check_environment(None)

    assert [(error.id, error.msg) for error in errors] == [
        ("kl_meetings.E001", "One is wrong."),
        ("kl_meetings.E001", "Another is wrong."),
    ]
    assert all(error.is_serious() for error in errors)


def test_a_process_without_checks_refuses_a_wrong_environment(settings: Settings) -> None:
    settings.ENVIRONMENT_PROBLEMS = ("One is wrong.", "Another is wrong.")

    with pytest.raises(ImproperlyConfigured, match=r"One is wrong\.\nAnother is wrong\."):
        checks.refuse_wrong_environment()


def test_a_folder_that_can_be_created_will_do(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "not" / "yet"

    assert checks.check_data_folder(None) == []
    assert list(tmp_path.iterdir()) == []


def test_a_data_folder_below_a_file_is_an_error(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.DATA_DIR = tmp_path / "file" / "data"

    (error,) = checks.check_data_folder(None)

    assert error.id == "kl_meetings.E002"
    assert f"DATA_DIR is '{tmp_path}/file/data', but '{tmp_path}/file' is not a folder" in error.msg


def test_the_library_that_subsets_fonts_is_there() -> None:
    assert checks.check_font_subsetting(None) == []


def test_a_missing_library_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weasyprint.pdf.fonts.harfbuzz_subset", None)

    (warning,) = checks.check_font_subsetting(None)

    assert warning.id == "kl_meetings.W001"
    assert warning.hint == "On Debian: apt-get install libharfbuzz-subset0"


@pytest.mark.slow
def test_the_command_says_all_that_is_wrong_in_sentences(tmp_path: Path) -> None:
    wrong = {
        "ALLOWED_HOSTS": "https://kl.dk",
        "CLIENT_ADDRESS_HEADER": "X-Forwarded-For: 1",
        "DATABASE_URL": "mysql://kl:hunter2@db/kl",
        "DATA_DIR": str(tmp_path),
        "DEBUG": "maybe",
        "EMAIL_FROM": "moeder",
        "EMAIL_URL": "pigeon://kl.dk",
        "LOG_LEVEL": "LOUD",
        "MAINTENANCE": "soon",
        "OIDC_ISSUER": "http://login.example",
        "PUBLIC_URL": "https://tilmeld.kl.dk/",
        "REDIS_URL": "http://redis",
        "SECURE_PROXY_SSL_HEADER": "X-Forwarded-Proto: https",
        "WAS_STATEMENT_URL": "was.digst.dk",
    }

    result = manage("check", **wrong)

    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "hunter2" not in result.stderr
    named = [name for name in [*wrong, "SECRET_KEY"] if f"The environment variable {name} " in result.stderr]
    assert named == [name for name in [*wrong, "SECRET_KEY"] if name != "DATA_DIR"]


@pytest.mark.slow
def test_the_web_server_does_not_start_on_a_wrong_environment(tmp_path: Path) -> None:
    code = "import kl_meetings.wsgi"

    result = manage(
        "shell", "--command", code, SECRET_KEY=KEY, PUBLIC_URL="tilmeld.kl.dk", DATA_DIR=str(tmp_path)
    )

    assert result.returncode == 1
    assert "PUBLIC_URL is 'tilmeld.kl.dk', but it must be a scheme and a host" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("program", ["worker", "beat"])
def test_celery_does_not_start_on_a_wrong_environment(program: str, tmp_path: Path) -> None:
    result = run(
        "-m",
        "celery",
        "--app",
        "kl_meetings",
        program,
        SECRET_KEY=KEY,
        PUBLIC_URL="tilmeld.kl.dk",
        DATA_DIR=str(tmp_path / "data"),
    )

    assert result.returncode == 1
    assert "PUBLIC_URL is 'tilmeld.kl.dk', but it must be a scheme and a host" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    result = manage("check", SECRET_KEY=KEY, DATA_DIR=str(tmp_path / "data"))

    assert (result.returncode, result.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
