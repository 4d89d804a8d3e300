"""What is owed to somebody, before it is written down."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from invitations.models.files import StoredFile


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What is owed to somebody; `OutgoingEmail.objects.owe` writes it down.

    Attributes:
        key: why this mail exists, for example `receipt:17`; a second mail of the same key is the same mail.
        kind: one of `OutgoingEmail.Kind`.
        about: what it is about in the words of staff, for the list in the admin: the meeting's address.
        calendar, calendar_method: an iCalendar text and its METHOD, sent as a part that Outlook answers to.
        attachments: pairs of file name and stored file.
        conversation: mails with the same one leave in the order in which they were owed; empty: in any order.
        of_use_until: until when (aware) it is worth sending, as a reminder before its deadline; None: always.
    """

    key: str
    kind: str
    about: str
    to: str
    subject: str
    text: str
    html: str
    to_name: str = ""
    calendar: str = ""
    calendar_method: str = ""
    attachments: Sequence[tuple[str, StoredFile]] = field(default_factory=tuple)
    conversation: str = ""
    of_use_until: datetime.datetime | None = None
