"""What is kept about logins, beside Django's users and the secrets of their phones (`otp_totp`)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LoginSettings(models.Model):
    two_step_roles = models.ManyToManyField(
        Group,
        verbose_name=_("two-step login is required of"),
        blank=True,
        related_name="+",
        help_text=_(
            "Whoever has one of these roles gives a code from their phone after the password, and sets "
            "that up before anything else."
        ),
    )

    class Meta:
        verbose_name = _("login")
        verbose_name_plural = _("login")
        constraints = [models.CheckConstraint(name="there_is_one_login", condition=Q(pk=1))]

    def __str__(self) -> str:
        return str(_("Login"))

    @classmethod
    def current(cls) -> LoginSettings:
        return cls.objects.get_or_create(pk=1)[0]


class FailedTries(models.Model):
    """How many passwords were tried in vain, by a digest of who tried for whom (see `throttle`).

    People type passwords into the field for the name, so that no name is kept.
    """

    key = models.CharField(max_length=64, unique=True)
    # By it all counts for one user are found; empty where the count is that of an address.
    name = models.CharField(max_length=64, blank=True, db_index=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    wait_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.last_at}"


class RecoveryCode(models.Model):
    """A code for whoever has lost their phone; deleted when it is used."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_recovery_code_is_there_once", fields=["user", "digest"])
        ]

    def __str__(self) -> str:
        return self.digest[:8]


class OpenIdLink(models.Model):
    """Who somebody is to an OpenID provider. Addresses change hands, a subject never does (Core 5.7)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=255)
    # At most 255 characters (OpenID Connect Core 2).
    subject = models.CharField(max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_subject_is_one_user", fields=["issuer", "subject"]),
            models.UniqueConstraint(name="a_user_is_one_subject", fields=["issuer", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.subject} of {self.issuer}"
