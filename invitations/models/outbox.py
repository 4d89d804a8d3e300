"""Mails that are owed: written in the transaction of what caused them, delivered afterwards.

Knows no other model than the stored file, so that whatever owes a mail can stand above it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.core.validators import EmailValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from invitations.models.files import StoredFile

# Longer than any delivery can take (EMAIL_TIMEOUT), so that a claim that has run out belongs to a worker that died.
LEASE = datetime.timedelta(minutes=2)
MAX_ATTEMPTS = 8


def new_message_id() -> str:
    """A Message-ID (RFC 5322 3.6.4) that stays with the mail through every try."""
    return f"<{uuid.uuid4()}@{urlsplit(settings.PUBLIC_URL).hostname}>"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What is owed to somebody; `OutgoingEmail.objects.owe` writes it down.

    Attributes:
        key: why this mail exists, for example `receipt:17`; a second mail of the same key is the same mail.
        kind: one of `OutgoingEmail.Kind`.
        about: what it is about in the words of staff, for the list in the admin: the meeting's address.
        calendar, calendar_method: an iCalendar text and its METHOD, sent as a part that Outlook answers to.
        attachments: pairs of file name and stored file.
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


class OutgoingEmailQuerySet(models.QuerySet["OutgoingEmail"]):
    def owe(self, mails: Iterable[Mail], *, at: datetime.datetime) -> int:
        """Write down that `mails` are owed from `at` (aware) on; return how many of them are new.

        To be called in the transaction of what causes the mails: rolled back with it, and the same key twice is one mail.
        """
        wanted = {mail.key: mail for mail in mails}
        with transaction.atomic():
            known = set(self.filter(key__in=wanted).values_list("key", flat=True))
            new = [mail for key, mail in wanted.items() if key not in known]
            rows = [
                self.model(
                    key=mail.key,
                    kind=mail.kind,
                    about=mail.about,
                    to=mail.to,
                    to_name=mail.to_name,
                    subject=mail.subject,
                    text=mail.text,
                    html=mail.html,
                    calendar=mail.calendar,
                    calendar_method=mail.calendar_method,
                    message_id=new_message_id(),
                    owed_at=at,
                    due_at=at,
                )
                for mail in new
            ]
            self.bulk_create(rows, ignore_conflicts=True, batch_size=200)
            stored = dict(self.filter(message_id__in=[row.message_id for row in rows]).values_list("key", "pk"))
            Attachment.objects.bulk_create(
                [
                    Attachment(email_id=stored[mail.key], position=position, filename=filename, file=file)
                    for mail in new
                    if mail.key in stored
                    for position, (filename, file) in enumerate(mail.attachments)
                ],
                batch_size=500,
            )
        return len(stored)

    def due(self, *, at: datetime.datetime) -> OutgoingEmailQuerySet:
        """Those to deliver at `at` (aware): waiting, or claimed by a worker that has not come back within its lease."""
        return self.filter(state__in=[OutgoingEmail.State.OWED, OutgoingEmail.State.SENDING], due_at__lte=at).order_by("due_at", "pk")


OutgoingEmailManager = models.Manager.from_queryset(OutgoingEmailQuerySet)


class OutgoingEmail(models.Model):
    """A mail that is owed, under way, sent or given up.

    `claim` and `finish` are the only ways through the states. SMTP knows no exactly-once: where a worker dies after the
    server took the mail and before it could say so, the mail goes again, with the same Message-ID.
    """

    class State(models.TextChoices):
        OWED = "owed", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("could not be delivered")

    class Kind(models.TextChoices):
        LETTER = "letter", _("letter")
        RECEIPT = "receipt", _("receipt")
        CALENDAR = "calendar", _("calendar invitation")
        WITHDRAWAL = "withdrawal", _("withdrawal")
        DECLINE = "decline", _("decline")
        CANCELLATION = "cancellation", _("cancellation")
        DEADLINE_REMINDER = "deadline_reminder", _("reminder of the deadline")
        MEETING_REMINDER = "meeting_reminder", _("reminder of the meeting")

    key = models.CharField(_("reason"), max_length=300, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    about = models.CharField(_("about"), max_length=100, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=100, unique=True, editable=False)
    to = models.EmailField(_("to"), validators=[EmailValidator()])
    to_name = models.CharField(_("name"), max_length=150, blank=True)
    subject = models.CharField(_("subject"), max_length=500)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    calendar = models.TextField(_("calendar"), blank=True)
    calendar_method = models.CharField(_("calendar method"), max_length=10, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OWED)
    owed_at = models.DateTimeField(_("owed since"))
    due_at = models.DateTimeField(_("next try"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    claim_token = models.UUIDField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    resend_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="resends", verbose_name=_("sent again from")
    )

    objects = OutgoingEmailManager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        constraints = [
            models.CheckConstraint(
                name="mail_is_sent_when_it_says_so",
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at=None),
            ),
            models.CheckConstraint(
                name="mail_calendar_has_a_method", condition=Q(calendar="", calendar_method="") | ~Q(calendar="") & ~Q(calendar_method="")
            ),
        ]
        indexes = [
            # The sweep asks every few seconds; it must not read what has been sent.
            models.Index(fields=["due_at"], name="mail_due", condition=Q(state__in=["owed", "sending"])),
            models.Index(fields=["about", "kind"], name="mail_about"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    def claim(self, *, at: datetime.datetime) -> bool:
        """Take the right to deliver this mail for the length of LEASE; False where somebody else has it.

        One conditional UPDATE decides, so it holds on SQLite as on PostgreSQL.

        Args:
            at: now, aware.
        """
        token = uuid.uuid4()
        claimed = (
            type(self)
            .objects.due(at=at)
            .filter(pk=self.pk)
            .order_by()
            .update(state=self.State.SENDING, claim_token=token, attempts=F("attempts") + 1, due_at=at + LEASE)
        )
        if claimed:
            self.refresh_from_db()
        return claimed == 1

    def _finish(self, **values: object) -> bool:
        mine = type(self).objects.filter(pk=self.pk, state=self.State.SENDING, claim_token=self.claim_token)
        return mine.update(claim_token=None, **values) == 1

    def mark_sent(self, *, at: datetime.datetime) -> bool:
        """Write down that the server took the mail; False where the lease ran out and another worker has it now."""
        return self._finish(state=self.State.SENT, sent_at=at, last_error="")

    def mark_refused(self, error: str, *, at: datetime.datetime, for_good: bool) -> bool:
        """Write down that delivery failed; try again later, or give up after MAX_ATTEMPTS or where it is `for_good`."""
        if for_good or self.attempts >= MAX_ATTEMPTS:
            return self._finish(state=self.State.FAILED, last_error=error[:1000])
        pause = datetime.timedelta(seconds=min(3600, 5 * 2**self.attempts))
        return self._finish(state=self.State.OWED, due_at=at + pause, last_error=error[:1000])

    def resend(self, *, at: datetime.datetime) -> OutgoingEmail:
        """Owe the same mail once more, as a mail of its own with its own Message-ID; return it."""
        with transaction.atomic():
            number = self.resends.count() + 1
            # A double click counts the same number twice, hence meets the same key: one mail.
            copy, created = type(self).objects.get_or_create(
                key=f"{self.key}:resend:{number}",
                defaults={
                    "kind": self.kind,
                    "about": self.about,
                    "message_id": new_message_id(),
                    "to": self.to,
                    "to_name": self.to_name,
                    "subject": self.subject,
                    "text": self.text,
                    "html": self.html,
                    "calendar": self.calendar,
                    "calendar_method": self.calendar_method,
                    "owed_at": at,
                    "due_at": at,
                    "resend_of": self,
                },
            )
            if created:
                Attachment.objects.bulk_create(
                    [
                        Attachment(email=copy, position=old.position, filename=old.filename, file_id=old.file_id)
                        for old in self.attachments.all()
                    ]
                )
        return copy


class Attachment(models.Model):
    email = models.ForeignKey(OutgoingEmail, on_delete=models.CASCADE, related_name="attachments")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    filename = models.CharField(_("file name"), max_length=150)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.filename
