from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.utils import timezone

from kl_meetings.whole_files import write_whole


class MailFolder(BaseEmailBackend):
    """Delivers to a folder instead of a mail server: one file a mail, which mail programs open by
    double-click.

    Files are named by the time of delivery (UTC), so that they sort in that order. A file appears whole or
    not at all.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages.

        Returns how many were written. Raises OSError where the folder cannot be written.
        """
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{timezone.now():%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}.eml"
            write_whole(folder / name, message.message().as_bytes())
        return len(email_messages)
