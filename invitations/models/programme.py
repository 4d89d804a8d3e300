"""What happens at a meeting, and what one is asked to pick or to think about beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.validators import MaxLengthValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from invitations.models.meetings import Meeting
from invitations.models.validation import LONG_TEXT, SHORT_TEXT


class ProgrammeItem(models.Model):
    """A point on the programme; without a clock time the points are numbered."""

    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="programme", verbose_name=_("meeting")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    time = models.TimeField(_("time"), null=True, blank=True)
    until = models.TimeField(_("until"), null=True, blank=True)
    title = models.CharField(_("title"), max_length=SHORT_TEXT)
    speakers = models.CharField(_("speakers"), max_length=SHORT_TEXT, blank=True)
    room = models.CharField(_("room"), max_length=100, blank=True)
    details = models.TextField(
        _("text above the themes"),
        blank=True,
        validators=[MaxLengthValidator(LONG_TEXT)],
        help_text=_("Markdown."),
    )
    notes = models.TextField(
        _("text below the themes"),
        blank=True,
        validators=[MaxLengthValidator(LONG_TEXT)],
        help_text=_("Markdown."),
    )

    class Meta:
        verbose_name = _("programme item")
        verbose_name_plural = _("programme")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="programme_item_ends_after_it_starts",
                condition=Q(until=None) | Q(time__isnull=False, until__gt=F("time")),
                violation_error_message=_("The end must lie after the start."),
            )
        ]

    def __str__(self) -> str:
        return self.title


class Theme(models.Model):
    """A subject that a participant can pick under a programme item: one in each item that has themes."""

    item = models.ForeignKey(
        ProgrammeItem, on_delete=models.CASCADE, related_name="themes", verbose_name=_("programme item")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    title = models.CharField(_("title"), max_length=SHORT_TEXT)
    speakers = models.CharField(_("speakers"), max_length=SHORT_TEXT, blank=True)
    room = models.CharField(_("room"), max_length=100, blank=True)
    details = models.TextField(
        _("description"), blank=True, validators=[MaxLengthValidator(LONG_TEXT)], help_text=_("Markdown.")
    )
    capacity = models.PositiveIntegerField(
        _("places"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("In each session. Empty: no limit."),
    )

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="theme_capacity_is_positive",
                condition=Q(capacity=None) | Q(capacity__gte=1),
                violation_error_message=_("There must be at least one place."),
            )
        ]

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """Something each municipality is asked to consider before the meeting, and may answer when it signs
    up.
    """

    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="questions", verbose_name=_("meeting")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    text = models.CharField(_("question"), max_length=500)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text


def themed_items(items: Sequence[ProgrammeItem]) -> list[ProgrammeItem]:
    """The rounds of a programme: the items under which a participant picks a theme."""
    return [item for item in items if item.themes.all()]
