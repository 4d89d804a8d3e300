"""What may be typed into the fields of several models, and what stands there before anybody types."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from invitations.danish import Moment
from invitations.models.addressees import Role

# First parts of an address that are ours, so that no meeting can hide a page or be hidden by one.
RESERVED_SLUGS = frozenset(
    [
        "admin",
        "afbud",
        "api",
        "da",
        "deltager",
        "en",
        "favicon.ico",
        "healthz",
        "kvittering",
        "media",
        "privatliv",
        "readyz",
        "robots.txt",
        "static",
        "svar",
        "was",
    ]
)

# Four digits and near us: a slip of the keyboard (0206, 20266) is caught where it is typed.
YEARS = [
    MinValueValidator(datetime.date(2000, 1, 1), _("Write the year with four digits, from 2000 to 2099.")),
    MaxValueValidator(datetime.date(2099, 12, 31), _("Write the year with four digits, from 2000 to 2099.")),
]
SHORT_TEXT = 250
LONG_TEXT = 10_000


def validate_slug_is_free(slug: str) -> None:
    """Raise ValidationError where `slug` is the address of one of our own pages."""
    if slug.lower() in RESERVED_SLUGS:
        raise ValidationError(
            _("This address is used by the system itself. Choose another."), code="reserved"
        )


def default_roles() -> list[str]:
    return [Role.COMMITTEE.value]


def default_reminder_days() -> list[int]:
    return [14, 3]


def validate_roles(roles: object) -> None:
    """Raise ValidationError unless `roles` is a list of different known roles."""
    if not isinstance(roles, list) or any(role not in Role.values or roles.count(role) > 1 for role in roles):
        raise ValidationError(_("Choose one of the roles."), code="unknown_role")


def validate_reminder_days(days: object) -> None:
    """Raise ValidationError unless `days` is a list of at most ten different whole numbers from 1 to 90."""
    if (
        not isinstance(days, list)
        or len(days) > 10
        or not all(type(day) is int and 1 <= day <= 90 and days.count(day) == 1 for day in days)
    ):
        raise ValidationError(
            _("Write whole numbers of days between 1 and 90, for example 14, 3."), code="reminder_days"
        )


def moment(date: datetime.date | None, time: datetime.time | None) -> Moment | None:
    return Moment(date, time) if date else None
