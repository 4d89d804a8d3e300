"""Whether a program has filled in the open form: judged without asking anybody anything, nor any third party.

A person never sees one field of it, and takes longer than a few seconds from its first page to its last
button; the first page carries the time, signed together with the key of the form. None of that is proof, and
an honest answer must not be lost: who sends what looks like a program's sees the same pages, and is
registered. But staff have to say whose the registration is (see `matching`), and its mails wait for them (see
`held_mails`). Who has a personal link is not judged at all.
"""

from __future__ import annotations

import time
import uuid
from datetime import timedelta

from django.core import signing
from django.http import QueryDict

# From the first page to the button that sends.
SHORTEST = timedelta(seconds=3)
# The field that only programs fill in, and the one with the time.
TRAP = "homepage"
STAMP = "opened"

_SALT = "registrations.bots"


def stamp(key: uuid.UUID) -> str:
    """What the page of a form with that key carries: the key and the time, signed."""
    return signing.dumps([str(key), time.time()], salt=_SALT)


def is_suspicious(data: QueryDict, key: uuid.UUID) -> bool:
    """Whether `data`, sent just now in the form with that key, looks as if a program had sent it."""
    return bool(data.get(TRAP)) or not _was_open_long_enough(data.get(STAMP, ""), key)


def _was_open_long_enough(opened: str, key: uuid.UUID) -> bool:
    try:
        signed_key, signed_at = signing.loads(opened, salt=_SALT)
    except signing.BadSignature:
        return False
    return bool(signed_key == str(key) and time.time() - signed_at >= SHORTEST.total_seconds())
