"""What administrators do about a colleague's login: take a lost phone away, let them try again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from invitations.history import name_of, record
from kl_meetings.logins import second_factor, throttle

if TYPE_CHECKING:
    Base = admin.ModelAdmin[User]
else:
    Base = object


class LoginVerbs(Base):
    """For the admin of users: two lines on their page, each leading to a page that asks first."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/second-step/", view(self.remove_second_step), name="auth_user_second_step"),
            path("<int:pk>/tries/", view(self.lift_tries), name="auth_user_tries"),
            *super().get_urls(),
        ]

    @admin.display(description=_("two-step login"))
    def second_step(self, user: User) -> str:
        if not second_factor.device_of(user):
            return gettext("Off.")
        return _with_link(gettext("On."), "auth_user_second_step", user, gettext("Lost phone? Remove it"))

    @admin.display(description=_("tries"))
    def tries(self, user: User) -> str:
        if not throttle.is_slowed_down(user, at=timezone.now()):
            return gettext("Can log in.")
        return _with_link(
            gettext("Has to wait after too many tries."), "auth_user_tries", user, gettext("Let them try now")
        )

    def remove_second_step(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self._user(request, pk)
        if request.method == "POST":
            with transaction.atomic():
                if second_factor.turn_off(user):
                    record(user, gettext("Removed the two-step login."), by=_by(request))
            messages.success(
                request, gettext("%(name)s logs in with the password alone.") % {"name": name_of(user)}
            )
            return self._back(user)
        sentences = [
            gettext("The phone and the recovery codes of %(name)s stop working.") % {"name": name_of(user)},
            gettext(
                "Until they set up another phone, the password is enough. Make sure that it is them who ask."
            ),
            gettext("If their role requires two-step login, they set it up the next time they log in."),
        ]
        return self._confirm(
            request, user, gettext("Remove two-step login"), gettext("Remove"), sentences, destructive=True
        )

    def lift_tries(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self._user(request, pk)
        if request.method == "POST":
            with transaction.atomic():
                throttle.lift(user)
                record(user, gettext("Let them try to log in again at once."), by=_by(request))
            messages.success(
                request, gettext("%(name)s can try to log in at once.") % {"name": name_of(user)}
            )
            return self._back(user)
        sentences = [
            gettext("%(name)s can try to log in at once, from everywhere.") % {"name": name_of(user)},
            gettext("If it was not them who tried, somebody is guessing their password."),
        ]
        return self._confirm(request, user, gettext("Let them try again"), gettext("Let them"), sentences)

    def _user(self, request: HttpRequest, pk: int) -> User:
        user = self.get_object(request, str(pk))
        if user is None:
            raise Http404
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        return user

    def _back(self, user: User) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:auth_user_change", args=[user.pk]))

    def _confirm(
        self,
        request: HttpRequest,
        user: User,
        title: str,
        button: str,
        sentences: list[str],
        **context: Any,
    ) -> HttpResponse:
        return TemplateResponse(
            request,
            "admin/confirm.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "original": user,
                "back_url": self._back(user).url,
                "title": title,
                "button": button,
                "sentences": sentences,
                **context,
            },
        )


def _with_link(text: str, name: str, user: User, verb: str) -> str:
    return format_html('{} <a href="{}">{}</a>', text, reverse(f"admin:{name}", args=[user.pk]), verb)


def _by(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
