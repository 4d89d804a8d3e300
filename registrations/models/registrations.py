"""Who comes: one registration is a delegation with its contact person and its participants."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.danish import capitalise
from invitations.models import Invitation, Meeting, Municipality, ProgrammeItem, Session, Theme
from invitations.models.dispatches import new_token
from registrations.models.erasing import Erasable
from registrations.models.needs import SpecialNeeds

NAME_LENGTH = 100
FREE_TEXT_LENGTH = 2000


class Author(models.TextChoices):
    """Who changes a registration."""

    CONTACT = "contact", _("the contact person")
    PARTICIPANT = "participant", _("the participant")
    STAFF = "staff", _("the secretariat")


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def counted(self) -> RegistrationQuerySet:
        """Those that are a municipality's answer: not those of guests, nor those that wait to be matched."""
        return self.filter(municipality__isnull=False, awaits_match=False)

    def with_choices(self) -> RegistrationQuerySet:
        """Each with its meeting, and the sessions and themes that its people choose from."""
        return self.select_related("meeting", "municipality").prefetch_related(
            "meeting__sessions", "meeting__programme__themes"
        )


RegistrationManager = models.Manager.from_queryset(RegistrationQuerySet)


class Registration(Erasable):
    """A delegation of one municipality. Its contact person takes no place unless listed as a participant.

    Its people are written to in its `language`: that of the form by which it was sent, or by which its
    contact has changed it last. What staff enter is Danish.

    `municipality` is empty only for KL's own people, speakers and guests, whom staff enter. One that came
    without a personal link, and whose mail address speaks of another municipality or of none, `awaits_match`:
    it takes its places, and is no municipality's answer until staff have said whose it is.
    """

    class GuestKind(models.TextChoices):
        KL_POLITICIAN = "kl_politician", _("KL's politicians")
        KL_STAFF = "kl_staff", _("KL's staff")
        SPEAKER = "speaker", _("speaker")
        GUEST = "guest", _("guest")

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="registrations", verbose_name=_("meeting")
    )
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="registrations",
        verbose_name=_("municipality"),
    )
    invitation = models.ForeignKey(
        Invitation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="registrations",
        verbose_name=_("came by the link of"),
        help_text=_("Empty where somebody chose the municipality in the open form."),
    )
    committee = models.CharField(_("committee"), max_length=150, blank=True)
    contact_name = models.CharField(_("contact person"), max_length=NAME_LENGTH)
    contact_email = models.EmailField(_("contact's e-mail address"))
    contact_phone = models.CharField(_("contact's phone number"), max_length=30, blank=True)
    language = models.CharField(
        _("language of the mails"),
        max_length=5,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
        editable=False,
    )
    topics = models.TextField(
        _("topics to discuss"), blank=True, validators=[MaxLengthValidator(FREE_TEXT_LENGTH)]
    )
    guest_kind = models.CharField(
        _("comes as"), max_length=15, choices=GuestKind, blank=True, default="", db_default=""
    )
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
    awaits_match = models.BooleanField(
        _("waits to be matched"), default=False, db_default=False, editable=False
    )
    mail_municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("municipality of the mail address"),
    )
    matched_at = models.DateTimeField(_("matched"), null=True, blank=True, editable=False)
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("matched by"),
    )
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    # What the browser sends along with the form, so that a form sent twice is one registration.
    submission_key = models.UUIDField(unique=True, editable=False)
    registered_at = models.DateTimeField(_("registered"))
    # Grows with every change, so that what one page shows cannot overwrite what another has changed since.
    version = models.PositiveIntegerField(_("version"), default=1, db_default=1, editable=False)

    objects = RegistrationManager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        indexes = [models.Index(fields=["meeting", "municipality"], name="registration_of_municipality")]
        constraints = [
            models.CheckConstraint(
                name="registration_is_of_a_municipality_or_of_guests",
                condition=Q(municipality__isnull=False, guest_kind="")
                | Q(
                    municipality=None,
                    awaits_match=False,
                    guest_kind__in=["kl_politician", "kl_staff", "speaker", "guest"],
                ),
                violation_error_message=_("Choose a municipality, or what the guests come as."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.municipality or self.contact_name}"

    @property
    def reference(self) -> str:
        """The number that the receipt shows and people quote on the phone: `M-2026-0042`."""
        return f"M-{self.registered_at.year}-{self.pk:04d}"

    def count_change(self) -> None:
        """Raise the version: what was shown before is out of date."""
        type(self).objects.filter(pk=self.pk).update(version=F("version") + 1)
        self.refresh_from_db(fields=["version"])

    def write_in(self, language: str) -> None:
        """From now on write to those of it in `language`."""
        if self.language != language:
            self.language = language
            self.save(update_fields=["language"])

    @property
    def is_vouched_for(self) -> bool:
        """Whether it is known whose it is by more than what was typed: by a personal link, or from staff."""
        return bool(self.invitation_id or self.entered_by_id or self.matched_at)

    @property
    def answers_for_id(self) -> int | None:
        """The id of the municipality whose answer it is, as `counted` has it: of guests none, nor while it
        waits to be matched.
        """
        return None if self.awaits_match else self.municipality_id

    @property
    def answers_for(self) -> Municipality | None:
        return self.municipality if self.answers_for_id else None

    @property
    def comes_as(self) -> str:
        """Whom the participants come for: the name of the municipality, or what the guests are.

        Guests' organisation or committee is added: `Oplægsholder, Aarhus Universitet`.
        """
        if self.municipality:
            return self.municipality.name
        return ", ".join(filter(None, [capitalise(str(self.get_guest_kind_display())), self.committee]))


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def active(self) -> ParticipantQuerySet:
        """Those who take a place."""
        return self.filter(withdrawn_at=None, waitlisted_at=None)

    def waitlisted(self) -> ParticipantQuerySet:
        """Those who wait for a place."""
        return self.filter(withdrawn_at=None, waitlisted_at__isnull=False)

    def named(self) -> ParticipantQuerySet:
        """Those of whom it is known who comes."""
        return self.exclude(name="")

    def nameless(self) -> ParticipantQuerySet:
        """The places whose names follow."""
        return self.filter(name="", erased_at=None)

    def with_email(self) -> ParticipantQuerySet:
        """Those whom a mail can reach."""
        return self.exclude(email="")

    def of_meeting(self, meeting: Meeting) -> ParticipantQuerySet:
        return self.filter(registration__meeting=meeting)


ParticipantManager = models.Manager.from_queryset(ParticipantQuerySet)


class Participant(Erasable):
    """A person who comes to one session of the meeting, or a place whose name follows.

    Who is `waitlisted_at` waits for a place since then; who has got one from the waiting list was
    `moved_up_at`. Who comes instead of somebody has their place.
    """

    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="participants", verbose_name=_("registration")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="participants", verbose_name=_("session")
    )
    # Empty for a place that is taken before it is known who comes.
    name = models.CharField(_("name"), max_length=NAME_LENGTH, blank=True)
    title = models.CharField(_("title or role"), max_length=NAME_LENGTH, blank=True)
    # Empty for guests whom staff enter and for places without a name: they get no calendar invitation.
    email = models.EmailField(_("e-mail address"), blank=True)
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    # Empty for those who were withdrawn before it was written down.
    withdrawn_by = models.CharField(
        _("withdrawn by"), max_length=12, choices=Author, blank=True, editable=False
    )
    waitlisted_at = models.DateTimeField(_("on the waiting list"), null=True, blank=True, editable=False)
    moved_up_at = models.DateTimeField(_("got a place"), null=True, blank=True, editable=False)
    substitute_for = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="substitutes",
        verbose_name=_("comes instead of"),
    )

    objects = ParticipantManager()

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                "registration",
                models.functions.Lower("email"),
                models.functions.Lower("name"),
                "session",
                condition=Q(withdrawn_at=None) & ~Q(name=""),
                name="participant_stands_once_in_a_registration",
                violation_error_message=_("This person is on the list already."),
            )
        ]

    def __str__(self) -> str:
        return called(self.name, self.erased_at)

    @property
    def is_named(self) -> bool:
        return bool(self.name)

    @property
    def identity(self) -> tuple[str, str, int]:
        """Who it is, and where: what nobody can be twice, as `Attendee.identity` has it."""
        return self.name.casefold(), self.email.casefold(), self.session_id

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    def withdraw(self, *, author: Author = Author.CONTACT, at: datetime) -> bool:
        """Take the participant off the meeting; False where that has been done already.

        What they need there is nobody's business any more, and is deleted at once.

        Args:
            author: who does it.
            at: the time of withdrawing, aware.
        """
        standing = type(self).objects.filter(pk=self.pk, withdrawn_at=None)
        withdrawn = standing.update(withdrawn_at=at, withdrawn_by=author) == 1
        SpecialNeeds.objects.filter(participant=self).delete()
        self.refresh_from_db(fields=["withdrawn_at", "withdrawn_by"])
        return withdrawn


