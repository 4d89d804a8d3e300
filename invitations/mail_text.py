"""The words of a mail: three templates, with links that work from a mail program.

Mails are Danish whatever language the page is in on which somebody presses a button; those about a
registration that was sent in another language are in that one (`writing_in`). What staff have typed, such as
the title of the meeting, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html

from invitations import page_dates
from invitations.danish import Moment, format_date, format_deadline, format_time
from invitations.models import Sender, Session

# First words that titles of meetings have in common; any other may be a name, and keeps its capital.
_COMMON_WORDS = re.compile(
    r"(politiske?|regionalt?e?|regionalpolitiske?|virtuelt?e?|fælles|orientering|drøftelse|dialog|konference"
    r"|\w*mød(e|er|et|erne))\b",
    re.IGNORECASE,
)

DANISH = "da"
_language: ContextVar[str] = ContextVar("language of the mail that is being written", default=DANISH)


class MailText(NamedTuple):
    subject: str
    text: str
    html: str


def compose(template: str, context: Mapping[str, Any]) -> MailText:
    """Return subject, text and HTML from `<template>.subject.txt`, `.txt` and `.html`, in its language.

    The templates of the bodies extend `invitations/mail/base.txt` and `.html`, which sign with `sender`: the
    current one, unless the context of somebody who writes many mails brings it along.
    """
    with writing_in(_language.get()):
        words = {"privacy_url": link("registrations:privacy"), **context}
        if "sender" not in words:
            words["sender"] = Sender.objects.current()
        subject, text = (
            render_to_string(f"{template}{ending}", words) for ending in (".subject.txt", ".txt")
        )
        if "title" in words and not is_danish():
            words["title"] = format_html('<span lang="{}">{}</span>', DANISH, words["title"])
        html = render_to_string(f"{template}.html", words)
    return MailText(subject=" ".join(subject.split()), text=_tidy(text), html=html)


def link(view: str, *args: object) -> str:
    """The absolute address of the view named `view`, in the mail's language whatever page we are on."""
    with translation.override(_language.get()):
        return f"{settings.PUBLIC_URL}{reverse(view, args=args)}"


@contextmanager
def writing_in(language: str) -> Iterator[None]:
    """All that is said meanwhile is in `language`: what `compose`, `link` and the functions below make of it,
    and our texts. A generator must not yield meanwhile: who asked for the mail would go on in that language.
    """
    token = _language.set(language)
    try:
        with translation.override(language):
            yield
    finally:
        _language.reset(token)


def in_danish() -> AbstractContextManager[None]:
    return writing_in(DANISH)


def is_danish() -> bool:
    """Whether the mail is; what is no mail, or goes to an office, is as well."""
    return _language.get() == DANISH


def title_in_sentence(title: str) -> str:
    """`politisk møde i Region Midtjylland`: a title within a sentence, a common first word in lower case.

    In another language it is a name, and stays as it is.
    """
    return title[:1].lower() + title[1:] if is_danish() and _COMMON_WORDS.match(title) else title


def day_in_sentence(session: Session) -> str:
    """`28. marts 2019 kl. 17-19`, to go on after `den`; over several days only the first.

    In English `28 March 2019, 17:00–19:00`.
    """
    day = format_date(session.starts_date) if is_danish() else page_dates.full_date(session.starts_date)
    if session.starts_time is None:
        return day
    if not is_danish():
        return f"{day}, {page_dates.english_times(session)}"
    same_day = session.ends_date in (None, session.starts_date)
    return f"{day} {format_time(session.starts_time, session.ends_time if same_day else None)}"


def when(session: Session) -> str:
    """`Torsdag den 28. marts 2019 kl. 17-19`; in English `Thursday 28 March 2019, 17:00–19:00`."""
    return session.when() if is_danish() else page_dates.when(session)


def where(session: Session) -> str:
    """The place on one line."""
    return session.where() if is_danish() else page_dates.place(session)


def deadline_in_words(deadline: Moment) -> str:
    """`fredag den 19. marts 2027 kl. 12.00`; in English `Friday 19 March 2027, 12:00`."""
    return format_deadline(deadline, weekday=True) if is_danish() else page_dates.moment(deadline)


def _tidy(text: str) -> str:
    """The text without the blank lines and spaces that the template's tags leave behind."""
    lines = "\n".join(line.strip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
