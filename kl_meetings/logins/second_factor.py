"""The second step of a login: a code from a phone (TOTP, RFC 6238), or a recovery code.

django-otp checks the codes, accepts none twice, and doubles the wait after each wrong one. Only who knows the
password gets to guess here, so a colleague cannot be locked out by strangers.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime

import qrcode
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django_otp.plugins.otp_totp.models import TOTPDevice

from kl_meetings.logins.models import RecoveryCode
from kl_meetings.logins.throttle import MustWaitError

# What the session says of its second step: the device that gave the code, or that the provider has asked.
PASSED = "second_factor"
BY_PROVIDER = "provider"

RECOVERY_CODES = 10
# 80 bits: too many to try even for who has the digests, and so no slow hash is needed.
RECOVERY_BYTES = 10


class WrongCodeError(ValidationError):
    pass


def device_of(user: User) -> TOTPDevice | None:
    """The phone of `user`, once a code of it has been seen."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def offered_device(user: User) -> TOTPDevice:
    """What `user` is shown to set up; the same until a code of it is seen."""
    device, _created = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "totp"})
    return device


def confirm(user: User, code: str, *, at: datetime) -> list[str]:
    """Take the offered device into use, and return the recovery codes, which can be shown this once only.

    Raises:
        WrongCodeError: it is not the device's code, or a device is in use already.
        MustWaitError: it is too early for another try.
    """
    with transaction.atomic():
        _lock(user)
        if device_of(user):
            raise WrongCodeError(gettext("Two-step login is on already."), code="on_already")
        device = offered_device(user)
        problem = _problem(device, code, at=at)
        if problem is None:
            device.confirmed = True
            device.save(update_fields=["confirmed"])
            TOTPDevice.objects.filter(user=user, confirmed=False).delete()
            return new_recovery_codes(user)
    raise problem  # after the transaction, which counts the try


def verify(user: User, code: str, *, at: datetime) -> TOTPDevice:
    """Accept a code of the phone or a recovery code, each once; return the device.

    Raises:
        WrongCodeError: it is neither, or has been used.
        MustWaitError: it is too early for another try.
    """
    with transaction.atomic():
        _lock(user)
        device = device_of(user)
        if device is None:
            raise WrongCodeError(gettext("Two-step login is off."), code="off")
        problem = _problem(device, code, at=at)
        if problem is None:
            return device
    raise problem


def new_recovery_codes(user: User) -> list[str]:
    """Ten codes instead of those there were."""
    codes = [_grouped(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(code)) for code in codes)
    return codes


def recovery_codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user).count()


def turn_off(user: User) -> bool:
    """Forget the phone and the recovery codes; return whether there was one."""
    with transaction.atomic():
        _lock(user)
        had = device_of(user) is not None
        TOTPDevice.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
    return had


def note_passed(request: HttpRequest, device: TOTPDevice) -> None:
    """Open the session to whoever has given a code; its old key leads nowhere any more."""
    request.session.cycle_key()
    request.session[PASSED] = device.pk


def secret_in_words(device: TOTPDevice) -> str:
    """What is typed into an app that cannot read the picture."""
    return _grouped(device.bin_key, " ")


def qr_path(device: TOTPDevice) -> tuple[int, str]:
    """The picture that the app reads: the modules on each side, and the dark ones as the path of an SVG."""
    code = qrcode.QRCode(border=0)
    code.add_data(device.config_url)
    rows = code.get_matrix()
    squares = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark]
    return len(rows), "".join(squares)


def _problem(device: TOTPDevice, code: str, *, at: datetime) -> ValidationError | None:
    allowed, why = device.verify_is_allowed()
    if not allowed:
        return MustWaitError(why["locked_until"], at=at)
    code = "".join(code.split()).replace("-", "").upper()
    if len(code) == device.digits and code.isascii() and code.isdigit():
        right = device.verify_token(code)
    else:
        used, _by_model = RecoveryCode.objects.filter(user=device.user, digest=_digest(code)).delete()
        right = bool(used)
        if right:
            device.throttle_reset()
        else:
            device.throttle_increment()
    if right:
        return None
    return WrongCodeError(
        gettext("The code is wrong or has been used. Wait for the next one in the app."), code="wrong"
    )


def _lock(user: User) -> None:
    """Let one request at a time deal with the codes of `user`."""
    User.objects.select_for_update().only("pk").get(pk=user.pk)


def _grouped(secret: bytes, between: str = "-") -> str:
    text = base64.b32encode(secret).decode().rstrip("=")
    return between.join(text[start : start + 4] for start in range(0, len(text), 4))


def _digest(code: str) -> str:
    return hashlib.sha256(code.replace("-", "").encode()).hexdigest()
