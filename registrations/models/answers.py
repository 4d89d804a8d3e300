"""What a municipality answers besides coming: that it does not come, and what it thinks of the meeting's
questions.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from invitations.models import Meeting, Municipality, Question
from registrations.models.erasing import Erasable
from registrations.models.registrations import FREE_TEXT_LENGTH, NAME_LENGTH, Registration


class AnswerQuerySet(models.QuerySet["Answer"]):
    def sent(self) -> AnswerQuerySet:
        """Those that KL reads."""
        return self.exclude(text="")

    def in_order(self) -> AnswerQuerySet:
        """In the order of their questions, which come along."""
        return self.select_related("question").order_by("question__position", "question__pk")


AnswerManager = models.Manager.from_queryset(AnswerQuerySet)


class Answer(models.Model):
    """A delegation's answer to one of the meeting's questions: the `text` that it has sent, and the `draft`
    of it that is not finished yet. KL reads only what was sent.
    """

    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="answers", verbose_name=_("registration")
    )
    question = models.ForeignKey(
        Question, on_delete=models.PROTECT, related_name="answers", verbose_name=_("question")
    )
    text = models.TextField(_("answer"), blank=True, validators=[MaxLengthValidator(FREE_TEXT_LENGTH)])
    draft = models.TextField(
        _("draft"), blank=True, default="", db_default="", validators=[MaxLengthValidator(FREE_TEXT_LENGTH)]
    )

    objects = AnswerManager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "question"],
                name="question_is_answered_once",
                violation_error_message=_("This question has been answered already."),
            ),
            models.CheckConstraint(name="answer_is_sent_or_a_draft", condition=~Q(text="") | ~Q(draft="")),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Decline(Erasable):
    """Afbud: the municipality has answered, and nobody comes. Registering undoes it."""

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="declines", verbose_name=_("meeting")
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="declines", verbose_name=_("municipality")
    )
    contact_name = models.CharField(_("contact person"), max_length=NAME_LENGTH, blank=True)
    contact_email = models.EmailField(_("contact's e-mail address"), blank=True)
    language = models.CharField(
        _("language of the mails"),
        max_length=5,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
        editable=False,
    )
    note = models.TextField(_("note"), blank=True, validators=[MaxLengthValidator(FREE_TEXT_LENGTH)])
    staff_note = models.TextField(
        _("note of the secretariat"),
        blank=True,
        default="",
        db_default="",
        validators=[MaxLengthValidator(FREE_TEXT_LENGTH)],
        help_text=_("Seen by the secretariat only."),
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )
    declined_at = models.DateTimeField(_("declined"))
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("decline")
        verbose_name_plural = _("declines")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "municipality"],
                condition=Q(undone_at=None),
                name="municipality_declines_once",
                violation_error_message=_("The municipality has declined already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.meeting}"

    @property
    def stands(self) -> bool:
        return self.undone_at is None

    @classmethod
    def undo(cls, meeting: Meeting, municipality: Municipality, *, at: datetime) -> None:
        """Undo the municipality's decline, if it has one.

        Args:
            at: the time, aware.
        """
        cls.objects.filter(meeting=meeting, municipality=municipality, undone_at=None).update(undone_at=at)
