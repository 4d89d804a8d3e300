"""Which of our users somebody is for whom an OpenID provider vouches, and which roles they get from there."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import ADDITION
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from invitations.history import record
from kl_meetings.logins.models import OpenIdLink
from kl_meetings.roles import ADMINISTRATOR, READER, ROLES, SECRETARIAT, SPECIAL_NEEDS

# The values of Entra's app roles, which have neither spaces nor Danish letters.
APP_ROLES = {
    "Sekretariat": SECRETARIAT,
    "Laeser": READER,
    "Administrator": ADMINISTRATOR,
    "SaerligeBehov": SPECIAL_NEEDS,
}


class UnknownUserError(Exception):
    """The provider knows them, and we do not let them in."""


def user_of(claims: dict[str, Any]) -> User:
    """The user whom checked `claims` are about.

    Known by issuer and subject. At first they are found by their address, if the provider has verified it,
    among staff whom the provider has not named before. Who is not found is made a user if an app role says
    what they may do. Where there are app roles, they are all the roles that somebody has.

    Raises:
        UnknownUserError: they are nobody of ours, or not active.
    """
    issuer, subject = claims["iss"], claims["sub"]
    roles = _roles(claims)
    with transaction.atomic():
        link = OpenIdLink.objects.select_related("user").filter(issuer=issuer, subject=subject).first()
        user = link.user if link else _found(claims) or _made(claims, roles)
        if user is None or not (user.is_active and user.is_staff):
            raise UnknownUserError
        if link is None:
            OpenIdLink.objects.create(user=user, issuer=issuer, subject=subject)
            record(user, gettext("Logged in with Microsoft for the first time."), by=user)
        if roles:
            _give(user, roles)
    return user


def _roles(claims: dict[str, Any]) -> list[str]:
    values = claims.get("roles")
    return [role for value, role in APP_ROLES.items() if isinstance(values, list) and value in values]


def _address(claims: dict[str, Any]) -> str:
    """Their address, empty unless verified: in Entra `email` can be set to anybody's, and `xms_edov` says
    whether it is of a domain that the tenant owns.
    """
    verified = any(claims.get(name) in (True, "true", "True", "1") for name in ("email_verified", "xms_edov"))
    return str(claims.get("email") or "").strip() if verified else ""


def _found(claims: dict[str, Any]) -> User | None:
    address = _address(claims)
    taken = OpenIdLink.objects.filter(issuer=claims["iss"]).values("user")
    if not address:
        return None
    users = list(User.objects.filter(is_staff=True, email__iexact=address).exclude(pk__in=taken)[:2])
    return users[0] if len(users) == 1 else None


def _made(claims: dict[str, Any], roles: list[str]) -> User | None:
    name = _address(claims)
    # Whoever has that name or address already is somebody else, or left; an administrator has to look.
    taken = User.objects.filter(username__iexact=name) | User.objects.filter(email__iexact=name)
    if not roles or not name or taken.exists():
        return None
    user = User(
        username=name,
        email=name,
        is_staff=True,
        first_name=str(claims.get("given_name") or "")[:150],
        last_name=str(claims.get("family_name") or "")[:150],
    )
    user.set_unusable_password()
    try:
        user.full_clean()
    except ValidationError:
        return None
    user.save()
    record(user, gettext("Made a user at the first login with Microsoft."), by=user, action=ADDITION)
    return user


def _give(user: User, roles: list[str]) -> None:
    had = set(user.groups.filter(name__in=ROLES).values_list("name", flat=True))
    if had == set(roles):
        return
    user.groups.remove(*Group.objects.filter(name__in=had - set(roles)))
    user.groups.add(*Group.objects.filter(name__in=roles))
    words = {"roles": ", ".join(role for role in ROLES if role in roles)}
    record(user, gettext("Got the roles that Microsoft names: %(roles)s.") % words, by=user)
