"""Everything that a user reads is there in Danish. Mend with `make messages`, then write what is missing."""

from __future__ import annotations

import gettext
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

PROJECT = Path(settings.BASE_DIR)
CATALOGUE = Path("locale", "da", "LC_MESSAGES", "django.po")
SOURCES = ("kl_meetings", "invitations", "registrations", "templates")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue as it would be if the texts were collected now."""
    folder = tmp_path_factory.mktemp("messages")
    for source in SOURCES:
        shutil.copytree(PROJECT / source, folder / source, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "locale", folder / "locale")
    variables = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale", "da", "--no-location"],
        cwd=folder,
        env=variables,
        check=True,
        capture_output=True,
    )
    return folder / CATALOGUE


@pytest.mark.parametrize("attribute", ["--untranslated", "--only-fuzzy", "--only-obsolete"])
def test_no_text_is_left_over(collected: Path, attribute: str) -> None:
    options = [attribute] if attribute == "--only-obsolete" else [attribute, "--no-obsolete"]

    left_over = subprocess.run(
        ["msgattrib", *options, "--no-wrap", collected], check=True, capture_output=True, text=True
    ).stdout

    assert left_over == ""


def test_translations_have_the_placeholders_of_their_texts() -> None:
    result = subprocess.run(
        ["msgfmt", "--check-format", "--output-file", os.devnull, PROJECT / CATALOGUE],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stderr) == (0, "")


def test_the_compiled_catalogue_is_that_of_the_texts(tmp_path: Path) -> None:
    compiled = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--output-file", compiled, PROJECT / CATALOGUE], check=True)

    with (PROJECT / CATALOGUE).with_suffix(".mo").open("rb") as committed, compiled.open("rb") as expected:
        assert (
            vars(gettext.GNUTranslations(committed))["_catalog"]
            == vars(gettext.GNUTranslations(expected))["_catalog"]
        )