def called(name: str, erased_at: datetime | None) -> str:
    """What to call a participant whose name follows, or is kept no more."""
    return name or (gettext("Erased") if erased_at else gettext("Name to follow"))


class ThemeChoice(models.Model):
    """The theme that a participant picked in one round (a programme item with themes)."""

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="theme_choices", verbose_name=_("participant")
    )
    item = models.ForeignKey(
        ProgrammeItem, on_delete=models.PROTECT, related_name="theme_choices", verbose_name=_("round")
    )
    theme = models.ForeignKey(
        Theme, on_delete=models.PROTECT, related_name="choices", verbose_name=_("theme")
    )

    class Meta:
        verbose_name = _("choice of theme")
        verbose_name_plural = _("choices of themes")
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "item"],
                name="participant_picks_one_theme_a_round",
                violation_error_message=_("The participant has a theme in this round already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.theme)


class ThemeWish(models.Model):
    """The theme that a participant would like best in one round, and the one they would take as well.

    Written down where a theme has limited places: who gets a place later gets the first that is free.
    """

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="theme_wishes", verbose_name=_("participant")
    )
    item = models.ForeignKey(
        ProgrammeItem, on_delete=models.PROTECT, related_name="theme_wishes", verbose_name=_("round")
    )
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="wishes", verbose_name=_("theme"))
    rank = models.PositiveSmallIntegerField(_("rank"))

    class Meta:
        verbose_name = _("wish for a theme")
        verbose_name_plural = _("wishes for themes")
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "item", "rank"], name="participant_has_one_wish_of_a_rank"
            ),
            models.UniqueConstraint(
                fields=["participant", "item", "theme"], name="participant_wishes_for_a_theme_once"
            ),
            models.CheckConstraint(name="theme_wish_is_first_or_second", condition=Q(rank__in=[1, 2])),
        ]

    def __str__(self) -> str:
        return str(self.theme)


class CalendarInvitation(models.Model):
    """What a participant's calendar was told about a session: identity, sequence and the facts last stated
    (RFC 5546).

    The UID stays for ever; the sequence grows with every message about it, the cancellation included.
    """

    participant = models.ForeignKey(
        Participant,
        on_delete=models.PROTECT,
        related_name="calendar_invitations",
        verbose_name=_("participant"),
    )
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="calendar_invitations", verbose_name=_("session")
    )
    uid = models.CharField("UID", max_length=120, unique=True, editable=False)
    sequence = models.PositiveIntegerField(_("sequence"), default=0)
    method = models.CharField(_("last message"), max_length=10)
    facts = models.JSONField(_("facts stated"), default=dict)

    class Meta:
        verbose_name = _("calendar invitation")
        verbose_name_plural = _("calendar invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "session"], name="participant_has_a_session_in_the_calendar_once"
            ),
            models.CheckConstraint(
                name="calendar_invitation_method_is_known", condition=Q(method__in=["REQUEST", "CANCEL"])
            ),
        ]

    def __str__(self) -> str:
        return self.uid
