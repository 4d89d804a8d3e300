"""A meeting: what, when, where, for whom, and until when one can sign up."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Max, Min, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from invitations.danish import Moment
from invitations.models.addressees import Area, Municipality, PolicyArea
from invitations.models.validation import (
    LONG_TEXT,
    SHORT_TEXT,
    YEARS,
    default_reminder_days,
    default_roles,
    moment,
    validate_reminder_days,
    validate_roles,
    validate_slug_is_free,
)

if TYPE_CHECKING:
    from invitations.models.meeting_links import MeetingArea, MeetingHost


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def published(self) -> MeetingQuerySet:
        return self.exclude(published_at=None)

    def announced(self) -> MeetingQuerySet:
        """Drafts whose date is public already: a published meeting's letter announces them, or a
        save-the-date went out.
        """
        return self.filter(
            Q(announcements__letter__meeting__published_at__isnull=False)
            | Q(letters__kind="save_the_date", letters__sent_at__isnull=False),
            published_at=None,
        ).distinct()

    def from_day(self, day: datetime.date) -> MeetingQuerySet:
        """Those with a session on `day` (a date in Copenhagen) or later, in the order of their first
        session.
        """
        spans = self.annotate(first_date=Min("sessions__starts_date"), last_date=Max("sessions__last_date"))
        return spans.filter(last_date__gte=day).order_by("first_date", "pk")


MeetingManager = models.Manager.from_queryset(MeetingQuerySet)


class Meeting(models.Model):
    """One invitation to one or more sessions with the same programme.

    Dates and times are those of Copenhagen, as staff type them and letters print them: a date, and a clock
    time or none. The state is kept as time stamps: a draft has no `published_at`; nothing but `publish` and
    `cancel` sets them.
    """

    class RegistrationMode(models.TextChoices):
        FORM = "form", _("form on the web")
        NONE = "none", _("no registration")

    slug = models.CharField(
        _("address"),
        max_length=80,
        validators=[
            RegexValidator(
                r"\A[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*\Z", _("Use letters a-z, digits and hyphens only.")
            ),
            validate_slug_is_free,
        ],
        help_text=_("Last part of the public address, as the letter prints it."),
    )
    title = models.CharField(_("title"), max_length=SHORT_TEXT)
    areas: models.ManyToManyField[Area, MeetingArea] = models.ManyToManyField(
        Area, through="MeetingArea", related_name="meetings", verbose_name=_("areas")
    )
    roles = models.JSONField(_("offices"), default=default_roles, validators=[validate_roles])
    policy_area = models.ForeignKey(PolicyArea, on_delete=models.PROTECT, verbose_name=_("policy area"))
    hosts: models.ManyToManyField[Municipality, MeetingHost] = models.ManyToManyField(
        Municipality,
        through="MeetingHost",
        related_name="hosted_meetings",
        verbose_name=_("host municipalities"),
        blank=True,
    )
    co_organisers = models.TextField(
        _("other organisers"), blank=True, help_text=_("One a line."), validators=[MaxLengthValidator(1000)]
    )
    registration = models.CharField(
        _("registration"), max_length=4, choices=RegistrationMode, default=RegistrationMode.FORM
    )
    registration_opens_date = models.DateField(
        _("registration opens"), null=True, blank=True, validators=YEARS
    )
    registration_opens_time = models.TimeField(_("at"), null=True, blank=True)
    registration_deadline_date = models.DateField(
        _("registration deadline"), null=True, blank=True, validators=YEARS
    )
    registration_deadline_time = models.TimeField(
        _("at"), null=True, blank=True, help_text=_("Without a time the whole day counts.")
    )
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit.")
    )
    max_per_municipality = models.PositiveIntegerField(
        _("at most per municipality"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: no limit."),
    )
    asks_about_needs = models.BooleanField(
        _("ask about food and special needs"),
        default=False,
        help_text=_(
            "Only where food is served. Each participant consents, and we delete it after the meeting."
        ),
    )
    practical_information = models.TextField(
        _("practical information"),
        blank=True,
        validators=[MaxLengthValidator(LONG_TEXT)],
        help_text=_("Markdown."),
    )
    reminder_days = models.JSONField(
        _("reminders, days before the deadline"),
        default=default_reminder_days,
        blank=True,
        validators=[validate_reminder_days],
    )
    reminder_text = models.TextField(
        _("words of our own in the reminder of the deadline"),
        blank=True,
        validators=[MaxLengthValidator(2000)],
        help_text=_("Stands above the facts. Empty: only what the system writes."),
    )
    meeting_reminder_text = models.TextField(
        _("words of our own in the reminder of the meeting"),
        blank=True,
        validators=[MaxLengthValidator(2000)],
        help_text=_("Stands above the facts. Empty: only what the system writes."),
    )
    reminders_paused_at = models.DateTimeField(_("reminders paused"), null=True, blank=True, editable=False)
    people_erased_at = models.DateTimeField(
        _("data about people erased"), null=True, blank=True, editable=False
    )
    copied_from = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="copies",
        verbose_name=_("copied from"),
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True, editable=False)

    objects = MeetingManager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = [
            models.UniqueConstraint(
                Lower("slug"),
                name="meeting_slug_is_unique",
                violation_error_message=_("Another meeting has this address."),
            ),
            models.CheckConstraint(
                name="meeting_registration_is_known",
                condition=Q(registration__in=["form", "none"]),
                violation_error_message=_("Choose how to register."),
            ),
            models.CheckConstraint(
                name="meeting_capacity_is_positive",
                condition=Q(capacity=None) | Q(capacity__gte=1),
                violation_error_message=_("There must be at least one place."),
            ),
            models.CheckConstraint(
                name="meeting_max_per_municipality_is_positive",
                condition=Q(max_per_municipality=None) | Q(max_per_municipality__gte=1),
                violation_error_message=_("There must be at least one place per municipality."),
            ),
            models.CheckConstraint(
                name="meeting_opening_time_has_a_date",
                condition=Q(registration_opens_time=None) | Q(registration_opens_date__isnull=False),
                violation_error_message=_("A time of opening needs a date."),
            ),
            models.CheckConstraint(
                name="meeting_deadline_time_has_a_date",
                condition=Q(registration_deadline_time=None) | Q(registration_deadline_date__isnull=False),
                violation_error_message=_("A time of the deadline needs a date."),
            ),
            models.CheckConstraint(
                name="meeting_registration_opens_before_its_deadline",
                condition=Q(registration_opens_date=None)
                | Q(registration_deadline_date=None)
                | Q(registration_opens_date__lt=F("registration_deadline_date"))
                | Q(registration_opens_date=F("registration_deadline_date"))
                & (
                    Q(registration_opens_time=None)
                    | Q(registration_deadline_time=None)
                    | Q(registration_opens_time__lt=F("registration_deadline_time"))
                ),
                violation_error_message=_("Registration must open before its deadline."),
            ),
            models.CheckConstraint(
                name="meeting_cancelled_only_once_published",
                condition=Q(cancelled_at=None) | Q(published_at__isnull=False),
                violation_error_message=_("Only a published meeting can be cancelled."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("registrations:meeting", args=[self.slug])

    @property
    def registration_opens(self) -> Moment | None:
        return moment(self.registration_opens_date, self.registration_opens_time)

    @property
    def registration_deadline(self) -> Moment | None:
        return moment(self.registration_deadline_date, self.registration_deadline_time)

    @property
    def has_form(self) -> bool:
        return self.registration == self.RegistrationMode.FORM

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def co_organiser_names(self) -> list[str]:
        return [line.strip() for line in self.co_organisers.splitlines() if line.strip()]

    def ordered_areas(self) -> list[Area]:
        return [link.area for link in self.area_links.select_related("area")]

    def ordered_hosts(self) -> list[Municipality]:
        return [link.municipality for link in self.host_links.select_related("municipality")]

    def starts(self) -> Moment | None:
        """When the first session starts; None while there is no session."""
        return min((session.starts for session in self.sessions.all()), default=None)

    def municipalities(self) -> models.QuerySet[Municipality]:
        """The municipalities invited: those of the meeting's areas on the day of its first session.

        A meeting without a session has no day, hence none.
        """
        starts = self.starts()
        if starts is None:
            return Municipality.objects.none()
        return Municipality.objects.in_areas(self.areas.all(), on=starts.date)

    def lock(self) -> None:
        """Make everybody else who decides about this meeting's places wait until this transaction ends.

        An UPDATE that changes nothing takes the row's lock on PostgreSQL and the database's write lock on
        SQLite, where `select_for_update` silently does nothing.

        Raises Meeting.DoesNotExist where the meeting has been deleted.
        """
        if not type(self).objects.filter(pk=self.pk).update(title=F("title")):
            raise type(self).DoesNotExist

    def problems(self) -> list[str]:
        """What keeps the meeting from being published, a sentence each."""
        problems = []
        sessions = list(self.sessions.all())
        if not sessions:
            problems.append(str(_("The meeting has no date yet.")))
        if not self.area_links.exists():
            problems.append(str(_("Choose at least one area.")))
        last_start = max((session.starts.start() for session in sessions), default=None)
        for deadline in [
            self.registration_deadline,
            *(session.registration_deadline for session in sessions),
        ]:
            if (
                deadline
                and last_start
                and deadline.end() > last_start
                and deadline.date > max(s.starts_date for s in sessions)
            ):
                problems.append(str(_("The registration deadline must lie before the meeting.")))
                break
        return problems

    def publish(self, *, at: datetime.datetime) -> None:
        """Make the meeting public. Twice is once.

        Args:
            at: the time it is published, aware.

        Raises:
            ValidationError: one sentence for each thing that is missing, or that it is cancelled.
        """
        if self.is_cancelled:
            raise ValidationError(_("The meeting is cancelled."), code="cancelled")
        if self.is_published:
            return
        if problems := self.problems():
            raise ValidationError([ValidationError(problem, code="not_ready") for problem in problems])
        self.published_at = at
        self.save(update_fields=["published_at"])

    def cancel(self, *, at: datetime.datetime) -> bool:
        """Cancel the meeting; return whether this call did it, so that of two only one writes to everybody.

        What follows for those who have signed up is `registrations.cancellations`' business.

        Args:
            at: the time it is cancelled, aware.

        Raises:
            ValidationError: where the meeting is a draft, which can simply be deleted.
        """
        if not self.is_published:
            raise ValidationError(_("Only a published meeting can be cancelled."), code="draft")
        cancelled = type(self).objects.filter(pk=self.pk, cancelled_at=None).update(cancelled_at=at) == 1
        self.refresh_from_db(fields=["cancelled_at"])
        return cancelled
