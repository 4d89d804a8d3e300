"""Mails that are owed: written in the transaction of what caused them, delivered afterwards.

Knows no other model than the stored file, so that whatever owes a mail can stand above it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils.translation import gettext_lazy as _

from invitations.models.files import StoredFile
from invitations.models.mails import Mail

# Longer than a delivery can take (a dozen steps of a dialogue with the server, each at most EMAIL_TIMEOUT),
# so that a claim that has run out belongs to a worker that died.
LEASE = datetime.timedelta(minutes=10)
# How long a mail is tried that the server does not take for now (RFC 5321 section 4.5.4.1: 4 to 5 days).
GIVE_UP_AFTER = datetime.timedelta(days=4)
# The wait after a refusal doubles from try to try, up to this.
LONGEST_PAUSE = datetime.timedelta(hours=1)
# The wait while the server as a whole cannot be reached: that is no mail's fault, so none is given up for it.
OUTAGE_PAUSE = datetime.timedelta(seconds=30)

# What a mail says and to whom: copied from what is owed, and when it is sent again.
CONTENT = (
    "kind",
    "about",
    "to",
    "to_name",
    "subject",
    "text",
    "html",
    "calendar",
    "calendar_method",
    "conversation",
)

# How many mails are written at a time; one cancelled meeting can owe ten thousand.
_CHUNK = 200


def new_message_id() -> str:
    """A Message-ID (RFC 5322 3.6.4) that stays with the mail through every try."""
    return f"<{uuid.uuid4()}@{urlsplit(settings.PUBLIC_URL).hostname}>"


class OutgoingEmailQuerySet(models.QuerySet["OutgoingEmail"]):
    def owe(self, mails: Iterable[Mail], *, at: datetime.datetime) -> int:
        """Write down that `mails` are owed from `at` (aware) on; return how many of them are new.

        To be called in the transaction of what causes the mails: rolled back with it, and the same key twice
        is one mail. An iterator is drawn from bit by bit, so ten thousand mails need not be held at once.
        """
        with transaction.atomic():
            return sum(self._owe(chunk, at) for chunk in _chunks(mails))

    def _owe(self, mails: list[Mail], at: datetime.datetime) -> int:
        wanted = {mail.key: mail for mail in mails}
        known = set(self.filter(key__in=wanted).values_list("key", flat=True))
        # In one order: two transactions that owe the same mails must wait for each other, not deadlock.
        new = [wanted[key] for key in sorted(wanted.keys() - known)]
        rows = [
            self.model(
                key=mail.key,
                of_use_until=mail.of_use_until,
                message_id=new_message_id(),
                owed_at=at,
                due_at=at,
                **{name: getattr(mail, name) for name in CONTENT},
            )
            for mail in new
        ]
        # An update that changes nothing, since ignoring conflicts on SQLite ignores every other rule as well.
        self.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=["key"])
        # Which rows are ours, and which were there first, is told by the Message-ID.
        ours = dict(self.filter(message_id__in=[row.message_id for row in rows]).values_list("key", "pk"))
        Attachment.objects.bulk_create(
            Attachment(email_id=ours[mail.key], position=position, filename=filename, file=file)
            for mail in new
            if mail.key in ours
            for position, (filename, file) in enumerate(mail.attachments)
        )
        return len(ours)

    def ids_by_key(self, keys: Iterable[str]) -> dict[str, int]:
        return dict(self.filter(key__in=keys).values_list("key", "pk"))

    def unfinished(self) -> OutgoingEmailQuerySet:
        """Those that are still to be sent."""
        return self.filter(state__in=[OutgoingEmail.State.OWED, OutgoingEmail.State.SENDING])

    def undelivered(self) -> OutgoingEmailQuerySet:
        """Those that were given up, and that have not left when sent again either."""
        sent_again = OutgoingEmail.objects.filter(resend_of=OuterRef("pk"), state=OutgoingEmail.State.SENT)
        return self.filter(~Exists(sent_again), state=OutgoingEmail.State.FAILED)

    def recall(self, *, at: datetime.datetime) -> int:
        """See to it that those that have not left by `at` (aware) are not sent any more; return how many."""
        # Not by state, since one that is just being tried may come back and wait again.
        return self.unfinished().update(of_use_until=at)

    def give_up(self, reason: str) -> int:
        """Do not send those that wait, for a reason that staff read and may overrule; return how many."""
        waiting = self.filter(state=OutgoingEmail.State.OWED)
        return waiting.update(state=OutgoingEmail.State.FAILED, last_error=reason[:1000])

    def due(self, *, at: datetime.datetime) -> OutgoingEmailQuerySet:
        """Those to deliver at `at` (aware): waiting, or claimed by a worker that did not come back in time.

        Never one whose conversation has an earlier one that is unfinished: a calendar that is told of a
        cancellation first and of the invitation afterwards shows the meeting.
        """
        earlier = OutgoingEmail.objects.unfinished().filter(
            conversation=OuterRef("conversation"), pk__lt=OuterRef("pk")
        )
        in_turn = Q(conversation="") | ~Exists(earlier.exclude(conversation=""))
        return self.unfinished().filter(in_turn, due_at__lte=at).order_by("due_at", "pk")


OutgoingEmailManager = models.Manager.from_queryset(OutgoingEmailQuerySet)


class OutgoingEmail(models.Model):
    """A mail that is owed, under way, sent, given up or no longer needed.

    The ways through the states are `claim`, and from there `mark_sent`, `mark_refused`, `put_back` or `drop`.
    SMTP knows no exactly-once: where a worker dies after the server took the mail and before it could say so,
    the mail goes again, with the same Message-ID.
    """

    class State(models.TextChoices):
        OWED = "owed", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("could not be delivered")
        DROPPED = "dropped", _("no longer needed")

    class Kind(models.TextChoices):
        LETTER = "letter", _("letter")
        RECEIPT = "receipt", _("receipt")
        CALENDAR = "calendar", _("calendar invitation")
        CHANGE = "change", _("change of a registration")
        WAITING_LIST = "waiting_list", _("waiting list")
        WITHDRAWAL = "withdrawal", _("withdrawal")
        DECLINE = "decline", _("decline")
        CORRECTION = "correction", _("correction")
        CANCELLATION = "cancellation", _("cancellation")
        DEADLINE_REMINDER = "deadline_reminder", _("reminder of the deadline")
        MEETING_REMINDER = "meeting_reminder", _("reminder of the meeting")
        NAMES_REMINDER = "names_reminder", _("reminder of names")
        LINK = "link", _("personal link")
        MESSAGE = "message", _("message from the secretariat")
        TEST = "test", _("test mail")

    key = models.CharField(_("reason"), max_length=400, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    about = models.CharField(_("about"), max_length=100, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=100, unique=True, editable=False)
    to = models.EmailField(_("to"))
    to_name = models.CharField(_("name"), max_length=350, blank=True)
    subject = models.CharField(_("subject"), max_length=1000)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    calendar = models.TextField(_("calendar"), blank=True)
    calendar_method = models.CharField(_("calendar method"), max_length=10, blank=True)
    conversation = models.CharField(_("conversation"), max_length=200, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OWED)
    owed_at = models.DateTimeField(_("owed since"))
    due_at = models.DateTimeField(_("next try"))
    of_use_until = models.DateTimeField(_("of use until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    # How often a worker took the mail and never came back: one that kills its workers must be stopped.
    lost_claims = models.PositiveSmallIntegerField(_("tries that broke off"), default=0)
    claim_token = models.UUIDField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    resend_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="resends",
        verbose_name=_("sent again from"),
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
                name="mail_is_claimed_while_it_is_being_sent",
                condition=Q(state="sending", claim_token__isnull=False)
                | Q(state__in=["owed", "sent", "failed", "dropped"], claim_token=None),
            ),
            models.CheckConstraint(
                name="mail_calendar_has_a_method",
                condition=Q(calendar="", calendar_method="") | ~Q(calendar="") & ~Q(calendar_method=""),
            ),
        ]
        indexes = [
            # The sweep asks every few seconds; it must not read what has been sent.
            models.Index(fields=["due_at"], name="mail_due", condition=Q(state__in=["owed", "sending"])),
            models.Index(
                fields=["conversation"],
                name="mail_in_turn",
                condition=Q(state__in=["owed", "sending"]) & ~Q(conversation=""),
            ),
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
            .update(
                state=self.State.SENDING,
                claim_token=token,
                attempts=F("attempts") + 1,
                lost_claims=Case(
                    When(state=self.State.SENDING, then=F("lost_claims") + 1),
                    default=F("lost_claims"),
                    output_field=models.PositiveSmallIntegerField(),
                ),
                due_at=at + LEASE,
            )
        )
        if claimed:
            self.refresh_from_db()
            # Not what the row says by now: should it be somebody else's again, we must not finish for them.
            self.claim_token = token
        return claimed == 1

    def _finish(self, **values: object) -> bool:
        mine = type(self).objects.filter(pk=self.pk, state=self.State.SENDING, claim_token=self.claim_token)
        return mine.update(claim_token=None, **values) == 1

    def mark_sent(self, *, at: datetime.datetime) -> bool:
        """Write down that the server took the mail at `at` (aware).

        False where the lease ran out and another worker has the mail now.
        """
        return self._finish(state=self.State.SENT, sent_at=at, last_error="")

    def mark_refused(self, error: str, *, at: datetime.datetime, for_good: bool) -> bool:
        """Write down at `at` (aware) that the mail was refused: to be tried later, or given up.

        It is given up where it was refused `for_good`, and after GIVE_UP_AFTER.
        False where the lease ran out and another worker has the mail now.
        """
        if for_good or at - self.owed_at >= GIVE_UP_AFTER:
            return self._finish(state=self.State.FAILED, last_error=error[:1000])
        pause = min(LONGEST_PAUSE, datetime.timedelta(seconds=5 * 2 ** min(self.attempts, 10)))
        return self._finish(state=self.State.OWED, due_at=at + pause, last_error=error[:1000])

    def drop(self) -> bool:
        """Write down that the mail is not needed any more: its time of use has passed, or it was recalled.

        False where the lease ran out and another worker has the mail now.
        """
        return self._finish(state=self.State.DROPPED)

    def put_back(self, error: str, *, at: datetime.datetime) -> bool:
        """Write down at `at` (aware) that there was no server to try it on, which is no try of this mail.

        False where the lease ran out and another worker has the mail now.
        """
        return self._finish(
            state=self.State.OWED,
            due_at=at + OUTAGE_PAUSE,
            attempts=F("attempts") - 1,
            last_error=error[:1000],
        )

    def resend(self, *, at: datetime.datetime) -> OutgoingEmail:
        """Owe the same mail once more from `at` (aware) on, with its own Message-ID; return it.

        Where it, or a copy that was owed earlier, is still waiting, that one is returned: it is on its way.
        """
        original = self.resend_of or self
        with transaction.atomic():
            again = type(self).objects.filter(Q(pk=original.pk) | Q(resend_of=original))
            if waiting := again.unfinished().order_by("pk").last():
                return waiting
            # Two at the same time count the same number, hence meet the same key: one mail.
            copy, created = type(self).objects.get_or_create(
                key=f"{original.key}:resend:{again.count()}",
                defaults={
                    "message_id": new_message_id(),
                    "owed_at": at,
                    "due_at": at,
                    "resend_of": original,
                    **{name: getattr(original, name) for name in CONTENT},
                },
            )
            if created:
                Attachment.objects.bulk_create(
                    Attachment(email=copy, position=old.position, filename=old.filename, file_id=old.file_id)
                    for old in original.attachments.all()
                )
        return copy


class Attachment(models.Model):
    email = models.ForeignKey(
        OutgoingEmail, on_delete=models.CASCADE, related_name="attachments", verbose_name=_("mail")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    filename = models.CharField(_("file name"), max_length=150)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.filename


def _chunks(mails: Iterable[Mail]) -> Iterator[list[Mail]]:
    iterator = iter(mails)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
