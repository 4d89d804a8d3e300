"""Whether what a page showed is still so when its button is pressed."""

from __future__ import annotations

import hashlib


def digest_of(shown: object) -> str:
    """Of what a page has `shown`: values whose `repr` tells all that matters about them.

    It travels in the page, so that one that shows what is not so any more can be told from the others.
    """
    return hashlib.sha256(repr(shown).encode()).hexdigest()
