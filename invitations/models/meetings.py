"""A meeting: what, when, where, for whom, and until when one can sign up."""

from __future__ import annotations

import datetime
from collections.abc import Sequence


from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Min, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from invitations.danish import Moment, capitalise, format_date_with_weekday, format_time
from invitations.models.addressees import Area, Municipality, PolicyArea, Role

# First parts of an address that are ours, so that no meeting can hide a page or be hidden by one.
RESERVED_SLUGS = frozenset(
    "admin afbud api da deltager en favicon.ico healthz kvittering media privatliv readyz robots.txt static svar was".split()
)

SHORT_TEXT = 250
LONG_TEXT = 10_000


def validate_slug_is_free(slug: str) -> None:
    """Raise ValidationError where `slug` is the address of one of our own pages."""
    if slug.lower() in RESERVED_SLUGS:
        raise ValidationError(_("This address is used by the system itself. Choose another."), code="reserved")


def default_roles() -> list[str]:
    return [Role.COMMITTEE.value]


def default_reminder_days() -> list[int]:
    return [14, 3]


def validate_roles(roles: object) -> None:
    """Raise ValidationError unless `roles` is a list of different known roles."""
    if not isinstance(roles, list) or len(set(map(str, roles))) != len(roles) or not set(roles) <= set(Role.values):
        raise ValidationError(_("Choose one of the roles."), code="unknown_role")


def validate_reminder_days(days: object) -> None:
    """Raise ValidationError unless `days` is a list of at most ten different whole numbers from 1 to 90."""
    if (
        not isinstance(days, list)
        or len(days) > 10
        or len(set(days)) != len(days)
        or not all(type(day) is int and 1 <= day <= 90 for day in days)
    ):
        raise ValidationError(_("Write whole numbers of days between 1 and 90, for example 14, 3."), code="reminder_days")


def moment(date: datetime.date | None, time: datetime.time | None) -> Moment | None:
    return Moment(date, time) if date else None


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def published(self) -> MeetingQuerySet:
        return self.exclude(published_at=None)

    def announced(self) -> MeetingQuerySet:
        """Drafts whose date is public already: a published meeting's letter announces them, or a save-the-date went out."""
        return self.filter(
            Q(announcements__letter__meeting__published_at__isnull=False)
            | Q(letters__kind="save_the_date", letters__sent_at__isnull=False),
            published_at=None,
        ).distinct()

    def from_day(self, day: datetime.date) -> MeetingQuerySet:
        """Those with a session on `day` (a date in Copenhagen) or later, in the order of their first session."""
        coming = self.filter(pk__in=Session.objects.filter(last_date__gte=day).values("meeting"))
        return coming.annotate(first_date=Min("sessions__starts_date")).order_by("first_date", "pk")


MeetingManager = models.Manager.from_queryset(MeetingQuerySet)


