"""What went out to whom: the invitation of a municipality, and each letter to each mailbox."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from invitations.danish import Moment
from invitations.models.addressees import Municipality
from invitations.models.letters import Letter
from invitations.models.meetings import Meeting
from invitations.models.offices import Office
from invitations.models.outbox import OutgoingEmail
from invitations.models.validation import YEARS, moment


def new_token() -> str:
    """A secret for a link: 128 random bits, 22 characters that survive every mail program."""
    return secrets.token_urlsafe(16)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def invite(
        self, meeting: Meeting, municipalities: Iterable[Municipality], *, at: datetime
    ) -> dict[int, Invitation]:
        """Make sure that each of `municipalities` has its invitation; return them by the municipality's
        id.
        """
        self.bulk_create(
            [
                Invitation(meeting=meeting, municipality=municipality, token=new_token(), invited_at=at)
                for municipality in municipalities
            ],
            ignore_conflicts=True,
        )
        invitations = self.filter(meeting=meeting).select_related("municipality")
        return {invitation.municipality_id: invitation for invitation in invitations}


InvitationManager = models.Manager.from_queryset(InvitationQuerySet)


class Invitation(models.Model):
    """This meeting and that municipality, with the link that carries the municipality. Never deleted.

    A municipality that has been given a later deadline than the others has its own.
    """

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("meeting")
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("municipality")
    )
    token = models.CharField(max_length=40, unique=True, editable=False)
    invited_at = models.DateTimeField(_("invited"))
    deadline_date = models.DateField(_("own registration deadline"), null=True, blank=True, validators=YEARS)
    deadline_time = models.TimeField(_("at"), null=True, blank=True)

    objects = InvitationManager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "municipality"],
                name="municipality_is_invited_once",
                violation_error_message=_("The municipality has been invited already."),
            ),
            models.CheckConstraint(
                name="invitation_deadline_time_has_a_date",
                condition=Q(deadline_time=None) | Q(deadline_date__isnull=False),
                violation_error_message=_("A time of the deadline needs a date."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.meeting}"

    @property
    def deadline(self) -> Moment | None:
        """The municipality's own registration deadline, where it has one."""
        return moment(self.deadline_date, self.deadline_time)


class Dispatch(models.Model):
    """This letter to that office's mailbox, as it was on the day of sending."""

    letter = models.ForeignKey(
        Letter, on_delete=models.PROTECT, related_name="dispatches", verbose_name=_("letter")
    )
    invitation = models.ForeignKey(
        Invitation, on_delete=models.PROTECT, related_name="dispatches", verbose_name=_("invitation")
    )
    office = models.ForeignKey(
        Office, on_delete=models.SET_NULL, null=True, related_name="dispatches", verbose_name=_("office")
    )
    municipality_name = models.CharField(_("municipality as written to"), max_length=80, blank=True)
    office_name = models.CharField(_("office as written to"), max_length=250)
    mailbox = models.EmailField(_("mailbox"))
    for_orientation = models.BooleanField(_("for orientation"), default=False)
    dispatched_at = models.DateTimeField(_("dispatched"))
    dispatched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("dispatched by"),
    )
    dispatched_by_name = models.CharField(_("dispatched by, as called then"), max_length=310, blank=True)
    # Empty while the municipality's own copy of a personal letter is being made.
    email = models.ForeignKey(
        OutgoingEmail, on_delete=models.PROTECT, null=True, related_name="dispatches", verbose_name=_("mail")
    )

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "office", "mailbox"], name="office_gets_a_letter_once_per_mailbox"
            )
        ]
        indexes = [
            # Those of personal letters that are being made: asked every few seconds, mostly for nothing.
            models.Index(fields=["letter"], name="dispatch_awaits_its_mail", condition=Q(email=None)),
        ]

    def __str__(self) -> str:
        return f"{self.office_name} <{self.mailbox}>"
