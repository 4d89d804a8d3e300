"""A date and a place of a meeting."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from invitations.danish import Moment, capitalise, format_date_with_weekday, format_time
from invitations.models.meetings import Meeting
from invitations.models.validation import YEARS, moment

# The place of an online meeting; all other words of a place are typed.
ONLINE = "Virtuelt"


class Session(models.Model):
    """A date and a place of the meeting. Where there are several, a participant picks one."""

    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("meeting")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    label = models.CharField(_("label"), max_length=100, blank=True)
    starts_date = models.DateField(_("date"), validators=YEARS)
    starts_time = models.TimeField(_("from"), null=True, blank=True)
    ends_date = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Empty: the same day."), validators=YEARS
    )
    ends_time = models.TimeField(_("to"), null=True, blank=True)
    online = models.BooleanField(_("online"), default=False)
    join_url = models.URLField(_("link to the online meeting"), max_length=500, blank=True)
    venue_name = models.CharField(_("place"), max_length=150, blank=True)
    venue_street = models.CharField(_("street and number"), max_length=150, blank=True)
    venue_postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    venue_city = models.CharField(_("town"), max_length=80, blank=True)
    venue_place = models.CharField(
        _("town in running text"),
        max_length=80,
        blank=True,
        help_text=_("Where it differs from the postal town: Aarhus, not Aarhus C."),
    )
    venue_room = models.CharField(_("room"), max_length=100, blank=True)
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit.")
    )
    registration_deadline_date = models.DateField(
        _("own registration deadline"), null=True, blank=True, validators=YEARS
    )
    registration_deadline_time = models.TimeField(_("at"), null=True, blank=True)
    # The last day the session touches, for the question "is it over?" in one comparison.
    last_date = models.GeneratedField(
        expression=models.functions.Coalesce("ends_date", "starts_date"),
        output_field=models.DateField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="session_ends_after_it_starts",
                # Without the first half a missing day would make the whole condition unknown, which passes.
                condition=Q(ends_date__isnull=False, ends_date__gt=F("starts_date"))
                | (Q(ends_date=None) | Q(ends_date=F("starts_date")))
                & (Q(ends_time=None) | Q(starts_time=None) | Q(ends_time__gt=F("starts_time"))),
                violation_error_message=_("The end must lie after the start."),
            ),
            models.CheckConstraint(
                name="session_end_time_has_a_start_time",
                condition=Q(ends_time=None) | Q(starts_time__isnull=False),
                violation_error_message=_("An end time needs a start time."),
            ),
            models.CheckConstraint(
                name="session_online_has_no_venue",
                condition=Q(online=False)
                | Q(
                    venue_name="",
                    venue_street="",
                    venue_postcode="",
                    venue_city="",
                    venue_place="",
                    venue_room="",
                ),
                violation_error_message=_("An online meeting has no place."),
            ),
            models.CheckConstraint(
                name="session_capacity_is_positive",
                condition=Q(capacity=None) | Q(capacity__gte=1),
                violation_error_message=_("There must be at least one place."),
            ),
            models.CheckConstraint(
                name="session_deadline_time_has_a_date",
                condition=Q(registration_deadline_time=None) | Q(registration_deadline_date__isnull=False),
                violation_error_message=_("A time of the deadline needs a date."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.when()}" if self.label else self.when()

    def clean(self) -> None:
        """Raise ValidationError where a clock time is one that the change to summer time skips."""
        day: datetime.date | None = self.starts_date
        if day is None:
            # It could not be read, and has its own error.
            return
        for name in ("starts", "ends", "registration_deadline"):
            if (typed := getattr(self, name)) and not typed.exists:
                raise ValidationError(
                    {f"{name}_time": _("This time does not exist: the clocks go forward that night.")},
                    code="skipped_hour",
                )

    @property
    def starts(self) -> Moment:
        return Moment(self.starts_date, self.starts_time)

    @property
    def ends(self) -> Moment | None:
        """When it ends, where that is known: a time alone is on the day it starts."""
        if self.ends_date is None and self.ends_time is None:
            return None
        return Moment(self.ends_date or self.starts_date, self.ends_time)

    @property
    def registration_deadline(self) -> Moment | None:
        return moment(self.registration_deadline_date, self.registration_deadline_time)

    def when(self) -> str:
        """Date and time as letters print a session: `Mandag den 27. marts 2017 kl. 16-18`."""
        first = capitalise(format_date_with_weekday(self.starts_date))
        if self.ends_date is None or self.ends_date == self.starts_date:
            return f"{first} {format_time(self.starts_time, self.ends_time)}" if self.starts_time else first
        start = f"{first} {format_time(self.starts_time, None)}" if self.starts_time else first
        end = format_date_with_weekday(self.ends_date)
        return (
            f"{start} til {end} {format_time(self.ends_time, None)}"
            if self.ends_time
            else f"{start} til {end}"
        )

    def venue_lines(self) -> list[str]:
        """The place, a line each: name, room, street, postcode and town; `Virtuelt` online; empty where
        none is known.
        """
        if self.online:
            return [ONLINE]
        town = f"{self.venue_postcode} {self.venue_city or self.venue_place}".strip()
        return [line for line in (self.venue_name, self.venue_room, self.venue_street, town) if line]

    def where(self) -> str:
        """The place on one line: `Rådhuset i Herning, Torvet 5, 7400 Herning`."""
        return ", ".join(self.venue_lines())

    def facts(self) -> dict[str, str]:
        """When and where, as a letter or a calendar message states it to compare with later."""
        return {
            "starts": self.starts.isoformat(),
            "ends": self.ends.isoformat() if self.ends else "",
            "where": self.where(),
            "join_url": self.join_url,
        }

    def deadline(self) -> Moment | None:
        """The registration deadline that holds for this session: its own, else the meeting's."""
        return self.registration_deadline or self.meeting.registration_deadline

    def answers_until(self) -> datetime.datetime:
        """Until when one can sign up for this session: its deadline, else its start; where the clock time of
        the start is known, never longer than until then.
        """
        deadline = self.deadline()
        if deadline is None:
            return self.starts.start()
        return min(deadline.end(), self.starts.start()) if self.starts_time else deadline.end()

    def over_at(self) -> datetime.datetime:
        """When it has been held; without an end, it lasts until midnight."""
        return (self.ends or Moment(self.starts_date)).end()
