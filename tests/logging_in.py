"""Logging in for tests: a password typed, and the codes that a phone shows."""

from __future__ import annotations

import base64
import time
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from kl_meetings.logins import second_factor
from kl_meetings.logins.models import LoginSettings
from tests.factories import NOW

PASSWORD = "en god lang kode"


def create_colleague(username: str = "mette", *roles: str, **fields: Any) -> User:
    user = User.objects.create_user(
        username, f"{username}@kl.example", PASSWORD, is_staff=True, first_name="Mette", **fields
    )
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def require_second_step(*roles: str) -> None:
    LoginSettings.current().two_step_roles.set(Group.objects.filter(name__in=roles))


def give_password(
    client: Client, username: str = "mette", password: str = PASSWORD, *, to: str = "/admin/", **extra: Any
) -> Any:
    """Log in as far as a password goes."""
    data = {"username": username, "password": password, "next": to}
    return client.post("/admin/login/", data, follow=True, **extra)


def use_phone(user: User) -> TOTPDevice:
    """Set the second step up, half a minute ago; the codes can be had from `recovery_codes`."""
    device = second_factor.offered_device(user)
    second_factor.confirm(user, code_of(device.bin_key, step=-1), at=NOW)
    device.refresh_from_db()
    return device


def code_of(key: bytes | str, *, step: int = 0) -> str:
    """What the app shows now, or `step` times thirty seconds later; `key` as the app was told it."""
    if isinstance(key, str):
        text = key.replace(" ", "")
        key = base64.b32decode(text + "=" * (-len(text) % 8))
    totp = TOTP(key)
    totp.time = time.time() + 30 * step
    return f"{totp.token():06}"
