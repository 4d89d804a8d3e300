"""Mails as they were delivered: to whom, with what attached, and what they tell calendars."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import vobject
from django.core.mail import EmailMessage


def take(mails: list[EmailMessage]) -> list[EmailMessage]:
    """What has been delivered since the last time."""
    taken = [*mails]
    mails.clear()
    return taken


def addressees(mails: list[EmailMessage]) -> Counter[str]:
    return Counter(address for mail in mails for address in mail.to)


def offices(codes: Iterable[str]) -> Counter[str]:
    return Counter(f"{office}@{code}.example" for code in codes for office in ("udvalg", "borgmester"))


def link_for(code: str, letters: list[EmailMessage]) -> str:
    """The personal link that the letter brought to the municipality's committee."""
    mail = next(mail for mail in letters if mail.to == [f"udvalg@{code}.example"])
    found = re.search(r"https?://\S+/svar/[\w-]+", str(mail.body))
    assert found is not None
    return found[0]


def pdf_names(mail: EmailMessage) -> list[str | None]:
    return [
        part.get_filename() for part in mail.message().walk() if part.get_content_type() == "application/pdf"
    ]


def calendar_part(mail: EmailMessage) -> vobject.base.Component:
    """The part that Outlook shows as an invitation, as another library than ours reads it."""
    part = next(part for part in mail.message().walk() if part.get_content_type() == "text/calendar")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return vobject.readOne(content.decode())
