"""Whatever is added to the product may be run and handed on by who runs the product."""

from __future__ import annotations

import pytest

from bin.licences import PROJECT, Package, packages


def test_each_locked_package_has_a_licence_that_we_allow() -> None:
    locked = list(packages((PROJECT / "requirements.txt").read_text()))

    assert {package.name for package in locked} >= {"django", "weasyprint", "pyphen"}
    assert [package for package in locked if not package.is_allowed] == []


@pytest.mark.parametrize(
    ("licences", "is_allowed"),
    [
        (("GPL-3.0-only",), False),
        (("unknown",), False),
        (("MIT AND GPL-3.0-only",), False),
        (("GNU General Public License v2 or later (GPLv2+)", "Mozilla Public License 1.1 (MPL 1.1)"), True),
        (("MIT",), True),
    ],
    ids=str,
)
def test_one_licence_to_choose_is_enough(licences: tuple[str, ...], is_allowed: bool) -> None:
    assert Package("new", "1.0", licences).is_allowed is is_allowed
