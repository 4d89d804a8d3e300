"""The words of a mail: three templates, always in Danish, with links that work from a mail program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from invitations.danish import format_date, format_time
from invitations.models import Sender, Session

# First words that titles of meetings have in common; any other may be a name, and keeps its capital.
_COMMON_WORDS = re.compile(
    r"(politiske?|regionalt?e?|regionalpolitiske?|virtuelt?e?|fælles|orientering|drøftelse|dialog|konference"
    r"|\w*mød(e|er|et|erne))\b",
    re.IGNORECASE,
)


class MailText(NamedTuple):
    subject: str
    text: str
    html: str


def compose(template: str, context: Mapping[str, Any]) -> MailText:
    """Return subject, text and HTML from `<template>.subject.txt`, `.txt` and `.html`.

    The templates of the bodies extend `invitations/mail/base.txt` and `.html`, which sign with `sender`: the
    current one, unless the context of somebody who writes many mails brings it along.
    """
    with in_danish():
        words = {"privacy_url": link("registrations:privacy"), **context}
        if "sender" not in words:
            words["sender"] = Sender.objects.current()
        subject, text, html = (
            render_to_string(f"{template}{ending}", words) for ending in (".subject.txt", ".txt", ".html")
        )
    return MailText(subject=" ".join(subject.split()), text=_tidy(text), html=html)


def link(view: str, *args: object) -> str:
    """The absolute address of the view named `view`, in Danish whatever language its author reads."""
    with in_danish():
        return f"{settings.PUBLIC_URL}{reverse(view, args=args)}"


@contextmanager
def in_danish() -> Iterator[None]:
    with translation.override("da"):
        yield


def title_in_sentence(title: str) -> str:
    """`politisk møde i Region Midtjylland`: a title within a sentence, a common first word in lower case."""
    return title[:1].lower() + title[1:] if _COMMON_WORDS.match(title) else title


def day_in_sentence(session: Session) -> str:
    """`28. marts 2019 kl. 17-19`, to go on after `den`; over several days only the first."""
    day = format_date(session.starts_date)
    if session.starts_time is None:
        return day
    same_day = session.ends_date in (None, session.starts_date)
    return f"{day} {format_time(session.starts_time, session.ends_time if same_day else None)}"


def _tidy(text: str) -> str:
    """The text without the blank lines and spaces that the template's tags leave behind."""
    lines = "\n".join(line.strip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
