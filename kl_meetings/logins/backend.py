"""Whether a session is open: what its user needs to have shown is read along with the user, in one query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import auth
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject
from django_otp.plugins.otp_totp.models import TOTPDevice

from kl_meetings.logins.models import LoginSettings
from kl_meetings.logins.second_factor import BY_PROVIDER, PASSED
from kl_meetings.roles import ADMINISTRATOR


class StaffBackend(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        required = LoginSettings.two_step_roles.through.objects
        devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        user = (
            User.objects.annotate(
                device_id=Subquery(devices.values("pk")[:1]),
                # Who may do everything has every role, also that of an administrator.
                needs_device=Exists(required.filter(group__user=OuterRef("pk")))
                | Q(is_superuser=True) & Exists(required.filter(group__name=ADMINISTRATOR)),
            )
            .filter(pk=user_id)
            .first()
        )
        return user if user and self.user_can_authenticate(user) else None


def half_logged_in(request: HttpRequest) -> User | None:
    """Whose password was given in this session, while the second step is still to come."""
    user = auth.get_user(request)
    return user if isinstance(user, User) and not _is_open(request, user) else None


def open_sessions_only(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: until the second step is taken, the user of a request is nobody, on every page alike."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        found: Any = request.user

        def user() -> Any:
            return found if not found.is_authenticated or _is_open(request, found) else AnonymousUser()

        request.user = SimpleLazyObject(user)  # type: ignore[assignment]
        return get_response(request)

    return middleware


def _is_open(request: HttpRequest, user: Any) -> bool:
    """Whether the session has shown what its user needs to show, as that stands now."""
    passed = request.session.get(PASSED)
    if passed == BY_PROVIDER:
        return True
    return passed == user.device_id if user.device_id else not user.needs_device