class Meeting(models.Model):
    """One invitation to one or more sessions with the same programme.

    Dates and times are those of Copenhagen, as staff type them and letters print them: a date, and a clock time or none.
    The state is kept as time stamps: a draft has no `published_at`; nothing but `publish` and `cancel` sets them.
    """

    class RegistrationMode(models.TextChoices):
        FORM = "form", _("form on the web")
        NONE = "none", _("no registration")

    slug = models.CharField(
        _("address"),
        max_length=80,
        validators=[
            RegexValidator(r"\A[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*\Z", _("Use letters a-z, digits and hyphens only.")),
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
        Municipality, through="MeetingHost", related_name="hosted_meetings", verbose_name=_("host municipalities"), blank=True
    )
    co_organisers = models.TextField(
        _("other organisers"), blank=True, help_text=_("One a line."), validators=[MaxLengthValidator(1000)]
    )
    registration = models.CharField(
        _("registration"), max_length=4, choices=RegistrationMode, default=RegistrationMode.FORM
    )
    registration_opens_date = models.DateField(_("registration opens"), null=True, blank=True)
    registration_opens_time = models.TimeField(_("at"), null=True, blank=True)
    registration_deadline_date = models.DateField(_("registration deadline"), null=True, blank=True)
    registration_deadline_time = models.TimeField(
        _("at"), null=True, blank=True, help_text=_("Without a time the whole day counts.")
    )
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit.")
    )
    max_per_municipality = models.PositiveIntegerField(
        _("at most per municipality"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit.")
    )
    practical_information = models.TextField(
        _("practical information"), blank=True, validators=[MaxLengthValidator(LONG_TEXT)], help_text=_("Markdown.")
    )
    reminder_days = models.JSONField(
        _("reminders, days before the deadline"),
        default=default_reminder_days,
        blank=True,
        validators=[validate_reminder_days],
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

        An UPDATE that changes nothing takes the row's lock on PostgreSQL and the database's write lock on SQLite,
        where `select_for_update` silently does nothing.

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
        for deadline in [self.registration_deadline, *(session.registration_deadline for session in sessions)]:
            if deadline and last_start and deadline.end() > last_start and deadline.date > max(s.starts_date for s in sessions):
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


class MeetingArea(models.Model):
    """An area in the order in which the letter names it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="area_links")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="meeting_links", verbose_name=_("area"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "area"],
                name="meeting_area_stands_once",
                violation_error_message=_("This area is chosen already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.area)


class MeetingHost(models.Model):
    """A municipality that hosts the meeting together with KL, in the order in which the letter names it."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="host_links")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="host_links", verbose_name=_("municipality")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("host municipality")
        verbose_name_plural = _("host municipalities")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "municipality"],
                name="meeting_host_stands_once",
                violation_error_message=_("This municipality is chosen already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.municipality)


class Session(models.Model):
    """A date and a place of the meeting. Where there are several, a participant picks one."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("meeting"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    label = models.CharField(_("label"), max_length=100, blank=True)
    starts_date = models.DateField(_("date"))
    starts_time = models.TimeField(_("from"), null=True, blank=True)
    ends_date = models.DateField(_("last day"), null=True, blank=True, help_text=_("Empty: the same day."))
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
    registration_deadline_date = models.DateField(_("own registration deadline"), null=True, blank=True)
    registration_deadline_time = models.TimeField(_("at"), null=True, blank=True)
    # The last day the session touches, for the question "is it over?" in one comparison.
    last_date = models.GeneratedField(
        expression=models.functions.Coalesce("ends_date", "starts_date"), output_field=models.DateField(), db_persist=True
    )

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="session_ends_after_it_starts",
                condition=Q(ends_date__gt=F("starts_date"))
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
                | Q(venue_name="", venue_street="", venue_postcode="", venue_city="", venue_place="", venue_room=""),
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
        return f"{start} til {end} {format_time(self.ends_time, None)}" if self.ends_time else f"{start} til {end}"

    def venue_lines(self) -> list[str]:
        """The place, a line each: name, room, street, postcode and town; `Virtuelt` online; empty where none is known."""
        if self.online:
            return ["Virtuelt"]
        town = f"{self.venue_postcode} {self.venue_city or self.venue_place}".strip()
        return [line for line in (self.venue_name, self.venue_room, self.venue_street, town) if line]

    def where(self) -> str:
        """The place on one line: `Rådhuset i Herning, Torvet 5, 7400 Herning`."""
        return ", ".join(self.venue_lines())

    def answers_until(self) -> datetime.datetime:
        """Until when one can sign up for this session: its own deadline, else the meeting's, else its start."""
        deadline = self.registration_deadline or self.meeting.registration_deadline
        return deadline.end() if deadline else self.starts.start()


class ProgrammeItem(models.Model):
    """A point on the programme; without a clock time the points are numbered."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="programme", verbose_name=_("meeting"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    time = models.TimeField(_("time"), null=True, blank=True)
    until = models.TimeField(_("until"), null=True, blank=True)
    title = models.CharField(_("title"), max_length=SHORT_TEXT)
    speakers = models.CharField(_("speakers"), max_length=SHORT_TEXT, blank=True)
    room = models.CharField(_("room"), max_length=100, blank=True)
    details = models.TextField(
        _("text above the themes"), blank=True, validators=[MaxLengthValidator(LONG_TEXT)], help_text=_("Markdown.")
    )
    notes = models.TextField(
        _("text below the themes"), blank=True, validators=[MaxLengthValidator(LONG_TEXT)], help_text=_("Markdown.")
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
    """Something each municipality is asked to consider before the meeting, and may answer when it signs up."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="questions", verbose_name=_("meeting"))
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
