"""A letter about a meeting: what staff write, and what became of it when it was sent."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from invitations.danish import Moment, capitalise
from invitations.models.meetings import Meeting
from invitations.models.validation import SHORT_TEXT, YEARS, moment, validate_roles

if TYPE_CHECKING:
    from invitations.models.letter_parts import Announcement


class LetterQuerySet(models.QuerySet["Letter"]):
    def sent(self) -> LetterQuerySet:
        return self.exclude(sent_at=None)

    def drafts(self) -> LetterQuerySet:
        """Those that can be changed: neither sent nor waiting for their time."""
        return self.filter(sent_at=None, send_at=None)

    def due(self, *, at: datetime.datetime) -> LetterQuerySet:
        """Those whose time has come at `at` (aware)."""
        return self.filter(sent_at=None, send_at__lte=at).order_by("send_at", "pk")

    def public(self) -> LetterQuerySet:
        """Those that everybody may read who may read of their meeting, the one to be read first: the latest
        sent, or before that the published draft.

        A letter after the meeting (follow-up) takes no invitation's place, and is nobody's business as a
        draft.
        """
        is_sent = Q(sent_at__isnull=False)
        published_draft = Q(kind=Letter.Kind.INVITATION, meeting__published_at__isnull=False)
        rank = Case(
            When(is_sent & ~Q(kind=Letter.Kind.FOLLOW_UP), then=1),
            When(is_sent, then=2),
            When(published_draft, then=3),
        )
        return self.alias(rank=rank).exclude(rank=None).order_by("rank", "-date", "-pk")

    def public_one(self, meeting: Meeting) -> Letter | None:
        """The letter that everybody may read as `invitation.pdf`, see `public`."""
        return self.filter(meeting=meeting).public().first()


LetterManager = models.Manager.from_queryset(LetterQuerySet)


class Letter(models.Model):
    """A letter is known by its meeting, kind and date; changes of one day also by their order. It is a draft,
    may wait for its time, and once sent it is frozen: see `LetterVersion` and `Dispatch`.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        FOLLOW_UP = "follow_up", _("follow-up letter")
        SAVE_THE_DATE = "save_the_date", _("save the date")
        CHANGE = "change", _("change")
        CANCELLATION = "cancellation", _("cancellation")

    class State(models.TextChoices):
        """Where a letter stands; derived, never stored."""

        DRAFT = "draft", _("draft")
        SCHEDULED = "scheduled", _("scheduled")
        NOT_SENT = "not_sent", _("could not be sent")
        SENT = "sent", _("sent")

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="letters", verbose_name=_("meeting")
    )
    kind = models.CharField(_("kind"), max_length=15, choices=Kind, default=Kind.INVITATION)
    date = models.DateField(_("date"), help_text=_("Printed in the letter."), validators=YEARS)
    replaces = models.DateField(
        _("replaces the letter of"),
        null=True,
        blank=True,
        help_text=_("For a change or a cancellation."),
        validators=YEARS,
    )
    case_number = models.CharField(_("case number"), max_length=40, blank=True)
    document_number = models.CharField(_("document number"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail"), max_length=100, blank=True)
    contact_phone = models.CharField(_("direct phone"), max_length=30, blank=True)
    recipients = models.TextField(
        _("recipients"),
        validators=[MaxLengthValidator(3000)],
        help_text=_("The lines below “Til”, one a line."),
    )
    copy_roles = models.JSONField(
        _("copy to"),
        default=list,
        blank=True,
        validators=[validate_roles],
        help_text=_("Offices that get it for orientation; not printed."),
    )
    title = models.CharField(_("title"), max_length=SHORT_TEXT, blank=True)
    salutation = models.CharField(_("salutation"), max_length=SHORT_TEXT, blank=True)
    announces: models.ManyToManyField[Meeting, Announcement] = models.ManyToManyField(
        Meeting, through="Announcement", related_name="announced_by", verbose_name=_("announces"), blank=True
    )
    input_deadline_date = models.DateField(_("deadline for input"), null=True, blank=True, validators=YEARS)
    input_deadline_time = models.TimeField(_("at"), null=True, blank=True)
    input_email = models.EmailField(_("input to"), max_length=100, blank=True)
    is_personal = models.BooleanField(
        _("one letter for each municipality"),
        default=False,
        help_text=_("With its name above the recipients, and its own link and QR code below Tilmelding."),
    )
    closing = models.CharField(_("closing"), max_length=SHORT_TEXT, blank=True, default="Med venlig hilsen")
    # A letter that waits for its time cannot be changed; it becomes a draft again when that is called off.
    send_at = models.DateTimeField(_("to be sent"), null=True, blank=True, editable=False)
    send_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("to be sent by"),
    )
    send_problem = models.TextField(_("why it was not sent at its time"), blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("sent by"),
    )

    objects = LetterManager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "kind", "date"],
                # A meeting may change twice in a day.
                condition=~Q(kind="change"),
                name="letter_is_known_by_meeting_kind_and_date",
                violation_error_message=_("The meeting has a letter of this kind and date already."),
            ),
            models.CheckConstraint(
                name="letter_kind_is_known",
                condition=Q(kind__in=["invitation", "follow_up", "save_the_date", "change", "cancellation"]),
                violation_error_message=_("Choose a kind of letter."),
            ),
            models.CheckConstraint(
                name="letter_input_time_has_a_date",
                condition=Q(input_deadline_time=None) | Q(input_deadline_date__isnull=False),
                violation_error_message=_("A time of the deadline needs a date."),
            ),
            models.CheckConstraint(
                name="letter_replaces_only_as_change_or_cancellation",
                condition=Q(replaces=None) | Q(kind__in=["change", "cancellation"]),
                violation_error_message=_("Only a change or a cancellation takes the place of a letter."),
            ),
            models.CheckConstraint(
                name="letter_is_personal_only_where_it_asks",
                condition=Q(is_personal=False) | Q(kind__in=["invitation", "change"]),
                violation_error_message=_(
                    "Only an invitation or a change has a link of its own for each municipality."
                ),
            ),
            models.CheckConstraint(
                name="letter_waits_for_its_time_only_as_a_draft",
                condition=Q(send_at=None, send_by=None)
                | Q(send_at__isnull=False, send_by__isnull=False, sent_at=None),
                violation_error_message=_("Only a draft waits for its time, and somebody has said so."),
            ),
        ]
        indexes = [
            # Asked several times a minute.
            models.Index(fields=["send_at"], name="letter_due", condition=Q(send_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{capitalise(str(self.get_kind_display()))} {self.date:%-d.%-m.%Y}: {self.meeting}"

    @property
    def is_sent(self) -> bool:
        return self.sent_at is not None

    @property
    def is_scheduled(self) -> bool:
        return self.send_at is not None

    @property
    def state(self) -> State:
        if self.is_sent:
            return self.State.SENT
        if self.is_scheduled:
            return self.State.SCHEDULED
        return self.State.NOT_SENT if self.send_problem else self.State.DRAFT

    @property
    def recipient_lines(self) -> list[str]:
        return [line.strip() for line in self.recipients.splitlines() if line.strip()]

    @property
    def input_deadline(self) -> Moment | None:
        return moment(self.input_deadline_date, self.input_deadline_time)

    @property
    def filename(self) -> str:
        """What its PDF is called for those who get it: `moede-aflysning-2019-02-06.pdf`.

        The second change of a day ends in `-2`.
        """
        kind = _KINDS_IN_FILENAMES[self.Kind(self.kind)]
        return f"{self.meeting.slug}-{kind}-{self._day_and_number()}.pdf"

    @property
    def known_as(self) -> str:
        """`<meeting slug>-<kind>-<date>`, in the words of a meeting file: `moede-cancellation-2019-02-06`."""
        return f"{self.meeting.slug}-{self.kind}-{self._day_and_number()}"

    def _day_and_number(self) -> str:
        day = self.date.isoformat()
        if self.kind != self.Kind.CHANGE:
            return day
        of_day = type(self).objects.filter(meeting=self.meeting_id, kind=self.kind, date=self.date)
        earlier = (of_day.filter(pk__lt=self.pk) if self.pk else of_day).count()
        return f"{day}-{earlier + 1}" if earlier else day

    def announced_meetings(self) -> list[Meeting]:
        links = self.announcements.select_related("meeting").prefetch_related(
            "meeting__sessions", "meeting__area_links__area"
        )
        return [link.meeting for link in links]

    def lock(self) -> None:
        """Make everybody else who changes, schedules or sends this letter wait until this transaction ends.

        As `Meeting.lock`, which is taken first by whoever takes both.
        """
        type(self).objects.filter(pk=self.pk).update(title=F("title"))

    def refuse_if_sent(self) -> None:
        """Raise ValidationError where the letter has been sent: what was sent stays as it was."""
        if self.is_sent:
            raise ValidationError(_("The letter has been sent and can no longer be changed."), code="sent")

    def refuse_unless_draft(self) -> None:
        """Raise ValidationError where the letter has been sent, or waits for its time to be sent."""
        self.refuse_if_sent()
        if self.is_scheduled:
            raise ValidationError(
                _("The letter is scheduled. Call that off before you change it."), code="scheduled"
            )

    def mark_sent(self, *, at: datetime.datetime, by: Any, send_at: datetime.datetime | None = None) -> bool:
        """Take the right to send this letter; False where somebody else has sent it, or its time is another.

        Args:
            at: the time of sending, aware.
            by: the user who pressed the button.
            send_at: the time (aware) that it waited for; None: it must wait for none.
        """
        waiting = type(self).objects.filter(pk=self.pk, sent_at=None, send_at=send_at)
        values = {"sent_at": at, "sent_by": by, "send_at": None, "send_by": None, "send_problem": ""}
        sent = waiting.update(**values) == 1
        self._read_sending()
        return sent

    def schedule(self, *, send_at: datetime.datetime, by: Any) -> bool:
        """Let this letter wait until `send_at` (aware); False where it is no draft any more."""
        drafts = type(self).objects.drafts().filter(pk=self.pk)
        scheduled = drafts.update(send_at=send_at, send_by=by, send_problem="") == 1
        self._read_sending()
        return scheduled

    def call_off(self, *, problem: str = "") -> bool:
        """Make a draft of a letter that waits for its time; False where it does not wait for `send_at`.

        Args:
            problem: why it could not be sent at its time; empty where somebody thought better of it.
        """
        waiting = type(self).objects.filter(pk=self.pk, sent_at=None, send_at=self.send_at)
        called_off = (
            waiting.exclude(send_at=None).update(send_at=None, send_by=None, send_problem=problem) == 1
        )
        self._read_sending()
        return called_off

    def _read_sending(self) -> None:
        self.refresh_from_db(fields=["sent_at", "sent_by", "send_at", "send_by", "send_problem"])


_KINDS_IN_FILENAMES = {
    Letter.Kind.INVITATION: "invitation",
    Letter.Kind.FOLLOW_UP: "opfoelgning",
    Letter.Kind.SAVE_THE_DATE: "reserver-datoen",
    Letter.Kind.CHANGE: "aendring",
    Letter.Kind.CANCELLATION: "aflysning",
}
