#!/usr/bin/env python3
"""What the product is made of, as `make licences` prints it: each locked package, its version, its licence.

The licences are what the packages say of themselves. What development needs beside them is not handed on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parent.parent

# Those under which a municipality or KL may run and hand on the whole: they ask for no more than to be named,
# or for what is changed in the package itself. In the words of SPDX and of PyPI's older classifiers.
ALLOWED = frozenset(
    [
        *("Apache-2.0", "Apache Software License"),
        *("BSD", "BSD License", "BSD-2-Clause", "BSD-3-Clause"),
        *("LGPL-3.0-only", "MPL-2.0", "Mozilla Public License 1.1 (MPL 1.1)"),
        *("MIT", "MIT License", "MIT-0", "MIT-CMU"),
        *("PSF-2.0", "Unlicense"),
    ]
)


@dataclass(frozen=True)
class Package:
    """A package of the lock file.

    Attributes:
        licences: those to choose from.
    """

    name: str
    version: str
    licences: tuple[str, ...]

    @property
    def is_allowed(self) -> bool:
        return not ALLOWED.isdisjoint(self.licences)


def packages(lock: str) -> Iterator[Package]:
    """The packages of a lock file that are needed on this machine, in its order.

    Args:
        lock: the text of a file as `make lock` writes it.

    Raises:
        importlib.metadata.PackageNotFoundError: one of them is not installed.
    """
    for line in lock.splitlines():
        if not line or line[0] in " #-":
            continue
        required = Requirement(line.rstrip("\\ "))
        if required.marker is None or required.marker.evaluate():
            found = metadata.metadata(required.name)
            yield Package(required.name, found["Version"], _licences(found))


def _licences(found: metadata.PackageMetadata) -> tuple[str, ...]:
    """What the package says: in the new way, else in the classifiers, else in words."""
    if expression := found.get_all("License-Expression"):
        return tuple(expression[0].split(" OR "))
    classified = [name for name in found.get_all("Classifier") or () if name.startswith("License ::")]
    # This one says nothing but that there is a licence.
    names = [name.rpartition(" :: ")[2] for name in classified if name != "License :: OSI Approved"]
    return tuple(names or found.get_all("License") or ["unknown"])


if __name__ == "__main__":
    locked = list(packages((PROJECT / "requirements.txt").read_text()))
    for package in locked:
        print(f"{package.name:24} {package.version:14} {' or '.join(package.licences)}")
    sys.exit(0 if all(package.is_allowed for package in locked) else 1)
