"""How often a password may be tried.

Counted in the database, so that the count holds over all processes. Nobody is locked out by what others do:
a browser that has logged in as somebody before has a cookie, and with it a count of its own. All other tries
are counted together: for the name from one network, for the name from anywhere (guesses by a botnet), and
for the network whatever the name (one guess at each of many names). Each has some tries free; after that
every try costs a wait, which doubles up to a quarter of an hour. An hour without a try, and all is forgotten.

The method is OWASP's "Slow Down Online Guessing Attacks with Device Cookies". The same happens for names that
nobody has, so that the answers tell nothing about who may log in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext, ngettext

from kl_meetings.logins.models import FailedTries
from registrations.send_limits import client_network

FORGOTTEN_AFTER = timedelta(hours=1)
ERASED_AFTER = timedelta(days=2)
COOKIE = "known_browser"
COOKIE_AGE = timedelta(days=90)
SALT = "kl_meetings.logins.throttle"


@dataclass(frozen=True)
class Limit:
    """So many tries are free; the wait after the last of them, and the longest that it grows to."""

    free: int
    first: timedelta
    longest: timedelta

    def wait(self, count: int) -> timedelta | None:
        """What the `count`th try in vain costs, if anything."""
        if count < self.free:
            return None
        doublings = min(count - self.free, 20)  # 2**20 is more than any wait, and no overflow
        return min(self.first * (1 << doublings), self.longest)


# Colleagues share an address, and a name may be a colleague's: these are slowed down later and for less long.
ONE_BROWSER = ONE_NETWORK_AND_NAME = Limit(5, timedelta(seconds=30), timedelta(minutes=15))
ONE_NAME = Limit(30, timedelta(seconds=30), timedelta(minutes=5))
ONE_NETWORK = Limit(100, timedelta(seconds=10), timedelta(minutes=1))


class MustWaitError(ValidationError):
    """It is too early for another try; the message says when it may be made."""

    def __init__(self, until: datetime, *, at: datetime) -> None:
        super().__init__(
            gettext("Too many tries. Try again in %(wait)s.") % {"wait": in_words(until - at)},
            code="must_wait",
        )
        self.until = until


@dataclass(frozen=True)
class Try:
    """A try that has been counted as one in vain; `forgive` it where it was not."""

    own: Sequence[str]
    shared: Sequence[str]

    def forgive(self) -> None:
        FailedTries.objects.filter(key__in=self.own).delete()
        FailedTries.objects.filter(key__in=self.shared, count__gt=0).update(count=F("count") - 1)


def count_try(request: HttpRequest, name: str, *, at: datetime) -> Try:
    """Count a try before it is made: a hundred at once are a hundred.

    Args:
        name: as it was typed, whether or not anybody has it.
        at: when, aware.

    Raises:
        MustWaitError: it may not be made.
    """
    limits, own = _limits(request, name)
    with transaction.atomic():
        FailedTries.objects.bulk_create(
            [FailedTries(key=key, name=named, last_at=at) for key, (named, _limit) in limits.items()],
            ignore_conflicts=True,
        )
        rows = list(FailedTries.objects.select_for_update().filter(key__in=limits).order_by("key"))
        until = max((row.wait_until for row in rows if row.wait_until), default=at)
        if until > at:
            raise MustWaitError(until, at=at)
        for row in rows:
            row.count = 1 if row.last_at < at - FORGOTTEN_AFTER else row.count + 1
            wait = limits[row.key][1].wait(row.count)
            row.last_at, row.wait_until = at, at + wait if wait else None
        FailedTries.objects.bulk_update(rows, ["count", "last_at", "wait_until"])
    return Try(own, [key for key in limits if key not in own])


def check_password(request: HttpRequest, user: AbstractBaseUser, password: str, *, at: datetime) -> bool:
    """Whether it is the password of somebody who is logged in, counted as any other try.

    Raises:
        MustWaitError: it may not be tried now.
    """
    tried = count_try(request, user.get_username(), at=at)
    right = user.check_password(password)
    if right:
        tried.forgive()
    return right


def is_slowed_down(user: AbstractBaseUser, *, at: datetime) -> bool:
    """Whether somebody has to wait before they may try as `user` from one place at least."""
    return FailedTries.objects.filter(name=_digest(user.get_username()), wait_until__gt=at).exists()


def lift(user: AbstractBaseUser) -> None:
    """Let `user` try again from wherever they are."""
    FailedTries.objects.filter(name=_digest(user.get_username())).delete()


def remember_browser(request: HttpRequest, response: HttpResponseBase, user: AbstractBaseUser) -> None:
    """Give the browser in which `user` has typed the password a count of its own from now on."""
    if _known_browser(request, user.get_username()):
        return
    response.set_signed_cookie(
        COOKIE,
        f"{_digest(user.get_username())}:{token_urlsafe(12)}",
        salt=SALT,
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def erase_old(*, at: datetime) -> int:
    """Erase what does not count any more; return how many.

    Args:
        at: now, aware.
    """
    erased, _by_model = FailedTries.objects.filter(last_at__lt=at - ERASED_AFTER).delete()
    return erased


def in_words(wait: timedelta) -> str:
    """How long, rounded up: in seconds up to a minute and a half, else in minutes."""
    seconds = max(int(-(-wait.total_seconds() // 1)), 1)
    if seconds <= 90:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = -(-seconds // 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _limits(request: HttpRequest, name: str) -> tuple[dict[str, tuple[str, Limit]], list[str]]:
    """The counts that a try goes to, each with the digest of its name; and which are the user's own."""
    named = _digest(name)
    if browser := _known_browser(request, name):
        key = _digest("browser", browser)
        return {key: (named, ONE_BROWSER)}, [key]
    limits = {_digest("name", named): (named, ONE_NAME)}
    own: list[str] = []
    if network := client_network(request):
        own = [_digest("pair", named, network)]
        limits[own[0]] = (named, ONE_NETWORK_AND_NAME)
        limits[_digest("network", network)] = ("", ONE_NETWORK)
    return limits, own


def _known_browser(request: HttpRequest, name: str) -> str:
    """What the cookie says, where this browser has logged in as that name before."""
    try:
        cookie = request.get_signed_cookie(COOKIE, salt=SALT, max_age=COOKIE_AGE) or ""
    except (KeyError, BadSignature):
        return ""
    return cookie if constant_time_compare(cookie.partition(":")[0], _digest(name)) else ""


def _digest(*parts: str) -> str:
    """Not to be turned back without SECRET_KEY; after a new one, counts begin anew."""
    return salted_hmac(SALT, "\n".join(parts).casefold(), algorithm="sha256").hexdigest()
