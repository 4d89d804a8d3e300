"""What a letter consists of, in the order of its parts."""

from __future__ import annotations

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from invitations.models.files import StoredFile
from invitations.models.letters import Letter
from invitations.models.meetings import Meeting
from invitations.models.validation import LONG_TEXT, SHORT_TEXT


class Announcement(models.Model):
    """A coming meeting that a letter asks the reader to keep free."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="announcements")
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="announcements", verbose_name=_("announced meeting")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("announced meeting")
        verbose_name_plural = _("announced meetings")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "meeting"],
                name="letter_announces_a_meeting_once",
                violation_error_message=_("This meeting is announced already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.meeting)


class Section(models.Model):
    """A part of the letter: heading, then text, then a block drawn from the meeting; each may be left out."""

    class Block(models.TextChoices):
        PROGRAMME = "programme", _("programme")
        THEMES = "themes", _("themes")
        SESSIONS = "sessions", _("sessions")
        VENUE = "venue", _("place")
        QUESTIONS = "questions", _("questions")
        PRACTICAL_INFORMATION = "practical_information", _("practical information")
        ATTACHMENTS = "attachments", _("enclosures")
        ANNOUNCED_MEETINGS = "announced_meetings", _("announced meetings")

    letter = models.ForeignKey(
        Letter, on_delete=models.CASCADE, related_name="sections", verbose_name=_("letter")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    heading = models.TextField(_("heading"), blank=True, validators=[MaxLengthValidator(500)])
    text = models.TextField(
        _("text"), blank=True, validators=[MaxLengthValidator(LONG_TEXT)], help_text=_("Markdown.")
    )
    block = models.CharField(_("block"), max_length=25, choices=Block, blank=True)

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="section_is_not_empty",
                condition=~Q(heading="", text="", block=""),
                violation_error_message=_("A section needs a heading, a text or a block."),
            ),
            models.CheckConstraint(
                name="section_block_is_known",
                condition=Q(
                    block__in=[
                        "",
                        "programme",
                        "themes",
                        "sessions",
                        "venue",
                        "questions",
                        "practical_information",
                        "attachments",
                        "announced_meetings",
                    ]
                ),
                violation_error_message=_("Choose one of the blocks."),
            ),
        ]

    def __str__(self) -> str:
        return self.heading or self.get_block_display() or self.text[:60]


class Signatory(models.Model):
    letter = models.ForeignKey(
        Letter, on_delete=models.CASCADE, related_name="signatories", verbose_name=_("letter")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    name = models.CharField(_("name"), max_length=100)
    title = models.TextField(
        _("title"), blank=True, validators=[MaxLengthValidator(300)], help_text=_("None, one or more lines.")
    )

    class Meta:
        verbose_name = _("signatory")
        verbose_name_plural = _("signatories")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def title_lines(self) -> list[str]:
        return [line.strip() for line in self.title.splitlines() if line.strip()]


class Enclosure(models.Model):
    """A PDF that goes with the letter, or only the title of one that is sent in another way."""

    letter = models.ForeignKey(
        Letter, on_delete=models.CASCADE, related_name="enclosures", verbose_name=_("letter")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    title = models.CharField(_("title"), max_length=SHORT_TEXT)
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("file"),
    )
    filename = models.CharField(_("file name"), max_length=120, blank=True, editable=False)

    class Meta:
        verbose_name = _("enclosure")
        verbose_name_plural = _("enclosures")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title
