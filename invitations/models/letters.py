"""A letter about a meeting: what staff write, and what became of it when it was sent."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from invitations.danish import Moment, capitalise
from invitations.models.files import StoredFile
from invitations.models.meetings import Meeting
from invitations.models.validation import SHORT_TEXT, YEARS, moment, validate_roles

if TYPE_CHECKING:
    from invitations.models.letter_parts import Announcement


class LetterQuerySet(models.QuerySet["Letter"]):
    def sent(self) -> LetterQuerySet:
        return self.exclude(sent_at=None)

    def public_one(self, meeting: Meeting) -> Letter | None:
        """The letter that everybody may read as `invitation.pdf`: the latest sent, or before that the
        published draft.

        A letter after the meeting (follow-up) takes no invitation's place, and is nobody's business as a
        draft.
        """
        letters = list(self.filter(meeting=meeting).order_by("date", "pk"))
        invitations = [letter for letter in letters if letter.kind != Letter.Kind.FOLLOW_UP]
        for candidates in (
            [letter for letter in invitations if letter.is_sent],
            [letter for letter in letters if letter.is_sent],
            [
                letter
                for letter in invitations
                if letter.kind == Letter.Kind.INVITATION and meeting.is_published
            ],
        ):
            if candidates:
                return candidates[-1]
        return None


LetterManager = models.Manager.from_queryset(LetterQuerySet)


class Letter(models.Model):
    """A letter is known by its meeting, kind and date. Once sent it is frozen: see `LetterVersion` and
    `Dispatch`.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        FOLLOW_UP = "follow_up", _("follow-up letter")
        SAVE_THE_DATE = "save_the_date", _("save the date")
        CHANGE = "change", _("change")
        CANCELLATION = "cancellation", _("cancellation")

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
        ]

    def __str__(self) -> str:
        return f"{capitalise(str(self.get_kind_display()))} {self.date:%-d.%-m.%Y}: {self.meeting}"

    @property
    def is_sent(self) -> bool:
        return self.sent_at is not None

    @property
    def recipient_lines(self) -> list[str]:
        return [line.strip() for line in self.recipients.splitlines() if line.strip()]

    @property
    def input_deadline(self) -> Moment | None:
        return moment(self.input_deadline_date, self.input_deadline_time)

    @property
    def filename(self) -> str:
        """`<meeting slug>-<kind>-<date>.pdf`, the date as 2019-02-06."""
        return f"{self.meeting.slug}-{self.kind}-{self.date.isoformat()}.pdf"

    def announced_meetings(self) -> list[Meeting]:
        links = self.announcements.select_related("meeting").prefetch_related(
            "meeting__sessions", "meeting__area_links__area"
        )
        return [link.meeting for link in links]

    def refuse_if_sent(self) -> None:
        """Raise ValidationError where the letter has been sent: what was sent stays as it was."""
        if self.is_sent:
            raise ValidationError(_("The letter has been sent and can no longer be changed."), code="sent")

    def mark_sent(self, *, at: datetime.datetime, by: Any) -> bool:
        """Take the right to send this letter; False where somebody else has sent it.

        Args:
            at: the time of sending, aware.
            by: the user who pressed the button.
        """
        sent = type(self).objects.filter(pk=self.pk, sent_at=None).update(sent_at=at, sent_by=by) == 1
        self.refresh_from_db(fields=["sent_at", "sent_by"])
        return sent


class LetterVersion(models.Model):
    """The letter as rendered: HTML, PDF and the facts they state. Replaced while the letter is a draft,
    then frozen.
    """

    letter = models.OneToOneField(
        Letter, on_delete=models.CASCADE, related_name="version", verbose_name=_("letter")
    )
    source_sha256 = models.CharField(_("SHA-256 of the content"), max_length=64)
    html = models.TextField(_("HTML"))
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("PDF"))
    facts = models.JSONField(_("facts stated"), default=dict)
    rendered_at = models.DateTimeField(_("rendered"))

    class Meta:
        verbose_name = _("letter version")
        verbose_name_plural = _("letter versions")

    def __str__(self) -> str:
        return f"{self.letter} ({self.pdf.sha256[:12]})"


class PersonalLetter(models.Model):
    """A municipality's own copy of a letter that is one for each: made from the frozen version, in the
    background.

    Written when the letter is sent, so that what is to be made is known; `pdf` is empty until it has been.
    """

    letter = models.ForeignKey(
        Letter, on_delete=models.PROTECT, related_name="personal_letters", verbose_name=_("letter")
    )
    invitation = models.ForeignKey(
        "invitations.Invitation",
        on_delete=models.PROTECT,
        related_name="personal_letters",
        verbose_name=_("invitation"),
    )
    pdf = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("PDF")
    )
    # Until when a worker that has taken it may work on it; one that died is followed by another.
    claimed_until = models.DateTimeField(null=True, editable=False)
    rendered_at = models.DateTimeField(_("rendered"), null=True)

    class Meta:
        verbose_name = _("personal letter")
        verbose_name_plural = _("personal letters")
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "invitation"], name="municipality_has_one_copy_of_a_personal_letter"
            ),
            models.CheckConstraint(
                name="personal_letter_is_rendered_when_it_says_so",
                condition=Q(pdf=None, rendered_at=None) | Q(pdf__isnull=False, rendered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} – {self.invitation.municipality}"
