"""A worker as production runs it, but for what a test asks of it: to stop at a step of a delivery, to have a
wrong clock, to sweep more often.

`python -m tests.faults.bent ARGUMENTS OF CELERY`; the environment says how to bend it, see `bend`.
"""

from __future__ import annotations

import itertools
import os
import smtplib
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
from celery.__main__ import main as celery
from django.utils import timezone

BEFORE_CLAIM = "before the claim"
AFTER_CLAIM = "after the claim"
DURING_DATA = "during DATA"
AFTER_ANSWER = "after the server's answer"
END_OF_DATA = b"\r\n.\r\n"
STEPS = (BEFORE_CLAIM, AFTER_CLAIM, DURING_DATA, AFTER_ANSWER)


def bend(environment: Mapping[str, str]) -> None:
    """STOP_AT: a step, with STOP_AFTER: the mails that pass it before, and STOPPED: the file that tells.
    CLOCK_OFFSET: how many seconds the clock is ahead. BEAT: seconds between two sweeps.
    """
    if offset := timedelta(seconds=float(environment.get("CLOCK_OFFSET", "0"))):
        right = timezone.now
        timezone.now = lambda: right() + offset
    if "BEAT" in environment:
        _sweep_every(timedelta(seconds=float(environment["BEAT"])))
    if step := environment.get("STOP_AT"):
        stop_at(step, tell=Path(environment["STOPPED"]).touch, after=int(environment.get("STOP_AFTER", "0")))


def stop_at(step: str, *, tell: Callable[[], object], after: int = 0) -> None:
    """Let `after` mails pass `step` in this process; whoever comes to it then tells, and stays there."""
    from invitations import mail
    from invitations.models import OutgoingEmail

    left = itertools.count(after, -1)

    def pass_or_stop() -> None:
        if next(left) <= 0:
            tell()
            threading.Event().wait()

    def stop_before(function: Callable[..., Any]) -> Callable[..., Any]:
        def stopping(*arguments: Any, **options: Any) -> Any:
            pass_or_stop()
            return function(*arguments, **options)

        return stopping

    send_whole = smtplib.SMTP.send

    def send_in_halves(connection: smtplib.SMTP, text: bytes | str) -> None:
        if not isinstance(text, bytes) or not text.endswith(END_OF_DATA):
            return send_whole(connection, text)
        half = len(text) // 2
        send_whole(connection, text[:half])
        pass_or_stop()
        return send_whole(connection, text[half:])

    patches: dict[str, tuple[object, str, Any]] = {
        BEFORE_CLAIM: (OutgoingEmail, "claim", stop_before(OutgoingEmail.claim)),
        AFTER_CLAIM: (mail, "build_message", stop_before(mail.build_message)),
        DURING_DATA: (smtplib.SMTP, "send", send_in_halves),
        AFTER_ANSWER: (OutgoingEmail, "mark_sent", stop_before(OutgoingEmail.mark_sent)),
    }
    setattr(*patches[step])


def _sweep_every(pause: timedelta) -> None:
    from kl_meetings.celery import app

    app.conf.beat_schedule["deliver what is owed"]["schedule"] = pause


if __name__ == "__main__":
    django.setup()
    bend(os.environ)
    celery()
